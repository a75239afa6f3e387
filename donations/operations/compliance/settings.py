"""Changing the compliance settings: each change is a new version, and what could weaken the watch takes two people."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import ComplianceSettings
from donations.operations.screening import runs
from donations.queries import compliance_settings, risk_rules
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError

CHANGE = "compliance_settings_change"

Changes = Mapping[str, Mapping[str, Any]]


class SettingNotValid(DomainError):
    code = "INVALID_COMPLIANCE_SETTING"

    def __init__(self, path: str) -> None:
        super().__init__(data={"setting": path})
        self.path = path

    def __str__(self) -> str:
        return str(_("“%(path)s” is no setting, or cannot have this value.") % {"path": self.path})


class NothingChanges(DomainError):
    code = "COMPLIANCE_SETTINGS_UNCHANGED"
    message = _("The settings have these values already.")


def _euros(value: Any) -> str:
    return str(_decimal(value, least=Decimal("0.01"), most=Decimal(1_000_000)).quantize(Decimal("0.01")))


def _share(value: Any) -> str:
    return str(_decimal(value, least=Decimal("0.5"), most=Decimal(1)))


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = _decimal(value, least=Decimal(least), most=Decimal(most))
        if number != number.to_integral_value():
            raise ValueError
        return int(number)

    return read


def _decimal(value: Any, *, least: Decimal, most: Decimal) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError
    number = Decimal(str(value))
    if not number.is_finite() or not least <= number <= most:
        raise ValueError
    return number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _on(value: Any) -> bool:
    """Read a switch that cannot be turned off: the trail is always written."""
    if value is not True:
        raise ValueError
    return True


def _countries(value: Any) -> list[str]:
    good = isinstance(value, list) and all(
        isinstance(each, str) and len(each) == 2 and each.isascii() and each.isupper() for each in value
    )
    if not good:
        raise ValueError
    return sorted(set(value))


KEYS: dict[str, Callable[[Any], Any]] = {
    "risk_thresholds.daily_transaction_limit": _euros,
    "risk_thresholds.monthly_transaction_limit": _euros,
    "risk_thresholds.suspicious_pattern_threshold": _whole(1, 100),
    "risk_thresholds.high_risk_amount": _euros,
    "risk_thresholds.velocity_check_hours": _whole(1, 168),
    "risk_thresholds.max_failed_attempts": _whole(1, 100),
    "aml_rules.single_transaction_threshold": _euros,
    "aml_rules.daily_aggregate_threshold": _euros,
    "aml_rules.structuring_detection_threshold": _share,
    "aml_rules.velocity_transactions_per_hour": _whole(1, 1000),
    "aml_rules.suspicious_countries": _countries,
    "aml_rules.pep_screening_enabled": _flag,
    "aml_rules.sanctions_screening_enabled": _flag,
    "system_settings.auto_check_enabled": _flag,
    "system_settings.manual_review_required_threshold": _whole(1, 100),
    "system_settings.escalation_threshold": _whole(1, 10),
    "system_settings.check_expiration_days": _whole(1, 365),
    "system_settings.notification_enabled": _flag,
    "system_settings.audit_logging_enabled": _on,
}
SWITCHES = ("aml_rules.pep_screening_enabled", "aml_rules.sanctions_screening_enabled")
HARMLESS = frozenset({"system_settings.escalation_threshold", "system_settings.check_expiration_days"})


def read_changes(raw: Any) -> dict[str, Any]:
    """Return what would change, by path. Raises SettingNotValid, NothingChanges."""
    values = compliance_settings.current().values
    changes: dict[str, Any] = {}
    for section, keys in raw.items():
        if not isinstance(keys, Mapping) or not keys:
            raise SettingNotValid(str(section))
        for key, value in keys.items():
            path = f"{section}.{key}"
            new = _read(path, value)
            if values[section][key] != new:
                changes[path] = new
    if not changes:
        raise NothingChanges
    return changes


def takes_two(changes: Mapping[str, Any]) -> bool:
    return not HARMLESS.issuperset(changes)


@transaction.atomic
def change(
    *, changes: Mapping[str, Any], actor: User, reason: str, now: datetime, address: str = ""
) -> ComplianceSettings:
    """Put harmless changes in force at once. Raises Conflict for those that take two people."""
    if takes_two(changes):
        raise Conflict
    return _store(changes, actor, None, reason, now, address)


@transaction.atomic
def request_change(
    *, changes: Mapping[str, Any], requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Put changes before a second person."""
    latest = ComplianceSettings.objects.latest("version")
    return request_approval(
        kind=CHANGE,
        target=latest,
        facts={"changes": dict(changes), "from_version": latest.version},
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_change(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Put approved changes in force, when the settings are still those they were asked for."""
    if ComplianceSettings.objects.latest("version").version != request.facts["from_version"]:
        raise Conflict
    row = _store(request.facts["changes"], request.requested_by, request.decided_by, request.reason, now, "")
    return {"version": row.version}


def _read(path: str, value: Any) -> Any:
    try:
        return KEYS[path](value)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise SettingNotValid(path) from error


def _store(
    changes: Mapping[str, Any],
    actor: User,
    approved_by: User | None,
    reason: str,
    now: datetime,
    address: str,
) -> ComplianceSettings:
    transaction_lock("compliance settings")
    latest = ComplianceSettings.objects.latest("version")
    values = {section: dict(getattr(latest, section)) for section in compliance_settings.SECTIONS}
    before: dict[str, Any] = {}
    for path, value in changes.items():
        section, key = path.split(".")
        before[path], values[section][key] = values[section][key], value
    row = ComplianceSettings.objects.create(
        version=latest.version + 1,
        updated_by=actor,
        approved_by=approved_by,
        reason=reason[:500],
        created_at=now,
        **values,
    )
    trail.record(
        actor=actor,
        action="compliance_settings_change",
        target=row,
        before=before,
        after=dict(changes),
        reason=reason,
        address=address,
        now=now,
    )
    _follow_switches(changes, now)
    transaction.on_commit(_forget)
    return row


def _follow_switches(changes: Mapping[str, Any], now: datetime) -> None:
    """Warn as long as names are not compared with a kind of lists; then have everybody screened anew."""
    for path in SWITCHES:
        if changes.get(path) is False:
            raise_alert(
                area="compliance",
                alert_type="screening_off",
                severity="critical",
                title=_("Names are not screened"),
                message=partial(_told_off, path),
                dedupe_key=f"{path}-off",
                source="donations.compliance",
                data={"setting": path},
                now=now,
            )
        elif changes.get(path) is True:
            runs.begin_by_settings(now=now)
            resolve_alert(dedupe_key=f"{path}-off", now=now)


def _told_off(path: str) -> str:
    return str(_("%(setting)s is off: names are not compared with these lists.") % {"setting": path})


def _forget() -> None:
    compliance_settings.forget()
    risk_rules.forget()
