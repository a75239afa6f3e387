"""Corrections by hand: one asks, another approves, and no account goes below zero."""

from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from donations.models import LedgerAccount, Transfer
from donations.operations import adjustments, ledger, reward_pool
from donations.operations.adjustments import Direction, request_adjustment
from donations.queries.balances import balance_of
from donations.queries.books import contradictions
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from goodplay.lib.ids import new_id
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, balance, fund_pool, give_credits

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


def member_of(role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    return staff


@pytest.fixture
def bruno():
    return member_of("finance")


@pytest.fixture
def carla():
    return member_of("finance")


@pytest.fixture
def player():
    player = UserFactory(display_name="Luca")
    give_credits(player, "10.00")
    return player


def credits_of(player):
    return LedgerAccount.objects.get(player=player, kind=Kind.PLAYER_CREDITS)


def system(kind):
    return LedgerAccount.objects.get(kind=kind)


def ask(account, amount, direction=Direction.ADD, *, by, told="Sorry for the outage.", reason="Ticket 12."):
    return request_adjustment(
        account=account,
        amount=Decimal(amount),
        direction=direction,
        told=told,
        reason=reason,
        requested_by=by,
        now=NOW,
    )


def approve(asked, by):
    return approvals.approve(request=asked, decided_by=by, now=NOW)


def adjusted():
    return Transfer.objects.filter(kind=Transfer.Kind.ADJUSTMENT)


@pytest.mark.parametrize(
    ("direction", "amount", "left", "counter"),
    [(Direction.ADD, "5.25", "15.25", "-5.25"), (Direction.TAKE, "10.00", "0.00", "10.00")],
)
def test_a_wallet_is_adjusted_when_a_second_person_approves(
    player, bruno, carla, direction, amount, left, counter
):
    asked = ask(credits_of(player), amount, direction, by=bruno)
    assert balance(player) == Decimal("10.00")

    approve(asked, carla)

    assert balance(player) == Decimal(left)
    assert balance_of(system(Kind.ADJUSTMENT)) == Decimal(counter)
    [transfer] = adjusted()
    assert (transfer.amount, transfer.player, transfer.reason) == (
        Decimal(amount),
        player,
        "Sorry for the outage.",
    )
    asked.refresh_from_db()
    assert asked.result == {"transfer": str(transfer.pk), "balance_amount": left}


def test_the_request_says_what_will_be_done(player, bruno):
    asked = ask(credits_of(player), "3.00", Direction.TAKE, by=bruno)

    assert str(asked) == "Take €3.00 from “Player: earned credits” of Luca."
    assert asked.facts == {
        "direction": "take",
        "amount": "3.00",
        "account": "player_credits",
        "of": "Luca",
        "balance_amount": "10.00",
        "told": "Sorry for the outage.",
    }


def test_an_adjustment_is_on_the_trail_of_its_account(player, bruno, carla):
    approve(ask(credits_of(player), "5.00", by=bruno), carla)

    entry = AuditEntry.objects.get(action="account_adjust")
    assert (entry.actor, entry.target_id, entry.reason) == (carla, str(credits_of(player).pk), "Ticket 12.")
    assert (entry.before["balance"], entry.after["balance"]) == ("10.00", "15.00")


def test_nobody_adjusts_alone(player):
    boss = StaffFactory()
    asked = ask(credits_of(player), "5.00", by=boss)

    with pytest.raises(approvals.FourEyesRequired):
        approve(asked, boss)
    with pytest.raises(AccessDenied):
        approve(asked, member_of("analyst"))

    assert balance(player) == Decimal("10.00")
    assert not adjusted().exists()


def test_an_adjustment_is_made_once(player, bruno, carla):
    asked = ask(credits_of(player), "5.00", by=bruno)
    approve(asked, carla)

    with pytest.raises(approvals.AlreadyDecided):
        approve(asked, member_of("finance"))

    assert balance(player) == Decimal("15.00")


def test_no_more_is_taken_than_there_is(player, bruno):
    with pytest.raises(adjustments.NotEnoughInAccount):
        ask(credits_of(player), "10.01", Direction.TAKE, by=bruno)

    assert not ApprovalRequest.objects.exists()


def test_what_was_spent_meanwhile_is_not_taken(player, bruno, carla):
    asked = ask(credits_of(player), "10.00", Direction.TAKE, by=bruno)
    spend(player, "0.01")

    with pytest.raises(adjustments.NotEnoughInAccount):
        approve(asked, carla)

    asked.refresh_from_db()
    assert asked.state == "pending"
    assert balance(player) == Decimal("9.99")
    assert not adjusted().exists()


def spend(player, amount):
    account = ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)
    pool = ledger.system_account(Kind.REWARD_POOL)
    cause = ledger.Cause(new_id(), new_id(), Transfer.Kind.BONUS, player.pk)
    ledger.move(debit=account, credit=pool, amount=Decimal(amount), cause=cause, now=NOW)


def test_what_is_held_is_not_taken(player, bruno):
    account = ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)
    pool = ledger.system_account(Kind.REWARD_POOL)
    cause = ledger.Cause(new_id(), new_id(), Transfer.Kind.BONUS, player.pk)
    ledger.hold(debit=account, credit=pool, amount=Decimal("4.00"), cause=cause, now=NOW)

    with pytest.raises(adjustments.NotEnoughInAccount):
        ask(credits_of(player), "6.01", Direction.TAKE, by=bruno)

    assert ask(credits_of(player), "6.00", Direction.TAKE, by=bruno).is_pending


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "0.001", "1.005"])
def test_odd_amounts_are_refused(player, bruno, amount):
    with pytest.raises(adjustments.InvalidAdjustment):
        ask(credits_of(player), amount, by=bruno)

    assert not ApprovalRequest.objects.exists()


def test_a_player_is_told_something(player, bruno):
    with pytest.raises(adjustments.ExplanationRequired):
        ask(credits_of(player), "1.00", by=bruno, told="  ")

    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in adjustments.ADJUSTABLE])
def test_accounts_with_books_of_their_own_are_not_adjusted(bruno, kind):
    if kind == Kind.ONLUS_PAYABLE:
        account = ledger.onlus_account(onlus_id=OnlusFactory().pk, now=NOW)
    else:
        account = system(kind)

    with pytest.raises(adjustments.AccountNotAdjustable):
        ask(account, "1.00", by=bruno)

    assert not ApprovalRequest.objects.exists()


SYSTEM = [kind for kind in adjustments.ADJUSTABLE if not kind.startswith("player_")]


@pytest.mark.parametrize("kind", SYSTEM)
def test_a_system_account_is_adjusted_both_ways_and_never_below_zero(bruno, carla, kind):
    account = system(kind)
    before = balance_of(account)
    assert before == 0

    approve(ask(account, "8.00", by=bruno, told=""), carla)
    approve(ask(account, "3.00", Direction.TAKE, by=bruno, told=""), carla)
    with pytest.raises(adjustments.NotEnoughInAccount):
        ask(account, "5.01", Direction.TAKE, by=bruno, told="")

    owed = kind in (Kind.REWARD_POOL, Kind.PLATFORM_FEES)
    assert balance_of(account) == (Decimal("5.00") if owed else Decimal("-5.00"))
    assert balance_of(system(Kind.ADJUSTMENT)) == -balance_of(account)


def test_two_requests_cannot_empty_an_account_twice(bruno, carla):
    """The second was asked for while there was enough; it is refused when it is approved."""
    pool = system(Kind.REWARD_POOL)
    fund_pool("10.00")
    asked = ask(pool, "6.00", Direction.TAKE, by=bruno, told="")
    player = UserFactory()
    give_credits(player, "5.00", draws=True)

    with pytest.raises(adjustments.NotEnoughInAccount):
        approve(asked, carla)

    assert balance_of(pool) == Decimal("5.00")


def test_the_reward_pool_is_measured_again(bruno, carla, django_capture_on_commit_callbacks):
    cache.set(reward_pool.GAUGE, 100, 10)

    with django_capture_on_commit_callbacks(execute=True):
        approve(ask(system(Kind.REWARD_POOL), "8.00", by=bruno, told=""), carla)

    assert cache.get(reward_pool.GAUGE) is None


def test_the_player_sees_an_adjustment(api, player, bruno, carla):
    approve(ask(credits_of(player), "5.00", by=bruno), carla)
    api.force_authenticate(player)

    newest = api.get("/api/wallet/transactions").json()["data"]["transactions"][0]

    assert (newest["type"], newest["amount"], newest["reason"]) == (
        "adjustment",
        5.0,
        "Sorry for the outage.",
    )
    assert "Ticket 12." not in str(newest)
    assert api.get("/api/wallet").json()["data"]["current_balance"] == 15.0


@pytest.mark.unbalanced
def test_an_adjustment_nobody_approved_is_found(player, bruno):
    asked = ask(credits_of(player), "5.00", by=bruno)
    account = ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)
    cause = ledger.Cause(asked.pk, asked.pk, Transfer.Kind.ADJUSTMENT, player.pk)
    other = ledger.system_account(Kind.ADJUSTMENT)
    transfer = ledger.move(debit=other, credit=account, amount=Decimal("5.00"), cause=cause, now=NOW)

    assert [(each.invariant, each.subject) for each in contradictions()] == [
        ("I11", f"transfer {transfer.pk}")
    ]


@pytest.mark.unbalanced
def test_an_adjustment_of_another_amount_is_found(player, bruno, carla):
    asked = ask(credits_of(player), "5.00", by=bruno)
    approve(asked, carla)
    ApprovalRequest.objects.update(facts={**asked.facts, "amount": "50.00"})

    assert [each.detail for each in contradictions()] == ["is 5.00, 50.00 was approved"]


# The back office ------------------------------------------------------------------------------------------------


def page(account, do="change"):
    return reverse("admin:donations_ledgeraccount_changelist") + f"{account.pk}/{do}/"


FORM = {"direction": "take", "amount": "2.50", "told": "A correction.", "reason": "Ticket 12."}


def browser(staff):
    client = Client()
    client.force_login(staff)
    return client


def test_staff_ask_on_the_page_of_the_account(player, bruno):
    client, account = browser(bruno), credits_of(player)
    assert "second person" in client.get(page(account, "do/adjust")).text

    with time_machine.travel(NOW):
        answer = client.post(page(account, "do/adjust"), FORM, follow=True)

    told = [str(message) for message in answer.context["messages"]]
    assert told == ["Asked for. It is done when a second person approves."]
    asked = ApprovalRequest.objects.get()
    assert (asked.kind, asked.requested_by, asked.target_id) == ("adjustment", bruno, str(account.pk))
    assert (asked.facts["direction"], asked.facts["amount"]) == ("take", "2.50")
    assert AuditEntry.objects.get().address == "127.0.0.1"
    assert balance(player) == Decimal("10.00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "2.505"},
        {"amount": "NaN"},
        {"amount": "99.00"},
        {"direction": "both"},
        {"told": ""},
        {"reason": ""},
        {"reason": "no"},
    ],
    ids=str,
)
def test_what_is_filled_in_wrongly_is_asked_again(player, bruno, wrong):
    answer = browser(bruno).post(page(credits_of(player), "do/adjust"), {**FORM, **wrong})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize("role", ["analyst", "compliance", "admin"])
def test_who_may_only_look_does_not_ask(player, role):
    client, account = browser(member_of(role)), credits_of(player)

    assert client.get(page(account)).context["buttons"] == []
    assert client.post(page(account, "do/adjust"), FORM).status_code == 403
    assert not ApprovalRequest.objects.exists()


def test_accounts_that_are_not_adjusted_offer_no_button(bruno):
    account = ledger.onlus_account(onlus_id=OnlusFactory().pk, now=NOW)

    assert browser(bruno).get(page(account)).context["buttons"] == []
