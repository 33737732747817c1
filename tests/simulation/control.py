"""The control: the plain design, Powertools' idempotency around the POST, in the same harness."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function

from couponbus.domain.issuing.barcode import BarcodeRequest
from couponbus.usecases.messages import Message
from tests.simulation.conditions import drawn_conditions
from tests.simulation.faults import Swarm
from tests.simulation.mutant import Mutant
from tests.simulation.powertools_table import (
    SIMULATED_TIME,
    Remaining,
    SimulatedNow,
    SimulatedPersistence,
)
from tests.simulation.process import Surroundings
from tests.simulation.report import Report
from tests.simulation.run import simulate
from tests.simulation.scenario import SHOPS, drawn, issued_by, programs
from tests.simulation.seeds import run_seed
from tests.simulation.settings import TIMING
from tests.simulation.sources import Issue

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

type Order = dict[str, int]


class NotIssuedError(Exception):
    """No barcode came back: the record is deleted and the message is redelivered."""


class PlainDesign:
    """A handler that issues a barcode for each sign-up with a customer id; one per run."""

    def __init__(self) -> None:
        self._records: dict[str, DataRecord] = {}

    def __call__(self, here: Surroundings) -> Issue:
        """Return the handler of a new process."""
        SimulatedNow.world = here.world
        barcode = self._guarded(here)

        def issue(messages: Sequence[Message], limit: float) -> Sequence[str]:
            failed: list[str] = []
            for message in messages:
                try:
                    for order in _orders(message.body):
                        barcode(order=order)
                except Exception:
                    failed.append(message.message_id)
            return failed

        return issue

    def _guarded(self, here: Surroundings) -> Callable[..., object]:
        client, clock = here.client(), here.base.clock
        config = IdempotencyConfig()
        config.register_lambda_context(Remaining(here.world))  # type: ignore[arg-type]

        def barcode(*, order: Order) -> dict[str, str]:
            wanted = next(one for one in programs() if one.offer_id == order["offer_id"])
            account, offer_id, channel = issued_by(wanted)
            request = BarcodeRequest(
                customer_id=order["customer_id"],
                offer_id=offer_id,
                channel=channel,
                tracking_code=f"{order['customer_id']}-{offer_id}",
            )
            until = clock.now() + timedelta(seconds=TIMING.post)
            answer = client.issue(account=account, requests=[request], deadline=until)
            barcode = answer.attempts[0].barcode
            if barcode is None:
                raise NotIssuedError
            return {"number": barcode.number}

        guarded = idempotent_function(
            barcode,
            data_keyword_argument="order",
            persistence_store=SimulatedPersistence(here.world, self._records),
            config=config,
        )
        return cast("Callable[..., object]", guarded)


def _orders(body: str) -> list[Order]:
    try:
        content = json.loads(body)
        detail = content.get("detail", content)
        customer_id = detail["customer"]["coniq_customer_id"]
        shop = detail["attributes"]["shop"]
    except (ValueError, KeyError, AttributeError, RecursionError):
        return []
    return [
        {"customer_id": customer_id, "offer_id": issued_by(one)[1]}
        for one in programs()
        if shop in SHOPS[one.name]
    ]


def first_duplicate(seeds: Iterable[int]) -> Report | None:
    """Return the first run in which the plain design issues a barcode twice."""
    with CONTROL.planted():
        for seed in seeds:
            report = run_seed(seed, issuer_of=PlainDesign())
            if CONTROL.shown_by(report.violations):
                return report
    return None


def in_calm(seed: int) -> Report:
    """Run the plain design without faults."""
    with CONTROL.planted():
        return simulate(
            drawn(seed),
            drawn_conditions(seed),
            seed=seed,
            faults=Swarm({}, seed=seed, again=0.0),
            issuer_of=PlainDesign(),
        )


CONTROL = Mutant(
    name="plain Powertools idempotency around the POST",
    shows=("I1",),
    patches=SIMULATED_TIME,
)
