"""The effect of a POST at the simulated Coniq, and its answer, for each fault."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer
from couponbus_sandbox.simulator.references import ReferenceChange
from tests.simulation.coniq import BarcodeSpec, Coniq, Shop, Sold
from tests.simulation.false_answers import SHOWN, shown_as
from tests.simulation.vocabulary import OWN_ERRORS, POST_WORDS, SUCCESS, SUCCESSES, Effect, Word
from tests.simulation.world import BEGIN, World

SERVER_ERRORS = (500, 502, 503, 504)
WAITS = ("1", "7", "45", "garbage")
LATEST = 0.9  # of the settling time: no promise covers later effects
SAYS_WHEN = 0.7
POISONED = b'{"code": 422, "message": "Validation Failed", "errors": [{"message": "invalid item"}]}'
STATUSES = ("429", "500", "503")

type Said = HttpAnswer | Failure | None
type Item = dict[str, object]

ANSWER_LOST = (
    "timeout, applied",
    "reset, applied",
    "applied, 5xx",
    "4xx after a part",
    "unreadable",
)


def answer(status: int, body: bytes = b"", *, headers: dict[str, str] | None = None) -> HttpAnswer:
    return HttpAnswer(status=status, headers=headers or {}, body=body)


NOTHING_DONE: Mapping[str, Said] = {
    "redirect": answer(302),
    "timeout, lost": None,
    "reset, lost": Failure.CONNECTION_LOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A POST as it arrived: its items, seconds left to answer, the form of stored references."""

    account: str
    specs: Sequence[BarcodeSpec]
    single: bool
    left: float
    bend: ReferenceChange | None = None


class Answers:
    """Creates the requested barcodes, unless a fault or the customer prevents it."""

    def __init__(self, world: World, coniq: Coniq, *, settle: float) -> None:
        self._world = world
        self._coniq = coniq
        self._settle = settle

    def to(self, order: Order, fault: str | None) -> Said:
        """Return the answer; None means that no answer came within the seconds that are left."""
        if fault is not None and fault in STATUSES:
            return self._refusal(int(fault))
        if fault is not None and fault in NOTHING_DONE:
            return NOTHING_DONE[fault]
        shop = self._coniq.shops[order.account]
        if fault is not None and fault in POST_WORDS:
            return self._worded(POST_WORDS[fault], order, shop)
        return self._done(order, shop, fault)

    def _done(self, order: Order, shop: Shop, fault: str | None) -> Said:
        if _is_poisoned(order, shop):
            self._coniq.refuse(order.specs)
            return answer(422, POISONED)
        wanted = _wanted(order, shop)
        if fault in ("timeout, late", "late, 5xx"):
            return self._later(wanted, fault, order)
        made, busy = self._made(wanted, fault, order)
        if fault in ANSWER_LOST:
            return self._lost(fault)
        errors = [_error(spec, 503) for spec in busy] + _blocked(order, shop)
        return self._answered(shop, made, errors, fault, single=order.single)

    def _worded(self, word: Word, order: Order, shop: Shop) -> Said:
        """Apply the effect of this generated answer, and return it."""
        if word.refuses:
            self._coniq.refuse(order.specs)
        if word.is_any_item and len(order.specs) == 1:
            self._coniq.answer_log.doubtful.add(order.specs[0].subject)
        made = [self._coniq.make(spec, order.bend) for spec in self._chosen(word, order, shop)]
        headers: dict[str, str] = {}
        if word.status in (429, 503):
            headers["Retry-After"] = self._world.weather.choice(WAITS)
        if word.form is not SUCCESS:
            return answer(word.status, word.body(b""), headers=headers)
        answered = self._answered(shop, made, _blocked(order, shop), None, single=order.single)
        if not isinstance(answered, HttpAnswer) or answered.status not in SUCCESSES:
            return answered
        return answer(word.status, answered.body, headers=headers)

    def _chosen(self, word: Word, order: Order, shop: Shop) -> Sequence[BarcodeSpec]:
        honest = shop.honest_items and word.form in OWN_ERRORS and word.status in SUCCESSES
        if word.effect is Effect.NOTHING or honest or _is_poisoned(order, shop):
            return ()
        wanted = _wanted(order, shop)
        if word.effect is Effect.ALL:
            return wanted
        return wanted[: self._world.weather.randint(0, len(wanted))]

    def _answered(
        self,
        shop: Shop,
        made: Sequence[Sold],
        errors: Sequence[Item],
        fault: str | None,
        *,
        single: bool,
    ) -> Said:
        items = [*(described(one, shop) for one in made), *errors]
        if single and len(items) == 1 and "code" in items[0]:
            return answer(int(str(items[0]["code"])), json.dumps(items[0]).encode())
        bend = SHOWN.get(fault or "")
        if bend is not None:
            items = [*shown_as(items[: len(made)], bend), *errors]
        for one in made:
            self._coniq.answer_log.make(one.subject, at=self._world.now)
        return answer(201, json.dumps(self._bent(items, made, shop, fault)).encode())

    def _refusal(self, status: int) -> Said:
        chance = self._world.weather
        headers = {"Retry-After": chance.choice(WAITS)} if chance.random() < SAYS_WHEN else {}
        return answer(status, headers=headers)

    def _later(self, specs: Sequence[BarcodeSpec], fault: str, order: Order) -> Said:
        chance = self._world.weather
        late = chance.random() * LATEST * self._settle
        if fault == "timeout, late":
            self._coniq.make_later(specs, order.left + late, order.bend)
            return None
        self._coniq.make_later(specs, late, order.bend)
        return answer(chance.choice(SERVER_ERRORS))

    def _made(
        self, specs: Sequence[BarcodeSpec], fault: str | None, order: Order
    ) -> tuple[list[Sold], list[BarcodeSpec]]:
        """Return the barcodes made, and the items that must be repeated later."""
        chance = self._world.weather
        wanted, busy = list(specs), list[BarcodeSpec]()
        if fault in ("prefix created", "applied, 5xx", "4xx after a part"):
            # A refusal of a single item is Coniq's last word on it, unless the barcode was made.
            alone = len(order.specs) == 1
            least = len(wanted) if fault == "4xx after a part" and alone else 0
            wanted = wanted[: chance.randint(least, len(wanted))]
        if fault == "item busy" and wanted:
            busy.append(wanted.pop(chance.randrange(len(wanted))))
        return [self._coniq.make(spec, order.bend) for spec in wanted], busy

    def _lost(self, fault: str) -> Said:
        chance = self._world.weather
        match fault:
            case "reset, applied":
                return Failure.CONNECTION_LOST
            case "applied, 5xx":
                return answer(chance.choice(SERVER_ERRORS))
            case "4xx after a part":
                return answer(chance.choice((400, 413, 422)))
            case "unreadable":
                return answer(201, b'[{"barcode_number": "24')
        return None

    def _bent(
        self, items: list[Item], made: Sequence[Sold], shop: Shop, fault: str | None
    ) -> list[Item]:
        chance = self._world.weather
        if not made:
            return items
        victim = chance.randrange(len(made))
        match fault:
            case "items unanswered":
                return chance.sample(items, chance.randrange(len(items)))
            case "items reordered":
                return items[::-1]
            case "item repeated":
                return [*items, items[victim]]
            case "foreign item":
                foreign = {"customer_id": 1, "offer_id": 1, "tracking_code": "FOREIGN"}
                return [{**items[0], "barcode_number": "9", **foreign}, *items]
            case "contradicted item":
                items[victim] = {**items[victim], "customer_id": 1}
            case "item error though created" if not shop.honest_items:
                sold = made[victim]
                items[victim] = _error(sold, 422)
        return items


def described(sold: Sold, shop: Shop) -> Item:
    """Return a barcode in the form in which Coniq shows it."""
    shown: Item = {
        "barcode_number": sold.number,
        "offer_id": sold.offer_id,
        "customer_id": sold.customer_id,
        "channel": sold.channel,
        "image_url": f"https://images.example/{sold.number}.png",
        "active": True,
        "expiry_date": "2027-12-31",
        "created_datetime_utc": (BEGIN + timedelta(seconds=sold.at)).isoformat(),
    }
    if sold.kept is not None and shop.shows_tracking_codes:
        shown["tracking_code"] = sold.kept
    return shown


def _is_poisoned(order: Order, shop: Shop) -> bool:
    return any(spec.customer_id in shop.poison for spec in order.specs)


def _wanted(order: Order, shop: Shop) -> list[BarcodeSpec]:
    return [spec for spec in order.specs if spec.customer_id not in shop.blocked]


def _blocked(order: Order, shop: Shop) -> list[Item]:
    return [_error(spec, 422) for spec in order.specs if spec.customer_id in shop.blocked]


def _error(spec: BarcodeSpec | Sold, code: int) -> Item:
    return {
        "code": code,
        "message": "not possible",
        "customer_id": spec.customer_id,
        "offer_id": spec.offer_id,
        "tracking_code": spec.tracking_code,
    }
