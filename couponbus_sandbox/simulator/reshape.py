"""Answers whose items do not agree with what was done."""

from collections.abc import Callable

from couponbus_sandbox.simulator.faults import ArmedRule, FaultKind

LIST_KEYS = ("barcodes", "data", "successes", "Offers", "records")
HOLDERS = ("data", "redemption")
FOREIGN_NUMBER = 2499_9999_9999_0000

type Items = list[object]
type Reshaper = Callable[[Items, ArmedRule], Items]


def reshape(body: object, reshaper: Reshaper, *, armed: ArmedRule) -> object:
    """Return the body with its list of results reshaped; one without a list stays as it is."""
    if isinstance(body, list):
        return reshaper(body, armed)
    if not isinstance(body, dict):
        return body
    return {key: _reshaped(key, value, reshaper, armed=armed) for key, value in body.items()}


def _reshaped(key: str, value: object, reshaper: Reshaper, *, armed: ArmedRule) -> object:
    if key in LIST_KEYS and isinstance(value, list):
        return reshaper(value, armed)
    if key in HOLDERS and isinstance(value, dict):
        return reshape(value, reshaper, armed=armed)
    return value


def _short(items: Items, armed: ArmedRule) -> Items:
    return items[: max(0, len(items) - armed.rule.items)]


def _reordered(items: Items, armed: ArmedRule) -> Items:
    order = list(range(len(items)))
    armed.shuffler().shuffle(order)
    if order == sorted(order):
        order.reverse()
    return [items[place] for place in order]


def _duplicated(items: Items, armed: ArmedRule) -> Items:
    return items + items[: armed.rule.items]


def _foreign(items: Items, armed: ArmedRule) -> Items:
    pattern = items[0] if items and isinstance(items[0], dict) else {}
    strangers: Items = [_stranger(pattern, number=number) for number in range(armed.rule.items)]
    return strangers + items


def _stranger(pattern: dict[str, object], *, number: int) -> dict[str, object]:
    if "redeemed_at" in pattern:
        return {**pattern, "id": 999_999_999 - number, "code": f"FOREIGN{number}"}
    barcode_number = str(FOREIGN_NUMBER + number)
    return {
        **pattern,
        "barcode_number": barcode_number,
        "customer_id": 999_999_999 - number,
        "tracking_code": f"foreign-{number}",
        "image_url": f"https://images.coniq.invalid/{barcode_number}.png",
    }


RESHAPERS: dict[FaultKind, Reshaper] = {
    FaultKind.SHORT: _short,
    FaultKind.REORDERED: _reordered,
    FaultKind.DUPLICATED: _duplicated,
    FaultKind.FOREIGN: _foreign,
}
