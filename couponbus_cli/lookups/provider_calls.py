"""Single GETs to the providers, with a deployed account's settings, secret and rate limiter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import (
    CredentialsRefused,
    GatewayAnswered,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.health import Health
from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.polling.budget import reserved_of
from couponbus.domain.polling.offer import OfferList
from couponbus.domain.rate_limit import Limits, NoSlot
from couponbus.ports.shared import Clock, RateLimiter
from couponbus_cli.app.failing import UNREACHABLE, Failed

if TYPE_CHECKING:
    from couponbus.providers.http.transport import Transport
    from couponbus.providers.koupon.parameters import OfferFilter
    from couponbus_cli.app.deployment import StackDeployment
    from couponbus_cli.app.stage import Target

CALL = timedelta(seconds=15)
SLOT_WAIT = 10.0


class ProviderCalls(Protocol):
    """Read-only questions to the providers."""

    def barcodes(self, *, account: str | None, criteria: Mapping[str, str]) -> tuple[Barcode, ...]:
        """Return what Coniq lists; it may ignore the criteria. Raises Failed, CouponbusError."""
        ...

    def offers(self, *, account: str | None, consumer: str, wanted: "OfferFilter") -> OfferList:
        """Return what Koupon lists for a consumer. Raises Failed, CouponbusError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCalls:
    """`ProviderCalls` of a stage; nothing is opened before the first question."""

    target: "Target"
    deployment: "StackDeployment"

    def barcodes(self, *, account: str | None, criteria: Mapping[str, str]) -> tuple[Barcode, ...]:
        """Ask Coniq once, within the stage's rate limit. Raises Failed, CouponbusError."""
        from couponbus.providers.coniq.client import ConiqBarcodes  # noqa: PLC0415

        accounts = {one.name: one for one in self.deployment.coniq_accounts()}
        name = one_of(accounts, account, provider="Coniq")
        client = ConiqBarcodes(
            accounts=accounts,
            stage=self.target.stage,
            keys=self._secrets(),
            transport=self._transport(),
            clock=self.target.clock,
        )
        return limited(
            self._limiter("coniq", name, Limits(calls_per_second=accounts[name].calls_per_second)),
            name,
            lambda until: tuple(client.barcodes(account=name, criteria=criteria, deadline=until)),
            clock=self.target.clock,
        )

    def offers(self, *, account: str | None, consumer: str, wanted: "OfferFilter") -> OfferList:
        """Ask Koupon once, within the stage's budget. Raises Failed, CouponbusError."""
        from couponbus.providers.koupon.client import KouponOffers  # noqa: PLC0415

        accounts = {one.name: one for one in self.deployment.koupon_accounts()}
        name = one_of(accounts, account, provider="Koupon")
        client = KouponOffers(
            accounts=accounts,
            secrets=self._secrets(),
            transport=self._transport(),
            clock=self.target.clock,
        )
        chosen = accounts[name]
        limits = Limits(
            calls_per_second=chosen.calls_per_second, calls_per_day=chosen.calls_per_day
        )
        return limited(
            self._limiter("koupon", name, limits),
            name,
            lambda until: client.offers(
                account=name, consumer=consumer, wanted=wanted, deadline=until
            ),
            clock=self.target.clock,
            leaving=reserved_of(chosen.calls_per_day),
        )

    def _limiter(self, provider: str, account: str, limits: Limits) -> RateLimiter:
        return DynamoRateLimiter(
            client=self.target.dynamodb(),
            table=self.target.table,
            clock=self.target.clock,
            provider=provider,
            limits={account: limits},
        )

    def _secrets(self) -> Secrets:
        return Secrets(client=self.target.secrets(), clock=self.target.clock)

    def _transport(self) -> "Transport":
        from couponbus.providers.http.transport import (  # noqa: PLC0415
            Transport,
            trust_public_authorities,
        )

        return Transport(clock=self.target.clock, trust=trust_public_authorities(), repeats=0)


def one_of(names: Mapping[str, object], wanted: str | None, *, provider: str) -> str:
    """Return the account that is meant: the named one, or the only one. Raises Failed."""
    if wanted is None and len(names) == 1:
        return next(iter(names))
    if wanted in names:
        return str(wanted)
    named = ", ".join(sorted(names)) or "none"
    what = "give --account" if wanted is None else "unknown account"
    raise Failed(f"{what}: the stage has these at {provider}: {named}", kind="unknown_account")


def limited[A](
    limiter: RateLimiter,
    account: str,
    call: Callable[[datetime], A],
    *,
    clock: Clock,
    leaving: int = 0,
) -> A:
    """Call once in a slot that the account's workers share, and report the result.

    `leaving` calls of the day are left for the workers. Raises Failed if no slot comes soon: the
    circuit is open, or the budget is spent.
    """
    reserved = limiter.reserve(account=account, calls=1, within=SLOT_WAIT, leaving=leaving)
    if isinstance(reserved, NoSlot):
        text = f"no call to {account} is allowed now (its limit, or its circuit breaker); try later"
        raise Failed(text, kind="no_slot", code=UNREACHABLE)
    left = reserved.slot(0) - clock.now().timestamp()
    if left > 0:
        clock.sleep(left)
    try:
        answer = call(clock.now() + CALL)
    except ProviderError as error:
        retry_after = error.retry_after if isinstance(error, ProviderBusy) else None
        limiter.report(reservation=reserved, health=_health(error), retry_after=retry_after)
        raise
    limiter.report(reservation=reserved, health=Health.GOOD, retry_after=None)
    return answer


def _health(error: ProviderError) -> Health:
    """Return what the workers may learn from it: the refusal of one question is about that one."""
    match error:
        case ProviderBusy():
            return Health.THROTTLED
        case CredentialsRefused():
            return Health.UNAUTHORISED
        case ProviderUnavailable() | GatewayAnswered():
            return Health.FAILING
        case _:
            return Health.GOOD
