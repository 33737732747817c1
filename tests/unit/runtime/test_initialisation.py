"""In Lambda a service is made before the first event; what fails then fails as it would later."""

import gc
from collections.abc import Iterator

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.runtime.initialisation import TYPE, begin, per_environment


class Maker:
    """Makes one text after the other; the first times fail."""

    def __init__(self, *, failures: int = 0) -> None:
        self.calls = 0
        self._failures = failures

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise ConfigurationInvalid("TABLE_NAME")
        return f"service {self.calls}"


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(params=["on-demand", "provisioned-concurrency"])
def _lambda(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPE, request.param)


@pytest.mark.usefixtures("_lambda")
def test_lambda_makes_the_service_before_the_first_event_and_once() -> None:
    maker = Maker()
    service = per_environment(maker)

    assert maker.calls == 1
    assert [service(), service()] == ["service 1"] * 2
    assert maker.calls == 1


@pytest.mark.parametrize("where", [None, "snap-start"])
def test_elsewhere_and_for_a_snapshot_the_first_event_makes_it(
    where: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TYPE, raising=False)
    if where:
        monkeypatch.setenv(TYPE, where)
    maker = Maker()
    service = per_environment(maker)
    begin()

    assert maker.calls == 0
    assert gc.isenabled()
    assert [service(), service()] == ["service 1"] * 2


@pytest.mark.usefixtures("_lambda")
def test_what_fails_at_the_start_is_said_by_the_event_and_made_when_it_can_be() -> None:
    service = per_environment(Maker(failures=2))

    with pytest.raises(ConfigurationInvalid, match="TABLE_NAME"):
        service()
    assert service() == "service 3"


@pytest.mark.usefixtures("_lambda")
@pytest.mark.parametrize("failures", [0, 1])
def test_garbage_is_looked_for_again_once_the_service_is_there_or_failed(failures: int) -> None:
    begin()
    assert not gc.isenabled()

    per_environment(Maker(failures=failures))

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
