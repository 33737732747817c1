"""Metrics are read out of lines as CloudWatch Logs reads them, and other lines are left alone."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus_sandbox.engine.embedded_metrics import Reported, reported

AT_MS = 1_770_000_000_500
SETS = [["stage", "service"]]


def line(
    *,
    metrics: object = ({"Name": "Failed", "Unit": "Count"},),
    dimensions: object = SETS,
    timestamp: object = AT_MS,
    **fields: object,
) -> str:
    directive = {"Namespace": "couponbus", "Dimensions": dimensions, "Metrics": metrics}
    envelope = {"Timestamp": timestamp, "CloudWatchMetrics": [directive]}
    values = {"stage": "prod", "service": "sweep_due", "Failed": 3.0}
    return json.dumps({"_aws": envelope, **values, **fields})


def test_a_line_becomes_a_metric_with_all_its_dimensions() -> None:
    [metric] = reported(line())

    assert metric == Reported(
        namespace="couponbus",
        name="Failed",
        dimensions={"stage": "prod", "service": "sweep_due"},
        unit="Count",
        values=(3.0,),
        at=AT_MS / 1000,
    )


def test_a_value_may_be_a_list() -> None:
    [metric] = reported(line(Failed=[1, 2.5, 0]))

    assert metric.values == (1.0, 2.5, 0.0)


def test_each_set_of_dimensions_is_a_metric_of_its_own() -> None:
    found = reported(line(dimensions=[["stage"], ["stage", "service"], []]))

    assert [sorted(metric.dimensions) for metric in found] == [["stage"], ["service", "stage"], []]


def test_a_metric_may_have_no_unit() -> None:
    [metric] = reported(line(metrics=[{"Name": "Failed"}]))

    assert metric.unit == "None"


BROKEN: Mapping[str, str] = {
    "not JSON": line()[:-1],
    "no object": json.dumps([line()]),
    "no envelope": json.dumps({"Failed": 1, "say": '"_aws"'}),
    "an envelope that is no object": json.dumps({"_aws": 7}),
    "no directive": json.dumps({"_aws": {"Timestamp": AT_MS}}),
    "a time that is a text": line(timestamp="today"),
    "no time": line(timestamp=None),
    "a value that is a text": line(Failed="3"),
    "a value that is true": line(Failed=True),
    "a value that is no number": line(Failed=float("nan")),
    "a value beyond all floats": line(Failed=10**400),
    "a time beyond all floats": line(timestamp=10**400),
    "an endless value": line(Failed=float("inf")),
    "a value that is missing": line(metrics=[{"Name": "Delivered"}]),
    "a dimension that is missing": line(dimensions=[["stage", "region"]]),
    "a dimension that is a number": line(stage=7),
    "dimensions that are no lists": line(dimensions=7),
    "a metric without a name": line(metrics=[{}]),
    "a metric that is a text": line(metrics=["Failed"]),
    "deeper than can be read": '{"_aws":' + "[" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_line_reports_nothing(text: str) -> None:
    assert reported(text) == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values, json_values, json_values)
def test_no_content_of_an_envelope_raises(
    metrics: object, dimensions: object, time: object
) -> None:
    reported(line(metrics=metrics, dimensions=dimensions, timestamp=time))
