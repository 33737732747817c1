"""A client whose provider answers what a test wants, without a socket."""

from collections.abc import Mapping

from couponbus.providers.http.transport import HttpAnswer, Transport
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.providers.uniqodo.client import UniqodoRedemptions
from tests.unit.providers.fakes import RotatingKeys, WallClock

CLOCK = WallClock()
PROMOTION = "0f" * 16
USER = "ABC123"


class Canned(Transport):
    """Gives its answers in order, then repeats the last one."""

    def __init__(self, *answers: HttpAnswer) -> None:
        self.asked: list[str] = []
        self._answers = answers

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        assert headers["Accept"] == "application/json"
        assert (dict(params), seconds > 0) == ({}, True)
        self.asked.append(url)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def answered(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    return HttpAnswer(status=status, headers=headers or {}, body=body)


def client(transport: Transport, *, keys: RotatingKeys | None = None) -> UniqodoRedemptions:
    account = UniqodoAccount(name="main", secret_id="secret", base_url="http://127.0.0.1:1")
    return UniqodoRedemptions(
        accounts={"main": account}, keys=keys or RotatingKeys(), transport=transport, clock=CLOCK
    )
