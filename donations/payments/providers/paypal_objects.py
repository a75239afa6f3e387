"""PayPal's JSON in GoodPlay's words: nothing is asked here, only read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from donations.payments.contract import (
    BalanceEntry,
    DisputeState,
    DisputeStatus,
    Method,
    PaymentState,
    ProviderRefused,
    RefundState,
    RefundStatus,
    Status,
)
from goodplay.lib.money import CENT, ZERO

Json = Mapping[str, Any]

ORDER_STATUSES = {
    "CREATED": Status.REQUIRES_ACTION,
    "SAVED": Status.REQUIRES_ACTION,
    "PAYER_ACTION_REQUIRED": Status.REQUIRES_ACTION,
    "APPROVED": Status.PENDING,
    "VOIDED": Status.CANCELLED,
    "COMPLETED": Status.PROCESSING,  # without a capture yet
}
CAPTURED = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
_REFUND_STATUSES = {
    "COMPLETED": RefundStatus.SUCCEEDED,
    "PENDING": RefundStatus.PENDING,
    "FAILED": RefundStatus.FAILED,
    "CANCELLED": RefundStatus.FAILED,
}
SHOWN_WITHIN = timedelta(days=1)
"""How long after a settlement the refund it comes to may show."""
_LOST = ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")
_DISPUTE_FEES = ("DISPUTE_FEE", "CHARGEBACK_FEE", "DISPUTE_SETTLEMENT_FEE")
# Transaction event codes, by their first digits; the longest that fits counts.
_KINDS = {
    "T00": "payment",
    "T01": "fee",
    "T04": "payout",
    "T11": "refund",
    "T1106": "dispute",
    "T1108": "fee",
    "T1110": "dispute",
    "T1111": "dispute",
    "T12": "dispute",
    "T1202": "dispute",
}


def payment_state(order: Json, *, is_test: bool, disputes: Iterable[Json] = ()) -> PaymentState:
    unit = order["purchase_units"][0]
    captures, refunds = captures_of(order), unit.get("payments", {}).get("refunds", [])
    good = [capture for capture in captures if capture["status"] in CAPTURED]
    failed = captures[-1] if captures and not good else {}
    given_back = tuple(refund_state(refund) for refund in refunds)
    status = _status(order, captures, good)
    return PaymentState(
        provider_payment_id=order["id"],
        status=status,
        amount=euros(unit["amount"]),
        captured=sum((euros(capture["amount"]) for capture in good), ZERO),
        currency=unit["amount"]["currency_code"],
        reference=unit.get("custom_id", ""),
        fee=_fee(good),
        next_action_url=_approval(order) if status is Status.REQUIRES_ACTION else "",
        method=_method(order),
        error_code=_reason(failed) if status is Status.FAILED else "",
        is_test=is_test,
        refunds=given_back,
        disputes=tuple(_dispute_states(disputes, given_back)),
    )


def captures_of(order: Json) -> list[Json]:
    captures: list[Json] = order["purchase_units"][0].get("payments", {}).get("captures", [])
    return captures


def refund_state(refund: Json) -> RefundState:
    return RefundState(
        provider_refund_id=refund["id"],
        amount=euros(refund["amount"]),
        status=_REFUND_STATUSES[refund["status"]],
        created_at=_time(refund.get("create_time")),
        reference=refund.get("invoice_id", ""),
    )


def balance_entry(line: Json) -> BalanceEntry:
    """Read a line of the transaction search. It names the order only sometimes, our own key always."""
    gross = euros(line["transaction_amount"])
    fee = -euros(line["fee_amount"]) if "fee_amount" in line else ZERO
    is_order = line.get("paypal_reference_id_type") == "ODR"
    return BalanceEntry(
        entry_id=line["transaction_id"],
        kind=_kind(line["transaction_event_code"]),
        provider_payment_id=line["paypal_reference_id"] if is_order else "",
        gross=gross,
        fee=fee,
        net=gross - fee,
        created_at=datetime.fromisoformat(line["transaction_initiation_date"]).astimezone(UTC),
        reference=line.get("custom_field", ""),
    )


def euros(money: Json) -> Decimal:
    if money["currency_code"] != "EUR":
        raise ProviderRefused("CURRENCY_NOT_SUPPORTED", f"PayPal answered in {money['currency_code']}.")
    return Decimal(money["value"]).quantize(CENT)


def link(resource: Json, *rels: str) -> str:
    return next((found["href"] for found in resource.get("links", ()) if found["rel"] in rels), "")


def _status(order: Json, captures: list[Json], good: list[Json]) -> Status:
    if good:
        return Status.SUCCEEDED
    if not captures:
        return ORDER_STATUSES[order["status"]]
    is_pending = any(capture["status"] == "PENDING" for capture in captures)
    return Status.PROCESSING if is_pending else Status.FAILED


def _fee(captures: list[Json]) -> Decimal | None:
    fees = [capture.get("seller_receivable_breakdown", {}).get("paypal_fee") for capture in captures]
    known = [euros(fee) for fee in fees if fee]
    return sum(known, ZERO) if known else None


def _approval(order: Json) -> str:
    return link(order, "payer-action", "approve")


def _reason(capture: Json) -> str:
    return str(capture.get("status_details", {}).get("reason") or capture["status"])


def _method(order: Json) -> Method | None:
    source = order.get("payment_source", {})
    if card := source.get("card"):
        return Method(
            kind="card",
            brand=card.get("brand", "").lower(),
            last4=card.get("last_digits", ""),
            expires_on=card.get("expiry", ""),
        )
    if "paypal" not in source:
        return None
    vault = (source["paypal"].get("attributes") or {}).get("vault") or {}
    return Method(
        kind="paypal", token=vault.get("id", ""), customer=(vault.get("customer") or {}).get("id", "")
    )


def _dispute_states(disputes: Iterable[Json], refunds: tuple[RefundState, ...]) -> Iterator[DisputeState]:
    """Read disputes, less what they came to as refunds.

    What PayPal settles in the buyer's favour, and what the seller gives back meanwhile, is a refund of the capture too.
    Each such refund is taken off one dispute, so that the same money is not told twice.
    """
    standing = [refund for refund in refunds if refund.status is not RefundStatus.FAILED]
    left = {refund.provider_refund_id: refund.amount for refund in standing}
    for dispute in sorted(disputes, key=lambda each: str(each.get("create_time"))):
        state = _dispute_state(dispute)
        at_stake, settled_at = _at_stake(state), _settled_at(dispute)
        for refund in standing:
            if not _is_meanwhile(refund, state.opened_at, settled_at):
                continue
            covered = min(at_stake, left[refund.provider_refund_id])
            left[refund.provider_refund_id] -= covered
            at_stake -= covered
        yield _of_which_is_at_stake(state, at_stake)


def _is_meanwhile(refund: RefundState, opened_at: datetime | None, settled_at: datetime | None) -> bool:
    """Say whether a refund falls into a dispute. What settles it is made by PayPal, and may show a little later."""
    made_at = refund.created_at
    if made_at is None:
        return not refund.reference
    if opened_at and made_at < opened_at:
        return False
    if settled_at is None:
        return True
    return made_at < settled_at if refund.reference else made_at <= settled_at + SHOWN_WITHIN


def _settled_at(dispute: Json) -> datetime | None:
    if dispute["status"] != "RESOLVED":
        return None
    moves = dispute.get("money_movements", ())
    moments = [move.get("initiated_time") for move in moves if move["reason"] == "DISPUTE_SETTLEMENT"]
    return _time(next(filter(None, moments), None) or dispute.get("update_time"))


def _at_stake(state: DisputeState) -> Decimal:
    return state.amount if state.status is DisputeStatus.OPEN else state.lost_amount


def _of_which_is_at_stake(state: DisputeState, at_stake: Decimal) -> DisputeState:
    """A dispute of which everything was given back is lost already, and takes nothing more."""
    if at_stake == _at_stake(state):
        return state
    if state.status is DisputeStatus.OPEN and at_stake > ZERO:
        return replace(state, amount=at_stake)
    return replace(state, status=DisputeStatus.LOST, lost_amount=at_stake)


def _dispute_state(dispute: Json) -> DisputeState:
    outcome = dispute.get("dispute_outcome") or {}
    amount = euros(dispute["dispute_amount"])
    moves = [move for move in dispute.get("money_movements", ()) if move["affected_party"] == "SELLER"]
    status, lost = DisputeStatus.OPEN, ZERO
    if dispute["status"] == "RESOLVED":
        is_lost = outcome.get("outcome_code") in _LOST
        refunded = euros(outcome["amount_refunded"]) if "amount_refunded" in outcome else amount
        lost = _taken(moves, "DISPUTE_SETTLEMENT") if moves else refunded if is_lost else ZERO
        status = DisputeStatus.LOST if lost > 0 else DisputeStatus.WON
    return DisputeState(
        provider_dispute_id=dispute["dispute_id"],
        amount=amount,
        status=status,
        fee=_taken(moves, *_DISPUTE_FEES),
        lost_amount=lost,
        reason=dispute.get("reason", ""),
        opened_at=_time(dispute.get("create_time")),
    )


def _taken(moves: list[Json], *reasons: str) -> Decimal:
    signs = {"DEBIT": 1, "CREDIT": -1}
    return sum(
        (euros(move["amount"]) * signs[move["type"]] for move in moves if move["reason"] in reasons), ZERO
    )


def _kind(code: str) -> str:
    return next((_KINDS[code[:length]] for length in (5, 3) if code[:length] in _KINDS), "other")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
