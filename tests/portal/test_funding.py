"""Requests for funding in the portal: owners and editors ask, everybody of the organisation follows."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import Onlus
from donations.models import AllocationRequest
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.allocation import make_giver, make_pool, make_request, run
from tests.portal.conftest import NOON

ANSWERS = {
    "title": "Trees for the school",
    "description": "Sixty young trees, and the people to plant them with the pupils of the town.",
    "amount": "250.00",
    "category": "environment",
    "urgency_level": "5",
    "priority": "3",
    "deadline": "2026-04-30",
    "annual_budget": "12000",
    "expected_impact": "",
}


def ask(client, onlus, **answers):
    return client.post(f"/portal/{onlus.pk}/funding/new/", ANSWERS | answers)


def test_a_member_asks_for_funding(portal, onlus, member):
    response = ask(portal, onlus)

    asked = AllocationRequest.objects.get()
    assert response.headers["Location"] == f"/portal/{onlus.pk}/funding/{asked.pk}/"
    assert (asked.onlus, asked.created_by, asked.amount, asked.status) == (
        onlus,
        member,
        Decimal("250.00"),
        "pending",
    )
    assert (asked.category_id, asked.urgency_level, asked.priority) == ("environment", 5, 3)
    assert asked.annual_budget == Decimal("12000.00")
    assert asked.deadline == datetime(2026, 4, 30, 22, tzinfo=UTC)  # when the day ends in Rome
    assert (asked.request_type, asked.created_at) == ("general", NOON)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"amount": "0"}, "greater than or equal to 0.01"),
        ({"amount": "1000000.01"}, "less than or equal to 1000000.00"),
        ({"amount": "1.001"}, "2 decimal places"),
        ({"description": "Too short."}, "at least 50 characters"),
        ({"title": ""}, "required"),
        ({"deadline": "2026-03-13"}, "lies in the past"),
        ({"priority": "6"}, "not one of the available"),
        ({"category": "nothing"}, "not one of the available"),
    ],
)
def test_what_cannot_be_asked_is_said_at_the_form(portal, onlus, answers, words):
    response = ask(portal, onlus, **answers)

    assert response.status_code == 422
    assert words in response.text
    assert not AllocationRequest.objects.exists()


def test_an_organisation_out_of_order_cannot_ask(portal, onlus):
    Onlus.objects.filter(pk=onlus.pk).update(bank_account_verified_at=None)

    assert (
        "bank account of the organisation is not verified" in portal.get(f"/portal/{onlus.pk}/funding/").text
    )
    response = ask(portal, onlus)

    assert response.status_code == 422
    assert not AllocationRequest.objects.exists()


def test_one_emergency_at_a_time(portal, onlus):
    ask(portal, onlus, priority="5")

    response = ask(portal, onlus, priority="5")

    assert response.status_code == 422
    assert "One at a time" in response.text
    assert [each.request_type for each in AllocationRequest.objects.all()] == ["emergency"]


def test_a_viewer_reads_and_does_not_ask(client, onlus):
    viewer = MembershipFactory(onlus=onlus, role="viewer").user
    asked = make_request(onlus=onlus, now=NOON)
    client.force_login(viewer)

    assert "Ask for funding" not in client.get(f"/portal/{onlus.pk}/funding/").text
    assert client.get(f"/portal/{onlus.pk}/funding/new/").status_code == 404
    assert ask(client, onlus).status_code == 404
    assert client.get(f"/portal/{onlus.pk}/funding/{asked.pk}/").status_code == 200
    client.post(f"/portal/{onlus.pk}/funding/{asked.pk}/withdraw/")

    asked.refresh_from_db()
    assert (asked.status, AllocationRequest.objects.count()) == ("pending", 1)


def test_somebody_elses_request_does_not_exist(portal, onlus):
    other = make_request(onlus=OnlusFactory(), now=NOON, title="Not yours")

    for place in (other.onlus.pk, onlus.pk):
        for path in (f"{other.pk}/", f"{other.pk}/withdraw/"):
            call = portal.post if "withdraw" in path else portal.get
            response = call(f"/portal/{place}/funding/{path}")
            assert response.status_code == 404
            assert "Not yours" not in response.text
    assert portal.get(f"/portal/{other.onlus.pk}/funding/").status_code == 404
    assert ask(portal, other.onlus).status_code == 404
    assert AllocationRequest.objects.get().status == "pending"


def test_a_request_can_be_withdrawn_until_it_is_funded(portal, onlus):
    first, second = make_request(onlus=onlus, now=NOON), make_request("5.00", onlus=onlus, now=NOON)

    portal.post(f"/portal/{onlus.pk}/funding/{first.pk}/withdraw/")
    make_giver("5.00", now=NOON)
    run(now=NOON)
    answer = portal.post(f"/portal/{onlus.pk}/funding/{second.pk}/withdraw/", follow=True)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("cancelled", "completed")
    assert "decided already" in answer.text


def test_the_page_explains_score_and_money_and_names_no_donor(portal, onlus):
    make_giver("30.00", now=NOON)
    pool = make_pool("100.00", now=NOON)
    asked = make_request("100.00", onlus=onlus, now=NOON)
    run(now=NOON)

    response = portal.get(f"/portal/{onlus.pk}/funding/{asked.pk}/")

    for words in ("Funded", "€100.00", "1 player", "€30.00", "€70.00", pool.sponsor.name, "67.00", "Season"):
        assert words in response.text
    assert "Player " not in response.text.replace("Players", "")
    assert response.context["given"]["donors"] == 1


def test_a_rejection_says_why(portal, onlus):
    asked = make_request(onlus=onlus, now=NOON, urgency_level=1)
    run(now=NOON)

    shown = portal.get(f"/portal/{onlus.pk}/funding/{asked.pk}/").text
    italian = portal.get(f"/portal/{onlus.pk}/funding/{asked.pk}/", headers={"accept-language": "it"})

    assert "The score is below 60. (51.00)" in shown
    assert italian.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_more_requests(portal, onlus, count, django_assert_num_queries):
    for _number in range(count):
        make_request(onlus=onlus, created_by=UserFactory(), now=NOON)

    with django_assert_num_queries(6):
        portal.get(f"/portal/{onlus.pk}/funding/")
