"""The stacks of prod that the second engine can hold, deployed once."""

from collections.abc import Mapping

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Stack
from tests.infra.assembly import Assembly
from tests.infra.project import small_project, synthesised
from tests.infra.stages import PROD
from tests.second_engine.stacks import deployed_by

STACKS = ("messaging", "monitoring")


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    project = small_project(tmp_path_factory.mktemp("project"))
    return synthesised(project, tmp_path_factory.mktemp("prod"), stage=PROD)


@pytest.fixture(scope="session")
def deployed(second: Access, prod: Assembly) -> Mapping[str, Stack]:
    """The stacks by their short names."""
    return {
        name: deployed_by(second, name=f"couponbus-prod-{name}", template=prod.templates[name])
        for name in STACKS
    }
