"""Models of responses in which an unreadable field costs that field alone, and is reported."""

from typing import ClassVar, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)


class Unreadable:
    """The names of the fields that could not be read, in order of appearance."""

    def __init__(self, *names: str) -> None:
        """Begin with names that are known already."""
        self._names = list(names)

    def note(self, name: str) -> None:
        """Add a name."""
        self._names.append(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, each once."""
        return tuple(dict.fromkeys(self._names))


class Lenient(BaseModel):
    """A model in which null and unreadable fields count as absent, and unknown keys are ignored.

    A field without a default must be present and readable: otherwise the model is not.
    """

    prefix: ClassVar[str] = ""
    """The prefix of the name of a field in a report."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_alias=True,
        serialize_by_alias=True,
        # Of a dozen models only the outermost are read by themselves. Several threads may be the
        # first to do so: pydantic builds under a lock (from 2.14 on).
        defer_build=True,
    )

    @classmethod
    def read(cls, value: object, *, unreadable: Unreadable) -> Self:
        """Return the model. Raises pydantic's ValidationError."""
        return cls.model_validate(value, context=unreadable)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_nothing(
        cls, value: object, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> object:
        field = cls.model_fields[str(info.field_name)]
        if field.is_required():
            return handler(value)
        if value is None:
            return None
        try:
            return handler(value)
        except ValidationError:
            cast("Unreadable", info.context).note(f"{cls.prefix}{field.alias or info.field_name}")
            return None
