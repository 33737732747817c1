"""The page in a real browser: readable by all, by keyboard alone, small, and refreshed in place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from couponbus.domain.provider import Provider
from couponbus_cli.page.measures import number_at
from couponbus_cli.status.figures import Ambiguous
from couponbus_cli.status.measured import Series
from couponbus_cli.status.reading import read_facts
from tests.browser.looking import (
    AMBIGUOUS,
    ISSUED,
    LOOKS,
    PHONE,
    REST,
    STATES,
    Scheme,
    Watched,
    broken_rules,
    opened,
    refreshed,
    search,
    size_of,
)
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.measurements import FakeMeasurements
from tests.unit.cli.page.seeing import in_trouble, site_of, well
from tests.unit.cli.page.serving import serving
from tests.unit.cli.stage import FakeQueues, FakeStage
from tests.webhook_factories import any_endpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

BYTES = 100_000
SIDEWAYS = "document.documentElement.scrollWidth"
FOCUSED = "document.activeElement.id"
SAID = {
    "well": "All is well",
    "in trouble": "4 things need you",
    "empty": "All is well, and empty",
    "down": "The stage cannot be read",
    "denied": "The stage cannot be read",
    "a timeline": "Find a customer",
}


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """Yield a stage that is well, for tests that change neither its facts nor the time."""
    yield Watched()


@pytest.fixture(scope="module")
def page(watched: Watched, browser: "Browser") -> Iterator["Page"]:
    """Yield its page, for tests that leave it as it was."""
    with watched.served() as served, opened(browser, served.url) as page:
        yield page


@pytest.mark.thorough
@pytest.mark.parametrize(("state", "said"), SAID.items())
def test_it_says_first_whether_all_is_well_and_can_be_read_by_all_on_a_phone_and_on_a_desk(
    state: str, said: str, browser: "Browser"
) -> None:
    broken: dict[tuple[int, Scheme], list[str]] = {}
    wide = []
    with STATES[state]().served() as served, opened(browser, served.url, width=PHONE) as page:
        if state == "a timeline":
            search(page, ISSUED.issuance_id)
        else:
            assert page.inner_text("main .verdict").replace("\n", " ").endswith(said)
            assert page.locator("main .verdict").bounding_box()["y"] < 200  # type: ignore[index]
        if state == "well":
            page.click("#summary-sign-ups")
        assert page.title().startswith(said)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            broken |= {(width, scheme): rules} if (rules := broken_rules(page)) else {}
            wide += [width] if page.evaluate(SIDEWAYS) > width else []

    assert (broken, wide) == ({}, [])


def test_a_broken_rule_is_found(page: "Page") -> None:
    page.evaluate("document.querySelector('label').hidden = true")
    found = [rule.partition(":")[0] for rule in broken_rules(page)]
    page.evaluate("document.querySelector('label').hidden = false")

    assert found == ["label"]


def test_all_of_it_is_small_and_from_here(browser: "Browser") -> None:
    with Watched().served() as served:
        context = browser.new_context()
        asked: list[tuple[str, Request]] = []
        context.on("request", lambda request: asked.append((request.url, request)))
        context.new_page().goto(served.url)
        sizes = [size_of(request) for _, request in asked]
        context.close()

        here = f"http://127.0.0.1:{served.port}"
        assert [url for url, _ in asked] == [
            served.url,
            f"{here}/",
            f"{here}/page.css",
            f"{here}/page.js",
        ]
        assert min(sizes) > 0
        assert sum(sizes) <= BYTES


def test_the_key_does_not_stay_in_the_address_bar(page: "Page") -> None:
    assert urlsplit(page.url)[2:] == ("/", "", "")


def test_the_keyboard_alone_finds_a_customer(browser: "Browser") -> None:
    with Watched(facts=in_trouble).served() as served, opened(browser, served.url) as page:
        reached: list[str] = []
        while "query" not in reached:
            page.keyboard.press("Tab")
            reached.append(page.evaluate(FOCUSED))
            assert page.evaluate("document.activeElement.matches(':focus-visible')"), reached
        page.keyboard.type(ISSUED.issuance_id)
        page.keyboard.press("Enter")
        page.wait_for_selector(".timeline")

        assert reached[0] == "pause"
        assert [each for each in reached if each.startswith("copy-")] == [
            "copy-need-1-1",
            "copy-need-2-1",
            "copy-need-2-2",
            "copy-need-2-3",
            "copy-need-3-1",
        ]
        assert "Coniq issued the barcode." in page.inner_text(".timeline")
        assert ISSUED.issuance_id not in page.url


def test_a_refresh_keeps_the_focus_and_the_opened_numbers(browser: "Browser") -> None:
    watched = Watched()
    with watched.served() as served, opened(browser, served.url) as page:
        page.focus("#summary-doubt")
        page.keyboard.press("Enter")
        page.evaluate("document.getElementById('tile-letters').dataset.same = 'node'")
        watched.facts = lambda: replace(well(), ambiguous=Ambiguous(ids=["A", "B"]), needs=["x"])
        refreshed(page, watched)
        page.wait_for_selector("text=1 thing needs you")

        assert page.inner_text("#tile-doubt data[data-fact='ambiguous.#']") == "2"
        assert page.evaluate(FOCUSED) == "summary-doubt"
        assert page.locator("#numbers-doubt").get_attribute("open") is not None
        assert page.get_attribute("#tile-letters", "data-same") == "node"
        assert page.title().startswith("1 thing needs you")


def test_a_focus_on_what_is_gone_moves_to_where_it_was(browser: "Browser") -> None:
    watched = Watched(facts=in_trouble)
    with watched.served() as served, opened(browser, served.url) as page:
        page.focus("#copy-need-3-1")
        watched.facts = well
        refreshed(page, watched)
        page.wait_for_selector("text=All is well")

        assert page.evaluate(FOCUSED) == "needs"


def test_what_changes_is_said_politely_and_only_that(page: "Page") -> None:
    live = page.locator("[aria-live], [role=status], [role=alert]")

    said = [each.get_attribute("id") for each in live.all()]
    assert said == ["lost", "verdict"]
    assert page.get_attribute("#verdict", "aria-live") == "polite"


def test_the_first_facts_appear_by_themselves(browser: "Browser") -> None:
    watched = Watched(is_down=True)
    with watched.served() as served, opened(browser, served.url) as page:
        assert not page.locator(".tile").count()

        watched.is_down = False
        refreshed(page, watched)
        page.wait_for_selector("#tile-sign-ups")


def test_it_does_not_refresh_while_it_is_paused_or_hidden(page: "Page") -> None:
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange'))"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.press("#pause", "Space")
    page.clock.run_for(3 * REST)
    paused = [*asked]
    page.press("#pause", "Space")
    page.evaluate(hide % "true")
    page.clock.run_for(3 * REST)
    hidden = [*asked]
    with page.expect_response("**/"):
        page.evaluate(hide % "false")

    assert (paused, hidden) == ([], [])
    assert len(asked) == 1


def test_a_page_whose_command_was_ended_says_so(browser: "Browser") -> None:
    watched = Watched()
    with watched.served() as served:
        context = browser.new_context()
        page = context.new_page()
        page.clock.install()
        page.goto(served.url)
    page.clock.run_for(REST)
    page.wait_for_selector("text=Not refreshed")

    assert page.inner_text("#tile-letters h3") == "Letters by queue"
    context.close()


def test_however_often_it_is_looked_at_the_facts_are_read_once(
    page: "Page", watched: Watched
) -> None:
    for _ in range(3):
        page.reload()

    assert watched.readings == 1


def test_a_command_is_copied(browser: "Browser") -> None:
    with Watched(facts=in_trouble).served() as served, opened(browser, served.url) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("#copy-need-3-1")
        page.wait_for_selector("#copy-need-3-1:text('Copied')")

        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "couponbus programs rematch --since 7d --stage local"


def test_without_a_script_everything_works_by_reloading(browser: "Browser") -> None:
    watched = Watched()
    with watched.served() as served:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(served.url)
        assert page.locator("button:visible").all_inner_texts() == ["Search"]

        watched.facts, watched.seconds = in_trouble, REST / 1000
        page.click("text=Read again")
        page.wait_for_selector("text=4 things need you")
        assert page.title().startswith("4 things need you")
        search(page, ISSUED.issuance_id)
        assert "Coniq issued the barcode." in page.inner_text(".timeline")
        context.close()


def test_each_number_is_that_of_the_command_at_the_same_time(browser: "Browser") -> None:
    stage = FakeStage(
        MemoryLedger(ISSUED, AMBIGUOUS, any_endpoint()),
        queues=FakeQueues({"signups": 3551, "signups-dead": 131}),
        spent={Provider.UNIQODO: {"main": 41}},
        measured=FakeMeasurements(counted={Series.SIGN_UPS: [9, 4], Series.ISSUED: [8, 3]}),
    )
    with serving(site_of(stage.open, read_facts)) as served, opened(browser, served.url) as page:
        found = page.eval_on_selector_all(
            "data[data-fact]", "all => all.map((each) => [each.dataset.fact, each.value])"
        )
    _, data = stage.run_json("status")

    shown = {fact: float(value) for fact, value in found if value}
    assert shown == {fact: number_at(data, fact) for fact in shown}
    assert {fact for fact, value in found if not value} == {"waiting_since", "polling.lag_seconds"}
    assert shown["queues.signups-dead.visible"] == 131
    assert shown["rates.last_hour.sign_ups"] == 13
    assert shown["polling.accounts.0.calls_today"] == 41


def test_a_saved_page_asks_for_nothing_and_runs_nothing(browser: "Browser", tmp_path: Path) -> None:
    file = tmp_path / "stage.html"
    FakeStage(MemoryLedger(AMBIGUOUS)).run("page", "--save", str(file))
    context = browser.new_context()
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text))
    page = context.new_page()
    page.goto(file.as_uri())

    assert (asked, complaints) == ([file.as_uri()], [])
    assert page.evaluate("getComputedStyle(document.querySelector('.tile')).borderTopStyle") == (
        "solid"
    )
    assert broken_rules(page) == []
    context.close()
