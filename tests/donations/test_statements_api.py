"""Statements of a year and of any days: Rome's calendar, refunds taken off, the same figures the same statement."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from donations.models import GivingStatement, Receipt
from donations.operations import receipts, statements
from goodplay.lib.time import ROME
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.receipts import give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db
YEAR = "/api/donations/annual-summary/2026"
TODAY = datetime(2026, 3, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def alice(api):
    player = UserFactory(first_name="Alice", last_name="Rossi", email="alice@example.org")
    api.force_authenticate(player)
    return player


def rome(month, day, hour=12, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=ROME)


def test_the_year_in_figures(api, alice):
    give_own_money(alice, registered_onlus(name="Verde"), "50.00")
    give_own_money(alice, OnlusFactory(), "7.00", earned="3.00")
    make_donation(UserFactory(), OnlusFactory(), "99.00")

    answer = api.get(YEAR)

    body = answer.json()
    assert (answer.status_code, body["message"]) == (200, "ANNUAL_SUMMARY_GENERATED")
    data = body["data"]
    figures = (
        "total_donations",
        "earned_amount",
        "paid_amount",
        "tax_deductible_donations",
        "estimated_tax_savings",
    )
    assert [data[name] for name in figures] == [60.0, 3.0, 57.0, 50.0, 15.0]
    assert (data["donation_count"], data["tax_deductible_count"], data["tax_year"]) == (2, 1, 2026)
    assert (data["user_name"], data["user_email"], data["pdf_path"]) == (
        "Alice Rossi",
        "alice@example.org",
        None,
    )
    assert [line["amount"] for line in data["receipts"]] == [50.0, 10.0]
    assert data["download_url"].endswith("/api/donations/annual-summary/2026/download")


def test_the_number_carries_a_whole_key_so_nobody_shares_it(api, alice):
    make_donation(alice, OnlusFactory())
    make_donation(bob := UserFactory(), OnlusFactory())

    mine = api.get(YEAR).json()["data"]["summary_id"]
    api.force_authenticate(bob)
    his = api.get(YEAR).json()["data"]["summary_id"]

    assert mine != his
    assert len(mine) == len("ANNUAL-2026-") + 32


def test_the_same_figures_are_the_same_statement(api, alice):
    make_donation(alice, OnlusFactory())

    numbers = {api.get(YEAR).json()["data"]["summary_id"] for _ in range(3)}
    api.get(f"{YEAR}/download")
    assert (len(numbers), GivingStatement.objects.count()) == (1, 1)

    make_donation(alice, OnlusFactory())
    assert api.get(YEAR).json()["data"]["summary_id"] not in numbers
    assert GivingStatement.objects.count() == 2


def test_what_was_given_back_is_taken_off(api, alice):
    onlus = registered_onlus()
    part, whole = give_own_money(alice, onlus, "50.00"), give_own_money(alice, onlus, "20.00")
    before = api.get(YEAR).json()["data"]
    take_back(part, "10.00")
    take_back(whole)

    after = api.get(YEAR).json()["data"]

    assert (before["total_donations"], after["total_donations"]) == (70.0, 40.0)
    assert (after["tax_deductible_donations"], after["estimated_tax_savings"]) == (40.0, 12.0)
    assert after["donation_count"] == 1
    assert Receipt.objects.filter(kind="void").count() == 2


def test_a_year_given_back_whole_has_no_statement(api, alice):
    take_back(make_donation(alice, OnlusFactory()))

    answer = api.get(YEAR)

    assert (answer.status_code, answer.json()["message"]) == (404, "NO_DONATIONS_IN_TAX_YEAR")
    assert not GivingStatement.objects.exists()


def test_years_begin_and_end_at_midnight_in_rome(api, alice):
    onlus = OnlusFactory()
    for moment, amount in (
        (rome(12, 31, 23, 59, year=2024), "1.00"),
        (rome(1, 1, 0, year=2025), "2.00"),
        (rome(12, 31, 23, 59, year=2025), "4.00"),
        (rome(1, 1, 0, year=2026), "8.00"),
    ):
        make_donation(alice, onlus, amount, now=moment)

    told = api.get("/api/donations/annual-summary/2025").json()["data"]

    assert told["total_donations"] == 6.0


@pytest.mark.parametrize("year", ["2019", "2027", "0", "abcd", "20260", "2026%20", "-2026", "٢٠٢٦"])
@pytest.mark.parametrize(
    "route", ["annual-summary/{}", "annual-summary/{}/download", "tax/summary/{}", "tax-summary/{}"]
)
def test_a_year_that_is_none_is_refused(api, alice, route, year):
    answer = api.get("/api/donations/" + route.format(year))

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_TAX_YEAR")


@pytest.mark.parametrize(
    "path", [f"{YEAR}/download", "/api/donations/export/tax", "/api/donations/export/tax?tax_year=2026"]
)
@pytest.mark.parametrize("language", ["", "it", "en", "xx"])
def test_the_statement_comes_as_pdf(api, alice, path, language):
    give_own_money(alice, registered_onlus(name="Perché no?"))
    tell_tax_data(alice)

    answer = api.get(path, {"language": language} if language else {})

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert 'filename="ANNUAL-2026-' in answer.headers["Content-Disposition"]


def test_a_long_year_prints_on_several_pages(api, alice):
    onlus = OnlusFactory()
    for number in range(60):
        make_donation(alice, onlus, "0.05", now=NOW + timedelta(minutes=number))

    answer = api.get(f"{YEAR}/download")

    assert int(re.search(rb"/Count (\d+)", answer.content)[1]) > 1


# Any days ----------------------------------------------------------------------------------------------------------


def asked(api, first, last, **query):
    return api.get("/api/donations/statements", {"from": first, "to": last, **query})


def test_any_days_both_included(api, alice):
    onlus = OnlusFactory()
    for moment, amount in (
        (rome(2, 9, 23, 59), "1"),
        (rome(2, 10, 0), "2"),
        (rome(2, 11, 23, 59), "4"),
        (rome(2, 12, 0), "8"),
    ):
        make_donation(alice, onlus, amount, now=moment)

    data = asked(api, "2026-02-10", "2026-02-11").json()["data"]

    assert (data["total_donations"], data["first"], data["last"]) == (6.0, "2026-02-10", "2026-02-11")
    assert data["statement_id"].startswith("PERIOD-2026-")
    printed = api.get(data["download_url"])
    assert printed.content.startswith(b"%PDF-")


def test_days_over_two_years_reckon_each_year_by_itself(api, alice):
    onlus = registered_onlus()
    for year in (2025, 2026):
        for _ in range(2):
            give_own_money(alice, onlus, "9000.00", now=rome(2, 1, year=year))
            give_own_money(alice, onlus, "9000.00", now=rome(2, 2, year=year))

    data = asked(api, "2025-01-01", "2026-03-14").json()["data"]

    assert (data["paid_amount"], data["tax_deductible_donations"]) == (72000.0, 60000.0)
    assert data["estimated_tax_savings"] == 18000.0


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-03-02", "2026-03-01"),
        ("2019-12-31", "2026-03-01"),
        ("2026-03-01", "2026-03-15"),
        ("yesterday", "2026-03-01"),
        ("2026-03-01", ""),
        ("0000-00-00", "9999-99-99"),
        ("2026-02-30", "2026-03-01"),
    ],
)
def test_senseless_days_are_refused(api, alice, first, last):
    make_donation(alice, OnlusFactory())

    answer = asked(api, first, last)

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_DATE_RANGE")
    assert not GivingStatement.objects.exists()


def test_both_days_are_needed(api, alice):
    answer = api.get("/api/donations/statements")

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_DATE_RANGE")


def test_days_without_gifts_have_no_statement(api, alice):
    answer = asked(api, "2026-01-01", "2026-01-02")

    assert (answer.status_code, answer.json()["message"]) == (404, "NO_DONATIONS_IN_RANGE")


@pytest.mark.parametrize(("format_", "status"), [("pdf", 200), ("json", 200), ("csv", 422)])
def test_the_form_is_chosen(api, alice, format_, status):
    make_donation(alice, OnlusFactory())

    answer = asked(api, "2026-03-01", "2026-03-14", format=format_)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(
        "application/pdf" if format_ == "pdf" else "application/json"
    )


# Taxes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/donations/tax/summary/2026",
        "/api/donations/tax-summary/2026",
        "/api/donations/export/tax?format=json",
    ],
)
def test_the_summary_for_taxes(api, alice, path):
    give_own_money(alice, registered_onlus("odv"), "50.00", earned="5.00")
    make_donation(alice, OnlusFactory(), "2.00")

    body = api.get(path).json()

    assert body["message"] == "ANNUAL_TAX_SUMMARY_GENERATED"
    data = body["data"]
    figures = ("total_donated", "tax_deductible_amount", "non_deductible_amount", "estimated_tax_savings")
    assert [data[name] for name in figures] == [57.0, 50.0, 7.0, 17.5]
    assert [line["is_tax_deductible"] for line in data["transactions"]] == [True, False]


def test_more_than_the_cap_of_the_year_saves_no_more(api, alice):
    onlus = registered_onlus()
    for _ in range(4):
        give_own_money(alice, onlus, "9999.99")

    data = api.get("/api/donations/tax/summary/2026").json()["data"]

    assert (data["total_donated"], data["tax_deductible_amount"]) == (39999.96, 30000.0)
    assert data["estimated_tax_savings"] == 9000.0


@pytest.mark.parametrize(
    "path", [YEAR, f"{YEAR}/download", "/api/donations/statements", "/api/donations/export/tax"]
)
def test_strangers_are_turned_away(api, path):
    assert api.get(path).status_code == 401


def test_a_statement_brings_late_receipts_along():
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "5.00")

    statement = statements.of_year(donor=donor, year=2026, now=TODAY)

    assert statement.total == Decimal("5.00")
    assert receipts.current(donation=donation, now=TODAY).reference == statement.facts["lines"][0]["receipt"]
