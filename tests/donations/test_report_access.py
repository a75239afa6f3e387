"""Who may see a financial report: kept from staff who only read, opened to people by name, over REST as well."""

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from donations.models import FinancialReport, FinancialReportFile, FinancialReportGrant
from donations.operations import financial_reports
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.retention.registry import KEPT
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.financial_reports import AFTER_MARCH, IN_MARCH, MARCH, make_summary

pytestmark = pytest.mark.django_db
REASON = "For the board"
LIST = "/api/onlus/financial/reports"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(AFTER_MARCH, tick=False):
        yield


@pytest.fixture
def audit():
    return financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH)


def staff(client, role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def press(client, name, report, **data):
    address = reverse("admin:donations_financialreport_do", args=[report.pk, name])
    return client.post(address, {"reason": REASON} | data)


def screens(client, report):
    """Ask for the list and the page of a report; say whether it is on each."""
    listed = client.get(reverse("admin:donations_financialreport_changelist")).content.decode()
    page = client.get(reverse("admin:donations_financialreport_change", args=[report.pk]))
    return str(report.pk) in listed, page.status_code == 200


def rest(user, path=""):
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"{LIST}{path}")


def ids(response):
    return [row["report_id"] for row in response.json()["data"]["reports"]]


@pytest.mark.parametrize("role", ["auditor", "compliance", "admin", "analyst"])
def test_a_confidential_report_is_kept_from_staff_who_only_read(client, audit, role):
    other = make_summary(OnlusFactory())
    finance = staff(client, "finance")
    press(client, "seal", audit)
    assert screens(client, audit) == (True, True)

    staff(client, role)

    assert screens(client, audit) == (False, False)
    assert press(client, "download_pdf", audit).status_code == 404
    assert screens(client, other) == (True, True)
    assert not FinancialReportFile.objects.exists()
    entry = AuditEntry.objects.get(action="financial_report_seal")
    assert (entry.actor, entry.reason, entry.after["is_confidential"]) == (finance, REASON, True)


def test_who_it_is_opened_to_by_name_reads_it_until_that_is_withdrawn(client, audit):
    finance = staff(client, "finance")
    press(client, "seal", audit)
    auditor = UserFactory(is_staff=True)
    auditor.groups.add(Group.objects.get(name="auditor"))

    press(client, "grant", audit, email=auditor.email.upper())

    grant = FinancialReportGrant.objects.get()
    assert (grant.reader, grant.granted_by, grant.granted_at) == (auditor, finance, AFTER_MARCH)
    client.force_login(auditor)
    assert screens(client, audit) == (True, True)
    assert press(client, "download_csv", audit).status_code == 200
    client.force_login(finance)
    press(client, "withdraw", audit, email=auditor.email)
    client.force_login(auditor)
    assert screens(client, audit) == (False, False)
    grant.refresh_from_db()
    assert (grant.withdrawn_by, grant.withdrawn_at) == (finance, AFTER_MARCH)
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "financial_report_seal",
        "financial_report_grant",
        "financial_report_withdraw",
    ]


def test_no_longer_confidential_it_is_everybodys_of_the_staff_again(client, audit):
    staff(client, "finance")
    press(client, "seal", audit)
    press(client, "unseal", audit)

    staff(client, "auditor")

    assert screens(client, audit) == (True, True)


def test_the_people_of_an_organisation_read_its_summary_also_when_it_is_confidential(client):
    onlus = OnlusFactory()
    member = MembershipFactory(onlus=onlus, role="viewer").user
    report = make_summary(onlus)
    staff(client, "finance")

    press(client, "seal", report)

    [row] = rest(member).json()["data"]["reports"]
    assert (row["report_id"], row["is_confidential"]) == (str(report.pk), True)


def test_a_reader_by_name_reads_over_rest_what_it_says_and_nothing_else(client, audit):
    make_donation(UserFactory(display_name="Zenobia"), OnlusFactory(name="Bosco Vivo"), "5.00", now=IN_MARCH)
    month = financial_reports.make_periodic(report_type="monthly", stretch=MARCH, now=AFTER_MARCH)
    make_summary(OnlusFactory())
    reader = UserFactory()
    staff(client, "finance")
    assert ids(rest(reader)) == []

    for report in (audit, month):
        press(client, "grant", report, email=reader.email)

    assert set(ids(rest(reader))) == {str(audit.pk), str(month.pk)}
    told = rest(reader, f"/{month.pk}")
    assert b'"total_earned_credits":' in told.content
    data = told.json()["data"]
    assert (data["total_donations"], data["generated_for_id"], data["organization_name"]) == (5.0, None, None)
    assert data["summary_metrics"]["organisation_count"] == 1
    assert b"Zenobia" not in told.content
    found = rest(reader, f"/{audit.pk}").json()["data"]
    assert (found["summary_metrics"]["audit_status"], found["summary_metrics"]["score"]) == ("clean", 100)
    assert found["summary_metrics"]["sections"]["funding_pools"]["depleted_rate"] is None


def test_a_report_put_away_is_closed_to_its_readers(client, audit):
    reader = UserFactory()
    finance = staff(client, "finance")
    press(client, "grant", audit, email=reader.email)

    financial_reports.archive(report=audit, actor=finance, reason=REASON, now=AFTER_MARCH)

    assert ids(rest(reader)) == []
    assert rest(reader, f"/{audit.pk}").status_code == 404


@pytest.mark.parametrize("who", ["nobody", "unconfirmed", "closed", "oneself", "twice", "put_away"])
def test_readers_that_make_no_sense_are_refused(client, audit, who):
    finance = staff(client, "finance")
    reader = UserFactory()
    if who == "unconfirmed":
        reader = UserFactory(email_verified_at=None)
    elif who == "closed":
        reader = UserFactory(is_active=False)
    elif who == "oneself":
        reader = finance
    elif who == "twice":
        press(client, "grant", audit, email=reader.email)
    elif who == "put_away":
        financial_reports.archive(report=audit, actor=finance, reason=REASON, now=AFTER_MARCH)
    before = list(FinancialReportGrant.objects.values_list("reader_id", "withdrawn_at"))
    noted = AuditEntry.objects.count()

    press(client, "grant", audit, email="nobody@example.org" if who == "nobody" else reader.email)

    assert list(FinancialReportGrant.objects.values_list("reader_id", "withdrawn_at")) == before
    assert AuditEntry.objects.count() == noted


def test_withdrawing_what_was_not_given_is_refused(client, audit):
    staff(client, "finance")

    response = press(client, "withdraw", audit, email=UserFactory().email)

    assert b"was not given the report by name" in response.content
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "compliance", "admin", "analyst"])
@pytest.mark.parametrize("act", ["seal", "grant", "withdraw"])
def test_only_finance_decides_who_reads(client, audit, role, act):
    staff(client, role)

    response = press(client, act, audit, email=UserFactory().email)

    assert response.status_code == 403
    assert not FinancialReportGrant.objects.exists()
    assert not FinancialReport.objects.filter(is_confidential=True).exists()


def test_the_database_keeps_one_standing_grant_and_who_withdrew_it(audit):
    reader, actor = UserFactory(), StaffFactory()
    columns = {
        "report": audit,
        "reader": reader,
        "reason": REASON,
        "granted_by": actor,
        "granted_at": AFTER_MARCH,
    }
    FinancialReportGrant.objects.create(**columns)

    for more in ({}, {"withdrawn_at": AFTER_MARCH}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FinancialReportGrant.objects.create(**columns | more)
    FinancialReportGrant.objects.create(**columns, withdrawn_at=AFTER_MARCH, withdrawn_by=actor)


def test_after_seven_years_readers_go_with_the_report(client, audit):
    staff(client, "finance")
    press(client, "grant", audit, email=UserFactory().email)
    policy = KEPT["financial_reports"]

    policy.purge(list(policy.rows(AFTER_MARCH + MARCH.end.resolution)), AFTER_MARCH)

    assert not FinancialReport.objects.exists()
    assert not FinancialReportGrant.objects.exists()
