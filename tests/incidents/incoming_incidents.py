"""What goes wrong with what comes in: programs and producers."""

from collections.abc import Sequence
from dataclasses import replace

from tests.incidents.incident import Incident
from tests.incidents.operators import apply, each, empty
from tests.incidents.stage import ISSUING
from tests.incidents.traffic import bad_sign_ups, leave, producer_comes, signed_with, unidentified

TYPO = replace(ISSUING, pattern={"detail": {"attributes": {"cuontry": ["GB"]}}})
OLD_KEY = b"test-key-not-real-0000-the-last"

INCIDENTS: Sequence[Incident] = (
    Incident(
        name="a program matches no sign-up",
        breaks=apply(TYPO),
        mends=apply(ISSUING),
        lasts=30,
        levels={"issue_barcodes-UnmatchedShare": 17},
        events={"issue_barcodes-Unmatched": 2},
    ),
    Incident(
        name="a producer sends bad sign-ups",
        breaks=producer_comes(bad_sign_ups()),
        mends=each(leave, empty("quarantine")),
        lasts=30,
        levels={"quarantine-not-empty": 2},
    ),
    Incident(
        name="a producer sends what has no id",
        breaks=producer_comes(unidentified()),
        mends=each(leave, empty("unidentified", "quarantine")),
        lasts=20,
        levels={"unidentified-not-empty": 2, "quarantine-not-empty": 2},
    ),
    Incident(
        name="a producer signs with an old key",
        breaks=producer_comes(signed_with(OLD_KEY, number=6)),
        mends=leave,
        lasts=20,
        events={"receive_callback-RefusedForged": 5},
    ),
)
