"""Every page of the portal against everybody who is not meant to open it, read from the table of addresses.

A page that is added falls under it by itself. An id in its address needs a line in SAMPLES: a thing of this kind that
belongs to the given organisation.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import OnlusMembership
from accounts.operations import team
from accounts.portal_pages import EVERYBODY, page_named
from donations.report_periods import month_of
from goodplay.lib.pictures import operations as pictures
from impact.models import ImpactUpdate, StoryProposal
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.allocation import make_request
from tests.factories.donations import make_donation
from tests.factories.financial_reports import make_summary
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory
from tests.factories.payouts import IBANS, enter_account, exported, make_account, prepare, settled
from tests.factories.pictures import store
from tests.permissions.doors import patterns
from tests.portal.conftest import NOON

Role = OnlusMembership.Role
# What everybody decides for themselves, whatever their role.
OWN_AFFAIRS = {"settings", "second_step", "team_leave"}
# Signing in writes these; they are nobody's business.
APART = {"sessions.session", "jobs.jobrun"}


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    pattern: URLPattern

    @property
    def ids(self) -> set[str]:
        """What the address names besides the organisation."""
        return set(self.pattern.pattern.converters) - {"onlus_id"}

    @property
    def roles(self) -> frozenset[str]:
        """Who may open it, where it says so: by its guard, or by its tab."""
        known = page_named(self.name)
        return getattr(self.pattern.callback, "roles", known.roles if known else EVERYBODY)

    def address(self, onlus_id, samples):
        ids = {name: samples[name] for name in self.ids}
        return reverse(f"portal:{self.name}", kwargs={"onlus_id": onlus_id, **ids})


def portal_pages() -> Iterator[Page]:
    for path, namespace, pattern in patterns(get_resolver()):
        if namespace == "portal:" and "<uuid:onlus_id>" in path:
            yield Page(str(pattern.name), pattern)


PAGES = list(portal_pages())


def pay(onlus):
    make_account(onlus, now=NOON - timedelta(days=30))
    make_donation(UserFactory(), onlus, "40.00", now=NOON)
    return settled(exported(prepare(NOON), now=NOON), now=NOON).payouts.get(onlus=onlus).pk


def enter_account_of(onlus):
    """One that waits beside the one in force."""
    return enter_account(onlus, IBANS[2], now=NOON).pk


def propose(onlus):
    return StoryProposal.objects.create(
        onlus=onlus, proposed_by=UserFactory(), title_it="Larici", created_at=NOON, updated_at=NOON
    ).pk


def show_picture(onlus):
    picture, update = store(owner=onlus), ImpactUpdate.objects.of_onlus(onlus.pk).get()
    pictures.attach(target=update, picture_ids=[picture.pk], owner=onlus, now=NOON)
    return picture.pk


def invite(onlus):
    owner = onlus.memberships.filter(role=Role.OWNER).first().user
    return team.invite(
        onlus=onlus, email=f"{onlus.pk.hex}@example.org", role="viewer", invited_by=owner, now=NOON
    ).pk


SAMPLES = {
    "invitation_id": invite,
    "member_id": lambda onlus: MembershipFactory(onlus=onlus, role=Role.EDITOR).pk,
    "payout_id": pay,
    "account_id": enter_account_of,  # after the payout: it goes to the account before
    "proposal_id": propose,
    "metric_id": lambda onlus: ImpactMetricFactory(onlus_id=onlus.pk, collection_date=NOON).pk,
    "update_id": lambda onlus: ImpactUpdateFactory(onlus_id=onlus.pk).pk,
    "picture_id": show_picture,  # after the update that shows it
    "request_id": lambda onlus: make_request(onlus=onlus).pk,
    "report_id": lambda onlus: make_summary(onlus, stretch=month_of(date(2026, 2, 1)), now=NOON).pk,
}


@dataclass(frozen=True, slots=True)
class House:
    """An organisation, another one, things of both, and people with and without a seat, each in a browser."""

    onlus: Any
    own: dict[str, Any]
    foreign: dict[str, Any]
    browsers: dict[str, Client]


@pytest.fixture
def house(onlus, member):
    other = OnlusFactory(name="Il Vicino")
    people = {
        "owner": member,
        "editor": MembershipFactory(onlus=onlus, role=Role.EDITOR).user,
        "viewer": MembershipFactory(onlus=onlus, role=Role.VIEWER).user,
        "other": MembershipFactory(onlus=other).user,
        "stranger": UserFactory(),
    }
    foreign = {name: make(other) for name, make in SAMPLES.items()}
    own = {name: make(onlus) for name, make in SAMPLES.items()}
    browsers = {name: Client() for name in people}
    for name, browser in browsers.items():
        browser.force_login(people[name])
    return House(onlus, own, foreign, {**browsers, "nobody": Client()})


def contents():
    """Everything the database holds, as one digest a table."""
    found = {}
    for model in apps.get_models():
        if model._meta.label_lower not in APART:
            rows = model._base_manager.order_by("pk").values_list()
            found[model._meta.label] = hashlib.sha256(repr(list(rows)).encode()).hexdigest()
    return found


def changed(before):
    now = contents()
    return [label for label in now if now[label] != before[label]]


def ask_both(browser, address):
    """Ask for a page and send it an empty form; what a page does not know at all is left out."""
    answers = [browser.get(address).status_code, browser.post(address).status_code]
    known = {status for status in answers if status != 405}
    assert known, f"{address} knows neither"
    return known


def test_every_id_in_an_address_has_a_sample():
    assert set().union(*(page.ids for page in PAGES)) == set(SAMPLES)


def test_without_a_seat_no_page_opens_and_nothing_changes(house):
    expected = {"other": {404}, "stranger": {403}, "nobody": {302}}
    before = contents()

    answers = {
        (page.name, who): ask_both(house.browsers[who], page.address(house.onlus.pk, house.own))
        for page in PAGES
        for who in expected
    }

    assert {key: found for key, found in answers.items() if found != expected[key[1]]} == {}
    assert changed(before) == []


def test_things_of_another_organisation_are_not_found_below_the_own(house):
    before = contents()

    answers = {
        page.name: ask_both(
            house.browsers["owner"], page.address(house.onlus.pk, {**house.own, name: foreign})
        )
        for page in PAGES
        for name, foreign in house.foreign.items()
        if name in page.ids
    }

    assert {name: found for name, found in answers.items() if found != {404}} == {}
    assert changed(before) == []


@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_its_roles_and_refuses_the_others(house, role):
    wrong = {}
    for page in PAGES:
        status = house.browsers[role].get(page.address(house.onlus.pk, house.own)).status_code
        fits = status in (200, 302, 405) if role in page.roles else status in (403, 404, 405)
        # Pages without a declared role may still refuse a viewer.
        if not fits and not (page.roles == EVERYBODY and role == Role.VIEWER and status in (403, 404)):
            wrong[page.name] = status

    assert wrong == {}


def test_a_viewer_changes_nothing_but_their_own_affairs(house):
    before = contents()

    answers = {
        page.name: house.browsers["viewer"].post(page.address(house.onlus.pk, house.own)).status_code
        for page in PAGES
        if page.name not in OWN_AFFAIRS
    }

    assert {name: status for name, status in answers.items() if status not in (302, 403, 404, 405)} == {}
    assert changed(before) == []
