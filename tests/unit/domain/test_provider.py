"""Providers have names that are parts of event sources and keys."""

from couponbus.domain.provider import Provider


def test_the_names_of_the_providers_are_those_in_their_events() -> None:
    assert {f"couponbus.{provider}" for provider in Provider} == {
        "couponbus.uniqodo",
        "couponbus.koupon",
    }
