"""Runs in the second engine's own environment: LocalStack on loopback, until its parent ends."""

import importlib
import os
import signal
import sys
import threading
import types

from tests.loopback import refuse_the_outside_world


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _without_schedules() -> None:
    """Stand in for a module without a wheel, which only rules with a schedule need."""
    crontab = types.ModuleType("crontab")
    crontab.CronTab = None  # type: ignore[attr-defined]
    sys.modules["crontab"] = crontab


if __name__ == "__main__":
    _without_schedules()
    sys.addaudithook(refuse_the_outside_world)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    importlib.import_module("localstack.runtime.main").main()
