"""The part of the catalogue for those who receive webhooks."""

from datetime import timedelta
from pathlib import Path

from couponbus.domain.webhooks.retry_schedule import (
    ATTEMPT_SECONDS,
    ATTEMPTS,
    DISABLED_AFTER,
    JITTER,
    SCHEDULE,
)
from couponbus.domain.webhooks.signature import TOLERANCE

RECEIVERS = Path(__file__).resolve().parent / "receivers"
PAGE = """
## Webhooks: the same events at your own URL

Each published event comes as a POST of one JSON object: `metadata` and `data` as on the bus, beside
them `type` (the detail type), `source`, and `timestamp` (when it was decided). Each has a schema in
`schemas/webhooks` and a sample in `samples/webhooks`; so has `EndpointTest`, which is sent when an
operator tries an endpoint, and was never on the bus.

| header | holds |
|---|---|
| `webhook-id` | which fact this is: the same for each attempt, each endpoint and each replay |
| `webhook-timestamp` | when this attempt was made, in seconds since 1970 |
| `webhook-signature` | `v1,` and a signature, for each secret that is valid; spaces between them |

They follow Standard Webhooks: a signature is the HMAC-SHA256 of id, timestamp and body, joined by
dots, in base64; the key is what follows `whsec_` in the secret, decoded from base64.

* **Verify each one**, over the bytes that came in: a body that was parsed and written again has
  other bytes. Compare in constant time, and refuse what is more than {tolerance} old.
  While a secret is rotated there are two signatures; one that matches is enough.
* **The same may come again**: after an answer that was lost, by a retry, by a replay. Dedupe on
  `webhook-id`: keep the ids of what you have done, together with what you have done. It names the
  fact as `metadata.id` does, in other letters. Keep ids for as long as a repetition would harm:
  retries go on for {hours} hours, a replay may come months later.
* **Answer with any 2xx within {seconds} seconds**; do longer work afterwards. Everything else is
  a failure: redirections (they are not followed), 4xx, 5xx, silence. Only the status is read.
* **What failed is tried again** after
  {schedule} ({jitter} % more or less).
  After {attempts} attempts it is given up, until an operator sends it again. With 429 and 503 a
  `Retry-After` of up to an hour is obeyed.
* **`410` means never again**: the endpoint is disabled at once. So is one that fails for
  {days} days without any success. `EndpointDisabled` tells the others.
* **The order is not promised.** `metadata.sequence` counts what was told of one entity, and
  `metadata.occurred_at` is when it was decided: ignore what is older than what you know.
* **More may come.** Ignore fields that you do not know, and answer 2xx to a `type` that you do not
  know: a contract gets more fields, never other ones. The schemas are those of the day.
* **Numbers are masked.** Only an endpoint with the scope `barcode:read` gets
  `data.barcode_number`, in `BarcodeIssued`.

With the package `standardwebhooks`, and a table of ids in your own database:

```python
{receive}```

The same check with nothing but the standard library, in place of that package's:

```python
{verify}```
"""
UNITS = ((3600, "h"), (60, "min"), (1, "s"))


def webhook_section() -> str:
    """Return the section; its figures are those of the code, its snippets are tested files."""
    return PAGE.format(
        tolerance=_minutes(TOLERANCE),
        hours=int(sum(SCHEDULE, timedelta()).total_seconds() // 3600),
        seconds=int(ATTEMPT_SECONDS),
        schedule=", ".join(_short(delay) for delay in SCHEDULE[1:]),
        jitter=int(JITTER * 100),
        attempts=ATTEMPTS,
        days=DISABLED_AFTER.days,
        receive=_snippet("receive"),
        verify=_snippet("verify"),
    )


def _minutes(duration: timedelta) -> str:
    return f"{int(duration.total_seconds() // 60)} minutes"


def _short(delay: timedelta) -> str:
    seconds = int(delay.total_seconds())
    return next(f"{seconds // size} {name}" for size, name in UNITS if seconds % size == 0)


def _snippet(name: str) -> str:
    return (RECEIVERS / f"{name}.py").read_text(encoding="utf-8")
