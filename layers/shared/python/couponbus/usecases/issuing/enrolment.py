"""Makes the row that a sign-up gets in a program, or gives the reason for a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypedDict

from couponbus.domain.copying import fresh, replace
from couponbus.domain.email_address import email_key
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.identity import issuance_id, resolution_id
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Program, Refusal, denied
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.patterns.matcher import Matcher, compiled
from couponbus.domain.provider import Provider
from couponbus.domain.timing import Timing
from couponbus.events.sign_up import CustomerSignedUp
from couponbus.ports.shared import Pseudonyms
from couponbus.usecases.issuing.sign_up_messages import SignUp
from couponbus.usecases.issuing.sign_up_reading import OCCURRED_AT
from couponbus.usecases.polling.start_watches import Watched

type Enrolled = Issuance | Resolution


class _Given(TypedDict):
    """The data of the customer in a sign-up that the gates and the watches need."""

    consents: tuple[str, ...]
    age: int | None
    uniqodo_user: str | None
    koupon_consumer: str | None
    dropped_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Matches sign-ups against programs and makes their rows; stores nothing."""

    pseudonyms: Pseudonyms
    timing: Timing
    _matchers: dict[str, tuple[Program, Matcher]] = field(default_factory=dict, init=False)

    def matching(self, sign_up: SignUp, programs: Sequence[Program]) -> list[Program]:
        """Return the programs that match this sign-up."""
        return [program for program in programs if self._matcher(program)(sign_up.envelope)]

    def enrol(self, sign_up: SignUp, program: Program, *, now: datetime) -> Enrolled:
        """Return the row for this sign-up in this program. Raises SecretUnavailable."""
        event = sign_up.event
        customer_id = event.customer.coniq_customer_id
        if customer_id is None:
            return self._resolution(sign_up, program, now=now)
        return self._new(
            tenant=event.tenant,
            program=program,
            customer_id=customer_id,
            signup_id=event.signup_id,
            signed_up_at=event.occurred_at,
            trace_id=self.trace_id(event),
            given=_given(sign_up, program, now=now),
        )

    def continued(self, resolution: Resolution, program: Program, *, customer_id: int) -> Issuance:
        """Return the issuance of a sign-up whose customer is known by now.

        Raises SecretUnavailable.
        """
        return self._new(
            tenant=resolution.tenant,
            program=program,
            customer_id=customer_id,
            signup_id=resolution.signup_id,
            signed_up_at=resolution.signed_up_at,
            trace_id=resolution.trace_id
            or self.pseudonyms.trace_id(tenant=resolution.tenant, signup_id=resolution.signup_id),
            given=_Given(
                consents=resolution.consents,
                age=resolution.age,
                uniqodo_user=resolution.uniqodo_user,
                koupon_consumer=resolution.koupon_consumer,
                dropped_fields=resolution.dropped_fields,
            ),
        )

    def watched(self, event: CustomerSignedUp, program: Program) -> Watched:
        """Return who is watched for a sign-up that gets no barcode. Raises SecretUnavailable."""
        customer = event.customer
        known = customer.coniq_customer_id
        named = str(known) if known is not None else _named(customer.email, event.signup_id)
        return Watched(
            tenant=event.tenant,
            program=program.name,
            signup_id=event.signup_id,
            customer_ref=self.pseudonyms.of(tenant=event.tenant, customer=named),
            uniqodo_user=customer.uniqodo_user_id,
            koupon_consumer=customer.koupon_consumer,
            signed_up_at=event.occurred_at,
            trace_id=self.trace_id(event),
        )

    def trace_id(self, event: CustomerSignedUp) -> str:
        """Return the trace id of a sign-up, its producer's or ours. Raises SecretUnavailable."""
        return event.trace_id or self.pseudonyms.trace_id(
            tenant=event.tenant, signup_id=event.signup_id
        )

    def refusal(self, row: Enrolled, program: Program | None, *, now: datetime) -> Refusal | None:
        """Return why a gate refuses this row; checked each time that the row is resumed."""
        if program is None:
            return Refusal.PROGRAM_REMOVED
        if isinstance(row, Resolution) and row.email is None:
            return Refusal.IDENTITY_MISSING
        return denied(program, consents=row.consents, age=row.age, now=now)

    def _matcher(self, program: Program) -> Matcher:
        known = self._matchers.get(program.name)
        if known is None or known[0] is not program:
            known = (program, compiled(program.pattern))
            self._matchers[program.name] = known
        return known[1]

    def _new(
        self,
        *,
        tenant: str,
        program: Program,
        customer_id: int,
        signup_id: str,
        signed_up_at: datetime,
        trace_id: str,
        given: _Given,
    ) -> Issuance:
        if program.account is None or program.offer_id is None or program.channel is None:
            raise ConfigurationInvalid(f"program {program.name} issues nothing")
        identity = issuance_id(
            tenant=tenant,
            account=program.account,
            customer_id=customer_id,
            offer_id=program.offer_id,
            occurrence=program.occurrence,
        )
        return fresh(
            Issuance,
            issuance_id=identity,
            tenant=tenant,
            account=program.account,
            program=program.name,
            customer_id=customer_id,
            offer_id=program.offer_id,
            channel=program.channel,
            tracking_code=program.tracking_prefix + identity,
            signup_id=signup_id,
            signed_up_at=signed_up_at,
            customer_ref=self.pseudonyms.of(tenant=tenant, customer=str(customer_id)),
            trace_id=trace_id,
            **given,
        )

    def _resolution(self, sign_up: SignUp, program: Program, *, now: datetime) -> Resolution:
        event = sign_up.event
        email = event.customer.email
        if program.account is None:
            raise ConfigurationInvalid(f"program {program.name} issues nothing")
        return Resolution(
            resolution_id=resolution_id(
                tenant=event.tenant, program=program.name, signup_id=event.signup_id
            ),
            tenant=event.tenant,
            account=program.account,
            program=program.name,
            signup_id=event.signup_id,
            signed_up_at=event.occurred_at,
            customer_ref=self.pseudonyms.of(
                tenant=event.tenant, customer=_named(email, event.signup_id)
            ),
            email=email,
            trace_id=self.trace_id(event),
            **_given(sign_up, program, now=now),
            give_up_at=now + timedelta(seconds=self.timing.resolve_for),
        )


def in_force(row: Enrolled, programs: Mapping[str, Program], *, now: datetime) -> Enrolled:
    """Return an issuance whose program is gone under another one that owes the same barcode.

    So an issuance continues whose program was renamed, or whose sign-up matched two programs. A
    resolution is returned in the account of its program: accounts have ids of their own.
    """
    if isinstance(row, Resolution):
        return _in_account_of(programs.get(row.program), row)
    if row.program in programs:
        return row
    for name in sorted(programs):
        program = programs[name]
        denial = denied(program, consents=row.consents, age=row.age, now=now)
        if denial is None and _owes(program, row):
            return replace(row, program=name)
    return row


def _in_account_of(program: Program | None, row: Resolution) -> Resolution:
    account = program.account if program else None
    return row if account in (None, row.account) else replace(row, account=account)


def _owes(program: Program, issuance: Issuance) -> bool:
    """Whether this customer's sign-up to this program would lead to this very issuance."""
    if program.account is None or program.offer_id is None:
        return False
    return issuance.issuance_id == issuance_id(
        tenant=issuance.tenant,
        account=program.account,
        customer_id=issuance.customer_id,
        offer_id=program.offer_id,
        occurrence=program.occurrence,
    )


def by_name(programs: Sequence[Program]) -> Mapping[str, Program]:
    """Index programs by their names."""
    return {program.name: program for program in programs}


def _given(sign_up: SignUp, program: Program, *, now: datetime) -> _Given:
    """Take the names under which the program's providers know the customer, and no others."""
    providers = {order.provider for order in program.watches}
    customer = sign_up.event.customer
    return _Given(
        consents=sign_up.event.consents,
        age=age_of(sign_up, now=now),
        uniqodo_user=customer.uniqodo_user_id if Provider.UNIQODO in providers else None,
        koupon_consumer=customer.koupon_consumer if Provider.KOUPON in providers else None,
        dropped_fields=sign_up.dropped,
    )


def _named(email: str | None, signup_id: str) -> str:
    """Return the name of a customer without an id: the key of the e-mail, or the sign-up id."""
    return email_key(email) if email else signup_id.casefold()


def age_of(sign_up: SignUp, *, now: datetime) -> int | None:
    """Return the customer's age in years at the sign-up, None where a date for it is missing.

    No clock can make a customer older: the earlier of the producer's and ours counts.
    """
    born = sign_up.event.customer.birth_date
    if born is None or OCCURRED_AT in sign_up.dropped:
        return None
    return _full_years(born, min(sign_up.event.occurred_at, now).date())


def _full_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
