"""Coniq's Barcode API 2.0: issue once, look up as often as needed (docs/providers.md#coniq)."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from couponbus.domain.errors import ConfigurationInvalid, ContractBroken, InputRejected, Unavailable
from couponbus.domain.health import Health
from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.issuing.attempt import BatchAnswer, Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest
from couponbus.ports.shared import Clock
from couponbus.providers.api_keys import ApiKeys
from couponbus.providers.classify import Author, Verdict, judge_failure, judge_status
from couponbus.providers.coniq.customers import customer_with
from couponbus.providers.coniq.filtered import has_reference_of, is_for, relevant
from couponbus.providers.coniq.gets import PROVIDER, ConiqGets
from couponbus.providers.coniq.headers import headers_for
from couponbus.providers.coniq.hosts import checked_base_url
from couponbus.providers.coniq.matching import match
from couponbus.providers.coniq.message import is_own_error, names, read_message
from couponbus.providers.coniq.request_body import batch_body, request_body
from couponbus.providers.coniq.wire import NO_CODE, ConiqReading, ItemError, read, read_error
from couponbus.providers.http.redaction import redacted
from couponbus.providers.http.retries import retry_after
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from couponbus.providers.refusal import request_id_of

SINGLE = "/barcode"
BATCH = "/barcode/batch"
CUSTOMER = "/customer"
_OK = range(200, 300)

logger = logging.getLogger(__name__)


class ConiqBarcodes:
    """The port Barcodes for any number of accounts; safe to share between threads."""

    def __init__(
        self,
        *,
        accounts: Mapping[str, Account],
        stage: str,
        keys: ApiKeys,
        transport: Transport,
        clock: Clock,
    ) -> None:
        """Take accounts by name. Raises ConfigurationInvalid for one this stage may not use."""
        for account in accounts.values():
            checked_base_url(account.base_url, stage=stage)
        self._accounts = accounts
        self._keys = keys
        self._transport = transport
        self._clock = clock
        self._gets = ConiqGets(keys=keys, transport=transport, clock=clock)

    def issue(
        self, *, account: str, requests: Sequence[BarcodeRequest], deadline: datetime
    ) -> BatchAnswer:
        """Send one POST for these requests, once, and return its outcome. Never raises."""
        known = self._accounts.get(account)
        if known is None:
            return _NO_ACCOUNT.for_each_of(len(requests))
        if not requests:
            return BatchAnswer(attempts=(), health=Health.GOOD)
        try:
            access = self._access(known)
            if access is None:
                return _NO_KEY.for_each_of(len(requests))
            key, headers = access
            path, body = _sent(known, requests)
            answer = self._transport.post(
                known.base_url.rstrip("/") + path,
                headers=headers,
                body=body,
                seconds=(deadline - self._clock.now()).total_seconds(),
            )
            return self._judged(known, requests, answer, route=f"POST {path}", key=key)
        except HttpFailed as problem:
            return judge_failure(problem.failure).for_each_of(len(requests))
        except Exception as error:
            # After the first byte any error, also one of our own, leaves the outcome unknown.
            logger.error("coniq_issue_failed", extra={"error_type": type(error).__name__})
            return _UNEXPECTED.for_each_of(len(requests))

    def find(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        """Return what is listed under our tracking code, or by the account's `lookup`.

        Raises ProviderError, FilterIgnored when other barcodes are listed as well.
        """
        if self._account(account).lookup is Lookup.CUSTOMER_AND_OFFER:
            return self.existing(account=account, request=request, deadline=deadline)
        criteria = {"tracking_code": request.tracking_code}
        found = self.barcodes(account=account, criteria=criteria, deadline=deadline)
        return relevant(found, request, meets=has_reference_of)

    def existing(
        self, *, account: str, request: BarcodeRequest, deadline: datetime
    ) -> Sequence[Barcode]:
        """Return all barcodes of this customer for this offer.

        Raises ProviderError, FilterIgnored when other barcodes are listed as well.
        """
        criteria = {"customer_id": str(request.customer_id), "offer_id": str(request.offer_id)}
        found = self.barcodes(account=account, criteria=criteria, deadline=deadline)
        return relevant(found, request, meets=is_for)

    def barcodes(
        self, *, account: str, criteria: Mapping[str, str], deadline: datetime
    ) -> Sequence[Barcode]:
        """Return what Coniq lists for these criteria; it may ignore them, so filter again.

        Documented are customer_email, offer_id, customer_id, barcode_number, tracking_code and
        channel (docs/providers.md#coniq-look-ups). Raises ProviderError, ContractBroken also if
        an item cannot be read: skipping it could make an existing barcode look absent.
        """
        body = self._gets.get(self._account(account), SINGLE, criteria, deadline=deadline)
        try:
            reading = read(body)
        except InputRejected:
            raise _broken("unreadable_answer") from None
        # An error with the status of a success may look like an empty list.
        if reading.errors or reading.strays or is_own_error(body):
            raise _broken("unreadable_items")
        return reading.barcodes

    def find_customer(self, *, account: str, email: str, deadline: datetime) -> int | None:
        """Return the id of the customer with this e-mail, None if unknown. Raises ProviderError."""
        criteria = {"email": email}
        body = self._gets.get(self._account(account), CUSTOMER, criteria, deadline=deadline)
        return customer_with(body, email=email)

    def _access(self, account: Account) -> tuple[str, Mapping[str, str]] | None:
        """Return the account's key and the headers with it, None without a usable key."""
        try:
            key = self._keys.api_key(account.secret_id)
            return key, headers_for(key)
        except (Unavailable, ConfigurationInvalid):
            return None

    def _judged(
        self,
        account: Account,
        requests: Sequence[BarcodeRequest],
        answer: HttpAnswer,
        *,
        route: str,
        key: str,
    ) -> BatchAnswer:
        pause = retry_after(answer.headers.get("Retry-After"), now=self._clock.now())
        if answer.status in _OK:
            return _by_item(account, requests, answer.body)
        author = Author.PROVIDER if is_own_error(answer.body) else Author.UNKNOWN
        verdict = judge_status(answer.status, author=author, retry_after=pause)
        if verdict.blame is Blame.BATCH and len(requests) == 1 and names(answer.body, requests[0]):
            verdict = replace(verdict, blame=Blame.ITEM, health=Health.GOOD)
        _log_refusal(answer, route=route, key=key)
        if verdict.health is Health.UNAUTHORISED:
            with suppress(Exception):  # the verdict stands, also if the secret cannot be read
                self._keys.refresh(account.secret_id)
        return verdict.for_each_of(len(requests))

    def _account(self, name: str) -> Account:
        if name not in self._accounts:
            raise _broken("unknown_account")
        return self._accounts[name]


_NO_ACCOUNT = Verdict(outcome=Outcome.NOT_SENT, reason="unknown_account", blame=Blame.ACCOUNT)
_NO_KEY = Verdict(
    outcome=Outcome.NOT_SENT,
    reason="secret_unavailable",
    blame=Blame.ACCOUNT,
    health=Health.UNAUTHORISED,
)
_UNEXPECTED = Verdict(outcome=Outcome.UNKNOWN, reason="unexpected_error", health=Health.FAILING)
_UNREADABLE = Verdict(outcome=Outcome.UNKNOWN, reason="unreadable_answer")


def _sent(account: Account, requests: Sequence[BarcodeRequest]) -> tuple[str, bytes]:
    if len(requests) == 1:
        return SINGLE, request_body(requests[0])
    return BATCH, batch_body(requests, envelope=account.batch_envelope)


def _by_item(account: Account, requests: Sequence[BarcodeRequest], body: bytes) -> BatchAnswer:
    try:
        reading = read(body)
        if not reading.barcodes and is_own_error(body) and not names(body, requests[0]):
            return _refused_under_a_success(read_error(body)).for_each_of(len(requests))
        if _is_one_stray(reading) and len(requests) > 1:
            raise InputRejected("one_answer_to_all")  # one item, which belongs to none of them
        matched = match(requests, reading, account=account)
    except InputRejected:
        unreadable = _UNREADABLE.for_each_of(len(requests))
        return replace(unreadable, unexplained=len(requests))
    return BatchAnswer(
        attempts=matched.attempts,
        health=matched.health,
        anomalies=matched.anomalies,
        unexplained=matched.unexplained,
    )


def _is_one_stray(reading: ConiqReading) -> bool:
    return reading.strays == 1 and not reading.barcodes and not reading.errors


def _refused_under_a_success(error: ItemError | None) -> Verdict:
    """Judge an error by its own code; under a success status the outcome remains UNKNOWN."""
    status = HTTPStatus.BAD_REQUEST if error is None else error.status or HTTPStatus.BAD_REQUEST
    verdict = judge_status(status, author=Author.PROVIDER, retry_after=None)
    reason = NO_CODE if error is None else error.reason
    return replace(verdict, outcome=Outcome.UNKNOWN, reason=reason)


def _log_refusal(answer: HttpAnswer, *, route: str, key: str) -> None:
    said = redacted(read_message(answer.body), hidden=(key,))
    details = {"route": route, "status": answer.status, "said": said}
    logger.warning("coniq_refused", extra={**details, "request_id": request_id_of(answer)})


def _broken(reason: str) -> ContractBroken:
    return ContractBroken(reason, provider=PROVIDER, route=f"GET {SINGLE}")
