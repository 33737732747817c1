"""Eight mistakes in alarms or metrics, each planted alone: an incident must show each of them."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.incidents.cases import INCIDENTS
from tests.incidents.incident import faults_of, played
from tests.incidents.template import Properties, StageTemplate

type Mistake = Callable[[Properties], Properties]


def renamed(alarm: Properties) -> Properties:
    return {**alarm, "MetricName": f"{alarm['MetricName']}s"}


def of_the_wrong_dimension(alarm: Properties) -> Properties:
    dimensions = [one for one in alarm["Dimensions"] if one["Name"] != "stage"]
    return {**alarm, "Dimensions": dimensions}


def too_short(alarm: Properties) -> Properties:
    return {**alarm, "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}


def with_missing_data_as_good(alarm: Properties) -> Properties:
    return {**alarm, "TreatMissingData": "notBreaching"}


def with_an_ok_action(alarm: Properties) -> Properties:
    return {**alarm, "OKActions": alarm["AlarmActions"]}


@pytest.mark.parametrize(
    ("mistake", "alarm", "incident", "shown"),
    [
        (
            renamed,
            "issue_barcodes-BreakerOpen",
            "Coniq answers 500",
            "issue_barcodes-BreakerOpen did not ring",
        ),
        (
            of_the_wrong_dimension,
            "sweep_due-AmbiguousOpen",
            "Coniq makes two barcodes",
            "sweep_due-AmbiguousOpen did not ring",
        ),
        (
            too_short,
            "issue_barcodes-BreakerOpen",
            "Coniq fails for eight minutes",
            "issue_barcodes-BreakerOpen rang",
        ),
        (
            renamed,
            "issue_barcodes-Failed",
            "issue_barcodes may not put events",
            "issue_barcodes-Failed did not ring",
        ),
        (
            renamed,
            "sweep_due-Failed",
            "the bus refuses one event",
            "sweep_due-Failed did not ring",
        ),
        (
            of_the_wrong_dimension,
            "publish_events-Failed",
            "the bus does not answer while some are refused",
            "publish_events-Failed did not ring",
        ),
        (
            with_missing_data_as_good,
            "sweep_due-missing",
            "the sweeper is stopped",
            "sweep_due-missing did not ring",
        ),
        (
            with_an_ok_action,
            "audit_barcodes-MissingFound",
            "a barcode is missing at Coniq",
            "audit_barcodes-MissingFound is an event and said OK",
        ),
    ],
)
def test_a_planted_mistake_is_shown_by_an_incident(
    mistake: Mistake, alarm: str, incident: str, shown: str, prod: StageTemplate
) -> None:
    broken = planted(mistake, f"couponbus-{prod.stage}-{alarm}", prod)

    faults = faults_of(INCIDENTS[incident], played(INCIDENTS[incident], broken), stage=prod.stage)

    assert any(shown in fault for fault in faults), faults


def planted(mistake: Mistake, alarm: str, template: StageTemplate) -> StageTemplate:
    """Return a template with this mistake in one alarm, which must change it."""
    damaged = [mistake(one) if one["AlarmName"] == alarm else one for one in template.alarms]
    assert json.dumps(damaged) != json.dumps(template.alarms)
    return replace(template, alarms=damaged)
