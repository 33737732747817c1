"""Sign-ups around `programs apply` are not lost to a worker that still has the old programs."""

from datetime import datetime

from couponbus.aws.programs import DynamoPrograms
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import ProgramsInForce
from tests.fakes.programs import MemoryPrograms
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on
from tests.unit.usecases.world import PROGRAM, World, message

SECONDS = 30


class Read(MemoryPrograms):
    """The programs of the table, through a cache of its own."""

    def __init__(self, table: DynamoPrograms) -> None:
        super().__init__()
        self._table = table

    def active(self, *, since: datetime | None = None) -> ProgramsInForce:
        return self._table.active(since=since)


class Cached(World):
    """A warm worker with the real cache."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud
        self.programs = Read(self.reader())
        self._issue_barcodes = self._assembled()
        self.programs.active()

    def reader(self) -> DynamoPrograms:
        client = self._cloud.clients.dynamodb
        return DynamoPrograms(client=client, table=TABLE, clock=self.clock, seconds=SECONDS)


def test_no_sign_up_of_the_seconds_after_an_apply_is_lost(cloud: Cloud) -> None:
    world = Cached(cloud)
    world.reader().put(PROGRAM)

    for number in range(1, 21):
        world.clock.pass_time(2)
        assert world.handle(message(number, signup_id=f"s{number}")).failed == []

    assert world.states == [IssuanceState.ISSUED] * 20


def test_while_the_table_is_silent_they_come_again(cloud: Cloud) -> None:
    world = Cached(cloud)
    world.reader().put(PROGRAM)
    world.clock.pass_time(100)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.connect_timeout] * 6)
        assert world.handle(message()).failed == ["m-signup-1"]

    assert world.handle(message()).failed == []
    assert world.states == [IssuanceState.ISSUED]
