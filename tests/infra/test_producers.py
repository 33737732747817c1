"""A producer has a path, a secret and limits of its own."""

import json
from dataclasses import replace
from pathlib import Path

from couponbus_config.producers import Producer
from infra.sources import Sources
from tests.infra.project import synthesised
from tests.infra.stages import DEV

PRODUCERS = (
    Producer(name="shop", tenants=("acme",), rate=5, burst=10),
    Producer(name="till"),
)


def test_a_producer_of_a_stage_has_a_path_a_secret_and_limits_of_its_own(
    project: Sources, tmp_path: Path
) -> None:
    made = synthesised(project, tmp_path, stage=replace(DEV, producers=PRODUCERS))

    (stage,) = made.of("AWS::ApiGatewayV2::Stage")
    limits = {
        route: (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"])
        for route, settings in stage.properties["RouteSettings"].items()
    }
    assert limits == {
        "ANY /sign-ups": (50, 100),
        "ANY /callbacks/uniqodo/{secret}": (50, 100),
        "ANY /sign-ups/shop": (5, 10),
        "ANY /sign-ups/till": (50, 100),
    }
    routes = {each.properties["RouteKey"] for each in made.of("AWS::ApiGatewayV2::Route")}
    assert routes == set(limits)
    assert json.loads(made.settings("receive_callback")["PRODUCERS"]) == [
        {
            "name": "shop",
            "secret_id": "couponbus/dev/sign-ups/shop",
            "tenants": ["acme"],
        },
        {"name": "till", "secret_id": "couponbus/dev/sign-ups/till", "tenants": []},
    ]
