"""Single fields of Uniqodo's responses in every known form; any other form is noted as a doubt."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, DecimalException
from zoneinfo import ZoneInfo

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.redemption import CustomParams, StatedTime
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.uniqodo.dates import Edge, stated_time

DOUBTS_MAX = 100
MORE = "more"  # no path of a field, so that the answer as a whole is in doubt
TEXT_MAX = 10_000
COUNT_MAX = 2**63 - 1
MONEY_END = Decimal(10) ** 15
MONEY_EXPONENT = -30
_DIGITS = re.compile(r"[0-9]{1,19}")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")


class Doubts:
    """The paths of fields in no known form, each once; of too many the last is MORE."""

    def __init__(self) -> None:
        """Begin without paths."""
        self.paths: list[str] = []
        self.of_records: list[frozenset[str]] = []

    def note(self, path: str) -> None:
        """Add a path."""
        name = path if len(self.paths) < DOUBTS_MAX - 1 else MORE
        if name not in self.paths:
            self.paths.append(name)

    def note_record(self, path: str, names: Sequence[str]) -> None:
        """Add the doubts about the fields of the next record, all of them for itself."""
        self.of_records.append(frozenset(names))
        for name in names:
            self.note(f"{path}.{name}")


class Fields:
    """The fields of one object. Absent and null both read as None, which is no doubt."""

    def __init__(self, values: Mapping[str, object], *, path: str, doubts: Doubts) -> None:
        """`path` is the object's place in the response."""
        self._values = values
        self._path = path
        self._doubts = doubts

    def has(self, key: str) -> bool:
        """Whether there is such a field, also if it is null."""
        return key in self._values

    def raw(self, key: str) -> object:
        """Return the value as it arrived."""
        return self._values.get(key)

    def path_of(self, key: str) -> str:
        """Return a field's path in the response."""
        return f"{self._path}.{key}" if self._path else key

    def doubt(self, key: str) -> None:
        """Note that this field has an unknown form."""
        self._doubts.note(self.path_of(key))

    def text(self, key: str) -> str | None:
        """Return a text, None for an empty one."""
        value = self.raw(key)
        if value is None or (isinstance(value, str) and len(value) <= TEXT_MAX):
            return value or None
        self.doubt(key)
        return None

    def name(self, key: str) -> str | None:
        """Return a text or a whole number as text: each shop has its own form of order id."""
        value = self.raw(key)
        if type(value) is int and 0 <= value <= COUNT_MAX:
            return str(value)
        return self.text(key)

    def number(self, key: str) -> int | None:
        """Return a whole number of at least 0, also from a text of digits."""
        value = self.raw(key)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if value is None or (type(value) is int and 0 <= value <= COUNT_MAX):
            return value
        self.doubt(key)
        return None

    def money(self, key: str) -> Decimal | None:
        """Return an amount without loss of precision."""
        value = self.raw(key)
        if isinstance(value, str) and _AMOUNT.fullmatch(value):
            value = Decimal(value)
        if type(value) is int:
            # Not via text: a number of thousands of digits must not be converted.
            value = Decimal(value) if abs(value) < MONEY_END else False
        if value is None:
            return None
        if isinstance(value, Decimal) and _is_amount(value):
            return value
        self.doubt(key)
        return None

    def time(self, key: str, *, zone: ZoneInfo, edge: Edge) -> StatedTime | None:
        """Return a time; one in an unknown form keeps its text."""
        text = self.text(key)
        if text is None:
            return None
        stated = stated_time(text, zone=zone, edge=edge)
        if stated.at is None:
            self.doubt(key)
        return stated

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        value = self.raw(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.doubt(key)
        return ()

    def params(self, key: str) -> CustomParams | None:
        """Return the JSON object in a text; an invalid text is kept and noted as a doubt."""
        value = self.raw(key)
        if value is None or value == "":
            return None
        if isinstance(value, str) and len(value) <= TEXT_MAX:
            read = CustomParams(raw=value, values=_object_in(value))
        elif isinstance(value, dict):
            read = CustomParams(raw=json.dumps(value, default=str), values=value)
        else:
            self.doubt(key)
            return None
        if read.is_broken:
            self.doubt(key)
        return read

    def inner(self, key: str) -> "Fields | None":
        """Return the fields of an object inside this one."""
        value = self.raw(key)
        if isinstance(value, dict):
            return Fields(value, path=self.path_of(key), doubts=self._doubts)
        if value is not None:
            self.doubt(key)
        return None


def amount(text: str) -> Decimal:
    """Return a JSON number with a fraction or an exponent. Raises ValueError."""
    try:
        return Decimal(text)
    except DecimalException:
        raise ValueError from None


def _is_amount(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= MONEY_EXPONENT and abs(value) < MONEY_END


def _object_in(text: str) -> Mapping[str, object] | None:
    try:
        value = strict_answer(text.encode(), read_fraction=amount)
    except (InputRejected, UnicodeEncodeError):
        return None
    return value if isinstance(value, dict) else None
