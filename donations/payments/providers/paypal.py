"""Payments through PayPal: orders that the payer approves on PayPal's pages and GoodPlay captures."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from donations.payments.contract import (
    BalanceEntry,
    NewPayment,
    Notification,
    PaymentState,
    ProviderRefused,
    ProviderUnavailable,
    RefundState,
    Settings,
    Status,
    WebhookRefused,
)
from donations.payments.providers import paypal_objects as read
from donations.payments.providers import paypal_signature as signature
from donations.payments.providers.paypal_client import ask
from goodplay.lib.money import from_cents, in_cents

LONGEST_DESCRIPTION = 127
REPORT_WINDOW = timedelta(days=31)  # the most PayPal looks at in one question
REPORT_PAGE = 500
# Not failures: the order itself tells where it stands.
_AS_IT_STANDS = ("ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED", "ORDER_ALREADY_CAPTURED")


class PaypalProvider:
    """`webhook_secret` is the id of the webhook as PayPal's dashboard shows it: it is part of what is signed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ask = partial(ask, settings)

    def create(self, payment: NewPayment, *, idempotency_key: str) -> PaymentState:
        """Make an order. Only off session it is paid at once, from the payer's kept account."""
        unit = {
            "reference_id": str(payment.reference),
            "custom_id": str(payment.reference),
            "description": payment.description[:LONGEST_DESCRIPTION],
            "amount": _money(payment.amount),
        }
        wallet = (
            _kept_wallet(payment.saved_method, "MERCHANT") if payment.is_off_session else _new_wallet(payment)
        )
        body = {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": {"paypal": wallet}}
        order = self._ask(
            lambda api: api.orders.create_order(
                {"body": body, "paypal_request_id": idempotency_key, "prefer": "return=representation"}
            ),
        )
        state = self._state(order)
        if payment.is_off_session and state.status is Status.REQUIRES_ACTION:
            raise ProviderRefused(
                "PAYER_ACTION_REQUIRED",
                "PayPal wants the payer, who is not there.",
                provider_payment_id=state.provider_payment_id,
            )
        return state

    def confirm(self, provider_payment_id: str, *, method: str, idempotency_key: str) -> PaymentState:
        source = {"paypal": _kept_wallet(method, "CUSTOMER")} if method else None
        try:
            order = self._ask(
                lambda api: api.orders.capture_order(
                    {
                        "id": provider_payment_id,
                        "body": {"payment_source": source} if source else {},
                        "paypal_request_id": idempotency_key,
                        "prefer": "return=representation",
                    }
                ),
            )
        except ProviderRefused as refusal:
            if refusal.code not in _AS_IT_STANDS:
                raise
            return self.retrieve(provider_payment_id)
        return self._state(order)

    def cancel(self, provider_payment_id: str, *, idempotency_key: str) -> PaymentState:
        """PayPal cannot cancel an order. One that nobody captures lapses after hours, and takes no money until then."""
        state = self._state(self._order(provider_payment_id))
        if state.status in (Status.SUCCEEDED, Status.PROCESSING):
            raise ProviderRefused("ORDER_ALREADY_CAPTURED", "The payment went through.")
        return replace(state, status=Status.CANCELLED, next_action_url="")

    def refund(
        self, provider_payment_id: str, *, amount: Decimal, reference: UUID, idempotency_key: str
    ) -> RefundState:
        order = self._order(provider_payment_id)
        captured = [one for one in read.captures_of(order) if one["status"] in read.CAPTURED]
        if not captured:
            raise ProviderRefused("ORDER_NOT_CAPTURED", "There is nothing to refund.")
        # PayPal's reports show custom_id as the payment's key, so the refund's own goes into the invoice.
        body = {
            "amount": _money(amount),
            "custom_id": order["purchase_units"][0].get("custom_id", ""),
            "invoice_id": str(reference),
        }
        return read.refund_state(
            self._ask(
                lambda api: api.payments.refund_captured_payment(
                    {
                        "capture_id": captured[0]["id"],
                        "body": body,
                        "paypal_request_id": idempotency_key,
                        "prefer": "return=representation",
                    }
                ),
            )
        )

    def retrieve(self, provider_payment_id: str) -> PaymentState:
        order = self._order(provider_payment_id)
        disputes = [
            dispute for capture in read.captures_of(order) for dispute in self._disputes(capture["id"])
        ]
        return self._state(order, disputes)

    def forget_method(self, *, token: str, customer: str) -> None:
        try:
            self._ask(lambda api: api.vault.delete_payment_token(token))
        except ProviderRefused as refusal:
            if refusal.code not in ("RESOURCE_NOT_FOUND", "TOKEN_NOT_FOUND"):
                raise

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        signature.check(body=body, headers=headers, settings=self._settings, now=now)
        try:
            event = json.loads(body)
            created_at = datetime.fromisoformat(event["create_time"]).astimezone(UTC)
            event_id, event_type = str(event["id"]), str(event["event_type"])
            return Notification(event_id, event_type, self._order_of(event), created_at, event)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise WebhookRefused("This is no event of PayPal.") from error

    def balance_report(self, *, since: datetime, until: datetime) -> Iterator[BalanceEntry]:
        while since < until:
            end = min(since + REPORT_WINDOW, until)
            for entry in self._reported(since, end):
                # The end of PayPal's windows is part of them.
                if since <= entry.created_at < end:
                    yield entry
            since = end

    def check_health(self) -> None:
        """Sign in, and see that the account may read what `retrieve` needs."""
        self._ask(lambda api: api.disputes.search())

    def _state(self, order: dict[str, Any], disputes: list[dict[str, Any]] | None = None) -> PaymentState:
        return read.payment_state(order, is_test=self._settings.is_test_mode, disputes=disputes or ())

    def _order(self, order_id: str) -> dict[str, Any]:
        return self._ask(lambda api: api.orders.get_order({"id": order_id}))

    def _disputes(self, capture_id: str) -> list[dict[str, Any]]:
        found = self._ask(lambda api: api.disputes.search(capture_id)).get("items", [])
        return [self._dispute(item["dispute_id"]) for item in found]

    def _dispute(self, dispute_id: str) -> dict[str, Any]:
        return self._ask(lambda api: api.disputes.show(dispute_id))

    def _reported(self, since: datetime, until: datetime) -> Iterator[BalanceEntry]:
        page, pages = 1, 1
        while page <= pages:
            options = {
                "start_date": since.astimezone(UTC).isoformat(timespec="seconds"),
                "end_date": until.astimezone(UTC).isoformat(timespec="seconds"),
                "transaction_currency": "EUR",
                "fields": "transaction_info",
                "page_size": REPORT_PAGE,
                "page": page,
            }
            answer = self._search(options)
            yield from _entries(answer)
            page, pages = page + 1, answer.get("total_pages", 1)

    def _search(self, options: dict[str, Any]) -> dict[str, Any]:
        return self._ask(lambda api: api.transaction_search.search_transactions(options))

    def _order_of(self, event: dict[str, Any]) -> str:
        """Events of refunds and disputes name the capture only, so PayPal is asked for its order."""
        resource, kind = event["resource"], event.get("resource_type")
        if kind == "checkout-order":
            return str(resource["id"])
        related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
        if order_id := related.get("order_id"):
            return str(order_id)
        capture_id = related.get("capture_id") or ""
        if kind == "refund":
            capture_id = capture_id or read.link(resource, "up").rpartition("/")[2]
        if kind == "dispute":
            capture_id = resource["disputed_transactions"][0]["seller_transaction_id"]
        return self._order_of_capture(capture_id) if capture_id else ""

    def _order_of_capture(self, capture_id: str) -> str:
        try:
            capture = self._ask(lambda api: api.payments.get_captured_payment({"capture_id": capture_id}))
        except ProviderRefused as refusal:
            if refusal.code == "RESOURCE_NOT_FOUND":
                return ""
            raise ProviderUnavailable(f"PayPal does not tell the order: {refusal.code}.") from refusal
        return str(capture.get("supplementary_data", {}).get("related_ids", {}).get("order_id", ""))


def _entries(answer: dict[str, Any]) -> list[BalanceEntry]:
    """Read a page of the report, whole or not at all."""
    try:
        return [
            read.balance_entry(line["transaction_info"]) for line in answer.get("transaction_details", ())
        ]
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise ProviderUnavailable("PayPal's report cannot be read.") from error


def _money(amount: Decimal) -> dict[str, str]:
    return {"currency_code": "EUR", "value": str(from_cents(in_cents(amount)))}


def _new_wallet(payment: NewPayment) -> dict[str, Any]:
    addresses = {"return_url": payment.return_url, "cancel_url": payment.cancel_url}
    context = {"user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING"}
    context |= {name: address for name, address in addresses.items() if address}
    wallet: dict[str, Any] = {"experience_context": context}
    if payment.save_method:
        vault = {
            "store_in_vault": "ON_SUCCESS",
            "usage_type": "MERCHANT",
            "usage_pattern": "RECURRING_PREPAID",
        }
        customer = {"customer": {"id": payment.customer}} if payment.customer else {}
        wallet["attributes"] = {"vault": vault} | customer
    return wallet


def _kept_wallet(token: str, initiator: str) -> dict[str, Any]:
    credential = {"payment_initiator": initiator, "usage": "SUBSEQUENT"}
    if initiator == "MERCHANT":
        credential["usage_pattern"] = "RECURRING_PREPAID"
    return {"vault_id": token, "stored_credential": credential}
