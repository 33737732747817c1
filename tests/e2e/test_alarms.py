"""What goes wrong on the deployed product rings its topic, which hears when a level is over."""

from collections.abc import Iterator

import pytest

from couponbus.domain.health import Health
from couponbus_cli.status.issuing_figures import HEALTH_TEXTS
from couponbus_sandbox.coniq import FaultKind, FaultRule
from couponbus_sandbox.demo.polling import at_once
from couponbus_sandbox.demo.subscription import subscribed
from couponbus_sandbox.local.stack import ALARMED, QUICK, local_stack
from couponbus_sandbox.local.stage_file import SHIPPED
from tests.e2e.conftest import PROGRAMS
from tests.e2e.engine.laboratory import until
from tests.e2e.needing import EVERYWHERE, shown_of
from tests.e2e.permissions import without
from tests.e2e.product import SECONDS, Product, any_customer, sign_up
from tests.e2e.ringing import Ringing
from tests.e2e.test_operating import plant_a_second_barcode


@pytest.fixture(scope="module")
def ringing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringing]:
    """An installation of another name, so that none is written out anywhere."""
    config = tmp_path_factory.mktemp("acme") / "couponbus.yaml"
    config.write_text(f"name: acme\n{SHIPPED.read_text()}")
    with (
        local_stack(settings={**QUICK, **ALARMED}, config=config) as stack,
        subscribed(stack) as subscription,
        at_once(stack, "issue_barcodes"),
    ):
        product = Product(stack=stack, subscription=subscription)
        product.apply(PROGRAMS)
        yield Ringing(product)


def test_an_ambiguous_issuance_rings_until_an_operator_has_resolved_it(ringing: Ringing) -> None:
    product, who, alarm = ringing.product, any_customer(), "sweep_due-AmbiguousOpen"
    product.coniq.faults(
        FaultRule(kind=FaultKind.COMMIT_THEN_DROP, customer_id=who.customer_id, count=1)
    )
    product.put_events(sign_up(who))
    [first] = until(lambda: product.barcodes(who))
    until(lambda: product.waiting("signups") == 0)
    plant_a_second_barcode(product, who, tracking_code=first["tracking_code"])
    ringing.passes()
    issuance = product.until_received("BarcodeAmbiguous", who.signup_id)["issuance_id"]

    ringing.passes()
    ringing.until_state(alarm, "ALARM")
    ringing.passes(minutes=10)
    ringing.passes()
    still, rang = ringing.state(alarm), ringing.notified(alarm)
    shown = shown_of(product, "ambiguous", str(issuance))
    choice = ("--choose", str(first["barcode_number"])[-4:], "--reason", "the first one", "--yes")
    resolved = product.couponbus("resolve", str(issuance), *choice)
    ringing.passes()
    ringing.until_state(alarm, "OK")

    assert (still, rang, resolved.returncode) == ("ALARM", ["ALARM"], 0)
    assert shown == EVERYWHERE
    assert ringing.notified(alarm) == ["ALARM", "OK"]


def test_a_coniq_that_answers_429_and_then_500_for_ever_rings_until_it_answers_again(
    ringing: Ringing,
) -> None:
    product, alarm = ringing.product, "issue_barcodes-waiting"
    customers = [any_customer() for _ in range(3)]

    def is_tried() -> None:
        until(lambda: product.waiting("signups") == 0)

    def is_notified(*words: str) -> bool:
        ringing.passes(minutes=5)
        is_tried()
        return shown_of(product, "main", *words) == EVERYWHERE

    def are_issued() -> bool:
        ringing.passes(minutes=5)
        is_tried()
        return all(product.numbers(who) for who in customers)

    product.coniq.faults(FaultRule(kind=FaultKind.RATE_LIMITED))
    before = len(product.counts("issue_barcodes", "SignUps"))
    product.put_events(*map(sign_up, customers))
    until(lambda: len(product.counts("issue_barcodes", "SignUps")) > before)
    ringing.until_becomes(alarm, "ALARM", each=16, steps=5, does=is_tried)
    until(lambda: is_notified("coniq", "asked to wait"))
    product.coniq.clear_faults()
    product.coniq.faults(FaultRule(kind=FaultKind.SERVER_ERROR))
    until(lambda: is_notified("Coniq", HEALTH_TEXTS[Health.FAILING]))
    product.coniq.clear_faults()
    until(are_issued, seconds=SECONDS)
    ringing.until_becomes(alarm, "OK", each=21, steps=5, does=is_tried)

    assert ringing.notified(alarm) == ["ALARM", "OK"]
    assert [len(product.numbers(who)) for who in customers] == [1, 1, 1]


def test_a_program_with_a_typo_in_its_pattern_rings(ringing: Ringing) -> None:
    product, alarm = ringing.product, "issue_barcodes-UnmatchedShare"

    def a_sign_up_finds_no_program() -> None:
        before = len(product.counts("issue_barcodes", "SignUps"))
        product.put_events(sign_up(any_customer(), kind="of-no-program"))
        until(lambda: len(product.counts("issue_barcodes", "SignUps")) > before)

    ringing.until_becomes(alarm, "ALARM", each=5, steps=8, does=a_sign_up_finds_no_program)
    shown = shown_of(product, "no program matched", "couponbus programs rematch")

    assert shown == EVERYWHERE
    assert ringing.notified(alarm) == ["ALARM"]


def test_a_ledger_that_refuses_every_write_of_a_function_rings(ringing: Ringing) -> None:
    product, alarm = ringing.product, "issue_barcodes-Failed"

    def a_sign_up_fails() -> None:
        before = product.failures("issue_barcodes")
        product.put_events(sign_up(any_customer()))
        until(lambda: product.failures("issue_barcodes") > before)

    with without("dynamodb:PutItem", "issue_barcodes", stack=product.stack):
        ringing.until_becomes(alarm, "ALARM", each=1, steps=10, does=a_sign_up_fails)
        shown = shown_of(product, alarm)

    assert shown == EVERYWHERE
    assert ringing.notified(alarm) == ["ALARM"]
