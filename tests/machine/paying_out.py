"""Payouts, from the draft to the bank and back again."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from donations.bank.credit_transfers import read_pain001
from donations.bank.sandbox import Return
from donations.models import Funding, PayoutRun
from donations.models import Payout as PayoutRow
from donations.operations import payouts
from goodplay.lib.time import rome_day
from tests.factories.payouts import answer, exported, order_of, statement, take
from tests.machine.books import Payout
from tests.machine.house import AMOUNTS, PICKS, WHO, pick
from tests.machine.paying import Paying

MINIMUM = Decimal("10.00")
NO_BLAME = "MS03"
"""A bank's reason that says nothing against the account."""


def has(status: str) -> Any:
    return precondition(lambda self: any(each.status == status for each in self.books.payouts))


class PayingOut(Paying):
    @initialize(given=st.lists(st.tuples(WHO, WHO, AMOUNTS), min_size=1, max_size=4))
    def some_have_given(self, given: list[tuple[int, int, Decimal]]) -> None:
        self.fund(Decimal("500.00"), Funding.Purpose.REWARD_POOL)
        for who, whom, amount in given:
            self._earn(self.players[who], amount)
            self._give(self.players[who], self.onlus[whom], amount)

    @rule()
    def payouts_are_prepared(self) -> None:
        run = payouts.prepare_payouts(now=self.now)
        rows = {row.onlus_id: row for row in run.payouts.all()} if run else {}
        made = [self.books.prepare(onlus.pk, self.now, MINIMUM) for onlus in self.onlus]
        assert {each.onlus: each.amount for each in made if each} == {
            onlus: row.amount for onlus, row in rows.items()
        }
        for each in filter(None, made):
            each.key = rows[each.onlus].pk
        if run:
            self.runs[run.pk] = [each for each in made if each]
        self.commit()

    @has("held")
    @rule(number=PICKS)
    def a_run_is_ordered_at_the_bank(self, number: int) -> None:
        key, standing = self._run_with("held", number)
        contested = any(self.books.is_contested(gift) for each in standing for gift, _ in each.lines)
        _, code = self.tried(exported, run=PayoutRun.objects.get(pk=key))
        assert code == ("PAYOUT_NOT_PAYABLE" if contested else "")
        for each in [] if contested else standing:
            self.books.order(each)
        self.commit()

    @has("held")
    @rule(number=PICKS)
    def a_payout_is_cancelled(self, number: int) -> None:
        payout = self._with("held", number)
        payouts.cancel_payout(
            payout=self._row(payout), actor=self.rita, reason="Not this month", now=self.now
        )
        self.books.give_up(payout)
        self.commit()

    @has("ordered")
    @rule(number=PICKS)
    def the_bank_rejects_a_payout(self, number: int) -> None:
        payout = self._with("ordered", number)
        row = self._row(payout)
        if row.run.execute_on < rome_day(self.now):
            return  # the bank would not take the order at all
        content = answer(row.run, now=self.now, refuse={row.end_to_end_id: NO_BLAME})
        for _ in range(2):  # the same file again does nothing
            take(content, now=self.now)
        self.books.give_up(payout)
        self.commit()

    @has("ordered")
    @rule(number=PICKS)
    def the_bank_pays_a_run(self, number: int) -> None:
        key, ordered = self._run_with("ordered", number)
        run = PayoutRun.objects.get(pk=key)
        rest = run.payouts.exclude(pk__in=[each.key for each in ordered])
        refused = set(rest.values_list("end_to_end_id", flat=True)) & {
            line.end_to_end_id for line in read_pain001(order_of(run)).lines
        }
        content = statement(run, now=self.now, number=self._next_statement(), refused=refused)
        for _ in range(2):
            take(content, now=self.now)
        for each in ordered:
            self.books.settle(each)
        self.commit()

    @has("settled")
    @rule(number=PICKS)
    def a_payout_comes_back(self, number: int) -> None:
        payout = self._with("settled", number)
        row = self._row(payout)
        line = next(
            line for line in read_pain001(order_of(row.run)).lines if line.end_to_end_id == row.end_to_end_id
        )
        number_of_it = self._next_statement()
        content = statement(
            row.run, now=self.now, number=number_of_it, paid=[], returned=[Return(line, NO_BLAME)]
        )
        take(content, now=self.now)
        self.books.give_up(payout)
        self.commit()

    # The steps ------------------------------------------------------------------------------------------------------

    def _with(self, status: str, number: int) -> Payout:
        return pick([each for each in self.books.payouts if each.status == status], number)

    def _run_with(self, status: str, number: int) -> tuple[UUID, list[Payout]]:
        standing = {
            key: [each for each in payouts if each.status == status] for key, payouts in self.runs.items()
        }
        return pick([(key, rows) for key, rows in standing.items() if rows], number)

    def _row(self, payout: Payout) -> PayoutRow:
        return PayoutRow.objects.select_related("run").get(pk=payout.key)

    def _next_statement(self) -> int:
        self.statements = getattr(self, "statements", 0) + 1
        return self.statements
