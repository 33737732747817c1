"""A fact about AWS that the product relies on, and what an answer to it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.aws_smoke.cloud import Cloud

# known: MiniStack decides, which others made. played: a shim of ours answers, so that the question
# is tried, and nothing is shown. lacking: there is nothing to ask.
type Here = Literal["known", "played", "lacking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the fact held, and what was seen."""

    holds: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact[S]:
    """`observe` asks the cloud, `judge` decides about what was seen, without a cloud.

    `page` is where AWS documents it; `here` is what the local engine knows of it.
    """

    name: str
    sentence: str
    page: str
    observe: "Callable[[Cloud], S]"
    judge: Callable[[S], Verdict]
    here: Here

    def ask(self, cloud: "Cloud") -> Verdict:
        """Observe, and judge it."""
        return self.judge(self.observe(cloud))


def fact[S](
    name: str, *, page: str, judge: Callable[[S], Verdict], here: Here
) -> "Callable[[Callable[[Cloud], S]], Fact[S]]":
    """Make a fact of the function that observes it, whose docstring is its sentence."""

    def made(observe: "Callable[[Cloud], S]") -> Fact[S]:
        sentence = " ".join(str(observe.__doc__).split()).removesuffix(".")
        return Fact(
            name=name, sentence=sentence, page=page, observe=observe, judge=judge, here=here
        )

    return made
