"""The simulated Coniq's accounts and barcodes: each item of each POST is a new barcode."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from couponbus_sandbox.simulator.references import ReferenceChange, changed_reference
from tests.simulation.answer_log import AnswerLog, Subject
from tests.simulation.false_answers import LISTED
from tests.simulation.world import World

STALEST = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BarcodeSpec:
    """An item of a POST."""

    account: str
    customer_id: int
    offer_id: int
    channel: str
    tracking_code: str

    @property
    def subject(self) -> Subject:
        return self.account, self.customer_id, self.offer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A barcode; `tracking_code` is None when one of Coniq's own forms made it.

    `kept` is that reference as the shop stores it, changed by `bend` if there is one.
    """

    account: str
    number: str
    customer_id: int
    offer_id: int
    channel: str
    tracking_code: str | None
    kept: str | None
    at: float
    bend: ReferenceChange | None = None

    @property
    def subject(self) -> Subject:
        return self.account, self.customer_id, self.offer_id


@dataclass(slots=True, kw_only=True)
class Shop:
    """Behaviour and customers of one account; each e-mail is known from a given time on."""

    name: str
    key: str
    known: dict[str, tuple[int, float]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)  # e-mails that two customers have
    blocked: set[int] = field(default_factory=set)
    poison: set[int] = field(default_factory=set)
    shows_tracking_codes: bool = True
    honest_items: bool = False


STRANGERS = tuple(
    Sold(
        account="",
        number=f"23000000000000{number}",
        customer_id=500 + number,
        offer_id=11,
        channel="MAIL",
        tracking_code=f"from-before-{number}",
        kept=f"from-before-{number}",
        at=-86_400.0,
    )
    for number in range(LISTED)
)


class Coniq:
    """All accounts; `watchers` see each barcode when it is made."""

    def __init__(self, world: World) -> None:
        self.shops: dict[str, Shop] = {}
        self.sold: list[Sold] = []
        self.forgotten: set[str] = set()  # numbers of issuances that the ledger has deleted
        self.watchers: list[Callable[[Sold], None]] = []
        self.answer_log = AnswerLog()
        self._world = world

    def open(self, shop: Shop) -> None:
        self.shops[shop.name] = shop

    def make(self, spec: BarcodeSpec, bend: ReferenceChange | None = None) -> Sold:
        """Make the requested barcode, and keep its reference in the form that the shop uses."""
        return self._make(spec, code=spec.tracking_code, bend=bend)

    def make_by_form(self, spec: BarcodeSpec) -> Sold:
        return self._make(spec, code=None, bend=None)

    def make_later(
        self, specs: Sequence[BarcodeSpec], seconds: float, bend: ReferenceChange | None
    ) -> None:
        """Make the requested barcodes after `seconds`, when the caller no longer waits."""

        def make() -> None:
            for spec in specs:
                self.make(spec, bend)

        self._world.after(seconds, make)

    def refuse(self, specs: Sequence[BarcodeSpec]) -> None:
        """Refuse all of these with Coniq's own error message."""
        subjects = [spec.subject for spec in specs]
        self.answer_log.refuse(subjects, at=self._world.now, alone=len(specs) == 1)

    def customer(self, account: str, email: str) -> int | None:
        known = self.shops[account].known.get(email)
        return known[0] if known is not None and known[1] <= self._world.now else None

    def listed(
        self,
        account: str,
        *,
        tracking_code: str | None,
        customer_id: int | None,
        offer_id: int | None,
        age: float,
    ) -> list[Sold]:
        """Return what existed `age` seconds ago and meets each criterion that is given."""
        return [
            one
            for one in self.sold
            if one.account == account
            and one.at <= self._world.now - age
            and tracking_code in (None, one.kept)
            and customer_id in (None, one.customer_id)
            and offer_id in (None, one.offer_id)
        ]

    def all_of(self, account: str) -> list[Sold]:
        """Return all barcodes, the oldest first, including `STRANGERS` from before the run."""
        return [*STRANGERS, *(one for one in self.sold if one.account == account)]

    def coded(self, tracking_code: str) -> list[Sold]:
        """Return what was made under a reference, but for an issuance that was deleted."""
        return [
            one
            for one in self.sold
            if one.tracking_code == tracking_code and one.number not in self.forgotten
        ]

    def forget(self, tracking_code: str) -> None:
        """Note that the ledger has deleted the issuance with this reference."""
        self.forgotten.update(one.number for one in self.coded(tracking_code))

    def _make(self, spec: BarcodeSpec, *, code: str | None, bend: ReferenceChange | None) -> Sold:
        sold = Sold(
            account=spec.account,
            number=f"24{self._world.weather.randrange(10**9, 10**10)}{len(self.sold):04d}",
            customer_id=spec.customer_id,
            offer_id=spec.offer_id,
            channel=spec.channel,
            tracking_code=code,
            kept=code if bend is None else changed_reference(code, bend),
            at=self._world.now,
            bend=bend,
        )
        self.sold.append(sold)
        for watch in self.watchers:
            watch(sold)
        return sold
