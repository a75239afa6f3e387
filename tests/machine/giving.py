"""Play, gifts, and corrections by hand."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from donations.models import Bonus, DonationRefund, Funding, LedgerAccount, Review
from donations.models.ledger import system_account_id
from donations.operations import (
    adjustments,
    auto_donation,
    bonuses,
    giving,
    ledger,
    refunds,
    reviews,
    reward_pool,
)
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import new_id
from tests.machine.books import BANK, CENT, POOL, ZERO, Gift, cash_of, earned_by, half_up
from tests.machine.house import AMOUNTS, PARTS, PICKS, WEIGHTS, WHO, House, part_of, pick

Kind = LedgerAccount.Kind
KEPT = st.sampled_from(["0.00", "10.00", "25.00"]).map(Decimal)


class Giving(House):
    @rule(amount=AMOUNTS)
    def a_sponsor_pays_for_play(self, amount: Decimal) -> None:
        self.fund(amount, Funding.Purpose.REWARD_POOL)

    @rule(who=WHO, amount=AMOUNTS)
    def somebody_earns(self, who: int, amount: Decimal) -> None:
        self._earn(self.players[who], amount)

    @precondition(lambda self: self.books.waiting_credits)
    @rule()
    def who_waits_is_paid(self) -> None:
        reward_pool.pay_waiting(now=self.now)
        self.books.pay_waiting()
        self.commit()

    @initialize(earned=st.lists(st.tuples(WHO, AMOUNTS), max_size=3))
    def some_have_played(self, earned: list[tuple[int, Decimal]]) -> None:
        self.fund(Decimal("500.00"), Funding.Purpose.REWARD_POOL)
        for who, amount in earned:
            self._earn(self.players[who], amount)

    @rule(who=WHO, whom=WHO, amount=AMOUNTS)
    def somebody_gives(self, who: int, whom: int, amount: Decimal) -> None:
        self._give(self.players[who], self.onlus[whom], amount)

    @rule(who=WHO, amount=AMOUNTS)
    def somebody_gives_to_the_pool(self, who: int, amount: Decimal) -> None:
        player = self.players[who]
        made, code = self.tried(giving.give_to_pool, donor=player, pool_id=self.pool.pk, amount=amount)
        assert self.expected(self.books.split, player.pk, amount)[1] == code
        shares = dict(
            zip((onlus.pk for onlus in self.onlus), in_proportion(amount, WEIGHTS, self.onlus), strict=True)
        )
        assert {each.onlus_id: each.amount for each in made or []} == ({} if code else nonzero(shares))
        for donation in made or []:
            self.books.give(donation.pk, player.pk, donation.onlus_id, donation.amount, self.now)
        self.commit()

    @rule(who=WHO, whom=WHO, kept=KEPT, percentage=st.sampled_from([1, 33, 50, 100]))
    def automatic_giving_looks(self, who: int, whom: int, kept: Decimal, percentage: int) -> None:
        player, onlus = self.players[who], self.onlus[whom]
        wishes = {
            "auto_donation_enabled": True,
            "auto_donation_threshold": kept,
            "auto_donation_percentage": percentage,
            "preferred_onlus_id": onlus.pk,
        }
        auto_donation.change_settings(player=player, changes=wishes, now=self.now)
        donation = auto_donation.give(player_id=player.pk, now=self.now).donation
        amount = half_up((self.books.spendable(player.pk) - kept) * percentage / 100)
        gives = amount > ZERO and not self.books.is_frozen(player.pk)
        assert (donation is not None) == gives
        if donation is not None:
            assert donation.amount == amount
            self.books.give(donation.pk, player.pk, onlus.pk, amount, self.now)
        self.commit()

    @precondition(lambda self: any(gift.status in ("waiting", "done") for gift in self.books.gifts))
    @rule(number=PICKS)
    def a_donor_cancels(self, number: int) -> None:
        gift: Gift = pick(self.books.gifts, number)
        _, code = self.tried(refunds.cancel_donation, donor_id=gift.donor, donation_id=gift.key)
        assert self.expected(self.books.cancel, gift, self.now)[1] == code
        self.commit()

    @precondition(lambda self: self.books.gifts)
    @rule(number=PICKS, part=PARTS)
    def the_staff_give_a_gift_back(self, number: int, part: Any) -> None:
        gift: Gift = pick(self.books.gifts, number)
        amount = part_of(gift.amount, part)
        cause = DonationRefund.Cause.STAFF
        _, code = self.tried(
            refunds.refund_donation, donation_id=gift.key, cause=cause, amount=amount, requested_by=self.rita
        )
        assert self.expected(self.books.give_back, gift, amount)[1] == code
        self.commit()

    @precondition(lambda self: Review.objects.open().exists())
    @rule(number=PICKS, is_fine=st.booleans())
    def a_review_is_decided(self, number: int, is_fine: bool) -> None:
        review = pick(Review.objects.open().order_by("pk"), number)
        decide = reviews.release if is_fine else reviews.reject
        _, code = self.tried(decide, review=review, decided_by=self.rita, reason="Looked at it")
        if review.subject == "donation":
            gift = self.gift(review.subject_id)
            if gift.status == "waiting":
                self.books.carry_out(gift, self.now) if is_fine else self.books.abandon(gift)
            assert code == ""
        else:
            payment = self.books.payments[review.subject_id]
            plain = self.books.lift_review if is_fine else self.books.reject_top_up
            refund, refusal = self.expected(plain, payment)
            assert refusal == code
            self.name(refund, review.subject_id)
        self.commit()

    def name(self, refund: Any, payment_key: Any) -> None:
        """Note the refund of a payment. Machines that know of refunds keep its name."""
        raise AssertionError("nothing here refunds a payment")

    @rule(
        where=st.sampled_from(["credits", "cash", "pool", "bank"]),
        who=WHO,
        amount=AMOUNTS,
        direction=st.sampled_from(adjustments.Direction),
    )
    def an_account_is_set_right(self, where: str, who: int, amount: Decimal, direction: Any) -> None:
        player = self.players[who].pk
        name = {"credits": earned_by(player), "cash": cash_of(player), "pool": POOL, "bank": BANK}[where]
        account = self._account(name)
        _, code = self.tried(self._adjust, account=account, amount=amount, direction=direction)
        if code == "":
            self.books.adjust(name, amount, adds=direction == adjustments.Direction.ADD)
        else:
            assert direction == adjustments.Direction.TAKE
            assert self.books.refuses_to_take(name, amount)
        self.commit()

    def _give(self, player: Any, onlus: Any, amount: Decimal) -> None:
        made, code = self.tried(giving.donate, donor=player, onlus_id=onlus.pk, amount=amount)
        key = made and made.pk
        assert self.expected(self.books.give, key, player.pk, onlus.pk, amount, self.now)[1] == code
        self.commit()

    def _earn(self, player: Any, amount: Decimal) -> None:
        facts = {"player_id": player.pk, "source": Bonus.Source.TOURNAMENT, "cause_id": new_id()}
        for _ in range(2):  # the same cause again is the same bonus
            bonuses.grant(**facts, amount=amount, now=self.now)
        self.books.earn(player.pk, amount)
        self.commit()

    def _adjust(self, *, now: Any, **facts: Any) -> None:
        request = adjustments.request_adjustment(
            **facts, told="A correction", reason="An audit", requested_by=self.rita, now=now
        )
        try:
            approvals.approve(request=request, decided_by=self.ugo, now=now)
        except DomainError:
            approvals.cancel(request=request, cancelled_by=self.rita, now=now)
            raise

    def _account(self, name: Any) -> LedgerAccount:
        if isinstance(name, str):
            return LedgerAccount.objects.get(pk=system_account_id(name))
        kind, player = name
        return ledger.player_account(player_id=player, kind=Kind(kind), now=self.now)


def in_proportion(amount: Decimal, weights: Any, owners: Any) -> list[Decimal]:
    """Give everybody the whole cents of their part, then the odd cents to who lost most by that."""
    cents, whole = int(amount / CENT), sum(weights)
    parts = [cents * weight // whole for weight in weights]
    lost = [cents * weight % whole for weight in weights]
    order = sorted(range(len(parts)), key=lambda at: (-lost[at], str(owners[at].pk)))
    for at in order[: cents - sum(parts)]:
        parts[at] += 1
    return [part * CENT for part in parts]


def nonzero(shares: dict[Any, Decimal]) -> dict[Any, Decimal]:
    return {key: share for key, share in shares.items() if share}
