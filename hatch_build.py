"""What a wheel has beyond its packages: the tree from which `couponbus synth` deploys."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Inside of a package of ours: no name that another project may have is installed.
TREE = Path("couponbus_cli", "synth", "tree")
# The shared layer is not among them: it is made of the package that the wheel has.
PARTS = (
    "infra",
    "functions",
    "layers/*.py",
    "layers/vendor/requirements.txt",
    "cdk.json",
    ".python-version",
)


class DeployableTree(BuildHookInterface[Any]):
    """Adds the tree to the wheel, and nothing to an editable installation, which has a clone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files of the tree, and their places in the wheel."""
        if version == "editable":
            return
        root = Path(self.root)
        for path in (each for part in PARTS for each in root.glob(part)):
            build_data["force_include"][str(path)] = str(TREE / path.relative_to(root))
