"""Compliance over REST, for staff who watch over it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from donations.exportables import COMPLIANCE
from donations.models import ComplianceCheck, RiskLevel
from donations.operations.compliance import checks, running
from donations.operations.compliance import settings as operations
from donations.queries import compliance as queries
from donations.queries import compliance_reports as reports
from donations.queries import compliance_settings
from donations.queries.compliance_export import exported_checks
from donations.serializers import compliance as shapes
from donations.serializers import compliance_input as inputs
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.approvals.operations import AlreadyRequested
from goodplay.lib.errors import DomainError
from goodplay.lib.exports.operations import request_export
from goodplay.lib.ids import parse_id
from goodplay.lib.requests import client_address

RIGHTS = {
    "create": "donations.add_compliancecheck",
    "review": "donations.review_compliancecheck",
    "update_settings": "donations.change_compliancesettings",
    "show_settings": "donations.view_compliancesettings",
}
SEES = "donations.view_compliancecheck"
DANGEROUS = {"update_settings"}
TAKES = {"critical": "24-48 hours", "high": "2-5 working days"}
STATUSES = {"approve": "approved", "reject": "failed", "escalate": "escalated"}


REPORTS: dict[str, Callable[[datetime, datetime], dict[str, Any]]] = {
    "summary": lambda since, until: {},
    "detailed": lambda since, until: {"details": reports.detailed(since=since, until=until)},
    "regulatory": lambda since, until: {"regulatory": reports.regulatory(since=since, until=until)},
}


class ComplianceViewSet(ApiViewSet):
    """Checks of people and their movements, and the thresholds behind them. Staff only."""

    serializer_class = shapes.CheckSerializer
    messages: ClassVar[dict[str, str]] = {
        "create": "COMPLIANCE_CHECK_INITIATED",
        "review": "COMPLIANCE_CHECK_REVIEWED",
        "status": "COMPLIANCE_STATUS_RETRIEVED",
        "reports": "COMPLIANCE_REPORT_GENERATED",
        "pending": "PENDING_CHECKS_RETRIEVED",
        "alerts": "COMPLIANCE_ALERTS_RETRIEVED",
        "show_settings": "COMPLIANCE_SETTINGS_RETRIEVED",
        "update_settings": "COMPLIANCE_SETTINGS_UPDATED",
        "export": "COMPLIANCE_EXPORT_INITIATED",
    }
    also_says: ClassVar[dict[str, dict[int, str]]] = {
        "update_settings": {202: "COMPLIANCE_SETTINGS_CHANGE_REQUESTED"}
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (running.SubjectNotFound, running.TransactionNotFound),
        "review": (checks.CheckNotFound, checks.OwnCheck, checks.CheckAlreadyDecided),
        "status": (running.SubjectNotFound,),
        "update_settings": (operations.SettingNotValid, operations.NothingChanges, AlreadyRequested),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "money", "export": "money"}

    def get_permissions(self) -> list[BasePermission]:
        return [staff_with(RIGHTS.get(self.action, SEES), dangerous=self.action in DANGEROUS)()]

    @extend_schema(request=inputs.CheckInput, responses={201: shapes.CheckCreatedSerializer})
    def create(self, request: Request) -> Response:
        """Check a person now. What cannot be found out waits for a person; it never passes."""
        asked = self._valid(inputs.CheckInput, request.data)
        default = gettext("Admin initiated %(type)s check") % {"type": asked["check_type"]}
        check = running.run_check(
            user_id=asked["user_id"],
            check_type=asked["check_type"],
            reason=asked.get("reason") or default,
            transaction_id=asked.get("transaction_id"),
            criteria=asked.get("check_criteria"),
            started_by=self.caller,
            now=timezone.now(),
        )
        facts = {
            "check_id": check.check_id,
            "status": check.status,
            "risk_level": check.risk_level,
            "risk_score": check.risk_score,
            "requires_review": check.requires_review,
            "estimated_completion": _estimate(check),
        }
        return Response(shapes.CheckCreatedSerializer(facts).data, status=201)

    @extend_schema(request=inputs.CheckReviewInput, responses=shapes.CheckReviewedSerializer)
    def review(self, request: Request, check_id: str) -> Response:
        """Decide on a check that waits: let it pass, fail it, or hand it to the next level."""
        asked = self._valid(inputs.CheckReviewInput, request.data)
        check = ComplianceCheck.objects.filter(check_id=check_id).first()
        if check is None:
            raise checks.CheckNotFound
        act = {"approve": checks.approve, "reject": checks.reject, "escalate": checks.escalate}
        now = timezone.now()
        row = act[asked["decision"]](
            check=check,
            decided_by=self.caller,
            notes=asked["review_notes"],
            now=now,
            address=client_address(request._request),
        )
        facts = {
            "check_id": row.check_id,
            "reviewer_id": self.caller_id,
            "decision": asked["decision"],
            "review_notes": asked["review_notes"],
            "reviewed_at": now,
            "status": STATUSES[asked["decision"]],
        }
        return Response(shapes.CheckReviewedSerializer(facts).data)

    @extend_schema(responses=shapes.ComplianceStatusSerializer)
    def status(self, request: Request, user_id: str) -> Response:
        """Show where a person stands, by the latest check of each type."""
        now, key = timezone.now(), parse_id(user_id)
        if not User.objects.filter(pk=key).exists():
            raise running.SubjectNotFound
        found = queries.status_of(key, now)
        return Response(shapes.ComplianceStatusSerializer(found, context={"now": now}).data)

    @extend_schema(parameters=[inputs.ReportInput], responses=shapes.ComplianceReportSerializer)
    def reports(self, request: Request) -> Response:
        """Count the checks of a period by outcome, risk and type.

        `detailed` adds days, outcomes by type, what was found, and who decided how fast; `regulatory` what an authority
        asks about: cases, holds, identities, screening, and the rules in force.
        """
        asked = self._valid(inputs.ReportInput, request.query_params.dict())
        now, since, until = timezone.now(), asked["start_date"], asked["end_date"]
        facts = {
            "report_id": f"COMP-RPT-{now:%Y%m%d%H%M%S}",
            "report_type": asked["report_type"],
            "period": {"start_date": since, "end_date": until, "days": (until - since).days},
            **queries.report(since=since, until=until),
            **REPORTS[asked["report_type"]](since, until),
            "generated_at": now,
            "generated_by": self.caller_id,
        }
        return Response(shapes.ComplianceReportSerializer(facts).data)

    @extend_schema(parameters=[inputs.PendingInput], responses=shapes.PendingChecksSerializer)
    def pending(self, request: Request) -> Response:
        """List what waits for a person: the gravest first, then the oldest."""
        asked = self._valid(inputs.PendingInput, request.query_params.dict())
        filters = {name: asked.get(name) for name in ("check_type", "risk_level")}
        rows = queries.pending_checks(**{name: value or "" for name, value in filters.items()})
        start, size = asked["offset"], min(asked["limit"], inputs.MOST_PENDING)
        facts = {
            "pending_checks": rows[start : start + size],
            "total_count": rows.count(),
            "filters": filters,
        }
        shown = shapes.PendingChecksSerializer(facts, context={"now": timezone.now()})
        return Response(shown.data)

    @extend_schema(parameters=[inputs.AlertsInput], responses=shapes.ComplianceAlertsSerializer)
    def alerts(self, request: Request) -> Response:
        """List the warnings of compliance nobody resolved, the most urgent first."""
        asked = self._valid(inputs.AlertsInput, request.query_params.dict())
        rows = queries.alerts(alert_type=asked.get("alert_type", ""))
        facts = {
            "alerts": rows[: min(asked["limit"], inputs.MOST_ALERTS)],
            "critical_count": queries.urgent(rows),
            "total_count": rows.count(),
            "filters": {"alert_type": asked.get("alert_type")},
        }
        return Response(shapes.ComplianceAlertsSerializer(facts).data)

    @extend_schema(responses=shapes.ComplianceSettingsSerializer)
    def show_settings(self, request: Request) -> Response:
        """Show the thresholds and switches in force."""
        found = compliance_settings.current()
        facts = {
            **{section: _numbers(values) for section, values in found.values.items()},
            "supported_check_types": ComplianceCheck.Type.values,
            "supported_risk_levels": RiskLevel.values,
            "version": found.version,
            "last_updated": found.updated_at,
            "updated_by": found.updated_by or None,
        }
        return Response(shapes.ComplianceSettingsSerializer(facts).data)

    @extend_schema(request=inputs.ComplianceSettingsInput, responses=shapes.SettingsUpdatedSerializer)
    def update_settings(self, request: Request) -> Response:
        """Change settings. What could weaken the watch is put before a second person, and changes nothing yet.

        Then the answer is COMPLIANCE_SETTINGS_CHANGE_REQUESTED with `changes_applied` false.
        """
        raw = self._valid(inputs.ComplianceSettingsInput, request.data)
        reason = raw.pop("reason", "") or gettext("Asked for over the API.")
        unknown = set(request.data) - set(raw) - {"reason"}
        changes = operations.read_changes(raw | dict.fromkeys(unknown))
        here: dict[str, Any] = {
            "now": timezone.now(),
            "address": client_address(request._request),
            "reason": reason,
        }
        waits = operations.takes_two(changes)
        if waits:
            operations.request_change(changes=changes, requested_by=self.caller, **here)
        else:
            operations.change(changes=changes, actor=self.caller, **here)
        facts = {
            "updated_fields": sorted(changes),
            "updated_at": here["now"],
            "updated_by": self.caller_id,
            "changes_applied": not waits,
        }
        shown = shapes.SettingsUpdatedSerializer(facts).data
        if waits:
            return answer(dict(shown), message="COMPLIANCE_SETTINGS_CHANGE_REQUESTED", status=202)
        return Response(shown)

    @extend_schema(request=inputs.ComplianceExportInput, responses={202: shapes.ComplianceExportSerializer})
    def export(self, request: Request) -> Response:
        """Have the checks of a period made into a file. It waits for a day among the exports of the back office."""
        asked = self._valid(inputs.ComplianceExportInput, request.data)
        parameters = {"check_types": asked["include_types"], "date_range": asked.get("date_range") or {}}
        job = request_export(
            kind=COMPLIANCE,
            format=asked["format"],
            parameters=parameters,
            requested_by=self.caller,
            now=timezone.now(),
            address=client_address(request._request),
        )
        facts = {
            "export_id": job.export_id,
            "format": job.format,
            "status": "processing",
            "estimated_completion": "1-2 minutes",
            "download_available_at": None,
            "includes": {
                "check_types": asked["include_types"],
                "date_range": job.parameters["date_range"] or None,
                "total_records": exported_checks(job.parameters).count(),
            },
            "created_by": self.caller_id,
            "created_at": job.created_at,
        }
        return Response(shapes.ComplianceExportSerializer(facts).data, status=202)

    def _valid(self, serializer: Any, data: Any) -> dict[str, Any]:
        checked = serializer(data=data)
        checked.is_valid(raise_exception=True)
        validated: dict[str, Any] = checked.validated_data
        return validated


def _numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Show amounts and shares as the numbers they are: stored, they are text."""
    return {name: Decimal(value) if isinstance(value, str) else value for name, value in values.items()}


def _estimate(check: ComplianceCheck) -> str:
    return TAKES.get(check.risk_level, "1-3 working days") if check.requires_review else "automatic"
