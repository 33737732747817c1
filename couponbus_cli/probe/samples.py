"""The sample ids of a command's options, validated before the first call."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from couponbus.domain.errors import InputRejected
from couponbus.providers.koupon.texts import check_offer_ids, check_segment, check_text
from couponbus.providers.uniqodo.address import check_parameters
from couponbus_cli.probe.hosts import misused
from couponbus_cli.probe.koupon import KouponSample
from couponbus_cli.probe.uniqodo import USERS_MAX, UniqodoSample


def koupon_sample(
    consumer: str, *, offer: str | None, store: str | None, timezone: str
) -> KouponSample:
    """Return the sample. Raises Failed that names the option, never its value."""
    try:
        check_segment(consumer, field="--consumer")
        if offer is not None:
            check_offer_ids([offer])
        if store is not None:
            check_text(store, field="--store")
    except InputRejected as wrong:
        raise misused(str(wrong)) from None
    return KouponSample(consumer=consumer, offer_id=offer, store_id=store, timezone=_zone(timezone))


def uniqodo_sample(promotion: str, *, users: Sequence[str], zone: str) -> UniqodoSample:
    """Return the sample. Raises Failed that names the option, never its value."""
    if len(users) > USERS_MAX:
        raise misused(f"--user: at most {USERS_MAX}")
    try:
        for user in users:
            check_parameters(promotion=promotion, user_id=user)
    except InputRejected as wrong:
        raise misused(str(wrong)) from None
    return UniqodoSample(promotion=promotion, users=users, zone=_zone(zone))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise misused(f"there is no zone {name!r}") from None
    return name
