"""Synthesises once per stage; every test of this folder reads the same templates."""

import pytest

from infra.sources import Sources
from tests.infra import nag
from tests.infra.assembly import Assembly
from tests.infra.options import COMBINATIONS, checked
from tests.infra.project import small_project, synthesised, with_accounts
from tests.infra.stages import DEV, LOCAL, PROD


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return small_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def dev(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="session")
def prod(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("prod"), stage=PROD)


@pytest.fixture(scope="session")
def many(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The stage dev with 50 accounts of each provider."""
    stage = with_accounts(DEV, 50)
    return synthesised(project, tmp_path_factory.mktemp("many"), stage=stage)


@pytest.fixture(scope="session")
def local(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("local"), stage=LOCAL)


@pytest.fixture(scope="session")
def hardened(
    project: Sources, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Assembly, nag.Findings]:
    """The stage dev with all options, and what cdk-nag finds there."""
    return checked(COMBINATIONS[0], project, tmp_path_factory.mktemp("options"))


@pytest.fixture(scope="session")
def everything(hardened: tuple[Assembly, nag.Findings]) -> Assembly:
    return hardened[0]
