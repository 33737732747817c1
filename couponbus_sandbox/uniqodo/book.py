"""The state of the simulated Uniqodo: promotions, codes and redemptions."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from couponbus_sandbox.uniqodo.promotions import Promotion
from couponbus_sandbox.uniqodo.settings import UniqodoSettings

LONDON = ZoneInfo("Europe/London")
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
FIRST_REDEMPTION = 2_000_001

type Record = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An issued code, with or without a user; dates as Uniqodo writes them."""

    code: str
    promotion_id: str
    user_id: str | None
    distributor_id: int
    issued_at: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """A redemption as a query shows it, and its owner, even if the record was changed."""

    promotion_id: str
    user_id: str | None
    code: str
    record: Record


class Book:
    """The state; codes depend only on the seed and the user, not on the order of calls."""

    def __init__(self, *, settings: UniqodoSettings) -> None:
        self._seed = settings.seed
        self.promotions = {each.promotion_id: each for each in settings.promotions}
        self.issued: dict[str, int] = defaultdict(int)
        self.codes: dict[str, Code] = {}
        self.redemptions: dict[int, Redeemed] = {}
        self._codes_of: defaultdict[tuple[str, str], list[Code]] = defaultdict(list)
        self._of_user: defaultdict[tuple[str, str | None], dict[int, Record]] = defaultdict(dict)
        self._uses: defaultdict[str, int] = defaultdict(int)
        self._next_id = FIRST_REDEMPTION
        for history in settings.histories:
            code = Code(
                code=history.code,
                promotion_id=history.promotion_id,
                user_id=history.user_id,
                distributor_id=settings.accounts[0].distributor_id,
                issued_at=history.issued_at,
                expires_at=history.expires_at,
            )
            self._keep(code)
            for changes in history.records:
                self.redeem(code, user_id=history.user_id, changes=dict(changes))

    def promotion(self, promotion_id: str) -> Promotion:
        """Return a promotion; raises KeyError."""
        if promotion_id not in self.promotions:
            raise KeyError(f"promotion {promotion_id}")
        return self.promotions[promotion_id]

    def of_offer(self, offer_id: str) -> Promotion | None:
        """Return the promotion with this offer."""
        found = (each for each in self.promotions.values() if str(each.offer_id) == offer_id)
        return next(found, None)

    def remaining(self, promotion: Promotion) -> int | None:
        """Return how many codes are left, None when they are unlimited."""
        if promotion.code_remaining is None:
            return None
        return max(0, promotion.code_remaining - self.issued[promotion.promotion_id])

    def codes_of(self, promotion_id: str, user_id: str) -> list[Code]:
        """Return the codes of a user, oldest first."""
        return self._codes_of.get((promotion_id, user_id), [])

    def redeemed_by(self, promotion_id: str, user_id: str) -> list[Record]:
        """Return the redemptions of a user in a promotion, in order of arrival."""
        return list(self._of_user.get((promotion_id, user_id), {}).values())

    def uses(self, code: str) -> int:
        """Return how often a code was redeemed."""
        return self._uses.get(code, 0)

    def issue(
        self,
        promotion: Promotion,
        *,
        user_id: str | None,
        distributor_id: int,
        now: datetime,
        named: str | None = None,
    ) -> Code:
        """Issue a code, with this text if one is given; raises ValueError when it is taken."""
        if named in self.codes:
            raise ValueError(f"code: {named} exists")
        days = promotion.code_validity_days
        expires = None if days is None else now + timedelta(days=days)
        code = Code(
            code=named or self._free_code(promotion, user_id=user_id),
            promotion_id=promotion.promotion_id,
            user_id=user_id,
            distributor_id=distributor_id,
            issued_at=london_time(now),
            expires_at="" if expires is None else london_time(expires),
        )
        self.issued[promotion.promotion_id] += 1
        self._keep(code)
        return code

    def redeem(self, code: Code, *, user_id: str | None, changes: Record) -> Redeemed:
        """Add a redemption of a code with these fields; raises ValueError for a taken id."""
        promotion = self.promotion(code.promotion_id)
        record: Record = {
            "id": self._next_id,
            "offer_id": promotion.offer_id,
            "merchant_id": promotion.merchant_id,
            "distributor_id": code.distributor_id,
            "code": code.code,
            "order_id": f"order-{changes.get('id', self._next_id)}",
            "order_value": 0,
            "discount_value": 0,
            "currency": "GBP",
            "custom_params": None,
            "redeemed_at": None,
            "tags": list(promotion.tags),
            **changes,
        }
        number = record["id"]
        if type(number) is not int or number in self.redemptions:
            raise ValueError("id: it must be a number that no redemption has yet")
        done = Redeemed(
            promotion_id=code.promotion_id, user_id=user_id, code=code.code, record=record
        )
        self.redemptions[number] = done
        self._of_user[code.promotion_id, user_id][number] = record
        self._uses[code.code] += 1
        self._next_id = max(self._next_id, number + 1)
        return done

    def redemption(self, number: int) -> Redeemed:
        """Return a redemption; raises KeyError."""
        if number not in self.redemptions:
            raise KeyError(f"redemption {number}")
        return self.redemptions[number]

    def remove(self, number: int) -> None:
        """Remove a redemption: its code can be used again; raises KeyError."""
        gone = self.redemption(number)
        del self.redemptions[number]
        del self._of_user[gone.promotion_id, gone.user_id][number]
        self._uses[gone.code] -= 1

    def _keep(self, code: Code) -> None:
        self.codes[code.code] = code
        if code.user_id is not None:
            self._codes_of[code.promotion_id, code.user_id].append(code)

    def _free_code(self, promotion: Promotion, *, user_id: str | None) -> str:
        nth = 0
        while True:
            text = f"{self._seed}/{promotion.promotion_id}/{user_id}/{nth}"
            digest = hashlib.sha256(text.encode()).digest()[:CODE_LENGTH]
            code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)
            if code not in self.codes:
                return code
            nth += 1


def london_time(moment: datetime) -> str:
    """Return a moment as the offer block writes it: day first, London's clock, no zone."""
    return moment.astimezone(LONDON).strftime("%d-%m-%Y %H:%M:%S")


def redeemed_time(moment: datetime) -> str:
    """Return a moment as a record writes it: ISO, London's offset without a colon."""
    return moment.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S%z")
