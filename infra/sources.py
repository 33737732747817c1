"""The folders of functions and layers as they are deployed, and the errors when one is missing."""

from dataclasses import dataclass
from pathlib import Path

from couponbus_config.configuration_error import ConfigurationError
from layers import own

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The folders that become assets; `vendor` holds one folder per platform."""

    root: Path
    vendor: Path

    def function(self, name: str) -> Path:
        """Return the folder of the compiled function; raise ConfigurationError if it is missing."""
        if not (self.root / "functions" / name / "handler.py").is_file():
            raise ConfigurationError(
                f"functions/{name}/handler.py is missing: each worker needs its handler"
            )
        return own.function(self.root, name)

    def shared_layer(self) -> Path:
        """Return the folder of our own compiled package."""
        return own.shared_layer(self.root)

    def vendor_layer(self, name: str) -> Path:
        """Return the folder of the built third-party layer: an architecture, or a local machine."""
        layer = self.vendor / name
        if not (layer / "python").is_dir():
            raise ConfigurationError(f"the vendor layer for {name} is not built: run `make layers`")
        return layer


def in_repository() -> Sources:
    """Return the folders of this working tree."""
    return Sources(root=ROOT, vendor=ROOT / "layers" / "vendor" / "build")
