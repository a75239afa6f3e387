from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from donations.models import LedgerAccount, Transfer
from donations.operations import closing, ledger
from donations.queries.balances import balance_of
from donations.queries.books import contradictions
from goodplay.lib.db import StaleVersion
from goodplay.lib.ids import new_id
from goodplay.lib.money import split
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, balance, give_credits

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


def cause(player=None, kind=Transfer.Kind.ADJUSTMENT):
    return ledger.Cause(new_id(), uuid4(), kind, player.pk if player else None)


@pytest.fixture
def alice():
    player = UserFactory()
    give_credits(player, "10.00")
    return player


@pytest.fixture
def payable():
    return ledger.onlus_account(onlus_id=OnlusFactory().pk, now=NOW)


def credits_of(player):
    return ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)


def test_move_changes_the_stored_balance_and_its_version(alice, payable):
    account = credits_of(alice)

    ledger.move(debit=account, credit=payable, amount=Decimal("4.00"), cause=cause(alice), now=NOW)

    stored = credits_of(alice)
    assert (stored.balance, stored.version) == (Decimal("6.00"), account.version)
    assert balance_of(payable) == Decimal("4.00")


def test_move_refuses_more_than_is_there(alice, payable):
    with pytest.raises(ledger.InsufficientCredits):
        ledger.move(
            debit=credits_of(alice), credit=payable, amount=Decimal("10.01"), cause=cause(alice), now=NOW
        )

    assert balance(alice) == Decimal("10.00")
    assert balance_of(payable) == 0


def test_move_notices_that_the_account_moved_since_it_was_read(alice, payable):
    stale = credits_of(alice)
    ledger.move(debit=credits_of(alice), credit=payable, amount=Decimal("1.00"), cause=cause(alice), now=NOW)

    with pytest.raises(StaleVersion):
        ledger.move(debit=stale, credit=payable, amount=Decimal("1.00"), cause=cause(alice), now=NOW)

    assert balance(alice) == Decimal("9.00")


def test_players_do_not_pay_each_other(alice):
    other = UserFactory()
    give_credits(other, "1.00")

    with pytest.raises(ValueError, match="two players"):
        ledger.move(
            debit=credits_of(alice), credit=credits_of(other), amount=Decimal(1), cause=cause(alice), now=NOW
        )


def test_one_cause_moves_money_once(alice, payable):
    why = cause(alice)
    ledger.move(debit=credits_of(alice), credit=payable, amount=Decimal("1.00"), cause=why, now=NOW)

    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.move(debit=credits_of(alice), credit=payable, amount=Decimal("1.00"), cause=why, now=NOW)

    assert balance(alice) == Decimal("9.00")
    Transfer.objects.get(cause_id=why.cause_id)


def test_a_hold_keeps_money_from_being_spent_twice(alice, payable):
    ledger.hold(debit=credits_of(alice), credit=payable, amount=Decimal("7.00"), cause=cause(alice), now=NOW)

    with pytest.raises(ledger.InsufficientCredits):
        ledger.move(
            debit=credits_of(alice), credit=payable, amount=Decimal("3.01"), cause=cause(alice), now=NOW
        )

    assert balance(alice) == Decimal("10.00")
    assert credits_of(alice).available == Decimal("3.00")


def test_posting_a_part_moves_it_and_frees_the_rest(alice, payable):
    pending = ledger.hold(
        debit=credits_of(alice), credit=payable, amount=Decimal("7.00"), cause=cause(alice), now=NOW
    )

    ledger.post(pending=pending, amount=Decimal("5.00"), now=NOW)

    account = credits_of(alice)
    assert (account.balance, account.held) == (Decimal("5.00"), Decimal("0.00"))
    assert balance_of(payable) == Decimal("5.00")


@pytest.mark.parametrize("resolve", [ledger.void, ledger.expire])
def test_giving_up_a_hold_moves_nothing_and_happens_once(alice, payable, resolve):
    pending = ledger.hold(
        debit=credits_of(alice), credit=payable, amount=Decimal("7.00"), cause=cause(alice), now=NOW
    )

    resolve(pending=pending, now=NOW)

    for again in (ledger.void, ledger.expire, ledger.post):
        with pytest.raises(ledger.HoldAlreadyResolved):
            again(pending=pending, now=NOW)
    account = credits_of(alice)
    assert (account.balance, account.held) == (Decimal("10.00"), Decimal("0.00"))


def test_a_reversal_gives_back_and_never_too_much():
    player = UserFactory()
    bonus = give_credits(player, "3.00")

    ledger.reverse(transfer=bonus, amount=Decimal("2.00"), reason="entered twice", now=NOW)

    with pytest.raises(ledger.ReversalTooLarge):
        ledger.reverse(transfer=bonus, amount=Decimal("1.01"), reason="entered twice", now=NOW)
    assert balance(player) == Decimal("1.00")


def test_a_reversal_cannot_be_reversed():
    bonus = give_credits(UserFactory(), "3.00")
    back = ledger.reverse(transfer=bonus, reason="entered twice", now=NOW)

    with pytest.raises(ledger.ReversalTooLarge):
        ledger.reverse(transfer=back, reason="again", now=NOW)


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 1", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_a_transfer(alice, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(Transfer._meta.db_table))

    assert Transfer.objects.get(player=alice).amount == Decimal("10.00")


def test_the_database_itself_refuses_an_overdrawn_account(alice):
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerAccount.objects.filter(player=alice).update(balance=Decimal("-0.01"))

    assert balance(alice) == Decimal("10.00")


def test_a_hot_balance_is_its_snapshot_plus_the_tail(payable, alice):
    own = ledger.system_account(Kind.PLATFORM_FEES)
    tomorrow = NOW.replace(day=NOW.day + 1)
    closing.take_snapshots(now=tomorrow)
    give_credits(alice, "2.50", now=tomorrow)

    assert balance_of(own) == Decimal("-12.50")
    assert closing.take_snapshots(now=tomorrow) == 0


def test_seals_cover_every_finished_day_and_show_tampering(alice):
    three_days_later = NOW.replace(day=NOW.day + 3)

    assert closing.seal_days(now=three_days_later) == 3
    assert closing.seal_days(now=three_days_later) == 0
    assert contradictions() == []


@pytest.mark.unbalanced
def test_verify_books_names_what_is_wrong(alice):
    LedgerAccount.objects.filter(player=alice).update(balance=Decimal("11.00"))

    [found] = contradictions()

    assert found.invariant == "I1"
    assert "stores 11.00, transfers say 10.00" in found.detail


@settings(max_examples=200)
@given(
    cents=st.integers(0, 10**9),
    weights=st.dictionaries(st.integers(1, 50), st.integers(1, 1000), min_size=1, max_size=20),
)
def test_split_loses_no_cent_and_respects_weight(cents, weights):
    total = Decimal(cents) / 100

    shares = split(total, weights)

    assert sum(shares.values()) == total
    lightest_first = sorted(weights, key=lambda key: (weights[key], -key))
    assert [shares[key] for key in lightest_first] == sorted(shares.values())
