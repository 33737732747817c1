"""Signed sign-ups over HTTP: checked from the outside in, accepted all together or not at all."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import LedgerUnavailable, QueueUnavailable, SecretUnavailable
from couponbus.domain.inbound.callbacks import Producer
from couponbus.domain.inbound.receipt import Receipt, receipt_id_of, receipt_key
from couponbus.domain.webhooks.signature import ID_MAX, Forged, checked, is_message_id
from couponbus.events.sign_up import CustomerSignedUp
from couponbus.ports.inbound import InboundKeys, SignUps
from couponbus.ports.shared import Clock, Ids, Ledger, Pseudonyms
from couponbus.usecases.inbound.http import (
    Answer,
    Problem,
    Reception,
    Request,
    refused,
    unavailable,
)
from couponbus.usecases.inbound.sign_up_body import (
    BODY_BYTES,
    SIGN_UPS_MAX,
    SignUpBatch,
    Unfit,
    read_sign_ups,
)
from couponbus.usecases.invocation import Metric
from couponbus.usecases.traces import ByOutcome, Traced, Traces

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
NOTHING = "Nothing was accepted."
WITHOUT_PEPPER = timedelta(minutes=5)  # until it is asked for again
_TOO_LARGE = refused(
    413,
    "too_large",
    f"{NOTHING} Send at most {BODY_BYTES} bytes and {SIGN_UPS_MAX} sign-ups in one request.",
)
# One answer for every error, so that it does not help an attacker to guess.
_FORGED = refused(
    401,
    "unauthorized",
    f"{NOTHING} Sign id, time and body with the present secret, at most five minutes before.",
)
# The form of an id is no secret, and a producer that signs well could not find this by itself.
_UNUSABLE_ID = refused(
    400,
    "invalid_headers",
    NOTHING,
    problems=[
        Problem(
            field=ID,
            problem="invalid_id",
            message=f"Send 1 to {ID_MAX} printable ASCII characters without spaces and dots.",
        )
    ],
)
_REUSED = refused(
    409,
    "webhook_id_reused",
    f"{NOTHING} This webhook-id came with another body before: send another body under a new id.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveSignUps:
    """A sign-up is queued before its receipt is written.

    A producer without an answer sends again, and a sign-up that is queued twice is issued once;
    one that had only a receipt would be lost. Without a `producer` it is the path of all others.
    """

    producer: Producer | None = None
    keys: InboundKeys
    queue: SignUps
    ledger: Ledger
    clock: Clock
    ids: Ids
    traces: "TracesOfSignUps"

    def receive(self, request: Request) -> Reception:
        """Check size, headers and signature first; nothing is parsed before it is authentic.

        Raises SecretUnavailable, ConfigurationInvalid.
        """
        if len(request.body) > BODY_BYTES:
            return _counted(_TOO_LARGE, Metric.REFUSED_TOO_LARGE)
        if missing := [
            name for name in (ID, TIMESTAMP, SIGNATURE) if not request.headers.get(name)
        ]:
            return _counted(_unsigned(missing), Metric.REFUSED_UNSIGNED)
        if not is_message_id(request.headers[ID]):
            return _counted(_UNUSABLE_ID, Metric.REFUSED_INVALID)
        if not self._is_authentic(request):
            return _counted(_FORGED, Metric.REFUSED_FORGED)
        return self._read(request)

    def _read(self, request: Request) -> Reception:
        tenants = self.producer.tenants if self.producer else ()
        read = read_sign_ups(
            request.body, webhook_id=request.headers[ID], now=self.clock.now(), tenants=tenants
        )
        if isinstance(read, Unfit):
            return _counted(_unfit(read), Metric.REFUSED_INVALID)
        try:
            return self._accept(read, request)
        except QueueUnavailable as error:
            return unavailable(error, traces=self.traces.named(Traced.FAILED, read.sign_ups))

    def _is_authentic(self, request: Request) -> bool:
        known = self.keys.current()
        if (wrong := self._forged(request, known)) is not Forged.SIGNATURE:
            return wrong is None
        # The secret may have been rotated a moment ago.
        renewed = self.keys.renewed()
        return renewed != known and self._forged(request, renewed) is None

    def _forged(self, request: Request, keys: Sequence[bytes]) -> Forged | None:
        return checked(
            message_id=request.headers[ID],
            timestamp=request.headers[TIMESTAMP],
            signatures=request.headers[SIGNATURE],
            body=request.body,
            keys=keys,
            now=self.clock.now(),
        )

    def _accept(self, batch: SignUpBatch, request: Request) -> Reception:
        webhook_id = request.headers[ID]
        body_sha256 = hashlib.sha256(request.body).hexdigest()
        accepted = _accepted(batch, webhook_id)
        try:
            known = self._receipt(webhook_id)
        except LedgerUnavailable:
            # It is queued all the same: issuing recognises a repeated sign-up.
            self.queue.send(batch.messages)
            return Reception(
                answer=accepted,
                counts={**_received(batch), Metric.WITHOUT_RECEIPT: 1},
                traces=self.traces.named(Traced.RECEIVED, batch.sign_ups),
            )
        if known is not None:
            if known.body_sha256 != body_sha256:
                return _counted(_REUSED, Metric.REFUSED_REUSED_ID)
            return Reception(
                answer=accepted,
                counts={Metric.REPEATED: 1},
                traces=self.traces.named(Traced.DUPLICATE, batch.sign_ups),
            )
        self.queue.send(batch.messages)
        receipt = Receipt(
            receipt_id=receipt_id_of(webhook_id, producer=self._name),
            body_sha256=body_sha256,
            sign_ups=len(batch.messages),
            received_at=self.clock.now(),
        )
        # An identical concurrent request may write its receipt first; both are right.
        with suppress(LedgerUnavailable):
            self.ledger.write([receipt.written(self.ids.new())])
        return Reception(
            answer=accepted,
            counts=_received(batch),
            traces=self.traces.named(Traced.RECEIVED, batch.sign_ups),
        )

    @property
    def _name(self) -> str | None:
        return None if self.producer is None else self.producer.name

    def _receipt(self, webhook_id: str) -> Receipt | None:
        """Return the receipt if there is one. Raises LedgerUnavailable."""
        key = receipt_key(webhook_id, producer=self._name)
        row = self.ledger.read([key]).get(key)
        return row if isinstance(row, Receipt) else None


class TracesOfSignUps:
    """The traces that sign-ups will have; without the pepper those only that they bring."""

    def __init__(self, *, pseudonyms: Pseudonyms, clock: Clock) -> None:
        """Begin as if the pepper could be read."""
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._ask_from: datetime | None = None

    def named(self, what: Traced, sign_ups: Sequence[CustomerSignedUp]) -> ByOutcome:
        """Return them under this outcome. Never raises: a line is worth no refusal."""
        found = Traces()
        for one in sign_ups:
            found.add(what, one.trace_id or self._derived(one))
        return found.by_outcome()

    def _derived(self, one: CustomerSignedUp) -> str | None:
        """Return None while the pepper is away: each read of it may wait for a time-out."""
        now = self._clock.now()
        if self._ask_from is not None and now < self._ask_from:
            return None
        try:
            return self._pseudonyms.trace_id(tenant=one.tenant, signup_id=one.signup_id)
        except SecretUnavailable:
            self._ask_from = now + WITHOUT_PEPPER
            return None


def _counted(answer: Answer, count: Metric) -> Reception:
    return Reception(answer=answer, counts={count: 1})


def _received(batch: SignUpBatch) -> Mapping[Metric, int]:
    return {Metric.SIGN_UPS_RECEIVED: len(batch.messages)}


def _accepted(batch: SignUpBatch, webhook_id: str) -> Answer:
    return Answer(
        status=202,
        content={
            "accepted": [
                {"signup_id": each.signup_id}
                | ({"dropped_fields": list(dropped)} if dropped else {})
                for each, dropped in zip(batch.sign_ups, batch.dropped, strict=True)
            ],
            "webhook_id": webhook_id,
        },
    )


def _unsigned(missing: Sequence[str]) -> Answer:
    message = "Send this header (Standard Webhooks)."
    problems = [Problem(field=name, problem="missing", message=message) for name in missing]
    return refused(400, "missing_headers", NOTHING, problems=problems)


def _unfit(unfit: Unfit) -> Answer:
    return refused(
        400,
        "invalid_sign_ups",
        f"{NOTHING} Correct what is named, and send the whole request again.",
        problems=unfit.problems,
        omitted=unfit.omitted,
    )
