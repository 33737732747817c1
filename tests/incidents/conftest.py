"""The template of prod, synthesised once, and handlers without logs."""

import logging
from collections.abc import Iterator

import pytest

from tests.incidents.template import StageTemplate, template_of
from tests.infra.project import small_project, synthesised
from tests.infra.stages import PROD


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> StageTemplate:
    project = small_project(tmp_path_factory.mktemp("project"))
    return template_of(synthesised(project, tmp_path_factory.mktemp("prod"), stage=PROD))


@pytest.fixture(autouse=True)
def no_logs() -> Iterator[None]:
    """Drop the logs of the handlers: only their metrics matter here, and a log costs more."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
