"""Callbacks of a provider: they are unsigned, so they can only cause a poll."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from couponbus.domain.inbound.callbacks import (
    CallbackAccount,
    account_opened_by,
    body_fields,
    fields_of,
    promotion_meant,
)
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork
from couponbus.events.sign_up import Name
from couponbus.ports.inbound import PathSecrets
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

    def receive(self, request: Request) -> Reception:
        """Answer by the secret alone: no parameter changes the answer.

        Raises SecretUnavailable, QueueUnavailable, ConfigurationInvalid.
        """
        account = self._opened_by(request.secret or "")
        if account is None:
            return Reception(answer=NOT_FOUND_ANSWER, counts={Metric.UNKNOWN_CALLBACKS: 1})
        key = self._watch_meant(request, self.accounts[account])
        if key is None:
            return Reception(answer=_TAKEN, counts={Metric.HINTS_IGNORED: 1})
        self.polls.send([ContinueWork(keys=(key,))])
        return Reception(answer=_TAKEN, counts={Metric.HINTS: 1})

    def _opened_by(self, secret: str) -> str | None:
        known = self.secrets.current()
        if (account := account_opened_by(secret, known)) is not None:
            return account
        renewed = self.secrets.renewed()
        return account_opened_by(secret, renewed) if renewed != known else None

    def _watch_meant(self, request: Request, account: CallbackAccount) -> str | None:
        """Return the key of a watch, None where no parameter names one.

        Raises SecretUnavailable.
        """
        fields = _fields(request)
        try:
            promotion = _NAME.validate_python(
                fields.get(account.promotion_field.casefold()), strict=True
            )
            user_id = _NAME.validate_python(fields.get(account.user_field.casefold()), strict=True)
        except ValidationError:
            return None
        return watch_key(
            watch_id_for(
                pseudonyms=self.pseudonyms,
                tenant=account.tenant,
                provider=Provider.UNIQODO,
                account=account.name,
                promotion=promotion_meant(promotion),
                user_id=user_id,
            )
        )


def _fields(request: Request) -> Mapping[str, str]:
    """Return the fields of query and body, none of a callback that is longer than any.

    Their names are taken in any case; a field with two values is none, as it is not known which
    counts.
    """
    if max(len(request.query), len(request.body)) > FORM_BYTES:
        return {}
    given = [fields_of(request.query)]
    if request.method != "GET":
        content_type = request.headers.get("content-type", "")
        given.append(body_fields(request.body, content_type=content_type))
    values: dict[str, set[str]] = {}
    for name, value in (pair for each in given for pair in each.items()):
        values.setdefault(name.casefold(), set()).add(value)
    return {name: next(iter(found)) for name, found in values.items() if len(found) == 1}
