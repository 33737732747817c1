"""What the policy of the bus lets producers put there."""

from dataclasses import replace
from pathlib import Path

import pytest

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.producers import BusProducer
from infra.sources import Sources
from tests.infra.assembly import Assembly, Json
from tests.infra.project import synthesised
from tests.infra.stages import STAGES

SHOP = "arn:aws:iam::111111111111:role/shop"


def statements(assembly: Assembly) -> list[Json]:
    return [one.properties["Statement"] for one in assembly.of("AWS::Events::EventBusPolicy")]


def test_a_producer_may_put_sign_ups_of_its_own_sources_and_nothing_else(
    project: Sources, tmp_path: Path
) -> None:
    producer = BusProducer(principal=SHOP, source_prefixes=("shop.",))
    stage = replace(STAGES["dev"], bus_producers=(producer,))

    found = statements(synthesised(project, tmp_path, stage=stage))

    [allowed] = [one for one in found if one["Effect"] == "Allow"]
    assert (allowed["Principal"], allowed["Action"]) == ({"AWS": SHOP}, "events:PutEvents")
    assert allowed["Condition"] == {
        "ForAllValues:StringLike": {"events:source": ["shop.*"]},
        "ForAllValues:StringEquals": {"events:detail-type": ["CustomerSignedUp"]},
        "Null": {"events:source": "false", "events:detail-type": "false"},
    }


def test_our_sources_are_denied_to_all_but_the_roles_that_publish(dev: Assembly) -> None:
    [denied] = statements(dev)
    condition = denied["Condition"]
    roles = {
        dev.target(dev.functions[name].properties["Role"], "workers").label
        for name in ("issue_barcodes", "publish_events", "sweep_due")
    }

    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert condition["ForAnyValue:StringLike"] == {"events:source": ["couponbus.*"]}
    assert {
        dev.words(one, "workers") for one in condition["ArnNotLike"]["aws:PrincipalArn"]
    } == roles


@pytest.mark.parametrize("prefixes", [(), ("",), ("*",), ("couponbus.barcodes",)])
def test_a_producer_has_sources_and_none_of_ours(prefixes: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="source prefix"):
        BusProducer(principal=SHOP, source_prefixes=prefixes)
