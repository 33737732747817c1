"""All alarms of an account: their states, and what they tell the topic when one changes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.incidents.alarm import Alarm
from tests.incidents.datapoints import Datapoints, Minute
from tests.incidents.evaluation import (
    Breach,
    State,
    begins_of,
    breach_in,
    is_evaluated_at,
    state_of,
)


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm changed its state; `is_notified` says whether the topic was notified."""

    at: Minute
    alarm: str
    state: State
    is_notified: bool


class Alarms:
    """Evaluates each alarm when its state may change; all are OK at first."""

    def __init__(self, alarms: Iterable[Alarm], datapoints: Datapoints, *, began: Minute) -> None:
        self._alarms = list(alarms)
        self._datapoints = datapoints
        self._began = began
        self._known: defaultdict[str, dict[Minute, Breach]] = defaultdict(dict)
        self.states: dict[str, State] = {one.name: State.OK for one in self._alarms}
        self.changes: list[Change] = []

    @property
    def levels_ringing(self) -> set[str]:
        """Return the alarms that ring now, and will say when it is over."""
        return {
            one.name
            for one in self._alarms
            if one.ok_actions and self.states[one.name] is State.ALARM
        }

    def evaluate(self, *, at: Minute) -> None:
        """Evaluate what is due at the beginning of this minute, from the data before it."""
        for alarm in self._alarms:
            if is_evaluated_at(alarm, at) and not self._is_settled(alarm, at):
                periods = self._periods(alarm, at)
                self._change(alarm, state_of(alarm, periods, before=self.states[alarm.name]), at)

    def _periods(self, alarm: Alarm, at: Minute) -> list[Breach]:
        """Return the periods to judge; one that has ended is known, as no data comes late here."""
        known = self._known[alarm.name]
        begins = begins_of(alarm, at=at)
        for begin in begins:
            if begin not in known:
                known[begin] = breach_in(alarm, self._datapoints, begin=begin, began=self._began)
        return [known[begin] for begin in begins]

    def _is_settled(self, alarm: Alarm, at: Minute) -> bool:
        """Whether neither this evaluation nor one before it has any data to read."""
        reach = len(begins_of(alarm, at=at)) * alarm.period
        since = max(self._datapoints.latest.get(alarm.metric, self._began), self._began)
        return at - since > reach + 2 * alarm.period

    def _change(self, alarm: Alarm, state: State, at: Minute) -> None:
        if state is self.states[alarm.name]:
            return
        self.states[alarm.name] = state
        actions = {State.ALARM: alarm.alarm_actions, State.OK: alarm.ok_actions}
        self.changes.append(Change(at, alarm.name, state, bool(actions.get(state))))
