"""Answer calls through the fault switchboard: the faults themselves."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Receive

from couponbus_sandbox.simulator.clock import LateWork
from couponbus_sandbox.simulator.exchange import Answer, Call
from couponbus_sandbox.simulator.faults import ArmedRule, FaultKind, FaultRule, Faults
from couponbus_sandbox.simulator.hangups import Announced, Cut, Drip, HangUp, gone_within
from couponbus_sandbox.simulator.provider_api import ProviderApi
from couponbus_sandbox.simulator.reshape import RESHAPERS, reshape
from couponbus_sandbox.simulator.wordings import HTML_PAGE, media_type_of, worded


class Reply(NamedTuple):
    """The response, the status that the caller sees, and the fault."""

    response: Response
    status: int | None
    fault: str | None = None


class FaultyApi:
    """An API behind the fault switchboard."""

    def __init__(self, *, api: ProviderApi, faults: Faults, late: LateWork) -> None:
        self._api = api
        self._faults = faults
        self._late = late
        self._handlers: dict[FaultKind, Callable[[Call, ArmedRule], Reply]] = {
            FaultKind.DRIP: self._drip,
            FaultKind.RESET_BEFORE_COMMIT: self._reset_before_commit,
            FaultKind.RESET_AFTER_COMMIT: self._reset_after_commit,
            FaultKind.COMMIT_THEN_DROP: self._commit_then_drop,
            FaultKind.LATE_COMMIT: self._late_commit,
            FaultKind.TRUNCATED_JSON: self._truncated_json,
            FaultKind.HTML: self._html,
            FaultKind.K_OF_N: self._k_of_n,
            FaultKind.POISON: self._poison,
            FaultKind.REDIRECT: self._redirect,
            FaultKind.ALTERED: self._altered,
            FaultKind.ANSWER: self._worded,
            FaultKind.INTERIM: self._interim,
            **dict.fromkeys(RESHAPERS, self._reshaped),
        }

    async def respond(self, call: Call, receive: Receive) -> Reply:
        """Return what the caller gets: the provider's answer, or what a fault makes of it."""
        armed = self._faults.choose(call, api=self._api)
        if armed is None:
            return _plain(self._api.answer(call))
        if armed.rule.kind == FaultKind.SLOW:
            reply = await self._slow(call, armed, receive)
        else:
            reply = self._handlers.get(armed.rule.kind, self._error)(call, armed)
        return reply._replace(fault=str(armed.rule.kind))

    async def _slow(self, call: Call, armed: ArmedRule, receive: Receive) -> Reply:
        # As late work it takes effect at its time even if the caller does not wait for it.
        job = self._late.add(lambda: self._api.answer(call), seconds=armed.rule.seconds)
        if await gone_within(receive, seconds=armed.rule.seconds):
            return Reply(HangUp(ending="fin"), None)
        return _plain(job.do())

    def _error(self, call: Call, armed: ArmedRule) -> Reply:
        if armed.rule.commit:
            self._api.answer(call)
        status = int(armed.rule.kind)
        answer = _error_answer(status, headers=_retry_after(armed.rule))
        return _plain(answer if armed.rule.text is None else replace(answer, body=armed.rule.text))

    def _drip(self, call: Call, armed: ArmedRule) -> Reply:
        answer = self._api.answer(call)
        drip = Drip(
            content=answer.encoded(),
            status_code=answer.status,
            media_type=answer.media_type,
            seconds_per_byte=armed.rule.seconds,
        )
        return Reply(drip, answer.status)

    def _reset_before_commit(self, call: Call, armed: ArmedRule) -> Reply:
        return Reply(HangUp(ending="rst"), None)

    def _reset_after_commit(self, call: Call, armed: ArmedRule) -> Reply:
        self._api.answer(call)
        return Reply(HangUp(ending="rst"), None)

    def _commit_then_drop(self, call: Call, armed: ArmedRule) -> Reply:
        self._api.answer(call)
        return Reply(HangUp(ending="fin"), None)

    def _late_commit(self, call: Call, armed: ArmedRule) -> Reply:
        self._late.add(lambda: self._api.answer(call), seconds=armed.rule.seconds)
        if armed.rule.answer == "drop":
            return Reply(HangUp(ending="fin"), None)
        return _plain(_error_answer(HTTPStatus.GATEWAY_TIMEOUT))

    def _truncated_json(self, call: Call, armed: ArmedRule) -> Reply:
        answer = self._api.answer(call)
        content = answer.encoded()
        half = len(content) // 2
        if armed.rule.framing == "whole":
            cut = Response(content[:half], answer.status, media_type=answer.media_type)
            return Reply(cut, answer.status)
        response = Cut(
            content=content, status_code=answer.status, media_type=answer.media_type, sent=half
        )
        return Reply(response, answer.status)

    def _html(self, call: Call, armed: ArmedRule) -> Reply:
        if armed.rule.commit:
            self._api.answer(call)
        status = armed.rule.status or HTTPStatus.OK
        return Reply(Response(HTML_PAGE, status, media_type="text/html"), status)

    def _k_of_n(self, call: Call, armed: ArmedRule) -> Reply:
        answer = self._api.answer(self._api.first_items(call, count=armed.rule.items))
        if armed.rule.status is not None:
            answer = _error_answer(armed.rule.status)
        return _plain(answer)

    def _reshaped(self, call: Call, armed: ArmedRule) -> Reply:
        answer = self._api.answer(call)
        body = reshape(answer.body, RESHAPERS[armed.rule.kind], armed=armed)
        return _plain(Answer(status=answer.status, body=body, headers=answer.headers))

    def _poison(self, call: Call, armed: ArmedRule) -> Reply:
        # The answer does not name the invalid item: the caller has to bisect the batch.
        return _plain(_error_answer(armed.rule.status or HTTPStatus.BAD_REQUEST))

    def _altered(self, call: Call, armed: ArmedRule) -> Reply:
        return _plain(self._api.altered(call, armed.rule.settings))

    def _worded(self, call: Call, armed: ArmedRule) -> Reply:
        if armed.rule.commit:
            self._api.answer(call)
        status, wording = armed.rule.status or HTTPStatus.OK, armed.rule.wording
        response = Response(worded(wording, status), status, media_type=media_type_of(wording))
        return Reply(response, status)

    def _interim(self, call: Call, armed: ArmedRule) -> Reply:
        answer = self._api.answer(call)
        announced = Announced(
            content=answer.encoded(),
            status_code=answer.status,
            media_type=answer.media_type,
            interim=armed.rule.status or HTTPStatus.EARLY_HINTS,
        )
        return Reply(announced, answer.status)

    def _redirect(self, call: Call, armed: ArmedRule) -> Reply:
        status = armed.rule.status or HTTPStatus.TEMPORARY_REDIRECT
        headers = (("location", armed.rule.location),)
        return _plain(_error_answer(status, headers=headers))


def _plain(answer: Answer) -> Reply:
    response = Response(
        answer.encoded(),
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type=answer.media_type,
    )
    return Reply(response, answer.status)


def _error_answer(status: int, *, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    body = {"code": int(status), "message": HTTPStatus(status).phrase, "errors": []}
    return Answer(status=int(status), body=body, headers=headers)


def _retry_after(rule: FaultRule) -> tuple[tuple[str, str], ...]:
    if rule.retry_after_as == "garbage":
        return (("retry-after", "in a while"),)
    if rule.retry_after is None:
        return ()
    if rule.retry_after_as == "date":
        # An HTTP date has whole seconds: round up, so that it is not before the rule's time.
        return (
            ("retry-after", formatdate(math.ceil(time.time() + rule.retry_after), usegmt=True)),
        )
    return (("retry-after", f"{rule.retry_after:g}"),)
