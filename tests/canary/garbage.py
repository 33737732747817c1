"""Invalid messages, with an e-mail or a number wherever one can stand."""

import json
from collections.abc import Iterator

from tests.canary.planted import BIRTH_DATE, GARBAGE_EMAIL, TELEPHONE

WATCH = {"type": "WatchCustomers", "program": "welcome"}
CUSTOMER = {"reference": "garbage-9"}
TURN = {
    "type": "PollSpans",
    "provider": "uniqodo",
    "account": "main",
    "planned_at": "2026-01-31T12:00:00Z",
    "useless_after": "2099-01-31T12:00:00Z",
}
SPAN = {"cohort": "A#AAAAAAAAAA#495000", "shard": 0, "first": "0", "last": "9"}


def for_signups() -> Iterator[str]:
    """Yield messages that are invalid in the queue of sign-ups."""
    good = {"signup_id": "garbage-1"}  # without a time, so that no odd field is merely dropped
    yield from _for_both()
    yield json.dumps({GARBAGE_EMAIL: GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": GARBAGE_EMAIL, "traceparent": [GARBAGE_EMAIL]})
    yield json.dumps({**good, "customer": {"coniq_customer_id": GARBAGE_EMAIL}})
    yield json.dumps({**good, "customer": {"email": [GARBAGE_EMAIL]}})
    yield json.dumps({**good, "customer": {"email": f"{GARBAGE_EMAIL} {GARBAGE_EMAIL}"}})
    yield json.dumps({**good, "customer": {"uniqodo_user_id": f"\x07{GARBAGE_EMAIL}"}})
    yield json.dumps({**good, "customer": {"koupon_consumer": {GARBAGE_EMAIL: TELEPHONE}}})
    yield json.dumps({**good, "customer": {"birth_date": f"{BIRTH_DATE}T"}})
    yield json.dumps({**good, "customer": {}, "attributes": {GARBAGE_EMAIL: {GARBAGE_EMAIL: 1}}})
    yield json.dumps({**good, "customer": {}, "attributes": {"tel": [[TELEPHONE]]}})
    yield json.dumps({**good, "customer": {}, "consents": [{GARBAGE_EMAIL: True}]})
    yield json.dumps({**good, "customer": {}, "occurred_at": GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": {}, "tenant": f"\x07{GARBAGE_EMAIL}"})
    yield json.dumps({"detail-type": GARBAGE_EMAIL, "detail": {"email": GARBAGE_EMAIL}})
    yield json.dumps({"detail-type": "CustomerSignedUp", "detail": GARBAGE_EMAIL})
    yield json.dumps({"type": "ContinueWork", "keys": [GARBAGE_EMAIL]})
    yield json.dumps({"type": "ContinueWork", "keys": {GARBAGE_EMAIL: 1}})
    yield json.dumps({**good, "customer": {"email": GARBAGE_EMAIL}})[:-1] + ', "customer": {}}'
    yield json.dumps({**good, "customer": {}, "attributes": {"x": GARBAGE_EMAIL * 4_000}})
    yield f'{{"signup_id": "garbage-2", "customer": {{"email": "{GARBAGE_EMAIL}\\ud800"}}}}'
    yield f'{{"signup_id": "garbage-3", "value": NaN, "email": "{GARBAGE_EMAIL}"}}'


def odd_details() -> Iterator[dict[str, object]]:
    """Yield sign-ups of which a part is dropped, with a name in it, and the rest is worked on."""
    good = {"occurred_at": "2026-01-31T12:00:00Z"}
    known = {"birth_date": BIRTH_DATE}
    yield {**good, "customer": {**known, "email": f"Ann <{GARBAGE_EMAIL}>"}}
    yield {**good, "customer": {**known, "email": f"{GARBAGE_EMAIL}\u202e"}}
    yield {**good, "customer": {"birth_date": f"born {BIRTH_DATE}"}}
    yield {**good, "customer": {**known, "uniqodo_user_id": f"\u202e{GARBAGE_EMAIL}"}}
    yield {**good, "customer": {**known, "koupon_consumer": {GARBAGE_EMAIL: TELEPHONE}}}
    yield {**good, "customer": {**known, GARBAGE_EMAIL: TELEPHONE}}
    for value in (
        f"{TELEPHONE}\n{GARBAGE_EMAIL}",
        GARBAGE_EMAIL * 100,
        {GARBAGE_EMAIL: TELEPHONE},
        [{GARBAGE_EMAIL: TELEPHONE}],
        f"\u2066{GARBAGE_EMAIL}",
    ):
        yield {**good, "customer": known, "attributes": {"note": value, GARBAGE_EMAIL: value}}
    yield {**good, "customer": known, "attributes": [GARBAGE_EMAIL]}
    yield {**good, "customer": known, "consents": [f"\u200b{GARBAGE_EMAIL}", {GARBAGE_EMAIL: 1}]}
    yield {"occurred_at": GARBAGE_EMAIL, "customer": known}
    yield {**good, "customer": known, GARBAGE_EMAIL: {GARBAGE_EMAIL: TELEPHONE}}
    later = f"cc-{'4b' * 16}-{'f0' * 8}-01-{GARBAGE_EMAIL}"  # valid, with what may follow
    yield {**good, "customer": known, "traceparent": later}
    yield {**good, "customer": known, "traceparent": {GARBAGE_EMAIL: [TELEPHONE]}}


def numbered(detail: dict[str, object], number: int) -> dict[str, object]:
    """Return the sign-up of a customer of its own."""
    customer = detail["customer"]
    assert isinstance(customer, dict)
    known = {"coniq_customer_id": 2000 + number, **customer}
    return {**detail, "signup_id": f"odd-{number}", "customer": known}


def in_envelopes(detail: dict[str, object]) -> Iterator[str]:
    """Yield the sign-up in each envelope that is taken off, with names in the envelope itself."""
    event = {"detail-type": "CustomerSignedUp", "source": "shop", "detail": detail}
    named = {**event, "id": GARBAGE_EMAIL, "resources": [GARBAGE_EMAIL], "account": TELEPHONE}
    yield json.dumps(named)
    yield json.dumps([named])
    yield "\ufeff" + json.dumps(json.dumps(named))
    for message in (named, detail):
        yield json.dumps(
            {
                "Type": "Notification",
                "TopicArn": f"arn:aws:sns:eu-west-1:111122223333:{GARBAGE_EMAIL}",
                "Subject": GARBAGE_EMAIL,
                "Message": json.dumps(message),
                "MessageAttributes": {"who": {"Type": "String", "Value": GARBAGE_EMAIL}},
            }
        )


def for_polls() -> Iterator[str]:
    """Yield messages that are invalid in the queue of polls."""
    yield from _for_both()
    yield json.dumps({"type": GARBAGE_EMAIL})
    yield json.dumps({"type": {GARBAGE_EMAIL: GARBAGE_EMAIL}})
    yield json.dumps({"type": "CustomerSignedUp", "customer": {"email": GARBAGE_EMAIL}})
    yield json.dumps({"type": "QuarantineLetter", "reason": GARBAGE_EMAIL})
    yield from map(json.dumps, _customers())
    yield from map(json.dumps, _spans())
    yield from map(json.dumps, _keys())


def for_notifications() -> Iterator[str]:
    """Yield messages that are no events for any endpoint."""
    fact = {"id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "tenant": "default"}
    good = {**fact, "occurred_at": "2026-01-31T12:00:00Z"}
    event = {"source": "couponbus.barcodes", "detail-type": "BarcodeIssued"}
    yield from _for_both()
    yield json.dumps({**event, "detail": GARBAGE_EMAIL})
    yield json.dumps({**event, "detail": {"metadata": good, "data": GARBAGE_EMAIL}})
    yield json.dumps({**event, "detail": {"metadata": GARBAGE_EMAIL, "data": {}}})
    for name in good:
        metadata = {**good, name: f"{GARBAGE_EMAIL}\n"}
        yield json.dumps({**event, "detail": {"metadata": metadata, "data": {}}})
    detail = {"metadata": good, "data": {GARBAGE_EMAIL: "\ud800"}}
    yield json.dumps({**event, "detail": detail})
    yield json.dumps({**event, "source": GARBAGE_EMAIL, "detail": {"metadata": good, "data": {}}})


def for_deliveries() -> Iterator[str]:
    """Yield messages that name no attempt."""
    good = {"type": "AttemptDeliveries", "attempt": "first", "endpoint_id": "shop"}
    yield from _for_both()
    yield json.dumps({**good, "keys": [GARBAGE_EMAIL]})
    yield json.dumps({**good, "keys": {GARBAGE_EMAIL: 1}})
    yield json.dumps({**good, "attempt": GARBAGE_EMAIL, "keys": ["DELIVERY#A"]})
    yield json.dumps({**good, "keys": ["DELIVERY#A"], GARBAGE_EMAIL: TELEPHONE})
    yield json.dumps({**good, "keys": [f"DELIVERY#{GARBAGE_EMAIL}"]})


def _for_both() -> Iterator[str]:
    yield GARBAGE_EMAIL
    yield f'{{"signup_id": "{GARBAGE_EMAIL}'
    yield json.dumps([GARBAGE_EMAIL])
    yield json.dumps(GARBAGE_EMAIL)
    yield "[" * 500 + f'"{GARBAGE_EMAIL}"' + "]" * 500


def _customers() -> Iterator[dict[str, object]]:
    yield {**WATCH, "customers": GARBAGE_EMAIL}
    yield {**WATCH, "customers": [GARBAGE_EMAIL]}
    yield {**WATCH, "customers": {GARBAGE_EMAIL: CUSTOMER}}
    yield {**WATCH, "customers": [CUSTOMER], GARBAGE_EMAIL: TELEPHONE}
    yield {**WATCH, "customers": [CUSTOMER], "tenant": f"\x07{GARBAGE_EMAIL}"}
    yield {**WATCH, "customers": [{**CUSTOMER, "email": f"{GARBAGE_EMAIL} {GARBAGE_EMAIL}"}]}
    yield {**WATCH, "customers": [{**CUSTOMER, "email": [GARBAGE_EMAIL]}]}
    yield {**WATCH, "customers": [{**CUSTOMER, "uniqodo_user_id": {GARBAGE_EMAIL: 1}}]}
    yield {**WATCH, "customers": [{**CUSTOMER, "koupon_consumer": f"{TELEPHONE}\x00"}]}
    yield {**WATCH, "customers": [{**CUSTOMER, "coniq_customer_id": TELEPHONE}]}
    yield {**WATCH, "customers": [{**CUSTOMER, GARBAGE_EMAIL: BIRTH_DATE}]}
    yield {**WATCH, "customers": [{"reference": [GARBAGE_EMAIL]}]}
    yield {**WATCH, "customers": [{**CUSTOMER, "email": GARBAGE_EMAIL}] * 26}
    yield {**WATCH, "program": GARBAGE_EMAIL, "customers": [{**CUSTOMER, "email": GARBAGE_EMAIL}]}
    yield {**WATCH, "program": {GARBAGE_EMAIL: 1}, "customers": [CUSTOMER]}


def _spans() -> Iterator[dict[str, object]]:
    yield {**TURN, "spans": GARBAGE_EMAIL}
    yield {**TURN, "spans": [GARBAGE_EMAIL]}
    yield {**TURN, "spans": [{**SPAN, GARBAGE_EMAIL: 1}]}
    yield {**TURN, "spans": [{**SPAN, "cohort": GARBAGE_EMAIL}]}
    yield {**TURN, "spans": [{**SPAN, "cohort": f"A#{GARBAGE_EMAIL}#1"}]}
    yield {**TURN, "spans": [{**SPAN, "cohort": [GARBAGE_EMAIL]}]}
    yield {**TURN, "spans": [{**SPAN, "shard": GARBAGE_EMAIL}]}
    yield {**TURN, "spans": [{**SPAN, "first": GARBAGE_EMAIL}]}
    yield {**TURN, "spans": [{**SPAN, "last": TELEPHONE}]}
    yield {**TURN, "spans": [SPAN], "provider": GARBAGE_EMAIL}
    yield {**TURN, "spans": [SPAN], "account": GARBAGE_EMAIL}
    yield {**TURN, "spans": [SPAN], "planned_at": GARBAGE_EMAIL}
    yield {**TURN, "spans": [SPAN], "useless_after": BIRTH_DATE}


def _keys() -> Iterator[dict[str, object]]:
    for what in ({"type": "ContinueWork"}, {"type": "EndWatches", "reason": "erased"}):
        yield {**what, "keys": [GARBAGE_EMAIL]}
        yield {**what, "keys": {GARBAGE_EMAIL: 1}}
        yield {**what, "keys": [f"WATCH#{GARBAGE_EMAIL}"]}
        yield {**what, "keys": [f"PAUSE#uniqodo#{GARBAGE_EMAIL}"]}
        yield {**what, "keys": ["WATCH#A"], GARBAGE_EMAIL: GARBAGE_EMAIL}
    yield {"type": "EndWatches", "reason": GARBAGE_EMAIL, "keys": ["WATCH#A"]}
