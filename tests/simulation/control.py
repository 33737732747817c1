"""The control: the plain design, Powertools' idempotency around the POST, in the same harness."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from types import SimpleNamespace
from typing import ClassVar

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency import base as idempotency_base
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence import base as persistence_base
from aws_lambda_powertools.utilities.idempotency.persistence import datarecord
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from couponbus.domain.barcode import BarcodeRequest
from couponbus.usecases.intake import Message
from tests.simulation.faults import LOST, PARTLY, UNANSWERED
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.process import Surroundings
from tests.simulation.platform import Issue
from tests.simulation.run import Report
from tests.simulation.scenario import SHOPS, programs
from tests.simulation.seeds import run_seed
from tests.simulation.settings import LIMIT, TIMING
from tests.simulation.world import World

type Order = dict[str, int]


class NotIssuedError(Exception):
    """No barcode came back: the record is deleted and the message comes again."""


class TableError(Exception):
    """DynamoDB did not answer."""


class SimulatedNow(datetime):
    """What Powertools takes for the time."""

    world: ClassVar[World]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return cls.world.moment(skew=cls.world.current().skew)


@dataclass(frozen=True, slots=True)
class Remaining:
    """The part of a Lambda context that the idempotency reads."""

    world: World

    def get_remaining_time_in_millis(self) -> int:
        return int(1000 * (self.world.current().started + LIMIT - self.world.now))


class SimulatedPersistence(BasePersistenceLayer):
    """The conditions of Powertools' own DynamoDB layer, on a table that can fail."""

    def __init__(self, world: World, records: dict[str, DataRecord]) -> None:
        super().__init__()
        self._world = world
        self._records = records

    def _get_record(self, idempotency_key: str) -> DataRecord:
        self._begin("ledger.read")
        if idempotency_key not in self._records:
            raise IdempotencyItemNotFoundError
        return self._records[idempotency_key]

    def _put_record(self, data_record: DataRecord) -> None:
        fault = self._begin("ledger.write")
        old = self._records.get(data_record.idempotency_key)
        if old is not None and not self._free(old):
            raise IdempotencyItemAlreadyExistsError(old_data_record=old)
        self._records[data_record.idempotency_key] = data_record
        self._end(fault)

    def _update_record(self, data_record: DataRecord) -> None:
        fault = self._begin("ledger.write")
        self._records[data_record.idempotency_key] = data_record
        self._end(fault)

    def _delete_record(self, data_record: DataRecord) -> None:
        fault = self._begin("ledger.write")
        self._records.pop(data_record.idempotency_key, None)
        self._end(fault)

    def _free(self, record: DataRecord) -> bool:
        now = SimulatedNow.now().timestamp()
        if (record.expiry_timestamp or 0) < int(now):
            return True
        limit = record.in_progress_expiry_timestamp
        return record.status == "INPROGRESS" and limit is not None and limit < int(now * 1000)

    def _begin(self, name: str) -> str | None:
        fault = self._world.call(name)
        if fault in (LOST, "error"):
            raise TableError
        return fault

    def _end(self, fault: str | None) -> None:
        self._world.answer(fault)
        if fault in (UNANSWERED, PARTLY):
            raise TableError


class PlainDesign:
    """A handler that issues for each sign-up with a customer id; one for a run."""

    def __init__(self) -> None:
        self._records: dict[str, DataRecord] = {}

    def __call__(self, here: Surroundings) -> Issue:
        """Return the handler of a new process."""
        SimulatedNow.world = here.world
        barcode = self._guarded(here)

        def issue(messages: Sequence[Message], limit: float) -> Sequence[str]:
            failed: list[str] = []
            for message in messages:
                try:
                    for order in _orders(message.body):
                        barcode(order=order)
                except Exception:
                    failed.append(message.message_id)
            return failed

        return issue

    def _guarded(self, here: Surroundings) -> Callable[..., object]:
        client, clock = here.client(), here.base.clock
        config = IdempotencyConfig()
        config.register_lambda_context(Remaining(here.world))  # type: ignore[arg-type]

        @idempotent_function(
            data_keyword_argument="order",
            persistence_store=SimulatedPersistence(here.world, self._records),
            config=config,
        )
        def barcode(*, order: Order) -> dict[str, str]:
            wanted = next(one for one in programs() if one.offer_id == order["offer_id"])
            request = BarcodeRequest(
                customer_id=order["customer_id"],
                offer_id=wanted.offer_id,
                channel=wanted.channel,
                tracking_code=f"{order['customer_id']}-{wanted.offer_id}",
            )
            until = clock.now() + timedelta(seconds=TIMING.post)
            answer = client.issue(account=wanted.account, requests=[request], deadline=until)
            barcode = answer.attempts[0].barcode
            if barcode is None:
                raise NotIssuedError
            return {"number": barcode.number}

        return barcode


def _orders(body: str) -> list[Order]:
    try:
        content = json.loads(body)
        detail = content.get("detail", content)
        customer_id = detail["customer"]["coniq_customer_id"]
        shop = detail["attributes"]["shop"]
    except (ValueError, KeyError, AttributeError, RecursionError):
        return []
    return [
        {"customer_id": customer_id, "offer_id": one.offer_id}
        for one in programs()
        if shop in SHOPS[one.name]
    ]


def first_duplicate(seeds: Iterable[int]) -> Report | None:
    """Return the first run in which the plain design issues a barcode twice."""
    with CONTROL.planted():
        for seed in seeds:
            report = run_seed(seed, issuer_of=PlainDesign())
            if CONTROL.shown_by(report.violations):
                return report
    return None


CONTROL = Mutant(
    name="plain Powertools idempotency around the POST",
    shows=("I1",),
    patches=[
        Patch(
            module,
            "dt",
            SimpleNamespace(datetime=SimulatedNow, timedelta=timedelta, date=date, time=time),
        )
        for module in (idempotency_base, persistence_base, datarecord)
    ],
)
