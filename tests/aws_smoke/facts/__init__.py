"""The 25 facts, by what they are about."""

from collections.abc import Sequence
from typing import Any

from tests.aws_smoke.fact import Fact
from tests.aws_smoke.facts import (
    batching,
    bus,
    deploying,
    failing,
    operating,
    rights,
    streaming,
)

FACTS: Sequence[Fact[Any]] = (
    *bus.FACTS,
    *batching.FACTS,
    *failing.FACTS,
    *streaming.FACTS,
    *rights.FACTS,
    *deploying.FACTS,
    *operating.FACTS,
)
