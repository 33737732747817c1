"""The folders of functions and layers, and the errors when one is missing."""

from dataclasses import dataclass
from pathlib import Path

from infra.configuration_error import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The folders that become assets; `vendor` holds one folder per platform."""

    root: Path
    vendor: Path

    def with_function(self, folder: str) -> Path:
        """Return the root; raise ConfigurationError if the function is missing."""
        handler = self.root / "functions" / folder / "handler.py"
        if not handler.is_file():
            raise ConfigurationError(
                f"functions/{folder}/handler.py is missing: each worker needs its handler"
            )
        return self.root

    def shared_layer(self) -> Path:
        """Return the folder of our own package, which is a layer without a build."""
        return self.root / "layers" / "shared"

    def vendor_layer(self, name: str) -> Path:
        """Return the folder of the built third-party layer: an architecture, or a local machine."""
        layer = self.vendor / name
        if not (layer / "python").is_dir():
            raise ConfigurationError(f"the vendor layer for {name} is not built: run `make layers`")
        return layer


def in_repository() -> Sources:
    """Return the folders of this working tree."""
    return Sources(root=ROOT, vendor=ROOT / "layers" / "vendor" / "build")
