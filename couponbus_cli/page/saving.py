"""Save the page as one file without a script, for a ticket."""

import os
from pathlib import Path

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.page.drawing import saved_page_of
from couponbus_cli.page.site import Site

OWNER_ONLY = 0o600


def save_page(site: Site, file: Path) -> Answer:
    """Write what is seen of the stage now to a new file. Raises Failed."""
    screen = site.screen(patience=None)
    if not screen.tiles:
        text = f"{'; '.join(screen.verdict.because)}; nothing was saved"
        raise Failed(text, kind="unreachable", code=UNREACHABLE)
    try:
        # Readable for its owner from the beginning; another file is never overwritten.
        place = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(place, "w", encoding="utf-8") as opened:
            opened.write(saved_page_of(screen))
    except FileExistsError:
        text = f"{file} exists already: choose another name"
        raise Failed(text, kind="file_exists") from None
    except OSError as error:
        text = f"{file} cannot be written: {error.strerror}"
        raise Failed(text, kind="not_written") from None
    return Answer(data={}, shown=[f"Saved: {file}"])
