"""The nine routes of compliance: who may, what they answer, and that refusals change nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from donations.models import ComplianceCheck, ComplianceSettings
from donations.operations.compliance import checks, running
from donations.operations.compliance import settings as operations
from donations.queries import compliance_settings
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.exports.models import ExportJob
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.ids import UNKNOWN_ID
from tests.factories.screening import import_pep, screen_all

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CHECKS, PENDING = "/api/compliance/checks", "/api/compliance/checks/pending"
SETTINGS = "/api/compliance/settings"
ROUTES = [
    ("post", CHECKS),
    ("post", f"{CHECKS}/CHK-1/review"),
    ("get", f"/api/compliance/users/{UNKNOWN_ID}/status"),
    ("get", "/api/compliance/reports"),
    ("get", PENDING),
    ("get", "/api/compliance/alerts"),
    ("get", SETTINGS),
    ("put", SETTINGS),
    ("post", "/api/compliance/export"),
]


def officer():
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="compliance"))
    return user


@pytest.fixture
def rita():
    return officer()


@pytest.fixture
def desk(api, rita):
    api.force_authenticate(rita)
    return api


def opened(user=None, **changes):
    facts = {
        "check_type": "aml",
        "risk_level": "high",
        "risk_score": Decimal("55.00"),
        "risk_factors": ["potential_structuring"],
        "results": {},
        "reason": "A rule",
        "now": timezone.now(),
    }
    return checks.open_check(user=user or UserFactory(), **(facts | changes))


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_players_and_other_staff_are_kept_out(api, verb, path):
    for person in (UserFactory(), UserFactory(is_staff=True)):
        api.force_authenticate(person)

        answer = getattr(api, verb)(path, {})

        assert (answer.status_code, answer.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")
    assert not ComplianceCheck.objects.exists()


# Checks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check_type", "status"),
    [
        ("aml", "passed"),
        ("kyc", "passed"),
        ("fraud", "passed"),
        ("sanctions", "requires_review"),
        ("pep", "requires_review"),
        ("tax_compliance", "requires_review"),
    ],
)
def test_a_check_of_an_ordinary_player_without_lists(desk, rita, check_type, status):
    player = UserFactory()

    answer = desk.post(CHECKS, {"user_id": str(player.pk), "check_type": check_type})

    check = ComplianceCheck.objects.get()
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["message"]) == (201, "COMPLIANCE_CHECK_INITIATED")
    assert (check.user, check.status, check.started_by) == (player, status, rita)
    assert (data["check_id"], data["status"]) == (check.check_id, status)
    assert data["estimated_completion"] == ("automatic" if status == "passed" else "1-3 working days")


def test_who_was_screened_and_is_clear_passes_and_who_may_be_listed_does_not(desk):
    clear, minister = UserFactory(), UserFactory(first_name="Ottavia", last_name="Brandolini")
    import_pep()
    screen_all()

    for player in (clear, minister):
        desk.post(CHECKS, {"user_id": str(player.pk), "check_type": "sanctions"})

    found = ComplianceCheck.objects.filter(check_type="sanctions", started_by__isnull=False)
    assert found.get(user=clear).status == "passed"
    hit = found.get(user=minister)
    assert (hit.status, hit.risk_level, hit.check_results["screening"]) == (
        "requires_review",
        "critical",
        "open",
    )


def test_structuring_makes_a_money_check_wait(desk):
    player, onlus = UserFactory(), OnlusFactory()
    for amount in ("2700.00", "2800.00", "2900.00"):
        make_donation(player, onlus, amount, now=timezone.now())

    desk.post(CHECKS, {"user_id": str(player.pk), "check_type": "aml"})

    check = ComplianceCheck.objects.get()
    assert (check.status, check.check_results["structuring"]) == ("requires_review", True)


def test_without_a_name_identity_is_a_persons_business(desk):
    player = UserFactory(last_name="")

    desk.post(CHECKS, {"user_id": str(player.pk), "check_type": "kyc"})

    check = ComplianceCheck.objects.get()
    assert (check.status, check.risk_factors) == ("requires_review", ["missing_last_name"])


def test_a_check_that_finds_nothing_out_waits(desk):
    player = UserFactory()
    kept = running.gather
    running.gather = lambda **_: 1 / 0
    try:
        desk.post(CHECKS, {"user_id": str(player.pk), "check_type": "aml"})
    finally:
        running.gather = kept

    check = ComplianceCheck.objects.get()
    assert (check.status, check.risk_level, check.risk_factors) == (
        "requires_review",
        "high",
        ["FACTS_UNAVAILABLE"],
    )


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"check_type": "aml"}, 422, "USER_ID_REQUIRED"),
        ({"user_id": str(UNKNOWN_ID)}, 422, "CHECK_TYPE_REQUIRED"),
        ({"user_id": str(UNKNOWN_ID), "check_type": "stars"}, 422, "INVALID_COMPLIANCE_CHECK_TYPE"),
        ({"user_id": str(UNKNOWN_ID), "check_type": "aml"}, 404, "USER_NOT_FOUND"),
    ],
)
def test_a_check_of_nothing_is_refused(desk, body, status, constant):
    answer = desk.post(CHECKS, body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not ComplianceCheck.objects.exists()


def test_a_movement_of_somebody_else_is_not_found(desk):
    donation = make_donation(UserFactory(), OnlusFactory())
    body = {"user_id": str(UserFactory().pk), "check_type": "aml", "transaction_id": str(donation.pk)}

    answer = desk.post(CHECKS, body)

    assert (answer.status_code, answer.json()["message"]) == (404, "TRANSACTION_NOT_FOUND")
    assert not ComplianceCheck.objects.exists()


# Reviews --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "told", "stored"),
    [
        ("approve", "approved", "passed"),
        ("reject", "failed", "failed"),
        ("escalate", "escalated", "requires_review"),
    ],
)
def test_a_person_decides(desk, rita, decision, told, stored):
    check = opened()

    answer = desk.post(f"{CHECKS}/{check.check_id}/review", {"decision": decision, "review_notes": "Seen"})

    check.refresh_from_db()
    assert (answer.status_code, answer.json()["message"]) == (200, "COMPLIANCE_CHECK_REVIEWED")
    assert (answer.json()["data"]["status"], check.status) == (told, stored)
    assert AuditEntry.objects.filter(actor=rita, target_id=str(check.pk)).count() == 1


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({}, "DATA_REQUIRED"),
        ({"review_notes": "?"}, "REVIEW_DECISION_REQUIRED"),
        ({"decision": "shrug"}, "INVALID_REVIEW_DECISION"),
    ],
)
def test_no_decision_changes_nothing(desk, body, constant):
    check = opened()

    answer = desk.post(f"{CHECKS}/{check.check_id}/review", body)

    check.refresh_from_db()
    assert (answer.json()["message"], check.status) == (constant, "requires_review")


def test_an_unknown_check_and_ones_own_are_refused(desk, rita):
    own = opened(started_by=rita)

    unknown = desk.post(f"{CHECKS}/CHK-0/review", {"decision": "approve"})
    mine = desk.post(f"{CHECKS}/{own.check_id}/review", {"decision": "approve"})

    own.refresh_from_db()
    assert (unknown.status_code, unknown.json()["message"]) == (404, "COMPLIANCE_CHECK_NOT_FOUND")
    assert (mine.status_code, mine.json()["message"], own.status) == (
        403,
        "FOUR_EYES_REQUIRED",
        "requires_review",
    )


# Where somebody stands ------------------------------------------------------------------------------------------


def test_nobody_is_compliant_before_anybody_looked(desk):
    player = UserFactory()

    data = desk.get(f"/api/compliance/users/{player.pk}/status").json()["data"]

    assert (data["overall_status"], data["compliance_score"], data["last_check_date"]) == (
        "not_checked",
        None,
        None,
    )


def test_the_latest_check_of_each_type_counts(desk):
    player = UserFactory()
    opened(UserFactory(), status="failed")
    opened(player, status="failed", now=NOW - timedelta(days=2))
    opened(player, status="passed", risk_score=Decimal("10.00"), risk_level="low")
    url = f"/api/compliance/users/{player.pk}/status"

    good = desk.get(url).json()["data"]
    opened(player, check_type="kyc")
    waiting = desk.get(url).json()["data"]
    opened(player, check_type="fraud", status="failed")
    bad = desk.get(url).json()["data"]

    assert (good["overall_status"], good["compliance_score"], good["risk_level"]) == (
        "compliant",
        90.0,
        "low",
    )
    assert (waiting["overall_status"], len(waiting["pending_checks"])) == ("pending_review", 1)
    assert (bad["overall_status"], bad["compliance_score"]) == ("non_compliant", 45.0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_is_in_order_and_costs_the_same(desk, count, django_assert_num_queries):
    now = timezone.now()
    for _each in range(count):
        opened(risk_level="low", now=now - timedelta(hours=3))
        opened(risk_level="critical", now=now - timedelta(hours=1))
        opened(risk_level="critical", now=now - timedelta(hours=2))
    opened(status="passed")
    desk.get(PENDING)

    with django_assert_num_queries(2):
        data = desk.get(PENDING).json()["data"]

    found = [(row["risk_level"], row["pending_since_hours"]) for row in data["pending_checks"]]
    assert found == [("critical", 2.0)] * count + [("critical", 1.0)] * count + [("low", 3.0)] * count
    assert data["total_count"] == 3 * count


def test_the_queue_can_be_narrowed(desk):
    wanted = opened(check_type="kyc", risk_level="medium")
    opened(check_type="kyc")
    opened(risk_level="medium")

    data = desk.get(PENDING, {"check_type": "kyc", "risk_level": "medium", "limit": 5}).json()["data"]

    assert [row["check_id"] for row in data["pending_checks"]] == [wanted.check_id]
    assert data["filters"] == {"check_type": "kyc", "risk_level": "medium"}
    assert desk.get(PENDING, {"risk_level": "huge"}).json()["message"] == "INVALID_RISK_LEVEL"


def test_the_report_counts_what_there_is(desk):
    opened(status="passed", risk_level="low")
    opened(status="failed")
    opened()
    opened(now=NOW - timedelta(days=400))

    data = desk.get("/api/compliance/reports", {"days": 30}).json()["data"]

    assert data["summary"] == {
        "total_checks": 3,
        "passed_checks": 1,
        "failed_checks": 1,
        "pending_checks": 1,
        "expired_checks": 0,
        "escalated_checks": 0,
        "success_rate": 50.0,
    }
    assert data["risk_analysis"] == {"low_risk": 1, "medium_risk": 0, "high_risk": 2, "critical_risk": 0}
    assert data["check_types"]["aml"] == 3


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ({"start_date": "yesterday"}, "INVALID_START_DATE_FORMAT"),
        ({"end_date": "soon"}, "INVALID_END_DATE_FORMAT"),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "INVALID_DATE_RANGE"),
        ({"report_type": "poem"}, "INVALID_REPORT_TYPE"),
    ],
)
def test_a_report_of_no_period_is_refused(desk, query, constant):
    assert desk.get("/api/compliance/reports", query).json()["message"] == constant


def test_the_alerts_of_compliance(desk):
    def warned(alert_type, severity, area="compliance"):
        raise_alert(
            area=area,
            alert_type=alert_type,
            severity=severity,
            title=alert_type,
            message="Look",
            dedupe_key=f"{area}-{alert_type}",
            data={"check_id": "CHK-1"},
            source="test",
            now=NOW,
        )

    warned("expired", "medium")
    warned("critical", "high")
    warned("risk_facts_failed", "high")
    warned("money", "critical", area="financial")

    data = desk.get("/api/compliance/alerts").json()["data"]
    odd = desk.get("/api/compliance/alerts", {"alert_type": "anomaly"}).json()["data"]

    assert (data["total_count"], data["critical_count"]) == (3, 2)
    assert [row["title"] for row in odd["alerts"]] == ["risk_facts_failed"]
    assert desk.get("/api/compliance/alerts", {"alert_type": "x"}).json()["message"] == "INVALID_ALERT_TYPE"


# Settings -------------------------------------------------------------------------------------------------------


def test_the_settings_in_force(desk):
    data = desk.get(SETTINGS).json()["data"]

    assert data["aml_rules"]["single_transaction_threshold"] == 3000.0
    assert data["supported_risk_levels"] == ["low", "medium", "high", "critical"]


def test_a_harmless_setting_changes_at_once(desk, rita, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk.put(SETTINGS, {"system_settings": {"check_expiration_days": 60}})

    assert (answer.status_code, answer.json()["message"]) == (200, "COMPLIANCE_SETTINGS_UPDATED")
    assert answer.json()["data"]["updated_fields"] == ["system_settings.check_expiration_days"]
    assert compliance_settings.current().number("system_settings.check_expiration_days") == 60
    assert AuditEntry.objects.get(action="compliance_settings_change").actor == rita


def test_a_threshold_takes_a_second_person(desk, rita, django_capture_on_commit_callbacks):
    answer = desk.put(SETTINGS, {"aml_rules": {"single_transaction_threshold": 9000}, "reason": "Big givers"})

    request = ApprovalRequest.objects.get(kind=operations.CHANGE)
    assert (answer.status_code, answer.json()["message"]) == (202, "COMPLIANCE_SETTINGS_CHANGE_REQUESTED")
    assert answer.json()["data"]["changes_applied"] is False
    assert ComplianceSettings.objects.count() == 1
    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=request, decided_by=rita, now=timezone.now())

    other = officer()
    with django_capture_on_commit_callbacks(execute=True):
        approvals.approve(request=request, decided_by=other, now=timezone.now())

    latest = ComplianceSettings.objects.latest("version")
    assert (latest.version, latest.updated_by, latest.approved_by) == (2, rita, other)
    assert compliance_settings.current().number("aml_rules.single_transaction_threshold") == 9000


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({}, "DATA_REQUIRED"),
        ({"aml_rules": {"no_such": 1}}, "INVALID_COMPLIANCE_SETTING"),
        ({"moods": {"good": True}}, "INVALID_COMPLIANCE_SETTING"),
        ({"aml_rules": {"single_transaction_threshold": -1}}, "INVALID_COMPLIANCE_SETTING"),
        ({"aml_rules": {"single_transaction_threshold": True}}, "INVALID_COMPLIANCE_SETTING"),
        ({"aml_rules": {"structuring_detection_threshold": 7}}, "INVALID_COMPLIANCE_SETTING"),
        ({"aml_rules": {"suspicious_countries": ["Italy"]}}, "INVALID_COMPLIANCE_SETTING"),
        ({"system_settings": {"audit_logging_enabled": False}}, "INVALID_COMPLIANCE_SETTING"),
        ({"system_settings": {"check_expiration_days": 30}}, "COMPLIANCE_SETTINGS_UNCHANGED"),
    ],
)
def test_settings_that_make_no_sense_are_refused(desk, body, constant):
    answer = desk.put(SETTINGS, body)

    assert answer.json()["message"] == constant
    assert ComplianceSettings.objects.count() == 1
    assert not ApprovalRequest.objects.exists()


# Exports --------------------------------------------------------------------------------------------------------


def test_an_export_is_asked_for(desk, rita):
    opened(check_type="kyc")
    opened(check_type="fraud")

    answer = desk.post("/api/compliance/export", {"format": "csv", "include_types": ["kyc"]})

    job = ExportJob.objects.get()
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["message"]) == (202, "COMPLIANCE_EXPORT_INITIATED")
    assert (data["export_id"], data["includes"]["total_records"]) == (job.export_id, 1)
    assert (job.created_by, job.kind) == (rita, "compliance")


def test_an_export_in_no_known_format_is_refused(desk):
    assert (
        desk.post("/api/compliance/export", {"format": "stone"}).json()["message"] == "INVALID_EXPORT_FORMAT"
    )
    assert not ExportJob.objects.exists()
