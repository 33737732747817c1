"""Runs inside the engine's own environment: MiniStack with the shims, until its parent ends."""

import os
import signal
import sys
import threading

from ministack.app import main

from couponbus_sandbox.engine.shims import install_all


def _end_with_parent() -> None:
    """End this process and every worker when the parent's end of the pipe closes.

    A parent that is killed cannot clean up after itself; the closed pipe is the only notice.
    """
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    install_all()
    # The workers inherit it. As in Lambda, they make their services before the first event.
    os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand"
    main()
