"""Every event that couponbus publishes is understood when the bus delivers it back."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from couponbus.events.notification import Notification
from events import generate

CONTRACTS = [each for each in generate.everything() if each.direction == "published"]
RELEASED = sorted(
    path
    for folder in ("samples", "released/samples")
    for contract in CONTRACTS
    for path in (generate.HERE / folder).glob(f"{contract.name}.v*.json")
)
SOURCES = [(contract.name, source) for contract in CONTRACTS for source in contract.sources]
DETAIL = json.loads((generate.HERE / "samples" / "SignUpRejected.v1.json").read_text())


def envelope(source: str, detail_type: str, detail: object) -> dict[str, object]:
    """Return the event as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": source,
        "account": "123456789012",
        "time": "2026-06-01T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: str(path.relative_to(generate.HERE)))
def test_every_sample_ever_released_is_understood(path: Path) -> None:
    detail, name = json.loads(path.read_text()), path.name.partition(".")[0]

    found = Notification.model_validate(envelope("couponbus.barcodes", name, detail))

    assert (found.detail_type, found.source) == (name, "couponbus.barcodes")
    assert found.detail.metadata.id == detail["metadata"]["id"]
    assert found.detail.data == detail["data"]


@pytest.mark.parametrize(("name", "source"), SOURCES)
def test_every_source_of_ours_is_understood(name: str, source: str) -> None:
    assert Notification.model_validate(envelope(source, name, DETAIL)).source == source


@pytest.mark.parametrize("source", ["aws.events", "couponbus", "couponbus.", "couponbusx.a", "a.b"])
def test_events_of_others_are_not(source: str) -> None:
    with pytest.raises(ValidationError, match="source"):
        Notification.model_validate(envelope(source, "SignUpRejected", DETAIL))
