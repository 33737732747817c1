"""All dependencies of the receiving use cases, in memory, with a manual clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from couponbus.domain.inbound.callbacks import CallbackAccount, Producer
from couponbus.domain.inbound.receipt import Receipt
from couponbus.domain.webhooks.signature import signed
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.inbound import assembly as callback_assembly
from couponbus.usecases.inbound.http import Reception, Request
from couponbus.usecases.inbound.receive_callback import (
    SIGN_UPS,
    UNIQODO,
    ReceiveCallback,
    path_of,
)
from couponbus.usecases.polling.start_watches import Watched, Watching
from couponbus.usecases.store import Store
from tests import factories
from tests.drawing import any_word
from tests.fakes.callers import MemoryIgnoredCallbacks, MemoryPathSecrets, MemorySigningKeys
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.pseudonyms import PlainPseudonyms
from tests.fakes.queues import MemoryCommands, MemorySignUps
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.unit.usecases.polling.polling_world import PROMOTION
from tests.unit.usecases.polling.polling_world import UNIQODO as WATCHED

KEY = b"test-key-not-real-0000-sign-ups"
PATH_SECRET = "obviously-fake-path-secret-1"
PRODUCER_KEYS = {
    "shop": b"test-key-not-real-0000-shop----",
    "till": b"test-key-not-real-0000-till----",
}
ACCOUNT = CallbackAccount(name="main", secret_id="couponbus/test/callbacks/main")
USER = "ada@customer.example"
FORM = urlencode({"id": "1925302", "promotionId": PROMOTION, "userId": USER, "code": "C-1"})
NO_HEADERS: Mapping[str, str] = {}


class ReceivingWorld:
    """The receiving use case in one process, with its callers."""

    def __init__(self, *accounts: CallbackAccount) -> None:
        self.clock = ManualClock()
        self.ledger = UnreliableLedger()
        self.sign_ups = MemorySignUps()
        self.polls = MemoryCommands()
        self.ignored = MemoryIgnoredCallbacks(self.clock)
        self.keys = MemorySigningKeys((KEY,))
        self.path_secrets = MemoryPathSecrets({ACCOUNT.name: (PATH_SECRET,)})
        self.pseudonyms = PlainPseudonyms()
        self.receiver: ReceiveCallback = callback_assembly.receive_callback(
            Foundation(
                ledger=self.ledger,
                clock=self.clock,
                ids=CountingIds(),
                timing=factories.any_timing(),
            ),
            keys=self.keys,
            sign_ups=self.sign_ups,
            accounts=accounts or (ACCOUNT,),
            path_secrets=self.path_secrets,
            pseudonyms=self.pseudonyms,
            polls=self.polls,
            ignored=self.ignored,
            producers={
                Producer(
                    name=name, secret_id=f"couponbus/test/sign-ups/{name}", tenants=("default",)
                ): MemorySigningKeys((key,))
                for name, key in PRODUCER_KEYS.items()
            },
        )

    @property
    def receipts(self) -> list[Receipt]:
        return [row for row in self.ledger.rows.values() if isinstance(row, Receipt)]

    def headers(
        self,
        body: bytes,
        *,
        webhook_id: str | None = None,
        at: datetime | None = None,
        keys: Sequence[bytes] = (KEY,),
    ) -> dict[str, str]:
        """Return what a producer with these keys sends beside a body."""
        message_id = webhook_id or f"msg_{any_word()}"
        moment = at or self.clock.now()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signed(message_id=message_id, at=moment, body=body, keys=keys),
        }

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> Reception:
        """Send sign-ups, properly signed unless headers are given."""
        chosen = self.headers(body) if headers is None else headers
        return self.receiver.handle(
            Request(method="POST", path=SIGN_UPS, headers=chosen, body=body)
        )

    def post_as(
        self, producer: str, body: bytes, *, webhook_id: str | None = None, key: bytes | None = None
    ) -> Reception:
        """Send sign-ups on the path of a producer, signed with its key unless one is given."""
        keys = (key or PRODUCER_KEYS[producer],)
        headers = self.headers(body, webhook_id=webhook_id, keys=keys)
        return self.receiver.handle(
            Request(method="POST", path=path_of(producer), headers=headers, body=body)
        )

    def call(
        self,
        form: str,
        *,
        method: str = "POST",
        secret: str | None = PATH_SECRET,
        body: bytes = b"",
    ) -> Reception:
        """Send a callback with a form, in the query or the body by its method."""
        return self.receiver.handle(
            Request(
                method=method,
                path=UNIQODO,
                secret=secret,
                headers=NO_HEADERS,
                query=form if method == "GET" else "",
                body=body if method == "GET" else form.encode("utf-8", "surrogatepass"),
            )
        )


def watch_key_in(world: ReceivingWorld, *, tenant: str = "default", user: str = USER) -> str:
    """Return the key of the watch that a sign-up of this customer would begin."""
    watching = Watching(
        store=Store(ledger=world.ledger, ids=CountingIds(), clock=world.clock),
        pseudonyms=world.pseudonyms,
        clock=world.clock,
        timing=factories.any_timing(),
    )
    who = Watched(
        tenant=tenant,
        program="welcome",
        signup_id="signup-1",
        customer_ref="cus_1",
        uniqodo_user=user,
        koupon_consumer=None,
    )
    (watch,) = watching.watches_for(who, [WATCHED])
    return watch.key


def problems_of(reception: Reception) -> list[dict[str, object]]:
    """Return the problems that a response names."""
    content = reception.answer.content or {}
    problems = content["problems"]
    assert isinstance(problems, list)
    return problems
