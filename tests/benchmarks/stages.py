"""Where the time of the hot path goes: its stages, each without the stages inside of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps

from couponbus.aws.call_budget import DynamoCallBudget
from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.ledger_writes import ConditionalWrites
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.runtime.observability import Observability
from couponbus.usecases import intake, issue_barcodes, publish_events
from couponbus.usecases.issue_barcodes import IssueBarcodes
from couponbus.usecases.publish_events import PublishEvents
from functions.issue_barcodes import handler as issue_handler
from functions.publish_events import handler as publish_handler

type Place = tuple[object, str]

STAGES: Mapping[str, tuple[Place, ...]] = {
    "read and validate the messages": ((issue_barcodes, "sort_messages"),),
    "match programs, make rows": ((IssueBarcodes, "_enrol"),),
    "take a slot of the pace": ((DynamoCallBudget, "lease"),),
    "claim, commit, mark: encode rows": ((ConditionalWrites, "_put"),),
    "claim, commit, mark: call DynamoDB": ((ConditionalWrites, "_send"),),
    "POST to the provider": ((ConiqBarcodes, "issue"),),
    "read the stream": ((publish_handler, "_decided"),),
    "make events": ((publish_events, "announcement"),),
    "call EventBridge": ((EventBridgeBus, "publish"),),
    "log and metrics": ((Observability, "report"),),
    "decide (the rest of issue_barcodes)": ((IssueBarcodes, "handle"),),
    "decide (the rest of publish_events)": ((PublishEvents, "handle"),),
}
