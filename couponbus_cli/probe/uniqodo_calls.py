"""Calls to Uniqodo, with their raw answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from couponbus.providers.uniqodo.account import Prefix, UniqodoAccount
from couponbus.providers.uniqodo.address import address_of
from couponbus.providers.uniqodo.gets import HEADERS
from couponbus_cli.probe.caller import Caller, Reply

WRONG_KEY = "couponbus-probe-not-a-key"
NO_PROMOTION = "0" * 32
UNKNOWN_USER = "couponbus-probe@unknown.invalid"

type Object = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoHistory:
    """An answer with access to its parts, for both forms of body."""

    reply: Reply

    @property
    def is_answer(self) -> bool:
        """Whether it is about a user: it has data, with any status."""
        return bool(self.data)

    @property
    def data(self) -> Object:
        """The object `data`, empty if there is none."""
        return _object(self.reply.fields.get("data"))

    @property
    def container(self) -> Object:
        """The object that holds the records."""
        inner = self.data.get("redemption")
        return _object(inner) if inner is not None else self.data

    @property
    def records(self) -> Sequence[Object]:
        """The redemptions."""
        return _objects(self.container.get("records"))

    @property
    def offer(self) -> Object:
        """The offer, empty if there is none."""
        return _object(self.data.get("offer"))

    @property
    def errors(self) -> Sequence[Object]:
        """The errors beside the data."""
        return _objects(self.reply.fields.get("errors"))

    @property
    def codes(self) -> list[object]:
        """The codes of the errors."""
        return [error.get("code") for error in self.errors]


@dataclass(slots=True, kw_only=True)
class UniqodoCalls:
    """Queries one promotion, and keeps every answer."""

    caller: Caller
    base_url: str
    api_key: str = field(repr=False)
    promotion: str
    prefix: Prefix = Prefix.PUBLISHER
    replies: list[Reply] = field(default_factory=list)

    def history(self, user_id: str) -> UniqodoHistory:
        """Return the offer and the redemptions of a user."""
        return self._query(user_id, key=self.api_key, promotion=self.promotion)

    def with_wrong_key(self, user_id: str) -> UniqodoHistory:
        """Return the answer to an unknown API key."""
        return self._query(user_id, key=WRONG_KEY, promotion=self.promotion)

    def of_no_promotion(self, user_id: str) -> UniqodoHistory:
        """Return the answer about a promotion that does not exist."""
        return self._query(user_id, key=self.api_key, promotion=NO_PROMOTION)

    def elsewhere(self, user_id: str) -> UniqodoHistory:
        """Return the answer under the other prefix."""
        return replace(self, prefix=other(self.prefix)).history(user_id)

    def _query(self, user_id: str, *, key: str, promotion: str) -> UniqodoHistory:
        account = UniqodoAccount(name="", secret_id="", base_url=self.base_url, prefix=self.prefix)
        url = address_of(account, key=key, promotion=promotion, user_id=user_id)
        reply = self.caller.get(lambda: url, headers=HEADERS)
        self.replies.append(reply)
        return UniqodoHistory(reply=reply)


def other(prefix: Prefix) -> Prefix:
    """Return the other prefix."""
    return next(each for each in Prefix if each is not prefix)


def _object(value: object) -> Object:
    return cast("Object", value) if isinstance(value, dict) else {}


def _objects(value: object) -> Sequence[Object]:
    items = value if isinstance(value, list) else []
    return [cast("Object", item) for item in items if isinstance(item, dict)]
