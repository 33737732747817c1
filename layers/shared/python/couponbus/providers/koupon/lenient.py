"""Models of answers in which one illegible field costs that field alone, and is told."""

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
        """Begin with those that are known."""
        self._names = list(names)

    def note(self, name: str) -> None:
        """Remember one."""
        self._names.append(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Each name once."""
        return tuple(dict.fromkeys(self._names))


class Lenient(BaseModel):
    """What is null counts as absent, what cannot be read as well, and unknown keys do not count.

    A field without a default must be there and legible: else the whole is not.
    """

    prefix: ClassVar[str] = ""
    """What stands before the name of a field when it is told."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", validate_by_alias=True, serialize_by_alias=True
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
