"""What must be true when a run is at rest (docs/reliability.md#invariants)."""

from collections.abc import Iterator
from datetime import timedelta

from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from couponbus.domain.issuing.program import Program, Refusal
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.outbox.backlog import TO_AUDIT, backlog_of
from couponbus.domain.row import Row
from tests.simulation.answer_log import Question, Subject, asked_for
from tests.simulation.coniq import Coniq
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.ports import QuarantineQueue
from tests.simulation.queue import SimulatedQueue
from tests.simulation.scenario import (
    CANARY,
    Person,
    Scenario,
    SignUp,
    issuance_key_of,
    resolution_key_of,
)
from tests.simulation.settings import RESOLVE_FOR
from tests.simulation.witness import Witness

GATES = frozenset(reason.value for reason in Refusal)
CLOCKS_APART = 10.0
UNUSABLE = (Refusal.LOOKUPS_UNREADABLE, Refusal.SEVERAL_CUSTOMERS)
SILENCES = 3  # answers that lack an item, after which it may be left to an operator


class Verdict:
    """Compares the end of a run with its input."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        ledger: SimulatedLedger,
        coniq: Coniq,
        queue: SimulatedQueue,
        quarantine: QuarantineQueue,
        witness: Witness,
    ) -> None:
        self._scenario = scenario
        self._ledger = ledger
        self._coniq = coniq
        self._queue = queue
        self._quarantine = quarantine
        self._witness = witness
        self._people = {person.customer_id: person for person in scenario.people}

    def problems(self) -> Iterator[str]:
        yield from self._conservation()
        yield from self._every_sign_up()
        for row in self._ledger.rows.values():
            if isinstance(row, Issuance):
                yield from self._issuance(row)
            if is_owed(row):
                yield f"I2 {row.key}: something is still owed"
        yield from self._witness.unpublished()
        yield from self._secrecy()

    def _conservation(self) -> Iterator[str]:
        if self._queue.messages:
            yield f"I11 {len(self._queue.messages)} messages are still in the queue"
        if self._queue.dead:
            yield f"I11 {len(self._queue.dead)} messages died although all was well"
        if self._queue.sent != self._queue.deleted:
            yield f"I11 {self._queue.sent} messages sent, {self._queue.deleted} deleted"
        records = {record.message_id for record in self._quarantine.records}
        if len(records) != len(self._scenario.garbage):
            yield f"I11 {len(records)} records for {len(self._scenario.garbage)} unusable messages"

    def _every_sign_up(self) -> Iterator[str]:
        for sign_up in self._scenario.sign_ups:
            for program in self._scenario.wanted(sign_up):
                yield from self._outcome(sign_up, program)

    def _outcome(self, sign_up: SignUp, program: Program) -> Iterator[str]:
        person = self._scenario.person_of(sign_up)
        waiting = self._ledger.rows.get(resolution_key_of(program, sign_up.signup_id))
        row = None
        if person is not None:
            row = self._ledger.rows.get(issuance_key_of(program, person.customer_id))
        if isinstance(waiting, Resolution) and waiting.state is not ResolutionState.RESOLVED:
            yield from self._unresolved(waiting, sign_up, person, program)
        elif person is not None and person.shares_email and sign_up.customer_id is None:
            yield f"I3 {sign_up.signup_id}: one of several customers is taken for {program.name}"
        elif not isinstance(row, Issuance):
            yield f"I2 {sign_up.signup_id}: lost for {program.name}"
        elif row.reason in GATES and not _gates(sign_up, program):
            yield f"I2 {sign_up.signup_id}: refused as {row.reason}, which it does not deserve"

    def _unresolved(
        self, row: Resolution, sign_up: SignUp, person: Person | None, program: Program
    ) -> Iterator[str]:
        if row.state is ResolutionState.WAITING:
            yield f"I2 {row.key}: waits for ever"
        elif row.reason == Refusal.CUSTOMER_UNKNOWN:
            known = None if person is None else person.known_from
            if known is not None and known < sign_up.times[0] + RESOLVE_FOR - CLOCKS_APART:
                yield f"I2 {row.key}: its customer was known in time"
        elif row.reason in UNUSABLE:
            yield from self._unusable(row, sign_up)
        elif row.reason not in _gates(sign_up, program):
            yield f"I2 {row.key}: refused as {row.reason}, which it does not deserve"

    def _unusable(self, row: Resolution, sign_up: SignUp) -> Iterator[str]:
        asked, log = asked_for(row.account, sign_up.email or ""), self._coniq.answer_log
        if row.reason == Refusal.SEVERAL_CUSTOMERS and asked in log.several:
            if row.outcomes != 1:
                yield f"I4 {row.key}: {row.outcomes} events that several customers share it"
        elif log.unproven_for(asked) < RESOLVE_FOR - CLOCKS_APART:
            yield f"I2 {row.key}: {row.reason}, although Coniq said who it is"

    def _issuance(self, row: Issuance) -> Iterator[str]:
        coded = self._coniq.coded(row.tracking_code)
        if not row.is_final:
            yield f"I2 {row.key}: ends {row.state}"
        if row.state is IssuanceState.ISSUED:
            yield from self._barcode(row)
        elif row.state is IssuanceState.REJECTED:
            yield from self._refusal(row)
        elif row.state is IssuanceState.AMBIGUOUS and not self._may_be_ambiguous(row):
            yield f"I2 {row.key}: ambiguous without need ({row.reason})"
        if row.state is not IssuanceState.AMBIGUOUS and len(coded) > 1:
            yield f"I1 {row.key}: {len(coded)} barcodes"

    def _barcode(self, row: Issuance) -> Iterator[str]:
        number = row.barcode.number if row.barcode else ""
        found = [one for one in self._coniq.sold if one.number == number]
        if not found:
            yield f"I3 {row.key}: a barcode that Coniq never made"
            return
        sold = found[0]
        if (sold.customer_id, sold.offer_id) != (row.customer_id, row.offer_id):
            yield f"I3 {row.key}: another customer's barcode"
        # The prefix is the program's, which an operator may change; the rest is the issuance's id.
        is_ours = (sold.tracking_code or "").endswith(row.key.partition("#")[2])
        if row.origin is not Origin.EXISTING and not is_ours:
            yield f"I3 {row.key}: the barcode of another tracking code"
        if row.origin is Origin.EXISTING and (ours := self._coniq.coded(row.tracking_code)):
            if any(one.number != number for one in ours):
                yield f"I1 {row.key}: there was a barcode, and one was issued nevertheless"
            else:
                yield f"I3 {row.key}: what was issued for it is taken for one that was there"

    def _refusal(self, row: Issuance) -> Iterator[str]:
        if self._coniq.coded(row.tracking_code):
            yield f"I3 {row.key}: refused as {row.reason}, but there is a barcode"
        if row.reason in GATES:
            if row.reason == Refusal.PROGRAM_ENDED:
                yield from self._ended(row)
            elif row.tracking_code in self._witness.posted:
                yield f"I2 {row.key}: refused by a gate, but a POST was sent"
            return
        if self._coniq.answer_log.is_refused(_subject(row)):
            return
        person = self._people[row.customer_id]
        if not (person.blocked or person.poison):
            yield f"I2 {row.key}: refused as {row.reason}, but Coniq did not mean it"

    def _ended(self, row: Issuance) -> Iterator[str]:
        """A program may end while failed attempts are repeated."""
        ends = [one.valid_until for one in self._scenario.programs if one.name == row.program]
        slack = timedelta(seconds=CLOCKS_APART)
        if row.decided_at is None or ends[0] is None or row.decided_at + slack < ends[0]:
            yield f"I2 {row.key}: refused before its program ended"

    def _may_be_ambiguous(self, row: Issuance) -> bool:
        """Whether Coniq's answers leave open which barcodes exist."""
        log, subject = self._coniq.answer_log, _subject(row)
        if self._witness.silences[row.tracking_code] >= SILENCES or subject in log.doubtful:
            return True
        questions: tuple[Question, ...] = (subject, row.tracking_code)
        patience = RESOLVE_FOR - CLOCKS_APART
        if max(log.unproven_for(*questions), *map(log.unproven_for, questions)) >= patience:
            return True
        if log.refused_alone_for(subject) >= patience:
            return True
        return any(
            one.subject == subject
            and (
                one.tracking_code is None or not self._coniq.shops[one.account].shows_tracking_codes
            )
            for one in self._coniq.sold
        )

    def _secrecy(self) -> Iterator[str]:
        events = list(self._witness.bodies.values())
        records = [record.model_dump_json() for record in self._quarantine.records]
        rows = list(self._ledger.rows.values())
        trails = [repr(row.trail) for row in rows]
        secrets = [CANARY, *(one.number for one in self._coniq.sold)]
        secrets += [shop.key for shop in self._coniq.shops.values()]
        for text in (*events, *records, *trails):
            if any(secret in text for secret in secrets):
                yield "I10 something secret got out"
        for row in rows:
            if isinstance(row, Resolution) and row.email is not None:
                yield f"I10 {row.key}: the e-mail is still kept"


def is_owed(row: Row) -> bool:
    """Whether something is still to be done for a row.

    The total of an hour waits for its end, and issuances once in doubt wait for the nightly audit.
    """
    if row.unpublished:
        return True
    waits = isinstance(row, UnmatchedTally) or backlog_of(row) == TO_AUDIT
    return row.due_at is not None and not waits


def _subject(row: Issuance) -> Subject:
    return row.account, row.customer_id, row.offer_id


def _gates(sign_up: SignUp, program: Program) -> set[str]:
    """Return the reasons for which a gate may refuse this sign-up."""
    reasons: set[str] = set() if program.valid_until is None else {Refusal.PROGRAM_ENDED}
    if not set(program.required_consents) <= set(sign_up.consents):
        reasons.add(Refusal.CONSENT_MISSING)
    if program.minimum_age is not None:
        if sign_up.born is None:
            reasons.add(Refusal.AGE_UNKNOWN)
        elif sign_up.born > "2008":
            reasons.add(Refusal.UNDER_AGE)
    if sign_up.customer_id is None and sign_up.email is None:
        reasons.add(Refusal.IDENTITY_MISSING)
    return reasons
