"""The bus of the stage: a sign-up's way, patterns, replays, and events that are forged."""

import datetime
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.patterns.matcher import compiled
from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

EVENTS = "eventbridge/latest/userguide"
SOURCE = "shop.smoke"
SIGN_UP = "smoke-1"
CUSTOMER = 900_001
REPLAYS = 6
_numbers = itertools.count(1)
PAIRS: Sequence[tuple[object, str]] = (
    ({"prefix": "VIP-"}, "VIP-1"),
    ({"prefix": "VIP-"}, "vip-1"),
    ({"equals-ignore-case": "Shop"}, "sHOP"),
    ({"anything-but": ["web"]}, "web"),
    ({"wildcard": "a*z"}, "abcz"),
    ({"wildcard": "a*z"}, "az"),
    ({"wildcard": "a*"}, "a"),
)
PATTERNS_PAGE = f"{EVENTS}/eb-create-pattern-operators.html"


def judge_signed_up(types: Sequence[str]) -> Verdict:
    """It went over the rule, the queue, the provider's URL, the ledger and the bus."""
    return Verdict(holds="BarcodeIssued" in types, seen=f"events: {', '.join(types) or 'none'}")


@fact("sign-up", page=f"{EVENTS}/eb-event-bus.html", judge=judge_signed_up, here="known")
def signed_up(cloud: Cloud) -> Sequence[str]:
    """A sign-up on the bus becomes BarcodeIssued, with the simulators behind their URL."""
    detail = {
        "signup_id": SIGN_UP,
        "occurred_at": "2026-01-31T12:00:00Z",
        "customer": {"coniq_customer_id": CUSTOMER},
        "attributes": {"kind": "plain"},
    }
    cloud.access.events().put_events(
        Entries=[
            {
                "EventBusName": cloud.names.base,
                "Source": SOURCE,
                "DetailType": "CustomerSignedUp",
                "Detail": json.dumps(detail),
            }
        ]
    )

    def heard() -> list[str]:
        mine = [each for each in _heard(cloud) if SIGN_UP in json.dumps(each["detail"])]
        return [str(each["detail-type"]) for each in mine if "replay-name" not in each]

    # After a lost answer it is looked up twice, by ticks of the sweeper.
    cloud.until(lambda: "BarcodeIssued" in heard(), seconds=150)
    return heard()


def judge_matched(theirs: Sequence[bool]) -> Verdict:
    """Compare with the matcher of the functions."""
    ours = [compiled({"detail": {"f": [p]}})(_event(value)) for p, value in PAIRS]
    differ = [
        f"{json.dumps(pattern)} on {value!r}"
        for (pattern, value), one, other in zip(PAIRS, ours, theirs, strict=True)
        if one != other
    ]
    return Verdict(
        holds=not differ,
        seen=f"differ: {'; '.join(differ)}" if differ else f"{len(PAIRS)} patterns decided alike",
    )


@fact("patterns", page=PATTERNS_PAGE, judge=judge_matched, here="known")
def matched(cloud: Cloud) -> Sequence[bool]:
    """EventBridge decides patterns as the functions do, also whether `a*` matches `a`."""
    return [_test(cloud, pattern, value) for pattern, value in PAIRS]


def judge_replayed(types: Sequence[str]) -> Verdict:
    """Replayed events name their replay."""
    return Verdict(holds=bool(types), seen=f"replayed: {', '.join(sorted(set(types))) or 'none'}")


@fact("replay", page=f"{EVENTS}/eb-replay-archived-event.html", judge=judge_replayed, here="known")
def replayed(cloud: Cloud) -> Sequence[str]:
    """A replay of the archive reaches the rules of the bus, and says that it is one."""
    # An event may take ten minutes to be in the archive: it is replayed again and again.
    live = cloud.until(lambda: _heard(cloud), seconds=160)
    if not live:
        return []
    for _ in range(REPLAYS):
        if cloud.over.is_set():
            break
        _replay(cloud)
        if found := cloud.until(lambda: _again(cloud), seconds=20):
            return found
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """What the bus answered to a role that its own policy lets put any event."""

    as_shop: str
    as_ours: str


def judge_forged(seen: Forged) -> Verdict:
    """That a foreign source is accepted shows that the denial is of the source."""
    return Verdict(
        holds=not seen.as_shop and "AccessDenied" in seen.as_ours,
        seen=f"as a shop: {seen.as_shop or 'accepted'}, as ours: {seen.as_ours or 'accepted'}",
    )


@fact("forgery", page=f"{EVENTS}/eb-resource-based.html", judge=judge_forged, here="played")
def forged(cloud: Cloud) -> Forged:
    """The bus denies our sources to a role whose own policy allows every event."""

    def put(source: str) -> str:
        entry = {"EventBusName": cloud.names.base, "Source": source, "DetailType": "Smoke"}
        entries = [{**entry, "Detail": "{}"}]
        return cloud.laboratory.probe("Forger", "events", "put_events", Entries=entries)

    return Forged(as_shop=put(SOURCE), as_ours=put("couponbus.barcodes"))


def _event(value: str) -> dict[str, object]:
    return {"detail": {"f": value}}


def _test(cloud: Cloud, pattern: object, value: str) -> bool:
    event = {
        "id": "1",
        "account": "111111111111",
        "source": SOURCE,
        "time": "2026-01-31T12:00:00Z",
        "region": cloud.access.region,
        "resources": [],
        "detail-type": "Smoke",
        **_event(value),
    }
    answer = cloud.access.events().test_event_pattern(
        EventPattern=json.dumps({"detail": {"f": [pattern]}}), Event=json.dumps(event)
    )
    return answer["Result"]


def _replay(cloud: Cloud) -> None:
    events, name = cloud.access.events(), cloud.names.base
    now = datetime.datetime.now(datetime.UTC)
    events.start_replay(
        ReplayName=f"{name}-{next(_numbers)}-{now:%H%M%S}",
        EventSourceArn=events.describe_archive(ArchiveName=name)["ArchiveArn"],
        EventStartTime=now - datetime.timedelta(hours=1),
        EventEndTime=now,
        Destination={"Arn": events.describe_event_bus(Name=name)["Arn"]},
    )


def _again(cloud: Cloud) -> list[str]:
    return [str(each["detail-type"]) for each in _heard(cloud) if "replay-name" in each]


def _heard(cloud: Cloud) -> list[dict[str, object]]:
    return [json.loads(each) for each in cloud.laboratory.heard("Events")]


FACTS = (signed_up, matched, replayed, forged)
