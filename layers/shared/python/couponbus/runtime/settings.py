"""Settings of a function, read from its environment once and checked by their types."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, Json, ValidationError

from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.issuing.account import Account

type Accounts = Json[tuple[Account, ...]]


class TimeSettings(BaseModel):
    """The settings of the clock. A field is an environment variable of its name in capitals."""

    model_config = ConfigDict(frozen=True)

    stage: str = ""
    clock_file: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings. Raises ConfigurationInvalid that names what is missing or wrong."""
        given = {
            name: environment[name.upper()]
            for name in cls.model_fields
            if name.upper() in environment
        }
        try:
            return cls.model_validate(given)
        except ValidationError as wrong:
            names = [str(error["loc"][0]).upper() for error in wrong.errors(include_input=False)]
            listed = ", ".join(dict.fromkeys(names))
            raise ConfigurationInvalid(
                f"these environment variables are missing or wrong: {listed}"
            ) from None


class FunctionSettings(TimeSettings):
    """The settings of every function; only the stage on a developer's machine has a clock file."""

    stage: str
    table_name: str


class IssuanceSettings(FunctionSettings):
    """The settings of a function that writes issuances, decided ones among them.

    All of these must know for how many days they are kept: each write says anew when a row expires.
    """

    issuance_days: int | None = Field(default=None, ge=DECIDED_LEAST.days)
