"""The folders of functions and layers as they are deployed, and the errors when one is missing."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from couponbus_config.configuration_error import ConfigurationError
from layers import own

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "settings.json"  # where couponbus/runtime/settings.py reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The folders that become assets; `vendor` holds one folder per platform.

    Our own code is compiled into `compiled`, or into `dist` of the root.
    """

    root: Path
    vendor: Path
    compiled: Path | None = None

    def function(self, name: str) -> Path:
        """Return the folder of the compiled function; raise ConfigurationError if it is missing."""
        if not (self.root / "functions" / name / "handler.py").is_file():
            raise ConfigurationError(
                f"functions/{name}/handler.py is missing: each worker needs its handler"
            )
        return own.function(self.root, name, into=self.compiled)

    @contextmanager
    def function_with(self, name: str, settings: Mapping[str, str]) -> Iterator[Path]:
        """Give the folder of a function with its settings in a file, until the CDK has copied it.

        It is made anew: syntheses of several stages share what was compiled, and nothing else.
        """
        compiled = self.function(name)
        if not settings:
            yield compiled
            return
        with TemporaryDirectory() as folder:
            code = Path(shutil.copytree(compiled, Path(folder) / name))
            file = code / SETTINGS
            file.write_text(json.dumps(settings, indent=1, sort_keys=True), encoding="utf-8")
            # Zips keep modes: whatever the caller's umask, Lambda's user must be able to read.
            file.chmod(0o644)
            yield code

    def shared_layer(self) -> Path:
        """Return the folder of our own compiled package."""
        return own.shared_layer(self.root, into=self.compiled)

    def vendor_layer(self, name: str) -> Path:
        """Return the folder of the built third-party layer: an architecture, or a local machine."""
        layer = self.vendor / name
        if not (layer / "python").is_dir():
            raise ConfigurationError(f"the vendor layer for {name} is not built: run `make layers`")
        return layer


def in_repository() -> Sources:
    """Return the folders of this working tree."""
    return Sources(root=ROOT, vendor=ROOT / "layers" / "vendor" / "build")


def working_in(folder: Path) -> Sources:
    """Return the folders of a tree that is not written to: what is built goes into the folder."""
    return Sources(root=ROOT, vendor=folder / "layers", compiled=folder / "dist")
