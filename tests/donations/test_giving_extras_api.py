"""Cancelling, checking, summing up, pools and campaigns over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from donations.models import Donation
from donations.operations.ledger import freeze_wallet
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.campaigns import make_campaign, make_offer, make_pool
from tests.factories.donations import NOW, balance, give_credits, make_donation

pytestmark = pytest.mark.django_db

GIVE = "/api/donations/create"


@pytest.fixture
def alice(api):
    user = UserFactory()
    api.force_authenticate(user)
    return user


def cancel(api, donation, **body):
    return api.post(f"/api/donations/{donation.pk}/cancel", body)


def test_a_donation_is_cancelled_once_and_shows_it(api, alice):
    donation = make_donation(alice, OnlusFactory(), "4.00", now=timezone.now())

    answer = cancel(api, donation, reason="Wrong amount")

    assert (answer.status_code, answer.json()["message"]) == (200, "DONATION_CANCELLED")
    data = answer.json()["data"]
    assert (data["status"], data["refunded_amount"], data["can_cancel"]) == ("refunded", 4.0, False)
    assert balance(alice) == Decimal("4.00")
    again = cancel(api, donation)
    assert (again.status_code, again.json()["message"]) == (409, "DONATION_CANNOT_BE_CANCELLED")
    assert balance(alice) == Decimal("4.00")


def test_nobody_cancels_for_somebody_else_or_too_late(api, alice):
    other = make_donation(UserFactory(), OnlusFactory(), "4.00", now=timezone.now())
    late = make_donation(alice, OnlusFactory(), "4.00", now=timezone.now() - timedelta(hours=25))

    answers = [cancel(api, other), cancel(api, late), cancel(api, late, reason="x" * 201)]

    assert [(answer.status_code, answer.json()["message"]) for answer in answers] == [
        (404, "TRANSACTION_NOT_FOUND"),
        (409, "DONATION_CANNOT_BE_CANCELLED"),
        (422, "CANCELLATION_REASON_TOO_LONG"),
    ]
    assert Donation.objects.completed().count() == 2


@pytest.mark.parametrize(
    ("amount", "valid", "left", "errors"),
    [(10, True, 0.0, []), ("9.99", True, 0.01, []), (10.01, False, 0.0, ["INSUFFICIENT_CREDITS"])],
)
def test_an_amount_is_checked_without_moving_it(api, alice, amount, valid, left, errors):
    give_credits(alice, "10.00")

    data = api.post("/api/donations/validate", {"amount": amount}).json()["data"]

    assert (data["is_valid"], data["current_balance"], data["remaining_balance"]) == (valid, 10.0, left)
    assert data["validation_errors"] == errors
    assert balance(alice) == Decimal("10.00")


def test_a_frozen_wallet_says_so(api, alice):
    give_credits(alice, "10.00")
    freeze_wallet(player_id=alice.pk, now=NOW)

    checked = api.post("/api/donations/validate", {"amount": 1}).json()["data"]
    given = api.post(GIVE, {"amount": 1, "onlus_id": str(OnlusFactory().pk)})

    assert checked["validation_errors"] == ["WALLET_FROZEN"]
    assert (given.status_code, given.json()["message"]) == (409, "WALLET_FROZEN")
    assert not Donation.objects.exists()


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({}, "DATA_REQUIRED"),
        ({"amount": 0}, "AMOUNT_MUST_BE_POSITIVE"),
        ({"amount": "0.001"}, "INVALID_AMOUNT"),
        ({"amount": 10000.01}, "DONATION_AMOUNT_TOO_LARGE"),
    ],
)
def test_odd_amounts_are_not_checked(api, alice, body, constant):
    assert api.post("/api/donations/validate", body).json()["message"] == constant


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("count", [1, 3])
def test_the_summary_is_the_donors_own_and_costs_four_queries(api, alice, count, django_assert_num_queries):
    onlus = OnlusFactory()
    make_offer(ratio=Decimal("0.50"))
    for _ in range(count):
        make_donation(alice, onlus, "3.00")
    make_donation(UserFactory(), onlus, "99.00")

    with django_assert_num_queries(4):
        answer = api.get("/api/donations/summary")

    assert answer.json()["message"] == "DONATION_SUMMARY_RETRIEVED_SUCCESS"
    data = answer.json()["data"]
    assert data == {
        "total_donated": 3.0 * count,
        "donation_count": count,
        "donation_ratio": 0.0,
        "avg_donation_amount": 3.0,
        "largest_donation": 3.0,
        "recent_donations_count": count,
        "organisations_count": 1,
        "matched_amount": 1.5 * count,
        "refunded_amount": 0.0,
        "preferred_causes": ["environment"],
        "impact_score": data["impact_score"],
    }


def test_a_donor_who_gave_nothing_has_a_summary_of_zeros(api, alice):
    data = api.get("/api/donations/summary").json()["data"]

    assert (data["total_donated"], data["avg_donation_amount"], data["preferred_causes"]) == (0.0, 0.0, [])


def test_a_pool_is_given_to_at_once(api, alice):
    first, second = OnlusFactory(), OnlusFactory()
    pool = make_pool({first: 1, second: 1})
    give_credits(alice, "5.01")

    answer = api.post(GIVE, {"amount": "5.01", "pool_id": str(pool.pk), "in_honour_of": "Nonna Ada"})

    data = answer.json()["data"]
    assert answer.status_code == 201
    assert sorted(each["amount"] for each in data["donations"]) == [2.5, 2.51]
    assert {each["in_honour_of"] for each in data["donations"]} == {"Nonna Ada"}
    assert (data["donation_amount"], data["remaining_balance"]) == (5.01, 0.0)


@pytest.mark.parametrize(
    ("extra", "status", "constant"),
    [
        (lambda: {"pool_id": str(OnlusFactory().pk)}, 404, "GIVING_POOL_NOT_FOUND"),
        (lambda: {"onlus_id": None}, 422, "DONATION_ONLUS_ID_REQUIRED"),
        (dict, 422, "DONATION_ONLUS_ID_REQUIRED"),
        (
            lambda: {"onlus_id": str(OnlusFactory().pk), "pool_id": str(make_pool({}).pk)},
            422,
            "GIVING_POOL_NOT_FOUND",
        ),
        (
            lambda: {
                "onlus_id": str(OnlusFactory().pk),
                "campaign_id": str(make_campaign(OnlusFactory()).pk),
            },
            422,
            "CAMPAIGN_NOT_RUNNING",
        ),
    ],
)
def test_receivers_that_make_no_sense_are_refused(api, alice, extra, status, constant):
    give_credits(alice, "5.00")

    answer = api.post(GIVE, {"amount": 1, **extra()})

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert (Donation.objects.count(), balance(alice)) == (0, Decimal("5.00"))


def test_a_campaign_gift_names_it_and_an_ended_one_takes_nothing(api, alice):
    onlus, now = OnlusFactory(), timezone.now()
    running = make_campaign(onlus, starts_at=now - timedelta(days=1))
    ended = make_campaign(onlus, starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    give_credits(alice, "5.00")

    def give(campaign):
        body = {"amount": 1, "onlus_id": str(onlus.pk), "campaign_id": str(campaign.pk)}
        return api.post(GIVE, body).json()

    assert give(running)["data"]["donation"]["campaign_id"] == str(running.pk)
    assert give(ended)["message"] == "CAMPAIGN_NOT_RUNNING"
    assert balance(alice) == Decimal("4.00")
