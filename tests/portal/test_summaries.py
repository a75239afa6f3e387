"""Financial summaries in the portal: for the members of the organisation, and nobody else."""

from datetime import UTC, date, datetime

import pytest

from donations.models import FinancialReport, FinancialReportFile
from donations.operations import financial_reports
from donations.report_periods import month_of
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.financial_reports import make_summary
from tests.portal.conftest import NOON

FEBRUARY = month_of(date(2026, 2, 1))
IN_FEBRUARY = datetime(2026, 2, 10, 12, tzinfo=UTC)


def summary_of(onlus, **options):
    return make_summary(onlus, stretch=FEBRUARY, now=NOON, **options)


def address(onlus, report=None, ending="/"):
    return f"/portal/{onlus.pk}/summaries/" + (f"{report.pk}{ending}" if report else "")


def ask(client, onlus, months):
    return client.post(f"{address(onlus)}ask/", {"months": months})


def test_the_list_shows_what_is_published_for_this_organisation(portal, onlus):
    make_donation(UserFactory(), onlus, "12.34", now=IN_FEBRUARY)
    summary_of(onlus)
    make_summary(onlus, stretch=month_of(date(2026, 1, 1)), now=NOON, published=False)
    other = OnlusFactory()
    make_donation(UserFactory(), other, "99.99", now=IN_FEBRUARY)
    summary_of(other)

    shown = portal.get(address(onlus)).content.decode()

    assert "February 2026" in shown
    assert "€12.34" in shown
    assert "January 2026" not in shown
    assert "99.99" not in shown


def test_a_summary_shows_its_figures_and_movements_without_donors(portal, onlus):
    make_donation(UserFactory(display_name="Zenobia"), onlus, "12.34", now=IN_FEBRUARY)
    report = summary_of(onlus)

    shown = portal.get(address(onlus, report)).content.decode()

    assert "Financial summary - February 2026" in shown
    assert shown.count("€12.34") >= 3
    assert "10 Feb 2026, 13:00" in shown
    assert "Zenobia" not in shown


def test_italian_is_whole(portal, onlus):
    report = summary_of(onlus)

    shown = portal.get(address(onlus, report), headers={"accept-language": "it"}).content.decode()

    assert "febbraio 2026" in shown


@pytest.mark.parametrize(
    ("ending", "begins"), [(".pdf", b"%PDF"), (".csv", b"\xef\xbb\xbf"), (".xlsx", b"PK")]
)
def test_a_member_downloads_and_it_is_on_record(portal, onlus, member, ending, begins):
    report = summary_of(onlus)

    response = portal.get(address(onlus, report, ending))

    assert response.content.startswith(begins)
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="il-sentiero-verde-financial-summary-february-2026{ending}"'
    )
    assert DataAccess.objects.get().actor == member


@pytest.mark.parametrize("ending", ["/", ".pdf", ".csv", ".xlsx"])
def test_what_is_not_published_or_not_theirs_does_not_exist(portal, onlus, ending):
    draft = make_summary(onlus, stretch=FEBRUARY, now=NOON, published=False)
    foreign = summary_of(OnlusFactory())
    gone = make_summary(onlus, stretch=month_of(date(2026, 1, 1)), now=NOON)
    financial_reports.archive(report=gone, actor=StaffFactory(), reason="Wrong", now=NOON)
    whole = financial_reports.make_audit(stretch=FEBRUARY, now=NOON)

    answers = {
        portal.get(address(onlus, report, ending)).status_code for report in (draft, foreign, gone, whole)
    }

    assert answers == {404}
    assert not FinancialReportFile.objects.exists()
    assert not DataAccess.objects.exists()


def test_a_damaged_summary_is_told_and_not_handed_out(portal, onlus):
    report = summary_of(onlus)
    FinancialReport.objects.update(facts=report.facts | {"total_received": "999.00"})

    response = portal.get(address(onlus, report, ".csv"), follow=True)

    assert "were changed after it was made" in response.content.decode()
    assert not FinancialReportFile.objects.exists()


def test_an_editor_asks_for_the_last_months_and_gets_the_same_again(client, onlus):
    editor = MembershipFactory(onlus=onlus, role="editor").user
    client.force_login(editor)
    make_donation(UserFactory(), onlus, "12.34", now=IN_FEBRUARY)

    first = ask(client, onlus, 3)
    again = ask(client, onlus, 3)

    report = FinancialReport.objects.get()
    assert first.url == again.url == address(onlus, report)
    assert (str(report.first), str(report.last)) == ("2025-12-01", "2026-02-28")
    assert (report.status, report.made_by) == ("published", editor)
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "financial_report_make",
        "financial_report_publish",
    ]


@pytest.mark.parametrize("months", ["0", "61", "", "many"])
def test_other_months_are_refused(portal, onlus, months):
    response = ask(portal, onlus, months)

    assert response.status_code == 422
    assert not FinancialReport.objects.exists()


def test_a_viewer_reads_and_does_not_ask(client, onlus):
    client.force_login(MembershipFactory(onlus=onlus, role="viewer").user)
    report = summary_of(onlus)

    assert client.get(address(onlus, report)).status_code == 200
    assert b"Make the summary" not in client.get(address(onlus)).content
    assert ask(client, onlus, 3).status_code == 403
    assert FinancialReport.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(portal, onlus, count, django_assert_num_queries):
    for month in range(1, count + 1):
        make_summary(onlus, stretch=month_of(date(2025, month, 1)), now=NOON)
    portal.get(address(onlus))

    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        portal.get(address(onlus))


QUERIES_OF_THE_LIST = 6
