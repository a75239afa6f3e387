"""The objects Stripe sends, with every key it sends, and its test cards."""

import copy
import time
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Card:
    brand: str = "visa"
    last4: str = "4242"
    decline_code: str = ""
    code: str = "card_declined"
    asks: bool = False


CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card("mastercard", "4444"),
    "pm_card_visa_chargeDeclined": Card(last4="0002", decline_code="generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card(last4="9995", decline_code="insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": Card(last4="0069", decline_code="expired_card", code="expired_card"),
    "pm_card_authenticationRequired": Card(last4="3184", asks=True),
}


def intent(key: str, sent: Json, *, livemode: bool) -> Json:
    types = sent.get("allowed_payment_method_types")
    return {
        "id": key,
        "object": "payment_intent",
        "allowed_payment_method_types": types,
        "amount": int(sent["amount"]),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{key}_secret_goodplay",
        "confirmation_method": "automatic",
        "created": int(time.time()),
        "currency": sent["currency"],
        "customer": sent.get("customer"),
        "customer_account": None,
        "description": sent.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": livemode,
        "metadata": {name: value for name, value in sent.get("metadata", {}).items() if value},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": types or ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": sent.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def charge(key: str, intent: Json, method: Json) -> Json:
    card = method["card"]
    return {
        "id": key,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": copy.deepcopy(method["billing_details"]),
        "calculated_statement_descriptor": "GOODPLAY",
        "captured": True,
        "created": int(time.time()),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": intent["livemode"],
        "metadata": copy.deepcopy(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "country": "IT",
                "exp_month": card["exp_month"],
                "exp_year": card["exp_year"],
                "fingerprint": card["fingerprint"],
                "funding": "credit",
                "last4": card["last4"],
                "network": card["brand"],
            },
            "type": "card",
        },
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def refund(key: str, charge: Json, cents: int, metadata: Json) -> Json:
    return {
        "id": key,
        "object": "refund",
        "amount": cents,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(key: str, charge: Json, cents: int) -> Json:
    return {
        "id": key,
        "object": "dispute",
        "amount": cents,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": int(time.time()),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": int(time.time()) + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": charge["livemode"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": "fraudulent",
        "status": "needs_response",
    }


def balance_line(key: str, cents: int, category: str, source: str, fee: int) -> Json:
    kinds = {"dispute": "adjustment", "dispute_reversal": "adjustment"}
    return {
        "id": key,
        "object": "balance_transaction",
        "amount": cents,
        "available_on": int(time.time()) + 2 * 86400,
        "balance_type": "payments",
        "created": int(time.time()),
        "currency": "eur",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [
            {"amount": fee, "application": None, "currency": "eur", "description": None, "type": "stripe_fee"}
        ]
        if fee
        else [],
        "net": cents - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending",
        "type": kinds.get(category, category),
    }


def payment_method(key: str, token: str) -> Json:
    card = CARDS[token]
    return {
        "id": key,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "IT",
            "display_brand": card.brand,
            "exp_month": 8,
            "exp_year": 2030,
            "fingerprint": token,
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": None,
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": int(time.time()),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def customer(key: str, metadata: Json) -> Json:
    return {
        "id": key,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": int(time.time()),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": "GOODPLAY",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata,
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payout(key: str, cents: int) -> Json:
    return {
        "id": key,
        "object": "payout",
        "amount": cents,
        "arrival_date": int(time.time()) + 86400,
        "automatic": True,
        "created": int(time.time()),
        "currency": "eur",
        "livemode": False,
        "metadata": {},
        "status": "in_transit",
        "type": "bank_account",
    }
