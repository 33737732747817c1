"""Keeps the templates of today as released: `python -m infra.release.freeze`, by `make freeze`."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

# Imported before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401

# isort: split
from aws_cdk import App

import couponbus_config
from couponbus_config.file import read_installation
from infra.app import build_stage, feature_flags
from infra.release.assembly import templates_of
from infra.release.released import FOLDER, Release, freeze, harms, release_of, released
from infra.sources import in_repository

SAMPLE = Path(couponbus_config.__file__).parent / "samples" / "shop.yaml"
STAGE = "prod"


def main() -> int:
    """Freeze the sample's stage `prod`, with a name that no stage has to have."""
    with tempfile.TemporaryDirectory() as folder:
        return keep(release_of(_synthesised(Path(folder))))


def keep(release: Release, *, folder: Path = FOLDER) -> int:
    """Write the release and return 0, or refuse one that harms the last and return 1."""
    if refused := harms(released(folder), release):
        sys.stderr.writelines(f"{sentence}\n" for sentence in refused)
        sys.stderr.write("nothing was kept\n")
        return 1
    for name in freeze(release, folder=folder):
        sys.stdout.write(f"kept: infra/released/{name}\n")
    return 0


def _synthesised(folder: Path) -> Mapping[str, Mapping[str, object]]:
    installation = read_installation(SAMPLE)
    stage, names = installation.stage(STAGE), installation.names(STAGE)
    app = App(analytics_reporting=False, outdir=str(folder), context=feature_flags())
    build_stage(app, stage, names=names, sources=in_repository())
    app.synth()
    prefix = names.of("")
    return {
        stack.removeprefix(prefix): template for stack, template in templates_of(folder).items()
    }


if __name__ == "__main__":
    sys.exit(main())
