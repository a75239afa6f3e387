"""Payments: what the player does, what the provider does, and when GoodPlay hears of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from donations.models import PaymentIntent, PaymentRefund
from donations.operations import (
    payment_confirming,
    payment_debts,
    payment_exchange,
    payment_intents,
    payment_refunds,
    payment_repair,
)
from donations.payments.contract import DisputeStatus, RefundStatus, Status
from tests.machine import provider
from tests.machine.books import CENT, ZERO, Payment, Refund, half_up
from tests.machine.giving import Giving
from tests.machine.house import AMOUNTS, MOODS, PARTS, PAYMENTS, PICKS, WHO, part_of, pick

FEE, FIXED, OURS = Decimal("2.9"), Decimal("0.30"), Decimal("1")
METHODS = st.sampled_from(["pays", "pays", "pays", "pays", "declines", "asks", "slow", "nothing"])
ODD_CENTS = st.sampled_from([0, 0, 0, 0, -1, 500])
TOLD = st.sampled_from([True, True, False])


def fees_of(amount: Decimal) -> tuple[Decimal, Decimal]:
    return half_up(amount * FEE / 100) + FIXED, half_up(amount * OURS / 100)


def net_of(amount: Decimal) -> Decimal:
    return amount - sum(fees_of(amount))


def covering(net: Decimal) -> Decimal:
    """Return the first amount of which so much is left, tried cent by cent."""
    amount = net
    while net_of(amount) != net:
        amount += CENT
    return amount


def has_open_payments(self: Any) -> bool:
    return any(each.state == "open" for each in self.books.payments.values())


def has_debts(self: Any) -> bool:
    return any(self.books.debt(player.pk) for player in self.players)


def has_closed_payments(self: Any) -> bool:
    return any(each.state != "open" for each in self.books.payments.values())


def has_remotes(of: Callable[[provider.Remote], Any]) -> Any:
    return precondition(lambda self: any(of(each) for each in self.desk.remotes.values()))


def anything(remote: provider.Remote) -> bool:
    return True


def undecided(remote: provider.Remote) -> bool:
    return not remote.state.captured or remote.state.fee is None


def refundable(remote: provider.Remote) -> bool:
    return remote.left > ZERO


def refunded(remote: provider.Remote) -> bool:
    return any(each.status != RefundStatus.FAILED for each in remote.refunds.values())


def contestable(remote: provider.Remote) -> bool:
    return remote.left > ZERO and remote.state.captured == remote.state.amount


def contested(remote: provider.Remote) -> bool:
    return bool(remote.disputes)


def undecided_dispute(remote: provider.Remote) -> bool:
    return any(each.status == DisputeStatus.OPEN for each in remote.disputes.values())


class Paying(Giving):
    # The player -------------------------------------------------------------------------------------------------

    @initialize(
        paid=st.lists(st.tuples(WHO, PAYMENTS), min_size=1, max_size=3),
        given=st.lists(st.tuples(WHO, WHO, PAYMENTS), max_size=2),
    )
    def some_have_paid(self, paid: list[tuple[int, Decimal]], given: list[tuple[int, int, Decimal]]) -> None:
        for who, amount in paid:
            self._top_up(self.players[who], amount, "pays", "answers")
        for who, whom, amount in given:
            self._give_by_card(self.players[who], self.onlus[whom], amount, ZERO, True, "pays", "answers")

    @rule(who=WHO, amount=PAYMENTS, method=METHODS, mood=MOODS)
    def a_top_up_begins(self, who: int, amount: Decimal, method: str, mood: str) -> None:
        self._top_up(self.players[who], amount, method, mood)

    @rule(
        who=WHO,
        whom=WHO,
        amount=PAYMENTS,
        from_wallet=st.one_of(st.just(ZERO), AMOUNTS),
        cover_fees=st.booleans(),
        method=METHODS,
        mood=MOODS,
    )
    def a_gift_by_card_begins(
        self,
        who: int,
        whom: int,
        amount: Decimal,
        from_wallet: Decimal,
        cover_fees: bool,
        method: str,
        mood: str,
    ) -> None:
        player, onlus = self.players[who], self.onlus[whom]
        self._give_by_card(player, onlus, amount, from_wallet, cover_fees, method, mood)

    @precondition(has_open_payments)
    @rule(number=PICKS, method=METHODS, mood=MOODS)
    def the_player_pays(self, number: int, method: str, mood: str) -> None:
        self._confirm(self._payment(number, "open"), method, mood)

    @precondition(has_open_payments)
    @rule(number=PICKS, mood=MOODS)
    def the_player_gives_up(self, number: int, mood: str) -> None:
        payment = self._payment(number, "open")
        self.desk.mood = mood
        self.tried(payment_exchange.cancel, player=self._who(payment), intent_id=payment.key)
        self.commit()

    @precondition(has_closed_payments)
    @rule(number=PICKS, part=PARTS, mood=MOODS)
    def the_player_wants_it_back(self, number: int, part: Any, mood: str) -> None:
        payment = self._payment(number, "paid", "closed")
        amount = part_of(payment.amount, part)
        self.desk.mood = mood
        _, code = self.tried(
            payment_refunds.refund_own, player=self._who(payment), intent_id=payment.key, amount=amount
        )
        if payment.gift and payment.gift.status in ("waiting", "done"):
            assert code == "PAYMENT_PAID_A_DONATION"
        else:
            self._asked_back(self.expected(self.books.ask_back, payment, "new", amount), payment, code)
        self.commit()

    # The staff, and the jobs --------------------------------------------------------------------------------------

    @precondition(has_closed_payments)
    @rule(number=PICKS, part=PARTS, mood=MOODS)
    def the_staff_give_a_payment_back(self, number: int, part: Any, mood: str) -> None:
        payment = self._payment(number, "paid", "closed")
        amount = part_of(payment.amount, part)
        self.desk.mood = mood
        arguments = {
            "intent_id": payment.key,
            "staff": self.rita,
            "reason": "Asked by mail",
            "amount": amount,
        }
        _, code = self.tried(payment_refunds.refund_by_staff, **arguments)
        self._asked_back(self.expected(self.books.refund_by_staff, payment, "new", amount), payment, code)
        self.commit()

    @rule(
        job=st.sampled_from(
            [
                payment_repair.repair_stuck,
                payment_repair.expire_due,
                payment_repair.finish_refunds,
                payment_repair.learn_fees,
            ]
        ),
        mood=MOODS,
    )
    def a_job_looks_after_payments(self, job: Any, mood: str) -> None:
        self.desk.mood = mood
        job(now=self.now)
        written_off = PaymentIntent.objects.filter(error_code="PROVIDER_UNREACHABLE", status="failed")
        for key in written_off.values_list("pk", flat=True):
            self.books.close(self.books.payments[key])
        self.commit()

    @precondition(has_debts)
    @rule(who=WHO)
    def a_debt_is_collected(self, who: int) -> None:
        payment_debts.collect(player_id=self.players[who].pk, now=self.now)
        self.books.collect(self.players[who].pk)
        self.commit()

    @precondition(has_debts)
    @rule(who=WHO)
    def a_debt_is_forgiven(self, who: int) -> None:
        player = self.players[who]
        payment_debts.write_off(player=player, staff=self.rita, reason="Goodwill", now=self.now)
        self.books.write_off(player.pk)
        self.commit()

    @rule(hours=st.sampled_from([1, 25, 24 * 15]))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # The provider -------------------------------------------------------------------------------------------------

    @has_remotes(anything)
    @rule(number=PICKS)
    def a_notification_comes(self, number: int) -> None:
        self.hear_of(self._remote(number, anything).now)

    @has_remotes(anything)
    @rule(number=PICKS)
    def a_notification_is_overtaken(self, number: int) -> None:
        """Fetched before, booked after what came later."""
        remote = self._remote(number, anything)
        self.hear_of(pick(self.earlier.get(remote.key) or [remote.now], number))

    @has_remotes(undecided)
    @rule(number=PICKS, passes=st.booleans(), knows_fee=st.booleans(), cents=ODD_CENTS, is_told=TOLD)
    def the_bank_decides(self, number: int, passes: bool, knows_fee: bool, cents: int, is_told: bool) -> None:
        """Late, after the payment was given up here, of another amount than was asked for, or its fee at last."""
        remote = self._remote(number, undecided)
        if remote.state.captured:
            remote.become(Status.SUCCEEDED, fee=provider.fee_of(remote.state.captured))
        elif passes:
            amount = max(CENT, remote.state.amount + cents * CENT)
            remote.capture(amount, provider.fee_of(amount) if knows_fee else None)
        elif remote.state.status == Status.PROCESSING:
            remote.become(Status.FAILED, error_code="payment_failed")
        self._news_of(remote, is_told=is_told)

    @has_remotes(refundable)
    @rule(number=PICKS, part=PARTS, status=st.sampled_from(RefundStatus), is_told=TOLD)
    def a_refund_is_made_there(self, number: int, part: Any, status: RefundStatus, is_told: bool) -> None:
        remote = self._remote(number, refundable)
        provider.refund_there(remote, part_of(remote.left, part) or remote.left, status, self.now)
        self._news_of(remote, is_told=is_told)

    @has_remotes(refunded)
    @rule(number=PICKS, which=PICKS, is_done=st.booleans(), is_told=TOLD)
    def a_refund_ends(self, number: int, which: int, is_done: bool, is_told: bool) -> None:
        """Pending ones succeed or fail; one that succeeded may still come back."""
        remote = self._remote(number, refunded)
        standing = [each for each in remote.refunds.values() if each.status != RefundStatus.FAILED]
        refund = pick(standing, which)
        status = RefundStatus.SUCCEEDED if is_done else RefundStatus.FAILED
        remote.refunds[refund.provider_refund_id] = replace(refund, status=status)
        self._news_of(remote, is_told=is_told)

    @has_remotes(refundable)
    @rule(number=PICKS)
    def refunds_become_slow(self, number: int) -> None:
        remote = self._remote(number, refundable)
        remote.refunds_slowly = not remote.refunds_slowly

    @has_remotes(contestable)
    @rule(number=PICKS, part=PARTS, is_told=TOLD)
    def a_payment_is_contested(self, number: int, part: Any, is_told: bool) -> None:
        remote = self._remote(number, contestable)
        provider.dispute_there(remote, part_of(remote.left, part) or remote.left, self.now)
        self._news_of(remote, is_told=is_told)

    @has_remotes(contested)
    @rule(number=PICKS, which=PICKS, part=PARTS, is_won=st.booleans(), is_told=TOLD)
    def a_dispute_is_decided(self, number: int, which: int, part: Any, is_won: bool, is_told: bool) -> None:
        """Won, lost, lost in part, or decided once more."""
        remote = self._remote(number, contested)
        dispute = pick(remote.disputes.values(), which)
        if dispute.amount <= remote.left_but(dispute):
            lost = ZERO if is_won else part_of(dispute.amount, part) or dispute.amount
            status = DisputeStatus.WON if is_won else DisputeStatus.LOST
            decided = replace(dispute, status=status, lost_amount=lost)
            remote.disputes[dispute.provider_dispute_id] = decided
        self._news_of(remote, is_told=is_told)

    @has_remotes(undecided_dispute)
    @rule(number=PICKS, part=PARTS, is_told=TOLD)
    def more_or_less_is_contested(self, number: int, part: Any, is_told: bool) -> None:
        remote = self._remote(number, undecided_dispute)
        dispute = next(each for each in remote.disputes.values() if each.status == DisputeStatus.OPEN)
        whole = remote.left_but(dispute)
        resized = replace(dispute, amount=part_of(whole, part) or whole)
        remote.disputes[dispute.provider_dispute_id] = resized
        self._news_of(remote, is_told=is_told)

    # The steps ------------------------------------------------------------------------------------------------------

    def _top_up(self, player: Any, amount: Decimal, method: str, mood: str) -> None:
        self.desk.mood = mood
        self.tried(payment_intents.start_top_up, player=player, amount=amount)
        payment = self._take_up(player, amount, None)
        self.commit()
        self._confirm(payment, method)

    def _give_by_card(
        self,
        player: Any,
        onlus: Any,
        amount: Decimal,
        from_wallet: Decimal,
        cover_fees: bool,
        method: str,
        mood: str,
    ) -> None:
        self.desk.mood = mood
        charged = covering(amount) if cover_fees else amount
        _, code = self.tried(
            payment_intents.start_gift_payment,
            donor=player,
            onlus_id=onlus.pk,
            amount=amount + from_wallet,
            from_wallet=from_wallet,
            cover_fees=cover_fees,
        )
        made = self._new_intent()
        key = made and made.donation_id
        gift, refusal = self.expected(
            self.books.promise, key, player.pk, onlus.pk, from_wallet, net_of(charged)
        )
        assert refusal in ("", code)
        assert (made is None) == (gift is None)
        if made is not None:
            payment = self._take_up(player, charged, gift)
            self.commit()
            self._confirm(payment, method)

    def _confirm(self, payment: Payment, method: str, mood: str = "answers") -> None:
        if method == "nothing":
            return
        self.desk.mood = mood
        self.tried(
            payment_confirming.confirm, player=self._who(payment), intent_id=payment.key, method=method
        )
        self.commit()

    def _take_up(self, player: Any, amount: Decimal, gift: Any) -> Payment:
        intent = self._new_intent()
        fee, platform = fees_of(amount)
        assert (intent.amount, intent.processing_fee, intent.platform_fee) == (amount, fee, platform)
        payment = Payment(intent.pk, player.pk, amount, net_of(amount), fee, platform, gift)
        self.books.payments[intent.pk] = payment
        return payment

    def _new_intent(self) -> Any:
        return PaymentIntent.objects.exclude(pk__in=self.books.payments).first()

    def _payment(self, number: int, *states: str) -> Payment:
        return pick([each for each in self.books.payments.values() if each.state in states], number)

    def _who(self, payment: Payment) -> Any:
        return next(player for player in self.players if player.pk == payment.player)

    def _remote(self, number: int, of: Callable[[provider.Remote], Any]) -> provider.Remote:
        return pick([each for each in self.desk.remotes.values() if of(each)], number)

    def _news_of(self, remote: provider.Remote, *, is_told: bool) -> None:
        self.earlier.setdefault(remote.key, []).append(remote.now)
        if is_told:
            self.hear_of(remote.now)

    @property
    def earlier(self) -> dict[str, list[Any]]:
        return self.__dict__.setdefault("_earlier", {})

    def _asked_back(self, plain: tuple[Refund | None, str], payment: Payment, code: str) -> None:
        refund, refusal = plain
        if refusal:
            assert refusal == code
        else:
            assert code in ("", "PAYMENT_PROVIDER_ERROR")
        self.name(refund, payment.key)

    def name(self, refund: Refund | None, payment_key: Any) -> None:
        if refund is not None:
            own = PaymentRefund.objects.filter(intent=payment_key, is_ours=True).order_by("pk")
            refund.own_key = str(own.last().pk)
