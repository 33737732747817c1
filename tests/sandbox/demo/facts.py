"""The facts of a run in which every promise was kept, which tests break one by one."""

from collections import Counter

from couponbus_sandbox.demo.facts import Facts
from couponbus_sandbox.demo.load import make_load

LOAD = make_load(sign_ups=300, seed=1)
BARCODES = {customer: f"24{customer}" for customer in LOAD.owed}
FACTS = Facts(
    load=LOAD,
    collectors=2,
    provider={customer: (number,) for customer, number in BARCODES.items()},
    ledger=BARCODES,
    states={"ISSUED": len(BARCODES)},
    published={customer: Counter({f"event-{customer}": 1}) for customer in LOAD.owed},
    events={"BarcodeIssued": len(BARCODES)},
    rejected=LOAD.refused,
    quarantined=LOAD.bad,
    left_over={"signups": 0, "signups-dead": 0},
    posts=(150, 117),
    failed_posts=0,
    lookups=0,
    faults={},
    unusual_logs=(),
)
