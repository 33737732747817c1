"""Accounts, producers and queues come and go from one deployment of a stage to the next.

Small functions and layers: what is deployed of them is not run here.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.names import Names
from couponbus_config.producers import BusProducer, Producer
from couponbus_config.stage import StageConfig
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.deploy import deploy
from infra.sources import Sources
from tests.infra.project import app_of, small_project
from tests.infra.stages import PROD
from tests.thorough import amount

INSTALLATION = "lives"
URL = "https://provider.example.com"
NONE: Sequence[tuple[str, str]] = ()
# The name and the id of each account. A new name alone changes nothing; a new id is a new account.
LIVES = (
    NONE,
    (("one", "one"),),
    (("one", "one"), ("two", "two"), ("three", "three")),
    (("uno", "one"), ("two", "two"), ("three", "other")),
    (("two", "two"),),
    NONE,
)
FEW = (2, 3, 5)
TRIED = range(len(LIVES)) if amount(1, few=0) else FEW


def stage_with(accounts: Sequence[tuple[str, str]]) -> StageConfig:
    return replace(
        PROD,
        monitoring=(),
        accounts=tuple(ConiqAccount(name=name, id=id_, base_url=URL) for name, id_ in accounts),
        uniqodo_accounts=tuple(
            UniqodoAccount(name=name, id=id_, base_url=URL) for name, id_ in accounts
        ),
        koupon_accounts=tuple(
            KouponAccount(name=name, id=id_, base_url=URL) for name, id_ in accounts
        ),
        producers=tuple(Producer(name=name, id=id_) for name, id_ in accounts),
        bus_producers=tuple(
            BusProducer(principal=f"arn:aws:iam::000000000000:role/{id_}", source_prefixes=(name,))
            for name, id_ in accounts
        ),
    )


@dataclass(frozen=True)
class Releases:
    """Writes and deploys one assembly after the other, as the CDK CLI does."""

    access: Access
    sources: Sources
    folder: Path

    def write(self, name: str, accounts: Sequence[tuple[str, str]]) -> Path:
        names = Names(stage=PROD.name, installation=INSTALLATION)
        out = self.folder / name
        app_of(self.sources, out, stage=stage_with(accounts), names=names).synth()
        return out

    def deploy(self, assembly: Path) -> None:
        deploy(access=self.access, assembly=assembly)

    def secrets(self) -> set[str]:
        """Return the accounts' secrets that there are, whether a stack has them or not."""
        pages = self.access.secrets().get_paginator("list_secrets").paginate()
        names = (each["Name"] for page in pages for each in page["SecretList"])
        return {name for name in names if name.startswith(f"{INSTALLATION}/prod/coniq/")}


@pytest.fixture(scope="module")
def releases(access: Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    folder = tmp_path_factory.mktemp("lives")
    yield Releases(access, small_project(folder / "project"), folder)


@pytest.mark.slow
def test_accounts_come_go_and_are_renamed_from_one_deployment_to_the_next(
    releases: Releases,
) -> None:
    for number in TRIED:
        releases.deploy(releases.write(f"accounts-{number}", LIVES[number]))

    # A stage that keeps data keeps the keys of accounts that are gone.
    ids = {id_ for number in TRIED for _, id_ in LIVES[number]}
    assert releases.secrets() == {f"{INSTALLATION}/prod/coniq/{id_}" for id_ in ids}


@pytest.mark.slow
@pytest.mark.thorough
def test_as_many_accounts_as_an_agency_has_are_deployed(releases: Releases) -> None:
    many = [(f"brand-{number}", f"brand-{number}") for number in range(amount(50, few=10))]

    releases.deploy(releases.write("many", many))

    assert {f"{INSTALLATION}/prod/coniq/{id_}" for _, id_ in many} <= releases.secrets()


@pytest.mark.slow
def test_a_queue_that_a_release_adds_can_go_with_the_next(releases: Releases) -> None:
    plain = releases.write("without", NONE)
    with_queue = Path(shutil.copytree(plain, releases.folder / "with"))
    name = f"{INSTALLATION}-prod"
    _edit(with_queue / f"{name}-messaging.template.json", _add_queue)
    _edit(with_queue / f"{name}-workers.template.json", _use_queue)

    for assembly in (plain, with_queue, plain):
        releases.deploy(assembly)


def _edit(file: Path, change: Callable[[dict[str, dict[str, object]]], None]) -> None:
    template = json.loads(file.read_text())
    change(template)
    file.write_text(json.dumps(template))


def _add_queue(template: dict[str, dict[str, object]]) -> None:
    template["Resources"]["Extra"] = {"Type": "AWS::SQS::Queue"}
    template["Outputs"]["Extra"] = {"Value": {"Ref": "Extra"}}


def _use_queue(template: dict[str, dict[str, object]]) -> None:
    read = {"StackName": f"{INSTALLATION}-prod-messaging", "OutputName": "Extra"}
    template["Resources"]["UsesExtra"] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": {"Fn::GetStackOutput": read}},
    }
