"""The same key opens test and production, so the host is the guard."""

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.coniq.hosts import checked_base_url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.coniq.com",
        "https://api.coniq.com/",
        "https://API.Coniq.COM.:443/",
        "https://api.r02.coniq.com",
        "https://platform.coniq.com",
        "https://coniq.com",
        "https://a-host-of-tomorrow.coniq.com",
        "https://api.get2d.com",
    ],
)
@pytest.mark.parametrize("stage", ["dev", "local", "test", "production", ""])
def test_production_is_for_the_stage_prod_only(url: str, stage: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="deploy as stage 'prod'"):
        checked_base_url(url, stage=stage)

    assert checked_base_url(url, stage="prod") == url.rstrip("/")


def test_the_test_system_is_for_every_other_stage() -> None:
    url = "https://api-stage.coniq.com/"

    with pytest.raises(ConfigurationInvalid, match=r"needs https://api\.coniq\.com"):
        checked_base_url(url, stage="prod")

    assert checked_base_url(url, stage="dev") == "https://api-stage.coniq.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/",
        "http://localhost:1",
        "http://[::1]:1/",
        "https://gate.example.test",
    ],
)
@pytest.mark.parametrize("stage", ["local", "prod"])
def test_a_host_of_ones_own_is_not_judged(url: str, stage: str) -> None:
    assert checked_base_url(url, stage=stage) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://api-stage.coniq.com", "https://"),
        ("http://10.0.0.1", "https://"),
        ("http://0.0.0.0", "https://"),
        ("ftp://api-stage.coniq.com", "not a URL such as"),
        ("api-stage.coniq.com", "not a URL such as"),
        ("", "not a URL such as"),
        ("https://", "not a URL such as"),
        ("https://bad..name", "not a URL such as"),
        ("https://" + "a" * 64 + ".test", "not a URL such as"),
        ("https://\u00e9t\u00e9.test", "not a URL such as"),
        ("https://[broken", "is not a URL"),
        ("https://api-stage.coniq.com:99999", "is not a URL"),
        ("https://user:pass@api-stage.coniq.com", "belongs in a secret"),
        ("https://api-stage.coniq.com/?a=b", "end with the path"),
        ("https://api-stage.coniq.com/#a", "end with the path"),
    ],
)
def test_what_is_no_usable_address_is_refused_with_advice(url: str, advice: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=advice):
        checked_base_url(url, stage="dev")


def test_the_text_repeats_no_password() -> None:
    with pytest.raises(ConfigurationInvalid) as raised:
        checked_base_url("https://user:hunter2@api.coniq.com", stage="dev")

    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["https://coniq.com.example.test", "https://notconiq.com"])
def test_a_name_that_only_looks_like_coniqs_is_not_coniqs(url: str) -> None:
    assert checked_base_url(url, stage="dev") == url
