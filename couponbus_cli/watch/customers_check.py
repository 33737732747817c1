"""Check the customers of a file; a fault never repeats the value."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from pydantic import ValidationError

from couponbus.domain.issuing.program import Program
from couponbus.domain.provider import Provider
from couponbus.events.commands import WatchedCustomer
from couponbus_cli.watch.customers_file import Format, Record, records

NAMED_MAX = 100
NAMES: Mapping[Provider, str] = {
    Provider.UNIQODO: "uniqodo_user_id",
    Provider.KOUPON: "koupon_consumer",
}
TEXT = "needs 1 to 128 printable characters"
WRONG: Mapping[str, str] = {
    "reference": TEXT,
    "coniq_customer_id": "needs a whole number greater than 0",
    "koupon_consumer": TEXT,
    "uniqodo_user_id": TEXT,
    "email": "needs an address such as name@shop.example",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFault:
    """The fault of a line."""

    line: int
    text: str


@dataclass(slots=True)
class Checked:
    """How many lines are good, how many are not, and the first of these.

    `named` counts the good ones that a provider knows by name.
    """

    good: int = 0
    bad: int = 0
    faults: list[LineFault] = field(default_factory=list)
    named: Counter[Provider] = field(default_factory=Counter)

    def note(self, fault: LineFault) -> None:
        """Count a bad line, and keep the first `NAMED_MAX` faults."""
        self.bad += 1
        if len(self.faults) < NAMED_MAX:
            self.faults.append(fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """A file that can be read twice: once to check it, and once to send what is good."""

    file: BinaryIO
    form: Format
    program: Program

    def check(self) -> Checked:
        """Read it to its end. Raises HeaderInvalid."""
        checks = Checked()
        for _ in self._checked(checks):
            pass
        return checks

    def good(self) -> Iterator[WatchedCustomer]:
        """Yield the customers of the good lines. Raises HeaderInvalid."""
        return self._checked(Checked())

    def _checked(self, checks: Checked) -> Iterator[WatchedCustomer]:
        self.file.seek(0)
        return checked(records(self.file, self.form), program=self.program, checks=checks)


def checked(
    found: Iterable[Record], *, program: Program, checks: Checked
) -> Iterator[WatchedCustomer]:
    """Yield the customers that a program can watch, each reference once; note the others.

    It remembers only hashes of the references: less than a hundred bytes each.
    """
    providers = {rule.provider for rule in program.watches}
    names = [NAMES[provider] for provider in Provider if provider in providers]
    seen: set[int] = set()
    for record in found:
        customer = _customer(record, names)
        if isinstance(customer, str):
            checks.note(LineFault(line=record.line, text=customer))
            continue
        known = hash(customer.reference)
        if known in seen:
            text = "reference: is also in an earlier line"
            checks.note(LineFault(line=record.line, text=text))
            continue
        seen.add(known)
        checks.good += 1
        checks.named.update(one for one in providers if getattr(customer, NAMES[one]))
        yield customer


def _customer(record: Record, names: Sequence[str]) -> WatchedCustomer | str:
    """Return the customer, or the fault."""
    if record.fields is None:
        return record.fault
    try:
        customer = WatchedCustomer.model_validate(record.fields)
    except ValidationError as invalid:
        return "; ".join(dict.fromkeys(_fault_text(error["loc"]) for error in invalid.errors()))
    if not any(getattr(customer, name) for name in names):
        return f"has no name that the program's providers know: give {' or '.join(names)}"
    return customer


def _fault_text(place: tuple[int | str, ...]) -> str:
    """Never repeat the name of an unknown field: it may be a customer's data."""
    name = str(place[0]) if place else ""
    return f"{name}: {WRONG[name]}" if name in WRONG else "has an unknown field"
