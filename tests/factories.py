"""Factories of arbitrary values: each call returns a new one, each seed always the same one.

A test that cares about a field sets it with `dataclasses.replace`.
"""

import string
from datetime import date, timedelta

from couponbus.domain import identity
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.issuing.restore import Restore, restore_of
from couponbus.domain.row import Row, Step
from couponbus.domain.timing import Timing
from couponbus.events.commands import ContinueWork
from tests.callback_factories import any_receipt
from tests.drawing import SPRING, any_email, any_moment, any_number, any_word, draw
from tests.message_factories import any_event, any_letter, any_sign_up
from tests.polling_factories import (
    any_active_watch,
    any_cohort,
    any_ended_watch,
    any_group,
    any_notice,
    any_order,
    any_pause,
    any_poll_policy,
    any_recorded_redemption,
    any_schedule,
    any_stock,
    any_value,
    any_watch,
)
from tests.unmatched_factories import any_unmatched, any_unmatched_tally
from tests.webhook_factories import (
    any_delivery,
    any_directory,
    any_event_record,
    any_history_page,
    any_parked,
    any_parking,
    any_ready_endpoint,
    any_replay,
)

__all__ = [
    "SPRING",
    "any_active_watch",
    "any_cohort",
    "any_delivery",
    "any_directory",
    "any_email",
    "any_ended_watch",
    "any_event",
    "any_event_record",
    "any_group",
    "any_history_page",
    "any_letter",
    "any_moment",
    "any_notice",
    "any_number",
    "any_order",
    "any_parked",
    "any_parking",
    "any_pause",
    "any_poll_policy",
    "any_ready_endpoint",
    "any_receipt",
    "any_recorded_redemption",
    "any_replay",
    "any_schedule",
    "any_sign_up",
    "any_stock",
    "any_unmatched",
    "any_unmatched_tally",
    "any_value",
    "any_watch",
    "any_word",
    "draw",
]


def any_account(*, seed: int | None = None) -> Account:
    name = any_word(seed=seed)
    return Account(
        name=name, base_url="http://127.0.0.1:9", secret_id=f"couponbus/test/coniq/{name}"
    )


def any_program(*, seed: int | None = None) -> Program:
    source = draw(seed)
    return Program(
        name=any_word(seed=seed),
        pattern={"detail": {"attributes": {"shop": [any_word(seed=seed)]}}},
        account=any_word(seed=source.randrange(99)),
        offer_id=source.randint(1, 10_000),
        channel=source.choice(list(Channel)),
        tracking_prefix=source.choice(["", "cb-"]),
        required_consents=(),
        minimum_age=None,
        valid_from=None,
        valid_until=None,
        precheck_existing=False,
    )


def any_request(*, seed: int | None = None) -> BarcodeRequest:
    source = draw(seed)
    return BarcodeRequest(
        customer_id=source.randint(1, 2**40),
        offer_id=source.randint(1, 10_000),
        channel=source.choice(list(Channel)),
        tracking_code=identity.digest(source.random().hex()),
    )


def any_barcode(*, of: BarcodeRequest | None = None, seed: int | None = None) -> Barcode:
    """Return a barcode as the provider makes it, for this request or for an arbitrary one."""
    source = draw(seed)
    request = of or any_request(seed=seed)
    return Barcode(
        number="".join(source.choices(string.digits, k=16)),
        offer_id=request.offer_id,
        customer_id=request.customer_id,
        channel=request.channel.value,
        tracking_code=request.tracking_code,
        image_url=f"https://images.example/{source.randrange(10**9)}.png",
        active=True,
        expires_on=date(2027, 1, 1) + timedelta(days=source.randrange(365)),
        created_at=SPRING + timedelta(seconds=source.randrange(10**6)),
    )


def any_issuance(*, seed: int | None = None) -> Issuance:
    """Return one that is PENDING and not stored yet."""
    source = draw(seed)
    tenant, account = any_word(seed=source.randrange(9)), any_word(seed=source.randrange(9))
    customer_id, offer_id = source.randint(1, 2**40), source.randint(1, 10_000)
    identified = identity.issuance_id(
        tenant=tenant,
        account=account,
        customer_id=customer_id,
        offer_id=offer_id,
        occurrence="signup",
    )
    signed_up_at = SPRING + timedelta(milliseconds=source.randrange(10**10))
    return Issuance(
        issuance_id=identified,
        tenant=tenant,
        account=account,
        program=any_word(seed=source.randrange(9)),
        customer_id=customer_id,
        offer_id=offer_id,
        channel=source.choice(list(Channel)),
        tracking_code=identified,
        signup_id=f"signup-{source.randrange(10**9)}",
        signed_up_at=signed_up_at,
        customer_ref=identity.customer_ref(
            pepper="test-pepper-not-real", tenant=tenant, customer=str(customer_id)
        ),
        consents=("marketing",),
        trail=(Step(signed_up_at + timedelta(seconds=2), "accepted"),),
    )


def any_requested(*, seed: int | None = None) -> Issuance:
    """Return one that was claimed and may have been sent."""
    issuance = any_issuance(seed=seed)
    now = issuance.signed_up_at + timedelta(seconds=3)
    return issuance.claimed(
        claim_id=identity.digest("claim", issuance.issuance_id),
        now=now,
        deadline=now + timedelta(seconds=60),
        ready_at=now + timedelta(seconds=660),
    )


def any_issued(*, seed: int | None = None) -> Issuance:
    """Return one with its barcode, not published yet."""
    requested = any_requested(seed=seed)
    now = requested.signed_up_at + timedelta(seconds=4)
    return requested.issued(
        barcode=any_barcode(of=requested.request, seed=seed),
        origin=Origin.ISSUED,
        now=now,
        publish_by=now + timedelta(seconds=60),
    )


def any_resolution(*, seed: int | None = None) -> Resolution:
    """Return one that waits for its customer and is not stored yet."""
    source = draw(seed)
    tenant, program = any_word(seed=source.randrange(9)), any_word(seed=source.randrange(9))
    signup_id = f"signup-{source.randrange(10**9)}"
    signed_up_at = SPRING + timedelta(milliseconds=source.randrange(10**10))
    return Resolution(
        resolution_id=identity.resolution_id(tenant=tenant, program=program, signup_id=signup_id),
        tenant=tenant,
        account=any_word(seed=source.randrange(9)),
        program=program,
        signup_id=signup_id,
        signed_up_at=signed_up_at,
        customer_ref=identity.customer_ref(
            pepper="test-pepper-not-real", tenant=tenant, customer=signup_id
        ),
        email=any_email(seed=seed),
        give_up_at=signed_up_at + timedelta(days=3),
        due_at=signed_up_at + timedelta(seconds=30),
    )


def any_rejection(*, seed: int | None = None) -> Rejection:
    """Return one that is not published yet."""
    source = draw(seed)
    return Rejection(
        rejection_id=identity.digest("rejection", source.random().hex()),
        tenant="default",
        signup_id=f"signup-{source.randrange(10**9)}",
        reason="schema",
        fields=("customer.email",),
        rejected_at=SPRING + timedelta(seconds=source.randrange(10**6)),
        outcomes=1,
    )


def any_restore(*, seed: int | None = None) -> Restore:
    """Return the marker of a restore to an earlier hour of its day."""
    at = SPRING + timedelta(seconds=draw(seed).randrange(10**6))
    return restore_of(to=at - timedelta(hours=3), at=at)


def any_row(*, seed: int | None = None) -> Row:
    """Return a row of any kind, in one of many states, not stored yet."""
    kinds = (
        any_issuance,
        any_requested,
        any_issued,
        any_resolution,
        any_rejection,
        any_unmatched,
        any_unmatched_tally,
        any_watch,
        any_active_watch,
        any_ended_watch,
        any_recorded_redemption,
        any_notice,
        any_stock,
        any_pause,
        any_schedule,
        any_receipt,
        any_ready_endpoint,
        any_directory,
        any_event_record,
        any_delivery,
        any_parked,
        any_parking,
        any_replay,
        any_restore,
    )
    return draw(seed).choice(kinds)(seed=seed)


def any_timing() -> Timing:
    """Return a valid timing chain, with the proportions of a deployed stage."""
    return Timing(
        settle=600.0,
        answered_settle=60.0,
        between_look_ups=60.0,
        post=30.0,
        post_margin=5.0,
        skew=5.0,
        publish_grace=60.0,
        handover=300.0,
        slot_wait=5.0,
        backoff=10.0,
        backoff_cap=900.0,
        resolve_for=259_200.0,
    )


def any_command(*, seed: int | None = None) -> ContinueWork:
    return ContinueWork(keys=(any_issuance(seed=seed).key,))
