"""Financial summaries over REST: a member's own organisations, and nothing else."""

import csv
import io
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from openpyxl import load_workbook
from rest_framework.test import APIClient

from donations.models import FinancialReportFile, GivingStatement
from donations.operations import financial_reports
from donations.report_periods import month_of
from goodplay.lib.access_log.models import DataAccess
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.financial_reports import AFTER_MARCH, IN_MARCH, MARCH, make_summary

pytestmark = pytest.mark.django_db
BASE = "/api/onlus/financial"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AFTER_MARCH, tick=False):
        yield


@pytest.fixture
def onlus():
    return OnlusFactory(name="Bosco Vivo")


@pytest.fixture
def member(onlus):
    return MembershipFactory(onlus=onlus, role="viewer").user


@pytest.fixture
def api(member):
    return signed_in(member)


def signed_in(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def ids(response):
    return [row["report_id"] for row in response.json()["data"]["reports"]]


def test_members_see_what_is_published_of_their_own(api, onlus):
    shown = make_summary(onlus)
    make_summary(onlus, stretch=month_of(date(2026, 2, 1)), published=False)
    make_summary(OnlusFactory())
    financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH)

    response = api.get(f"{BASE}/reports")

    assert (response.status_code, response.json()["message"]) == (200, "REPORTS_RETRIEVED_SUCCESS")
    assert ids(response) == [str(shown.pk)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=onlus_statement", 2),
        ("type=monthly", 0),
        ("status=published", 2),
        ("limit=1", 1),
        ("q=bosco", 2),
        ("q=mare", 0),
        ("start_date=2026-03-01", 1),
        ("end_date=2026-02-28", 1),
    ],
)
def test_search_narrows(api, onlus, query, found):
    make_summary(onlus)
    make_summary(onlus, stretch=month_of(date(2026, 2, 1)))

    response = api.get(f"{BASE}/reports/search?{query}")

    assert response.json()["message"] == "REPORTS_SEARCH_SUCCESS"
    assert len(ids(response)) == found


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ("type=weekly", "INVALID_REPORT_TYPE"),
        ("status=lost", "INVALID_STATUS_FILTER"),
        ("entity_id=1", "ONLUS_NOT_FOUND"),
        ("start_date=yesterday", "INVALID_DATE_FORMAT"),
    ],
)
def test_search_refuses_what_makes_no_sense(api, query, constant):
    response = api.get(f"{BASE}/reports/search?{query}")

    assert (response.status_code, response.json()["message"]) == (422, constant)


def test_one_summary_tells_its_figures_as_numbers(api, onlus):
    make_donation(UserFactory(), onlus, "12.34", now=IN_MARCH)
    report = make_summary(onlus)

    response = api.get(f"{BASE}/reports/{report.pk}")

    data = response.json()["data"]
    assert response.json()["message"] == "FINANCIAL_REPORT_RETRIEVED_SUCCESS"
    assert b'"closing_balance":12.34' in response.content
    assert (data["report_title"], data["start_date"], data["end_date"], data["sha256"]) == (
        "Financial summary - March 2026",
        "2026-03-01",
        "2026-03-31",
        report.sha256,
    )
    assert data["summary_metrics"]["allocation_success_rate"] is None


def test_csv_and_json_are_exported_and_csv_is_on_record(api, onlus, member):
    make_donation(UserFactory(), onlus, "12.34", now=IN_MARCH)
    report = make_summary(onlus)

    table = api.post(f"{BASE}/reports/{report.pk}/export", {"format": "csv"}, format="json").json()
    told = api.post(f"{BASE}/reports/{report.pk}/export", {"format": "json"}, format="json").json()

    rows = list(csv.DictReader(io.StringIO(table["data"]["data"])))
    assert (table["message"], [row["Amount in EUR"] for row in rows]) == (
        "REPORT_EXPORTED_CSV_SUCCESS",
        ["12.34"],
    )
    assert (told["message"], told["data"]["data"]["report_id"], told["data"]["filename"]) == (
        "REPORT_EXPORTED_JSON_SUCCESS",
        str(report.pk),
        "bosco-vivo-financial-summary-march-2026.json",
    )
    assert DataAccess.objects.get().actor == member


def test_a_workbook_is_sent_as_a_file_on_record(api, onlus, member):
    make_donation(UserFactory(), onlus, "12.34", now=IN_MARCH)
    report = make_summary(onlus)

    response = api.post(f"{BASE}/reports/{report.pk}/export", {"format": "excel"}, format="json")

    rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert (response.status_code, [row[4] for row in rows]) == (200, ["Amount in EUR", 12.34])
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="bosco-vivo-financial-summary-march-2026.xlsx"'
    )
    assert DataAccess.objects.get().actor == member


def test_another_format_is_refused(api, onlus):
    report = make_summary(onlus)

    response = api.post(f"{BASE}/reports/{report.pk}/export", {"format": "pdf"}, format="json")

    assert (response.status_code, response.json()["message"]) == (422, "UNSUPPORTED_EXPORT_FORMAT")
    assert not FinancialReportFile.objects.exists()


def test_anothers_summary_does_not_exist(api, onlus):
    foreign = make_summary(OnlusFactory())
    draft = make_summary(onlus, published=False)

    for key in (foreign.pk, draft.pk, uuid4(), "x"):
        shown = api.get(f"{BASE}/reports/{key}")
        exported = api.post(f"{BASE}/reports/{key}/export", {"format": "csv"}, format="json")
        as_book = api.post(f"{BASE}/reports/{key}/export", {"format": "excel"}, format="json")
        for response in (shown, exported, as_book):
            assert (response.status_code, response.json()["message"]) == (404, "REPORT_NOT_FOUND")
    assert not FinancialReportFile.objects.exists()


def test_strangers_see_nothing(onlus):
    make_summary(onlus)

    assert ids(signed_in(UserFactory()).get(f"{BASE}/reports")) == []
    assert APIClient().get(f"{BASE}/reports").status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(api, onlus, count, django_assert_num_queries):
    for month in range(1, count + 1):
        make_summary(onlus, stretch=month_of(date(2025, month, 1)))

    with django_assert_num_queries(2):
        response = api.get(f"{BASE}/reports")

    assert len(ids(response)) == count


# The statement of a donor ------------------------------------------------------------------------------------------


def state(client, donor, **data):
    facts = {"start_date": "2026-03-01", "end_date": "2026-03-31"} | data
    return client.post(f"{BASE}/donor/{donor.pk}/statement", facts, format="json")


def test_a_donor_states_what_they_gave_with_organisation_and_field():
    donor, onlus = UserFactory(), OnlusFactory(name="Bosco Vivo", tax_id="97812345678")
    make_donation(donor, onlus, "12.34", now=IN_MARCH)

    response = state(signed_in(donor), donor)

    body = response.json()
    assert (body["message"], body["data"]["total_donations"]) == (
        "DONOR_STATEMENT_GENERATED_SUCCESS",
        12.34,
    )
    line = body["data"]["receipts"][0]
    assert (line["onlus_name"], line["onlus_tax_id"], line["onlus_category"]) == (
        "Bosco Vivo",
        "97812345678",
        "environment",
    )
    assert state(signed_in(donor), donor, format="pdf").content.startswith(b"%PDF")


def test_nobody_states_what_somebody_else_gave():
    donor = UserFactory()
    make_donation(donor, OnlusFactory(), "12.34", now=IN_MARCH)

    response = state(signed_in(UserFactory(is_staff=True)), donor)

    assert (response.status_code, response.json()["message"]) == (403, "ACCESS_DENIED")
    assert not GivingStatement.objects.exists()


@pytest.mark.parametrize(
    "days",
    [{"start_date": "2026-03-31", "end_date": "2026-03-01"}, {"end_date": "2027-01-01"}, {"end_date": "x"}],
)
def test_days_that_make_no_sense_are_refused(days):
    donor = UserFactory()

    response = state(signed_in(donor), donor, **days)

    assert (response.status_code, response.json()["message"]) == (422, "INVALID_DATE_RANGE")
