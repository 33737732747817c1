"""What the schema of a sign-up admits, drawn from the schema itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from couponbus.domain.email_address import email_key
from couponbus.events.sign_up import CustomerSignedUp

type Schema = Mapping[str, object]
type SignUp = Mapping[str, object]

SCHEMA = CustomerSignedUp.model_json_schema(mode="validation")
ENDS = (datetime(1, 1, 1), datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999))
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.builds(
    lambda moment, zone: moment.replace(tzinfo=zone).isoformat(),
    st.sampled_from(ENDS) | st.datetimes() | st.datetimes(max_value=datetime(2026, 6, 1)),
    ZONES | st.just(UTC),
)
ODD_CHARACTERS = st.sampled_from("\u200b\u202e\u2066\ufeff\u00a0 #%/\ue000\U0001f600\ufffe")

ANYTHING: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.from_regex(r"00-[0-9a-f]{32}-1{16}-01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


def values_of(schema: Schema) -> st.SearchStrategy[object]:
    """Return whatever this part of the schema admits."""
    if isinstance(reference := schema.get("$ref"), str):
        definitions = cast("Mapping[str, Schema]", SCHEMA["$defs"])
        return values_of(definitions[reference.rpartition("/")[2]])
    if isinstance(several := schema.get("anyOf"), list):
        return st.one_of(*map(values_of, several))
    return BY_TYPE[cast("str", schema["type"])](schema) if "type" in schema else ANYTHING


def _lists(schema: Schema) -> st.SearchStrategy[object]:
    return st.lists(values_of(cast("Schema", schema["items"])), max_size=4)


def _integers(schema: Schema) -> st.SearchStrategy[object]:
    low = cast("int", schema.get("exclusiveMinimum", -(10**40)))
    high = cast("int", schema.get("exclusiveMaximum", 10**40))
    return st.integers(low + 1, high - 1) | st.sampled_from((low + 1, high - 1))


def _texts(schema: Schema) -> st.SearchStrategy[object]:
    match schema.get("format"):
        case "date-time":
            return MOMENTS
        case "date":
            return st.dates().map(str)
    least, most = cast("int", schema.get("minLength", 0)), cast("int", schema["maxLength"])
    pattern = cast("str", schema["pattern"])
    short = st.from_regex(pattern, fullmatch=True)
    odd = st.text(ODD_CHARACTERS, min_size=1, max_size=4) if "@" not in pattern else short
    return st.one_of(short, odd).filter(lambda text: least <= len(text) <= most)


def _objects(schema: Schema) -> st.SearchStrategy[object]:
    properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
    if not properties:
        names = values_of(cast("Schema", schema.get("propertyNames", {"$ref": "#/$defs/Name"})))
        inner = values_of(cast("Schema", schema["additionalProperties"]))
        return st.dictionaries(names, inner, max_size=4)
    required = cast("Sequence[str]", schema.get("required", ()))
    parts = {name: values_of(part) for name, part in properties.items()}
    return st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional={name: part for name, part in parts.items() if name not in required},
    )


BY_TYPE: Mapping[str, Callable[[Schema], st.SearchStrategy[object]]] = {
    "object": _objects,
    "array": _lists,
    "string": _texts,
    "integer": _integers,
    "number": lambda _: st.floats(allow_nan=False, allow_infinity=False),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}


def drawn(count: int) -> Sequence[SignUp]:
    """Return so many sign-ups that the schema admits, each with an id and a customer of its own."""
    found: list[SignUp] = []
    customers: set[object] = {None, 2**63 - 1}

    @seed(12)
    @settings(
        max_examples=10 * count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(detail=values_of(SCHEMA))
    def draw(detail: object) -> None:
        sign_up = cast("SignUp", detail)
        customer = cast("Mapping[str, str | None]", sign_up["customer"])
        own = {customer.get("coniq_customer_id"), email_key(customer.get("email") or "")} - {
            None,
            "",
        }
        if not own & customers:
            customers.update(own)
            signup_id = f"{str(sign_up['signup_id'])[:100]}-{len(found)}"
            found.append({**sign_up, "signup_id": signup_id})

    draw()
    assert len(found) >= count
    return found[-count:]
