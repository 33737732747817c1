"""The watch rules of a program are read from its file, shown and checked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import DAY, Customers, PollPolicy, WatchRule
from couponbus.domain.provider import Provider
from couponbus_cli.programs.file import programs_in
from couponbus_cli.programs.watch_part import as_part, rules_of
from tests.factories import any_poll_policy
from tests.unit.cli.programs.test_programs_file import LEAST, SAMPLE, faults_of
from tests.unit.cli.stage import FakeDeployment, FakeStage, a_poll_account

PROMOTION = "0123456789abcdef0123456789abcdef"
OTHER = "ffffffffffffffffffffffffffffffff"
ONLY = """\
programs:
  - name: watched
    match: {}
    watch:
      koupon: [{ account: main }]
"""
WHOLE = f"""\
    watch:
      uniqodo:
        - account: main
          promotion: {PROMOTION}
        - {{ account: brand-b, promotion: {OTHER} }}
      koupon:
        - account: main
          customers: new
      poll_policy: {{ share: 2.5%, floor: 15m, cap: 1d, horizon: 30d }}
      grace: 36h
      warn_days: 3
"""
RULE = WatchRule(
    provider=Provider.UNIQODO,
    account="main",
    promotion=PROMOTION,
    poll_policy=PollPolicy(
        share_permille=25, floor_seconds=900, cap_seconds=DAY, horizon_seconds=30 * DAY
    ),
    grace_seconds=36 * 3600,
    warn_days=3,
)
EVERYTHING = (
    RULE,
    replace(RULE, account="brand-b", promotion=OTHER),
    replace(RULE, provider=Provider.KOUPON, promotion=None, customers=Customers.NEW),
)


def watched(part: str) -> Program:
    [program] = programs_in(LEAST + part, file="p.yaml")
    return program


def test_every_field_is_read() -> None:
    assert watched(WHOLE).watches == EVERYTHING


def test_what_may_be_left_out_has_its_documented_default() -> None:
    [least] = programs_in(ONLY, file="p.yaml")
    lines = SAMPLE.read_text().splitlines()
    first = lines.index("    # watch:")
    end = first + lines[first:].index("")
    taken_in = [line.replace("    # ", "    ", 1) for line in lines[first:end]]
    [sample] = programs_in("\n".join([*lines[:first], *taken_in, *lines[end:]]), file="p.yaml")

    uniqodo, koupon = sample.watches
    assert least.watches == (koupon,)
    assert (koupon.poll_policy, koupon.grace_seconds, koupon.warn_days) == (PollPolicy(), DAY, None)
    assert (uniqodo.poll_policy, uniqodo.promotion) == (PollPolicy(), "a0" * 16)


def test_a_program_that_only_watches_issues_nothing() -> None:
    [program] = programs_in(ONLY, file="p.yaml")

    assert not program.issues
    assert (program.account, program.channel, program.precheck_existing) == (None, None, False)


def test_a_stored_program_without_watches_watches_nothing_and_one_with_them_comes_back() -> None:
    stored = TypeAdapter(Program)

    assert watched("").watches == ()
    assert stored.validate_json(stored.dump_json(watched(WHOLE))) == watched(WHOLE)
    older = stored.dump_json(watched(WHOLE)).replace(b'"customers":"new"', b'"later":"field"')
    assert stored.validate_json(older).watches[-1].customers is Customers.ANY


@pytest.mark.parametrize(
    ("part", "line", "said"),
    [
        ("watch: 5", 8, "watch: needs an object with some of uniqodo, koupon, poll_policy, grace"),
        ("watch: {}", 8, "watch: watches nothing: give uniqodo or koupon"),
        ("watch: { coniq: [] , koupon: [{ account: a }] }", 8, "watch.coniq: unknown field"),
        ("watch: { koupon: {} }", 8, "watch.koupon: needs a list of 1 to 20 objects with account"),
        ("watch: { uniqodo: [] }", 8, "watch.uniqodo: needs a list of 1 to 20 objects with acc"),
        ("watch: { koupon: [main] }", 8, "watch.koupon[0]: needs an object with account"),
        ("watch: { koupon: [{}] }", 8, "watch.koupon[0].account: is missing"),
        ("watch: { koupon: [{ account: '' }] }", 8, "watch.koupon[0].account: needs 1 to 64"),
        ("watch: { uniqodo: [{ account: a }] }", 8, "watch.uniqodo[0].promotion: is missing"),
        (
            "watch: { uniqodo: [{ account: a, promotion: A0 }] }",
            8,
            "watch.uniqodo[0].promotion: needs the 32 hexadecimal digits",
        ),
        (
            f"watch: {{ koupon: [{{ account: a, promotion: {PROMOTION} }}] }}",
            8,
            "watch.koupon[0].promotion: unknown field; there are account, customers, channel, ",
        ),
        (
            "watch:\n      koupon:\n        - account: a\n        - account: a",
            11,
            "watch.koupon[1]: is listed twice",
        ),
        (
            "watch: { koupon: [{ account: a }, { account: a, customers: new }] }",
            8,
            "watch.koupon[1]: is listed twice",
        ),
        (
            "watch: { koupon: [{ account: a, customers: fresh }] }",
            8,
            "watch.koupon[0].customers: needs new, where each sign-up makes the customer at",
        ),
        (
            "watch: { koupon: [{ account: a, customers: [new] }] }",
            8,
            "watch.koupon[0].customers: needs new",
        ),
        ("watch: { koupon: [{ account: a }], grace: 5 }", 8, "watch.grace: needs a number of min"),
        ("watch: { koupon: [{ account: a }], grace: 91d }", 8, "watch.grace: needs at most 90d"),
        ("watch: { koupon: [{ account: a }], warn_days: 0 }", 8, "watch.warn_days: needs a whole"),
        ("watch: { koupon: [{ account: a }], warn_days: 3d }", 8, "watch.warn_days: needs a whole"),
        (
            "watch: { koupon: [{ account: a }], poll_policy: 5 }",
            8,
            "watch.poll_policy: needs an object with",
        ),
        (
            "watch: { koupon: [{ account: a }], poll_policy: { step: 5m } }",
            8,
            "watch.poll_policy.step: unknown field; there are share, floor, cap, horizon",
        ),
        (
            "watch: { koupon: [{ account: a }], poll_policy: { share: 0.1 } }",
            8,
            "watch.poll_policy.share: needs a share of the age, such as 10%",
        ),
        (
            "watch: { koupon: [{ account: a }], poll_policy: { share: 0% } }",
            8,
            "watch.poll_policy: the share of the age must be 0.1 % to 100 %",
        ),
        (
            "watch: { koupon: [{ account: a }], poll_policy: { floor: 2d } }",
            8,
            "watch.poll_policy: the floor must be a minute to the cap",
        ),
        (
            "watch:\n      koupon: [{ account: a }]\n      poll_policy:\n        horizon: 400d",
            10,
            "watch.poll_policy: the horizon must be the cap to 366 days",
        ),
    ],
)
def test_a_wrong_part_is_named_with_its_line(part: str, line: int, said: str) -> None:
    [fault] = faults_of(f"{LEAST}    {part}\n")

    assert fault.startswith(f"p.yaml:{line}: programs[0].{said}")


def test_all_faults_of_a_part_are_named_at_once() -> None:
    part = WHOLE.replace(OTHER, "x").replace("15m", "soon").replace("36h", "long")

    faults = faults_of(LEAST + part)

    assert [fault.split(": ")[0:2] for fault in faults] == [
        ["p.yaml:12", "programs[0].watch.uniqodo[1].promotion"],
        ["p.yaml:16", "programs[0].watch.poll_policy.floor"],
        ["p.yaml:17", "programs[0].watch.grace"],
    ]


def test_half_of_what_issuing_needs_is_neither_issuing_nor_only_watching() -> None:
    faults = faults_of(f"{ONLY}    account: main\n    channel: SMS\n")

    assert [fault.partition(": ")[2].partition(":")[0] for fault in faults] == [
        "programs[0].offer_id",
        "programs[0].precheck_existing",
    ]
    assert all("a program that only watches has none of account, offer_id" in it for it in faults)


def test_a_program_must_do_something() -> None:
    [idle] = faults_of("programs:\n  - name: idle\n    match: {}\n")
    [prefixed] = faults_of(f"{ONLY}    tracking_prefix: cb-\n")

    assert idle.startswith("p.yaml:2: programs[0]: does nothing: give account, offer_id, channel")
    assert prefixed == (
        "p.yaml:6: programs[0].tracking_prefix: is for barcodes, and this program issues none"
    )


def test_what_is_shown_can_be_written_into_a_file_again() -> None:
    odd = (
        replace(RULE, poll_policy=replace(any_poll_policy(), floor_seconds=61), grace_seconds=0),
    )
    shown = as_part(odd)

    assert rules_of(json.loads(json.dumps(as_part(EVERYTHING)))) == EVERYTHING
    assert shown is not None
    assert (shown["grace"], json.dumps(shown["poll_policy"]).count("61s")) == ("0d", 1)
    assert as_part(()) is None


def test_a_change_of_what_is_watched_is_shown_and_listed(tmp_path: Path) -> None:
    stage, file = FakeStage(), tmp_path / "programs.yaml"
    file.write_text(ONLY)
    stage.run("programs", "apply", str(file))
    file.write_text(f"{ONLY}      warn_days: 3\n")

    changed = stage.run("programs", "apply", str(file))
    listed = " ".join(stage.run("programs", "list").out.split())
    _, data = stage.run_json("programs", "list")

    assert "~ watched: changed" in changed.out
    assert '"grace": "1d", "used_up_grace": "30d", "warn_days": null} -> {"koupon"' in changed.out
    assert "koupon main" in listed
    assert "None" not in listed
    programs = data["programs"]
    assert isinstance(programs, list)
    assert programs[0]["watch"]["warn_days"] == 3
    assert programs[0]["watch"]["koupon"] == [{"account": "main", "customers": "any"}]
    assert programs[0]["offer_id"] is None


def test_an_account_that_is_not_polled_is_refused_by_provider(tmp_path: Path) -> None:
    polled = (a_poll_account(Provider.UNIQODO, name="brand-a"),)
    stage = FakeStage(deployment=FakeDeployment(polls=polled, named=frozenset()))
    file = tmp_path / "programs.yaml"
    file.write_text(LEAST + WHOLE)

    outcome = stage.run("programs", "apply", str(file))

    assert outcome.code == 1
    assert "unknown account: welcome names main. local is deployed with none." in outcome.err
    assert "welcome watches main; welcome watches brand-b. Of uniqodo, local is" in outcome.err
    assert "deployed with brand-a. welcome watches main. Of koupon, local is" in outcome.err


def test_only_what_a_file_needs_must_be_deployed(tmp_path: Path) -> None:
    stage = FakeStage(deployment=FakeDeployment(named=frozenset()))
    file = tmp_path / "programs.yaml"
    file.write_text(ONLY)

    assert stage.run("programs", "apply", str(file)).code == 0
