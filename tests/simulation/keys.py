"""API keys as a process caches them while they are rotated."""

from couponbus.domain.errors import SecretUnavailable
from tests.simulation.coniq import Coniq
from tests.simulation.faults import ERROR
from tests.simulation.world import World


class CachedKeys:
    """The key of each account, read at first use and again after it was refused."""

    def __init__(self, world: World, coniq: Coniq) -> None:
        self._world = world
        self._coniq = coniq
        self._kept: dict[str, str] = {}

    def api_key(self, secret_id: str) -> str:
        if secret_id not in self._kept:
            if self._world.call("keys.read") == ERROR:
                raise SecretUnavailable("get_secret_value: ThrottlingException")
            self._kept[secret_id] = self._coniq.shops[secret_id].key
        return self._kept[secret_id]

    def refresh(self, secret_id: str) -> None:
        self._kept.pop(secret_id, None)
