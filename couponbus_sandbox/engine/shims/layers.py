"""Unpacked layers and code that all workers share, as /opt and /var/task are read-only anyway."""

import hashlib
import os
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

from ministack.core import lambda_runtime

_unpacking = threading.Lock()


class SharedZip(zipfile.ZipFile):
    """A package whose content is unpacked once and linked into each worker's directory."""

    def extractall(self, path: str | os.PathLike[str] | None = None, *_: object) -> None:
        """Link the package's top folders and files into `path` instead of writing them again."""
        target = Path(path or ".")
        for entry in self._unpacked().iterdir():
            (target / entry.name).symlink_to(entry)

    def _unpacked(self) -> Path:
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        shared = Path(tempfile.gettempdir()) / "packages" / digest
        with _unpacking:
            if not shared.exists():
                fresh = Path(tempfile.mkdtemp())
                super().extractall(fresh)
                shared.parent.mkdir(exist_ok=True)
                fresh.rename(shared)
        return shared


def install() -> None:
    """Give the workers' launcher a zipfile module whose archives are shared.

    A worker starts for each concurrent invocation and again after each error; unpacking the
    vendor layer every time would cost most of a cold start.
    """
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=SharedZip,
        BadZipFile=zipfile.BadZipFile,
        LargeFileError=getattr(zipfile, "LargeZipFile", OSError),
    )
