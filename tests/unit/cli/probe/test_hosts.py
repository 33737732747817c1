"""The hosts that a probe may call, how fast, and on which it may issue barcodes."""

import pytest

from couponbus_cli.app.failing import Failed
from couponbus_cli.probe.hosts import check_may_write, check_pace, checked_url

EXAMPLE = "https://api.example.test"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://API-stage.coniq.com/", "https://api-stage.coniq.com"),
        (" http://127.0.0.1:8025 ", "http://127.0.0.1:8025"),
        ("https://gateway.example.test/coniq/", "https://gateway.example.test/coniq"),
    ],
)
def test_an_address_is_spelt_as_it_is_sent(given: str, sent: str) -> None:
    assert checked_url(given, example=EXAMPLE) == sent


@pytest.mark.parametrize(
    "given", ["http://api.coniq.com", "api.coniq.com", "https://u:p@h.test", "https://*.test"]
)
def test_an_unsafe_address_is_refused(given: str) -> None:
    with pytest.raises(Failed) as failed:
        checked_url(given, example=EXAMPLE)

    assert failed.value.code == 2
    assert str(failed.value).startswith("base_url: ")


@pytest.mark.parametrize(
    "given",
    ["https://api-stage.coniq.com", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"],
)
def test_test_systems_may_be_written_to(given: str) -> None:
    check_may_write(given)


@pytest.mark.parametrize(
    "given",
    [
        "https://api.coniq.com",
        "https://api.r02.coniq.com",
        "https://api-stage.coniq.com.example.test",
        "https://gateway.example.test",
        "https://8.8.8.8",
    ],
)
def test_everything_else_may_lead_to_production(given: str) -> None:
    with pytest.raises(Failed, match="only at https://api-stage") as failed:
        check_may_write(given)

    assert failed.value.code == 2


def test_a_provider_is_not_asked_faster_than_it_is_in_use() -> None:
    check_pace("https://api-stage.coniq.com", calls_per_second=3)
    check_pace("http://127.0.0.1:8025", calls_per_second=1000)
    with pytest.raises(Failed, match="--pace: at most 3"):
        check_pace("https://api-stage.coniq.com", calls_per_second=3.1)
