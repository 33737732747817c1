"""All facts are asked at once, and their answers are a table or JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import IO, Any, Literal

from rich.console import Console
from rich.table import Table

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Fact, Verdict

type Place = Literal["aws", "engine"]
type Word = Literal["proven", "holds here", "only AWS", "REFUTED", "NOT ASKED"]
BAD: tuple[Word, ...] = ("REFUTED", "NOT ASKED")
AT_ONCE = 32  # they mostly wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one fact; `only AWS` is none, whatever was seen."""

    name: str
    word: Word
    sentence: str
    seen: str
    page: str

    @property
    def is_bad(self) -> bool:
        """Return whether the fact was refuted, or could not be asked."""
        return self.word in BAD


def answers(facts: Sequence[Fact[Any]], cloud: Cloud, *, place: Place) -> Iterator[Answer]:
    """Ask all facts at once, and yield each answer when it is there."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(answered, fact, cloud, place=place) for fact in facts]
        try:
            for each in as_completed(asked):
                yield each.result()
        except BaseException:
            # Or what was begun would be deleted only after the longest wait.
            cloud.over.set()
            raise


def answered(fact: Fact[Any], cloud: Cloud, *, place: Place) -> Answer:
    """Ask one fact; what cannot be known here is no answer, but a question that fails is bad."""
    if place == "engine" and fact.here == "lacking":
        return _answer(fact, "only AWS", "the local engine has nothing to ask")
    try:
        verdict = fact.ask(cloud)
    except Exception as failed:
        return _answer(fact, "NOT ASKED", f"{type(failed).__name__}: {failed}")
    if verdict.holds and place == "engine" and fact.here == "played":
        return _answer(fact, "only AWS", f"played by our own shim: {verdict.seen}")
    return _answer(fact, _word(verdict, place), verdict.seen)


def _word(verdict: Verdict, place: Place) -> Word:
    if not verdict.holds:
        return "REFUTED"
    return "proven" if place == "aws" else "holds here"


def _answer(fact: Fact[Any], word: Word, seen: str) -> Answer:
    return Answer(name=fact.name, word=word, sentence=fact.sentence, seen=seen, page=fact.page)


def show(found: Sequence[Answer], *, file: IO[str], width: int) -> None:
    """Print the table and how many of each word there are."""
    table = Table("fact", "answer", "seen", width=width, show_lines=True)
    for each in found:
        table.add_row(each.sentence, each.word, each.seen)
    console = Console(file=file, width=width, markup=False, highlight=False)
    console.print(table)
    counted = Counter(each.word for each in found)
    console.print(", ".join(f"{number} {word}" for word, number in counted.items()))
    for each in found:
        if each.is_bad:
            console.print(f"{each.word} {each.name}: https://docs.aws.amazon.com/{each.page}")


def as_json(found: Sequence[Answer]) -> str:
    """Return the answers as a JSON document."""
    return json.dumps([asdict(each) for each in found], indent=2)
