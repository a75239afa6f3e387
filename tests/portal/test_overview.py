from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import Onlus
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.portal.conftest import NOON


def page(client, onlus):
    return client.get(f"/portal/{onlus.pk}/")


def test_overview_sums_what_the_organisation_received(portal, onlus):
    alice, bruno = UserFactory(), UserFactory()
    make_donation(alice, onlus, "12.50", now=NOON)
    make_donation(alice, onlus, "2.00", now=NOON - timedelta(days=20))
    make_donation(bruno, onlus, "1.25", now=NOON - timedelta(days=60))
    make_donation(bruno, OnlusFactory(), "99.00", now=NOON)

    shown = page(portal, onlus).context["summary"]

    assert (shown.this_month, shown.last_month, shown.total) == (
        Decimal("12.50"),
        Decimal("2.00"),
        Decimal("15.75"),
    )
    assert (shown.donations, shown.donors) == (3, 2)


def test_months_begin_at_midnight_in_rome(portal, onlus):
    last_of_february = NOON.replace(month=2, day=28, hour=22, minute=59)
    make_donation(UserFactory(), onlus, "1.00", now=last_of_february)
    make_donation(UserFactory(), onlus, "2.00", now=last_of_february + timedelta(minutes=1))

    response = page(portal, onlus)

    assert response.context["summary"].this_month == Decimal("2.00")
    assert [bar["amount"] for bar in response.context["bars"]][-2:] == [Decimal("1.00"), Decimal("2.00")]


def test_what_was_taken_back_does_not_count(portal, onlus):
    kept = make_donation(UserFactory(), onlus, "3.00", now=NOON)
    refunded = make_donation(UserFactory(), onlus, "5.00", now=NOON)
    take_back(refunded, now=NOON)

    response = page(portal, onlus)

    assert response.context["summary"].total == Decimal("3.00")
    assert {row["id"]: row["status"] for row in response.context["latest"]} == {
        kept.pk: "completed",
        refunded.pk: "refunded",
    }


def test_bars_cover_twelve_months_and_are_also_a_table(portal, onlus):
    make_donation(UserFactory(), onlus, "4.00", now=NOON)
    make_donation(UserFactory(), onlus, "1.00", now=NOON - timedelta(days=31))
    make_donation(UserFactory(), onlus, "7.00", now=NOON - timedelta(days=400))

    response = page(portal, onlus)

    bars = response.context["bars"]
    assert [(bar["first"].isoformat(), bar["height"]) for bar in bars[-3:]] == [
        ("2026-01-01", 0),
        ("2026-02-01", 25),
        ("2026-03-01", 100),
    ]
    assert len(bars) == 12
    assert "March 2026</td>" in response.text


def test_a_new_organisation_learns_what_is_missing(portal, onlus):
    Onlus.objects.filter(pk=onlus.pk).update(
        status=Onlus.Status.UNDER_REVIEW, verified_at=None, bank_account_verified_at=None
    )

    response = page(portal, onlus)

    assert "No donations yet" in response.text
    assert "Received by month" not in response.text
    for word in ("Closed", "Being checked", "Not verified", "Under review"):
        assert word in response.text


@pytest.mark.parametrize("path", ["", "donations/", "donations.csv"])
def test_another_organisation_does_not_exist(portal, path):
    other = OnlusFactory(name="Somebody else's")
    make_donation(UserFactory(display_name="Donor of others"), other, "8.00", now=NOON)

    response = portal.get(f"/portal/{other.pk}/{path}")

    assert response.status_code == 404
    assert "Donor of others" not in response.text
    assert "Somebody else's" not in response.text
    assert portal.get(f"/portal/{uuid4()}/{path}").status_code == 404


def test_overview_speaks_italian(portal, onlus):
    make_donation(UserFactory(), onlus, "1234.50", now=NOON, is_anonymous=True)

    response = portal.get(f"/portal/{onlus.pk}/", headers={"accept-language": "it"})

    assert '<html lang="it">' in response.text
    for words in ("Ricevuto questo mese", "1.234,50\N{NO-BREAK SPACE}€", "Ambiente", "Anonimo"):
        assert words in response.text


def test_the_language_switch_stays(portal, onlus):
    address = f"/portal/{onlus.pk}/"

    switched = portal.post("/i18n/setlang/", {"language": "it", "next": address}, follow=True)

    assert switched.redirect_chain == [(address, 302)]
    assert "Panoramica" in switched.text
    assert "Panoramica" in portal.get(address).text


@pytest.mark.parametrize("count", [1, 3])
def test_overview_costs_seven_queries(portal, onlus, member, count, django_assert_num_queries):
    for _number in range(count):
        make_donation(UserFactory(), onlus, "1.00", now=NOON)
        MembershipFactory(user=member)

    with django_assert_num_queries(7):
        page(portal, onlus)
