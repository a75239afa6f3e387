"""The matcher on an Italian month: nothing is found where nothing is wrong, and everything that is, by its name."""

import re
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from donations.reconciling.lines import BANK, PROVIDER, BreakClass, Line, Rule
from donations.reconciling.matching import reconcile
from goodplay.lib.time import day_start
from tests.reconciling.month import APRIL, INJECTIONS, found, make_month

ACCOUNTS = ("provider", "bank")
SEEDS = st.integers(0, 10**6)
MARKS = re.compile(r"^(ours-|bank-|txn_)|(-again|-[01])+$")


AT = day_start(APRIL) + timedelta(hours=12)


def keys(groups):
    return [line.key for lines in groups for line in lines]


def ours(key="ours", amount="10.00", **facts):
    return Line(key, Decimal(amount), **{"at": AT, **facts})


def theirs(key="theirs", amount="10.00", **facts):
    return ours(key, amount, **facts)


@given(seed=SEEDS)
@settings(max_examples=12, deadline=None)
def test_a_clean_month_has_no_break(seed):
    month = make_month(seed)

    for account in (month.provider, month.bank):
        outcome = account.reconciled()
        assert outcome.breaks == ()
        assert sorted(keys(match.ours for match in outcome.matches)) == sorted(keys([account.ours]))
        assert sorted(keys(match.theirs for match in outcome.matches)) == sorted(keys([account.theirs]))


@pytest.mark.parametrize("which", ACCOUNTS)
@pytest.mark.parametrize("name", INJECTIONS)
@given(seed=SEEDS)
@settings(max_examples=12, deadline=None)
def test_what_goes_wrong_is_found_and_named(name, which, seed):
    account = getattr(make_month(seed), which)
    expected = INJECTIONS[name](account, Random(seed))

    assert found(account.reconciled()) == {expected}


@given(seed=SEEDS)
@settings(max_examples=12, deadline=None)
def test_all_that_goes_wrong_in_one_month_is_found_and_named(seed):
    """Each class on both accounts; a line that is hit twice would have two names."""
    month, rng = make_month(seed, charges_a_day=20), Random(seed)

    for account in (month.provider, month.bank):
        expected, hit = set(), set()
        for inject in INJECTIONS.values():
            before = (list(account.ours), list(account.theirs))
            kind, keys = inject(account, rng)
            roots = {MARKS.sub("", key) for key in keys}
            if roots & hit:
                account.ours, account.theirs = before
                continue
            hit |= roots
            expected.add((kind, keys))
        assert found(account.reconciled()) == expected


# One by one ---------------------------------------------------------------------------------------------------------


def outcome_of(*sides, tolerance=PROVIDER):
    outcome = reconcile(*sides, tolerance=tolerance)
    matched = [(match.rule, keys([match.ours]), keys([match.theirs])) for match in outcome.matches]
    return matched, [each.kind for each in outcome.breaks]


@pytest.mark.parametrize(
    ("minutes", "amount", "confidence"),
    [
        (0, "10.00", "1.00"),
        (5, "10.00", "1.00"),
        (15, "10.00", "0.90"),
        (16, "10.00", "0.80"),
        (0, "9.99", "0.90"),
    ],
)
def test_confidence_adds_up_name_amount_and_time(minutes, amount, confidence):
    mine = ours(references=("pi_1",))
    seen = theirs(amount=amount, references=("pi_1",), at=AT + timedelta(minutes=minutes))

    (match,) = reconcile([mine], [seen], tolerance=PROVIDER).matches

    assert match.confidence == Decimal(confidence)


@pytest.mark.parametrize(("minutes", "matched"), [(15, True), (16, False)])
def test_without_a_name_the_time_decides(minutes, matched):
    seen = theirs(at=AT + timedelta(minutes=minutes))

    outcome = reconcile([ours()], [seen], tolerance=PROVIDER)

    assert [match.rule for match in outcome.matches] == [Rule.AMOUNT_AND_DATE]
    assert [each.kind for each in outcome.breaks] == ([] if matched else [BreakClass.DATE_SHIFT])


def test_a_cent_is_told_even_where_it_does_not_part_the_lines():
    assert outcome_of([ours()], [theirs(amount="10.01")]) == (
        [(Rule.AMOUNT_AND_DATE, ["ours"], ["theirs"])],
        [BreakClass.AMOUNT],
    )


def test_equal_amounts_under_different_names_are_not_the_same_movement():
    sides = [ours(references=("PAYOUT-1",))], [theirs(references=("PAYOUT-2",))]

    assert outcome_of(*sides) == ([], [BreakClass.MISSING, BreakClass.EXTRA])


def test_a_typo_in_a_name_is_forgiven_when_all_else_fits():
    sides = [ours(references=("GPPAYOUT2026110007",))], [theirs(references=("GPPAYOUT202611007",))]

    assert outcome_of(*sides, tolerance=BANK) == ([(Rule.LIKENESS, ["ours"], ["theirs"])], [])


def test_a_name_in_the_text_is_found_however_it_is_written():
    sides = [ours(references=("FATT-2026-17",))], [theirs(text="Saldo fatt.2026/17, grazie")]

    assert outcome_of(*sides, tolerance=BANK) == ([(Rule.TEXT, ["ours"], ["theirs"])], [])


def test_an_order_paid_as_one_leaves_the_part_the_bank_did_not_pay():
    parts = [ours(f"ours-{n}", f"-{n}0.00", references=(f"P{n}",), group="RUN-1") for n in (1, 2, 3)]

    assert outcome_of(parts, [theirs(amount="-40.00", group="RUN-1")], tolerance=BANK) == (
        [(Rule.GROUP, ["ours-1", "ours-3"], ["theirs"])],
        [BreakClass.MISSING],
    )


def test_a_settlement_told_in_parts_is_one_of_ours():
    seen = [theirs(f"theirs-{n}", f"{n}.00", group="po_1", references=(f"txn_{n}",)) for n in (4, 6)]

    assert outcome_of([ours(references=("po_1",))], seen) == (
        [(Rule.GROUP, ["ours"], ["theirs-4", "theirs-6"])],
        [],
    )


def test_sums_that_fit_in_two_ways_fit_in_none():
    seen = [theirs(f"theirs-{n}", amount) for n, amount in enumerate(("4.00", "6.00", "3.00", "7.00"))]

    assert outcome_of([ours()], seen) == ([], [BreakClass.MISSING] + [BreakClass.EXTRA] * 4)


def test_what_is_not_booked_is_not_missed_but_told_when_it_is_met():
    failed = ours(references=("pi_1",), state="failed")

    assert outcome_of([failed], []) == ([], [])
    assert outcome_of([failed], [theirs(references=("pi_1",))]) == ([], [BreakClass.STATUS])


def test_lines_around_the_period_are_met_but_never_judged():
    before = ours(references=("pi_1",), is_due=False)
    alone = theirs("alone", "3.00", references=("pi_2",), is_due=False)

    assert outcome_of([before], [theirs(amount="9.00", references=("pi_1",)), alone]) == (
        [(Rule.REFERENCE, ["ours"], ["theirs"])],
        [BreakClass.AMOUNT],
    )
    assert outcome_of([before], [alone]) == ([], [])


def test_a_second_telling_of_what_is_settled_is_a_duplicate():
    told = theirs(references=("pi_1",))

    outcome = reconcile([], [theirs("again", references=("pi_1",))], tolerance=PROVIDER, settled=[told])

    assert [each.kind for each in outcome.breaks] == [BreakClass.DUPLICATE]


@given(seed=SEEDS)
@settings(max_examples=12, deadline=None)
def test_the_order_of_the_lines_does_not_matter(seed):
    account, rng = make_month(seed).bank, Random(seed)
    for inject in INJECTIONS.values():
        inject(account, rng)
    before = account.reconciled()

    rng.shuffle(account.ours)
    rng.shuffle(account.theirs)

    assert account.reconciled() == before


@pytest.mark.parametrize("which", ["named", "unnamed", "lonely"])
def test_work_grows_with_the_lines_and_not_with_their_square(which):
    def pairs(count):
        facts = [{"references": (f"pi_{n}",)} if which == "named" else {} for n in range(count)]
        seen = [theirs(f"theirs-{n}", f"{n % 50}.00", **each) for n, each in enumerate(facts, start=1)]
        mine = [ours(f"ours-{n}", f"{n % 50}.00", **each) for n, each in enumerate(facts, start=1)]
        if which == "lonely":
            mine = [ours(f"ours-{n}", f"{n % 50}.50", lane="in") for n in range(count)]
        return reconcile(mine, seen, tolerance=PROVIDER).looked_at

    small, large = pairs(500), pairs(4000)

    assert large <= 8 * small * Decimal("1.1")
