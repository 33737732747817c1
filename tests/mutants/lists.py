"""All planted mistakes."""

from collections.abc import Sequence

from tests.mutants import (
    coniq_answers,
    http,
    pace_and_polling,
    polled_answers,
    sending_and_secrets,
)
from tests.mutants.planting import Mistake
from tests.thorough import amount

MISTAKES: Sequence[Mistake] = (
    *coniq_answers.MISTAKES,
    *http.MISTAKES,
    *pace_and_polling.MISTAKES,
    *polled_answers.MISTAKES,
    *sending_and_secrets.MISTAKES,
)
TRIED = MISTAKES[:: amount(1, few=4)]
