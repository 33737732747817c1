"""The kinds of rows by the names that their keys begin with; a class is loaded when first met.

A function meets a few of them only, and each class costs milliseconds of a cold start.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module

from couponbus.domain.row import Row


class Kinds(Mapping[str, type[Row]]):
    """Classes by the names of kinds; to ask which names there are loads none."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """Keep where each class is, below `couponbus.domain`."""
        self._places = places

    def __getitem__(self, name: str) -> type[Row]:
        """Return the class of a kind. Raises KeyError."""
        module, _, kind = self._places[name].rpartition(".")
        found: type[Row] = getattr(import_module(f"couponbus.domain.{module}"), kind)
        return found

    def __contains__(self, name: object) -> bool:
        """Whether there is such a kind."""
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many kinds there are."""
        return len(self._places)


KINDS = Kinds(
    {
        "ISSUANCE": "issuing.issuance.Issuance",
        "BATCH": "issuing.issuing_batch.IssuingBatch",
        "RESOLUTION": "issuing.resolution.Resolution",
        "REJECTION": "issuing.rejection.Rejection",
        "UNMATCHED": "issuing.unmatched.UnmatchedSignUp",
        "TALLY": "issuing.unmatched_tally.UnmatchedTally",
        "WATCH": "polling.watch.Watch",
        "REDEMPTION": "polling.recorded_redemption.RecordedRedemption",
        "NOTICE": "polling.notice.Notice",
        "STOCK": "polling.stock.Stock",
        "PAUSE": "polling.pause.Pause",
        "SCHEDULE": "polling.schedule.PollSchedule",
        "ENDPOINT": "webhooks.endpoint.Endpoint",
        "DIRECTORY": "webhooks.directory.TenantEndpoints",
        "EVENT": "webhooks.event_record.EventRecord",
        "HISTORY": "webhooks.history_page.HistoryPage",
        "DELIVERY": "webhooks.delivery.Delivery",
        "PARKING": "webhooks.parking.Parking",
        "REPLAY": "webhooks.replay.Replay",
        "RECEIPT": "inbound.receipt.Receipt",
        "RESTORE": "issuing.restore.Restore",
        "AUDIT": "issuing.audit_progress.AuditProgress",
    }
)
