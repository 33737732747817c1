"""Koupon's checks of access before any work, in Koupon's order."""

import hashlib
import hmac
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs

from couponbus_sandbox.koupon.settings import Access, KouponSettings
from couponbus_sandbox.simulator.exchange import Answer, Call

SIGNATURE = "&authSignature="
VERSION = "2"


class RefusalError(Exception):
    """The whole call is refused, with a status and the reason."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def check_accept(call: Call, *, settings: KouponSettings) -> None:
    """Raise RefusalError (406) unless the caller takes JSON."""
    accepted = call.headers.get("accept", "").partition(";")[0].strip().lower()
    if accepted == "application/json" or (settings.accept == "any" and accepted == "*/*"):
        return
    raise RefusalError(HTTPStatus.NOT_ACCEPTABLE, "Accept must be application/json")


def access_of(call: Call, *, settings: KouponSettings) -> Access | None:
    """Return the account whose identifier the call carries."""
    named = dict(call.query).get("identifier")
    return next((each for each in settings.accounts if each.identifier == named), None)


def check_signature(call: Call, *, settings: KouponSettings, now: datetime) -> None:
    """Raise RefusalError (401) unless the target, as it arrived, is signed and fresh."""
    unsigned, found, rest = call.target.partition(SIGNATURE)
    signature, extra, _ = rest.partition("&")
    # Only what stands before the signature is covered by it.
    covered = parse_qs(unsigned.partition("?")[2])
    if not found or not signature or not {"identifier", "timestamp"} <= covered.keys():
        raise _unauthorized("identifier, timestamp and authSignature are required")
    if extra and settings.after_signature == "refuse":
        raise _unauthorized("authSignature must be the last parameter")
    access = next((a for a in settings.accounts if [a.identifier] == covered["identifier"]), None)
    if access is None:
        raise _unauthorized("unknown identifier")
    if not _is_fresh(covered["timestamp"], now=now, seconds=settings.signature_ttl_seconds):
        raise _unauthorized("the timestamp is not within the accepted window")
    base = settings.public_base_url or f"http://{call.headers.get('host', '')}"
    wanted = hmac.new(access.secret.encode(), (base + unsigned).encode(), hashlib.sha1)
    if not hmac.compare_digest(wanted.hexdigest().encode(), signature.lower().encode()):
        raise _unauthorized("the signature does not match")


def refusal_answer(refusal: RefusalError, *, settings: KouponSettings) -> Answer:
    """Return the refusal in the error style of the settings."""
    status, message = refusal.status, refusal.message
    body: object
    if settings.error_style == "text":
        body = message
    elif settings.error_style == "errors":
        body = {"errors": [{"code": status, "message": message}]}
    elif settings.error_style == "store_connect":
        body = {"version": "1", "errorCode": status, "errorMessage": message}
    else:
        body = {"code": status, "message": message, "version": VERSION}
    return Answer(status=status, body=body)


def _is_fresh(texts: list[str], *, now: datetime, seconds: float) -> bool:
    if len(texts) != 1 or not (texts[0].isascii() and texts[0].isdecimal()):
        return False
    return abs(now.timestamp() - float(texts[0][:15])) <= seconds


def _unauthorized(message: str) -> RefusalError:
    return RefusalError(HTTPStatus.UNAUTHORIZED, message)
