"""Sign-up forms and transactions of the simulated Coniq (docs/providers.md#neighbouring-apis)."""

from datetime import datetime, timedelta

from couponbus_sandbox.coniq.book import AccountBook, Customer, NewBarcode
from couponbus_sandbox.coniq.checks import Problem, RefusalError
from couponbus_sandbox.coniq.issue import Grant, Issuer
from couponbus_sandbox.coniq.settings import ConiqSettings, SignupForm
from couponbus_sandbox.simulator.exchange import Answer

KEPT_FIELDS = ("first_name", "last_name", "external_id")


class SignupCalls:
    """Takes sign-ups and transactions for one account."""

    def __init__(self, *, book: AccountBook, settings: ConiqSettings, now: datetime) -> None:
        self._book = book
        self._settings = settings
        self._now = now

    def sign_up(self, form: SignupForm | None, body: object) -> Answer:
        """Answer POST /signup/{hash}.json; a repeated sign-up returns the same customer.

        Raises RefusalError: 400, or 404 for a form that does not exist.
        """
        fields = body.get("fields") if isinstance(body, dict) else None
        if form is None:
            raise RefusalError(404, "Not Found")
        if not isinstance(fields, dict):
            raise _missing("fields")
        email = fields.get("email")
        if not isinstance(email, str) or "@" not in email:
            raise _missing("email")
        customer = self._book.customer_by_email(email) or self._new_customer(email, fields)
        if form.issues_barcode:
            self._issue(form, customer_id=customer.customer_id)
        return Answer(status=201, body={"customer_id": customer.customer_id, "email": email})

    def transact(self, body: object) -> Answer:
        """Answer POST /create-transaction; an unknown barcode is reported as success: false."""
        if not isinstance(body, dict):
            raise _missing("barcode")
        if str(body.get("barcode")) not in self._book.barcodes:
            failed = {"success": False, "transaction_id": None, "error": ["Barcode not found"]}
            return Answer(status=200, body=failed)
        transaction_id = len(self._book.transactions) + 1
        self._book.transactions.append({**body, "transaction_id": transaction_id})
        done = {"success": True, "transaction_id": transaction_id, "error": []}
        return Answer(status=200, body=done)

    def _new_customer(self, email: str, fields: dict[str, object]) -> Customer:
        delay = timedelta(seconds=self._settings.customer_delay_seconds)
        customer = Customer(
            customer_id=self._book.free_customer_id(),
            email=email,
            created=self._now,
            visible_at=self._now + delay,
            fields={name: fields[name] for name in KEPT_FIELDS if name in fields},
        )
        self._book.add_customer(customer)
        return customer

    def _issue(self, form: SignupForm, *, customer_id: int) -> None:
        offer = self._book.offer(form.offer_id, open_world=self._settings.open_world)
        owned = self._book.of_customer(customer_id)
        if offer is None or any(each.request.offer_id == form.offer_id for each in owned):
            return
        request = NewBarcode(
            offer_id=form.offer_id,
            customer_id=customer_id,
            channel=form.channel,
            tracking_code=None,
        )

        Issuer(book=self._book, settings=self._settings, now=self._now).issue(Grant(request, offer))


def _missing(field: str) -> RefusalError:
    problem = Problem(field=field, message="This value is missing or malformed.")
    return RefusalError(400, "Validation Failed", problem)
