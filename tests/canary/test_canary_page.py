"""Secrets and personal data are planted in a stage that a browser shows, or a file keeps."""

from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command

from couponbus_cli.main import app
from couponbus_cli.page.drawing import page_of, search_page_of
from couponbus_cli.page.opened_stage import OpenedStage
from couponbus_cli.page.running import site_of
from couponbus_cli.page.search import Search, result_of
from couponbus_cli.status.reading import read_facts
from tests.canary import planted
from tests.canary.harness import STAGE, CanaryHarness

QUERIES = ("signup-1", "1001", planted.EMAIL)
SHOWN = ("page", "saved", "searched", "command", "output", "exceptions")


def test_nothing_leaks_of_a_stage_that_is_shown_searched_and_saved(
    harness: CanaryHarness, tmp_path: Path
) -> None:
    well, person = harness.sign_up(), harness.person()
    harness.issue(well, harness.sign_up_of(person, signup_id=planted.EMAIL), planted.EMAIL)
    commands, file = get_command(app), tmp_path / "stage.html"
    assert isinstance(commands, TyperGroup)
    site = site_of(STAGE, opener=harness.open_stage, commands=commands)
    stage = OpenedStage(STAGE, opener=harness.open_stage, read_facts=read_facts)

    harness.observer.note("page", page_of(site.screen(patience=None)))
    for query in QUERIES:
        found = result_of(Search(query=query), stage)
        harness.observer.note("searched", search_page_of(found, stage=STAGE))
    harness.command("page", "--save", str(file))
    harness.observer.note("saved", file.read_text(encoding="utf-8"))

    assert "".join(harness.observer.seen["searched"]).count("What happened to") == len(QUERIES)
    assert [hit for hit in harness.hits() if hit.place in SHOWN] == []
