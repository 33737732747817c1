"""Settings of every test: loopback only, no account, the bundled Node, bounded examples."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path, PurePath

import coverage
import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# Must come before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.local.local_environment import local_environment
from couponbus_sandbox.local.synthesis import UNCHECKED
from tests.browser import chromium
from tests.distribution import Distribution, is_of_second_engine, rank_of
from tests.installed import Environment, installed, wheel_in
from tests.loopback import refuse_the_outside_world
from tests.second_engine.process import missing, second_engine
from tests.thorough import chosen_profile
from tests.tracing import only_imports_are_traced

# They run the same lines many times, and nearly all of those have other tests: tracing would make
# them up to three times slower. The same holds for tests with drawn examples.
UNTRACED = (
    "tests/simulation/",
    "tests/model/",
    "tests/incidents/",
    "tests/fuzz/",
    "tests/benchmarks/",
    "tests/canary/",
    "tests/browser/",
    "tests/mutants/",
    "tests/e2e/test_",
    "tests/architecture/test_docs.py",
    "tests/architecture/test_budgets.py",
    "tests/architecture/test_layer.py",
    "tests/architecture/test_layout.py",
    "tests/architecture/test_recorded_path.py",
    "tests/architecture/test_wheel.py",
    "tests/contracts/test_cohorts.py",
    "tests/contracts/test_history.py",
    "tests/contracts/test_released.py",
    "tests/contracts/test_ledger",
    "tests/contracts/test_unmatched.py",
    "tests/functions/test_two_versions",
    "tests/infra/test_linters.py",
    "tests/unit/domain/polling/test_carried_counts.py",
    "tests/unit/domain/polling/test_next_poll.py",
    "tests/unit/domain/polling/test_budget.py::test_over_some_days",
    "tests/unit/domain/polling/test_plan.py",
    "tests/unit/domain/polling/test_poll_rest.py",
    "tests/unit/domain/polling/test_due_counts.py",
    "tests/unit/usecases/issuing/test_answers_of_coniq.py",
    "tests/unit/usecases/issuing/test_audit_nights.py",
    "tests/unit/usecases/issuing/test_issuing_by_pace.py",
    "tests/unit/usecases/issuing/test_probing.py",
    "tests/unit/usecases/polling/test_restored_polls.py",
    "tests/unit/usecases/issuing/test_unusable_answers.py",
    "tests/unit/usecases/webhooks/test_wake_parked.py",
)

# The cases of a test differ here in what goes wrong, and nearly never in the lines that they run.
ONE_CASE = (
    "tests/contracts/",
    "tests/integration/",
)

# With these a process that a test starts would trace itself.
TRACING = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")

# Variables that pytest, its plugins and jsii set for their own processes.
TOOLS = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_", "COV_CORE_", "JSII_NODE")

settings.register_profile(
    "here",
    deadline=None,
    max_examples=40,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
# New examples in each round; a failing one is kept for the next `make test` on this machine.
settings.register_profile(
    "soak", settings.get_profile("here"), max_examples=1_000, derandomize=False, print_blob=True
)


@pytest.fixture(scope="session")
def second() -> Iterator[Access]:
    """The second engine, which all suites that run on it share."""
    with second_engine() as access:
        yield access


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_in(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with what `couponbus synth` needs, in an environment of its own."""
    return installed(wheel, tmp_path_factory.mktemp("installed"), extra="deploy")


def pytest_configure() -> None:
    settings.load_profile(chosen_profile())
    forget_the_caller()
    sys.addaudithook(refuse_the_outside_world)


def pytest_report_header() -> list[str]:
    browsers = f"left out: {chromium.FOLDER}: {chromium.missing()}"
    second = f"left out: what runs on the second engine: {missing()}"
    return [browsers] * leaves_browsers_out() + [second] * leaves_second_engine_out()


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    is_of_browsers = collection_path.parts[-2:] == PurePath(chromium.FOLDER).parts
    return True if is_of_browsers and leaves_browsers_out() else None


def leaves_browsers_out() -> bool:
    """Return whether there is no browser to test with; CI must have one, and fails."""
    return chromium.missing() is not None and "CI" not in os.environ


def leaves_second_engine_out() -> bool:
    """Return whether there is no second engine to test on; CI must have it, and fails."""
    return missing() is not None and "CI" not in os.environ


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        trace_once()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    with only_imports_are_traced():
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Distribution:
    return Distribution(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if leaves_second_engine_out():
        items[:] = [item for item in items if not is_of_second_engine(item.nodeid)]
    items.sort(key=lambda item: rank_of(item.nodeid))
    functions: set[str] = set()
    for item in items:
        function = item.nodeid.partition("[")[0]
        if function in functions or not may_be_traced(item):
            item.add_marker("no_cover")
        if item.nodeid.startswith(ONE_CASE):
            functions.add(function)


def may_be_traced(item: pytest.Item) -> bool:
    """Return whether a test runs its lines only a few times."""
    return not (item.nodeid.startswith(UNTRACED) or is_hypothesis_test(getattr(item, "obj", None)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Trace the processes of a test only if the test itself is traced."""
    is_traced = item.get_closest_marker("no_cover") is None
    kept = (
        {} if is_traced else {name: os.environ.pop(name) for name in TRACING if name in os.environ}
    )
    try:
        return (yield)
    finally:
        os.environ.update(kept)


def trace_once() -> None:
    """Stop all tracing that a process of pytest-xdist begins with.

    It would continue beneath that of pytest-cov, which begins now, even while that one pauses.
    """
    while (begun := coverage.Coverage.current()) is not None:
        begun.stop()


def forget_the_caller() -> None:
    """Clear the environment but for the variables that the test tools need."""
    tools = {name: value for name, value in os.environ.items() if name.startswith(TOOLS)}
    wanted = local_environment(**tools, **UNCHECKED, NO_PROXY="*", no_proxy="*")
    os.environ.clear()
    os.environ.update(wanted)
