"""Automatic giving: the share of the excess, once for every credit, and never against the player's settings."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Onlus, User
from donations.models import AutoDonation, Donation, Wallet
from donations.operations import auto_donation, giving, ledger
from donations.operations.refunds import refund_donation
from donations.queries.automatic import share
from donations.receivers import give_automatically as handler
from donations.tasks import give_automatically as sweep
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, balance, fund_pool, give_credits
from tests.factories.games import finished_session
from tests.threads import at_once, crowd

Outcome = AutoDonation.Outcome
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def onlus(db):
    return OnlusFactory()


@pytest.fixture
def alice(onlus):
    return with_settings(UserFactory(), onlus)


def with_settings(player, onlus, **columns):
    settings = {"auto_donation_enabled": True, "auto_donation_threshold": "50.00", "preferred_onlus": onlus}
    Wallet.objects.create(player=player, created_at=NOW, **settings | columns)
    return player


def look(player, **options):
    return auto_donation.give(player_id=player.pk, now=LATER, **options)


@pytest.mark.parametrize(
    ("balance", "threshold", "percentage", "amount"),
    [
        ("100.00", "50.00", 50, "25.00"),
        ("50.00", "50.00", 50, "0.00"),
        ("49.99", "50.00", 100, "0.00"),
        ("10.01", "10.00", 50, "0.01"),  # half a cent goes up, once
        ("10.01", "10.00", 49, "0.00"),
        ("0.33", "0.00", 100, "0.33"),
    ],
)
def test_the_share_is_of_the_excess_and_rounded_once(balance, threshold, percentage, amount):
    assert share(Decimal(balance), Decimal(threshold), percentage) == Decimal(amount)


@given(cents=st.integers(0, 10**8), threshold=st.integers(0, 10**8), percentage=st.integers(1, 100))
def test_the_share_never_touches_the_threshold(cents, threshold, percentage):
    balance, kept = Decimal(cents) / 100, Decimal(threshold) / 100

    given_away = share(balance, kept, percentage)

    assert given_away >= 0
    assert balance - given_away >= min(balance, kept)


def test_a_session_that_lifts_the_balance_over_the_threshold_gives(
    alice, onlus, django_capture_on_commit_callbacks
):
    fund_pool()
    give_credits(alice, "100.00")

    with django_capture_on_commit_callbacks(execute=True):
        session = finished_session(alice, minutes=10)

    donation = Donation.objects.get()
    assert (donation.amount, donation.origin, donation.onlus) == (Decimal("25.05"), "auto", onlus)
    assert balance(alice) == Decimal("75.05")
    seen = AutoDonation.objects.get()
    assert (seen.outcome, seen.donation, seen.transfer.cause_id) == (Outcome.DONATED, donation, session.pk)
    names = Event.objects.filter(name__in=["credits_earned", "donation_complete"]).order_by("pk")
    assert list(names.values_list("name", flat=True)) == ["credits_earned", "donation_complete"]


def test_the_answer_to_convert_session_tells_what_was_given(
    api, alice, onlus, django_capture_on_commit_callbacks
):
    fund_pool()
    give_credits(alice, "100.00")
    with django_capture_on_commit_callbacks(execute=True):
        session = finished_session(alice, minutes=10)
    api.force_authenticate(alice)

    update = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)}).json()["data"][
        "wallet_update"
    ]

    assert (update["amount_added"], update["new_balance"]) == (0.1, 75.05)
    assert update["auto_donation"] == {
        "eligible": True,
        "donated": True,
        "amount": 25.05,
        "transaction_id": str(Donation.objects.get().pk),
        "onlus_id": str(onlus.pk),
    }


def test_a_waiting_credit_gives_when_it_arrives(alice, django_capture_on_commit_callbacks):
    give_credits(alice, "100.00")
    with django_capture_on_commit_callbacks(execute=True):
        finished_session(alice, minutes=10)
    assert not Donation.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        fund_pool("200.00")

    assert Donation.objects.get().amount == Decimal("25.05")


def test_a_credit_is_looked_at_once_however_often_it_is_delivered(alice):
    credit = give_credits(alice, "100.00")

    for _ in range(3):
        handler(user_id=alice.pk, transfer_id=credit.pk, now=LATER)

    assert Donation.objects.get().amount == Decimal("25.00")
    assert look(alice, transfer_id=credit.pk).donation == Donation.objects.get()


def test_own_money_counts_and_is_spent_after_earned_credits(alice):
    give_credits(alice, "10.00")
    give_credits(alice, "90.00", kind=Kind.PLAYER_CASH)

    donation = look(alice).donation

    assert (donation.earned_amount, donation.paid_amount) == (Decimal("10.00"), Decimal("15.00"))
    assert balance(alice, Kind.PLAYER_CASH) == Decimal("75.00")


def test_at_the_threshold_nothing_is_left_to_give(alice):
    give_credits(alice, "50.00")

    assert look(alice) == auto_donation.Result(eligible=True, reason="calculation_failed")
    assert AutoDonation.objects.get().outcome == Outcome.NOTHING_TO_GIVE
    assert balance(alice) == Decimal("50.00")


@pytest.mark.parametrize("columns", [{"auto_donation_enabled": False}, {"auto_donation_threshold": "100.01"}])
def test_who_does_not_want_it_or_has_less_gives_nothing(onlus, columns):
    bob = with_settings(UserFactory(), onlus, **columns)
    give_credits(bob, "100.00")

    assert look(bob) == auto_donation.Result(eligible=False)
    assert not AutoDonation.objects.exists()
    assert balance(bob) == Decimal("100.00")


def test_who_has_no_settings_gives_nothing(db):
    give_credits(bob := UserFactory(), "100.00")

    assert look(bob) == auto_donation.Result(eligible=False)


def test_one_automatic_donation_is_at_most_ten_thousand(alice):
    give_credits(alice, "90000.00")

    assert look(alice).donation.amount == giving.LARGEST_DONATION


def test_a_frozen_wallet_is_left_alone(alice):
    give_credits(alice, "100.00")
    ledger.freeze_wallet(player_id=alice.pk, now=NOW)

    assert look(alice) == auto_donation.Result(eligible=False)
    assert sweep() == "0 donations"
    assert balance(alice) == Decimal("100.00")


def skipped():
    return list(Event.objects.filter(name="auto_donation_skipped").values_list("payload__reason", flat=True))


def test_a_suspended_organisation_is_skipped_and_the_player_told_once(alice, onlus):
    give_credits(alice, "100.00")
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.SUSPENDED)

    for _ in range(2):
        assert look(alice).reason == Outcome.NOT_ELIGIBLE

    assert skipped() == ["ONLUS_NOT_ELIGIBLE"]
    assert balance(alice) == Decimal("100.00")
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.ACTIVE)
    assert look(alice).donation is not None


def test_the_installations_default_receives_when_nobody_was_chosen(onlus, settings):
    settings.DEFAULT_ONLUS_ID = onlus.pk
    bob = with_settings(UserFactory(), None)
    give_credits(bob, "100.00")

    assert look(bob).donation.onlus == onlus


def test_without_anybody_to_give_to_nothing_leaves(db):
    bob = with_settings(UserFactory(), None)
    give_credits(bob, "100.00")

    assert look(bob).reason == Outcome.NOT_ELIGIBLE
    assert (skipped(), balance(bob)) == (["ONLUS_NOT_ELIGIBLE"], Decimal("100.00"))


def test_money_leaves_only_from_confirmed_addresses(onlus):
    bob = with_settings(UserFactory(email_verified_at=None), onlus)
    give_credits(bob, "100.00")

    assert look(bob).reason == Outcome.NOT_VERIFIED
    assert (skipped(), balance(bob)) == (["ACCOUNT_NOT_VERIFIED"], Decimal("100.00"))


# The sweep --------------------------------------------------------------------------------------------------------


def test_nothing_is_given_from_an_account_that_is_switched_off(alice):
    give_credits(alice, "100.00")
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert (sweep(), look(alice).eligible) == ("0 donations", False)

    assert balance(alice) == Decimal("100.00")
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert sweep() == "1 donations"


def test_the_sweep_finds_what_was_missed_and_gives_once(alice):
    give_credits(alice, "100.00")
    give_credits(UserFactory(), "100.00")

    assert [sweep(), sweep()] == ["1 donations", "0 donations"]
    assert balance(alice) == Decimal("75.00")


def test_the_sweep_comes_back_for_new_money_only(alice):
    give_credits(alice, "100.00")
    donation = look(alice).donation
    refund_donation(donation_id=donation.pk, cause="donor", now=LATER + timedelta(hours=1))
    assert auto_donation.sweep(now=LATER + timedelta(hours=2)) == 0

    give_credits(alice, "1.00", now=LATER + timedelta(hours=3))

    assert auto_donation.sweep(now=LATER + timedelta(hours=4)) == 1


def test_the_sweep_takes_a_hundred_the_longest_unseen_first(onlus, monkeypatch):
    monkeypatch.setattr(auto_donation, "SWEEP", 1)
    seen, unseen = (with_settings(UserFactory(), onlus) for _ in range(2))
    give_credits(seen, "100.00")
    look(seen)
    for player in (seen, unseen):
        give_credits(player, "100.00", now=LATER + timedelta(hours=1))

    auto_donation.sweep(now=LATER + timedelta(hours=2))

    assert (balance(unseen), balance(seen)) == (Decimal("75.00"), Decimal("175.00"))


@pytest.mark.race
def test_one_credit_delivered_by_many_at_once_gives_once(real_transactions):
    alice = with_settings(UserFactory(), OnlusFactory())
    credit = give_credits(alice, "100.00")

    def deliver(number):
        return look(alice, transfer_id=credit.pk).donation.pk

    results = at_once(crowd(on_postgresql=20, elsewhere=6), deliver)

    assert len(set(results)) == 1
    assert balance(alice) == Decimal("75.00")


@pytest.mark.race
def test_giving_by_hand_at_the_same_moment_never_breaks_the_threshold(real_transactions):
    """Whoever comes second sees what the first left."""
    onlus = OnlusFactory()
    ledger.onlus_account(onlus_id=onlus.pk, now=NOW)
    alice = with_settings(UserFactory(), onlus, auto_donation_percentage=100)
    give_credits(alice, "60.00")

    def act(number):
        if number % 2:
            return look(alice).donation
        return giving.donate(donor=alice, onlus_id=onlus.pk, amount=Decimal("5.00"), now=NOW)

    results = at_once(crowd(on_postgresql=16, elsewhere=6), act)

    assert not [result for result in results if isinstance(result, Exception)]
    automatic = [donation for donation in results if donation and donation.origin == Donation.Origin.AUTO]
    assert all(donation.remaining_balance >= Decimal("50.00") for donation in automatic)
