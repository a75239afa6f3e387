"""Filters of a list kept under a name: one's own, or shared with one's role."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SavedFilter
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_onlus_changelist")
SAVE = reverse("admin:save_filters", args=["accounts", "onlus"])
THEN = datetime(2026, 3, 1, tzinfo=UTC)


def member(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def save(client, query="status__exact=active", name="Active", **more):
    return client.post(SAVE, {"query": query, "name": name, **more}, follow=True)


def names(client, address=LIST):
    """Read the names the menu offers."""
    return [each.name for each in client.get(address).context["saved_filters"]]


def kept():
    return list(SavedFilter.objects.order_by("name").values_list("name", "query", "role"))


def saved_by(user, name, role="", list_name="accounts.onlus"):
    return SavedFilter.objects.create(
        user=user, list=list_name, name=name, query="q=faro", role=role, created_at=THEN
    )


def test_what_is_chosen_is_kept_and_opens_the_same_list(client):
    client.force_login(StaffFactory())
    OnlusFactory(name="Il Faro", city="Trento")
    OnlusFactory(name="Il Faro spento", status="suspended")

    save(client, "q=faro&status__exact=active&o=-1&p=3", "  Active   lights ")

    [(name, query, role)] = kept()
    assert (name, query, role) == ("Active lights", "q=faro&status__exact=active&o=-1", "")
    page = client.get(LIST)
    assert f'href="?{query.replace("&", "&amp;")}"' in page.text
    shown = client.get(f"{LIST}?{query}")
    assert [row.name for row in shown.context["cl"].result_list] == ["Il Faro"]


@pytest.mark.parametrize(
    "query",
    ["", "p=2&_popup=1", "contact_email__startswith=a", "status__exact=a%00b", "created_at__gte=yesterday"],
)
def test_what_the_list_does_not_offer_is_not_kept(client, query):
    client.force_login(StaffFactory())

    page = save(client, query)

    assert kept() == []
    assert "Choose filters, search or order the list first" in page.text


def test_only_the_offered_part_is_kept(client):
    client.force_login(StaffFactory())

    save(client, "status__exact=active&members__password__startswith=a&nonsense=1")

    assert kept() == [("Active", "status__exact=active", "")]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\0b"])
def test_a_name_says_something_short(client, name):
    client.force_login(StaffFactory())

    page = save(client, name=name)

    assert kept() == []
    assert "A name has one to sixty characters." in page.text


def test_a_query_too_long_is_refused(client):
    client.force_login(StaffFactory())

    page = save(client, "q=" + "x" * 1000)

    assert kept() == []
    assert "too long to be saved" in page.text


def test_a_name_is_taken_once_by_a_person_on_a_list(client):
    alice, bob = StaffFactory(), StaffFactory()
    saved_by(alice, "Active", list_name="accounts.user")
    saved_by(bob, "Active")
    client.force_login(alice)
    save(client, "status__exact=active")

    page = save(client, "status__exact=suspended")

    mine = SavedFilter.objects.filter(user=alice, list="accounts.onlus")
    assert [each.query for each in mine] == ["status__exact=active"]
    assert "under this name already" in page.text
    with pytest.raises(IntegrityError), transaction.atomic():
        saved_by(alice, "Active")


def test_thirty_are_enough(client):
    alice = StaffFactory()
    for number in range(30):
        saved_by(alice, f"Number {number}")
    client.force_login(alice)

    page = save(client)

    assert SavedFilter.objects.count() == 30
    assert "Delete one first" in page.text


def test_ones_own_are_seen_by_nobody_else_and_shared_ones_by_the_role():
    alice, bob, charlie = member("finance"), member("finance"), member("admin")
    save(browser_of(alice), "status__exact=active", "Mine")
    save(browser_of(alice), "status__exact=suspended", "Ours", shared="1")

    shown = [names(browser_of(person)) for person in (alice, bob, charlie)]

    assert shown == [["Mine", "Ours"], ["Ours"], []]
    assert kept()[1] == ("Ours", "status__exact=suspended", "finance")


def test_what_somebody_shared_goes_with_them():
    alice, bob = member("finance"), member("finance")
    saved_by(alice, "Ours", role="finance")
    colleague = browser_of(bob)
    before = names(colleague)

    alice.is_active = False
    alice.save(update_fields=["is_active"])

    assert (before, names(colleague)) == (["Ours"], [])


def test_saved_filters_belong_to_one_list(client):
    alice = StaffFactory()
    saved_by(alice, "Active")
    client.force_login(alice)

    assert names(client) == ["Active"]
    assert names(client, reverse("admin:accounts_user_changelist")) == []


def test_without_a_role_nothing_is_shared(client):
    person = UserFactory(is_staff=True)
    from_nowhere = browser_of(person)

    refused = from_nowhere.post(SAVE, {"query": "q=a", "name": "All", "shared": "1"})

    assert refused.status_code == 403
    assert kept() == []


def test_only_lists_one_sees_take_filters(client):
    client.force_login(member("moderator"))

    answers = [
        client.post(reverse("admin:save_filters", args=target), {"query": "q=a", "name": "All"}).status_code
        for target in [("donations", "payoutrun"), ("accounts", "savedfilter"), ("no", "such")]
    ]

    assert answers == [403, 404, 404]
    assert kept() == []


def test_who_saved_them_deletes_them_and_nobody_else():
    alice, bob = member("finance"), member("finance")
    ours = saved_by(alice, "Ours", role="finance")
    address = reverse("admin:delete_filters", args=[ours.pk])

    strangers = browser_of(bob).post(address).status_code
    still = SavedFilter.objects.count()
    own = browser_of(alice).post(address)

    assert (strangers, still) == (404, 1)
    assert (own.status_code, own.url) == (302, LIST)
    assert kept() == []


def test_looking_at_a_page_changes_nothing(client):
    alice = StaffFactory()
    ours = saved_by(alice, "Ours")
    client.force_login(alice)

    answers = [client.get(SAVE), client.get(reverse("admin:delete_filters", args=[ours.pk]))]

    assert [answer.status_code for answer in answers] == [405, 405]
    assert SavedFilter.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_menu_costs_one_query(client, count):
    alice = StaffFactory()
    client.force_login(alice)
    client.get(LIST)
    for number in range(count):
        saved_by(alice, f"Number {number}")

    with CaptureQueriesContext(connection) as read:
        client.get(LIST)

    asked = [each["sql"] for each in read if "accounts_savedfilter" in each["sql"]]
    assert len(asked) == 1
