"""`couponbus config`: write, check and describe the file that describes an installation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import answering
from couponbus_cli.app.failing import Failed
from couponbus_cli.config.reading import USAGE, installation_of
from couponbus_config import schema as schema_of_file
from couponbus_config.changed_ids import changed_ids
from couponbus_config.file import DEFAULT_FILE
from couponbus_config.installation import Installation

SAMPLES = Path(schema_of_file.__file__).parent / "samples"

FileArgument = Annotated[Path, typer.Argument(help="The file.", show_default=True)]

config = typer.Typer(
    name="config",
    help="Write, check and describe couponbus.yaml, the stages of an installation.",
    no_args_is_help=True,
)


@config.command("check")
@answering
def check(
    file: FileArgument = DEFAULT_FILE,
    *,
    was: Annotated[
        Path | None,
        typer.Option(help="The file as it was deployed: an account whose id changed is refused."),
    ] = None,
) -> Answer:
    """Check the file, and say what is wrong with line and column; exits with 2 then."""
    checked = installation_of(file)
    if was is not None:
        changed = list(changed_ids(installation_of(was), checked))
        if changed:
            raise Failed("\n".join(changed), kind="id_changed", code=USAGE)
    return Answer(data=_data(checked), shown=_shown(file, checked))


@config.command("schema")
@answering
def schema() -> Answer:
    """Show the JSON Schema of the file: every setting, with what it is for."""
    return Answer(data=schema_of_file.schema(), shown=[schema_of_file.text().rstrip()])


@config.command("init")
@answering
def init(
    file: FileArgument = DEFAULT_FILE,
    *,
    sample: Annotated[str, typer.Option(help="shop: one brand. agency: 20 brands.")] = "shop",
) -> Answer:
    """Write a sample to begin with; an existing file stays as it is."""
    samples = sorted(path.stem for path in SAMPLES.glob("*.yaml"))
    if sample not in samples:
        text = f"there is no sample {sample!r}: use one of {', '.join(samples)}"
        raise Failed(text, kind="unknown_sample", code=USAGE)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write((SAMPLES / f"{sample}.yaml").read_text(encoding="utf-8"))
    except OSError as error:
        raise Failed(f"{file} is not written: {error.strerror}", kind="not_written") from None
    return Answer(
        data={"file": str(file)},
        shown=[f"{file} is written: put your accounts in, then `couponbus config check`."],
    )


def _data(installation: Installation) -> dict[str, object]:
    return {
        "name": installation.name,
        "stages": {
            stage.name: {
                "coniq": [each.identity for each in stage.accounts],
                "uniqodo": [each.identity for each in stage.uniqodo_accounts],
                "koupon": [each.identity for each in stage.koupon_accounts],
            }
            for stage in installation.stages
        },
    }


def _shown(file: Path, installation: Installation) -> Sequence[str]:
    lines = [
        f"  {stage.name}: {len(stage.accounts)} at Coniq, {len(stage.uniqodo_accounts)} at Uniqodo,"
        f" {len(stage.koupon_accounts)} at Koupon"
        for stage in installation.stages
    ]
    return [f"{file} is valid: installation {installation.name}", *lines]
