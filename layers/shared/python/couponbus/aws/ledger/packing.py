"""Bodies of events as the table stores them: compressed, over the words that all of them share.

Plain, the body of a redemption alone has a kilobyte, which costs its event two write units.
"""

import base64
import zlib

# Frozen: what was packed with it cannot be read with another. New fields need not be in it.
WORDS = (
    b'{"provider":"","account":"","program":"","signup_id":"","customer_ref":"","watch_id":"",'
    b'"promotion":"","redemption_id":"","native_id":"","ordinal":null,"offer_id":"",'
    b'"merchant_id":"","code_masked":"","order_value":"","discount_value":"","currency":"",'
    b'"redeemed_at":"","redeemed_at_raw":"","tz_assumed":false,"seen_after":"","seen_at":"",'
    b'"inferred":false,"order_id":"","distributor_id":"","tags":[]}}'
    b'{"type":"","timestamp":"","source":"couponbus.barcodes","metadata":{"id":"","version":1,'
    b'"sequence":1,"occurred_at":"","tenant":"","trace_id":""},"data":{"signup_id":"",'
    b'"program":"","account":"","customer_ref":"cus_","dropped_fields":[],"issuance_id":"",'
    b'"offer_id":7,"channel":"","tracking_code":"","barcode_masked":"************",'
    b'"expires_on":"","active":true,"origin":"issued"}}'
)


def packed(text: str) -> str:
    """Return the text as a short one."""
    packer = zlib.compressobj(zdict=WORDS)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def unpacked(short: str) -> str:
    """Undo `packed`. Raises ValueError."""
    unpacker = zlib.decompressobj(zdict=WORDS)
    try:
        text = unpacker.decompress(base64.b64decode(short)).decode()
    except zlib.error:
        raise ValueError("not packed") from None
    if not unpacker.eof:
        raise ValueError("cut")
    return text
