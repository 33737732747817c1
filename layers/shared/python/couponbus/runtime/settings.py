"""Settings of a function, read from environment and file once and checked by their types."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.issuing.account import Account

# Where Lambda unpacks the code, and the file in it with the settings that grow with accounts.
ROOT, FILE = "LAMBDA_TASK_ROOT", "settings.json"

type Accounts = Json[tuple[Account, ...]]


class TimeSettings(BaseModel):
    """The settings of the clock. A field is a setting of its name in capitals.

    It is an environment variable, or in the file beside the code: Lambda takes 4 KB of variables.
    """

    model_config = ConfigDict(frozen=True)

    stage: str = ""
    clock_file: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings. Raises ConfigurationInvalid that names what is missing or wrong."""
        settings = {**_of_file(environment.get(ROOT)), **environment}
        given = {
            name: settings[name.upper()] for name in cls.model_fields if name.upper() in settings
        }
        try:
            return cls.model_validate(given)
        except ValidationError as wrong:
            names = [str(error["loc"][0]).upper() for error in wrong.errors(include_input=False)]
            listed = ", ".join(dict.fromkeys(names))
            raise ConfigurationInvalid(f"these settings are missing or wrong: {listed}") from None


class FunctionSettings(TimeSettings):
    """The settings of every function; only the stage on a developer's machine has a clock file."""

    stage: str
    table_name: str


class IssuanceSettings(FunctionSettings):
    """The settings of a function that writes issuances, decided ones among them.

    All of these must know for how many days they are kept: each write says anew when a row expires.
    """

    issuance_days: int | None = Field(default=None, ge=DECIDED_LEAST.days)


def _of_file(root: str | None) -> Mapping[str, object]:
    """Return the settings in the code's folder, none where there is no file."""
    if root is None:
        return {}
    try:
        found: object = json.loads((Path(root) / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise ConfigurationInvalid(f"the settings in {FILE} cannot be read")
    return found
