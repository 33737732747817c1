"""`make bench`: webhooks, polling, an outage, and the hot path against a plain design."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import ours
from tests.benchmarks.alone import alone
from tests.benchmarks.load import BATCH
from tests.benchmarks.outside import outside
from tests.benchmarks.quiet import into_nowhere
from tests.benchmarks.units import Change
from tests.benchmarks.wire import Wire

README = Path(__file__).parent / "README.md"
MARK = "<!-- measured: python -m tests.benchmarks --write -->\n"
ROUNDS = 15
BESIDE = ("webhooks", "polling", "outage")
LONGEST_SECONDS = 3600.0
AWS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test-key-not-real",
    "AWS_SECRET_ACCESS_KEY": "test-secret-not-real",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "*",
}


def main() -> None:
    """Measure and print; with `--write`, keep the figures in the README."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="keep the figures in the README")
    parser.add_argument("--only", choices=("hot", *BESIDE), help="one part of it")
    chosen = parser.parse_args()
    text = "\n".join([*_beside(chosen.only), *_hot(chosen.only, rounds=chosen.rounds)])
    if chosen.write:
        _keep(text)
    sys.stdout.write(f"{text}\n")


def _beside(only: str | None) -> list[str]:
    """Measure the other parts, each of them in processes without the endpoints of the rest."""
    wanted = [part for part in BESIDE if only in (None, part)]
    return [
        line
        for part in wanted
        for line in (*alone(f"tests.benchmarks.{part}", seconds=LONGEST_SECONDS), "")
    ]


def _hot(only: str | None, *, rounds: int) -> list[str]:
    if only not in (None, "hot"):
        return []
    # Powertools writes metrics in records of a hundred, and warns when none is left at the end.
    warnings.filterwarnings("ignore", message="No application metrics to publish")
    changes = ours.recorded(BATCH)
    wire = Wire()
    wire.watch()
    with outside(programs=ours.programs_answer()) as url:
        os.environ.update(AWS, AWS_ENDPOINT_URL=url, PROVIDER_URL=url)
        os.environ.update(ours.environment(provider_url=url))
        return _report(wire, changes, rounds=rounds)


def _report(wire: Wire, changes: Sequence[Change], *, rounds: int) -> list[str]:
    # Makes its clients when it is imported, as the textbook does: the environment comes first.
    from tests.benchmarks import measuring, report  # noqa: PLC0415

    with into_nowhere():
        found = measuring.measure(wire, changes, rounds=rounds)
    return list(report.lines(found))


def _keep(text: str) -> None:
    from tests.benchmarks import report  # noqa: PLC0415 - see above

    kept, _, _ = README.read_text(encoding="utf-8").partition(MARK)
    day = datetime.now(UTC).date().isoformat()
    README.write_text(f"{kept}{MARK}\n{day}, {report.machine()}:\n\n{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
