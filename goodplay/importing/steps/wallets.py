"""Wallets: what is in each becomes an opening balance, if its transactions explain it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from donations.models import OpeningBalance
from donations.operations.openings import Automatic, OldWallet, open_balance
from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.values import Document, Reader, Refused, as_id, as_number
from goodplay.lib.money import LARGEST, ZERO, to_cents

ADDS = ("earned", "bonus", "refund", "adjustment")
TAKES = ("donated", "fee")
PAID = ("succeeded", "partially_refunded", "refunded")


@dataclass(frozen=True, slots=True)
class Sums:
    """What a person's completed transactions add up to."""

    balance: Decimal = ZERO
    earned: Decimal = ZERO
    donated: Decimal = ZERO
    by_hand: Decimal = ZERO
    """Credits somebody typed in. In the old installation that could be the player."""
    count: int = 0

    def with_one(self, transaction: Document) -> "Sums":
        kind, amount = kind_of(transaction), amount_of(transaction)
        adds = kind in ADDS
        return Sums(
            balance=self.balance + (amount if adds else -amount),
            earned=self.earned + (amount if kind == "earned" else ZERO),
            donated=self.donated + (amount if kind == "donated" else ZERO),
            by_hand=self.by_hand + (amount if adds and transaction.get("source_type") == "manual" else ZERO),
            count=self.count + 1,
        )


def bring(reader: Reader, key: str, context: Context) -> str:
    person = reader.document.get("user_id")
    user_id = context.needed("users", person, "UNKNOWN_USER")
    balance = balance_of(reader.document)
    adding = context.sums.get(as_id(person) or "") or Adding()
    sums = adding.sums
    if sums.balance != balance and not context.trusts_wallets:
        raise Refused("BALANCE_NOT_EXPLAINED", f"says {balance}, its transactions {sums.balance}")
    if sums.by_hand:
        reader.note("credits added by hand", str(sums.by_hand))
    paid = min(balance, context.paid.get(as_id(person) or "", ZERO))
    open_balance(
        player_id=UUID(user_id),
        old=OldWallet(
            source_id=as_id(reader.document.get("_id")) or "",
            earned_amount=balance - paid,
            paid_amount=paid,
            earned_before=sums.earned,
            donated_before=sums.donated,
            transactions_count=sums.count,
        ),
        automatic=_automatic(reader, context),
        now=context.now,
    )
    return user_id


def balance_of(document: Document) -> Decimal:
    number = as_number(document.get("current_balance"))
    if number is None:
        raise Refused("UNREADABLE_BALANCE")
    if number < ZERO:
        raise Refused("NEGATIVE_BALANCE", str(to_cents(number)))
    return to_cents(number)


class Adding:
    """Adds up one person's transactions as they are read, and keeps none of them."""

    def __init__(self) -> None:
        self._sums = Sums()
        self._refusal: Refused | None = None

    def add(self, transaction: Document) -> None:
        """Add what was completed, rounded to cents as the old wallet did."""
        if self._refusal is not None or transaction.get("status") != "completed":
            return
        try:
            self._sums = self._sums.with_one(transaction)
        except Refused as refusal:
            self._refusal = refusal

    @property
    def sums(self) -> Sums:
        if self._refusal is not None:
            raise self._refusal
        if max(self._sums.earned, self._sums.donated) > LARGEST:
            raise Refused("OUT_OF_RANGE", "transactions")
        return self._sums


def prepare(wallets: list[Document], context: Context) -> None:
    """Add up the transactions and payments of everybody in the batch, as they are read."""
    people = [each.get("user_id") for each in wallets]
    context.sums, context.paid = {}, {}
    for each in context.source.of_people("transactions", people):
        context.sums.setdefault(as_id(each.get("user_id")) or "", Adding()).add(each)
    for each in context.source.of_people("payment_intents", people):
        person = as_id(each.get("user_id")) or ""
        context.paid[person] = context.paid.get(person, ZERO) + paid_by(each)


def kind_of(transaction: Document) -> str:
    kind = transaction.get("transaction_type", transaction.get("type"))
    if not isinstance(kind, str) or kind not in (*ADDS, *TAKES):
        raise Refused("UNREADABLE_TRANSACTION", as_id(transaction.get("_id")) or "")
    return kind


def amount_of(transaction: Document) -> Decimal:
    amount = as_number(transaction.get("amount"))
    factor = as_number(transaction.get("multiplier_applied", 1))
    if amount is None or factor is None or amount < ZERO or factor < ZERO or amount * factor > LARGEST:
        raise Refused("UNREADABLE_TRANSACTION", as_id(transaction.get("_id")) or "")
    return to_cents(amount * factor)


def paid_by(intent: Document) -> Decimal:
    """Return what a payment in euros that succeeded put into the wallet, less what went back.

    Earned credits are spent first, so of what is left as much is the player's own money as was ever paid in.
    """
    net, back = as_number(intent.get("net_amount")), as_number(intent.get("refunded_amount", 0))
    if intent.get("status") not in PAID or intent.get("currency") != "EUR" or net is None or back is None:
        return ZERO
    return max(to_cents(net - back), ZERO)


def _automatic(reader: Reader, context: Context) -> Automatic | None:
    if reader.document.get("auto_donation_settings") is None:
        return None
    chosen = reader.part("auto_donation_settings")
    if chosen.flag("enabled", default=False):
        reader.note("auto_donation", "SWITCHED_OFF")
    threshold = chosen.number("threshold")
    onlus = context.find("onlus_organizations", chosen.document.get("preferred_onlus_id"))
    return Automatic(
        threshold=Decimal("10.00") if threshold is None else threshold,
        percentage=chosen.whole("percentage", least=1, most=100, default=50),
        preferred_onlus_id=UUID(onlus) if onlus else None,
        round_up_enabled=chosen.flag("round_up_enabled", default=False),
    )


def differences(documents: Iterable[Document]) -> list[str]:
    """Name the wallets whose documents say another amount than their opening balances here."""
    told = {as_id(each.get("_id")) or "": balance_of(each) for each in documents}
    rows = OpeningBalance.objects.filter(source_id__in=told)
    booked = {
        key: earned + paid
        for key, earned, paid in rows.values_list("source_id", "earned_amount", "paid_amount")
    }
    return [
        f"wallet {key}: says {amount}, {booked.get(key, ZERO)} was booked"
        for key, amount in told.items()
        if booked.get(key) != amount
    ]


def remember(document: Document, context: Context) -> None:
    """Remember whose wallet changed: its opening balance is what it was, without what came since."""
    context.changed_wallets.add(as_id(document.get("user_id")) or "")


WALLETS = Step(
    "wallets",
    bring,
    points_to=(("user_id", "users"),),
    prepare=prepare,
    found_changed=remember,
    proves=differences,
)
