"""Synthesises once per stage; every test of this folder reads the same templates."""

from pathlib import Path

import pytest

from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.project import LOCAL, small_project, synthesised

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the folder in one process, so that parallel runs do not synthesise twice."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return small_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def dev(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="session")
def prod(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("prod"), context={"stage": "prod"})


@pytest.fixture(scope="session")
def local(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesised(project, tmp_path_factory.mktemp("local"), context=LOCAL)
