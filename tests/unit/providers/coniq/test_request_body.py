"""The body of the request that issues barcodes."""

import json

from couponbus.domain.issuing.barcode import BarcodeRequest, Channel
from couponbus.providers.coniq.request_body import batch_body, request_body


def test_requests_have_the_four_fields_that_coniq_takes() -> None:
    request = BarcodeRequest(
        customer_id=7, offer_id=101, channel=Channel.SMS, tracking_code="sig-a"
    )
    item = {"offer_id": 101, "customer_id": 7, "channel": "SMS", "tracking_code": "sig-a"}

    assert json.loads(request_body(request)) == item
    assert json.loads(batch_body([request, request], envelope=None)) == [item, item]
    assert json.loads(batch_body([request], envelope="barcodes")) == {"barcodes": [item]}
