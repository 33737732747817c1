"""An incident: what breaks, when it is mended, and exactly which alarms ring until when."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from tests.fakes.clock import NOON
from tests.incidents.account import Account, RunningStage, Traffic
from tests.incidents.alarms import Change
from tests.incidents.evaluation import State
from tests.incidents.stage import ISSUING, POLLED
from tests.incidents.template import StageTemplate
from tests.incidents.traffic import sign_ups

QUIET_MINUTES = 5
CALM_MINUTES = 20

type Act = Callable[[RunningStage], None]


def nothing(stage: RunningStage) -> None:
    """Leave all as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`levels` and `events` name the alarms that ring, each within so many minutes of the break.

    A level is over, and says so, within `ends` minutes of the mending; an event says nothing more.
    The stage is watched for `calm` minutes at least after the mending.
    """

    name: str
    breaks: Act
    mends: Act = nothing
    levels: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    lasts: int = 60
    ends: int = 35
    calm: int = CALM_MINUTES
    stride: int = 1
    began: datetime = NOON
    begins: Act = nothing
    traffic: Sequence[Traffic] = ()  # that of a usual stage, if there is none
    programs: tuple[Program, ...] = (ISSUING,)
    polled: tuple[PollAccount, ...] = POLLED
    stages: tuple[str, ...] = ()  # other stages in the account, where nothing is broken


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What the alarms did; minutes count from the break."""

    changes: Sequence[Change]
    broke: int
    mended: int

    def rang(self) -> dict[str, list[int]]:
        """Return when each alarm notified the topic that it rings."""
        return self._notified(State.ALARM)

    def over(self) -> dict[str, list[int]]:
        """Return when each alarm notified the topic that all is well again."""
        return self._notified(State.OK)

    def _notified(self, state: State) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for change in self.changes:
            if change.is_notified and change.state is state:
                found[change.alarm].append(change.at - self.broke)
        return dict(found)


def played(incident: Incident, template: StageTemplate) -> Course:
    """Play an incident against the alarms of a template."""
    account = Account(
        template,
        *map(template.named, incident.stages),
        began=incident.began,
        programs=incident.programs,
        polled=incident.polled,
    )
    stage = account.stages[0]
    for each in account.stages:
        each.traffic += incident.traffic or [sign_ups()]
    incident.begins(stage)
    account.run(QUIET_MINUTES)
    broke = account.minute
    incident.breaks(stage)
    account.run(incident.lasts, stride=incident.stride)
    mended = account.minute - broke
    incident.mends(stage)
    account.run(incident.calm, stride=incident.stride)
    while account.alarms.levels_ringing and account.minute - broke < mended + incident.ends:
        account.run(incident.calm, stride=incident.stride)
    return Course(changes=account.alarms.changes, broke=broke, mended=mended)


def faults_of(incident: Incident, course: Course, *, stage: str) -> list[str]:
    """Return each difference between what should have rung and what did."""
    levels, events = _named(incident.levels, stage), _named(incident.events, stage)
    rang, over = course.rang(), course.over()
    faults = [
        f"{name} rang after {rang[name]} min"
        for name in rang.keys() - levels.keys() - events.keys()
    ]
    for name, within in (levels | events).items():
        first = rang.get(name, [None])[0]
        if first is None:
            faults.append(f"{name} did not ring")
        elif not 0 <= first <= within:
            faults.append(f"{name} rang after {first} min, not within {within}")
    for name in levels:
        faults += _of_level(name, rang.get(name, []), over.get(name, []))
        last = over.get(name, [None])[-1]
        if last is not None and last - course.mended > incident.ends:
            faults.append(f"{name} was over {last - course.mended} min after the mending")
    for name in events:
        faults += _of_event(name, rang.get(name, []), over.get(name, []))
    return sorted(faults)


def _of_level(name: str, rang: Sequence[int], over: Sequence[int]) -> list[str]:
    if len(rang) > 1:
        return [f"{name} rang {len(rang)} times: {rang}, over {over}"]
    if rang and len(over) < len(rang):
        return [f"{name} was never over"]
    return []


def _of_event(name: str, rang: Sequence[int], over: Sequence[int]) -> list[str]:
    if len(rang) > 1:
        return [f"{name} rang {len(rang)} times: {rang}"]
    return [f"{name} is an event and said OK"] if over else []


def _named(expected: Mapping[str, int], stage: str) -> dict[str, int]:
    return {f"couponbus-{stage}-{name}": minutes for name, minutes in expected.items()}
