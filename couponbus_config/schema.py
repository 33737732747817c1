"""The JSON Schema of `couponbus.yaml`, for editors: `python -m couponbus_config.schema`."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from couponbus_config import file
from couponbus_config.names import PRODUCT
from couponbus_config.stage import StageConfig

SCHEMA = Path(__file__).parent / "couponbus.schema.json"


def schema() -> dict[str, Any]:
    """Return the schema, made of the classes that read the file."""
    stage = TypeAdapter(StageConfig).json_schema(ref_template="#/$defs/{model}")
    parts = stage.pop("$defs")
    stage["properties"].pop("name")
    stage["required"].remove("name")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "couponbus.yaml",
        "type": "object",
        "additionalProperties": False,
        "required": ["stages"],
        "properties": {
            "name": {
                "type": "string",
                "pattern": f"^{file.INSTALLATION.pattern}$",
                "default": PRODUCT,
                "description": "The name of the installation, with which all resources begin.",
            },
            "stages": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{file.STAGE.pattern}$"},
                "additionalProperties": {"$ref": "#/$defs/StageConfig"},
            },
        },
        "$defs": {**parts, "StageConfig": stage},
    }


def text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


def main() -> None:
    """Write the schema beside this module."""
    SCHEMA.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{SCHEMA.name} is written\n")


if __name__ == "__main__":
    main()
