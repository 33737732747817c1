"""What README says of the price of a stage is what its templates and the meter say."""

import re

from infra.sources import ROOT
from tests.benchmarks.cost.idle import Deployed, idle_minute, pollers_of, usd_a_month
from tests.benchmarks.cost.prices import PRICES
from tests.benchmarks.cost.simulators import simulators
from tests.benchmarks.cost.stage import a_deployment
from tests.infra.assembly import Assembly

FIGURE = re.compile(r"USD ([\d.]+) ([a-z]+)")


def deployed(assembly: Assembly) -> Deployed:
    mappings = assembly.of("AWS::Lambda::EventSourceMapping")
    scaling = [each.properties.get("ScalingConfig") for each in mappings]
    return Deployed(
        alarms=len(assembly.of("AWS::CloudWatch::Alarm")),
        dashboards=len(assembly.of("AWS::CloudWatch::Dashboard")),
        secrets=len(assembly.of("AWS::SecretsManager::Secret")),
        pollers=sum(pollers_of(each["MaximumConcurrency"]) for each in scaling if each),
    )


def test_the_readme_says_what_an_idle_stage_costs_a_month(prod: Assembly) -> None:
    with simulators() as found, a_deployment(found) as stage:
        minute = idle_minute(stage)
    parts = usd_a_month(deployed(prod), minute, prices=PRICES)
    (said,) = re.findall(
        r"(?s)An idle stage costs about USD ([\d.]+) a month[^(]*\(([^)]*)\)",
        (ROOT / "README.md").read_text(encoding="utf-8"),
    )

    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    assert said[0] == f"{sum(parts.values()):.0f}"
    assert f"costs about USD {said[0]} a month" in guide
    assert {name: usd for usd, name in FIGURE.findall(said[1])} == {
        name: f"{usd:.2f}" for name, usd in parts.items()
    }
