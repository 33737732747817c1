"""What was seen of a stage: the newest facts, and where a part cannot be read, its last known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Never, cast

from couponbus_cli.app.formatting import moment
from couponbus_cli.status.figures import Facts, Unread
from couponbus_cli.status.health import needs_of

# `counts` are never asked for by the page: they cost a scan.
PARTS = {each.name for each in fields(Facts)} - {"stage", "at", "needs", "counts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A part that cannot be read now: why, and when it was read last, None for never.

    `needs` are the sentences for an operator that it led to when it was read.
    """

    why: str
    at: datetime | None
    needs: Sequence[str] = ()

    @property
    def since(self) -> str:
        """How old what is shown of it is."""
        return " not read" if self.at is None else f" as of {moment(self.at)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A stage as last seen; `down` says why it could not be opened at all, this time.

    `facts` is None where it never could be. `programs` is the number of programs in force, None
    where they could not be counted.
    """

    facts: Facts | None = None
    stale: Mapping[str, Stale] = field(default_factory=dict)
    down: str | None = None
    programs: int | None = None

    def newer(self, facts: Facts, *, programs: int | None) -> "Seen":
        """Return what is seen with these facts: what they lack stays as it was."""
        kept: dict[str, Never] = {}
        stale: dict[str, Stale] = {}
        for name, why in facts.unread.items():
            stale[name] = Stale(why=why, at=self._read_at(name), needs=self._needs_of(name))
            if self.facts is not None:
                kept[name] = cast("Never", getattr(self.facts, name))
        return Seen(facts=replace(facts, **kept), stale=stale, programs=programs)

    def unread(self, parts: Iterable[str] = PARTS) -> list[str]:
        """Return a sentence for each reason why some of these parts cannot be read now."""
        by_reason: dict[str, list[str]] = {}
        for part in sorted(parts):
            if (stale := self.stale.get(part)) is not None:
                reason = f"{stale.since}: {stale.why}"
                by_reason.setdefault(reason, []).append(part.replace("_", " "))
        return [f"{', '.join(named).capitalize()}{reason}" for reason, named in by_reason.items()]

    def gone(self, why: str) -> "Seen":
        """Return the same of a stage that cannot be opened any more."""
        return replace(self, down=why)

    @property
    def needs(self) -> list[str]:
        """What needs an operator; of a part that cannot be read, what was said of it last."""
        new = () if self.facts is None else self.facts.needs
        kept = (need for stale in self.stale.values() for need in stale.needs)
        return [*dict.fromkeys([*new, *kept])]

    @property
    def is_dark(self) -> bool:
        """Whether nothing of it could be read this time."""
        return self.down is not None or self.facts is None or self.stale.keys() >= PARTS

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it was ever read."""
        never = {name for name, each in self.stale.items() if each.at is None}
        return self.facts is None or never >= PARTS

    def _needs_of(self, part: str) -> Sequence[str]:
        """Return those of the last needs that would not be there without a part."""
        if part in self.stale:
            return self.stale[part].needs
        if self.facts is None:
            return ()
        others = needs_of(replace(self.facts, **{part: cast("Never", Unread(why=""))}))
        return tuple(need for need in self.facts.needs if need not in others)

    def _read_at(self, name: str) -> datetime | None:
        if self.facts is None or isinstance(getattr(self.facts, name), Unread):
            return None
        return self.stale[name].at if name in self.stale else self.facts.at
