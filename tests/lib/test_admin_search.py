"""The search of the back office: what things are known by, within one's own rights, at a fixed cost."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from donations.models import Receipt
from donations.operations import receipts
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:search")


@pytest.fixture
def boss(client):
    staff = StaffFactory(email="boss@goodplay.example")
    client.force_login(staff)
    return staff


@pytest.fixture
def donation():
    donation = make_donation(UserFactory(email="luca@example.org"), OnlusFactory(name="Il Faro"))
    receipts.bring_in_line(donation_id=donation.pk, now=timezone.now())
    return donation


def page_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def test_one_row_is_opened_at_once_by_whatever_it_is_known_by(client, boss, donation):
    receipt = Receipt.objects.first()
    known = {
        str(donation.pk): donation,
        f"  {donation.pk}  ": donation,
        "LUCA@": donation.donor,
        "Il Faro": donation.onlus,
        receipt.reference: receipt,
        receipt.reference.lower().removeprefix("rcp-"): receipt,
        receipt.code.lower(): receipt,
        str(receipt.pk): receipt,
    }

    for words, row in known.items():
        assert client.get(PAGE, {"q": words}).url == page_of(row), words


def test_several_rows_are_listed_by_their_screens(client, boss):
    for number in range(12):
        UserFactory(email=f"anna{number}@example.org")

    (found,) = client.get(PAGE, {"q": "anna"}).context["found"]

    assert (len(found.rows), found.has_more) == (10, True)


@pytest.mark.parametrize(
    "words", ["", "   ", "an", "%", "_na", "nobody", "RCP-2026-1e9", "x" * 500, "\x00'; DROP", "é" * 60]
)
def test_words_that_lead_nowhere_say_what_can_be_searched(client, boss, words):
    UserFactory(email="anna@example.org")

    page = client.get(PAGE, {"q": words})

    assert (page.status_code, page.context["found"]) == (200, [])


def test_nobody_finds_what_they_may_not_see(client, donation):
    moderator = UserFactory(is_staff=True, email="mario@goodplay.example")
    moderator.groups.add(Group.objects.get(name="moderator"))
    client.force_login(moderator)

    assert client.get(PAGE, {"q": str(donation.pk)}).context["found"] == []
    assert client.get(PAGE, {"q": Receipt.objects.first().reference}).context["found"] == []
    assert client.get(PAGE, {"q": "luca@"}).url == page_of(donation.donor)


def test_outsiders_are_led_to_the_door(client, donation):
    client.force_login(UserFactory())

    assert client.get(PAGE, {"q": "luca"}).url.startswith("/admin/login/")


def test_the_cost_does_not_grow_with_the_rows(client, boss):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE, {"q": "anna"})
        return len(queries)

    for number in (1, 2):
        UserFactory(email=f"anna{number}@example.org")
    few = cost()
    for number in range(3, 9):
        UserFactory(email=f"anna{number}@example.org")

    assert cost() == few
