"""Financial reports: sums of the ledger, made once, kept with a hash, handed out on record."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.db import connection
from openpyxl import load_workbook

from donations.models import (
    Donation,
    FinancialReport,
    FinancialReportFile,
    LedgerAccount,
    Transfer,
)
from donations.operations import financial_reports, report_files
from donations.operations.closing import take_snapshots
from donations.queries.balances import balance_of
from donations.queries.financial_reports.audit import SCOPES, findings, score, verdict
from donations.report_periods import Stretch, last_months, month_of, quarter_of, year_of
from donations.report_words import finding_in_words, title_of
from donations.tasks import erase_report_files, make_financial_reports
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from goodplay.lib.private_files.models import PrivateFile
from goodplay.lib.retention.registry import KEPT
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.allocation import make_giver, make_pool, make_request, run
from tests.factories.donations import give_credits, make_donation, take_back
from tests.factories.financial_reports import AFTER_MARCH, IN_MARCH, MARCH, make_summary
from tests.factories.payouts import exported, payable_onlus, prepare

pytestmark = pytest.mark.django_db
Type, Status = FinancialReport.Type, FinancialReport.Status
Format = FinancialReportFile.Format
D = Decimal


def monthly(stretch=MARCH, now=AFTER_MARCH, **by):
    return financial_reports.make_periodic(report_type=Type.MONTHLY, stretch=stretch, now=now, **by)


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def amounts(facts, *names):
    return tuple(D(facts[name]) for name in names)


# What they say -----------------------------------------------------------------------------------------------------


@pytest.fixture
def march():
    """Three gifts of two donors in March, one of them partly given back; others before and after."""
    first, second = OnlusFactory(name="Bosco Vivo"), OnlusFactory(name="Mare Libero")
    anna, bruno = UserFactory(), UserFactory()
    make_donation(anna, first, "10.00", now=IN_MARCH)
    make_donation(anna, second, "2.50", now=IN_MARCH + timedelta(days=1))
    back = make_donation(bruno, first, "4.01", now=IN_MARCH + timedelta(days=2))
    take_back(back, "1.01", now=IN_MARCH + timedelta(days=3))
    make_donation(bruno, first, "100.00", now=datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    make_donation(bruno, first, "200.00", now=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))  # April, in Rome
    return first, second


def test_a_month_adds_up_what_the_ledger_has(march):
    facts = monthly().facts

    assert amounts(facts, "total_donations", "given_back", "net_donations", "total_received") == (
        D("16.51"),
        D("1.01"),
        D("15.50"),
        D("15.50"),
    )
    assert (facts["transaction_count"], facts["unique_donors"]) == (3, 2)
    assert amounts(facts, "average_donation", "total_earned_credits") == (D("5.50"), D("16.51"))
    assert [(each["name"], each["received"]) for each in facts["organisations"]] == [
        ("Bosco Vivo", "14.01"),
        ("Mare Libero", "2.50"),
    ]


def test_the_csv_of_a_month_sums_to_its_paper_and_to_the_accounts(march):
    report = monthly()

    rows = rows_of(
        report_files.hand_out(
            report=report, format_=Format.CSV, language="en", actor=StaffFactory(), now=AFTER_MARCH
        )
    )

    written = sum(D(row["Amount in EUR"]) for row in rows)
    in_ledger = sum(
        transfer.amount * (1 if transfer.credit_account.kind == "onlus_payable" else -1)
        for transfer in Transfer.objects.filter(
            kind="donation", created_at__gte=MARCH.start, created_at__lt=MARCH.end
        ).select_related("credit_account")
    )
    assert written == D(report.facts["total_received"]) == in_ledger
    assert len(rows) == 4


def test_a_gift_of_credits_and_own_money_is_one_donation():
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "5.00", kind=LedgerAccount.Kind.PLAYER_CASH, now=IN_MARCH)
    make_donation(donor, onlus, "3.00", now=IN_MARCH)
    give_credits(donor, "2.00", now=IN_MARCH)
    make_mixed = make_donation(donor, onlus, "6.00", now=IN_MARCH)
    assert (make_mixed.earned_amount, make_mixed.paid_amount) != (D(0), D(0))

    facts = monthly().facts

    assert (facts["transaction_count"], facts["total_donations"]) == (2, "9.00")


def test_allocations_are_counted_with_what_they_moved():
    make_giver("20.00", now=IN_MARCH)
    make_pool("50.00", now=IN_MARCH)
    onlus = OnlusFactory()
    make_request("60.00", onlus=onlus, now=IN_MARCH)
    run(now=IN_MARCH)

    facts, own = monthly().facts, make_summary(onlus).facts

    expected = (1, "100.00", "60.00", "60.00")
    for found in (facts, own):
        assert (
            found["allocation_count"],
            found["allocation_success_rate"],
            found["total_allocated_amount"],
            found["total_received"],
        ) == expected


@pytest.mark.parametrize("with_snapshots", [False, True])
def test_a_summary_leads_from_what_was_there_to_what_is_left(with_snapshots):
    onlus = payable_onlus("40.00", now=IN_MARCH - timedelta(days=20))
    make_donation(UserFactory(), onlus, "12.34", now=IN_MARCH)
    back = make_donation(UserFactory(), onlus, "5.00", now=IN_MARCH)
    take_back(back, now=IN_MARCH + timedelta(days=1))
    exported(prepare(IN_MARCH + timedelta(days=9)), now=IN_MARCH + timedelta(days=9))
    if with_snapshots:
        take_snapshots(now=MARCH.start + timedelta(hours=1))

    facts = make_summary(onlus).facts

    names = ("opening_balance", "total_received", "paid_out", "corrections", "closing_balance")
    opening, received, paid, corrections, closing = amounts(facts, *names)
    assert (opening, received, corrections) == (D("40.00"), D("12.34"), D("0.00"))
    assert opening + received + corrections - paid == closing
    assert closing == balance_of(LedgerAccount.objects.get(onlus=onlus))
    assert paid > 0


def test_a_summary_names_no_donor():
    onlus, donor = OnlusFactory(), UserFactory(display_name="Zenobia Quattrocchi")
    make_donation(donor, onlus, "7.00", now=IN_MARCH, message="Auguri a tutti")
    report = make_summary(onlus)

    table = report_files.hand_out(
        report=report, format_=Format.CSV, language="it", actor=donor, now=AFTER_MARCH
    )

    told = f"{report.facts} {table.decode()}"
    assert "Zenobia" not in told
    assert str(donor.pk) not in told
    assert "Auguri" not in told


def test_another_organisation_is_not_in_a_summary(march):
    first, second = march

    assert make_summary(second).facts["total_received"] == "2.50"
    assert make_summary(first).facts["opening_balance"] == "100.00"


def test_nothing_at_all_is_zero_and_rates_are_not_known():
    facts = monthly().facts

    assert (facts["total_donations"], facts["average_donation"]) == ("0.00", "0.00")
    assert (facts["allocation_success_rate"], facts["transaction_count"]) == (None, 0)


# Audits -----------------------------------------------------------------------------------------------------------


def sections(**values):
    names = {
        "failed_rate": "transactions",
        "pending_rate": "transactions",
        "allocation_success_rate": "allocations",
        "mean_allocation_seconds": "allocations",
        "depleted_rate": "funding_pools",
    }
    return {names[name]: {name: D(value)} for name, value in values.items()}


@pytest.mark.parametrize(
    ("figures", "found", "points", "result"),
    [
        ({}, [], 100, "clean"),
        ({"failed_rate": "5.00"}, [], 100, "clean"),
        ({"failed_rate": "5.01"}, [("failed_donations", "warning")], 90, "warning"),
        ({"pending_rate": "2.00"}, [], 100, "clean"),
        ({"pending_rate": "2.01"}, [("pending_donations", "warning")], 90, "warning"),
        ({"allocation_success_rate": "90.00"}, [], 100, "clean"),
        ({"allocation_success_rate": "89.99"}, [("failed_allocations", "warning")], 90, "warning"),
        ({"allocation_success_rate": "80.00"}, [("failed_allocations", "warning")], 90, "warning"),
        ({"allocation_success_rate": "79.99"}, [("failed_allocations", "critical")], 80, "critical"),
        ({"mean_allocation_seconds": "300.00"}, [], 100, "clean"),
        ({"mean_allocation_seconds": "300.01"}, [("slow_allocations", "warning")], 90, "warning"),
        ({"depleted_rate": "30.00"}, [], 100, "clean"),
        ({"depleted_rate": "30.01"}, [("depleted_pools", "warning")], 90, "warning"),
        (
            {"failed_rate": "50", "allocation_success_rate": "10", "depleted_rate": "100"},
            [
                ("failed_donations", "warning"),
                ("failed_allocations", "critical"),
                ("depleted_pools", "warning"),
            ],
            60,
            "critical",
        ),
    ],
)
def test_findings_follow_the_thresholds(figures, found, points, result):
    made = findings(sections(**figures))

    assert [(each.code, each.severity) for each in made] == found
    assert (score(made), verdict(made)) == (points, result)


def fail(onlus, now=IN_MARCH):
    return Donation.objects.create(
        donor=UserFactory(),
        onlus=onlus,
        onlus_name=onlus.name,
        amount=D("3.00"),
        earned_amount=D("3.00"),
        paid_amount=D("0.00"),
        status=Donation.Status.FAILED,
        origin=Donation.Origin.USER_INITIATED,
        created_at=now,
        closed_at=now,
    )


def test_an_audit_finds_what_is_wrong_in_the_rows():
    onlus = OnlusFactory()
    make_donation(UserFactory(), onlus, "5.00", now=IN_MARCH)
    fail(onlus)
    make_pool("50.00", now=IN_MARCH, status="active")

    report = financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH)

    facts = report.facts
    assert facts["sections"]["transactions"]["failed_rate"] == "50.00"
    assert [each["code"] for each in facts["findings"]] == ["failed_donations"]
    assert (facts["score"], facts["audit_status"]) == (90, "warning")
    assert finding_in_words(facts["findings"][0]) == "50 % of donations failed; more than 5 % is too many."


def test_staff_are_warned_once_of_what_the_audit_of_last_month_found(march):
    for month in (2, 3):
        fail(OnlusFactory(), now=datetime(2026, month, 10, tzinfo=UTC))
    with time_machine.travel(AFTER_MARCH, tick=False):
        make_financial_reports()
        make_financial_reports()

    alert = Alert.objects.get(alert_type="audit_findings")
    assert (alert.title, alert.severity) == ("Audit report - March 2026", "medium")
    assert alert.message == "25 % of donations failed; more than 5 % is too many."


def test_a_pool_with_nothing_left_is_depleted():
    make_pool("50.00", now=IN_MARCH)
    make_request("50.00", onlus=OnlusFactory(), now=IN_MARCH)
    run(now=IN_MARCH)

    pools = financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH).facts["sections"]["funding_pools"]

    assert pools == {"pool_count": 1, "depleted_count": 1, "depleted_rate": "100.00"}


def test_an_audit_looks_at_its_scope_only():
    report = financial_reports.make_audit(
        stretch=MARCH, scope=["funding_pools", "transactions"], now=AFTER_MARCH
    )

    assert report.scope == "transactions,funding_pools"
    assert list(report.facts["sections"]) == ["transactions", "funding_pools"]
    for refused in ([], ["everything"]):
        with pytest.raises(financial_reports.ReportScopeInvalid):
            financial_reports.make_audit(stretch=MARCH, scope=refused, now=AFTER_MARCH)
    assert FinancialReport.objects.count() == 1


# Making once --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretch", "now"),
    [
        (MARCH, MARCH.end),
        (Stretch(MARCH.last, MARCH.first), AFTER_MARCH),
        (Stretch(date(2020, 1, 1), date(2026, 3, 31)), AFTER_MARCH),
    ],
)
def test_days_that_are_not_over_or_make_no_sense_are_refused(stretch, now):
    with pytest.raises(financial_reports.ReportDaysInvalid):
        monthly(stretch, now)

    assert not FinancialReport.objects.exists()


def test_asking_again_returns_the_same_report(march):
    made = monthly()

    assert monthly(now=AFTER_MARCH + timedelta(days=30)) == made
    assert trail.digest_of(made.facts) == made.sha256
    assert Event.objects.filter(name="financial_report_ready").count() == 1


def test_the_same_days_add_up_to_the_same_whatever_was_given_back_since(march):
    made = monthly()
    take_back(Donation.objects.get(amount=D("10.00")), now=AFTER_MARCH)
    financial_reports.archive(report=made, actor=StaffFactory(), reason="Made anew", now=AFTER_MARCH)

    again = monthly(now=AFTER_MARCH + timedelta(days=1))

    assert again != made
    assert again.sha256 == made.sha256


def test_the_job_makes_what_is_due_once_and_publishes_to_organisations(march):
    with time_machine.travel(AFTER_MARCH, tick=False):
        assert make_financial_reports() == "8 reports"
        before = list(FinancialReport.objects.order_by("pk").values())
        assert make_financial_reports() == "0 reports"

    made = FinancialReport.objects.order_by("report_type", "first", "onlus__name")
    assert [(each.report_type, str(each.first), str(each.onlus or ""), each.status) for each in made] == [
        ("audit_report", "2026-02-01", "", "completed"),
        ("audit_report", "2026-03-01", "", "completed"),
        ("monthly", "2026-02-01", "", "completed"),
        ("monthly", "2026-03-01", "", "completed"),
        ("onlus_statement", "2026-02-01", "Bosco Vivo", "published"),
        ("onlus_statement", "2026-03-01", "Bosco Vivo", "published"),
        ("onlus_statement", "2026-03-01", "Mare Libero", "published"),
        ("quarterly", "2026-01-01", "", "completed"),
    ]
    assert list(FinancialReport.objects.order_by("pk").values()) == before


def test_the_job_does_not_bring_back_what_staff_put_away(march):
    with time_machine.travel(AFTER_MARCH, tick=False):
        make_financial_reports()
        report = FinancialReport.objects.get(report_type="monthly", first=MARCH.first)
        financial_reports.archive(report=report, actor=StaffFactory(), reason="Wrong days", now=AFTER_MARCH)

        assert make_financial_reports() == "0 reports"


def test_the_job_publishes_a_summary_whose_run_was_cut_off(march):
    first, _second = march
    left = make_summary(first, published=False)
    asked = make_summary(first, stretch=Stretch(date(2026, 3, 1), date(2026, 3, 5)), published=False)

    with time_machine.travel(AFTER_MARCH, tick=False):
        make_financial_reports()
        assert make_financial_reports() == "0 reports"

    left.refresh_from_db()
    asked.refresh_from_db()
    assert (left.status, asked.status) == ("published", "completed")
    assert Event.objects.filter(name="financial_report_ready", payload__report_id=str(left.pk)).count() == 1


def test_the_job_leaves_what_staff_made_to_staff(march):
    first, _second = march
    made = make_summary(first, published=False, made_by=StaffFactory())

    with time_machine.travel(AFTER_MARCH, tick=False):
        make_financial_reports()

    made.refresh_from_db()
    assert made.status == "completed"


def test_who_asks_while_another_publishes_gets_the_same_summary(march):
    first, _second = march
    member = MembershipFactory(onlus=first).user
    made = make_summary(first, published=False)

    def publish_meanwhile(execute, sql, parameters, many, context):
        found = execute(sql, parameters, many, context)
        if sql.startswith("SELECT") and "financialreport" in sql:
            FinancialReport.objects.filter(status="completed").update(
                status="published", published_at=AFTER_MARCH
            )
        return found

    with connection.execute_wrapper(publish_meanwhile):
        got = financial_reports.ask_for_summary(onlus=first, months=1, member=member, now=AFTER_MARCH)

    assert (got, got.status) == (made, "published")


def test_before_the_first_gift_nothing_is_due():
    with time_machine.travel(AFTER_MARCH, tick=False):
        assert make_financial_reports() == "0 reports"


@pytest.mark.parametrize("count", [1, 3])
def test_a_month_costs_the_same_whatever_was_given(count, django_assert_num_queries):
    for _each in range(count):
        make_donation(UserFactory(), OnlusFactory(), "5.00", now=IN_MARCH)

    with django_assert_num_queries(QUERIES_OF_A_MONTH):
        monthly()


QUERIES_OF_A_MONTH = 13


# Telling, publishing and putting away -------------------------------------------------------------------------------


def test_publishing_tells_the_people_once_and_not_who_asked(django_capture_on_commit_callbacks):
    onlus = OnlusFactory(name="Bosco Vivo")
    owner = MembershipFactory(onlus=onlus, role="owner").user
    MembershipFactory(onlus=onlus, role="viewer", wants_payout_mails=False)
    MembershipFactory()
    make_donation(UserFactory(), onlus, "5.00", now=IN_MARCH)
    report = make_summary(onlus, published=False)

    with django_capture_on_commit_callbacks(execute=True):
        financial_reports.publish(report=report, now=AFTER_MARCH)
    with pytest.raises(financial_reports.ReportNotPublishable):
        financial_reports.publish(report=report, now=AFTER_MARCH)
    with django_capture_on_commit_callbacks(execute=True):
        financial_reports.ask_for_summary(onlus=onlus, months=2, member=owner, now=AFTER_MARCH)

    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([owner.email], "Your financial summary is ready")
    ]
    assert "March 2026" in mail.outbox[0].body


def test_reports_over_everybody_are_never_published():
    report = monthly()

    with pytest.raises(financial_reports.ReportNotPublishable):
        financial_reports.publish(report=report, now=AFTER_MARCH)

    report.refresh_from_db()
    assert report.status == Status.COMPLETED


def test_a_report_is_put_away_once():
    report, staff = monthly(), StaffFactory()
    financial_reports.archive(report=report, actor=staff, reason="Wrong days", now=AFTER_MARCH)

    with pytest.raises(financial_reports.ReportNotArchivable):
        financial_reports.archive(report=report, actor=staff, reason="Again", now=AFTER_MARCH)

    assert [
        (each.action, each.reason) for each in AuditEntry.objects.filter(action__contains="report_archive")
    ] == [("financial_report_archive", "Wrong days")]


# The papers ---------------------------------------------------------------------------------------------------------


def hand_out(report, format_=Format.PDF, language="en", actor=None, now=AFTER_MARCH):
    return report_files.hand_out(
        report=report, format_=format_, language=language, actor=actor or StaffFactory(), now=now
    )


def test_a_paper_is_made_once_for_each_language_and_every_download_is_on_record(march):
    report, staff = monthly(), StaffFactory()

    first = hand_out(report, actor=staff)

    assert first.startswith(b"%PDF")
    assert hand_out(report, actor=staff, now=AFTER_MARCH + timedelta(days=1)) == first
    assert hand_out(report, language="it") != first
    assert sorted(FinancialReportFile.objects.values_list("language", flat=True)) == ["en", "it"]
    assert DataAccess.objects.filter(actor=staff).count() == 2


def test_papers_are_erased_after_ninety_days_and_made_again(march):
    report = monthly()
    first = hand_out(report, Format.CSV)
    later = AFTER_MARCH + timedelta(days=90, seconds=1)

    with time_machine.travel(later, tick=False):
        assert erase_report_files() == "1 files"
        assert erase_report_files() == "0 files"

    assert not FinancialReportFile.objects.exists()
    assert PrivateFile.objects.get().erased_at == later
    assert hand_out(report, Format.CSV, now=later) == first


def test_the_workbook_says_what_the_csv_says_and_its_amounts_are_numbers(march):
    report = monthly()

    sheet = load_workbook(io.BytesIO(hand_out(report, Format.EXCEL))).active

    header, *rows = sheet.iter_rows(values_only=True)
    table = rows_of(hand_out(report, Format.CSV))
    assert list(header) == list(table[0])
    assert [(kind, str(key)) for _moment, kind, _name, _side, _amount, key in rows] == [
        (row["Kind"], row["Transaction"]) for row in table
    ]
    assert sum(D(str(row[4])) for row in rows) == D(report.facts["total_received"])


def test_an_organisation_named_like_a_formula_is_words_in_the_workbook():
    make_donation(
        UserFactory(), OnlusFactory(name='=HYPERLINK("https://evil.example")'), "5.00", now=IN_MARCH
    )

    sheet = load_workbook(io.BytesIO(hand_out(monthly(), Format.EXCEL))).active

    cell = sheet["C2"]
    assert (cell.data_type, cell.value) == ("s", '\'=HYPERLINK("https://evil.example")')


def test_figures_changed_behind_our_back_are_not_handed_out(march):
    report = monthly()
    FinancialReport.objects.update(facts=report.facts | {"total_donations": "999.00"})
    report.refresh_from_db()

    with pytest.raises(report_files.ReportDamaged):
        hand_out(report)

    assert not FinancialReportFile.objects.exists()


def test_an_audit_prints_and_lists_its_findings():
    report = financial_reports.make_audit(stretch=MARCH, now=AFTER_MARCH)

    assert hand_out(report).startswith(b"%PDF")
    assert rows_of(hand_out(report, Format.CSV))[-1] == {"Part": "Score", "Figure": "", "Value": "100"}


def test_after_seven_years_reports_go_with_their_papers(march):
    report = monthly()
    hand_out(report)
    policy = KEPT["financial_reports"]

    policy.purge(list(policy.rows(AFTER_MARCH + timedelta(seconds=1))), AFTER_MARCH)

    assert not FinancialReport.objects.exists()
    assert PrivateFile.objects.get().erased_at == AFTER_MARCH


# Their names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report_type", "stretch", "title"),
    [
        ("monthly", MARCH, "Monthly Financial Report - March 2026"),
        ("quarterly", quarter_of(date(2026, 5, 9)), "Q2 2026 Financial Report"),
        ("annual", year_of(date(2025, 5, 9)), "Annual Financial Report - 2025"),
        (
            "onlus_statement",
            last_months(2, AFTER_MARCH),
            "Financial summary - 1 February 2026 to 31 March 2026",
        ),
        ("audit_report", MARCH, "Audit report - March 2026"),
    ],
)
def test_titles_name_their_days(report_type, stretch, title):
    report = FinancialReport(report_type=report_type, first=stretch.first, last=stretch.last)

    assert title_of(report) == title


def test_months_are_those_of_rome():
    assert month_of(date(2026, 2, 9)).last == date(2026, 2, 28)
    assert last_months(12, AFTER_MARCH).first == date(2025, 4, 1)
    assert MARCH.end - MARCH.start == timedelta(days=31, hours=-1)  # summer time begins
    assert SCOPES == ("transactions", "allocations", "compliance", "funding_pools")
