"""A stand-in for Stripe's API, as the pinned library speaks it. `LocalServer` tells about faults.

    server.settings(timeout=1)                     # for StripeProvider
    provider.confirm(..., method="pm_card_visa")   # Stripe's own test cards, see CARDS
    server.authenticate(payment_id)                # the payer passes 3-D Secure (or succeed=False); or GET the url
    server.is_slow_to_settle = True                # confirmed payments stay `processing` until server.settle(id)
    server.has_late_fees = True                    # no fee is known yet, until server.tell_fee(id)
    server.refund_status = "pending"               # refunds made from now on; server.settle_refund(id, "failed")
    server.refund_at_provider(payment_id, Decimal("5.00"))
    dispute = server.open_dispute(payment_id, Decimal("20.00"))     # or is_inquiry=True
    server.change_dispute(dispute, Decimal("25.00"))
    server.win_dispute(dispute); server.lose_dispute(dispute, Decimal("8.00"))   # the rest comes back
    body, headers = server.webhook("charge.refunded", payment_id, at=now)        # signed as Stripe signs
    server.pay_out(Decimal("10.00"))               # to the bank: a line of the balance

Idempotency keys are kept as Stripe keeps them: the first answer, declines included, is given again; the same key with
other words is refused. Amounts of helpers are euros.
"""

import copy
import itertools
import json
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import stripe
from stripe import params as known

from donations.payments.contract import Settings
from goodplay.lib.money import in_cents
from tests.payments import stripe_shapes as shapes
from tests.payments.local_server import Answer, Call, Fault, LocalServer
from tests.payments.stripe_shapes import CARDS, Json

KEY, SECRET = "sk_test_goodplay", "whsec_goodplay"
DISPUTE_FEE = 2000
INCLUDED_REFUNDS = 10  # as many as a charge carries


class Refusal(Exception):
    def __init__(self, status: int, *, is_kept: bool = True, **error: Any) -> None:
        self.status, self.error, self.is_kept = status, {"type": "invalid_request_error", **error}, is_kept


class StripeServer(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, Json] = {}
        self.livemode = False
        self.is_slow_to_settle = False
        self.has_late_fees = False
        self.refund_status = "succeeded"
        self._answers: dict[str, tuple[Any, Answer]] = {}
        self._numbers = itertools.count(1)

    def settings(self, **changes: Any) -> Settings:
        return Settings(
            **{
                "credentials": {"secret_key": KEY},
                "webhook_secret": SECRET,
                "api_endpoint": self.url,
                "timeout": 5.0,
            }
            | changes
        )

    # What tests do at Stripe ------------------------------------------------------------------------------------------

    def authenticate(self, payment_id: str, *, succeed: bool = True) -> None:
        with self._lock:
            intent = self.objects[payment_id]
            assert intent["status"] == "requires_action"
            intent["next_action"] = None
            if succeed:
                self._charge(intent, self.objects[intent["payment_method"]])
            else:
                self._fail(
                    intent,
                    "payment_intent_authentication_failure",
                    "The provided PaymentMethod has failed authentication.",
                )

    def settle(self, payment_id: str) -> None:
        with self._lock:
            self._succeed(self.objects[payment_id])

    def tell_fee(self, payment_id: str) -> None:
        """Bring the balance transaction that was late."""
        with self._lock:
            charge = self.objects[self.objects[payment_id]["latest_charge"]]
            charge["balance_transaction"] = self._fee_line(charge)["id"]

    def settle_refund(self, refund_id: str, status: str) -> None:
        with self._lock:
            refund = self.objects[refund_id]
            refund["status"] = status
            charge = self.objects[refund["charge"]]
            if status == "failed":
                self._balance(refund["amount"], "refund_failure", refund)
                charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]

    def refund_at_provider(self, payment_id: str, amount: Decimal) -> str:
        with self._lock:
            return str(self._refund({"payment_intent": payment_id, "amount": str(in_cents(amount))})["id"])

    def open_dispute(
        self, payment_id: str, amount: Decimal | None = None, *, is_inquiry: bool = False
    ) -> str:
        with self._lock:
            charge = self.objects[self.objects[payment_id]["latest_charge"]]
            cents = in_cents(amount) if amount else charge["amount"]
            dispute = self._keep(shapes.dispute(self._id("dp"), charge, cents))
            charge["disputed"] = True
            if is_inquiry:
                dispute["status"] = "warning_needs_response"
            else:
                self._move_for(dispute, -cents, "dispute", DISPUTE_FEE)
            return str(dispute["id"])

    def change_dispute(self, dispute_id: str, amount: Decimal) -> None:
        """Contest more, or less: the difference is taken, or comes back."""
        with self._lock:
            dispute, cents = self.objects[dispute_id], in_cents(amount)
            kind = "dispute" if cents > dispute["amount"] else "dispute_reversal"
            self._move_for(dispute, dispute["amount"] - cents, kind, 0)
            dispute["amount"] = cents

    def win_dispute(self, dispute_id: str, *, is_paid_back: bool = True) -> None:
        """Stripe may say `won` a little before the money is back."""
        with self._lock:
            dispute = self.objects[dispute_id]
            dispute["status"] = "won"
            if is_paid_back:
                self._move_for(dispute, dispute["amount"], "dispute_reversal", 0)

    def lose_dispute(self, dispute_id: str, amount: Decimal | None = None) -> None:
        with self._lock:
            dispute = self.objects[dispute_id]
            lost = in_cents(amount) if amount else dispute["amount"]
            dispute["status"] = "lost" if lost == dispute["amount"] else "won"
            if lost < dispute["amount"]:
                self._move_for(dispute, dispute["amount"] - lost, "dispute_reversal", 0)

    def pay_out(self, amount: Decimal) -> str:
        with self._lock:
            payout = self._keep(shapes.payout(self._id("po"), in_cents(amount)))
            self._balance(-payout["amount"], "payout", payout)
            return str(payout["id"])

    def webhook(
        self,
        event_type: str,
        payment_id: str = "",
        *,
        livemode: bool | None = None,
        at: datetime | None = None,
        secret: str = SECRET,
        change: Callable[[Json], Any] = lambda event: event,
    ) -> tuple[bytes, dict[str, str]]:
        """Make an event about the payment as it is now, sign it with the time `at`. `change` writes another body."""
        with self._lock:
            signed_at = int(at.timestamp()) if at else int(time.time())
            subject = self._subject(event_type, payment_id)
            event = {
                "id": self._id("evt"),
                "object": "event",
                "api_version": stripe.api_version,
                "created": signed_at,
                "data": {"object": subject},
                "livemode": self.livemode if livemode is None else livemode,
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": event_type,
            }
        body = json.dumps(change(event), indent=2)
        header = stripe.WebhookSignature.generate_signature_header(body, secret, signed_at)
        return body.encode(), {"Stripe-Signature": header}

    def of(self, kind: str) -> list[Json]:
        """List what there is of a kind (payment_intent, refund, …), oldest first."""
        return [found for found in self.objects.values() if found["object"] == kind]

    # HTTP -------------------------------------------------------------------------------------------------------------

    def failure(self, fault: Fault) -> Answer:
        if fault is Fault.RATE_LIMITED:
            return _error(429, {"type": "invalid_request_error", "code": "rate_limit"})
        if fault is Fault.IN_PROGRESS:
            return _error(409, {"type": "idempotency_error", "code": "idempotency_key_in_use"})
        return _error(500, {"type": "api_error", "message": "Something went wrong on Stripe's end."})

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/3d_secure/"):
            return self._show_3d_secure(call.path.rpartition("/")[2])
        if call.headers.get("Authorization") != f"Bearer {KEY}":
            return _error(401, {"type": "invalid_request_error", "message": "Invalid API Key provided."})
        pairs = call.query if call.method != "POST" else parse_qsl(call.body.decode(), keep_blank_values=True)
        sent = _nested(pairs)
        if call.method != "POST":
            return self._answer(call, sent)
        return self._answer_once(call, sent)

    def _answer_once(self, call: Call, sent: Json) -> Answer:
        key, words = call.headers["Idempotency-Key"], (call.path, copy.deepcopy(sent))
        if key in self._answers:
            first, answer = self._answers[key]
            if first != words:
                return _error(
                    400,
                    {
                        "type": "idempotency_error",
                        "message": "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                    },
                )
            return Answer(answer.status, answer.body, {"Idempotent-Replayed": "true"})
        answer = self._answer(call, sent)
        if not (answer.status == 400 and answer.body["error"].get("param")):
            self._answers[key] = words, answer
        return answer

    def _answer(self, call: Call, sent: Json) -> Answer:
        for (method, pattern), act in ROUTES.items():
            if call.method == method and (found := re.fullmatch(pattern, call.path)):
                expand = sent.pop("expand", [])
                try:
                    return Answer(200, self._expanded(act(self, sent, *found.groups()), expand))
                except Refusal as refusal:
                    return _error(refusal.status, copy.deepcopy(refusal.error))
        return _error(404, {"type": "invalid_request_error", "message": "Unrecognized request URL."})

    def _expanded(self, result: Json, paths: list[str]) -> Json:
        result = copy.deepcopy(result)
        for path in paths:
            self._expand(result, path.split("."))
        return result

    def _expand(self, found: Any, names: list[str]) -> None:
        if isinstance(found, list):
            for one in found:
                self._expand(one, names)
            return
        if not names or not found:
            return
        name, rest = names[0], names[1:]
        if name == "refunds":
            found["refunds"] = self._refunds_of(found, limit=INCLUDED_REFUNDS)
        elif isinstance(found.get(name), str):
            found[name] = copy.deepcopy(self.objects[found[name]])
        self._expand(found.get(name), rest)

    # The calls --------------------------------------------------------------------------------------------------------

    def create_customer(self, sent: Json) -> Json:
        _check(sent, known.CustomerCreateParams)
        return self._keep(shapes.customer(self._id("cus"), sent.get("metadata", {})))

    def create_intent(self, sent: Json) -> Json:
        if "payment_method_types" in sent:
            raise Refusal(400, code="payment_method_types_no_longer_supported", param="payment_method_types")
        _check(sent, known.PaymentIntentCreateParams)
        if int(sent["amount"]) < 50:
            raise Refusal(400, code="amount_too_small", param="amount")
        if "return_url" in sent and sent.get("confirm") != "true":
            raise Refusal(400, code="parameter_invalid", param="return_url")
        if "customer" in sent and sent["customer"] not in self.objects:
            raise Refusal(400, code="resource_missing", param="customer")
        intent = self._keep(shapes.intent(self._id("pi"), sent, livemode=self.livemode))
        if "payment_method" in sent:
            intent["payment_method"] = self._method(sent["payment_method"], intent)["id"]
            intent["status"] = "requires_confirmation"
        if sent.get("confirm") == "true":
            self._confirm(intent, sent)
        return intent

    def confirm_intent(self, sent: Json, payment_id: str) -> Json:
        _check(sent, known.PaymentIntentConfirmParams)
        intent = self._found(payment_id)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
            raise Refusal(
                400,
                code="payment_intent_unexpected_state",
                message=f"This PaymentIntent's status is {intent['status']}.",
                payment_intent=intent,
            )
        if "payment_method" in sent:
            intent["payment_method"] = self._method(sent["payment_method"], intent)["id"]
        self._confirm(intent, sent)
        return intent

    def cancel_intent(self, sent: Json, payment_id: str) -> Json:
        _check(sent, known.PaymentIntentCancelParams)
        intent = self._found(payment_id)
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise Refusal(
                400,
                code="payment_intent_unexpected_state",
                message=f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
                payment_intent=intent,
            )
        intent |= {"status": "canceled", "canceled_at": int(time.time()), "next_action": None}
        return intent

    def create_refund(self, sent: Json) -> Json:
        _check(sent, known.RefundCreateParams)
        return self._refund(sent)

    def retrieve(self, sent: Json, key: str) -> Json:
        return self._found(key)

    def list_refunds(self, sent: Json, charge_id: str) -> Json:
        limit, after = int(sent.get("limit", 10)), sent.get("starting_after", "")
        return self._refunds_of(self._found(charge_id), limit=limit, after=after)

    def list_disputes(self, sent: Json) -> Json:
        _check(sent, known.DisputeListParams)
        found = [one for one in self.of("dispute") if one["payment_intent"] == sent["payment_intent"]]
        return _page(found, "/v1/disputes", sent)

    def list_balance(self, sent: Json) -> Json:
        _check(sent, known.BalanceTransactionListParams)
        bounds = sent.get("created", {})
        since, until = int(bounds.get("gte", 0)), int(bounds.get("lt", 10**12))
        lines = [one for one in self.of("balance_transaction") if since <= one["created"] < until]
        return _page(lines, "/v1/balance_transactions", sent)

    def detach_method(self, sent: Json, token: str) -> Json:
        method = self._found(token)
        if method["customer"] is None:
            raise Refusal(
                400,
                message="The payment method you provided is not attached to a customer so detachment is impossible.",
            )
        method["customer"] = None
        return method

    def show_balance(self, sent: Json) -> Json:
        money = [{"amount": 0, "currency": "eur", "source_types": {"card": 0}}]
        return {"object": "balance", "available": money, "livemode": self.livemode, "pending": money}

    # How Stripe works -------------------------------------------------------------------------------------------------

    def _confirm(self, intent: Json, sent: Json) -> None:
        if intent["payment_method"] is None:
            raise Refusal(
                400,
                code="payment_intent_unexpected_state",
                message="You cannot confirm this PaymentIntent because it's missing a payment method.",
                payment_intent=intent,
            )
        method = self.objects[intent["payment_method"]]
        card = CARDS[method["card"]["fingerprint"]]
        if card.asks and sent.get("off_session") == "true":
            self._decline(intent, "authentication_required", "authentication_required", method)
        if card.asks:
            intent["status"], intent["next_action"] = "requires_action", self._next_action(intent, sent)
            return
        self._charge(intent, method)

    def _next_action(self, intent: Json, sent: Json) -> Json:
        if "return_url" not in sent:
            return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        url = f"{self.url}/3d_secure/{intent['id']}"
        return {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": sent["return_url"], "url": url},
        }

    def _show_3d_secure(self, payment_id: str) -> Answer:
        """The payer opens the bank's page, which is satisfied at once and sends them back."""
        redirect = self.objects[payment_id]["next_action"]["redirect_to_url"]
        self.authenticate(payment_id)
        return Answer(302, None, {"Location": f"{redirect['return_url']}?payment_intent={payment_id}"})

    def _charge(self, intent: Json, method: Json) -> None:
        card = CARDS[method["card"]["fingerprint"]]
        charge = self._keep(shapes.charge(self._id("ch"), intent, method))
        intent["latest_charge"] = charge["id"]
        if card.decline_code:
            charge |= {
                "status": "failed",
                "paid": False,
                "captured": False,
                "amount_captured": 0,
                "failure_code": card.code,
                "failure_message": "Your card was declined.",
            }
            self._decline(intent, card.code, card.decline_code, method)
        if self.is_slow_to_settle:
            charge |= {"status": "pending", "paid": False, "captured": False, "amount_captured": 0}
            intent["status"] = "processing"
            return
        self._succeed(intent)

    def _succeed(self, intent: Json) -> None:
        charge = self.objects[intent["latest_charge"]]
        charge |= {"status": "succeeded", "paid": True, "captured": True}
        charge["amount_captured"] = intent["amount"]
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        if intent["setup_future_usage"] and intent["customer"]:
            self.objects[intent["payment_method"]]["customer"] = intent["customer"]
        if not self.has_late_fees:
            charge["balance_transaction"] = self._fee_line(charge)["id"]

    def _fee_line(self, charge: Json) -> Json:
        fee = (charge["amount"] * 15 + 500) // 1000 + 25  # 1.5 % + 0.25
        return self._balance(charge["amount"], "charge", charge, fee)

    def _decline(self, intent: Json, code: str, decline_code: str, method: Json) -> None:
        error = self._fail(intent, code, "Your card was declined.", decline_code=decline_code, method=method)
        raise Refusal(402, **error, payment_intent=copy.deepcopy(intent))

    def _fail(
        self, intent: Json, code: str, message: str, *, decline_code: str = "", method: Any = None
    ) -> Json:
        error = {
            "type": "card_error" if decline_code else "invalid_request_error",
            "code": code,
            "message": message,
        }
        if decline_code:
            error |= {"decline_code": decline_code, "charge": intent["latest_charge"] or ""}
            error["payment_method"] = copy.deepcopy(method)
        intent |= {
            "status": "requires_payment_method",
            "payment_method": None,
            "last_payment_error": error,
            "next_action": None,
        }
        return error

    def _refund(self, sent: Json) -> Json:
        intent = self._found(sent["payment_intent"])
        if intent["status"] != "succeeded":
            raise Refusal(
                400, code="payment_intent_unexpected_state", message="This payment has not succeeded."
            )
        charge = self.objects[intent["latest_charge"]]
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(sent.get("amount", left))
        if any(one["status"] not in ("won", "prevented") for one in self._taken_back(charge)):
            raise Refusal(
                400, code="charge_disputed", message="This charge has been charged back; cannot refund."
            )
        if left == 0:
            raise Refusal(
                400, code="charge_already_refunded", message="This charge has already been refunded."
            )
        if amount > left:
            raise Refusal(
                400, message="Refund amount is greater than unrefunded amount on charge.", param="amount"
            )
        refund = self._keep(shapes.refund(self._id("re"), charge, amount, sent.get("metadata", {})))
        refund["status"] = self.refund_status
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        refund["balance_transaction"] = self._balance(-amount, "refund", refund)["id"]
        return refund

    def _taken_back(self, charge: Json) -> list[Json]:
        disputes = (one for one in self.of("dispute") if one["charge"] == charge["id"])
        return [one for one in disputes if not one["status"].startswith("warning_")]

    def _refunds_of(self, charge: Json, *, limit: int, after: str = "") -> Json:
        found = [one for one in self.of("refund") if one["charge"] == charge["id"]]
        return _page(found, f"/v1/charges/{charge['id']}/refunds", {"limit": limit, "starting_after": after})

    def _move_for(self, dispute: Json, cents: int, category: str, fee: int) -> None:
        line = self._balance(cents, category, dispute, fee)
        dispute["balance_transactions"].append(line)

    def _balance(self, cents: int, category: str, source: Json, fee: int = 0) -> Json:
        return self._keep(shapes.balance_line(self._id("txn"), cents, category, source["id"], fee))

    def _method(self, token: str, intent: Json) -> Json:
        if token in CARDS:
            return self._keep(shapes.payment_method(self._id("pm"), token))
        method = self.objects.get(token)
        if method is None:
            raise Refusal(
                400,
                code="resource_missing",
                message=f"No such PaymentMethod: '{token}'",
                param="payment_method",
            )
        if method["customer"] is None or method["customer"] != intent["customer"]:
            raise Refusal(
                400,
                message="The customer does not have a payment method with this ID.",
                param="payment_method",
            )
        return method

    def _found(self, key: str) -> Json:
        if key not in self.objects:
            raise Refusal(404, code="resource_missing", message=f"No such object: '{key}'", param="id")
        return self.objects[key]

    def _subject(self, event_type: str, payment_id: str) -> Json:
        if event_type.startswith("payout."):
            return self.of("payout")[-1]
        intent = self._found(payment_id)
        mine = {
            kind: [one for one in self.of(kind) if one.get("payment_intent") == payment_id]
            for kind in ("refund", "dispute")
        }
        for prefix, found in (("charge.dispute.", mine["dispute"]), ("refund.", mine["refund"])):
            if event_type.startswith(prefix):
                return found[-1]
        return self.objects[intent["latest_charge"]] if event_type.startswith("charge.") else intent

    def _keep(self, made: Json) -> Json:
        self.objects[made["id"]] = made
        return made

    def _id(self, prefix: str) -> str:
        return f"{prefix}_goodplay{next(self._numbers):06}"


ROUTES: dict[tuple[str, str], Callable[..., Json]] = {
    ("POST", "/v1/customers"): StripeServer.create_customer,
    ("POST", "/v1/payment_intents"): StripeServer.create_intent,
    ("GET", "/v1/payment_intents/([^/]+)"): StripeServer.retrieve,
    ("POST", "/v1/payment_intents/([^/]+)/confirm"): StripeServer.confirm_intent,
    ("POST", "/v1/payment_intents/([^/]+)/cancel"): StripeServer.cancel_intent,
    ("POST", "/v1/refunds"): StripeServer.create_refund,
    ("GET", "/v1/charges/([^/]+)/refunds"): StripeServer.list_refunds,
    ("GET", "/v1/disputes"): StripeServer.list_disputes,
    ("GET", "/v1/balance"): StripeServer.show_balance,
    ("GET", "/v1/balance_transactions"): StripeServer.list_balance,
    ("GET", "/v1/payment_methods/([^/]+)"): StripeServer.retrieve,
    ("POST", "/v1/payment_methods/([^/]+)/detach"): StripeServer.detach_method,
}


def _error(status: int, error: Json) -> Answer:
    return Answer(status, {"error": error}, {"Request-Id": "req_goodplay"})


def _check(sent: Json, words: Any) -> None:
    """Refuse what the library's own types do not know, as Stripe does."""
    for name in sent:
        if name not in words.__annotations__:
            raise Refusal(
                400, code="parameter_unknown", message=f"Received unknown parameter: {name}", param=name
            )


def _nested(pairs: Iterable[tuple[str, str]]) -> Json:
    """Read Stripe's form encoding: metadata[reference]=…, expand[0]=…"""
    found: Json = {}
    for name, value in pairs:
        first, *inner = re.findall(r"[^\[\]]+", name)
        if not inner:
            found[first] = value
        elif inner[0].isdigit():
            found.setdefault(first, []).append(value)
        else:
            found.setdefault(first, {})[inner[0]] = value
    return found


def _page(found: list[Json], url: str, sent: Json) -> Json:
    """Newest first, as all of Stripe's lists."""
    newest, limit = list(reversed(found)), int(sent.get("limit", 10))
    ids = [one["id"] for one in newest]
    start = ids.index(sent["starting_after"]) + 1 if sent.get("starting_after") else 0
    return {
        "object": "list",
        "data": copy.deepcopy(newest[start : start + limit]),
        "has_more": len(newest) > start + limit,
        "url": url,
    }
