"""Financial reports in the back office: who makes, reads, publishes and puts away."""

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.models import FinancialReport, FinancialReportFile
from donations.operations import financial_reports
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.financial_reports import AFTER_MARCH, IN_MARCH, MARCH, make_summary

pytestmark = pytest.mark.django_db
REASON = "For the board"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AFTER_MARCH, tick=False):
        yield


def staff(client, role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def press(client, name, report=None, **data):
    base = "admin:donations_financialreport_do"
    address = reverse(base, args=[report.pk, name]) if report else reverse(f"{base}_on_list", args=[name])
    return client.post(address, data)


def page(client, report):
    return client.get(reverse("admin:donations_financialreport_change", args=[report.pk]))


def make(client, report_type, **data):
    facts = {"report_type": report_type, "first": "2026-03-10", "reason": REASON}
    return press(client, "make", **facts | data)


@pytest.mark.parametrize("days", [{"first": "0001-01-01"}, {"last": "9999-12-31"}])
def test_no_report_is_made_of_days_at_the_edge_of_the_calendar(client, days):
    staff(client, "finance")

    answer = make(client, "audit_report", **{"last": "2026-03-31"} | days)

    assert set(answer.context["form"].errors) == set(days)
    assert not FinancialReport.objects.exists()


def verified(**columns):
    return OnlusFactory(verified_at=MARCH.start, **columns)


@pytest.mark.parametrize(
    ("report_type", "last"), [("monthly", "2026-03-31"), ("annual", None), ("quarterly", "2026-03-31")]
)
def test_finance_makes_the_report_of_the_period_a_day_is_in(client, report_type, last):
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=IN_MARCH)
    finance = staff(client, "finance")

    response = make(client, report_type)

    if last is None:  # the year is not over
        assert not FinancialReport.objects.exists()
        return
    report = FinancialReport.objects.get()
    assert response.url == reverse("admin:donations_financialreport_change", args=[report.pk])
    assert (str(report.last), report.made_by, report.facts["total_donations"]) == (last, finance, "5.00")
    entry = AuditEntry.objects.get(action="financial_report_make")
    assert (entry.actor, entry.reason, entry.after["sha256"]) == (finance, REASON, report.sha256)


def test_a_summary_needs_its_organisation_and_its_last_day(client):
    staff(client, "finance")

    response = make(client, "onlus_statement", first="2026-03-01")

    assert b"Say the last day." in response.content
    assert b"Say which organisation." in response.content
    assert not FinancialReport.objects.exists()


def test_a_summary_is_made_published_and_put_away(client):
    onlus = verified()
    finance = staff(client, "finance")
    make(client, "onlus_statement", first="2026-03-01", last="2026-03-31", onlus=onlus.pk)
    report = FinancialReport.objects.get()

    press(client, "publish", report, reason=REASON)
    report.refresh_from_db()
    assert (report.status, report.published_at) == ("published", AFTER_MARCH)
    press(client, "archive", report, reason="Made too early")
    report.refresh_from_db()

    assert (report.status, report.archived_at) == ("archived", AFTER_MARCH)
    assert list(
        AuditEntry.objects.filter(actor=finance).order_by("sequence").values_list("action", flat=True)
    ) == [
        "financial_report_make",
        "financial_report_publish",
        "financial_report_archive",
    ]


def test_an_audit_shows_its_findings(client):
    staff(client, "finance")
    make(client, "audit_report", first="2026-03-01", last="2026-03-31", scope=["transactions"])
    report = FinancialReport.objects.get()
    facts = report.facts | {
        "findings": [{"code": "failed_donations", "severity": "warning", "value": "7.50", "threshold": "5"}],
        "score": 90,
        "audit_status": "warning",
    }
    FinancialReport.objects.update(facts=facts)

    shown = page(client, report).content.decode()

    assert "7.50 % of donations failed; more than 5 % is too many." in shown
    assert "Warning (90 / 100)" in shown


@pytest.mark.parametrize(("name", "ending"), [("pdf", "pdf"), ("csv", "csv"), ("excel", "xlsx")])
@pytest.mark.parametrize("role", ["auditor", "compliance", "finance"])
def test_who_may_see_reports_downloads_them_on_record(client, role, name, ending):
    report = make_summary(OnlusFactory(name="Bosco Vivo"))
    reader = staff(client, role)

    response = press(client, f"download_{name}", report)

    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="bosco-vivo-financial-summary-march-2026.{ending}"'
    )
    access = DataAccess.objects.get()
    assert access.actor == reader


@pytest.mark.parametrize("role", ["moderator"])
def test_who_may_not_see_reports_gets_none(client, role):
    report = make_summary(OnlusFactory())
    staff(client, role)

    assert page(client, report).status_code == 403
    assert press(client, "download_pdf", report).status_code == 403
    assert not FinancialReportFile.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "compliance", "admin", "analyst"])
def test_readers_change_nothing(client, role):
    report = make_summary(OnlusFactory(), published=False)
    staff(client, role)

    answers = {
        make(client, "monthly").status_code,
        press(client, "publish", report, reason=REASON).status_code,
        press(client, "archive", report, reason=REASON).status_code,
    }

    assert answers == {403}
    assert list(FinancialReport.objects.values_list("status", flat=True)) == ["completed"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(client, count, django_assert_num_queries):
    for _each in range(count):
        make_summary(OnlusFactory())
    financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH)
    staff(client, "finance")
    client.get(reverse("admin:donations_financialreport_changelist"))

    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        response = client.get(reverse("admin:donations_financialreport_changelist"))

    assert b"Clean (100 / 100)" in response.content


QUERIES_OF_THE_LIST = 8
