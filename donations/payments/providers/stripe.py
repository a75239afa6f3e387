"""Payments by card through Stripe, by its own library: one client per account, never the global key."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import stripe
from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams

from donations.payments.contract import (
    WEBHOOK_TOLERANCE,
    BalanceEntry,
    NewPayment,
    Notification,
    PaymentState,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    Settings,
    Status,
    WebhookRefused,
)
from donations.payments.providers import stripe_objects as read
from goodplay.lib.money import in_cents

# It would report our timings and write a file into the home directory.
stripe.enable_telemetry = False

RETRIES = 1  # of a call that got no answer; safe, because it carries the same key
_EXPAND = ["latest_charge.balance_transaction", "latest_charge.refunds"]
_UNCLEAR = (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError, stripe.IdempotencyError)


class StripeProvider:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._api = _client(
            settings.credentials.get("secret_key", ""), settings.api_endpoint, settings.timeout
        ).v1

    def create(self, payment: NewPayment, *, idempotency_key: str) -> PaymentState:
        """Make an intent. Off session it is paid at once, and nothing may ask for an action."""
        with _translated():
            params = self._new_intent(payment, idempotency_key)
            return read.payment_state(self._api.payment_intents.create(params, _keyed(idempotency_key)))

    def confirm(self, provider_payment_id: str, *, method: str, idempotency_key: str) -> PaymentState:
        with _translated():
            intent = self._api.payment_intents.retrieve(provider_payment_id)
        waits = intent.status == "requires_action" and not method
        if waits or intent.status in ("succeeded", "processing"):
            return self.retrieve(provider_payment_id)
        params: PaymentIntentConfirmParams = {"expand": _EXPAND}
        if return_url := intent.metadata.to_dict().get("return_url"):
            params["return_url"] = return_url
        if method:
            params["payment_method"] = method
        with _translated():
            return read.payment_state(
                self._api.payment_intents.confirm(provider_payment_id, params, _keyed(idempotency_key))
            )

    def cancel(self, provider_payment_id: str, *, idempotency_key: str) -> PaymentState:
        try:
            with _translated():
                return read.payment_state(
                    self._api.payment_intents.cancel(
                        provider_payment_id, {"expand": _EXPAND}, _keyed(idempotency_key)
                    )
                )
        except ProviderRefused:
            current = self.retrieve(provider_payment_id)
            if current.status is not Status.CANCELLED:
                raise
            return current

    def refund(
        self, provider_payment_id: str, *, amount: Decimal, reference: UUID, idempotency_key: str
    ) -> RefundState:
        with _translated():
            refund = self._api.refunds.create(
                {
                    "payment_intent": provider_payment_id,
                    "amount": in_cents(amount),
                    "metadata": {"reference": str(reference)},
                },
                _keyed(idempotency_key),
            )
            return read.refund_state(refund)

    def retrieve(self, provider_payment_id: str) -> PaymentState:
        with _translated():
            intent = self._api.payment_intents.retrieve(provider_payment_id, {"expand": _EXPAND})
            charge = read.charge_of(intent)
            if charge is None:
                return read.payment_state(intent)
            # One answer holds ten refunds.
            has_more = charge.refunds is not None and charge.refunds.has_more
            return read.payment_state(
                intent,
                refunds=list(charge.refunds.auto_paging_iter()) if has_more and charge.refunds else None,
                disputes=self._disputes(provider_payment_id) if charge.disputed else (),
            )

    def forget_method(self, *, token: str, customer: str) -> None:
        """Detach the card from its customer. One that is detached, or unknown to Stripe, is forgotten already."""
        try:
            with _translated():
                self._api.payment_methods.detach(token)
        except ProviderRefused:
            if self._is_kept(token):
                raise

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        signature = {name.lower(): value for name, value in headers.items()}.get("stripe-signature", "")
        try:
            # Without its own tolerance: that one looks at the machine's clock, and forward it has none.
            stripe.WebhookSignature.verify_header(body, signature, self._settings.webhook_secret)
            age = now.timestamp() - _signed_at(signature)
            event = json.loads(body)
            subject = event["data"]["object"]
            created_at = datetime.fromtimestamp(event["created"], UTC)
            event_id, event_type, is_live = event["id"], event["type"], event["livemode"]
            payment = (
                subject["id"] if subject["object"] == "payment_intent" else subject.get("payment_intent")
            )
        except stripe.SignatureVerificationError as error:
            raise WebhookRefused("The signature is not Stripe's.") from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise WebhookRefused("This is no event of Stripe.") from error
        if abs(age) > WEBHOOK_TOLERANCE.total_seconds():
            raise WebhookRefused("The notification is too old, or from the future.")
        if is_live not in (True, False) or is_live == self._settings.is_test_mode:
            raise WebhookRefused("The notification is of the other mode.")
        return Notification(event_id, event_type, _payment_id(payment), created_at, event)

    def balance_report(self, *, since: datetime, until: datetime) -> Iterator[BalanceEntry]:
        with _translated():
            lines = self._api.balance_transactions.list(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "currency": "eur",
                    "expand": ["data.source"],
                    "limit": 100,
                }
            )
            for line in lines.auto_paging_iter():
                yield read.balance_entry(line)

    def check_health(self) -> None:
        with _translated():
            balance = self._api.balance.retrieve()
        if balance.livemode is self._settings.is_test_mode:
            raise ProviderRefused("wrong_mode", "The key is of the other mode.")

    def _new_intent(self, payment: NewPayment, idempotency_key: str) -> PaymentIntentCreateParams:
        customer = payment.customer
        if payment.save_method and not customer:
            customer = self._new_customer(payment.payer, idempotency_key)
        params: PaymentIntentCreateParams = {
            "amount": in_cents(payment.amount),
            "currency": "eur",
            "description": payment.description,
            "allowed_payment_method_types": [payment.method],
            # Stripe takes the address to return to with the confirmation, so it waits here until then.
            "metadata": {
                "reference": str(payment.reference),
                "payer": str(payment.payer),
                "return_url": payment.return_url,
            },
            "expand": _EXPAND,
        }
        if customer:
            params["customer"] = customer
        if payment.saved_method:
            params["payment_method"] = payment.saved_method
        if payment.save_method:
            params["setup_future_usage"] = "off_session"
        if payment.is_off_session:
            params["confirm"], params["off_session"] = True, True
        return params

    def _new_customer(self, payer: UUID, idempotency_key: str) -> str:
        return self._api.customers.create(
            {"metadata": {"payer": str(payer)}}, _keyed(f"{idempotency_key}:customer")
        ).id

    def _disputes(self, provider_payment_id: str) -> list[stripe.Dispute]:
        found = self._api.disputes.list({"payment_intent": provider_payment_id, "limit": 100})
        return list(found.auto_paging_iter())

    def _is_kept(self, token: str) -> bool:
        try:
            with _translated():
                return self._api.payment_methods.retrieve(token).customer is not None
        except ProviderRefused:
            return False


@lru_cache(maxsize=8)
def _client(secret_key: str, endpoint: str, timeout: float) -> stripe.StripeClient:
    """Keep one client per account, and with it its open connections."""
    return stripe.StripeClient(
        secret_key,
        http_client=stripe.RequestsClient(timeout=timeout),
        max_network_retries=RETRIES,
        base_addresses={"api": endpoint} if endpoint else None,
    )


def _keyed(idempotency_key: str) -> stripe.RequestOptions:
    return {"idempotency_key": idempotency_key}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise _failure(error) from error


def _failure(error: stripe.StripeError) -> ProviderError:
    """A key used before with other words may have done something then, so that is no refusal."""
    message = error.user_message or ""
    if isinstance(error, _UNCLEAR) or not error.http_status or error.http_status >= 500:
        return ProviderUnavailable(message)
    body = cast(dict[str, Any], error.json_body)["error"]
    return ProviderRefused(
        error.code or body.get("type", "refused"),
        message,
        provider_payment_id=_payment_id(body.get("payment_intent")),
    )


def _payment_id(payment: object) -> str:
    """Events and errors hold plain data: a key, the whole payment, or none."""
    return str(payment.get("id", "")) if isinstance(payment, dict) else str(payment or "")


def _signed_at(signature: str) -> int:
    """Read the same time that was signed: the first, whatever else the header holds."""
    return int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
