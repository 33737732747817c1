"""The metrics of one AWS account, as CloudWatch keeps them: values by metric and minute."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from couponbus_sandbox.engine.embedded_metrics import reported

MINUTE = 60

type Minute = int
type Values = list[float]


class MetricKey(NamedTuple):
    """What identifies a metric: an alarm that names other dimensions reads another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


def metric_key(namespace: str, name: str, **dimensions: str) -> MetricKey:
    return MetricKey(namespace, name, frozenset(dimensions.items()))


def minute_of(moment: datetime) -> Minute:
    return int(moment.timestamp()) // MINUTE


class Datapoints:
    """Values of the minute in which they were written; a value of a minute is never changed."""

    def __init__(self) -> None:
        self._values: defaultdict[MetricKey, dict[Minute, Values]] = defaultdict(dict)
        self.units: dict[MetricKey, set[str]] = {}
        self.latest: dict[MetricKey, Minute] = {}

    def put(self, key: MetricKey, value: float, *, minute: Minute, unit: str = "Count") -> None:
        self._values[key].setdefault(minute, []).append(value)
        self.units.setdefault(key, set()).add(unit)
        self.latest[key] = max(minute, self.latest.get(key, minute))

    def put_lines(self, lines: Iterable[str], *, minute: Minute) -> None:
        """Take what CloudWatch Logs takes from the output of a function: lines in EMF."""
        for line in lines:
            for one in reported(line):
                key = metric_key(one.namespace, one.name, **one.dimensions)
                for value in one.values:
                    self.put(key, value, minute=minute, unit=one.unit)

    def between(self, key: MetricKey, begin: Minute, end: Minute) -> Values:
        """Return all values from minute `begin` to before `end`."""
        minutes = self._values.get(key)
        if not minutes or self.latest[key] < begin:
            return []
        return [one for at in range(begin, end) for one in minutes.get(at, ())]
