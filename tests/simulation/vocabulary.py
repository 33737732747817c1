"""Every answer that may replace Coniq's own: status, form of the body, effect of the call.

Generated, because the answer that breaks a rule is the one that a list written by hand forgets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus_sandbox.simulator.wordings import Wording, worded

SUCCESSES = (200, 201, 202, 204, 206, 207)
REDIRECTIONS = (300, 301, 302, 303, 304, 307, 308)
CLIENT_ERRORS = (
    *(400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415),
    *(421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 499),
)
SERVER_ERRORS = (500, 501, 502, 503, 504, 505, 507, 511, 520, 524, 529, 599)
STATUSES = (*SUCCESSES, *REDIRECTIONS, *CLIENT_ERRORS, *SERVER_ERRORS)

NO_BODY = frozenset({204, 304})


type Form = Wording | None  # None is the provider's own success body
SUCCESS: Form = None
OWN_ERRORS = frozenset({Wording.OWN, Wording.OWN_FIELDS})


class Effect(StrEnum):
    """What happened to the items of a POST."""

    NOTHING = "nothing done"
    PART = "a part done"
    ALL = "all done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One answer; without an effect it is an answer to a GET."""

    status: int
    form: Form
    effect: Effect | None = None

    @property
    def name(self) -> str:
        """The kind of fault."""
        said = f"{self.status} {self.form or 'success'}"
        return said if self.effect is None else f"{said}, {self.effect}"

    @property
    def refuses(self) -> bool:
        """Whether the provider itself says that it refused the request."""
        return self.form in OWN_ERRORS and self.status in (*SUCCESSES, *CLIENT_ERRORS)

    @property
    def is_any_item(self) -> bool:
        """Whether it may be a barcode in a form that the product does not know."""
        return self.form is Wording.PROBLEM and self.status in SUCCESSES

    def body(self, true: bytes) -> bytes:
        """Return the body; `true` is the body that would have been sent otherwise."""
        if self.status in NO_BODY:
            return b""
        return true if self.form is None else worded(self.form, self.status)


def words_of_post() -> Iterator[Word]:
    """Yield each possible answer to a POST, with its effect."""
    for status in STATUSES:
        for form in _forms(status):
            for effect in _effects(status, form):
                yield Word(status=status, form=form, effect=effect)


def words_of_get() -> Iterator[Word]:
    """Yield each answer to a GET."""
    for status in STATUSES:
        for form in _forms(status):
            yield Word(status=status, form=form)


# A check before the items gives these: a request that is stopped there has no effect.
_GATES = frozenset({404, 405, 411, 414, 415, 421, 426, 428, 429, 431, 511})
# A proxy filters responses too: its refusal may replace a success.
_DOORS = frozenset({401, 403})
_EVERY = tuple(Effect)
_IN_DOUBT = frozenset({400, 408, 409, 413, 422, 424, 499})


def _forms(status: int) -> Sequence[Form]:
    return (Wording.EMPTY,) if status in NO_BODY else (*Wording, SUCCESS)


def _effects(status: int, form: Form) -> Sequence[Effect]:
    if status in _DOORS and form is not SUCCESS:
        return (Effect.NOTHING,) if form in OWN_ERRORS else _EVERY
    if status in _GATES | _DOORS:
        return () if form is SUCCESS else (Effect.NOTHING,)
    if form is SUCCESS:
        return (Effect.ALL,)  # a barcode that is shown exists
    if status in REDIRECTIONS:
        return (Effect.NOTHING, Effect.ALL)
    if status in (*SUCCESSES, *SERVER_ERRORS, *_IN_DOUBT):
        return _EVERY
    return (Effect.NOTHING,)


POST_WORDS: Mapping[str, Word] = {word.name: word for word in words_of_post()}
GET_WORDS: Mapping[str, Word] = {word.name: word for word in words_of_get()}
