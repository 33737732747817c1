"""What a deployment calls: the simulated Coniq and Uniqodo, and a receiver of webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from couponbus_sandbox.coniq import ApiAccount, ConiqSandbox, ConiqSettings, coniq_server
from couponbus_sandbox.uniqodo import (
    Promotion,
    UniqodoKey,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.benchmarks.ours import PROMOTIONS
from tests.integration.sockets import scripts
from tests.integration.sockets.server import FaultyServer, Visit, faulty_server

TAKING = "taking"  # begins the path of a receiver that takes webhooks; others refuse them
KEY = "test-key-not-real"
CONIQ = ConiqSettings(accounts=(ApiAccount(name="main", api_key=KEY),))
UNIQODO = UniqodoSettings(
    accounts=(UniqodoKey(name="main", api_key=KEY),),
    promotions=tuple(
        Promotion(
            promotion_id=each,
            offer_id=number,
            redemption_per_code=3,
            end_date="31-12-2039 23:59:59",
        )
        for number, each in enumerate(PROMOTIONS, start=1)
    ),
    histories=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulators:
    """Several deployments use them, one after the other."""

    coniq: ConiqSandbox
    uniqodo: UniqodoSandbox
    receiver: FaultyServer

    def reset(self, now: datetime) -> None:
        """Forget all that was done, and set the clocks."""
        self.coniq.reset()
        self.uniqodo.reset()
        self.receiver.requests.clear()
        self.set_clocks(now)

    def set_clocks(self, now: datetime) -> None:
        """Set the providers' clocks."""
        for each in (self.coniq, self.uniqodo):
            shown = each.advance_clock(seconds=0.0)
            each.advance_clock(seconds=(now - shown).total_seconds())


@contextmanager
def simulators() -> Iterator[Simulators]:
    """Run them until the block ends."""
    with (
        coniq_server(CONIQ) as coniq,
        uniqodo_server(UNIQODO) as uniqodo,
        faulty_server(_receive) as receiver,
    ):
        yield Simulators(coniq=coniq, uniqodo=uniqodo, receiver=receiver)


def _receive(visit: Visit) -> None:
    is_taken = visit.read_request().startswith(f"POST /{TAKING}/".encode())
    visit.send(scripts.whole(b"", status="204 No Content" if is_taken else "500 No"))
