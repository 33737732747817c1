"""Callbacks of a provider: they are unsigned, so they can only cause a poll."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from couponbus.domain.inbound.callbacks import (
    CallbackAccount,
    account_opened_by,
    body_fields,
    fields_of,
    promotion_meant,
)
from couponbus.domain.inbound.ignored_callbacks import IgnoreReason
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork
from couponbus.events.field_types import Name
from couponbus.ports.inbound import IgnoredCallbackCounts, PathSecrets
from couponbus.ports.shared import Commands, Pseudonyms
from couponbus.usecases.inbound.http import NOT_FOUND_ANSWER, Answer, Reception, Request
from couponbus.usecases.invocation import Metric
from couponbus.usecases.polling.start_watches import watch_id_for

FORM_BYTES = 8 * 1024
_TAKEN = Answer(status=204, content=None)
_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveHints:
    """Has a watch polled now, if it exists, which is neither checked nor revealed."""

    accounts: Mapping[str, CallbackAccount]
    secrets: PathSecrets
    pseudonyms: Pseudonyms
    polls: Commands
    ignored: IgnoredCallbackCounts

    def receive(self, request: Request) -> Reception:
        """Answer by the secret alone: no parameter changes the answer.

        Raises SecretUnavailable, QueueUnavailable, ConfigurationInvalid.
        """
        account = self._opened_by(request.secret or "")
        if account is None:
            return Reception(answer=NOT_FOUND_ANSWER, counts={Metric.UNKNOWN_CALLBACKS: 1})
        meant = self._watch_meant(request, self.accounts[account])
        if isinstance(meant, IgnoreReason):
            self.ignored.count(account=account, reason=meant)
            return Reception(answer=_TAKEN, counts={Metric.HINTS_IGNORED: 1})
        self.polls.send([ContinueWork(keys=(watch_key(meant),))])
        return Reception(answer=_TAKEN, counts={Metric.HINTS: 1})

    def _opened_by(self, secret: str) -> str | None:
        known = self.secrets.current()
        if (account := account_opened_by(secret, known)) is not None:
            return account
        renewed = self.secrets.renewed()
        return account_opened_by(secret, renewed) if renewed != known else None

    def _watch_meant(self, request: Request, account: CallbackAccount) -> str | IgnoreReason:
        """Return the id of the watch that the parameters name. Raises SecretUnavailable."""
        if max(len(request.query), len(request.body)) > FORM_BYTES:
            return IgnoreReason.TOO_LONG
        given = _given(request)
        fields = _fields(each.fields for each in given)
        promotion = _name_in(fields, account.promotion_field)
        user_id = _name_in(fields, account.user_field)
        if promotion is not None and user_id is not None:
            return watch_id_for(
                pseudonyms=self.pseudonyms,
                tenant=account.tenant,
                provider=Provider.UNIQODO,
                account=account.name,
                promotion=promotion_meant(promotion),
                user_id=user_id,
            )
        if any(each.is_unreadable for each in given):
            return IgnoreReason.UNREADABLE
        return IgnoreReason.NO_PROMOTION if promotion is None else IgnoreReason.NO_USER


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The query or the body, and the fields that were read from it."""

    text: str | bytes
    fields: Mapping[str, str]

    @property
    def is_unreadable(self) -> bool:
        """Whether there is something, and none of it is a field."""
        return bool(self.text.strip()) and not self.fields


def _given(request: Request) -> list[_Part]:
    query = _Part(text=request.query, fields=fields_of(request.query))
    if request.method == "GET":
        return [query]
    content_type = request.headers.get("content-type", "")
    body = _Part(text=request.body, fields=body_fields(request.body, content_type=content_type))
    return [query, body]


def _fields(given: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """Return all fields, their names in lower case.

    A field with two values is none, as it is not known which counts.
    """
    values: dict[str, set[str]] = {}
    for name, value in (pair for each in given for pair in each.items()):
        values.setdefault(name.casefold(), set()).add(value)
    return {name: next(iter(found)) for name, found in values.items() if len(found) == 1}


def _name_in(fields: Mapping[str, str], field: str) -> str | None:
    try:
        return _NAME.validate_python(fields.get(field.casefold()), strict=True)
    except ValidationError:
        return None
