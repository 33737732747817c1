"""What the schema of a sign-up admits is issued, refused or in quarantine, and can be stored.

One whose customer is known by e-mail only may also wait for Coniq.
"""

import json

from hypothesis import given

from couponbus.aws.ledger.codec import decode, encode
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.usecases.messages import Message
from tests.thorough import thorough
from tests.unit.usecases.issuing.admitted import SCHEMA, values_of
from tests.unit.usecases.world import PROGRAM, World


@thorough(2000, few=150)
@given(detail=values_of(SCHEMA))
def test_what_the_schema_admits_ends_well_and_can_be_stored(detail: object) -> None:
    world = World(PROGRAM)

    report = world.handle(Message(message_id="m-1", body=json.dumps(detail)))
    world.publish()

    assert (report.failed, report.bugs, report.broken) == ([], [], frozenset())
    for row in world.ledger.rows.values():
        assert decode(encode(row)) == row
    decided = [*world.bus.events, *world.quarantine.letters, *world.resolutions]
    assert decided
    assert set(world.states) <= {IssuanceState.ISSUED, IssuanceState.REJECTED}
