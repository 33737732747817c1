"""The error that stops the synthesis, and where in the file it is."""

type Path = tuple[str | int, ...]


class ConfigurationError(ValueError):
    """A setting is wrong; the message says in one sentence what to change.

    `at` is the path of the setting within what was checked, empty for all of it.
    """

    def __init__(self, text: str, *, at: Path = ()) -> None:
        super().__init__(text)
        self.at = at
