"""Each incident rings exactly its alarms in time, and each level is over when it is mended."""

import pytest

from tests.incidents.cases import INCIDENTS
from tests.incidents.incident import Incident, faults_of, played
from tests.incidents.template import StageTemplate


@pytest.mark.parametrize("incident", INCIDENTS.values(), ids=INCIDENTS)
def test_exactly_these_alarms_ring_until_it_is_mended(
    incident: Incident, prod: StageTemplate
) -> None:
    assert faults_of(incident, played(incident, prod), stage=prod.stage) == []
