"""How the dataclasses of the file are validated: strictly, with their docstrings in the schema."""

from typing import Annotated

from pydantic import ConfigDict, Field, with_config

validated = with_config(ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True))

type Positive = Annotated[int, Field(ge=1)]
type Rate = Annotated[float, Field(gt=0, le=1000)]
type Share = Annotated[float, Field(ge=0, le=1)]
type Seconds = Annotated[float, Field(ge=0)]
type Hours = Annotated[float, Field(gt=0)]
