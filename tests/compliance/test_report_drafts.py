"""Drafts for the authorities: complete, private, by their schema, and nobody's by accident."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import xmlschema
from django.contrib.auth.models import Group
from django.urls import reverse

from donations.models import CaseEvent, Transfer
from donations.operations.compliance import cases, checks, report_drafts
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.private_files.operations import content_of
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def private(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = tmp_path


@pytest.fixture
def case():
    player = UserFactory(first_name="Zoë", last_name="<Rossi> & \x0bFigli")
    make_donation(player, OnlusFactory(), "12.34", now=NOW - timedelta(days=1))
    make_donation(UserFactory(), OnlusFactory(), "99.99", now=NOW)  # somebody else's
    check = checks.open_check(
        user=player,
        check_type="aml",
        risk_level="high",
        risk_score=Decimal("55"),
        risk_factors=[],
        results={},
        reason="Rule",
        now=NOW,
    )
    return cases.open_case(
        kind="aml", subject_user=player, title="Structuring", risk_level="high", checks=[check], now=NOW
    )


def drawn(case, format):
    event = report_drafts.draw_up(case=case, format=format, actor=StaffFactory(), now=NOW)
    return event, content_of(event.file)


def test_the_xml_keeps_its_schema_and_names_every_movement_of_the_player_only(case):
    _event, content = drawn(case, "xml")

    found = xmlschema.XMLSchema(str(report_drafts.SCHEMA)).to_dict(content.decode())
    amounts = sorted(Decimal(str(row["@amount"])) for row in found["movements"]["movement"])
    own = Transfer.objects.filter(player=case.subject_user).values_list("amount", flat=True)
    assert amounts == sorted(own)
    assert Decimal("99.99") not in amounts
    assert found["subject"]["last-name"] == "<Rossi> & Figli"
    assert found["reasons"]["reason"][0] == "Structuring"


@pytest.mark.parametrize(("format", "begins"), [("csv", b"\xef\xbb\xbf"), ("pdf", b"%PDF-")])
def test_tables_and_pages(case, format, begins):
    event, content = drawn(case, format)

    assert content.startswith(begins)
    assert (event.kind, event.facts["sha256"]) == ("report", event.file.sha256)


def test_a_case_about_an_organisation_has_no_movements_to_report():
    case = cases.open_case(
        kind="other", subject_onlus=OnlusFactory(), title="Odd papers", risk_level="low", now=NOW
    )

    with pytest.raises(report_drafts.DraftNeedsPlayer):
        report_drafts.draw_up(case=case, format="csv", actor=StaffFactory(), now=NOW)

    assert not CaseEvent.objects.filter(kind="report").exists()


def test_each_look_at_a_draft_is_written_down_and_analysts_have_none(client, case):
    event, content = drawn(case, "csv")
    officer, analyst = UserFactory(is_staff=True), UserFactory(is_staff=True)
    officer.groups.add(Group.objects.get(name="compliance"))
    analyst.groups.add(Group.objects.get(name="analyst"))
    url = reverse("admin:donations_caseevent_do", args=[event.pk, "open_file"])

    client.force_login(analyst)
    refused = client.post(url)
    assert (refused.status_code, DataAccess.objects.count()) == (403, 0)
    client.force_login(officer)
    answer = client.post(url)

    assert answer.content == content
    assert DataAccess.objects.get().actor == officer


def test_the_statistics_of_a_year_count_its_rows(case):
    checks.open_check(
        user=UserFactory(),
        check_type="kyc",
        risk_level="low",
        risk_score=Decimal(0),
        risk_factors=[],
        results={},
        reason="Old",
        now=NOW - timedelta(days=400),
    )

    rows = list(report_drafts.yearly_statistics(2026).rows)

    assert rows == [["checks", "aml", "requires_review", 1], ["cases", "aml", "", 1]]


def test_the_statistics_are_asked_for_in_the_back_office(client):
    officer = UserFactory(is_staff=True)
    officer.groups.add(Group.objects.get(name="compliance"))
    client.force_login(officer)
    url = reverse("admin:donations_case_do_on_list", args=["statistics"])

    client.post(url, {"year": 2026, "format": "csv", "reason": "The yearly report"})

    job = ExportJob.objects.get()
    assert (job.kind, job.parameters, job.created_by) == ("compliance_statistics", {"year": 2026}, officer)
