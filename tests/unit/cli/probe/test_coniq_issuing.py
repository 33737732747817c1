"""What a probe with --write learns of Coniq from what it has issued."""

import pytest

from tests.unit.cli.probe.scripted import Asked, Said, Script, said
from tests.unit.cli.probe.scripted_coniq import BAD, ITEM, WISHES, always, found, known, told


def writing(answer_to: Script) -> Script:
    def script(asked: Asked) -> Said:
        return answer_to(asked) if asked.method == "POST" else known(ITEM)(asked)

    return script


def test_an_issue_that_is_refused_tells_little() -> None:
    findings = found(writing(always(BAD)), wishes=WISHES)

    assert told(findings, "issue_status") == ("differs", "status 400")
    assert told(findings, "tracking_code_length") == (
        "not told",
        "a shorter one is refused as well",
    )
    assert told(findings, "tracking_code_echo") == ("not told", "status 400")
    assert told(findings, "duplicates") == ("not told", "status 400, then status 400")
    assert told(findings, "created_is_utc") == ("not told", "no time that can be read")


@pytest.mark.parametrize(
    ("came", "evidence"),
    [("probe-00000", "cut to 11 characters"), (None, "null"), ("other", "another code")],
)
def test_a_tracking_code_that_comes_back_changed_is_reported(
    came: str | None, evidence: str
) -> None:
    answer = said({**ITEM, "tracking_code": came}, status=201)

    assert told(found(writing(always(answer)), wishes=WISHES), "tracking_code_echo") == (
        "differs",
        evidence,
    )


def test_a_time_in_another_zone_is_reported() -> None:
    item = {**ITEM, "created_datetime_utc": "2026-06-01T14:00:00"}
    answer = said(item, status=201, headers={"Date": "Mon, 01 Jun 2026 12:00:00 GMT"})

    findings = found(writing(always(answer)), wishes=WISHES)

    assert told(findings, "created_is_utc") == (
        "differs",
        "+2.0 hours from the answer's Date (an old one, or no UTC)",
    )


def test_a_batch_that_is_refused_whole_may_have_been_carried_out() -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/barcode":
            return said(ITEM, status=201)
        if "NO_SUCH_CHANNEL" in str(asked.body):
            return BAD
        assert isinstance(asked.body, list)
        return said([{**ITEM, **wish} for wish in asked.body], status=201)

    def script(asked: Asked) -> Said:
        if asked.method == "POST":
            return answer(asked)
        issued = [{**ITEM, "tracking_code": WISHES.code(name)} for name in ("good", "first")]
        return known(*issued)(asked)

    findings = found(script, wishes=WISHES)

    assert told(findings, "batch_partial") == ("differs", "status 400, the other was issued")
    assert told(findings, "item_errors") == ("not told", "no answer had an item with an error")
    assert findings["batch_request"].verdict.value == "holds"
    assert told(findings, "visible_at_once") == ("differs", "2 barcodes")
    assert findings["list_is_whole"].verdict.value == "not told"


def test_a_bad_item_may_vanish_from_the_answer() -> None:
    def answer(asked: Asked) -> Said:
        if asked.path == "/barcode":
            return said(ITEM, status=201)
        return said([], status=200) if "NO_SUCH_CHANNEL" in str(asked.body) else said(b"odd")

    findings = found(writing(answer), wishes=WISHES)

    assert told(findings, "batch_partial") == ("differs", "status 200, the other was not found")
    assert told(findings, "item_errors") == ("not told", "no answer had an item with an error")
    assert told(findings, "batch_request") == ("not told", "status 200")
