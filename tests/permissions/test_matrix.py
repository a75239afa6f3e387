"""Who may do what: every role against every route, page, screen, button, action, approval, export and dashboard.

`matrix.csv` is the expectation, for people to review. A door that is not in it, or that opens for others than it says,
fails; after a change that is meant: REWRITE_PERMISSION_MATRIX=1 pytest tests/permissions, then read the difference.
"""

import csv
import os
from pathlib import Path

import pytest

from accounts.roles import CONFIDENTIAL
from tests.permissions.doors import PEOPLE, all_doors, everybody, staff_routes

pytestmark = pytest.mark.django_db
MATRIX = Path(__file__).parent / "matrix.csv"
HEADER = ["kind", "door", "act", *PEOPLE]
OUTSIDERS = ("anonymous", "player", "no role")
READERS = ("analyst", "auditor")
STAFF_DOORS = ("screen", "button", "action", "dashboard", "approval", "export")
WRITES = {"add", "change", "delete"}
# What is sent as a POST, or offered as a button, and only reads: files to look at, figures, exports (each on the trail).
READS = {
    ("audit.AuditEntry", "export_signed"),
    ("donations.BatchOperation", "download"),
    ("donations.CaseEvent", "open_file"),
    ("donations.FinancialReport", "download_csv"),
    ("donations.FinancialReport", "download_excel"),
    ("donations.FinancialReport", "download_pdf"),
    ("donations.GivingStatement", "open_pdf"),
    ("donations.Receipt", "open_pdf"),
    ("donations.RiskDecision", "replay"),
    ("impact.DayRoot", "reckon_anew"),
    ("impact.ImpactStory", "preview"),
    ("retention.RetentionPolicy", "count_due"),
    ("/api/admin/financial/export", "POST"),
    ("/api/admin/financial/reports/custom", "POST"),
    ("/api/compliance/export", "POST"),
}
# What concerns nothing but what one asked for oneself.
OWN = {("exports.ExportJob", "download"), ("approvals.ApprovalRequest", "cancel")}
# Batches of each type are the business of those who may do each thing alone: the operation looks at the type.
BATCHES = {
    ("/api/batch/operations", "POST"),
    *(
        (f"/api/batch/{each}<batch_id>/{act}", "POST")
        for each in ("", "operations/")
        for act in ("cancel", "process", "retry")
    ),
}

_found = []


@pytest.fixture
def doors():
    """Ask once: the answers are plain words, and hold for every test here."""
    if not _found:
        _found.extend(all_doors(everybody()))
    return _found


def is_write(door):
    if (door.name, door.act) in READS | OWN:
        return False
    if door.kind in {"button", "action", "approval"}:
        return True
    return (door.kind == "screen" and door.act in WRITES) or (door.kind == "api" and door.act != "GET")


def test_the_matrix_says_for_every_door_who_may_go_through_it(doors):
    rows = [door.row for door in doors]
    if os.environ.get("REWRITE_PERMISSION_MATRIX"):
        with MATRIX.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])

    with MATRIX.open(newline="") as file:
        header, *expected = csv.reader(file)

    assert header == HEADER
    wanted, found = {tuple(row) for row in expected}, {tuple(row) for row in rows}
    assert sorted(found - wanted) == [], "doors the matrix does not know, or that open for others"
    assert sorted(wanted - found) == [], "doors of the matrix that are gone or changed"
    assert len(expected) == len(wanted) == len(rows)


def test_no_outsider_reaches_anything_of_the_staff(doors):
    staff_api = staff_routes()
    assert len(staff_api) > 10

    open_doors = [
        door
        for door in doors
        if (door.kind in STAFF_DOORS or (door.name, door.act) in staff_api) and door.opens_for(*OUTSIDERS)
    ]

    assert open_doors == []


def test_no_stranger_reads_a_page_of_the_back_office(doors):
    inside = [door for door in doors if door.kind == "admin page"]

    reached = {door.name for door in inside if door.opens_for("anonymous", "player")}

    assert len(inside) > 5
    assert reached <= {"/admin/login/", "/admin/logout/"}


def test_who_only_reads_writes_nothing(doors):
    staff_api = staff_routes()

    written = [
        (door.name, door.act)
        for door in doors
        if is_write(door)
        and (door.kind != "api" or (door.name, door.act) in staff_api)
        and door.opens_for(*READERS)
    ]

    assert written == []


def test_money_is_moved_by_finance_alone(doors):
    """Compliance decides about what is held and keeps its own cases; nobody else touches the tables of money."""
    money = [
        door
        for door in doors
        if is_write(door)
        and (door.name.startswith(("donations.", "sandbox.")) or door.kind == "approval")
        and door.name not in {"staff_role", "onlus_legal_data"}
        and door.name not in {"staff_role", "onlus_application"}
    ]

    movers = set().union(*(door.opens_for() for door in money))

    assert len(money) > 50
    assert movers <= {"super_admin", "finance", "compliance"}
    for name in ("donations.PayoutRun", "donations.Funding", "donations.ConversionRate"):
        for door in money:
            if door.name == name:
                assert door.opens_for() <= {"super_admin", "finance"}


def test_who_moves_money_does_not_judge_it_and_who_judges_it_does_not_move_it(doors):
    writing = [door for door in doors if is_write(door)]

    shared = {
        (door.name, door.act)
        for door in writing
        if {"finance", "compliance"} <= door.opens_for() and not door.opens_for("player")
    }

    assert shared == BATCHES
    for name, act in [("Case", "close"), ("ScreeningHit", "dismiss"), ("RiskRule", "publish")]:
        assert _opens(doors, f"donations.{name}", act) == {"super_admin", "compliance"}
    for name, act in [
        ("PayoutRun", "request_release"),
        ("Sponsor", "record_payment"),
        ("MonthClose", "close"),
    ]:
        assert _opens(doors, f"donations.{name}", act) == {"super_admin", "finance"}
    for kind in ("risk_rule_publish", "screening_true_match", "compliance_settings_change"):
        assert _opens(doors, kind, "decide") == {"super_admin", "compliance"}
    for kind in ("payout_run", "sponsor_funding", "month_close", "month_reopen"):
        assert _opens(doors, kind, "decide") == {"super_admin", "finance"}


def _opens(doors, name, act):
    (door,) = (each for each in doors if (each.name, each.act) == (name, act))
    return door.opens_for()


def test_analysts_see_nobodys_papers_tax_codes_accounts_or_cases(doors):
    confidential = {
        door.name
        for door in doors
        if door.kind == "screen"
        and door.name.lower().startswith(tuple(f"donations.{model.rstrip('*')}" for model in CONFIDENTIAL))
    }

    seen = {door.name for door in doors if door.name in confidential and door.opens_for("analyst")}

    assert {"donations.Case", "donations.DonorTaxProfile", "donations.OnlusBankAccount"} <= confidential
    assert seen == set()


def test_staff_are_managed_by_administrators_alone(doors):
    managing = [
        door
        for door in doors
        if (door.name, door.act) in {("staff_role", "decide")}
        or (
            door.kind == "button"
            and door.name == "accounts.User"
            and door.act in {"change_role", "lend_right", "reset_second_step", "unlock"}
        )
        or (door.name == "auth.Group" and door.act in WRITES)
    ]

    assert len(managing) == 8
    for door in managing:
        assert door.opens_for() <= {"super_admin", "admin"}


def test_no_dashboard_approval_or_export_is_without_a_role(doors):
    """A button or a right that no role holds is a mistake, unless the screen only shows."""
    nobodys = [
        door for door in doors if door.kind in {"dashboard", "approval", "export"} and not door.opens_for()
    ]

    assert nobodys == []
