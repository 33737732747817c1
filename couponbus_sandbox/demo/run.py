"""One run of the demo, from an empty machine to the results of its three parts."""

import contextlib
from collections.abc import Iterator

from rich.console import Console

from couponbus_sandbox.demo.calendar import HOUR
from couponbus_sandbox.demo.facts import gather
from couponbus_sandbox.demo.faults import make_faults
from couponbus_sandbox.demo.part import Part, of_issuing, of_the_webhooks, of_the_week
from couponbus_sandbox.demo.phases import Phases
from couponbus_sandbox.demo.polling import at_once, stop_schedules
from couponbus_sandbox.demo.receivers import Receivers, receivers
from couponbus_sandbox.demo.scene import DemoOptions, Scene, set_up
from couponbus_sandbox.demo.screen import meter
from couponbus_sandbox.demo.sending import held_back, send
from couponbus_sandbox.demo.waiting import settling
from couponbus_sandbox.demo.webhook_facts import gather_webhooks
from couponbus_sandbox.demo.webhooks import OUTAGE, begin, replay
from couponbus_sandbox.demo.webhooks import live_through as live_through_outage
from couponbus_sandbox.demo.week import earlier, first_polls, live_through, settle
from couponbus_sandbox.demo.week_facts import gather_week
from couponbus_sandbox.demo.week_faults import add_faults

SETTLE_SECONDS = 30.0
SETTLE_SECONDS_PER_SIGN_UP = 0.06


def run(options: DemoOptions, *, console: Console) -> Iterator[Part]:
    """Yield the result of each part; at the end nothing is left running."""
    phases = Phases()
    with set_up(options, console=console, phases=phases) as scene:
        earlier(scene.stack, scene.till, scene.plan)
        yield _issued(scene, phases)
        yield _redeemed(scene, Phases())
        yield _notified(scene, Phases())


def _issued(scene: Scene, phases: Phases) -> Part:
    stack, options = scene.stack, scene.options
    if options.faults == "demo":
        stack.coniq.faults(*make_faults(sign_ups=options.sign_ups, seed=options.seed))
    with phases.phase("sending"):
        _send(scene)
    with phases.phase("issuing"):
        _settle(scene)
    with phases.phase("checking"):
        facts = gather(stack, scene.load, scene.subscription, collectors=options.collectors)
    return of_issuing(facts, phases=phases.seconds)


def _redeemed(scene: Scene, phases: Phases) -> Part:
    stack, load, subscription = scene.stack, scene.load, scene.subscription
    stop_schedules(stack)
    with at_once(stack, "poll_redemptions"):
        with phases.phase("first polls"):
            first_polls(stack, load)
        if scene.options.faults == "demo":
            add_faults(stack, seed=scene.options.seed)
        with phases.phase("polling"):
            _live(scene)
        with phases.phase("last polls"):
            settle(stack, load, scene.till, subscription)
    with phases.phase("checking"):
        facts = gather_week(stack, load, scene.till, subscription)
    return of_the_week(facts, phases=phases.seconds)


def _notified(scene: Scene, phases: Phases) -> Part:
    stack, subscription = scene.stack, scene.subscription
    with contextlib.ExitStack() as running:
        with phases.phase("endpoints"):
            listening = running.enter_context(receivers(stack))
        with phases.phase("first attempts"):
            begin(stack, subscription)
        received_by_gone = len(listening.gone.received())
        with phases.phase("two days"):
            _outlast(scene, listening)
        with phases.phase("history"):
            planned = replay(stack)
        with phases.phase("checking"):
            facts = gather_webhooks(
                stack, subscription, listening, planned=planned, received_by_gone=received_by_gone
            )
    return of_the_webhooks(facts, phases=phases.seconds)


def _send(scene: Scene) -> None:
    details = scene.load.signed_up_at(scene.stack.clock.now())
    total = len(details)
    collectors = scene.options.collectors
    with (
        held_back(scene.stack, collectors=collectors),
        meter(scene.console, label="sign-ups sent", total=total) as show,
    ):
        sent = 0
        for accepted in send(scene.stack, details):
            sent += accepted
            show.show(sent)


def _settle(scene: Scene) -> None:
    load = scene.load
    seconds = SETTLE_SECONDS + SETTLE_SECONDS_PER_SIGN_UP * len(load.details)
    with meter(scene.console, label="barcodes published", total=len(load.owed)) as show:
        for progress in settling(scene.stack, load, scene.subscription, seconds=seconds):
            show.show(progress.published)


def _live(scene: Scene) -> None:
    total = int(scene.calendar.end / HOUR)
    with meter(scene.console, label="simulated hours", total=total) as show:
        for seconds in live_through(scene.stack, scene.till, scene.plan, scene.calendar):
            show.show(int(seconds / HOUR))


def _outlast(scene: Scene, listening: Receivers) -> None:
    total = int(OUTAGE.total_seconds() / HOUR)
    with meter(scene.console, label="hours of the outage", total=total) as show:
        for passed in live_through_outage(scene.stack, listening):
            show.show(min(int(passed.total_seconds() / HOUR), total))
        show.show(total)
