"""Physical names: fixed per stage, so that people, alarms and the command can use them."""

from dataclasses import dataclass

PRODUCT = "couponbus"
# The stage of `make up`: on this machine, with simulators, and with an endpoint of its own.
LOCAL = "local"
# In the order of their deployment.
STACKS = ("ledger", "state", "messaging", "workers", "monitoring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one stage's resources; an installation's name has no hyphen, a stage's may."""

    stage: str
    installation: str = PRODUCT

    @property
    def base(self) -> str:
        """Return the name of the table and of the bus."""
        return f"{self.installation}-{self.stage}"

    @property
    def metrics(self) -> str:
        """Return the namespace of our own metrics."""
        return self.installation

    def of(self, part: str) -> str:
        """Return the name of a queue, function, stack, topic or archive."""
        return f"{self.base}-{part}"

    def secret(self, part: str) -> str:
        """Return the name of a secret."""
        return f"{self.installation}/{self.stage}/{part}"

    def access_log(self, api: str) -> str:
        """Return the name of an access log; logs with this prefix need no resource policy."""
        return f"/aws/vendedlogs/{self.of(api)}"

    def api_id(self, api: str) -> str:
        """Return the name of the parameter with the id of an API."""
        return f"/{self.installation}/{self.stage}/{api}/api-id"

    def log_group(self, function: str) -> str:
        """Return the name of the log group, the one that Lambda would choose."""
        return f"/aws/lambda/{self.of(function)}"
