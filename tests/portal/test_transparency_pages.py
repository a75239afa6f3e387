"""Public pages: for everybody, in two languages, cacheable, and true to the ledger."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Onlus
from donations.follow_links import follow_address
from donations.models import LedgerAccount
from donations.operations import closing, giving
from donations.queries.balances import total_balance
from impact.models import CommunityReport
from impact.operations import proofs, reports
from impact.report_periods import ReportPeriod
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import fund_pool, give_credits, let_pass, make_donation, take_back
from tests.factories.games import finished_session
from tests.factories.impact import (
    CommunityReportFactory,
    ImpactMetricFactory,
    ImpactStoryFactory,
    ImpactUpdateFactory,
)
from tests.factories.payouts import exported, make_account, prepare, settled
from tests.portal.conftest import NOON

pytestmark = pytest.mark.django_db

TRANSPARENCY, ORGANISATIONS, REPORTS = "/transparency/", "/organisations/", "/reports/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


def in_italian(client, address):
    return client.get(address, headers={"accept-language": "it"})


# Where all the money is --------------------------------------------------------------------------------------------


def paid_out(onlus, *, at):
    """Pay the organisation what it has, up to the bank's word."""
    make_account(onlus, now=at - timedelta(days=30))
    return settled(exported(prepare(now=at), now=at), now=at)


def test_the_transparency_page_tells_where_each_euro_is(client):
    park, house = OnlusFactory(name="Amici del Parco"), OnlusFactory(name="Casa Aperta")
    closed = OnlusFactory(name="Chiusa da Tempo")
    fund_pool("1000.00", now=NOON)
    make_donation(UserFactory(), park, "84.00", now=NOON)
    paid_out(park, at=NOON)
    let_pass(make_donation(UserFactory(), park, "6.00", now=NOON))
    take_back(make_donation(UserFactory(), house, "20.00", now=NOON), "5.00", now=NOON)
    make_donation(UserFactory(), closed, "3.00", now=NOON)
    Onlus.objects.filter(pk=closed.pk).update(status=Onlus.Status.SUSPENDED)
    give_credits(UserFactory(), "7.00", kind="player_cash", now=NOON)

    response = client.get(TRANSPARENCY)

    flows, rows = response.context["flows"], response.context["rows"]
    assert (flows.received, flows.waiting, flows.on_the_way, flows.paid_out) == tuple(
        map(Decimal, ("108.00", "24.00", "0.00", "84.00"))
    )
    assert flows.waiting == total_balance(LedgerAccount.Kind.ONLUS_PAYABLE)
    assert (
        flows.in_wallets == total_balance("player_credits") + total_balance("player_cash") == Decimal("12.00")
    )
    assert flows.own_money == Decimal("7.00")
    assert flows.in_pool == total_balance(LedgerAccount.Kind.REWARD_POOL)
    assert [
        (row.name, row.standing.received, row.standing.paid_out, row.standing.waiting) for row in rows
    ] == [
        ("Amici del Parco", Decimal("90.00"), Decimal("84.00"), Decimal("6.00")),
        ("Casa Aperta", Decimal("15.00"), Decimal("0.00"), Decimal("15.00")),
        ("", Decimal("3.00"), Decimal("0.00"), Decimal("3.00")),
    ]
    assert sum(row.standing.received for row in rows) == flows.received
    assert "Organisations that are listed no more" in response.text
    assert "Chiusa da Tempo" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_transparency_page_costs_the_same_for_many(client, count, django_assert_num_queries):
    for number in range(count):
        make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON - timedelta(days=1))
        CommunityReportFactory(period_start=NOON - timedelta(days=number + 40))
    closing.seal_days(now=NOON)
    proofs.make_roots(now=NOON)
    client.get(TRANSPARENCY)

    with django_assert_num_queries(3):
        page = client.get(TRANSPARENCY)

    assert len(page.context["reports"]) == count
    assert page.context["roots"][0].root in page.text


def test_an_empty_house_is_told_kindly(client):
    texts = [client.get(address).text for address in (TRANSPARENCY, ORGANISATIONS, REPORTS)]

    assert "Nothing was given yet." in texts[0]
    assert "The first organisations are being checked." in texts[1]
    assert "No report yet" in texts[2]


# Organisations ----------------------------------------------------------------------------------------------------


def names(response):
    return [onlus.name for onlus in response.context["page"].object_list]


def test_the_directory_is_searched_by_words_field_and_region(client):
    OnlusFactory(name="Amici del Parco", mission_statement="Trees for the city.", region="Lazio")
    OnlusFactory(name="Casa Aperta", mission_statement="A roof and a key.", region="Lombardia", city="Milano")
    OnlusFactory(name="Hidden", status=Onlus.Status.UNDER_REVIEW, region="Molise")

    assert names(client.get(ORGANISATIONS)) == ["Amici del Parco", "Casa Aperta"]
    assert names(client.get(ORGANISATIONS, {"search": "roof milano"})) == ["Casa Aperta"]
    assert names(client.get(ORGANISATIONS, {"region": "Lazio"})) == ["Amici del Parco"]
    assert "Molise" not in client.get(ORGANISATIONS).text
    nothing = client.get(ORGANISATIONS, {"search": EVIL})
    assert (names(nothing), EVIL in nothing.text, "Nothing found" in nothing.text) == ([], False, True)
    unknown = client.get(ORGANISATIONS, {"region": "Atlantis", "search": "\0"})
    assert (unknown.status_code, len(names(unknown))) == (200, 2)


@pytest.mark.parametrize("count", [1, 3])
def test_the_directory_costs_five_queries(client, count, django_assert_num_queries):
    OnlusFactory.create_batch(count)

    with django_assert_num_queries(5):
        client.get(ORGANISATIONS)


def test_an_organisation_has_a_page(client):
    park = OnlusFactory(
        name=f"Parco {EVIL}",
        description=f"We **plant** {EVIL}",
        runts_number="12345",
        website_url="https://parco.example",
    )
    make_donation(UserFactory(display_name="Alice Rossi"), park, "84.00", now=NOON)
    paid_out(park, at=NOON)
    metric = ImpactMetricFactory(onlus_id=park.pk, verification_status="verified", collection_date=NOON)
    disputed = ImpactMetricFactory(onlus_id=park.pk, verification_status="disputed", collection_date=NOON)
    ImpactUpdateFactory(onlus_id=park.pk, title=EVIL, content=f"*Green* {EVIL}", published_at=NOON)
    ImpactUpdateFactory(onlus_id=park.pk, title="Not yet", status="draft", published_at=None)
    ImpactStoryFactory(onlus_id=park.pk, title="The well", content="Only for who opened it.")

    response = client.get(f"{ORGANISATIONS}{park.pk}/")

    text = response.text
    assert response.context["standing"].paid_out == Decimal("84.00")
    assert "€84.00" in text
    assert EVIL not in text
    assert "<strong>plant</strong>" in text
    assert (metric.metric_name in text, disputed.metric_name in text) == (True, True)
    assert ("Verified" in text, "Disputed" in text, "The well" in text) == (True, True, True)
    for secret in ("Not yet", "Only for who opened it.", "Alice", park.contact_email):
        assert secret not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_an_organisation_costs_the_same_for_many(client, count, django_assert_num_queries):
    park = OnlusFactory()
    for _each in range(count):
        make_donation(UserFactory(), park, "1.00", now=NOON)
        ImpactMetricFactory(onlus_id=park.pk)
        ImpactUpdateFactory(onlus_id=park.pk, published_at=NOON)
        ImpactStoryFactory(onlus_id=park.pk)

    with django_assert_num_queries(9):
        client.get(f"{ORGANISATIONS}{park.pk}/")


def test_only_public_organisations_have_a_page(client):
    hidden = OnlusFactory(status=Onlus.Status.UNDER_REVIEW)

    assert client.get(f"{ORGANISATIONS}{hidden.pk}/").status_code == 404


# Reports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def february(client):
    """A real report, made from the ledger and published."""
    for amount, region in (("30.00", "Lazio"), ("12.00", "Lombardia")):
        make_donation(
            UserFactory(display_name="Carla"),
            OnlusFactory(region=region),
            amount,
            now=datetime(2026, 2, 10, tzinfo=UTC),
        )
    reports.make_due(now=NOON)
    return CommunityReport.objects.get(report_type="monthly")


def test_a_report_has_a_page_with_a_table_for_each_chart(client, february):
    page = client.get("/reports/monthly/2026-02/")

    assert "Impact report: February 2026" in page.text
    assert "€42.00" in page.text
    assert page.text.count('<table class="lengths">') == 5
    assert "Lazio" in page.text
    assert "Impact report: February 2026" in client.get(f"{REPORTS}?type=monthly").text
    assert "2026-02" not in client.get(f"{REPORTS}?type=annual").text
    italian = in_italian(client, "/reports/monthly/2026-02/").text
    assert "42,00" in italian
    assert "febbraio 2026" in italian


def test_a_report_is_downloaded_as_pdf(client, february):
    english = client.get("/reports/monthly/2026-02/pdf/")
    italian = in_italian(client, "/reports/monthly/2026-02/pdf/")

    assert [each.content[:5] for each in (english, italian)] == [b"%PDF-"] * 2
    assert english["Content-Disposition"] == 'attachment; filename="goodplay-monthly-2026-02-en.pdf"'
    assert english.content != italian.content
    assert english.content == client.get("/reports/monthly/2026-02/pdf/").content


def test_a_pdf_is_typeset_once_for_each_language_until_the_report_changes(client, february):
    address = "/reports/monthly/2026-02/pdf/"
    english, italian = client.get(address).content, in_italian(client, address).content
    with CaptureQueriesContext(connection) as asked:
        again = [client.get(address).content, in_italian(client, address).content]
    CommunityReport.objects.update(total_donations_count=7, updated_at=NOON + timedelta(days=90))

    assert again == [english, italian]
    assert len(asked) == 2  # that it is published, and nothing of what stands on it
    assert client.get(address).content != english


@pytest.mark.parametrize(
    "path", ["monthly/2026-03", "monthly/2026-13", "monthly/x", "nothing/2026-02", "monthly/2026-02/pdf/x"]
)
def test_a_report_that_is_not_published_has_no_page(client, path):
    CommunityReportFactory(
        period_start=ReportPeriod("monthly", date(2026, 3, 1), date(2026, 3, 31)).start,
        period_end=ReportPeriod("monthly", date(2026, 3, 1), date(2026, 3, 31)).end,
        status=CommunityReport.Status.COMPLETED,
        published_at=None,
    )

    assert client.get(f"/reports/{path}/").status_code == 404
    assert client.get(f"/reports/{path}/pdf/").status_code == 404


@pytest.mark.parametrize(
    "path", ["annual/9999", "annual/0001", "daily/9999-12-31", "daily/0001-01-01", "weekly/9999-W52"]
)
def test_days_at_the_edge_of_the_calendar_have_no_report(client, path):
    assert client.get(f"/reports/{path}/").status_code == 404
    assert client.get(f"/reports/{path}/pdf/").status_code == 404


def test_a_report_that_was_brought_over_shows_what_it_has(client):
    CommunityReportFactory(title="February 2026", executive_summary="We did well.", highlights=["A roof."])

    text = client.get("/reports/monthly/2026-02/").text

    assert ("We did well." in text, "A roof." in text, 'class="lengths"' in text) == (True, True, False)
    assert client.get("/reports/monthly/2026-02/pdf/").content[:5] == b"%PDF-"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_reports_costs_two_queries(client, count, django_assert_num_queries):
    for number in range(count):
        CommunityReportFactory(period_start=NOON - timedelta(days=number + 40))

    with django_assert_num_queries(2):
        client.get(REPORTS)


# Follow my euro ----------------------------------------------------------------------------------------------------


def path_of(donation):
    return follow_address(donation.pk).partition("/follow/")[2]


def states(response):
    return {step.name: step.state for step in response.context["steps"]}


@pytest.fixture
def gift():
    """Earned by a session, given, not paid out yet."""
    fund_pool("1000.00", now=NOON - timedelta(days=9))
    donor = UserFactory(display_name="Alice Rossi", first_name="Alice")
    session = finished_session(donor, minutes=60, now=NOON - timedelta(days=2))
    give_credits(donor, "20.00", now=NOON - timedelta(days=1))
    park = OnlusFactory(name="Amici del Parco")
    donation = make_donation(donor, park, "12.00", now=NOON - timedelta(days=1), message="For my Bea")
    return donation, session


def test_a_gift_is_followed_from_play_to_what_came_of_it(client, gift):
    donation, session = gift
    closing.seal_days(now=NOON)
    proofs.make_roots(now=NOON)
    first = client.get(f"/follow/{path_of(donation)}")
    assert states(first) == {
        "money": "done",
        "gift": "done",
        "books": "done",
        "payout": "now",
        "evidence": "later",
    }
    assert "It is part of the next payout" in first.text

    make_donation(UserFactory(), donation.onlus, "50.00", now=NOON)
    paid_out(donation.onlus, at=NOON)
    news = ImpactUpdateFactory(onlus_id=donation.onlus_id, title="The roof is on", published_at=NOON)
    last = client.get(f"/follow/{path_of(donation)}")

    assert set(states(last).values()) == {"done"}
    facts = {step.name: step.facts for step in last.context["steps"]}
    earned = donation.donor.session_credits.get()
    assert facts["money"][0].key == earned.transfer_id
    assert facts["money"][0].words == f"Game session: {session.game.name}"
    assert sum(fact.amount for fact in facts["money"]) == donation.amount
    assert {fact.key for fact in facts["payout"]} == {donation.payout_lines.get().payout_id}
    assert [fact.words for fact in facts["payout"]] == [
        "Taken into a payout",
        "Ordered at the bank",
        "Arrived",
    ]
    assert facts["evidence"][-1].key == news.pk
    for secret in ("Alice", "Rossi", "Bea", donation.donor.email, str(donation.donor_id)):
        assert secret not in last.text


def test_only_the_link_or_the_donor_opens_the_way(client, gift):
    donation, _session = gift
    other = make_donation(UserFactory(), donation.onlus, "5.00", now=NOON)
    key = path_of(other).partition("=")[2]

    refused = [
        client.get(f"/follow/{donation.pk}/{query}").status_code
        for query in ("", "?key=", "?key=x", f"?key={key}", "?key=%00:")
    ]
    client.force_login(UserFactory())
    refused.append(client.get(f"/follow/{donation.pk}/").status_code)
    client.force_login(donation.donor)
    allowed = client.get(f"/follow/{donation.pk}/")

    assert refused == [404] * 6
    assert allowed.status_code == 200
    assert allowed["X-Robots-Tag"] == "noindex, nofollow"
    assert allowed["Referrer-Policy"] == "no-referrer"
    assert "no-store" in allowed["Cache-Control"]


def test_what_was_given_back_ends_there(client, gift):
    donation, _session = gift
    take_back(donation, now=NOON)

    response = client.get(f"/follow/{path_of(donation)}")

    assert states(response) == {
        "money": "done",
        "gift": "stopped",
        "books": "now",
        "payout": "stopped",
        "evidence": "stopped",
    }
    assert "−€12.00" in response.text


def test_money_that_came_in_first_is_spent_first(client):
    donor, park = UserFactory(), OnlusFactory()
    for amount in ("1.00", "2.00", "4.00"):
        give_credits(donor, amount, now=NOON)
    given = [
        giving.donate(donor=donor, onlus_id=park.pk, amount=Decimal(amount), now=NOON)
        for amount in ("1.50", "2.50", "3.00")
    ]

    parts = [
        [fact.amount for fact in client.get(f"/follow/{path_of(each)}").context["steps"][0].facts]
        for each in given
    ]

    assert parts == [
        [Decimal("1.00"), Decimal("0.50")],
        [Decimal("1.50"), Decimal("1.00")],
        [Decimal("3.00")],
    ]


@pytest.mark.parametrize("count", [1, 4])
def test_following_costs_the_same_for_many_hops(client, count, django_assert_num_queries):
    donor, park = UserFactory(), OnlusFactory()
    for _each in range(count):
        give_credits(donor, "1.00", now=NOON)
        ImpactUpdateFactory(onlus_id=park.pk, published_at=NOON + timedelta(hours=1))
    donation = make_donation(donor, park, str(count), now=NOON)

    with django_assert_num_queries(11):
        client.get(f"/follow/{path_of(donation)}")


def test_the_receipt_and_the_api_hand_out_the_link(api, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        donation = make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)
    api.force_authenticate(donation.donor)

    told = api.get(f"/api/impact/donation/{donation.pk}").json()["data"]["follow_url"]

    assert told == follow_address(donation.pk)
    assert [told in mail.body for mail in mailoutbox] == [True]


# For machines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", TRANSPARENCY, ORGANISATIONS, REPORTS])
def test_a_page_that_did_not_change_is_not_sent_again(client, address):
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})

    assert set(first["Cache-Control"].split(", ")) == {"public", "max-age=60"}
    assert (again.status_code, again.content) == (304, b"")
    assert in_italian(client, address)["ETag"] != first["ETag"]
    assert {"Accept-Language", "Cookie"} <= set(first["Vary"].split(", "))
    assert "csrfmiddlewaretoken" not in first.text
    assert "Set-Cookie" not in first


def test_the_language_is_chosen_without_a_token(client):
    client.post("/i18n/setlang/", {"language": "it", "next": TRANSPARENCY})

    assert '<html lang="it">' in client.get(TRANSPARENCY).text


def test_robots_and_the_map_name_public_pages_only(client, february):
    hidden = OnlusFactory(status=Onlus.Status.UNDER_REVIEW)

    robots, sitemap = client.get("/robots.txt").text, client.get("/sitemap.xml")

    assert "Disallow: /follow/" in robots
    tree = ElementTree.fromstring(sitemap.content)  # noqa: S314  (made by us)
    addresses = {
        each.text.partition("testserver")[2]
        for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }
    assert {"/", TRANSPARENCY, ORGANISATIONS, REPORTS, "/reports/monthly/2026-02/"} <= addresses
    assert f"{ORGANISATIONS}{Onlus.objects.public().first().pk}/" in addresses
    assert f"{ORGANISATIONS}{hidden.pk}/" not in addresses


@pytest.mark.parametrize("address", [TRANSPARENCY, ORGANISATIONS, REPORTS])
def test_a_page_says_what_it_is_where_it_is_shared(client, address):
    text = client.get(address).text

    assert '<meta name="description" content="' in text
    assert f'<meta property="og:url" content="http://testserver{address}">' in text
    assert 'property="og:image" content="http://testserver/static/img/card' in text


@pytest.mark.parametrize("address", ["/transparency", "/organisations", "/reports"])
def test_an_address_without_its_last_stroke_leads_there(client, address):
    assert client.get(f"{address}?page=1")["Location"] == f"{address}/?page=1"


def test_pages_are_read_only(client):
    assert [client.post(address).status_code for address in (TRANSPARENCY, ORGANISATIONS, REPORTS)] == [
        405
    ] * 3
