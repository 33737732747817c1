"""The environment of the local stage's processes: a few checked variables of the caller's."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# The program path, the user, and the terminal. An allow list: new settings of libraries, which a
# deny list would miss, are left out without being known.
KEPT = frozenset(
    {
        "PATH",
        "LD_LIBRARY_PATH",  # some interpreters do not start without
        "HOME",
        "USER",
        "LOGNAME",
        "TERM",
        "COLORTERM",
        "NO_COLOR",
        "FORCE_COLOR",
        "COLUMNS",
        "LINES",
        # Set on purpose, by a developer or by CI: examples, seeds and coverage.
        "CI",
        "COUPONBUS_EXAMPLES",
        "SIM_SEED",
        "POLL_SEED",
        "HOOK_SEED",
        "OPERATED_SEED",
        "RESTORED_SEED",
        "EXPIRED_SEED",
        "RETAINED_SEED",
        "COVERAGE_PROCESS_CONFIG",
        "COVERAGE_PROCESS_START",
    }
)
# Fixed here, regardless of the caller: text is UTF-8, and no credentials are searched for.
DECIDED: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
# In place of a home that does not exist: tools keep their caches there.
HOME = Path(__file__).resolve().parents[2] / ".couponbus" / "home"
UMASK = 0o022
USAGE = "usage: python -I -m couponbus_sandbox.local.local_environment COMMAND [ARGUMENT ...]\n"


class NoTemporaryFolder(Exception):
    """No folder can be written to; the message says which were tried and what to do."""


def local_environment(**more: str) -> dict[str, str]:
    """Return the environment for a process of the local stage, with `more` variables.

    Proxies, AWS settings, certificates and settings of Python, Node and tools are left out. A
    TMPDIR or HOME that cannot be used is replaced. Raise NoTemporaryFolder.
    """
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    home = kept.get("HOME", "")
    return {
        **DECIDED,
        **kept,
        "PATH": kept.get("PATH") or os.defpath,
        "HOME": home if home and os.access(home, os.W_OK | os.X_OK) else str(HOME),
        "TMPDIR": _temporary_folder(),
        **more,
    }


def entered(command: Callable[[], int]) -> int:
    """Run a command in the environment of the local stage, its children too.

    Return its exit code, or 1 with a sentence when there is no such environment.
    """
    try:
        _enter()
    except NoTemporaryFolder as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return command()


def main(arguments: Sequence[str]) -> int:
    """Become the command, in the environment of the local stage."""
    if not arguments:
        sys.stderr.write(USAGE)
        return 2
    return entered(lambda: _become(arguments))


def _enter() -> None:
    wanted = local_environment()
    os.environ.clear()
    os.environ.update(wanted)
    os.umask(UMASK)


def _become(arguments: Sequence[str]) -> int:
    try:
        os.execvp(arguments[0], [*arguments])  # noqa: S606 - a command of the Makefile
    except OSError as problem:
        sys.stderr.write(f"{arguments[0]}: {problem.strerror}\n")
    return 1


def _temporary_folder() -> str:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError as problem:
        raise NoTemporaryFolder(
            f"no folder for temporary files can be written: set TMPDIR to one ({problem})"
        ) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
