"""The metrics of one AWS account, as CloudWatch keeps them: values by metric and minute."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

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
            if '"_aws"' in line:
                self._put_record(json.loads(line), minute=minute)

    def between(self, key: MetricKey, begin: Minute, end: Minute) -> Values:
        """Return all values from minute `begin` to before `end`."""
        minutes = self._values.get(key)
        if not minutes or self.latest[key] < begin:
            return []
        return [one for at in range(begin, end) for one in minutes.get(at, ())]

    def _put_record(self, record: Mapping[str, Any], *, minute: Minute) -> None:
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = frozenset((name, str(record[name])) for name in names)
                for metric in directive["Metrics"]:
                    key = MetricKey(directive["Namespace"], metric["Name"], dimensions)
                    values = record[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        self.put(key, float(value), minute=minute, unit=metric["Unit"])
