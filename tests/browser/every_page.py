"""Every page of the house, read from the table of addresses, and a house in which each of them has something to show.

A page that is added is visited by itself. An id in its address needs a line in the matrix of the portal
(tests/portal/test_matrix.py) or, outside of an organisation, in `_public_things`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django.views.generic import RedirectView
from rest_framework.test import APIClient

from accounts.models import OnlusMembership
from accounts.operations import application_review, second_factor, team
from donations.follow_links import follow_address
from donations.operations import receipts
from impact.models import CommunityReport
from impact.operations import reports
from tests.browser.authenticator import App
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.applications import draft, hand_in, under_review
from tests.factories.donations import make_donation
from tests.factories.receipts import give_own_money, tell_tax_data
from tests.payments.sandboxes import created, paid, row_of
from tests.permissions.doors import patterns
from tests.portal.test_matrix import SAMPLES

Role = OnlusMembership.Role
# The API has no pages, the back office has its own tests; the documents of the API are Swagger's.
ELSEWHERE = ("api/", "^api/", "admin/")
# The second step is reached through the first, and who has not confirmed the address cannot sign in again; the others
# are a file, figures for a program, and a switch.
NO_PAGES = {"portal:sign_in_code", "portal:apply_unconfirmed", "picture", "metrics", "set_language"}


@dataclass(frozen=True, slots=True)
class Visit:
    """A page, and who looks at it."""

    who: str
    name: str
    address: str


@dataclass(slots=True)
class House:
    """Who may come, and what the addresses name."""

    people: dict[str, Any]
    given: dict[str, dict[str, Any]]
    authenticator: App
    browsers: dict[str, Client] = field(default_factory=dict)

    def answer(self, who: str, address: str) -> Any:
        if who not in self.browsers:
            self.browsers[who] = Client()
            if self.people[who]:
                self.browsers[who].force_login(self.people[who])
        return self.browsers[who].get(address)

    def shows(self, who: str, address: str) -> bool:
        """Say whether it is a page for this person: no file, no way on, no refusal."""
        answer = self.answer(who, address)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        return answer.status_code == 200 and is_page


def routes() -> Iterator[tuple[str, URLPattern]]:
    for path, namespace, pattern in patterns(get_resolver()):
        redirects = getattr(pattern.callback, "view_class", None) is RedirectView
        if not path.startswith(ELSEWHERE) and not redirects:
            yield f"{namespace}{pattern.name}", pattern


def address_of(house: House, name: str, pattern: URLPattern, onlus: str = "onlus") -> str:
    """Return the address with an organisation's things in it, or with what is given for this route."""
    known = house.given[onlus] | house.given.get(name, {})
    address = reverse(name, kwargs={each: known[each] for each in pattern.pattern.converters})
    return address + known.get("?", "")


def visits(house: House) -> list[Visit]:
    """Return the pages there are, each with those to whom it looks different."""
    found = []
    for name, pattern in routes():
        address, ids = address_of(house, name, pattern), set(pattern.pattern.converters)
        readers = [who for who in ("nobody", "owner", "chooser") if house.shows(who, address)][:1]
        if readers == ["owner"] and house.shows("viewer", address):
            readers.append("viewer")
        found += [Visit(who, name, address) for who in readers]
        if readers and ids == {"onlus_id"} and name.startswith("portal:"):
            found.append(Visit("newcomer", name, address_of(house, name, pattern, "new")))
    return found


def unvisited(house: House, found: list[Visit]) -> set[str]:
    """Return the routes nobody sees as a page, though they are no action and no file."""
    seen = {visit.name for visit in found} | NO_PAGES
    missing = set()
    for name, pattern in routes():
        answer = house.answer("owner", address_of(house, name, pattern))
        is_file = answer.status_code == 200 and not answer.headers["Content-Type"].startswith("text/html")
        if name not in seen and answer.status_code != 405 and not is_file:
            missing.add(name)
    return missing


def build() -> House:
    """An organisation with one thing of every kind, a new one with none, and people with and without a seat."""
    now, onlus, new = timezone.now(), _organisation(), OnlusFactory(name="Appena Arrivati")
    people = {
        "nobody": None,
        "owner": MembershipFactory(onlus=onlus, user=UserFactory(display_name="Chiara Moretti")).user,
        "viewer": MembershipFactory(onlus=onlus, role=Role.VIEWER).user,
        "newcomer": MembershipFactory(onlus=new).user,
        "chooser": MembershipFactory(onlus=onlus).user,
        "stranger": UserFactory(),
        "careful": MembershipFactory(onlus=onlus).user,
    }
    MembershipFactory(onlus=new, user=people["chooser"])
    applied, asked = _applications(people["owner"], now)
    given: dict[str, dict[str, Any]] = {
        "new": {"onlus_id": new.pk},
        "onlus": {"onlus_id": onlus.pk} | applied | {name: make(onlus) for name, make in SAMPLES.items()},
        "portal:application": {"application_id": asked.pk},
    }
    return House(people, given | _public_things(onlus, people["owner"]), _second_step(people["careful"]))


def _applications(applicant: Any, now: datetime) -> tuple[dict[str, Any], Any]:
    """Return what the pages of a draft name, and one that was handed in and asked about."""
    begun = draft(applicant, organization_name="Radici nel Cielo", now=now)
    paper = hand_in(begun, now=now)
    asked = under_review(applicant=applicant, organization_name="Il Coro", tax_id="", now=now)
    application_review.ask(application=asked, actor=asked.reviewer, text="Who teaches?", now=now)
    return {"application_id": begun.pk, "document_id": paper.pk}, asked


def _organisation() -> Any:
    """One that got gifts over months, which the reports tell of."""
    onlus, now = (
        OnlusFactory(name="Il Sentiero Verde", city="Trento", description="Larch by larch."),
        timezone.now(),
    )
    donors = [UserFactory(display_name=name) for name in ("Luca", "Irene", "Bianca")]
    for number in range(12):
        make_donation(
            donors[number % 3],
            onlus,
            f"{number + 1}.50",
            now=now - timedelta(days=number * 9, minutes=1),
            message="For the trees!" if number % 4 == 0 else "",
            is_anonymous=number % 3 == 2,
        )
    reports.make_due(now=now)
    return onlus


def _public_things(onlus: Any, owner: Any) -> dict[str, dict[str, Any]]:
    """Return what the addresses of the pages name that belong to no organisation."""
    donor, now = UserFactory(first_name="Ottavia", last_name="Verdi"), timezone.now()
    tell_tax_data(donor, now=now)
    gift = give_own_money(donor, onlus, "25.00", earned="4.50", now=now)
    offered = team.invite(onlus=onlus, email="nuova@example.org", role="editor", invited_by=owner, now=now)
    report = CommunityReport.objects.filter(report_type="monthly").latest("period_start")
    waiting, asked, done = row_of(created()), row_of(paid("asks")), row_of(paid())
    return {
        "check-receipt": {"code": receipts.bring_in_line(donation_id=gift.pk, now=now).code},
        "picture": {"public_name": "0" * 32, "width": 320},
        "follow": {"donation_id": gift.pk, "?": "?" + follow_address(gift.pk).partition("?")[2]},
        "portal:apply_confirm": {"token": "an-old-one"},
        "portal:password_reset": {"token": "an-old-one"},
        "portal:invitation": {"token": team.new_token(invitation_id=offered.pk, now=now)[1]},
        "payment-return": {"intent_id": _payment(donor, onlus)},
        "report": {"report_type": "monthly", "name": f"{report.period_end:%Y-%m}"},
        "report-pdf": {"report_type": "monthly", "name": f"{report.period_end:%Y-%m}"},
        "sandbox:pay": {"payment_id": waiting.pk, "token": waiting.token},
        "sandbox:cancel": {"payment_id": waiting.pk, "token": waiting.token},
        "sandbox:authenticate": {"payment_id": asked.pk, "token": asked.token},
        "sandbox:result": {"payment_id": done.pk, "token": done.token},
    }


def _payment(donor: Any, onlus: Any) -> str:
    """Let somebody begin a gift by card."""
    api = APIClient()
    api.force_authenticate(donor)
    gift = {"amount": "10.00", "onlus_id": str(onlus.pk), "payment_method": "card"}
    return api.post("/api/donations/create", gift, format="json").json()["data"]["payment"]["intent_id"]


def _second_step(user: Any) -> App:
    """Let somebody set up the second step."""
    factor = second_factor.begin(user=user)
    app = App(factor.secret)
    second_factor.confirm(user=user, code=app.code(), now=timezone.now())
    return app
