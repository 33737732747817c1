"""The stage `local` of a `couponbus.yaml`, with this machine's simulators in their places."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import couponbus_config
from couponbus_config.file import DEFAULT_FILE, read_installation, text_of
from couponbus_config.located_yaml import document
from couponbus_config.names import LOCAL

SHIPPED = Path(couponbus_config.__file__).parent / "samples" / "local.yaml"

type Settings = dict[str, object]


def described(given: Path | None) -> Path:
    """Return the file that describes the stage: the given one, the one here, or the shipped one.

    Raise ConfigurationError for a file that is not valid.
    """
    chosen = given or (DEFAULT_FILE if DEFAULT_FILE.exists() else SHIPPED)
    stages = {stage.name for stage in read_installation(chosen).stages}
    return chosen if LOCAL in stages or given else SHIPPED


def write_stage_file(
    folder: Path, *, source: Path, urls: Mapping[str, str], overrides: Mapping[str, object]
) -> Path:
    """Write the stage with the simulators' URLs, and return the file.

    `overrides` are settings of the stage, and `calls_per_second` of all its accounts; those of
    `timing` are added to the stage's own.
    """
    read = cast("dict[str, dict[str, Settings]]", document(text_of(source)).value)
    stage: Settings = {**read["stages"][LOCAL], **overrides}
    rate = stage.pop("calls_per_second", None)
    paced = {} if rate is None else {"calls_per_second": rate}
    for provider, url in urls.items():
        accounts = cast("list[Settings]", stage.get(provider, []))
        stage[provider] = [{**each, "base_url": url, **paced} for each in accounts]
    own = cast("Settings", read["stages"][LOCAL].get("timing", {}))
    stage["timing"] = {**own, **cast("Settings", overrides.get("timing", {}))}
    file = folder / DEFAULT_FILE
    named = {key: value for key, value in read.items() if key != "stages"}
    file.write_text(json.dumps({**named, "stages": {LOCAL: stage}}), encoding="utf-8")
    return file
