"""The table of Powertools' idempotency in simulated time, with the conditions of its own layer."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from types import SimpleNamespace
from typing import ClassVar

from aws_lambda_powertools.utilities.idempotency import base as idempotency_base
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence import base as persistence_base
from aws_lambda_powertools.utilities.idempotency.persistence import datarecord
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from tests.simulation.faults import ERROR, LOST, PARTLY, UNANSWERED
from tests.simulation.mutant import Patch
from tests.simulation.settings import LIMIT
from tests.simulation.world import World


class TableError(Exception):
    """DynamoDB did not answer."""


class SimulatedNow(datetime):
    """The clock that Powertools sees."""

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
        super().__init__()  # type: ignore[no-untyped-call]
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
        if fault in (LOST, ERROR):
            raise TableError
        return fault

    def _end(self, fault: str | None) -> None:
        self._world.answer(fault)
        if fault in (UNANSWERED, PARTLY):
            raise TableError


SIMULATED_TIME = [
    Patch(
        module,
        "dt",
        SimpleNamespace(datetime=SimulatedNow, timedelta=timedelta, date=date, time=time),
    )
    for module in (idempotency_base, persistence_base, datarecord)
]
