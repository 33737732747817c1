"""A search tells the timeline of `couponbus why`; nonsense is named, and never shown raw."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus_cli.app.world import World
from couponbus_cli.status.figures import Facts
from tests.factories import any_program
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.page.seeing import down, site_of, well
from tests.unit.cli.page.serving import Served, serving
from tests.unit.cli.rows import NUMBER, an_issuance, issued
from tests.unit.cli.stage import FakeStage

ISSUED = issued(replace(an_issuance(), signup_id="ada@example.com"))


def read(world: World) -> Facts:
    return well()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    stage = FakeStage(MemoryLedger(ISSUED))
    stage.programs.put(any_program())
    with serving(site_of(stage.open, read)) as page:
        yield page


def test_the_timeline_is_a_list(served: Served) -> None:
    found = served.search(f"query={ISSUED.issuance_id}")

    assert found.status == 200
    lines = re.findall(r"<li><time .*</time> <span>(.*)</span></li>", found.text)
    assert [each for each in lines if "Coniq" in each] == [
        "The barcode was requested at Coniq, attempt 1.",
        "Coniq issued the barcode.",
    ]


def test_neither_e_mail_nor_barcode_is_shown(served: Served) -> None:
    for query in (ISSUED.issuance_id, "ada@example.com", "ada%40example.com"):
        text = served.search(f"query={query}").text

        assert "Coniq issued the barcode." in text
        assert "ada@example.com" not in text
        assert NUMBER not in text
        assert NUMBER[-4:] in text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("query=zzz", "Nothing is known of <q>zzz</q>"),
        ("query=%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("query=a%E2%80%AEb%00%1B", "<q>a\\u202eb\\u0000\\u001b</q>"),
        ("query=grace%40example.com", "<q>(e-mail hidden)</q>"),
        ("query=%FF%FE", "Nothing is known of"),
        ("query=zzz&tenant=shop", "rows of a sign-up zzz of the tenant shop"),
        ("query=zzz&tenant=", "of the tenant default"),
        ("query=zzz", "A sign-up that was just sent may still be in the queue"),
        (f"query={'7a' * 16}", "No index leads from a trace to its rows"),
        (f"query={'a' * 10_240}", "That is longer than any id"),
        (f"query={'%1B' * 10_240}", "That is longer than any id"),
        ("query=%22%3E%3Cimg%20src%3Dx%3E", "<q>&#34;&gt;&lt;img src=x&gt;</q>"),
        ("query=zzz&tenant=%3Cb%3Egrace%40example.com%1B", "&lt;b&gt;(e-mail hidden)"),
        ("query=%20", "Nothing was typed"),
        ("", "Nothing was typed"),
        ("%", "Nothing was typed"),
        ("a=1;query=7", "Nothing was typed"),
    ],
)
def test_nonsense_is_named_and_made_harmless(body: str, said: str, served: Served) -> None:
    text = served.search(body).text

    assert said in text
    assert not set("\x00\x1b\u202e") & set(text)
    assert "<script>alert" not in text


def test_a_stage_that_is_down_is_said_in_place_of_the_result() -> None:
    with serving(site_of(down, read)) as page:
        first, found = page.ask(), page.search("query=7")

    for answered in (first, found):
        assert answered.status == 200
        assert "the local stage is not up" in answered.text
