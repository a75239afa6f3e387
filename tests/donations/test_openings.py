"""Opening balances: each euro of an old wallet is one balanced transfer, once."""

from decimal import Decimal

import pytest

from donations.models import LedgerAccount, OpeningBalance, Transfer, Wallet
from donations.operations import ledger, openings
from donations.operations.openings import Automatic, OldWallet, open_balance
from donations.queries.balances import balance_of
from donations.queries.books import contradictions
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW, give_credits

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


def old_wallet(earned="12.30", paid="5.00", **facts):
    amounts = {"earned_before": Decimal("20.00"), "donated_before": Decimal("2.70")} | facts
    return OldWallet(
        source_id="64a000000000000000000001",
        earned_amount=Decimal(earned),
        paid_amount=Decimal(paid),
        transactions_count=3,
        **amounts,
    )


def opened(player, old=None, automatic=None):
    return open_balance(player_id=player.pk, old=old or old_wallet(), automatic=automatic, now=NOW)


def nothing_moved():
    return (
        not Transfer.objects.exists() and not OpeningBalance.objects.exists() and not Wallet.objects.exists()
    )


def test_both_parts_are_booked_against_the_opening_account():
    player = UserFactory()

    opening = opened(player)

    kept = {account.kind: account.balance for account in LedgerAccount.objects.of_player(player.pk)}
    assert kept == {Kind.PLAYER_CREDITS: Decimal("12.30"), Kind.PLAYER_CASH: Decimal("5.00")}
    assert balance_of(ledger.system_account(Kind.OPENING)) == Decimal("-17.30")
    assert set(Transfer.objects.values_list("kind", "cause_id", "player_id")) == {
        ("opening", opening.pk, player.pk)
    }
    assert contradictions() == []
    assert not Event.objects.exists()


def test_an_empty_wallet_moves_nothing():
    player = UserFactory()

    opened(player, old_wallet("0.00", "0.00"))

    assert not Transfer.objects.exists()
    assert OpeningBalance.objects.get().player == player


def test_automatic_giving_stays_off_until_the_player_says_so():
    player = UserFactory()

    opened(player, automatic=Automatic(Decimal("30.00"), 25, None, True))

    wallet = Wallet.objects.get(player=player)
    assert (
        wallet.auto_donation_enabled,
        wallet.auto_donation_threshold,
        wallet.auto_donation_percentage,
    ) == (
        False,
        Decimal("30.00"),
        25,
    )


def test_the_player_sees_it_in_the_wallet(api):
    player = UserFactory()
    opened(player)
    api.force_authenticate(player)

    wallet = api.get("/api/wallet").json()["data"]
    rows = api.get("/api/wallet/transactions").json()["data"]["transactions"]

    assert (wallet["current_balance"], wallet["earned_balance"], wallet["paid_balance"]) == (17.3, 12.3, 5.0)
    assert sorted((row["type"], row["amount"], row["status"]) for row in rows) == [
        ("adjustment", 5.0, "completed"),
        ("adjustment", 12.3, "completed"),
    ]


def test_a_wallet_that_was_used_here_is_left_alone():
    player = UserFactory()
    give_credits(player, "1.00")

    with pytest.raises(openings.WalletInUse):
        opened(player)

    assert not OpeningBalance.objects.exists()
    assert balance_of(ledger.system_account(Kind.OPENING)) == 0


@pytest.mark.parametrize("wrong", [{"earned": "-0.01"}, {"paid": "-5.00"}, {"earned": "0.001"}])
def test_amounts_that_no_wallet_can_have_are_refused(wrong):
    with pytest.raises(openings.InvalidOpening):
        opened(UserFactory(), old_wallet(**wrong))

    assert nothing_moved()


@pytest.mark.unbalanced
def test_the_books_notice_an_opening_without_its_transfer():
    opening = OpeningBalance.objects.create(
        player=UserFactory(),
        source_id="a",
        earned_amount=Decimal("3.00"),
        paid_amount=Decimal("0.00"),
        earned_before=Decimal("3.00"),
        donated_before=Decimal("0.00"),
        transactions_count=1,
        created_at=NOW,
    )

    assert [(found.invariant, found.subject) for found in contradictions()] == [
        ("I17", f"opening {opening.pk}")
    ]


@pytest.mark.unbalanced
def test_the_books_notice_money_that_no_opening_brought():
    player = UserFactory()
    account = ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)
    cause = ledger.Cause(new_id(), new_id(), Transfer.Kind.OPENING, player.pk)
    transfer = ledger.move(
        debit=ledger.system_account(Kind.OPENING),
        credit=account,
        amount=Decimal("4.00"),
        cause=cause,
        now=NOW,
    )

    assert [(found.invariant, found.subject) for found in contradictions()] == [
        ("I17", f"transfer {transfer.pk}")
    ]


@pytest.mark.unbalanced
def test_the_books_notice_an_opening_that_was_held_and_posted():
    player = UserFactory()
    opening = opened(player, old_wallet(paid="0.00"))
    cause = ledger.Cause(opening.pk, opening.pk, Transfer.Kind.OPENING, player.pk)
    pending = ledger.hold(
        debit=ledger.system_account(Kind.OPENING),
        credit=ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CASH, now=NOW),
        amount=Decimal("4.00"),
        cause=cause,
        now=NOW,
    )

    row = ledger.post(pending=pending, now=NOW)

    assert [(found.invariant, found.subject) for found in contradictions()] == [("I17", f"transfer {row.pk}")]
