"""The machine's house: an example is a transaction that is rolled back, and after each step both books are compared."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from donations.models import Donation, Funding, PaymentIntent, PaymentProvider
from donations.operations import funding, payment_exchange, payment_repair
from donations.queries.books import contradictions
from goodplay.lib.errors import DomainError
from goodplay.lib.time import rome_day
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.campaigns import make_offer, make_pool, make_sponsor
from tests.factories.payouts import IBANS, make_account
from tests.factories.risk import hold_from
from tests.machine import provider
from tests.machine.books import CENT, CLEARING, ZERO, Books, Gift, Payment, Payout, Refused, cash_of
from tests.machine.ledger import balances, present

BEGINNING = datetime(2026, 3, 4, 12, tzinfo=UTC)
REVIEW_GIFTS_FROM, REVIEW_TOP_UPS_FROM = Decimal("60.00"), Decimal("90.00")
# All proofs take longer than all else in a step: what they would find, they still find at the end of the example.
AUDITED_EVERY = int(os.environ.get("MONEY_MACHINE_AUDITED_EVERY", "20"))
CAP = Decimal("40.00")
WEIGHTS = (2, 1)

WHO = st.integers(0, 1)
PICKS = st.integers(0, 9)
AMOUNTS = st.one_of(
    st.sampled_from(["0.01", "1.00", "10.00", "33.33", "60.00", "100.00"]).map(Decimal),
    st.integers(1, 12_000).map(lambda cents: cents * CENT),
)
PAYMENTS = st.one_of(
    st.sampled_from(["1.00", "20.00", "50.00", "90.00"]).map(Decimal),
    st.integers(100, 12_000).map(lambda cents: cents * CENT),
)
MOODS = st.sampled_from([*["answers"] * 6, "is away", "loses its answer", "refuses"])
PARTS = st.sampled_from([None, None, Fraction(1, 3), Fraction(1, 2), Fraction(99, 100)])

PAYMENT_STATES = {
    **dict.fromkeys(PaymentIntent.OPEN, "open"),
    **dict.fromkeys(PaymentIntent.PAID, "paid"),
    "failed": "closed",
    "cancelled": "closed",
}
GIFT_STATES = {
    "pending": "waiting",
    "completed": "done",
    "refunded": "given back",
    "failed": "closed",
    "cancelled": "closed",
}


def part_of(amount: Decimal, part: Fraction | None) -> Decimal | None:
    """Return so much of the amount, at least a cent; None for all of it."""
    return None if part is None else max(CENT, int(amount / CENT * part.numerator / part.denominator) * CENT)


def pick(rows: Any, number: int) -> Any:
    rows = list(rows)
    return rows[number % len(rows)] if rows else None


class House(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self._example = transaction.atomic()
        self._example._from_testcase = True  # operations marked durable run inside, as in Django's TestCase
        self._example.__enter__()
        cache.clear()
        self.now = BEGINNING
        self.desk = provider.furnish()
        self.books = Books(review_gifts_from=REVIEW_GIFTS_FROM, review_top_ups_from=REVIEW_TOP_UPS_FROM)
        self.runs: dict[UUID, list[Payout]] = {}
        self.steps = 0
        self.open_the_house()

    def open_the_house(self) -> None:
        self.players = UserFactory.create_batch(2)
        self.onlus = OnlusFactory.create_batch(2)
        for onlus, iban in zip(self.onlus, IBANS, strict=False):
            make_account(onlus, iban, now=self.now - timedelta(days=30))
        self.rita, self.ugo = StaffFactory(), StaffFactory()
        self.provider = PaymentProvider.objects.create(
            name="memory",
            provider_type="sandbox",
            health_status=PaymentProvider.Health.HEALTHY,
            processing_fee_percentage=Decimal("2.90"),
            processing_fee_fixed=Decimal("0.30"),
            priority=99,
        )
        for subject, amount in (("donation", REVIEW_GIFTS_FROM), ("top_up", REVIEW_TOP_UPS_FROM)):
            hold_from(subject, amount)
        self.sponsor = make_sponsor("Fondazione Aurora")
        self.fund(CAP, Funding.Purpose.MATCHING)
        make_offer(cap=CAP, sponsor=self.sponsor, ratio=Decimal("0.50"), starts_at=BEGINNING)
        self.books.match_left = CAP
        self.pool = make_pool(dict(zip(self.onlus, WEIGHTS, strict=True)))

    def teardown(self) -> None:
        try:
            self.learn_everything()
        finally:
            self.close()

    def close(self) -> None:
        transaction.set_rollback(True)
        self._example.__exit__(None, None, None)
        cache.clear()

    # Doing ------------------------------------------------------------------------------------------------------

    def fund(self, amount: Decimal, purpose: Funding.Purpose) -> None:
        funding.record_funding(
            sponsor=self.sponsor,
            amount=amount,
            purpose=purpose,
            received_on=rome_day(self.now),
            bank_reference=str(uuid4()),
            recorded_by=None,
            now=self.now,
        )
        self.books.fund(amount, for_play=purpose == Funding.Purpose.REWARD_POOL)
        self.commit()

    def tried(self, operation: Callable[..., Any], **arguments: Any) -> tuple[Any, str]:
        """Do it, and return what it made and the code of its refusal."""
        try:
            return operation(**arguments, now=self.now), ""
        except DomainError as error:
            return None, error.code

    def expected(self, plain: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, str]:
        """Do it in the plain books, likewise."""
        try:
            return plain(*arguments, **options), ""
        except Refused as refused:
            return None, str(refused)

    def commit(self) -> None:
        """Do what waits for the commit, and take into the plain books what the provider said meanwhile."""
        while connection.run_on_commit:
            _savepoints, callback, is_robust = connection.run_on_commit.pop(0)
            try:
                callback()
            except DomainError:
                if not is_robust:
                    raise
        self.listen()
        self.desk.mood = "answers"
        self.now += timedelta(seconds=1)

    def listen(self) -> None:
        for told in self.desk.listen():
            if told.payment is not None:
                payment = self.books.payments[UUID(told.payment.reference)]
                self.books.hear(payment, told.payment, self.now)
            elif told.refund is not None:
                self.books.hear_refund(self.payment_of(told.refund_key), told.refund, told.refund_key)
            elif UUID(told.refused) in self.books.payments:
                self.books.close(self.books.payments[UUID(told.refused)])
            else:
                [refund] = [
                    each
                    for each in self.payment_of(told.refused).refunds
                    if each.own_key == told.refused and each.status == "pending"
                ]
                self.books.refund_failed(refund)

    def payment_of(self, refund_key: str) -> Payment:
        return next(
            payment
            for payment in self.books.payments.values()
            if any(each.own_key == refund_key for each in payment.refunds)
        )

    def gift(self, key: Any) -> Gift:
        return next(gift for gift in self.books.gifts if gift.key == key)

    # Comparing --------------------------------------------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        balance, held, frozen = balances()
        assert balance == present(self.books.balance)
        assert held == present(self.books.held)
        assert {owner for (_, owner), is_frozen in frozen.items() if is_frozen} == {
            owner for _, owner in frozen if self.books.is_frozen(owner)
        }
        self.steps += 1
        if self.steps % AUDITED_EVERY == 0:
            assert contradictions() == []

    @invariant()
    def states_agree(self) -> None:
        payments = dict(PaymentIntent.objects.values_list("pk", "status"))
        assert {key: PAYMENT_STATES[status] for key, status in payments.items()} == {
            key: payment.state for key, payment in self.books.payments.items()
        }
        gifts = dict(Donation.objects.values_list("pk", "status"))
        assert {key: GIFT_STATES[status] for key, status in gifts.items()} == {
            gift.key: gift.status for gift in self.books.gifts
        }

    @invariant()
    def nobody_has_money_from_nowhere(self) -> None:
        """Whatever happened: own money is what was paid, less what went back, was lost or was given."""
        assert sum(self.books.balance.values(), ZERO) == ZERO
        for player in self.players:
            paid = [each for each in self.books.payments.values() if each.player == player.pk]
            brought = sum((each.net for each in paid if each.state == "paid"), ZERO)
            back = sum((r.wallet for p in paid for r in p.refunds if r.status == "done"), ZERO)
            lost = sum((dispute.lost - dispute.aside for p in paid for dispute in p.disputes.values()), ZERO)
            unpaid = sum(
                (debt.owed + debt.forgiven for owner, debt in self.books.debts if owner == player.pk), ZERO
            )
            given = sum(
                (g.paid - g.paid_back for g in self.books.gifts if g.donor == player.pk and g.completed_at),
                ZERO,
            )
            owned = brought - back - lost + unpaid - given + self.books.adjusted[cash_of(player.pk)]
            assert self.books.balance[cash_of(player.pk)] == owned

    def learn_everything(self) -> None:
        """In the end GoodPlay hears of everything: then it and the provider agree on every cent between them."""
        self.desk.mood = "answers"
        for _ in range(2):
            for remote in self.desk.remotes.values():
                self.hear_of(remote.now)
            self.now += timedelta(minutes=30)
            payment_repair.finish_refunds(now=self.now)
            self.commit()
        self.the_books_agree()
        assert contradictions() == []
        assert self.books.balance[CLEARING] == -self.desk.money

    def hear_of(self, state: Any) -> None:
        """Take a state as a notification brings it: fetched earlier, perhaps, than others that came first."""
        intent = PaymentIntent.objects.select_related("provider", "saved_method").get(pk=state.reference)
        self.desk.told.append(provider.Told(payment=state))
        self.tried(payment_exchange.bring_in_line, intent=intent, state=state, source="webhook")
        self.commit()
