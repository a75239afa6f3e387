"""A stand-in for PayPal's API: Orders v2, Payments v2, Vault v3, Disputes v1, Transaction Search v1, notifications.

    server.settings(timeout=1)                  # for PaypalProvider
    server.approve(order_id)                    # the payer agrees on PayPal's page; or GET state.next_action_url
    server.declines = True                      # captures fail: INSTRUMENT_DECLINED
    server.is_slow_to_settle = True             # captures stay PENDING until server.settle(order_id)
    server.refund_status = "PENDING"            # refunds made from now on; server.settle_refund(id, "FAILED")
    server.refund_at_provider(order_id, Decimal("5.00"))
    dispute = server.open_dispute(order_id, Decimal("20.00")); server.change_dispute(dispute, Decimal("25.00"))
    server.win_dispute(dispute); server.lose_dispute(dispute, Decimal("8.00"))
    body, headers = server.webhook("PAYMENT.CAPTURE.REFUNDED", order_id, at=now)   # signed as PayPal signs: RSA, CRC32
    server.wants_payer = True                   # kept accounts are not enough: the payer must come
    server.take_back_tokens()                   # every access token stops working
    server.pay_out(Decimal("10.00"))            # to the bank: a line of the report

A live notification (livemode=True) names its certificate at api.paypal.com, as PayPal's do. PayPal-Request-Id is kept as
PayPal keeps it: the same call again is answered with what it made, as that is now. Amounts of helpers are euros.
"""

import base64
import copy
import itertools
import json
import re
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from donations.payments.contract import Settings
from tests.payments.local_server import Answer, Call, Fault, LocalServer

CLIENT, PASSWORD, WEBHOOK_ID = "goodplay-client", "goodplay-password", "8PT597110X687430L"
DISPUTE_FEE = Decimal("14.00")
CERTIFICATE = "CERT-360caa42-fca2a594-a5cafa77"

Json = dict[str, Any]


class Refusal(Exception):
    def __init__(self, status: int, issue: str, description: str = "") -> None:
        self.status, self.issue, self.description = status, issue, description


class PaypalServer(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, Json] = {}
        self.disputes: dict[str, Json] = {}
        self.tokens: dict[str, str] = {}
        """Kept accounts and whose they are."""
        self.report: list[Json] = []
        self.declines = False
        self.wants_payer = False
        self.signer = "messageverificationcerts.sandbox.paypal.com"
        self.is_slow_to_settle = False
        self.refund_status = "COMPLETED"
        self._access: set[str] = set()
        self._answers: dict[str, tuple[Any, Json]] = {}
        self._numbers = itertools.count(1)

    def settings(self, **changes: Any) -> Settings:
        return Settings(
            **{
                "credentials": {"client_id": CLIENT, "client_secret": PASSWORD},
                "webhook_secret": WEBHOOK_ID,
                "api_endpoint": self.url,
                "timeout": 5.0,
            }
            | changes
        )

    # What tests do at PayPal ------------------------------------------------------------------------------------------

    def approve(self, order_id: str) -> None:
        with self._lock:
            order = self.orders[order_id]
            assert order["status"] in ("CREATED", "PAYER_ACTION_REQUIRED")
            order["status"] = "APPROVED"

    def settle(self, order_id: str) -> None:
        with self._lock:
            for capture in _payments(self.orders[order_id])["captures"]:
                self._settle(self.orders[order_id], capture)

    def settle_refund(self, refund_id: str, status: str) -> None:
        with self._lock:
            for order in self.orders.values():
                for refund in _payments(order)["refunds"]:
                    if refund["id"] == refund_id:
                        refund["status"] = status
                        self._count_refunds(order)

    def refund_at_provider(self, order_id: str, amount: Decimal) -> str:
        with self._lock:
            capture = _payments(self.orders[order_id])["captures"][0]
            return str(self._refund(capture["id"], {"amount": _money(amount)})["id"])

    def open_dispute(self, order_id: str, amount: Decimal | None = None) -> str:
        with self._lock:
            order = self.orders[order_id]
            key = f"PP-D-{next(self._numbers)}"
            disputed = amount or _value(order["purchase_units"][0]["amount"])
            self.disputes[key] = self._dispute(key, order, disputed)
            self._report("T1110", -disputed, order, key)
            return key

    def change_dispute(self, dispute_id: str, amount: Decimal) -> None:
        """Contest more, or less."""
        with self._lock:
            self.disputes[dispute_id]["dispute_amount"] = _money(amount)

    def win_dispute(self, dispute_id: str) -> None:
        with self._lock:
            self._resolve(dispute_id, "RESOLVED_SELLER_FAVOUR", Decimal("0.00"))

    def lose_dispute(
        self, dispute_id: str, amount: Decimal | None = None, *, as_refund: bool = False
    ) -> None:
        """Settle for the buyer; PayPal shows what it took as a refund of the capture, or leaves the capture as it was."""
        with self._lock:
            dispute = self.disputes[dispute_id]
            lost = amount or _value(dispute["dispute_amount"])
            self._resolve(dispute_id, "RESOLVED_BUYER_FAVOUR", lost)
            if as_refund:
                [disputed] = dispute["disputed_transactions"]
                self._refund(disputed["seller_transaction_id"], {"amount": _money(lost)})
                disputed["transaction_status"] = "REFUNDED"

    def pay_out(self, amount: Decimal) -> None:
        with self._lock:
            self._report("T0400", -amount, None, self._id())

    def take_back_tokens(self) -> None:
        with self._lock:
            self._access.clear()

    def webhook(
        self,
        event_type: str,
        payment_id: str = "",
        *,
        livemode: bool = False,
        at: datetime | None = None,
        secret: str = WEBHOOK_ID,
        change: Callable[[Json], Any] = lambda event: event,
    ) -> tuple[bytes, dict[str, str]]:
        """Make an event about the order as it is now, sent at `at`. `change` writes another body.

        `secret` is the webhook's id that is signed.
        """
        sent_at = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        host = "https://api.paypal.com" if livemode else "https://api.sandbox.paypal.com"
        with self._lock:
            resource_type, resource = self._subject(event_type, payment_id)
            key = f"WH-{self._id()}-{self._id()}"
        event = {
            "id": key,
            "event_version": "1.0",
            "create_time": sent_at,
            "resource_type": resource_type,
            "resource_version": "2.0",
            "event_type": event_type,
            "summary": "Something happened.",
            "resource": resource,
            "links": [
                {"href": f"{host}/v1/notifications/webhooks-events/{key}", "rel": "self", "method": "GET"}
            ],
        }
        body = json.dumps(change(event)).encode()
        transmission = str(uuid.uuid4())
        message = f"{transmission}|{sent_at}|{secret}|{zlib.crc32(body)}".encode()
        origin = "https://api.paypal.com" if livemode else self.url
        return body, {
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-TIME": sent_at,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(_key().sign(message, PKCS1v15(), SHA256())).decode(),
            "PAYPAL-CERT-URL": f"{origin}/v1/notifications/certs/{CERTIFICATE}",
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }

    # HTTP -------------------------------------------------------------------------------------------------------------

    def failure(self, fault: Fault) -> Answer:
        if fault is Fault.RATE_LIMITED:
            return Answer(
                429,
                {"name": "RATE_LIMIT_REACHED", "message": "Too many requests."},
                {"Retry-After": "3600"},
            )
        if fault is Fault.IN_PROGRESS:
            return _refused(Refusal(409, "PREVIOUS_REQUEST_IN_PROGRESS"))
        return Answer(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/v1/notifications/certs/"):
            is_ours = call.path.endswith(CERTIFICATE)
            return (
                Answer(200, _certificate(self.signer), {"Content-Type": "text/plain"})
                if is_ours
                else Answer(404)
            )
        if call.path.startswith("/checkoutnow/"):
            return self._show_approval(call.path.rpartition("/")[2])
        if call.path == "/v1/oauth2/token":
            return self._sign_in(call)
        if call.headers.get("Authorization", "").removeprefix("Bearer ") not in self._access:
            return Answer(401, {"error": "invalid_token", "error_description": "The token is not valid."})
        try:
            return self._answer_once(call)
        except Refusal as refusal:
            return _refused(refusal)

    def _answer_once(self, call: Call) -> Answer:
        sent = json.loads(call.body) if call.body else {}
        key = call.headers.get("PayPal-Request-Id") if call.method == "POST" else None
        if key in self._answers:
            words, made = self._answers[key]
            if words != (call.path, sent):
                raise Refusal(422, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED")
            is_order = made["id"] in self.orders
            return Answer(200, _shown(self.orders[made["id"]]) if is_order else copy.deepcopy(made))
        for (method, pattern), act in ROUTES.items():
            if call.method == method and (found := re.fullmatch(pattern, call.path)):
                status, made = act(self, sent | {"query": dict(call.query)}, *found.groups())
                if key:
                    self._answers[key] = (call.path, sent), made
                return Answer(status, copy.deepcopy(made))
        raise Refusal(404, "RESOURCE_NOT_FOUND")

    def _sign_in(self, call: Call) -> Answer:
        basic = base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
        is_grant = parse_qs(call.body.decode()) == {"grant_type": ["client_credentials"]}
        if call.headers.get("Authorization") != f"Basic {basic}" or not is_grant:
            return Answer(
                401, {"error": "invalid_client", "error_description": "Client Authentication failed"}
            )
        token = f"A21AA{self._id()}"
        self._access.add(token)
        return Answer(
            200,
            {
                "scope": "https://uri.paypal.com/services/payments/payment",
                "access_token": token,
                "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T",
                "expires_in": 32400,
                "nonce": "2026-11-22",
            },
        )

    def _show_approval(self, order_id: str) -> Answer:
        """The payer opens PayPal's page, agrees, and is sent back."""
        self.approve(order_id)
        return Answer(302, None, {"Location": self.orders[order_id]["_return_url"] + f"?token={order_id}"})

    # The calls --------------------------------------------------------------------------------------------------------

    def create_order(self, sent: Json) -> tuple[int, Json]:
        unit, wallet = sent["purchase_units"][0], sent["payment_source"]["paypal"]
        _check_money(unit["amount"])
        if len(unit.get("description", "")) > 127:
            raise Refusal(400, "INVALID_STRING_LENGTH")
        if sent["intent"] != "CAPTURE":
            raise Refusal(400, "INVALID_PARAMETER_VALUE")
        order = self._order(unit, wallet)
        if "vault_id" in wallet and not self.wants_payer:
            self._pay(order, wallet["vault_id"])
        self.orders[order["id"]] = order
        return 201, _shown(order)

    def show_order(self, sent: Json, order_id: str) -> tuple[int, Json]:
        return 200, _shown(self._found(order_id))

    def capture_order(self, sent: Json, order_id: str) -> tuple[int, Json]:
        order = self._found(order_id)
        wallet = (sent.get("payment_source") or {}).get("paypal", {})
        if _payments(order)["captures"]:
            raise Refusal(422, "ORDER_ALREADY_CAPTURED")
        if order["status"] != "APPROVED" and "vault_id" not in wallet:
            raise Refusal(422, "ORDER_NOT_APPROVED", "Payer has not yet approved the Order for payment.")
        self._pay(order, wallet.get("vault_id", ""))
        return 201, _shown(order)

    def show_capture(self, sent: Json, capture_id: str) -> tuple[int, Json]:
        order, capture = self._captured(capture_id)
        return 200, capture | {"supplementary_data": {"related_ids": {"order_id": order["id"]}}}

    def refund_capture(self, sent: Json, capture_id: str) -> tuple[int, Json]:
        return 201, self._refund(capture_id, sent)

    def forget_token(self, sent: Json, token: str) -> tuple[int, None]:
        if token not in self.tokens:
            raise Refusal(404, "RESOURCE_NOT_FOUND")
        del self.tokens[token]
        return 204, None

    def list_disputes(self, sent: Json) -> tuple[int, Json]:
        wanted = sent["query"].get("disputed_transaction_id")
        names = ("dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount", "links")
        items = [
            {name: dispute[name] for name in names}
            for dispute in self.disputes.values()
            if wanted in (None, dispute["disputed_transactions"][0]["seller_transaction_id"])
        ]
        return 200, {"items": items, "links": []}

    def show_dispute(self, sent: Json, dispute_id: str) -> tuple[int, Json]:
        return 200, self.disputes[dispute_id]

    def list_transactions(self, sent: Json) -> tuple[int, Json]:
        query = sent["query"]
        since, until = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if (until - since).days > 31:
            raise Refusal(400, "INVALID_REQUEST", "Date range is greater than 31 days")
        page, size = int(query["page"]), int(query["page_size"])
        lines = [
            line
            for line in self.report
            if since <= datetime.fromisoformat(line["transaction_initiation_date"]) <= until
        ]
        return 200, {
            "transaction_details": [
                {"transaction_info": line} for line in lines[(page - 1) * size : page * size]
            ],
            "account_number": "GOODPLAY12345",
            "start_date": query["start_date"],
            "end_date": query["end_date"],
            "last_refreshed_datetime": query["end_date"],
            "page": page,
            "total_items": len(lines),
            "total_pages": -(-len(lines) // size),
            "links": [],
        }

    # How PayPal works -------------------------------------------------------------------------------------------------

    def _order(self, unit: Json, wallet: Json) -> Json:
        key = self._id()
        context = wallet.get("experience_context", {})
        return {
            "id": key,
            "intent": "CAPTURE",
            "status": "PAYER_ACTION_REQUIRED" if context else "CREATED",
            "create_time": _now(),
            "payment_source": {"paypal": {}},
            "purchase_units": [copy.deepcopy(unit) | {"payments": {"captures": [], "refunds": []}}],
            "links": [
                {"href": f"{self.url}/v2/checkout/orders/{key}", "rel": "self", "method": "GET"},
                {"href": f"{self.url}/checkoutnow/{key}", "rel": "payer-action", "method": "GET"},
            ],
            "_attributes": wallet.get("attributes", {}),
            "_return_url": context.get("return_url", ""),
        }

    def _pay(self, order: Json, token: str) -> None:
        if token and token not in self.tokens:
            raise Refusal(422, "TOKEN_ID_NOT_FOUND", "Specified token was not found.")
        if self.declines:
            raise Refusal(
                422, "INSTRUMENT_DECLINED", "The instrument presented was declined by the processor or bank."
            )
        unit = order["purchase_units"][0]
        capture = self._capture(unit)
        unit["payments"]["captures"].append(capture)
        order["status"] = "COMPLETED"
        order["payment_source"] = {
            "paypal": {"account_id": "QYR5Z8XDVJNXQ", "email_address": "payer@example.com"}
        }
        self._keep_account(order)
        if not self.is_slow_to_settle:
            self._settle(order, capture)

    def _keep_account(self, order: Json) -> None:
        attributes = order["_attributes"]
        if "vault" in attributes:
            token = f"tok{self._id().lower()}"
            customer = attributes.get("customer", {}).get("id") or f"cus{self._id()}"
            self.tokens[token] = customer
            order["payment_source"]["paypal"]["attributes"] = {
                "vault": {"id": token, "status": "VAULTED", "customer": {"id": customer}, "links": []}
            }

    def _capture(self, unit: Json) -> Json:
        key = self._id()
        return {
            "id": key,
            "status": "PENDING",
            "status_details": {"reason": "PENDING_REVIEW"},
            "amount": copy.deepcopy(unit["amount"]),
            "custom_id": unit["custom_id"],
            "final_capture": True,
            "disbursement_mode": "INSTANT",
            "seller_protection": {
                "status": "ELIGIBLE",
                "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
            },
            "create_time": _now(),
            "update_time": _now(),
            "links": [
                {"href": f"{self.url}/v2/payments/captures/{key}", "rel": "self", "method": "GET"},
                {"href": f"{self.url}/v2/payments/captures/{key}/refund", "rel": "refund", "method": "POST"},
            ],
        }

    def _settle(self, order: Json, capture: Json) -> None:
        gross = _value(capture["amount"])
        fee = (gross * Decimal("0.034") + Decimal("0.35")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        capture["status"] = "COMPLETED"
        capture.pop("status_details")
        capture["seller_receivable_breakdown"] = {
            "gross_amount": _money(gross),
            "paypal_fee": _money(fee),
            "net_amount": _money(gross - fee),
        }
        self._report("T0006", gross, order, capture["id"], fee=fee)

    def _refund(self, capture_id: str, sent: Json) -> Json:
        order, capture = self._captured(capture_id)
        money = sent.get("amount") or capture["amount"]
        _check_money(money)
        if capture["status"] == "REFUNDED":
            raise Refusal(422, "CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.")
        if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
            raise Refusal(422, "CAPTURE_STATUS_NOT_VALID")
        if self._refunded(order) + _value(money) > _value(capture["amount"]):
            raise Refusal(
                422, "REFUND_AMOUNT_EXCEEDED", "The refund amount must not exceed the capture amount."
            )
        key = self._id()
        refund = {
            "id": key,
            "status": self.refund_status,
            "amount": money,
            "seller_payable_breakdown": {
                "gross_amount": money,
                "paypal_fee": _money(Decimal(0)),
                "net_amount": money,
                "total_refunded_amount": _money(self._refunded(order) + _value(money)),
            },
            "create_time": _now(),
            "update_time": _now(),
            "links": [
                {"href": f"{self.url}/v2/payments/refunds/{key}", "rel": "self", "method": "GET"},
                {"href": f"{self.url}/v2/payments/captures/{capture_id}", "rel": "up", "method": "GET"},
            ],
        } | {name: sent[name] for name in ("custom_id", "invoice_id") if sent.get(name)}
        _payments(order)["refunds"].append(refund)
        self._count_refunds(order)
        self._report("T1107", -_value(money), order, key, reference=capture_id)
        return refund

    def _refunded(self, order: Json) -> Decimal:
        refunds = _payments(order)["refunds"]
        counted = (one for one in refunds if one["status"] in ("COMPLETED", "PENDING"))
        return sum((_value(one["amount"]) for one in counted), Decimal("0.00"))

    def _count_refunds(self, order: Json) -> None:
        capture, refunded = _payments(order)["captures"][0], self._refunded(order)
        is_all = refunded == _value(capture["amount"])
        capture["status"] = "REFUNDED" if is_all else "PARTIALLY_REFUNDED" if refunded else "COMPLETED"

    def _dispute(self, key: str, order: Json, amount: Decimal) -> Json:
        capture = _payments(order)["captures"][0]
        return {
            "dispute_id": key,
            "create_time": _now(),
            "update_time": _now(),
            "disputed_transactions": [
                {
                    "buyer_transaction_id": self._id(),
                    "seller_transaction_id": capture["id"],
                    "create_time": capture["create_time"],
                    "transaction_status": "COMPLETED",
                    "gross_amount": copy.deepcopy(capture["amount"]),
                    "custom": order["purchase_units"][0]["custom_id"],
                    "seller": {"email": "seller@example.com", "merchant_id": "GOODPLAY12345"},
                    "seller_protection_eligible": True,
                }
            ],
            "reason": "UNAUTHORISED",
            "status": "WAITING_FOR_SELLER_RESPONSE",
            "dispute_amount": _money(amount),
            "dispute_life_cycle_stage": "CHARGEBACK",
            "dispute_channel": "INTERNAL",
            "links": [{"href": f"{self.url}/v1/customer/disputes/{key}", "rel": "self", "method": "GET"}],
        }

    def _resolve(self, dispute_id: str, outcome: str, lost: Decimal) -> None:
        dispute = self.disputes[dispute_id]
        amount = _value(dispute["dispute_amount"])
        order, _ = self._captured(dispute["disputed_transactions"][0]["seller_transaction_id"])
        dispute |= {"status": "RESOLVED", "update_time": _now()}
        dispute["dispute_outcome"] = {"outcome_code": outcome, "amount_refunded": _money(lost)}
        if lost:
            dispute["money_movements"] = [
                _movement("DEBIT", lost, "DISPUTE_SETTLEMENT"),
                _movement("DEBIT", DISPUTE_FEE, "DISPUTE_FEE"),
            ]
            self._report("T0106", -DISPUTE_FEE, order, self._id())
        if amount > lost:
            self._report("T1111", amount - lost, order, dispute_id)

    def _report(
        self,
        code: str,
        amount: Decimal,
        order: Json | None,
        key: str,
        *,
        fee: Decimal = Decimal(0),
        reference: str = "",
    ) -> None:
        line = {
            "paypal_account_id": "QYR5Z8XDVJNXQ",
            "transaction_id": key,
            "transaction_event_code": code,
            "transaction_initiation_date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "transaction_updated_date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "transaction_amount": _money(amount),
            "transaction_status": "S",
        }
        if fee:
            line["fee_amount"] = _money(-fee)
        if order:
            line["custom_field"] = order["purchase_units"][0]["custom_id"]
            line["paypal_reference_id"] = reference or order["id"]
            line["paypal_reference_id_type"] = "TXN" if reference else "ODR"
        self.report.append(line)

    def _captured(self, capture_id: str) -> tuple[Json, Json]:
        for order in self.orders.values():
            for capture in _payments(order)["captures"]:
                if capture["id"] == capture_id:
                    return order, capture
        raise Refusal(404, "RESOURCE_NOT_FOUND")

    def _found(self, order_id: str) -> Json:
        if order_id not in self.orders:
            raise Refusal(404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.")
        return self.orders[order_id]

    def _subject(self, event_type: str, order_id: str) -> tuple[str, Json]:
        if not order_id:
            return "payouts", {"batch_header": {"payout_batch_id": self._id()}}
        order = self.orders[order_id]
        payments = _payments(order)
        if event_type.startswith("CHECKOUT.ORDER."):
            return "checkout-order", _shown(order)
        if event_type.startswith("CUSTOMER.DISPUTE."):
            mine = {capture["id"] for capture in payments["captures"]}
            disputes = self.disputes.values()
            found = [
                one for one in disputes if one["disputed_transactions"][0]["seller_transaction_id"] in mine
            ]
            return "dispute", found[-1]
        if event_type in ("PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED"):
            return "refund", payments["refunds"][-1]
        related = {"supplementary_data": {"related_ids": {"order_id": order_id}}}
        return "capture", payments["captures"][-1] | related

    def _id(self) -> str:
        return f"{next(self._numbers):06}GOODPLAY000"


ROUTES: dict[tuple[str, str], Callable[..., tuple[int, Any]]] = {
    ("POST", "/v2/checkout/orders"): PaypalServer.create_order,
    ("GET", "/v2/checkout/orders/([^/]+)"): PaypalServer.show_order,
    ("POST", "/v2/checkout/orders/([^/]+)/capture"): PaypalServer.capture_order,
    ("GET", "/v2/payments/captures/([^/]+)"): PaypalServer.show_capture,
    ("POST", "/v2/payments/captures/([^/]+)/refund"): PaypalServer.refund_capture,
    ("DELETE", "/v3/vault/payment-tokens/([^/]+)"): PaypalServer.forget_token,
    ("GET", "/v1/customer/disputes"): PaypalServer.list_disputes,
    ("GET", "/v1/customer/disputes/([^/]+)"): PaypalServer.show_dispute,
    ("GET", "/v1/reporting/transactions"): PaypalServer.list_transactions,
}


def _refused(refusal: Refusal) -> Answer:
    names = {400: "INVALID_REQUEST", 404: "RESOURCE_NOT_FOUND", 409: "RESOURCE_CONFLICT"}
    return Answer(
        refusal.status,
        {
            "name": names.get(refusal.status, "UNPROCESSABLE_ENTITY"),
            "message": "The requested action could not be performed.",
            "debug_id": "90957fca61718",
            "details": [{"issue": refusal.issue, "description": refusal.description or refusal.issue}],
            "links": [],
        },
    )


def _shown(order: Json) -> Json:
    shown = {name: value for name, value in order.items() if not name.startswith("_")}
    unit = order["purchase_units"][0]
    payments = {name: found for name, found in unit["payments"].items() if found}
    unit = {name: value for name, value in unit.items() if name != "payments"}
    return shown | {"purchase_units": [unit | ({"payments": payments} if payments else {})]}


def _payments(order: Json) -> Json:
    payments: Json = order["purchase_units"][0]["payments"]
    return payments


def _check_money(money: Json) -> None:
    if money["currency_code"] != "EUR" or not re.fullmatch(r"[0-9]{1,7}\.[0-9]{2}", money["value"]):
        raise Refusal(422, "DECIMAL_PRECISION")
    if _value(money) <= 0:
        raise Refusal(422, "CANNOT_BE_ZERO_OR_NEGATIVE")


def _money(amount: Decimal) -> Json:
    return {"currency_code": "EUR", "value": f"{amount:.2f}"}


def _value(money: Json) -> Decimal:
    return Decimal(money["value"])


def _movement(kind: str, amount: Decimal, reason: str) -> Json:
    return {
        "affected_party": "SELLER",
        "amount": _money(amount),
        "initiated_time": _now(),
        "type": kind,
        "reason": reason,
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=1)
def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache(maxsize=8)
def _certificate(signer: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, signer)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_key().public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(2050, 1, 1, tzinfo=UTC)).sign(_key(), SHA256())
    return certificate.public_bytes(Encoding.PEM)
