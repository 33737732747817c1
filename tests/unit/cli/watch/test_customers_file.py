"""Every format of a customers file is read, and its errors never repeat its values."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.provider import Provider
from couponbus.events.commands import WatchedCustomer
from couponbus_cli.watch.customers_check import NAMED_MAX, Checked, Customers
from couponbus_cli.watch.customers_file import LINE_MAX, Format, HeaderInvalid
from tests.unit.cli.watches import a_rule, a_watching_program

BOTH = a_watching_program(a_rule(), a_rule(Provider.KOUPON))
HEADER = "reference,coniq_customer_id,koupon_consumer,uniqodo_user_id,email\n"


def customers(content: str | bytes, form: Format = Format.CSV) -> Customers:
    data = content if isinstance(content, bytes) else content.encode()
    return Customers(file=io.BytesIO(data), form=form, program=BOTH)


def good(content: str | bytes, form: Format = Format.CSV) -> list[WatchedCustomer]:
    return list(customers(content, form).good())


def faults(content: str | bytes, form: Format = Format.CSV) -> list[tuple[int, str]]:
    return [(fault.line, fault.text) for fault in customers(content, form).check().faults]


def test_each_column_is_a_field_and_an_empty_cell_is_none() -> None:
    lines = 'a-1,7,"ann, of Brighton",u-1,ann@customer.example\n a-2 ,, bob ,,\n'

    assert good(HEADER + lines) == [
        WatchedCustomer(
            reference="a-1",
            coniq_customer_id=7,
            koupon_consumer="ann, of Brighton",
            uniqodo_user_id="u-1",
            email="ann@customer.example",
        ),
        WatchedCustomer(reference="a-2", koupon_consumer="bob"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(delimiter: str) -> None:
    content = delimiter.join(["uniqodo_user_id", "reference"]) + "\r\n"
    content += delimiter.join(["Zoë", "a-1"]) + "\r\n\r\n" + delimiter.join(["", ""]) + "\r\n"

    assert good(content.encode("utf-8-sig")) == [
        WatchedCustomer(reference="a-1", uniqodo_user_id="Zoë")
    ]


def test_a_quotation_mark_without_a_partner_costs_its_own_line_only() -> None:
    content = '"reference","koupon_consumer"\r\na-1,"two\na-2,bob\n"a-3,cy\na-4,"d ""e"" f"\n'

    unpaired = "is not CSV: a quotation mark of this line has no partner in it"
    assert faults(content) == [(2, unpaired), (4, unpaired)]
    assert [one.reference for one in good(content)] == ["a-2", "a-4"]


@given(st.lists(st.text(st.sampled_from('ab",;\x00\u200b =#\r\t'), max_size=8), max_size=12))
def test_each_line_with_a_value_is_a_good_one_or_a_bad_one(lines: list[str]) -> None:
    content = "reference,koupon_consumer\n" + "\n".join(lines)

    checks = customers(content).check()

    blank = [line for line in lines if not line.strip(', \t\r"')]
    assert len(lines) - len(blank) <= checks.good + checks.bad <= len(lines)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("#N/A", "#N/A is an error of a spreadsheet, no value"),
        ("#VALUE!", "#VALUE! is an error of a spreadsheet, no value"),
        ("####", "#### is an error of a spreadsheet, no value"),
        ("=A1", "begins with =, like a formula of a spreadsheet"),
        ("1.23457E+11", "is in scientific notation: a spreadsheet has rounded the number"),
        ("4,7E+12", "is in scientific notation: a spreadsheet has rounded the number"),
        ("NULL", "NULL stands for no value: leave the cell empty"),
        ("nan", "nan stands for no value: leave the cell empty"),
        ("N/A", "N/A stands for no value: leave the cell empty"),
        ("ann\u200b", "has an invisible character"),
        ("\ufeffann", "has an invisible character"),
    ],
)
def test_what_an_export_did_to_a_value_is_named(cell: str, said: str) -> None:
    content = f"reference;koupon_consumer\na-1;{cell}\na-2;bob\n"

    assert faults(content) == [(2, f"koupon_consumer: {said}")]
    assert [one.reference for one in good(content)] == ["a-2"]


def test_a_file_may_name_its_delimiter_and_have_columns_without_names() -> None:
    content = "sep=;\r\nreference;koupon_consumer;;\r\na-1;ann, of Brighton;;\r\na-2;bob;x;\r\n"

    assert [one.koupon_consumer for one in good(content)] == ["ann, of Brighton"]
    assert faults(content) == [(4, "has a value in a column without a name")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("reference,email\na-1,\n".encode("utf-16"), "is UTF-16: save it as CSV UTF-8"),
        (b"reference,email\ra-1,\r", "its lines end with a carriage return alone"),
    ],
)
def test_a_file_that_cannot_be_read_by_lines_is_refused_as_a_whole(
    content: bytes, said: str
) -> None:
    with pytest.raises(HeaderInvalid, match=said):
        customers(content).check()


def test_json_lines_are_read_too() -> None:
    lines = [{"reference": "a-1", "koupon_consumer": "ann"}, {"reference": "a-2", "email": "x"}]
    content = "\ufeff" + "\n\n".join(json.dumps(line) for line in lines)

    assert good(content, Format.JSONL) == [WatchedCustomer(reference="a-1", koupon_consumer="ann")]
    assert faults(content, Format.JSONL) == [
        (3, "email: needs an address such as name@shop.example")
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "is not JSON"),
        ('["secret"]', "is not a JSON object"),
        ('{"reference": "secret", "reference": "b"}', "has a name twice"),
        ('{"reference": NaN}', "is not JSON"),
        ('{"reference": "a", "secret": 1}', "has an unknown field"),
        ('{"reference": "a", "coniq_customer_id": "7", "koupon_consumer": "b"}', "coniq_customer"),
        ('{"koupon_consumer": "\\ud800"}', "reference: needs 1 to 128 printable characters; koup"),
        ('{"reference": "a", "email": "a@b.example"}', "has no name that the program's providers"),
    ],
)
def test_a_bad_json_line_is_named_without_its_values(line: str, said: str) -> None:
    [(number, text)] = faults(line, Format.JSONL)

    assert number == 1
    assert text.startswith(said)
    assert "secret" not in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,b,secret,d,e,f", "has 6 cells, and the header has 5"),
        ("a,secret", "has 2 cells, and the header has 5"),
        (",,ann,,", "reference: needs 1 to 128"),
        ("a\x07,,ann,,", "reference: needs 1 to 128"),
        ("a,0,ann,,", "coniq_customer_id: needs a whole number greater than 0"),
        ("a,secret,ann,,", "coniq_customer_id: needs a whole number"),
        (f"a,{'9' * 30},ann,,", "coniq_customer_id: needs a whole number"),
        ("a,,ann,,secret", "email: needs an address"),
        ("a,7,,,ann@customer.example", "has no name that the program's providers know: give uniq"),
        ('a,,"secret"x,,', "is not CSV: a quotation mark of this line has no partner"),
        (b"a,,\xff,,", "not UTF-8"),
        ("a,,ann" + "x" * LINE_MAX + ",,", "longer than 64 KiB"),
        ("a,,ann" + "x" * 3 * LINE_MAX + ",,", "longer than 64 KiB"),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(line: str | bytes, said: str) -> None:
    bad = line if isinstance(line, bytes) else line.encode()
    content = HEADER.encode() + bad + b"\nlast,,bob,,\n"

    [(number, text)] = faults(content)

    assert (number, text.startswith(said)) == (2, True), text
    assert "secret" not in text
    assert [customer.reference for customer in good(content)] == ["last"]


def test_lines_that_are_no_text_are_named_in_json_too() -> None:
    content = b'{"reference": "a", "koupon_consumer": "\xff"}\n' + b"x" * 2 * LINE_MAX

    assert faults(content, Format.JSONL) == [(1, "not UTF-8"), (2, "longer than 64 KiB")]


def test_a_reference_is_good_once() -> None:
    checks = customers(HEADER + "a,,ann,,\nb,,bob,,\na,,eve,,\n").check()

    assert (checks.good, checks.bad) == (2, 1)
    assert [(each.line, each.text) for each in checks.faults] == [
        (4, "reference: is also in an earlier line")
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "the first line must name the columns, some of reference, coniq_customer_id"),
        ("\n", "the first line must name the columns"),
        (b"\xff\xfer\x00e\x00f\x00", "is UTF-16: save it as CSV UTF-8"),
        ("ann@customer.example,b\n", "column 1 has an unknown name"),
        ("reference,reference\n", "a column is named twice"),
        ("email,koupon_consumer\n", "the column `reference` is missing"),
    ],
)
def test_a_header_that_is_none_is_not_repeated(header: str | bytes, said: str) -> None:
    with pytest.raises(HeaderInvalid) as refusal:
        customers(header).check()

    assert str(refusal.value).startswith(said)
    assert "ann" not in str(refusal.value)


def test_a_provider_that_the_program_does_not_watch_needs_no_name() -> None:
    only = Customers(
        file=io.BytesIO(b"reference,koupon_consumer\na,ann\n"),
        form=Format.CSV,
        program=a_watching_program(a_rule()),
    )

    [fault] = only.check().faults

    assert fault.text == ("has no name that the program's providers know: give uniqodo_user_id")


def test_only_the_first_bad_lines_are_kept() -> None:
    checks: Checked = customers(HEADER + "x\n" * (NAMED_MAX + 5)).check()

    assert (checks.bad, len(checks.faults)) == (NAMED_MAX + 5, NAMED_MAX)
