"""Whether Coniq filtered a list as requested: a single foreign item shows that it did not."""

from collections.abc import Callable, Sequence

from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.domain.issuing.lookup import FilterIgnored
from couponbus.domain.issuing.reference import is_same_reference, may_be_cut_from

PROVIDER = "coniq"
ROUTE = "GET /barcode"


def is_for(barcode: Barcode, request: BarcodeRequest) -> bool:
    """Whether a barcode has the customer and the offer of the request."""
    return (barcode.customer_id, barcode.offer_id) == (request.customer_id, request.offer_id)


def has_reference_of(barcode: Barcode, request: BarcodeRequest) -> bool:
    """Whether a list filtered by our tracking code may hold it, in any form that Coniq stores."""
    if is_same_reference(barcode.tracking_code, request.tracking_code):
        return True
    if not is_for(barcode, request):
        return False
    reference = barcode.tracking_code
    return not reference or may_be_cut_from(reference, request.tracking_code)


def relevant(
    listed: Sequence[Barcode],
    request: BarcodeRequest,
    *,
    meets: Callable[[Barcode, BarcodeRequest], bool],
) -> Sequence[Barcode]:
    """Return what may belong to the request. Raises FilterIgnored for any foreign barcode."""
    ours = [
        one
        for one in listed
        if is_for(one, request) or is_same_reference(one.tracking_code, request.tracking_code)
    ]
    if all(meets(one, request) for one in listed):
        return ours
    ignored = FilterIgnored("filter_ignored", provider=PROVIDER, route=ROUTE)
    ignored.barcodes = ours
    raise ignored
