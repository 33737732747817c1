"""A programs file is read, or each of its errors is named with line and field."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.program import Program
from couponbus_cli.programs.file import (
    PROGRAMS_LIMIT,
    ProgramsFileInvalid,
    programs_in,
    read_programs,
)
from tests.architecture.tree import ROOT

SAMPLE = ROOT / "couponbus_cli" / "samples" / "programs.yaml"

WHOLE = """\
programs:
  - name: gold-members
    match:
      detail-type: [CustomerSignedUp]
      detail:
        attributes:
          country: [NO, GB]
          postcode: [0150]
          tier: [{ prefix: gold }]
          basket: [{ numeric: [">=", 50.5] }]
    account: main
    offer_id: 102
    channel: ECOMMERCE
    tracking_prefix: gold-
    required_consents: [marketing, terms]
    minimum_age: 18
    valid_from: 2027-01-01T00:00:00+01:00
    valid_until: 2028-01-01T00:00:00Z
    precheck_existing: true
    occurrence: birthday-2027
"""
LEAST = """\
programs:
  - name: welcome
    match: {}
    account: main
    offer_id: 101
    channel: MOBILE
    precheck_existing: false
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(ProgramsFileInvalid) as refusal:
        programs_in(text, file="p.yaml")
    return refusal.value.lines()


def test_every_field_is_read() -> None:
    [program] = programs_in(WHOLE, file="p.yaml")

    assert program == Program(
        name="gold-members",
        pattern={
            "detail-type": ["CustomerSignedUp"],
            "detail": {
                "attributes": {
                    "country": ["NO", "GB"],
                    "postcode": ["0150"],
                    "tier": [{"prefix": "gold"}],
                    "basket": [{"numeric": [">=", 50.5]}],
                }
            },
        },
        account="main",
        offer_id=102,
        channel=Channel.ECOMMERCE,
        tracking_prefix="gold-",
        required_consents=("marketing", "terms"),
        minimum_age=18,
        valid_from=datetime(2026, 12, 31, 23, tzinfo=UTC),
        valid_until=datetime(2028, 1, 1, tzinfo=UTC),
        precheck_existing=True,
        occurrence="birthday-2027",
    )


def test_what_may_be_left_out_has_its_documented_default() -> None:
    [least] = programs_in(LEAST, file="p.yaml")
    [sample] = read_programs(SAMPLE)

    assert least.pattern == {}
    assert sample.pattern == {"detail-type": ["CustomerSignedUp"]}
    for field in ("tracking_prefix", "required_consents", "minimum_age", "valid_from"):
        assert getattr(least, field) == getattr(sample, field)
    assert (least.valid_until, least.occurrence) == (sample.valid_until, sample.occurrence)


def test_the_sample_is_what_the_demo_needs() -> None:
    [sample] = read_programs(SAMPLE)

    assert (sample.account, sample.channel) == ("main", Channel.MOBILE)
    assert sample.precheck_existing is False


def test_the_other_programs_of_the_sample_work_when_they_are_taken_in() -> None:
    lines = SAMPLE.read_text().splitlines()
    start = lines.index("  # - name: gold-members")
    uncommented = [re.sub("^  # (?=- |  )", "  ", line) for line in lines[start:]]

    programs = programs_in("\n".join([*lines[:start], *uncommented]), file="p.yaml")

    assert [program.name for program in programs] == ["welcome", "gold-members", "codes-of-others"]
    assert [program.issues for program in programs] == [True, True, False]


def test_json_is_read_too_with_tabs_and_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "programs.json"
    text = (
        '{\n\t"programs": [{\n\t\t"name": "welcome", "match": {"detail": {"attributes":'
        ' {"mood": ["\\ud83d\\ude00"]}}},\n\t\t"account": "main", "offer_id": 101,'
        ' "channel": "SMS", "precheck_existing": false}]\n}'
    )
    file.write_text(text, encoding="utf-8-sig")

    [program] = read_programs(file)

    assert program.pattern == {"detail": {"attributes": {"mood": ["\U0001f600"]}}}


def test_a_file_without_programs_is_an_empty_list() -> None:
    assert programs_in("programs: []", file="p.yaml") == []


@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        (2, "name: a b", "programs[0].name: needs 1 to 64 of"),
        (2, "name: 5", "programs[0].name: needs 1 to 64 of"),
        (3, "match: sign-ups", "programs[0].match: a pattern is an object"),
        (3, "match: { source: shop }", "programs[0].match.source: write a list of values, such as"),
        (3, "match: { detail: { a: [{ regex: b }] } }", "programs[0].match.detail.a[0].regex: not"),
        (3, "match: { details: { a: [b] } }", "programs[0].match.details: can never match"),
        (3, "match: { details.a: [b] }", "programs[0].match.details.a: can never match"),
        (3, "match: { detail-type: [OrderPlaced] }", "programs[0].match.detail-type: can never"),
        (3, "match: { $or: [{ a: [b] }, { a: [d] }] }", "programs[0].match.a: can never match"),
        (4, "account: ''", "programs[0].account: needs"),
        (5, "offer_id: 0", "programs[0].offer_id: needs the number"),
        (5, "offer_id: -5", "programs[0].offer_id: needs the number"),
        (5, "offer_id: 1.5", "programs[0].offer_id: needs the number"),
        (5, "offer_id: true", "programs[0].offer_id: needs the number"),
        (5, "offer_id: '101'", "programs[0].offer_id: needs the number"),
        (5, "offer_id: 99999999999999999999", "programs[0].offer_id: needs the number"),
        (6, "channel: mobile", "programs[0].channel: needs one of PAPER, MAIL, SMS, MOBILE"),
        (6, "channel: [SMS]", "programs[0].channel: needs one of"),
        (7, "precheck_existing: yes", "programs[0].precheck_existing: needs true or false"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_line(line: int, wrong: str, said: str) -> None:
    lines = LEAST.splitlines()
    lines[line - 1] = lines[line - 1][:4] + wrong

    [fault] = faults_of("\n".join(lines))

    assert fault.startswith(f"p.yaml:{line}: {said}")


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("tracking_prefix: 'a b'", "tracking_prefix: needs at most 20"),
        ("tracking_prefix: aaaaaaaaaaaaaaaaaaaaa", "tracking_prefix: needs at most 20"),
        ("tracking_prefix: null", "tracking_prefix: needs at most 20"),
        ("required_consents: marketing", "required_consents: needs a list"),
        ("required_consents: [a, a]", "required_consents: needs at most 50 consents, each once"),
        ("required_consents: [1]", "required_consents: each consent is a text"),
        ("required_consents: ['']", "required_consents: each consent is a text"),
        ("minimum_age: 0", "minimum_age: needs a whole number"),
        ("minimum_age: eighteen", "minimum_age: needs a whole number"),
        ("minimum_age: true", "minimum_age: needs a whole number"),
        ("valid_from: 2027-01-01", "valid_from: needs date, time and zone"),
        ("valid_from: 2027-01-01T00:00:00", "valid_from: needs date, time and zone"),
        ("required_consents: ['a\u200bb']", "required_consents: each consent is a text"),
        ("valid_from: 0001-01-01T00:00:00+14:00", "valid_from: needs a moment from 1970"),
        ("valid_until: 9999-12-31T23:59:59-14:00", "valid_until: needs a moment from 1970"),
        ("valid_from: soon", "valid_from: needs date, time and zone"),
        ("valid_until: 5", "valid_until: needs date, time and zone"),
        ("occurrence: ''", "occurrence: needs 1 to 64"),
        ("channels: [SMS]", "channels: unknown field; did you mean channel?"),
        ("colour: red", "colour: unknown field; there are match, name"),
        ("name: again", "name: given twice, first in line 2"),
    ],
)
def test_a_wrong_addition_is_named_with_its_line(added: str, said: str) -> None:
    [fault] = faults_of(f"{LEAST}    {added}\n")

    assert fault.startswith(f"p.yaml:8: programs[0].{said}")


@pytest.mark.parametrize(
    "field", ["name", "match", "account", "offer_id", "channel", "precheck_existing"]
)
def test_a_field_without_a_default_is_missed(field: str) -> None:
    lines = [line for line in LEAST.splitlines() if line[4:].partition(":")[0] != field]
    text = (
        "\n".join(lines).replace("    match", "  - match") if field == "name" else "\n".join(lines)
    )

    [fault] = faults_of(text)

    assert f"programs[0].{field}: is missing" in fault


def test_a_missing_precheck_is_explained_because_a_default_would_be_a_trap() -> None:
    [fault] = faults_of(LEAST.replace("    precheck_existing: false\n", ""))

    assert "sign-up form of Coniq may already have given" in fault
    assert "else false" in fault


def test_a_window_must_not_end_before_it_starts() -> None:
    window = "    valid_from: 2027-01-01T00:00:00+01:00\n    valid_until: 2026-12-31T23:00:00Z\n"

    [fault] = faults_of(LEAST + window)

    assert fault == "p.yaml:9: programs[0].valid_until: must be later than valid_from"


def test_all_faults_are_named_at_once_in_the_order_of_lines() -> None:
    text = WHOLE.replace("offer_id: 102", "offer_id: no").replace("ECOMMERCE", "FAX")
    text += LEAST.partition("\n")[2].replace("welcome", "gold-members") + "extra: 1\n"

    faults = faults_of(text)

    assert [fault.partition(": ")[2].partition(":")[0] for fault in faults] == [
        "programs[0].offer_id",
        "programs[0].channel",
        "programs[1].name",
        "extra",
    ]
    assert [int(fault.split(":")[1]) for fault in faults] == [12, 13, 21, 27]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p.yaml:1: needs a list under the name `programs`"),
        ("- name: a", "p.yaml:1: needs a list under"),
        ("programs: 5", "p.yaml:1: needs a list under"),
        ("programs:\n- 5", "p.yaml:2: programs[0]: a program is an object"),
        ("programs: [}", "p.yaml:1: not YAML"),
        ("programs: []\n---\na: 1", "p.yaml:2: not YAML"),
        ("programs: &all []\nmore: *all", "p.yaml:1: anchors (&) and aliases (*)"),
        ("programs:\n- *all", "p.yaml:2: anchors (&) and aliases (*)"),
        ("programs: !!python/object:os.system []", "p.yaml:1: tags (!) are not accepted"),
        ("programs: " + "[" * 41, "p.yaml:1: nested deeper than 40"),
        ("programs:\n\t- a", "p.yaml:2: not YAML: found character"),
        ("programs: []\n? [a]\n: b", "p.yaml:2: a field name must be text"),
        ("programs: \x00", "p.yaml:1: not YAML"),
        (f"programs: [{'a,' * (PROGRAMS_LIMIT + 1)}]", "p.yaml:1: programs: more than 200"),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_a_file_that_is_no_list_of_programs_is_refused(text: str, said: str) -> None:
    [fault] = faults_of(text)

    assert fault.startswith(said)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "programs.yaml"
    file.write_bytes(b"# " + b"x" * 256 * 1024)

    with pytest.raises(ProgramsFileInvalid, match="larger than 256 KiB"):
        read_programs(file)


def test_a_file_that_is_not_utf8_is_refused_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "programs.yaml"
    file.write_bytes(b"programs: []\n# \xff\n")

    with pytest.raises(ProgramsFileInvalid, match=r"programs.yaml:2: not UTF-8"):
        read_programs(file)


def test_texts_may_look_like_anything() -> None:
    text = LEAST.replace("match: {}", 'match: { source: [yes, on, 1e3x, "1", ~, 0x10, 1_000] }')

    [program] = programs_in(text, file="p.yaml")

    assert program.pattern == {"source": ["yes", "on", "1e3x", "1", None, "0x10", "1_000"]}


def test_half_a_character_does_not_break_what_is_stored() -> None:
    text = LEAST.replace("match: {}", 'match: { source: ["\\ud83d"] }')

    [program] = programs_in(text, file="p.yaml")

    assert program.pattern == {"source": ["\ufffd"]}
