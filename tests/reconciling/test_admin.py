"""The queue of breaks in the back office, as two members of staff work it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from donations.dashboards import finance
from donations.models import (
    BankStatement,
    Discrepancy,
    MonthClose,
    QuarantinedFile,
    ReconciliationRun,
    StatementMapping,
)
from donations.queries.reconciliation import OpenBreaks, open_breaks
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.approvals.models import ApprovalRequest
from tests.bank.orders import BANK
from tests.factories.accounts import StaffFactory
from tests.factories.donations import NOW
from tests.factories.payouts import colleague
from tests.reconciling.house import APRIL_2, EUR, bank_day, charge, fund, incoming, reconcile_march

pytestmark = pytest.mark.django_db
ROOT = "/admin/donations/"
PERIOD = {"type": "monthly", "start_date": "2026-03-01", "end_date": "2026-03-31"}


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(APRIL_2 + timedelta(hours=1), tick=False):
        yield


def signed_in(name):
    client = Client()
    client.force_login(colleague(name))
    return client


@pytest.fixture
def anna(db):
    return signed_in("Anna")


@pytest.fixture
def bruno(db):
    return signed_in("Bruno")


def press(client, place, name, **data):
    return client.post(f"{ROOT}{place}do/{name}/", data, follow=True)


def approve(client):
    request = ApprovalRequest.objects.get(state="pending")
    return client.post(
        f"/admin/approvals/approvalrequest/{request.pk}/do/approve/", {"reason": ""}, follow=True
    )


def xml(content, name="bank.xml"):
    return SimpleUploadedFile(name, content, "application/xml")


def test_a_break_is_found_taken_resolved_and_gone(anna, bruno):
    fund()
    bank_day(incoming=[incoming()], charges=[charge("2.50")])

    told = press(anna, "reconciliationrun/", "start", **PERIOD).text
    assert "1 breaks are open" in told
    row = Discrepancy.objects.get()
    assert "A fee that is not booked" in anna.get(f"{ROOT}discrepancy/?state=open").text
    press(anna, f"discrepancy/{row.pk}/", "take")
    press(anna, f"discrepancy/{row.pk}/", "add_note", text="Asked the bank")
    wish = {"resolution_type": "manual_adjustment", "notes": "The price of the account"}
    assert "second person" in press(anna, f"discrepancy/{row.pk}/", "resolve", **wish).text
    approve(bruno)

    row.refresh_from_db()
    assert (row.status, row.assignee, row.resolved_by) == ("resolved", colleague("Anna"), colleague("Bruno"))
    page = anna.get(f"{ROOT}discrepancy/{row.pk}/change/").text
    assert "Asked the bank" in page
    assert "A fee of 2.50 EUR was kept that is not booked." in page
    run = ReconciliationRun.objects.get()
    assert "0 breaks are open" in press(anna, f"reconciliationrun/{run.pk}/", "again").text


def test_the_queue_is_filtered_and_costs_the_same_for_one_and_three(anna, django_assert_max_num_queries):
    bank_day(charges=[charge("1.00"), charge("2.00"), charge("3.00")], incoming=[incoming("9.00", text="?")])
    reconcile_march()
    anna.get(f"{ROOT}discrepancy/")

    for filters, count in (("break_class__exact=fee", 3), ("severity__exact=medium", 2), ("state=mine", 0)):
        with django_assert_max_num_queries(12):
            page = anna.get(f"{ROOT}discrepancy/?{filters}")
        assert len(page.context["cl"].result_list) == count


def test_every_screen_opens(anna):
    fund()
    bank_day(incoming=[incoming()], charges=[charge()])
    reconcile_march()

    for name in (
        "reconciliationrun",
        "discrepancy",
        "reconciliationmatch",
        "externalline",
        "bankstatement",
        "providerreport",
        "quarantinedfile",
        "statementmapping",
        "monthclose",
    ):
        page = anna.get(f"{ROOT}{name}/")
        assert page.status_code == 200
        for row in page.context["cl"].result_list:
            assert anna.get(f"{ROOT}{name}/{row.pk}/change/").status_code == 200


def test_a_month_is_closed_and_reopened_by_two_people(anna, bruno):
    fund()
    bank_day(incoming=[incoming()])
    bank_day(NOW.date().replace(day=31), opening="1500.00", number=2, now=APRIL_2)
    reconcile_march()

    press(anna, "monthclose/", "close", month="2026-03-15", reason="Month end")
    approve(bruno)
    row = MonthClose.objects.get()
    press(anna, f"monthclose/{row.pk}/", "reopen", reason="An entry was forgotten")
    approve(bruno)

    row.refresh_from_db()
    assert (row.closed_by, row.reopened_by) == (colleague("Bruno"), colleague("Bruno"))


@pytest.mark.parametrize("day", ["0001-01-01", "2019-12-31", "9999-12-31"])
def test_days_at_the_edge_of_the_calendar_are_refused(anna, day):
    period = {"type": "daily", "start_date": day, "end_date": day}

    started = press(anna, "reconciliationrun/", "start", **period)
    closed = press(anna, "monthclose/", "close", month=day, reason="Month end")

    assert (started.status_code, closed.status_code) == (200, 200)
    assert started.context["form"].errors
    assert closed.context["form"].errors
    assert not ReconciliationRun.objects.exists()
    assert not ApprovalRequest.objects.exists()


def test_a_file_in_quarantine_is_looked_at_and_corrected(anna):
    good = BANK.statement(NOW.date(), now=NOW, opening=EUR("1000.00"), charges=[charge()])
    bad = good.replace(b">997.50<", b">997.00<")

    told = press(anna, "bankfile/", "upload", file=xml(bad)).text
    assert "Opening balance and entries do not make the closing balance." in told
    row = QuarantinedFile.objects.get()
    assert "BkToCstmrStmt" in press(anna, f"quarantinedfile/{row.pk}/", "show", reason="What is wrong?").text
    assert DataAccess.objects.get().what == "quarantined file"
    press(anna, f"quarantinedfile/{row.pk}/", "replace", file=xml(good))

    row.refresh_from_db()
    assert (row.state, BankStatement.objects.get().closing) == ("replaced", EUR("997.50"))


def test_a_csv_is_previewed_before_it_is_imported(anna):
    mapping = StatementMapping.objects.create(name="CSV", date_column="Data", amount_column="Importo")
    content = b"Data;Importo\n04/03/2026;-2,50\n"
    place = f"statementmapping/{mapping.pk}/"

    told = press(anna, place, "preview", file=xml(content, "a.csv")).text
    assert "1 rows, -2.50 EUR in all" in told
    assert not BankStatement.objects.exists()
    press(anna, place, "take", file=xml(content, "a.csv"), opening="10.00", closing="7.50")

    assert BankStatement.objects.get().closing == EUR("7.50")


def test_without_the_right_nothing_is_done(db):
    bank_day(charges=[charge()])
    reconcile_march()
    client = Client()
    client.force_login(StaffFactory(is_superuser=False))
    row = Discrepancy.objects.get()

    answer = press(client, f"discrepancy/{row.pk}/", "take")

    row.refresh_from_db()
    assert (answer.status_code, row.assignee) == (403, None)


def test_the_dashboard_counts_what_is_open():
    bank_day(charges=[charge("2.50"), charge("0.50")])
    reconcile_march()

    assert open_breaks() == OpenBreaks(2, 1, EUR("3.00"), NOW.date())


def test_the_dashboard_leads_to_the_breaks_it_counts():
    bank_day(charges=[charge(f"{cents / 100 + 1:.2f}") for cents in range(7)])
    reconcile_march()
    rows = list(Discrepancy.objects.order_by("amount"))
    for row, status in zip(rows, Discrepancy.Status.values, strict=True):
        is_over = status not in Discrepancy.OPEN
        Discrepancy.objects.filter(pk=row.pk).update(
            status=status, resolved_at=APRIL_2 if is_over else None, approval_id=row.pk
        )
    figures = finance.build(Period(NOW.date(), NOW.date()), APRIL_2).figures
    figure = next(each for each in figures if str(each.label) == "Open discrepancies")

    shown = list(signed_in("Anna").get(figure.url).context["cl"].queryset)

    assert {row.status for row in shown} == set(Discrepancy.OPEN)
    assert (len(shown), sum(row.amount for row in shown)) == (open_breaks().count, figure.value)
    assert figure.value == EUR("4.06")
