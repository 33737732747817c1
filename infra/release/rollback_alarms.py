"""Prints the alarms that roll a deployment back: `python -m infra.release.rollback_alarms`."""

import argparse
import sys
from collections.abc import Sequence

from infra.release.stage_names import names_of

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
    names = names_of(parser, arguments)
    sys.stdout.writelines(f"{names.of(word)}\n" for word in WORDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
