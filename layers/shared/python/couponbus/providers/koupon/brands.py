"""The brand of an offer: for adults only, unless every field says otherwise."""

from collections.abc import Mapping

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.offer import Brand
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.koupon.lenient import Unreadable
from couponbus.providers.koupon.wire import WireCpg

_HIDDEN = Brand(is_adult=True, is_authenticated=False)


def brand_of(
    wire: WireCpg | None, unreadable: Unreadable, *, tobacco_brands: Mapping[int, bool]
) -> Brand | None:
    """Return the brand, None when there is none.

    A brand that cannot be read counts as one that this consumer must not see, and a brand that
    the summary lists as tobacco is for adults, even if the offer itself contradicts.
    """
    if wire is None:
        return _HIDDEN if "cpg" in unreadable.names else None
    is_tobacco = wire.cpg_brand_id in tobacco_brands
    plainly_not = wire.is_adult is False and not (wire.adult_class or wire.adult_subclass)
    authenticated = wire.is_authenticated is True
    if wire.cpg_brand_id is not None:
        authenticated = authenticated and tobacco_brands.get(wire.cpg_brand_id, True)
    return Brand(
        is_adult=is_tobacco or not plainly_not,
        is_authenticated=authenticated,
        brand_id=wire.cpg_brand_id,
        brand_code=wire.brand_id,
        brand_name=wire.brand_name or None,
        owner_id=wire.cpg_id,
        owner_name=wire.cpg_name or None,
        adult_class=wire.adult_class or None,
        adult_subclass=wire.adult_subclass or None,
        identity_scheme=wire.identity_scheme or None,
        warning=_warning(wire.warning_algorithm, unreadable),
        warning_raw=wire.warning_algorithm or None,
        is_originating=wire.is_originating_offer,
    )


def _warning(text: str | None, unreadable: Unreadable) -> Mapping[str, object] | None:
    """Return the JSON object inside a text."""
    if not text:
        return None
    try:
        value = strict_answer(text.encode())
    except InputRejected:
        value = None
    if isinstance(value, dict):
        return value
    unreadable.note("cpg.warningAlgorithm")
    return None
