"""Prints the alarms that roll a deployment back: `python -m infra.release.rollback_alarms`."""

import argparse
import sys
from collections.abc import Sequence

from couponbus_config.names import PRODUCT, Names

# CloudFormation takes five at most: of a new version that fails, and never of a provider that does.
WORDS = (
    "issue_barcodes-errors",
    "issue_barcodes-UnexpectedErrors",
    "publish_events-UnexpectedErrors",
    "sweep_due-errors",
    "callbacks-5xx",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the names, one a line."""
    parser = argparse.ArgumentParser(prog="infra.release.rollback_alarms", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--installation", default=PRODUCT)
    given = parser.parse_args(arguments)
    names = Names(stage=given.stage, installation=given.installation)
    sys.stdout.writelines(f"{names.of(word)}\n" for word in WORDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
