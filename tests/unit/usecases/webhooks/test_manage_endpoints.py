"""Endpoints are added, changed and removed under concurrent changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from couponbus.domain.errors import InputRejected, LedgerUnavailable, TransitionRefused
from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import ENDPOINTS_MAX
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint, EndpointState
from couponbus.ports.shared import Conflict
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.manage_endpoints import EndpointSpec, ManagingEndpoints
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.fakes.unreliable_ledger import UnreliableLedger, Writing
from tests.webhook_factories import any_endpoint, directory_of

SPEC = EndpointSpec(
    endpoint_id="shop",
    tenant="default",
    url="https://hooks.shop.example/couponbus",
    description="orders",
    pattern='{"detail-type": ["BarcodeIssued"]}',
    scopes=("barcode:read",),
    rate=20,
)


def managing(ledger: MemoryLedger, *, clock: ManualClock | None = None) -> ManagingEndpoints:
    clock = clock or ManualClock()
    return ManagingEndpoints(
        store=Store(ledger=ledger, ids=CountingIds(), clock=clock), clock=clock
    )


class OvertakenLedger(MemoryLedger):
    """A ledger in which another operator adds an endpoint before each of the first writes."""

    def __init__(self, *rows: Row, times: int) -> None:
        super().__init__(*rows)
        self._times = times

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        if self._times:
            self._times -= 1
            other, before = any_endpoint(), self.rows.get("DIRECTORY#default")
            directory = directory_of(other) if before is None else before
            super().write_together([other.written("other"), directory.written("other")])
        return super().write_together(rows)


def test_what_was_added_is_listed_and_found() -> None:
    managed = managing(MemoryLedger())

    managed.add(SPEC)
    managed.add(replace(SPEC, endpoint_id="erp"))

    assert [one.endpoint_id for one in managed.listed("default")] == ["shop", "erp"]
    assert managed.listed("brand") == ()
    shop = managed.found("shop")
    assert (shop.state, shop.rate, shop.created_at) == (EndpointState.ACTIVE, 20, NOON)


def test_a_concurrent_addition_is_not_overwritten() -> None:
    ledger = OvertakenLedger(times=2)
    managed = managing(ledger)

    managed.add(SPEC)

    assert "shop" in [one.endpoint_id for one in managed.listed("default")]
    with pytest.raises(LedgerUnavailable):
        managing(OvertakenLedger(times=9)).add(SPEC)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"endpoint_id": "Shop"}, "id"),
        ({"pattern": '{"detail": []}'}, "events"),
        ({"pattern": "{"}, "events"),
        ({"scopes": ("barcode:write",)}, "scopes"),
        ({"rate": 0}, "rate"),
        ({"description": "x" * 201}, "description"),
        ({"description": "a\nb"}, "description"),
        ({"description": "a\u202eb"}, "description"),
        ({"tenant": ""}, "tenant"),
        ({"tenant": "north\u200b"}, "tenant"),
    ],
)
def test_an_unsound_spec_is_refused_by_the_name_of_its_field(
    wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        managing(MemoryLedger()).add(replace(SPEC, **wrong))

    assert refused.value.fields == (field,)


def test_the_name_of_another_tenants_endpoint_is_not_taken_over() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    managed = managing(ledger, clock=clock)
    managed.add(replace(SPEC, tenant="brand"))
    managed.remove(SPEC.endpoint_id)
    clock.pass_time(86_400)

    with pytest.raises(TransitionRefused, match="another tenant"):
        managed.add(SPEC)

    assert managed.listed(SPEC.tenant) == ()


def test_a_tenant_has_so_many_endpoints_at_most() -> None:
    crowd = [any_endpoint() for _ in range(ENDPOINTS_MAX)]
    managed = managing(MemoryLedger(directory_of(*crowd), *crowd))

    with pytest.raises(TransitionRefused):
        managed.add(SPEC)


def test_a_removed_endpoint_is_forgotten_and_its_id_can_be_used_again() -> None:
    ledger, clock = MemoryLedger(), ManualClock()
    managed = managing(ledger, clock=clock)
    first = managed.add(SPEC)
    disabled = managed.found("shop").disabled(
        because=DisabledBecause.GONE, now=NOON, publish_by=NOON
    )
    ledger.write([disabled.written("sender")])

    managed.remove("shop")
    gone = ledger.rows[first.key]
    clock.pass_time(600)
    again = managed.add(SPEC)

    assert isinstance(gone, Endpoint)
    assert (gone.state, gone.url) == (EndpointState.REMOVED, "")
    # The next disabling is a separate outcome, with an event of its own.
    assert (again.state, again.outcomes) == (EndpointState.ACTIVE, 1)
    # The event of the last one is not published yet.
    assert (again.unpublished, again.due_at) == (True, NOON)
    assert [one.endpoint_id for one in managed.listed("default")] == ["shop"]


def test_an_id_rests_while_a_sender_may_still_sign_with_its_old_secret() -> None:
    clock = ManualClock()
    managed = managing(MemoryLedger(), clock=clock)
    managed.add(SPEC)
    managed.remove("shop")
    clock.pass_time(599)

    with pytest.raises(TransitionRefused, match="take another id, or wait"):
        managed.add(SPEC)


def test_the_id_of_a_removed_endpoint_is_not_reused() -> None:
    managed = managing(MemoryLedger())
    managed.add(SPEC)
    managed.remove("shop")

    with pytest.raises(TransitionRefused):
        managed.add(replace(SPEC, tenant="brand"))


def test_an_endpoint_is_paused_resumed_and_its_rotation_noted() -> None:
    managed = managing(MemoryLedger())
    managed.add(SPEC)

    paused = managed.pause("shop")
    with pytest.raises(TransitionRefused):
        managed.pause("shop")
    managed.note_rotation("shop")
    resumed = managed.resume("shop")

    assert paused.state is EndpointState.PAUSED
    assert [step.what for step in resumed.trail] == ["paused", "secret rotated", "resumed"]


def test_an_endpoint_of_another_id_is_not_found() -> None:
    for change in (ManagingEndpoints.pause, ManagingEndpoints.remove, ManagingEndpoints.found):
        with pytest.raises(TransitionRefused):
            change(managing(MemoryLedger()), "shop")


def test_an_id_that_is_taken_is_not_given_again() -> None:
    managed = managing(MemoryLedger())
    managed.add(SPEC)

    with pytest.raises(TransitionRefused):
        managed.add(SPEC)


def overtaking(ledger: UnreliableLedger, *, times: int, of: Writing) -> None:
    """Let another worker store the endpoint just before each of the next writes."""

    def overtake() -> None:
        row = ledger.rows["ENDPOINT#shop"]
        ledger.rows[row.key] = row.written("sender")

    for _ in range(times):
        ledger.will_be_overtaken(overtake, of=of)


def test_a_concurrent_change_of_an_endpoint_is_not_overwritten() -> None:
    ledger = UnreliableLedger()
    managed = managing(ledger)
    managed.add(SPEC)
    overtaking(ledger, times=2, of="write")
    overtaking(ledger, times=2, of="write_together")

    assert managed.pause("shop").state is EndpointState.PAUSED
    managed.remove("shop")

    assert managed.listed("default") == []


def test_an_endpoint_that_changes_all_the_time_can_be_changed_later() -> None:
    ledger = UnreliableLedger()
    managed = managing(ledger)
    managed.add(SPEC)
    overtaking(ledger, times=3, of="write")
    overtaking(ledger, times=3, of="write_together")

    for change in (managed.pause, managed.remove):
        with pytest.raises(LedgerUnavailable):
            change("shop")

    managed.remove("shop")
    assert managed.listed("default") == []


def test_an_endpoint_whose_list_is_lost_can_still_be_removed() -> None:
    ledger = UnreliableLedger()
    managed = managing(ledger)
    managed.add(SPEC)
    del ledger.rows["DIRECTORY#default"]

    managed.remove("shop")

    with pytest.raises(TransitionRefused):
        managed.found("shop")
