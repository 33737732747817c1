"""Finding the Coniq customer behind an e-mail address, as long as it takes Coniq to know it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from couponbus.domain.issuance import Issuance
from couponbus.domain.program import Program, Refusal
from couponbus.domain.resolution import Resolution
from couponbus.domain.timing import Timing
from couponbus.ports import Barcodes, Clock
from couponbus.usecases.enrolment import Enrolment
from couponbus.usecases.questions import Questions, by_account
from couponbus.usecases.resolution_store import ResolutionStore
from couponbus.usecases.round import Round
from couponbus.usecases.tally import Count

type Known = tuple[Resolution, Issuance]


class Resolving:
    """Asks Coniq for customers by e-mail; sign-ups of those it does not know yet wait."""

    def __init__(
        self,
        *,
        store: ResolutionStore,
        barcodes: Barcodes,
        enrolment: Enrolment,
        questions: Questions,
        clock: Clock,
        timing: Timing,
    ) -> None:
        """Ask by these questions."""
        self._store = store
        self._barcodes = barcodes
        self._enrolment = enrolment
        self._questions = questions
        self._clock = clock
        self._timing = timing

    def resolve(
        self, resolutions: Sequence[Resolution], programs: Mapping[str, Program], *, turn: Round
    ) -> list[Known]:
        """Return the sign-ups whose customer is known now, each with its issuance.

        The others are stored and wait. Raises SecretUnavailable.
        """
        known: list[Known] = []
        waiting: list[Resolution] = []
        for account, group in by_account(resolutions):
            answers = self._ask(account, group, turn=turn)
            for one in group:
                email = one.email or ""
                customer_id = answers.get(email)
                if customer_id is not None:
                    program = programs[one.program]
                    issuance = self._enrolment.continued(one, program, customer_id=customer_id)
                    known.append((one, issuance))
                elif email in answers:
                    waiting.append(self._unknown(one, turn))
                else:
                    waiting.append(self._unasked(one, turn))
        self._store.save(waiting, turn=turn)
        return known

    def conclude(self, known: Sequence[Known], *, turn: Round) -> None:
        """Forget the e-mails of those whose issuance is safely in the ledger."""
        now = self._clock.now()
        safe = [(one, issuance) for one, issuance in known if issuance.key not in turn.lost]
        turn.lose(one for one, issuance in known if issuance.key in turn.lost)
        stored = [(one, issuance) for one, issuance in safe if one.revision > 0]
        resolved = [one.resolved(customer_id=i.customer_id, now=now) for one, i in stored]
        self._store.save(resolved, turn=turn)

    def _ask(
        self, account: str, resolutions: Sequence[Resolution], *, turn: Round
    ) -> dict[str, int | None]:
        def customer(email: str, until: datetime) -> int | None:
            return self._barcodes.find_customer(account=account, email=email, deadline=until)

        emails = list(dict.fromkeys(one.email for one in resolutions if one.email))
        return dict(self._questions.ask(account, emails, customer, turn=turn))

    def _unknown(self, resolution: Resolution, turn: Round) -> Resolution:
        now = self._clock.now()
        if now >= resolution.give_up_at:
            turn.count(Count.REFUSED)
            return resolution.refused(
                reason=Refusal.CUSTOMER_UNKNOWN,
                now=now,
                publish_by=now + timedelta(seconds=self._timing.publish_grace),
            )
        turn.count(Count.POSTPONED)
        tries = resolution.tries + 1
        until = now + self._timing.pause_after(tries)
        return resolution.waiting(now=now, until=until, why="customer unknown", tries=tries)

    def _unasked(self, resolution: Resolution, turn: Round) -> Resolution:
        """An outage is no proof that the customer is unknown: it never ends the wait."""
        now = self._clock.now()
        turn.count(Count.POSTPONED)
        until = now + self._timing.pause_after(1)
        return resolution.waiting(now=now, until=until, why="not asked", tries=resolution.tries)
