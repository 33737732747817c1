"""What a POST does at the simulated Coniq and what it says, fault by fault."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

from couponbus.providers.failure import Failure
from couponbus.providers.http import HttpAnswer
from tests.simulation.coniq import Coniq, Shop, Sold, Wish
from tests.simulation.world import BEGIN, World

SERVER_ERRORS = (500, 502, 503, 504)
WAITS = ("1", "7", "45", "garbage")
LATEST = 0.9  # of the settling time: what comes later is beyond what anybody promises
SAYS_WHEN = 0.7
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


class Answers:
    """Makes what is wished for, unless a fault or the customer is against it."""

    def __init__(self, world: World, coniq: Coniq, *, settle: float) -> None:
        self._world = world
        self._coniq = coniq
        self._settle = settle

    def to(
        self, account: str, wishes: Sequence[Wish], fault: str | None, *, single: bool, left: float
    ) -> Said:
        """Return the answer; None stands for none within the `left` seconds."""
        if fault is not None and fault in STATUSES:
            return self._refusal(int(fault))
        if fault is not None and fault in NOTHING_DONE:
            return NOTHING_DONE[fault]
        shop = self._coniq.shops[account]
        if any(wish.customer_id in shop.poison for wish in wishes):
            return answer(422, b'{"message": "invalid item"}')
        wanted = [wish for wish in wishes if wish.customer_id not in shop.blocked]
        if fault in ("timeout, late", "late, 5xx"):
            return self._later(wanted, fault, left=left)
        made, busy = self._made(wanted, fault, alone=len(wishes) == 1)
        if fault in ANSWER_LOST:
            return self._lost(fault)
        errors = [_error(wish, 503) for wish in busy]
        errors += [_error(wish, 422) for wish in wishes if wish.customer_id in shop.blocked]
        return self._told(shop, made, errors, fault, single=single)

    def _told(
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
        return answer(201, json.dumps(self._bent(items, made, shop, fault)).encode())

    def _refusal(self, status: int) -> Said:
        chance = self._world.weather
        headers = {"Retry-After": chance.choice(WAITS)} if chance.random() < SAYS_WHEN else {}
        return answer(status, headers=headers)

    def _later(self, wishes: Sequence[Wish], fault: str, *, left: float) -> Said:
        chance = self._world.weather
        late = chance.random() * LATEST * self._settle
        if fault == "timeout, late":
            self._coniq.make_later(wishes, left + late)
            return None
        self._coniq.make_later(wishes, late)
        return answer(chance.choice(SERVER_ERRORS))

    def _made(
        self, wishes: Sequence[Wish], fault: str | None, *, alone: bool
    ) -> tuple[list[Sold], list[Wish]]:
        """Return what was made, and the wishes that must be repeated later."""
        chance = self._world.weather
        wanted, busy = list(wishes), list[Wish]()
        if fault in ("prefix created", "applied, 5xx", "4xx after a part"):
            # A refusal of a single item is Coniq's last word on it, unless it made it all the same.
            least = len(wanted) if fault == "4xx after a part" and alone else 0
            wanted = wanted[: chance.randint(least, len(wanted))]
        if fault == "item busy" and wanted:
            busy.append(wanted.pop(chance.randrange(len(wanted))))
        return [self._coniq.make(wish) for wish in wanted], busy

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
    """Return a barcode as Coniq shows it."""
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
    if sold.tracking_code is not None and shop.shows_tracking_codes:
        shown["tracking_code"] = sold.tracking_code
    return shown


def _error(wish: Wish | Sold, code: int) -> Item:
    return {
        "code": code,
        "message": "not possible",
        "customer_id": wish.customer_id,
        "offer_id": wish.offer_id,
        "tracking_code": wish.tracking_code,
    }
