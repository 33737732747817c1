"""Sign-ups over HTTP: a signed, valid request is queued once, any other gets its errors."""

import hashlib
import json

import pytest

from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.usecases.inbound.sign_up_body import BODY_BYTES
from couponbus.usecases.invocation import Metric
from couponbus.usecases.issuing.sign_up_messages import sort_messages
from couponbus.usecases.messages import Message
from couponbus.usecases.traces import Traced
from tests.callback_factories import any_detail, body_of
from tests.unit.usecases.inbound.receiving_world import ReceivingWorld, problems_of
from tests.unit.usecases.webhooks.test_traceparent import TRACE

OTHER_KEY = b"test-key-not-real-0000-another-"


@pytest.fixture
def world() -> ReceivingWorld:
    return ReceivingWorld()


def test_a_signed_sign_up_is_queued_as_it_came_and_answered_with_its_id(
    world: ReceivingWorld,
) -> None:
    detail = any_detail(
        signup_id="signup-1", attributes={"shop": "Zoë's"}, unknown=[1, {"a": None}]
    )
    body = json.dumps(detail).encode()
    headers = world.headers(body, webhook_id="msg_1")

    reception = world.post(body, headers)

    assert reception.answer.status == 202
    assert reception.answer.content == {
        "accepted": [{"signup_id": "signup-1"}],
        "webhook_id": "msg_1",
    }
    assert [json.loads(message) for message in world.sign_ups.sent] == [
        {
            "id": "msg_1",
            "source": "webhook",
            "detail-type": "CustomerSignedUp",
            "detail": detail,
        }
    ]
    assert reception.counts == {Metric.SIGN_UPS_RECEIVED: 1}


def test_a_hundred_are_as_welcome_as_one_each_in_a_message_of_its_own(
    world: ReceivingWorld,
) -> None:
    details = [any_detail() for _ in range(100)]

    reception = world.post(body_of(*details))

    assert reception.answer.status == 202
    arrivals = sort_messages(
        [Message(message_id=f"{n}", body=body) for n, body in enumerate(world.sign_ups.sent)],
        now=world.clock.now(),
    )
    assert [one.event.signup_id for one in arrivals.sign_ups] == [
        detail["signup_id"] for detail in details
    ]
    assert reception.counts == {Metric.SIGN_UPS_RECEIVED: 100}


def test_one_that_is_wrong_keeps_all_others_out_and_is_named(world: ReceivingWorld) -> None:
    wrong = any_detail(signup_id="planted@customer.example\n")

    reception = world.post(body_of(any_detail(), wrong))

    assert reception.answer.status == 400
    assert world.sign_ups.sent == []
    assert world.receipts == []
    (problem,) = problems_of(reception)
    assert (problem["index"], problem["field"]) == (1, "signup_id")
    assert problem["problem"] == "string_pattern_mismatch"
    assert "planted" not in json.dumps(reception.answer.content)
    assert str((reception.answer.content or {})["message"]).startswith("Nothing was accepted.")
    assert reception.counts == {Metric.REFUSED_INVALID: 1}


def test_an_odd_field_that_is_not_needed_is_named_and_keeps_nothing_out(
    world: ReceivingWorld,
) -> None:
    odd = any_detail(signup_id="odd", customer={"coniq_customer_id": "7", "email": "planted"})

    reception = world.post(body_of(any_detail(signup_id="usual"), odd))

    assert reception.answer.status == 202
    assert len(world.sign_ups.sent) == 2
    assert (reception.answer.content or {})["accepted"] == [
        {"signup_id": "usual"},
        {"signup_id": "odd", "dropped_fields": ["customer.email"]},
    ]


def test_what_was_corrected_is_accepted_under_the_same_id(world: ReceivingWorld) -> None:
    wrong, right = body_of(any_detail(signup_id="")), body_of(any_detail())

    first = world.post(wrong, world.headers(wrong, webhook_id="msg_1"))
    second = world.post(right, world.headers(right, webhook_id="msg_1"))

    assert (first.answer.status, second.answer.status) == (400, 202)


def test_a_pepper_that_cannot_be_read_is_asked_for_once_in_minutes(world: ReceivingWorld) -> None:
    world.pseudonyms.failure = SecretUnavailable("pepper", code="get_secret_value:ReadTimeoutError")
    bringing = any_detail(traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")

    while_away = [world.post(body_of(any_detail(), bringing)) for _ in range(3)]
    asked_while_away = world.pseudonyms.asked
    world.pseudonyms.failure = None
    too_early = world.post(body_of(any_detail()))
    world.clock.pass_time(5 * 60)
    later = world.post(body_of(any_detail()))

    assert [each.traces for each in while_away] == [{Traced.RECEIVED: {TRACE: ""}}] * 3
    assert (asked_while_away, too_early.traces) == (1, {})
    assert len(later.traces[Traced.RECEIVED]) == 1


def test_a_sign_up_without_a_receipt_is_traced_as_well(world: ReceivingWorld) -> None:
    world.ledger.will_fail("read")

    reception = world.post(body_of(any_detail(signup_id="s-1")))

    expected = world.pseudonyms.trace_id(tenant="default", signup_id="s-1")
    assert Metric.WITHOUT_RECEIPT in reception.counts
    assert reception.traces == {Traced.RECEIVED: {expected: ""}}


def test_a_repetition_is_answered_like_the_first_and_queued_once(world: ReceivingWorld) -> None:
    body = body_of(any_detail(), any_detail())
    first = world.post(body, world.headers(body, webhook_id="msg_1"))
    world.clock.pass_time(3600)

    second = world.post(body, world.headers(body, webhook_id="msg_1"))

    assert second.answer == first.answer
    assert len(world.sign_ups.sent) == 2
    assert second.counts == {Metric.REPEATED: 1}


def test_another_body_under_the_same_id_is_refused(world: ReceivingWorld) -> None:
    first, second = body_of(any_detail()), body_of(any_detail())
    world.post(first, world.headers(first, webhook_id="msg_1"))

    reception = world.post(second, world.headers(second, webhook_id="msg_1"))

    assert reception.answer.status == 409
    assert len(world.sign_ups.sent) == 1
    assert reception.counts == {Metric.REFUSED_REUSED_ID: 1}


def test_the_receipt_holds_a_hash_and_a_number(world: ReceivingWorld) -> None:
    body = body_of(any_detail(), any_detail())

    world.post(body)

    (receipt,) = world.receipts
    assert receipt.body_sha256 == hashlib.sha256(body).hexdigest()
    assert (receipt.sign_ups, receipt.received_at) == (2, world.clock.now())


def test_a_queue_that_fails_leaves_no_receipt_so_that_the_next_try_is_queued(
    world: ReceivingWorld,
) -> None:
    body = body_of(any_detail())
    world.sign_ups.will_fail()
    first = world.post(body, world.headers(body, webhook_id="msg_1"))

    second = world.post(body, world.headers(body, webhook_id="msg_1"))

    assert (first.answer.status, second.answer.status) == (503, 202)
    assert dict(first.answer.headers) == {"retry-after": "30"}
    assert first.counts == {Metric.UNREACHABLE: 1}
    assert len(world.sign_ups.sent) == 1


def test_a_receipt_that_cannot_be_written_changes_nothing_for_the_producer(
    world: ReceivingWorld,
) -> None:
    body = body_of(any_detail())
    world.ledger.will_fail("write")

    first = world.post(body, world.headers(body, webhook_id="msg_1"))
    again = world.post(body, world.headers(body, webhook_id="msg_1"))

    assert (first.answer.status, again.answer) == (202, first.answer)
    assert len(world.sign_ups.sent) == 2  # issuing recognises a repeated sign-up


def test_sign_ups_are_taken_even_if_it_is_unknown_whether_they_came_before(
    world: ReceivingWorld,
) -> None:
    world.ledger.will_fail("read")

    reception = world.post(body_of(any_detail()))

    assert reception.answer.status == 202
    assert len(world.sign_ups.sent) == 1
    assert world.receipts == []
    assert reception.counts == {Metric.SIGN_UPS_RECEIVED: 1, Metric.WITHOUT_RECEIPT: 1}


def test_two_who_send_the_same_at_the_same_time_are_both_right(world: ReceivingWorld) -> None:
    body = body_of(any_detail())
    headers = world.headers(body, webhook_id="msg_1")
    world.ledger.will_be_overtaken(lambda: statuses.append(world.post(body, headers).answer.status))
    statuses: list[int] = []

    statuses.append(world.post(body, headers).answer.status)

    assert statuses == [202, 202]
    assert len(world.receipts) == 1


def test_a_body_that_is_too_large_is_not_even_authenticated(world: ReceivingWorld) -> None:
    world.keys.failure = SecretUnavailable("must not be read")

    exact = world.post(b" " * BODY_BYTES, {})
    larger = world.post(b" " * (BODY_BYTES + 1), {})

    assert (exact.answer.status, larger.answer.status) == (400, 413)
    assert larger.counts == {Metric.REFUSED_TOO_LARGE: 1}


def test_nothing_is_taken_while_the_secret_cannot_be_read(world: ReceivingWorld) -> None:
    world.keys.failure = SecretUnavailable("sign-ups: ReadTimeoutError")

    reception = world.post(body_of(any_detail()))

    assert reception.answer.status == 503
    assert (reception.counts, reception.mistake) == ({Metric.UNREACHABLE: 1}, None)
    assert world.sign_ups.sent == []


def test_a_malformed_secret_is_reported_to_the_operator_and_not_to_the_caller(
    world: ReceivingWorld,
) -> None:
    world.keys.failure = ConfigurationInvalid("a signing secret is whsec_ and so on")

    reception = world.post(body_of(any_detail()))

    assert reception.answer.status == 503
    assert reception.mistake == "a signing secret is whsec_ and so on"
    assert "whsec" not in json.dumps(reception.answer.content)
    assert reception.counts == {Metric.MISCONFIGURED: 1}


def test_nothing_is_parsed_before_it_is_authentic(world: ReceivingWorld) -> None:
    body = b"{" * 1000

    forged = world.post(body, world.headers(body, keys=(OTHER_KEY,)))
    signed = world.post(body)

    assert (forged.answer.status, signed.answer.status) == (401, 400)
