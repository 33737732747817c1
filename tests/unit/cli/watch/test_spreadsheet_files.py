"""Ten small files as spreadsheets export them: each has a decided outcome, line by line."""

import io

import pytest

from couponbus.domain.provider import Provider
from couponbus_cli.watch.customers_check import Customers
from couponbus_cli.watch.customers_file import Format, HeaderInvalid
from tests.unit.cli.watches import a_rule, a_watching_program

BOTH = a_watching_program(a_rule(), a_rule(Provider.KOUPON))
READ: dict[str, tuple[bytes, list[str], list[tuple[int, str]]]] = {
    "a byte order mark before a quoted name": (
        b'\xef\xbb\xbf"reference","uniqodo_user_id"\r\n"c1","ada@x.example"\r\n',
        ["c1"],
        [],
    ),
    "a word in the column of addresses": (
        b"reference,uniqodo_user_id,email\nc1,ada@x.example,\nc2,bob@x.example,n/a\n",
        ["c1"],
        [(3, "email: n/a stands for no value: leave the cell empty")],
    ),
    "cells that hold errors and formulas": (
        b"reference,uniqodo_user_id\n#N/A,#REF!\n=A1,#VALUE!\n",
        [],
        [
            (
                2,
                "reference: #N/A is an error of a spreadsheet, no value;"
                " uniqodo_user_id: #REF! is an error of a spreadsheet, no value",
            ),
            (
                3,
                "reference: begins with =, like a formula of a spreadsheet;"
                " uniqodo_user_id: #VALUE! is an error of a spreadsheet, no value",
            ),
        ],
    ),
    "words for no value": (
        b"reference,uniqodo_user_id,koupon_consumer\nc1,NULL,k1\nc2,null,k2\nc3,None,k3\n"
        b"c4,N/A,\nc5,nan,\n",
        [],
        [
            (line, f"uniqodo_user_id: {word} stands for no value: leave the cell empty")
            for line, word in enumerate(["NULL", "null", "None", "N/A", "nan"], start=2)
        ],
    ),
    "numbers in scientific notation": (
        b"reference,uniqodo_user_id\n1.23457E+11,4.00123E+15\n",
        [],
        [
            (
                2,
                "reference: is in scientific notation: a spreadsheet has rounded the number;"
                " uniqodo_user_id: is in scientific notation: a spreadsheet has rounded the number",
            )
        ],
    ),
    "a line that names the delimiter": (
        b"sep=;\r\nreference;uniqodo_user_id;koupon_consumer\r\nc1;ada@x.example;k1\r\n",
        ["c1"],
        [],
    ),
    "a delimiter at the end of each line": (
        b"reference,uniqodo_user_id,\nc1,a@x.example,\n",
        ["c1"],
        [],
    ),
    "characters without a width": (
        "reference,uniqodo_user_id\n\u200bc1,ada@x.example\u200b\nc1,\ufeffada@x.example\n".encode(),
        [],
        [
            (
                2,
                "reference: has an invisible character;"
                " uniqodo_user_id: has an invisible character",
            ),
            (3, "uniqodo_user_id: has an invisible character"),
        ],
    ),
}
REFUSED = {
    "UTF-16": ("reference,uniqodo_user_id\nc1,ada@x.example\n".encode("utf-16"), "is UTF-16"),
    "a carriage return alone": (
        b"reference,uniqodo_user_id,koupon_consumer\rc1,ada@x.example,k1\r",
        "its lines end with a carriage return alone",
    ),
}


def customers(content: bytes) -> Customers:
    return Customers(file=io.BytesIO(content), form=Format.CSV, program=BOTH)


@pytest.mark.parametrize("name", READ)
def test_each_line_is_read_or_named_with_its_fault(name: str) -> None:
    content, references, faults = READ[name]

    checks = customers(content).check()

    assert [one.reference for one in customers(content).good()] == references
    assert [(fault.line, fault.text) for fault in checks.faults] == faults
    assert (checks.good, checks.bad) == (len(references), len(faults))


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_lines_that_can_be_read_is_refused_with_what_to_do(name: str) -> None:
    content, said = REFUSED[name]

    with pytest.raises(HeaderInvalid, match=said):
        customers(content).check()
