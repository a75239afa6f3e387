"""The same money in dictionaries: what GoodPlay's books should say, reckoned the plain way.

Written from the rules, not from the code: no query, no lock, no retry. Amounts are Decimals of euros; an account's
balance is what came in less what went out.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from donations.payments.contract import DisputeStatus, PaymentState, RefundState, RefundStatus, Status

ZERO, CENT = Decimal("0.00"), Decimal("0.01")

POOL, SPONSOR, CLEARING, FEES, PLATFORM = (
    "reward_pool",
    "sponsor",
    "provider_clearing",
    "provider_fees",
    "platform_fees",
)
TRANSIT, BANK, LOSS, ADJUSTMENT, SUSPENSE = (
    "payout_in_transit",
    "bank",
    "chargeback_loss",
    "adjustment",
    "suspense",
)
FREE_TO_CANCEL = timedelta(hours=24)

Account = Any
"""The name of one of ours, or ("player_credits", who), ("player_cash", who), ("onlus_payable", whose)."""


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def earned_by(player: Any) -> Account:
    return ("player_credits", player)


def cash_of(player: Any) -> Account:
    return ("player_cash", player)


def owed_to(onlus: Any) -> Account:
    return ("onlus_payable", onlus)


class Refused(Exception):
    """The rules say no, by this code."""


@dataclass
class Hold:
    source: Account
    target: Account
    amount: Decimal


@dataclass(eq=False)
class Gift:
    key: Any
    donor: Any
    onlus: Any
    earned: Decimal
    paid: Decimal
    status: str = "waiting"
    holds: list[Hold] = field(default_factory=list)
    needs_review: bool = False
    completed_at: datetime | None = None
    clears_at: datetime | None = None
    earned_back: Decimal = ZERO
    paid_back: Decimal = ZERO
    matched: Decimal = ZERO
    matched_back: Decimal = ZERO
    line: Decimal | None = None
    """What a payout that was not given up carries of it."""
    recovered: Decimal = ZERO
    """What payouts set right of it since, below zero when the ONLUS gave back."""
    is_claimed: bool = False

    @property
    def amount(self) -> Decimal:
        return self.earned + self.paid

    @property
    def back(self) -> Decimal:
        return self.earned_back + self.paid_back

    @property
    def kept(self) -> Decimal:
        """What the ONLUS keeps of it, with what a sponsor added."""
        return self.amount - self.back + self.matched - self.matched_back

    @property
    def claim(self) -> Decimal:
        if not self.is_claimed:
            return ZERO
        return -self.recovered if self.line is None else self.kept - self.line - self.recovered


@dataclass(eq=False)
class Debt:
    shortfall: Decimal = ZERO
    settled: Decimal = ZERO
    forgiven: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        return self.shortfall - self.settled - self.forgiven


@dataclass(eq=False)
class Refund(Debt):
    amount: Decimal = ZERO
    wallet: Decimal = ZERO
    fee: Decimal = ZERO
    stray: Decimal = ZERO
    hold: Hold | None = None
    status: str = "pending"
    remote_key: str = ""
    own_key: str = ""


@dataclass(eq=False)
class Dispute(Debt):
    amount: Decimal = ZERO
    fee: Decimal = ZERO
    status: DisputeStatus = DisputeStatus.OPEN
    lost: Decimal = ZERO
    booked: Decimal = ZERO
    recovered: Decimal = ZERO
    aside: Decimal = ZERO
    """What of it money paid that was kept aside."""
    hold: Hold | None = None

    @property
    def contested_aside(self) -> Decimal:
        is_held = self.status == DisputeStatus.OPEN and self.hold and self.hold.source == SUSPENSE
        return self.aside + (self.hold.amount if self.hold and is_held else ZERO)


@dataclass(eq=False)
class Payment:
    key: Any
    player: Any
    amount: Decimal
    net: Decimal
    fee: Decimal
    platform: Decimal
    gift: Gift | None = None
    state: str = "open"
    confirmed_at: datetime | None = None
    fee_is_known: bool = False
    stray: Decimal = ZERO
    is_noted: bool = False
    review_hold: Hold | None = None
    refunds: list[Refund] = field(default_factory=list)
    disputes: dict[str, Dispute] = field(default_factory=dict)

    @property
    def standing(self) -> list[Refund]:
        return [each for each in self.refunds if each.status != "failed"]

    @property
    def left(self) -> Decimal:
        whole = self.amount if self.state == "paid" else self.stray
        contested = sum((each.contested_aside for each in self.disputes.values()), ZERO)
        return whole - contested - sum((each.amount for each in self.standing), ZERO)

    @property
    def refundable(self) -> Decimal:
        """What we may give back: not what the payer won back by a dispute."""
        lost = sum((each.lost for each in self.disputes.values()), ZERO)
        return self.left - (lost if self.state == "paid" else ZERO)

    @property
    def has_open_dispute(self) -> bool:
        return any(each.status == DisputeStatus.OPEN for each in self.disputes.values())

    def share(self, amount: Decimal) -> Decimal:
        """What of the next refund comes from the wallet: the payment's parts go back in proportion, and end even."""
        before = sum((each.amount for each in self.standing), ZERO)
        taken = sum((each.wallet for each in self.standing), ZERO)
        total = min(before + amount, self.amount)
        whole = self.net if total == self.amount else min(self.net, half_up(total * self.net / self.amount))
        return min(max(whole - taken, ZERO), amount)


@dataclass(eq=False)
class Payout:
    key: Any
    onlus: Any
    amount: Decimal
    lines: list[tuple[Gift, Decimal]]
    recoveries: list[tuple[Gift, Decimal]]
    status: str = "held"


class Books:
    def __init__(self, *, review_gifts_from: Decimal, review_top_ups_from: Decimal) -> None:
        self.balance: dict[Account, Decimal] = defaultdict(lambda: ZERO)
        self.held: dict[Account, Decimal] = defaultdict(lambda: ZERO)
        self.review_gifts_from, self.review_top_ups_from = review_gifts_from, review_top_ups_from
        self.match_left = ZERO
        self.gifts: list[Gift] = []
        self.payments: dict[Any, Payment] = {}
        self.waiting_credits: list[Hold] = []
        self.debts: list[tuple[Any, Debt]] = []
        self.reviews: dict[Any, Gift | Payment] = {}
        self.payouts: list[Payout] = []
        self.adjusted: dict[Account, Decimal] = defaultdict(lambda: ZERO)

    # Money ----------------------------------------------------------------------------------------------------

    def move(self, source: Account, target: Account, amount: Decimal) -> None:
        assert amount >= ZERO
        self.balance[source] -= amount
        self.balance[target] += amount

    def hold(self, source: Account, target: Account, amount: Decimal) -> Hold:
        self.held[source] += amount
        return Hold(source, target, amount)

    def post(self, hold: Hold, amount: Decimal | None = None) -> None:
        self.held[hold.source] -= hold.amount
        self.move(hold.source, hold.target, hold.amount if amount is None else amount)

    def void(self, hold: Hold) -> None:
        self.held[hold.source] -= hold.amount

    def available(self, account: Account) -> Decimal:
        return self.balance[account] - self.held[account]

    def spendable(self, player: Any) -> Decimal:
        return self.available(earned_by(player)) + self.available(cash_of(player))

    def is_frozen(self, player: Any) -> bool:
        """A wallet rests while a payment is contested, or something is owed."""
        own = (each for each in self.payments.values() if each.player == player and each.state == "paid")
        disputed = any(each.has_open_dispute for each in own)
        return disputed or self.debt(player) > ZERO

    def debt(self, player: Any) -> Decimal:
        return sum((debt.owed for owner, debt in self.debts if owner == player), ZERO)

    # Play -----------------------------------------------------------------------------------------------------

    def fund(self, amount: Decimal, *, for_play: bool) -> None:
        self.move(BANK, SPONSOR, amount)
        if for_play:
            self.move(SPONSOR, POOL, amount)

    def earn(self, player: Any, amount: Decimal) -> None:
        waiting = sum((each.amount for each in self.waiting_credits), ZERO)
        if amount <= self.balance[POOL] - waiting:
            self.move(POOL, earned_by(player), amount)
        else:
            self.waiting_credits.append(self.hold(POOL, earned_by(player), amount))

    def pay_waiting(self) -> None:
        while self.waiting_credits and self.waiting_credits[0].amount <= self.balance[POOL]:
            self.post(self.waiting_credits.pop(0))

    def adjust(self, account: Account, amount: Decimal, *, adds: bool) -> None:
        """Costs and money we have grow by what goes out of the account."""
        gains = adds != (account == BANK)
        self.move(*((ADJUSTMENT, account) if gains else (account, ADJUSTMENT)), amount)
        self.adjusted[account] += amount if adds else -amount

    def refuses_to_take(self, account: Account, amount: Decimal) -> bool:
        if account == BANK:
            return amount > -self.balance[BANK]
        if account == POOL:
            waiting = sum((each.amount for each in self.waiting_credits), ZERO)
            return amount > self.balance[POOL] - waiting
        return amount > self.available(account) or self.is_frozen(account[1])

    # Gifts ----------------------------------------------------------------------------------------------------

    def split(self, player: Any, amount: Decimal) -> tuple[Decimal, Decimal]:
        """Earned credits go first."""
        if self.is_frozen(player):
            raise Refused("WALLET_FROZEN")
        if amount > self.spendable(player):
            raise Refused("INSUFFICIENT_CREDITS")
        earned = min(amount, self.available(earned_by(player)))
        return earned, amount - earned

    def give(self, key: Any, player: Any, onlus: Any, amount: Decimal, now: datetime) -> Gift:
        earned, paid = self.split(player, amount)
        gift = Gift(key, player, onlus, earned, paid)
        self._hold_for(gift, earned, paid)
        self._carry_out_or_review(gift, now)
        self.gifts.append(gift)
        return gift

    def promise(self, key: Any, player: Any, onlus: Any, from_wallet: Decimal, net: Decimal) -> Gift:
        """A gift that waits for its payment; the wallet's part is held."""
        earned, cash = self.split(player, from_wallet)
        gift = Gift(key, player, onlus, earned, cash + net)
        self._hold_for(gift, earned, cash)
        self.gifts.append(gift)
        return gift

    def _hold_for(self, gift: Gift, earned: Decimal, cash: Decimal) -> None:
        for account, part in ((earned_by(gift.donor), earned), (cash_of(gift.donor), cash)):
            if part:
                gift.holds.append(self.hold(account, owed_to(gift.onlus), part))

    def _carry_out_or_review(self, gift: Gift, now: datetime) -> None:
        gift.needs_review = gift.amount >= self.review_gifts_from
        if not gift.needs_review:
            self.carry_out(gift, now)

    def carry_out(self, gift: Gift, now: datetime) -> None:
        for hold in gift.holds:
            self.post(hold)
        gift.holds, gift.status, gift.completed_at = [], "done", now
        gift.clears_at = now + timedelta(days=14) if gift.paid else now
        gift.matched = min(half_up(gift.amount / 2), self.match_left)
        self.match_left -= gift.matched
        self.move(SPONSOR, owed_to(gift.onlus), gift.matched)

    def abandon(self, gift: Gift) -> None:
        if gift.status == "waiting":
            for hold in gift.holds:
                self.void(hold)
            gift.holds, gift.status = [], "closed"

    def give_back(self, gift: Gift, amount: Decimal | None, *, only_paid: bool = False) -> None:
        if gift.status != "done":
            raise Refused("DONATION_NOT_REFUNDABLE")
        earned_left = ZERO if only_paid else gift.earned - gift.earned_back
        paid_left = gift.paid - gift.paid_back
        amount = earned_left + paid_left if amount is None else amount
        if not ZERO < amount <= earned_left + paid_left:
            raise Refused("REFUND_AMOUNT_TOO_LARGE")
        paid = min(amount, paid_left)
        self.move(owed_to(gift.onlus), cash_of(gift.donor), paid)
        self.move(owed_to(gift.onlus), earned_by(gift.donor), amount - paid)
        gift.paid_back += paid
        gift.earned_back += amount - paid
        matched = half_up(gift.matched * gift.back / gift.amount) - gift.matched_back
        gift.matched_back += matched
        self.match_left += matched
        self.move(owed_to(gift.onlus), SPONSOR, matched)
        gift.is_claimed = gift.is_claimed or gift.line is not None
        if gift.back == gift.amount:
            gift.status = "given back"

    def cancel(self, gift: Gift, now: datetime) -> None:
        if gift.status == "waiting":
            return self.abandon(gift)
        is_open = gift.status == "done" and gift.completed_at and now < gift.completed_at + FREE_TO_CANCEL
        if not is_open or gift.line is not None:
            raise Refused("DONATION_CANNOT_BE_CANCELLED")
        return self.give_back(gift, None)

    # Payments -------------------------------------------------------------------------------------------------

    def hear(self, payment: Payment, told: PaymentState, now: datetime) -> None:
        """The provider says how a payment stands: do what was not done yet."""
        if told.status == Status.SUCCEEDED and payment.state != "paid":
            self._hear_of_money(payment, told, now)
        elif told.status in (Status.FAILED, Status.CANCELLED):
            self.close(payment)
        if payment.state == "paid" or payment.stray:
            self._hear_of_fee(payment, told)
            for each in told.disputes:
                if each.provider_dispute_id in payment.disputes:
                    self._hear_dispute(payment, each)
            for refund in told.refunds:
                self.hear_refund(payment, refund)
            for each in told.disputes:
                self._hear_dispute(payment, each)

    def close(self, payment: Payment) -> None:
        if payment.state == "open":
            payment.state = "closed"
            if payment.gift:
                self.abandon(payment.gift)

    def _hear_of_money(self, payment: Payment, told: PaymentState, now: datetime) -> None:
        if payment.state == "open" and told.captured == payment.amount:
            return self._succeed(payment, now)
        self.close(payment)
        if not payment.is_noted:
            payment.is_noted, payment.stray = True, told.captured
            self.move(CLEARING, SUSPENSE, told.captured)
        return None

    def _hear_of_fee(self, payment: Payment, told: PaymentState) -> None:
        if told.fee is not None and not payment.fee_is_known:
            payment.fee_is_known = True
            self.move(FEES, CLEARING, told.fee)

    def _succeed(self, payment: Payment, now: datetime) -> None:
        payment.state, payment.confirmed_at = "paid", now
        cash, gift = cash_of(payment.player), payment.gift
        self.move(CLEARING, cash, payment.net)
        self.move(CLEARING, FEES, payment.fee)
        self.move(CLEARING, PLATFORM, payment.platform)
        if gift and gift.status == "waiting":
            if self.is_frozen(payment.player):
                self.abandon(gift)
            else:
                gift.holds.append(self.hold(cash, owed_to(gift.onlus), payment.net))
                self._carry_out_or_review(gift, now)
        if (gift is None or gift.status == "closed") and payment.amount >= self.review_top_ups_from:
            payment.review_hold = self.hold(cash, CLEARING, payment.net)

    def lift_review(self, payment: Payment) -> None:
        if payment.review_hold:
            self.void(payment.review_hold)
            payment.review_hold = None

    # Refunds of payments ----------------------------------------------------------------------------------------

    def ask_back(self, payment: Payment, own_key: str, amount: Decimal | None) -> Refund:
        self.refuse_to_ask_back(payment, amount)
        refund = self._sized(payment, payment.refundable if amount is None else amount)
        if refund.stray:
            refund.hold = Hold(SUSPENSE, CLEARING, refund.stray)
            self.held[SUSPENSE] += refund.stray
        elif refund.wallet:
            self._refuse_uncovered(payment, refund.wallet)
            refund.hold = self.hold(cash_of(payment.player), CLEARING, refund.wallet)
        refund.own_key = own_key
        payment.refunds.append(refund)
        return refund

    def refund_by_staff(self, payment: Payment, own_key: str, amount: Decimal | None) -> Refund:
        """The gift a payment made is given back first; both or neither."""
        wanted = payment.refundable if amount is None else amount
        self.refuse_to_ask_back(payment, amount)
        gift, cash = payment.gift, cash_of(payment.player)
        if payment.state == "paid":
            freed = ZERO
            if gift and gift.status == "done":
                freed = max(ZERO, min(payment.share(wanted), gift.paid - gift.paid_back))
            if gift and gift.status == "waiting":
                freed = sum((each.amount for each in gift.holds if each.source == cash), ZERO)
            self._refuse_uncovered(payment, payment.share(wanted), freed)
            self.take_gift_back(payment, wanted)
        return self.ask_back(payment, own_key, amount)

    def reject_top_up(self, payment: Payment) -> Refund | None:
        """What was held for a review goes back to its payer."""
        if payment.state != "paid" or payment.refundable <= ZERO:
            self.lift_review(payment)
            return None
        self.refuse_to_ask_back(payment, None)
        freed = payment.review_hold.amount if payment.review_hold else ZERO
        self._refuse_uncovered(payment, payment.share(payment.refundable), freed)
        self.lift_review(payment)
        return self.ask_back(payment, "new", None)

    def refuse_to_ask_back(self, payment: Payment, amount: Decimal | None) -> None:
        if any(each.status == "pending" and each.own_key for each in payment.refunds):
            raise Refused("REFUND_IN_PROGRESS")
        if payment.has_open_dispute:
            raise Refused("PAYMENT_DISPUTED")
        if payment.refundable <= ZERO:
            raise Refused("PAYMENT_NOT_REFUNDABLE")
        if amount is not None and amount > payment.refundable:
            raise Refused("REFUND_AMOUNT_TOO_LARGE")

    def _refuse_uncovered(self, payment: Payment, wallet: Decimal, freed: Decimal = ZERO) -> None:
        if wallet and self.is_frozen(payment.player):
            raise Refused("WALLET_FROZEN")
        if wallet > self.available(cash_of(payment.player)) + freed:
            raise Refused("INSUFFICIENT_CREDITS")

    def take_gift_back(self, payment: Payment, amount: Decimal) -> None:
        gift = payment.gift
        if gift is None:
            return
        self.abandon(gift)
        due = min(payment.share(amount), gift.paid - gift.paid_back)
        if gift.status == "done" and due > ZERO:
            self.give_back(gift, due, only_paid=True)

    def _sized(self, payment: Payment, amount: Decimal) -> Refund:
        if payment.state != "paid":
            return Refund(amount=amount, stray=amount)
        wallet = payment.share(amount)
        return Refund(amount=amount, wallet=wallet, fee=amount - wallet)

    def hear_refund(self, payment: Payment, told: RefundState, own_key: str = "") -> None:
        refund = self._known(payment, told, own_key or told.reference)
        if refund is None:
            if told.status == RefundStatus.FAILED or told.amount > payment.left:
                return
            refund = self._made_there(payment, told)
        refund.remote_key = told.provider_refund_id
        if refund.status == "pending" and told.status == RefundStatus.SUCCEEDED:
            self._refund_done(payment, refund)
        elif refund.status == "pending" and told.status == RefundStatus.FAILED:
            self.refund_failed(refund)
        elif refund.status == "done" and told.status == RefundStatus.FAILED:
            self._refund_undone(payment, refund)

    def _known(self, payment: Payment, told: RefundState, own_key: str) -> Refund | None:
        for each in payment.refunds:
            if told.provider_refund_id == each.remote_key:
                return each
        for each in payment.refunds:
            if own_key and own_key == each.own_key and not each.remote_key:
                return each
        return None

    def _made_there(self, payment: Payment, told: RefundState) -> Refund:
        was_under_review = payment.review_hold is not None
        if payment.state == "paid":
            self.take_gift_back(payment, told.amount)
            self.lift_review(payment)
        refund = self._sized(payment, told.amount)
        cash = cash_of(payment.player)
        there = refund.stray or min(self.available(cash), refund.wallet)
        if there > ZERO:
            refund.hold = self.hold(SUSPENSE if refund.stray else cash, CLEARING, there)
        payment.refunds.append(refund)
        rest = payment.net - sum((each.wallet for each in payment.standing), ZERO)
        if was_under_review and rest > ZERO:
            payment.review_hold = self.hold(cash, CLEARING, rest)
        return refund

    def _refund_done(self, payment: Payment, refund: Refund) -> None:
        held = refund.hold.amount if refund.hold else ZERO
        if refund.hold:
            self.post(refund.hold)
        self.move(FEES, CLEARING, refund.fee)
        refund.shortfall = refund.wallet + refund.stray - held
        self.move(LOSS, CLEARING, refund.shortfall)
        refund.status = "done"
        self.debts.append((payment.player, refund))

    def refund_failed(self, refund: Refund) -> None:
        if refund.hold:
            self.void(refund.hold)
        refund.status = "failed"

    def _refund_undone(self, payment: Payment, refund: Refund) -> None:
        source = SUSPENSE if refund.stray else cash_of(payment.player)
        self.move(CLEARING, source, refund.hold.amount if refund.hold else ZERO)
        self.move(CLEARING, FEES, refund.fee)
        self.move(CLEARING, LOSS, refund.shortfall)
        self.move(LOSS, source, refund.settled)
        refund.shortfall = refund.settled = refund.forgiven = ZERO
        refund.status = "failed"

    # Disputes -------------------------------------------------------------------------------------------------

    def _hear_dispute(self, payment: Payment, told: Any) -> None:
        dispute = payment.disputes.get(told.provider_dispute_id)
        if dispute is None:
            dispute = self._contest(payment, told)
        if dispute.status != DisputeStatus.OPEN and told.status == DisputeStatus.OPEN:
            return
        if told.status == DisputeStatus.OPEN and told.amount != dispute.amount:
            dispute.amount = told.amount
            if dispute.hold:
                self.void(dispute.hold)
                dispute.hold = None
            self._hold_contested(payment, dispute)
        lost = told.lost_amount if told.status == DisputeStatus.LOST else ZERO
        withdrawn = told.amount if told.status == DisputeStatus.OPEN else lost
        self.balance[LOSS] -= withdrawn + told.fee - dispute.booked
        self.balance[CLEARING] += withdrawn + told.fee - dispute.booked
        dispute.booked = withdrawn + told.fee
        if told.status != DisputeStatus.OPEN:
            self._bear(payment, dispute, lost)
        dispute.status = told.status

    def _contest(self, payment: Payment, told: Any) -> Dispute:
        """Money that may be lost is held, and a gift nobody passed yet is given up."""
        if payment.gift:
            self.abandon(payment.gift)
        self.lift_review(payment)
        dispute = Dispute(amount=told.amount)
        self._hold_contested(payment, dispute)
        payment.disputes[told.provider_dispute_id] = dispute
        self.debts.append((payment.player, dispute))
        return dispute

    def _hold_contested(self, payment: Payment, dispute: Dispute) -> None:
        source = cash_of(payment.player) if payment.state == "paid" else SUSPENSE
        there = payment.left if source == SUSPENSE else self.available(source)
        dispute.hold = self.hold(source, LOSS, min(there, dispute.amount)) if there > ZERO else None

    def _bear(self, payment: Payment, dispute: Dispute, lost: Decimal) -> None:
        """The player bears a final loss: from what was held, from gifts not paid out, from the wallet; the rest is owed."""
        cash = cash_of(payment.player)
        if dispute.hold and dispute.status == DisputeStatus.OPEN:
            borne = min(lost, dispute.hold.amount)
            self.post(dispute.hold, borne)
            self._recover(dispute, borne, dispute.hold.source)
            dispute.hold = None
        more = lost - dispute.lost
        if more > ZERO:
            missing = lost - dispute.recovered - dispute.shortfall
            if payment.state != "paid":
                lies_there = min(missing, payment.left)
                self.move(SUSPENSE, LOSS, lies_there)
                self._recover(dispute, lies_there, SUSPENSE)
                missing -= lies_there
            for gift in self._gifts_of(payment):
                short = missing - self.available(cash)
                due = min(short, gift.paid - gift.paid_back)
                if due > ZERO:
                    self.give_back(gift, due, only_paid=True)
            taken = max(ZERO, min(missing, self.available(cash)))
            self.move(cash, LOSS, taken)
            self._recover(dispute, taken, cash)
            dispute.shortfall += missing - taken
        elif more < ZERO:
            self._return(payment.player, dispute, -more)
        dispute.lost = lost

    def _recover(self, dispute: Dispute, amount: Decimal, source: Account) -> None:
        dispute.recovered += amount
        dispute.aside += amount if source == SUSPENSE else ZERO

    def _return(self, player: Any, dispute: Dispute, amount: Decimal) -> None:
        """A loss was smaller after all: what is owed is owed no more, then what was forgiven; the rest was paid."""
        for name in ("owed", "forgiven"):
            part = min(amount, getattr(dispute, name))
            dispute.shortfall -= part
            if name == "forgiven":
                dispute.forgiven -= part
            amount -= part
        to_wallet = min(amount, dispute.recovered + dispute.settled - dispute.aside)
        dispute.aside -= amount - to_wallet
        recovered = min(amount, dispute.recovered)
        dispute.recovered -= recovered
        dispute.shortfall -= amount - recovered
        dispute.settled -= amount - recovered
        self.move(LOSS, cash_of(player), to_wallet)
        self.move(LOSS, SUSPENSE, amount - to_wallet)

    def _gifts_of(self, payment: Payment) -> list[Gift]:
        """Where the contested money may be: in its own gift, or in any of own money since. Newest first."""
        found = [gift for gift in reversed(self.gifts) if gift.status == "done" and gift.line is None]
        if payment.gift or payment.state != "paid":
            return [gift for gift in found if gift is payment.gift]
        mine = [
            gift
            for gift in found
            if gift.donor == payment.player and gift.paid and gift.completed_at >= payment.confirmed_at
        ]
        return sorted(mine, key=lambda gift: (gift.completed_at, gift.key), reverse=True)

    def collect(self, player: Any) -> None:
        for owner, debt in self.debts:
            if owner == player:
                paid = min(debt.owed, self.available(cash_of(player)))
                if paid > ZERO:
                    self.move(cash_of(player), LOSS, paid)
                    debt.settled += paid

    def write_off(self, player: Any) -> None:
        for owner, debt in self.debts:
            if owner == player:
                debt.forgiven += debt.owed

    # Payouts --------------------------------------------------------------------------------------------------

    def is_contested(self, gift: Gift) -> bool:
        """Own money given after a payment that is contested now is not paid out."""
        return bool(gift.paid) and any(
            each.has_open_dispute and each.confirmed_at <= gift.completed_at
            for each in self.payments.values()
            if each.player == gift.donor and each.state == "paid"
        )

    def due(self, onlus: Any, now: datetime) -> tuple[list[tuple[Gift, Decimal]], list[tuple[Gift, Decimal]]]:
        own = [gift for gift in self.gifts if gift.onlus == onlus]
        lines = [
            (gift, gift.kept)
            for gift in own
            if gift.status == "done"
            and gift.line is None
            and gift.clears_at <= now
            and not self.is_contested(gift)
        ]
        return lines, [(gift, gift.claim) for gift in own if gift.claim]

    def prepare(self, onlus: Any, now: datetime, minimum: Decimal) -> Payout | None:
        lines, recoveries = self.due(onlus, now)
        amount = sum((part for _, part in [*lines, *recoveries]), ZERO)
        if amount <= ZERO or amount < minimum:
            return None
        payout = Payout(None, onlus, amount, lines, recoveries)
        for gift, part in lines:
            gift.line = part
        for gift, part in recoveries:
            gift.recovered += part
        self.held[owed_to(onlus)] += amount
        self.payouts.append(payout)
        return payout

    def order(self, payout: Payout) -> None:
        payout.status = "ordered"
        self.held[owed_to(payout.onlus)] -= payout.amount
        self.move(owed_to(payout.onlus), TRANSIT, payout.amount)

    def settle(self, payout: Payout) -> None:
        payout.status = "settled"
        self.move(TRANSIT, BANK, payout.amount)

    def give_up(self, payout: Payout) -> None:
        """Cancelled, rejected or returned: the money is owed again, and its lines count for nothing."""
        if payout.status == "held":
            self.held[owed_to(payout.onlus)] -= payout.amount
        if payout.status == "settled":
            self.move(BANK, TRANSIT, payout.amount)
        if payout.status in ("settled", "ordered"):
            self.move(TRANSIT, owed_to(payout.onlus), payout.amount)
        payout.status = "given up"
        for gift, _ in payout.lines:
            gift.line = None
        for gift, part in payout.recoveries:
            gift.recovered -= part
