"""Physical names: fixed per stage, so that people, alarms and the command can use them."""

from dataclasses import dataclass

PRODUCT = "couponbus"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one stage's resources."""

    stage: str

    @property
    def base(self) -> str:
        """Return the name of the table and of the bus."""
        return f"{PRODUCT}-{self.stage}"

    def of(self, part: str) -> str:
        """Return the name of a queue, function, stack, topic or archive."""
        return f"{self.base}-{part}"

    def secret(self, part: str) -> str:
        """Return the name of a secret."""
        return f"{PRODUCT}/{self.stage}/{part}"

    def access_log(self, api: str) -> str:
        """Return the name of an access log; logs with this prefix need no resource policy."""
        return f"/aws/vendedlogs/{self.of(api)}"

    def api_id(self, api: str) -> str:
        """Return the name of the parameter with the id of an API."""
        return f"/{PRODUCT}/{self.stage}/{api}/api-id"

    def log_group(self, function: str) -> str:
        """Return the name of the log group, the one that Lambda would choose."""
        return f"/aws/lambda/{self.of(function)}"
