"""Begins and ends watches as commands of operators and producers ask."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.email_address import email_key
from couponbus.domain.errors import (
    ConfigurationInvalid,
    InputRejected,
    LedgerUnavailable,
    RowsBroken,
    Unavailable,
)
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.compare_uniqodo import keys_of_uses
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.row import own_keys
from couponbus.domain.timing import Timing
from couponbus.events.commands import EndWatches, WatchCustomers, WatchedCustomer
from couponbus.ports.issuing import Programs
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Clock, Pseudonyms
from couponbus.usecases.causes import CHANGED_MEANWHILE, UNSTORABLE, Failures, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.messages import invalid_message
from couponbus.usecases.polling.poll_messages import Begun, CommandMessage
from couponbus.usecases.polling.record import cohorts_of
from couponbus.usecases.polling.start_watches import BegunWatches, Watched, Watching
from couponbus.usecases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequests:
    """Each command is carried out whole, or its message is redelivered; commands are idempotent."""

    store: Store
    cohorts: Cohorts
    programs: Programs
    pseudonyms: Pseudonyms
    watching: Watching
    clock: Clock
    timing: Timing

    def begin(
        self, requests: Sequence[CommandMessage[WatchCustomers]], *, run: Invocation
    ) -> Begun:
        """Begin the watches of the customers that the commands name."""
        begun = Begun()
        for request in requests:
            try:
                started = self._begin(request.command, run=run)
            except InputRejected as rejected:
                begun.invalid.append(invalid_message(request.message, rejected))
            except ConfigurationInvalid as error:
                run.count(Metric.MISCONFIGURED)
                begun.failed[request.message.message_id] = cause_of(error)
            except RowsBroken as error:
                run.broken.update(error.keys)
                begun.failed[request.message.message_id] = cause_of(error)
            except Unavailable as error:
                begun.failed[request.message.message_id] = cause_of(error)
            else:
                begun.watches += started.watches
                run.traces.note(started.watches)
                if started.unstored:
                    why = UNSTORABLE if started.broken else CHANGED_MEANWHILE
                    begun.failed[request.message.message_id] = why
        return begun

    def end(self, requests: Sequence[CommandMessage[EndWatches]], *, run: Invocation) -> Failures:
        """End watches; return the messages that must be redelivered."""
        failed: Failures = {}
        for request in requests:
            try:
                self._end(request.command, run=run)
            except LedgerUnavailable as error:
                failed[request.message.message_id] = cause_of(error)
            except RowsBroken as error:
                run.broken.update(error.keys)
                failed[request.message.message_id] = cause_of(error)
        return failed

    def _begin(self, command: WatchCustomers, *, run: Invocation) -> BegunWatches:
        program = self.programs.active().named(command.program)
        if program is None or not program.watches:
            raise InputRejected("program_watches_nothing", fields=("program",))
        found: list[Watch] = []
        for customer in command.customers:
            who = self._who(command.tenant, program, customer)
            watches = self.watching.watches_for(who, program.watches)
            run.count(Metric.WITHOUT_IDENTITY, int(not watches))
            found += watches
        begun = self.watching.begin(found)
        run.count(Metric.WATCHES_STARTED, len(begun.watches))
        run.broken.update(begun.broken)
        return begun

    def _who(self, tenant: str, program: Program, customer: WatchedCustomer) -> Watched:
        known = customer.coniq_customer_id
        named = str(known) if known is not None else customer.reference.casefold()
        if known is None and customer.email:
            named = email_key(customer.email)
        return Watched(
            tenant=tenant,
            program=program.name,
            signup_id=customer.reference,
            customer_ref=self.pseudonyms.of(tenant=tenant, customer=named),
            uniqodo_user=customer.uniqodo_user_id,
            koupon_consumer=customer.koupon_consumer,
            backfilled=True,
        )

    def _end(self, command: EndWatches, *, run: Invocation) -> None:
        """End the watches that are not over; afterwards report what could not be ended.

        Raises RowsBroken, LedgerUnavailable also when another worker wrote meanwhile.
        """
        rows = self.store.read(own_keys(command.keys, watch_key))
        found = [row for row in rows.of(Watch) if _concerns(row, command)]
        unread = self._forget(found) if command.reason == "erased" else frozenset()
        before = {row.key: row for row in found if unread.isdisjoint(keys_of_uses(row))}
        stored = self.store.write([self._ended(row, command) for row in before.values()])
        for row in stored.written:
            self.cohorts.leave(dict.fromkeys(cohorts_of(before[row.key]), 1))
        run.count(Metric.WATCHES_ENDED, len(stored.written))
        if stored.conflicts:
            raise LedgerUnavailable("a watch changed while it was ended", code="write:contended")
        if broken := rows.broken | stored.broken | unread:
            raise RowsBroken(broken)

    def _forget(self, watches: Sequence[Watch]) -> frozenset[str]:
        """Delete what shops attached to the redemptions; return the keys of broken ones.

        Before the watches are ended: these know which redemptions they are.
        Raises LedgerUnavailable also when another worker wrote meanwhile.
        """
        rows = self.store.read([key for watch in watches for key in keys_of_uses(watch)])
        attached = [row for row in rows.of(RecordedRedemption) if row.custom_params is not None]
        stored = self.store.write([row.without_params() for row in attached])
        if stored.conflicts:
            text = "a redemption changed while its customer was erased"
            raise LedgerUnavailable(text, code="write:contended")
        return rows.broken | stored.broken

    def _ended(self, watch: Watch, command: EndWatches) -> Watch:
        now = self.clock.now()
        publish_by = self.timing.publish_by(now)
        if command.reason == "erased":
            return watch.erased(now=now, publish_by=publish_by)
        return watch.ended(reason=EndReason.CANCELLED, now=now, publish_by=publish_by)


def _concerns(watch: Watch, command: EndWatches) -> bool:
    if command.reason == "erased":
        return watch.user_id is not None
    return watch.state is not WatchState.ENDED
