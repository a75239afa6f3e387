"""Raising alerts, and dealing with them."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodplay.lib.alerts.models import Alert, Area, Severity, right_of
from goodplay.lib.alerts.signals import alert_acknowledged, alert_opened, alert_resolved, alert_worsened
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict, DomainError

Text = str | Promise | Callable[[], object]
Status = Alert.Status
LONGEST_TITLE = 200


class AlertAlreadyAcknowledged(Conflict):
    code = "ALERT_ALREADY_ACKNOWLEDGED"
    message = _("Somebody looks after this alert already.")


class AlertAlreadyResolved(Conflict):
    code = "ALERT_ALREADY_RESOLVED"
    message = _("This alert is resolved already.")


class NotesRequired(DomainError):
    code = "NOTES_REQUIRED"
    message = _("Say what you found or did: it stays with the alert.")


@transaction.atomic
def raise_alert(
    *,
    area: str,
    alert_type: str,
    severity: str,
    title: Text,
    dedupe_key: str,
    source: str,
    now: datetime,
    message: Text = "",
    data: Mapping[str, Any] | None = None,
) -> Alert:
    """Open an alert, or count up the unresolved one with the same key, in the caller's transaction.

    One that is now more severe than before is open again. Staff who hold the area's right are mailed after the commit
    when it becomes high or critical. A caller that refuses afterwards takes the alert back with everything else.

    Title and message are kept in every language: text that is translated lazily, or a function that makes it.
    """
    Area(area), Severity(severity)
    seen = {
        **_told(title, message, settings.LANGUAGE_CODE),
        "translations": {
            code: _told(title, message, code)
            for code, _name in settings.LANGUAGES
            if code != settings.LANGUAGE_CODE
        },
        "data": json.loads(json.dumps(dict(data or {}), cls=DjangoJSONEncoder)),
        "severity": severity,
    }
    known = _count_up(dedupe_key, seen, now)
    if known is not None:
        return known
    alert = Alert(
        area=area,
        alert_type=alert_type,
        dedupe_key=dedupe_key,
        source=source,
        first_seen_at=now,
        last_seen_at=now,
        **seen,
    )
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        # A twin was first: count it up.
        known = _count_up(dedupe_key, seen, now)
        if known is None:
            raise
        return known
    alert_opened.announce(alert=alert)
    return alert


def _told(title: Text, message: Text, language: str) -> dict[str, str]:
    with override(language):
        words = [str(each() if callable(each) else each) for each in (title, message)]
    return {"title": Truncator(words[0]).chars(LONGEST_TITLE), "message": words[1]}


def _count_up(dedupe_key: str, seen: dict[str, Any], now: datetime) -> Alert | None:
    alert = Alert.objects.unresolved().select_for_update().filter(dedupe_key=dedupe_key).first()
    if alert is None:
        return None
    worse = Severity(seen["severity"]).rank < Severity(alert.severity).rank
    for name, value in seen.items():
        setattr(alert, name, value)
    alert.count += 1
    alert.last_seen_at = max(alert.last_seen_at, now)
    if worse:
        alert.status, alert.acknowledged_by, alert.acknowledged_at = Status.OPEN, None, None
    alert.save(update_fields=[*seen, "count", "last_seen_at", "status", "acknowledged_by", "acknowledged_at"])
    if worse:
        alert_worsened.announce(alert=alert)
    return alert


@transaction.atomic
def resolve_alert(*, dedupe_key: str, now: datetime) -> bool:
    """Resolve the alert with this key because its cause is gone; False when there is none."""
    alert = Alert.objects.unresolved().select_for_update().filter(dedupe_key=dedupe_key).first()
    if alert is None:
        return False
    _resolve(alert, now)
    return True


@transaction.atomic
def acknowledge(*, alert: Alert, by: Any, notes: str = "", now: datetime, address: str = "") -> Alert:
    """Put one's name to an open alert: one looks after it."""
    row = _handled_by(alert, by)
    if row.status == Status.ACKNOWLEDGED:
        raise AlertAlreadyAcknowledged
    row.status, row.acknowledged_by, row.acknowledged_at = Status.ACKNOWLEDGED, by, now
    row.notes = _with(row.notes, notes)
    row.save(update_fields=["status", "acknowledged_by", "acknowledged_at", "notes"])
    _note(row, by, "alert_acknowledge", Status.OPEN, notes, now, address)
    alert_acknowledged.announce(alert=row)
    return row


@transaction.atomic
def resolve(*, alert: Alert, by: Any, notes: str, now: datetime, address: str = "") -> Alert:
    """Close an alert by hand, saying why. What raises it again opens a new one."""
    if not notes.strip():
        raise NotesRequired
    row = _handled_by(alert, by)
    before = row.status
    row.notes, row.resolved_by = _with(row.notes, notes), by
    _resolve(row, now)
    _note(row, by, "alert_resolve", before, notes, now, address)
    return row


def _handled_by(alert: Alert, by: Any) -> Alert:
    """Return the unresolved row, locked, when this person may deal with its area."""
    row = Alert.objects.select_for_update().get(pk=alert.pk)
    if not by.has_perm(right_of(row.area)):
        raise AccessDenied
    if row.is_resolved:
        raise AlertAlreadyResolved
    return row


def _resolve(row: Alert, now: datetime) -> None:
    row.status, row.resolved_at = Status.RESOLVED, now
    row.save(update_fields=["status", "resolved_at", "resolved_by", "notes"])
    alert_resolved.announce(alert=row)


def _with(notes: str, more: str) -> str:
    return "\n".join(filter(None, [notes, more.strip()]))


def _note(row: Alert, by: Any, action: str, before: str, notes: str, now: datetime, address: str) -> None:
    trail.record(
        actor=by,
        action=action,
        target=row,
        before={"status": before},
        after={"status": row.status, "alert_type": row.alert_type, "title": row.title},
        reason=notes.strip(),
        address=address,
        now=now,
    )
