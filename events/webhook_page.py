"""The part of the catalogue for receivers of webhooks."""

from datetime import timedelta
from pathlib import Path

from couponbus.domain.polling.published_redemption import PARAMS_BYTES
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

Each published event is a POST of one JSON object: `metadata` and `data` as on the bus, beside them
`type` (the detail type), `source`, and `timestamp` (when it was decided). Each has a schema in
`schemas/webhooks` and a sample in `samples/webhooks`; so has `EndpointTest`, which is sent when an
operator tests an endpoint, and is never on the bus.

| header | holds |
|---|---|
| `webhook-id` | the id of the fact: the same for each attempt, each endpoint and each replay |
| `webhook-timestamp` | when this attempt was made, in seconds since 1970 |
| `webhook-signature` | `v1,` and a signature, for each secret that is valid; spaces between them |
| `traceparent` | for an event with `metadata.trace_id`: that id, and one of this attempt |

They follow Standard Webhooks: a signature is the HMAC-SHA256 of id, timestamp and body, joined by
dots, in base64; the key is what follows `whsec_` in the secret, decoded from base64.

* **Verify each one**, over the bytes as received: a body that was parsed and written again has
  other bytes. Compare in constant time, and refuse a timestamp more than {tolerance} old.
  While a secret is rotated there are two signatures; one that matches is enough.
* **`traceparent` joins a webhook to its sign-up** in your own traces (W3C Trace Context). No
  signature covers the header: what you rely on is `metadata.trace_id`, which is in the body.
* **Webhooks can be repeated**: after an answer that was lost, by a retry, by a replay. Dedupe on
  `webhook-id`: store the id in the same transaction as your work. It names the fact as
  `metadata.id` does, in another spelling. Keep ids for as long as a repetition would do harm:
  retries go on for {hours} hours, a replay may come months later.
* **Answer with any 2xx within {seconds} seconds**; do longer work afterwards. Any other answer is
  a failure: redirects (they are not followed), 4xx, 5xx, a timeout. Only the status is read.
* **A failed attempt is retried** after
  {schedule} ({jitter} % more or less).
  After {attempts} attempts the delivery ends, until an operator sends it again. With 429 and 503 a
  `Retry-After` of up to an hour is obeyed.
* **`410` means never again**: the endpoint is disabled at once. So is one that fails for
  {days} days without any success. `EndpointDisabled` notifies the other endpoints.
* **The order is not promised.** `metadata.sequence` counts the events about one entity, and
  `metadata.occurred_at` is when it was decided: ignore an event older than what you have.
* **Contracts grow.** Ignore fields that you do not know, and answer 2xx to a `type` that you do not
  know: fields are added to a contract, never changed. The schemas are the current ones.
* **Numbers are masked.** Only an endpoint with the scope `barcode:read` gets
  `data.barcode_number` and `data.barcode_image_url`, in `BarcodeIssued`.
* **What a shop attached to a redemption** may name a person. Only an endpoint with the scope
  `custom_params:read` gets it, in `RedemptionRecorded` and `RedemptionUpdated`, whole and of up to
  {params} bytes: as the object `data.custom_params`, or as the text `data.custom_params_raw` where
  it is no JSON object. It is read when the webhook is sent: a repetition after an update says what
  that update brought, and null once the customer is erased. A change of it alone is no event.

With the package `standardwebhooks`, and a table of ids in your own database:

```python
{receive}```

The same check with nothing but the standard library, in place of that package's:

```python
{verify}```
"""
UNITS = ((3600, "h"), (60, "min"), (1, "s"))


def webhook_section() -> str:
    """Return the section; its figures come from the code, its snippets from tested files."""
    return PAGE.format(
        tolerance=_minutes(TOLERANCE),
        hours=int(sum(SCHEDULE, timedelta()).total_seconds() // 3600),
        seconds=int(ATTEMPT_SECONDS),
        schedule=", ".join(_short(delay) for delay in SCHEDULE[1:]),
        jitter=int(JITTER * 100),
        attempts=ATTEMPTS,
        days=DISABLED_AFTER.days,
        params=PARAMS_BYTES,
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
