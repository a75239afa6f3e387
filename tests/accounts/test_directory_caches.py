"""The directory is kept for a while: asked again it costs less, a change shows at once, and nobody's own is in it."""

import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from accounts.caches import CATEGORIES, FEATURED, NAMES, STATISTICS
from accounts.models import Onlus
from accounts.operations import onlus as registry
from accounts.operations import profile_page, standing
from donations.operations import assessments
from tests.factories.accounts import THEN, MembershipFactory, OnlusFactory, StaffFactory

pytestmark = pytest.mark.django_db
HOME = "/api/onlus/organizations"
FEATURED_LIST, SEARCH = f"{HOME}/featured", f"{HOME}/search?q=amici"
CATEGORY_LIST, SUMS = "/api/onlus/categories", "/api/onlus/statistics"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def onlus():
    return OnlusFactory(name="Amici", featured_until=NOW + DAY, description="Old words")


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """`with committed():` commits as far as caches and events can tell."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def told(api, address):
    return api.get(address).json()["data"]


@pytest.mark.parametrize(
    ("address", "first", "second"),
    [(FEATURED_LIST, 2, 1), (CATEGORY_LIST, 1, 0), (SUMS, 3, 0), (SEARCH, 3, 2)],
)
def test_the_second_ask_costs_less_and_says_the_same(
    api, onlus, address, first, second, django_assert_num_queries
):
    with django_assert_num_queries(first):
        data = told(api, address)
    OnlusFactory.create_batch(2)  # behind everybody's back

    with django_assert_num_queries(second):
        assert told(api, address) == data


@pytest.mark.parametrize(
    ("key", "address", "minutes"),
    [
        (FEATURED, FEATURED_LIST, 5),
        (NAMES, SEARCH, 3),
        (CATEGORIES, CATEGORY_LIST, 60),
        (STATISTICS, SUMS, 30),
    ],
)
def test_it_is_kept_for_its_time(api, onlus, clock, key, address, minutes):
    told(api, address)

    clock.shift(timedelta(minutes=minutes, seconds=-1))
    assert cache.get(key) is not None
    clock.shift(timedelta(seconds=2))

    assert cache.get(key) is None


def test_who_is_no_longer_shown_first_is_gone_with_the_minute(api, clock):
    OnlusFactory(featured_until=NOW + timedelta(minutes=2))
    assert len(told(api, FEATURED_LIST)) == 1

    clock.shift(timedelta(minutes=2))

    assert told(api, FEATURED_LIST) == []


def suspend(onlus):
    standing.suspend(onlus=onlus, actor=StaffFactory(), reason="Papers are late.", now=NOW)


def show_no_longer(onlus):
    standing.stop_featuring(onlus=onlus, actor=StaffFactory(), now=NOW)


def verify_another(onlus):
    other = OnlusFactory(name="Amici nuovi", status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    registry.verify_onlus(onlus=other, now=THEN)


def show_another_first(onlus):
    standing.feature(onlus=OnlusFactory(name="Second"), days=3, actor=StaffFactory(), now=NOW)


def rate(onlus):
    registry.note_rating(onlus=onlus, mean=Decimal("4.50"), count=6)


def write_other_words(onlus):
    owner = MembershipFactory(onlus=onlus).user
    profile_page.edit(onlus=onlus, member=owner, changes={"description": "New words"}, now=NOW)


def sum_up(onlus):
    registry.note_received(sums=[registry.Received(onlus.pk, Decimal("7.00"), 2, NOW)], donors=2, now=NOW)


def assess(onlus):
    assessments.assess(onlus=onlus, now=NOW)


@pytest.mark.parametrize(
    ("fact", "address"),
    [
        *[(suspend, address) for address in (FEATURED_LIST, SEARCH, CATEGORY_LIST, SUMS)],
        *[(verify_another, address) for address in (SEARCH, CATEGORY_LIST, SUMS)],
        (show_another_first, FEATURED_LIST),
        (rate, FEATURED_LIST),
        (show_no_longer, FEATURED_LIST),
        (write_other_words, FEATURED_LIST),
        (sum_up, FEATURED_LIST),
        (sum_up, SUMS),
        (assess, FEATURED_LIST),
    ],
)
def test_a_change_shows_at_once(api, onlus, committed, fact, address):
    before = told(api, address)

    with committed():
        fact(onlus)

    after = told(api, address)
    cache.clear()
    assert before != after == told(api, address)


def saved(client, row):
    """Open a page of the back office, and send its form as it stands."""
    address = reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk])
    context = client.get(address).context
    forms = [
        context["adminform"].form,
        *[each.formset.management_form for each in context["inline_admin_formsets"]],
    ]
    sent = {form[name].html_name: form[name].value() for form in forms for name in form.fields}
    return address, {name: value for name, value in sent.items() if value is not None}


@pytest.mark.parametrize("what", ["organisation", "field of work"])
def test_what_staff_edit_shows_at_once(api, client, onlus, committed, what):
    client.force_login(StaffFactory())
    row, listed = (onlus, FEATURED_LIST) if what == "organisation" else (onlus.category, CATEGORY_LIST)
    address, form = saved(client, row)
    assert "Renamed" not in {each["name"] for each in told(api, listed)}

    with committed():
        answer = client.post(address, form | {"name": "Renamed"})

    assert answer.status_code == 302, answer.context["errors"]
    assert "Renamed" in {each["name"] for each in told(api, listed)}


def test_nothing_internal_is_kept_whoever_asks_first(api, onlus):
    Onlus.objects.filter(pk=onlus.pk).update(tax_id="01234567890", compliance_notes="secret note")
    api.force_authenticate(StaffFactory())
    by_staff = {address: told(api, address) for address in (FEATURED_LIST, SEARCH, CATEGORY_LIST, SUMS)}
    api.force_authenticate(None)

    assert {address: told(api, address) for address in by_staff} == by_staff
    kept = b"".join(pickle.dumps(cache.get(key)) for key in (FEATURED, NAMES, CATEGORIES, STATISTICS))
    assert b"Amici" in kept
    assert not [secret for secret in (b"01234567890", b"secret") if secret in kept]


def test_fields_of_work_are_kept_for_readers_of_every_language(client, django_assert_num_queries):
    client.get("/portal/apply/", headers={"accept-language": "en"})

    with django_assert_num_queries(0):
        italian = client.get("/portal/apply/", headers={"accept-language": "it"}).text

    assert "Ambiente" in italian
    assert "Environment" not in italian
