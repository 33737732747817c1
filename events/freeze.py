"""Keeps the contracts of today as released: `python -m events.freeze`, before each release."""

import sys
from pathlib import Path

from events.gate import refusals
from events.generate import HERE, everything, generated, stale_files
from events.released import freeze


def main(*, folder: Path = HERE) -> int:
    """Write the contracts that are new or compatibly changed; return the exit code.

    Breaking changes are refused, then and from then on. A sample is never replaced.
    """
    found = everything()
    files = generated(found)
    if stale_files(files, folder=folder):
        sys.stderr.write("nothing was kept: run `make events` first\n")
        return 1
    if refused := refusals(found, files, folder=folder):
        sys.stderr.writelines(f"{sentence}\n" for sentence in refused)
        sys.stderr.write("nothing was kept\n")
        return 1
    names = [contract.file for contract in found]
    for path in freeze(files, names, folder=folder):
        sys.stdout.write(f"kept: events/{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
