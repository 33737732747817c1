"""The simulated Uniqodo without its socket: calls in, answers out."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.exchange import Answer, Call
from couponbus_sandbox.simulator.provider_api import ProviderApi
from couponbus_sandbox.uniqodo.book import Book, Record, Redeemed
from couponbus_sandbox.uniqodo.query import query
from couponbus_sandbox.uniqodo.settings import UniqodoKey, UniqodoSettings
from couponbus_sandbox.uniqodo.shop import Shop, failure

PREFIXES = ("publisher", "distributor")
UNKNOWN_ROUTE = "unknown"
QUERY_ROUTE = "GET /publisher/{key}/query/user-redemption/{promotion}"
_GET = ("GET",)
_GET_OR_POST = ("GET", "POST")


class UniqodoApi(ProviderApi):
    """The routes of Uniqodo; `on_redeemed` is called with each redemption."""

    settings: UniqodoSettings

    def __init__(
        self, *, settings: UniqodoSettings, clock: Clock, on_redeemed: Callable[[Redeemed], None]
    ) -> None:
        super().__init__(settings=settings, clock=clock)
        self._on_redeemed = on_redeemed

    def restart(self) -> None:
        """Begin with the accounts and promotions of the settings."""
        super().restart()
        self.keys = {account.api_key: account for account in self.settings.accounts}
        self.book = Book(settings=self.settings)

    def route(self, call: Call) -> str:
        """Return the method and the path with its parameters named."""
        match _segments(call):
            case [prefix, _, "query", "user-redemption", _] if prefix in PREFIXES:
                return f"{call.method} /{prefix}/{{key}}/query/user-redemption/{{promotion}}"
            case ["code", _, _]:
                return f"{call.method} /code/{{key}}/{{offer}}"
            case ["validate" | "redeem" as what, _, _, _]:
                return f"{call.method} /{what}/{{key}}/{{code}}/{{merchant}}"
        return UNKNOWN_ROUTE

    def account(self, call: Call) -> str | None:
        """Return the name of the account whose key is in the path."""
        account = self._account_of(call)
        return None if account is None else account.name

    def answer(self, call: Call) -> Answer:
        """Check the call, carry it out and return Uniqodo's answer."""
        route = self.route(call)
        if route == UNKNOWN_ROUTE:
            return failure({"message": "Not Found"}, status=HTTPStatus.NOT_FOUND)
        segments = _segments(call)
        allowed = _GET_OR_POST if segments[0] in ("validate", "redeem") else _GET
        if call.method not in allowed:
            status = HTTPStatus.METHOD_NOT_ALLOWED
            return failure({"message": "Method Not Allowed"}, status=status)
        account = self._account_of(call)
        if account is None:
            return failure(
                {"message": "The API key is not valid."}, status=self.settings.auth_status
            )
        if segments[0] in PREFIXES:
            return self._query(segments[4], dict(call.query).get("userId", ""))
        return self._shop(segments, call, account)

    def _query(self, promotion_id: str, user_id: str) -> Answer:
        promotion = self.book.promotions.get(promotion_id)
        if promotion is None:
            error: Record = {"message": "The promotion is not recognised."}
            return failure(error, status=self.settings.unknown_promotion_status)
        if not user_id:
            return failure({"message": "userId is required."}, status=HTTPStatus.BAD_REQUEST)
        return query(self.book, promotion=promotion, user_id=user_id, settings=self.settings)

    def _shop(self, segments: list[str], call: Call, account: UniqodoKey) -> Answer:
        shop = Shop(
            book=self.book,
            settings=self.settings,
            now=self.clock.now(),
            on_redeemed=self._on_redeemed,
        )
        given = _given(call)
        if segments[0] == "code":
            user_id = given.get("uid") or None
            return shop.code(segments[2], user_id=user_id, distributor_id=account.distributor_id)
        if segments[0] == "validate":
            return shop.validate(segments[2], segments[3])
        return shop.redeem(segments[2], segments[3], given)

    def _account_of(self, call: Call) -> UniqodoKey | None:
        segments = _segments(call)
        return self.keys.get(segments[1]) if len(segments) > 1 else None


def _segments(call: Call) -> list[str]:
    """Return the parts of the path, decoded one by one: a key may contain a slash."""
    path = call.target.partition("?")[0]
    return [unquote(part) for part in path.split("/")[1:]]


def _given(call: Call) -> dict[str, str]:
    """Return the parameters of the query and of a form."""
    form = parse_qsl(call.body.decode("utf-8", "replace")) if call.method == "POST" else []
    return dict(call.query) | dict(form)
