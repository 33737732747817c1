"""Random names: one of the two places where the world gets in unasked."""

import uuid


class RandomIds:
    """Names that nobody else has, without asking anybody."""

    def new(self) -> str:
        """Return 32 random hexadecimal digits."""
        return uuid.uuid4().hex
