"""Raising alerts about what looks wrong in the back office."""

from datetime import datetime
from functools import partial

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.queries.suspicious import watch
from goodplay.lib.alerts.operations import raise_alert

TITLES = {
    "failed_sign_ins": _("Failed staff sign-ins from one address"),
    "identical_actions": _("The same action again and again"),
    "many_addresses": _("One member of staff at many addresses"),
    "permission_refused": _("Somebody tried what they may not do"),
    "session_moved": _("One browser seen at two addresses"),
}


def watch_staff(*, now: datetime) -> int:
    """Raise an alert for each pattern that is more than unusual hours; return how many there are."""
    grave = [pattern for pattern in watch(now=now).patterns if pattern.severity != "low"]
    for pattern in grave:
        raise_alert(
            area="security",
            alert_type="suspicious_staff_activity",
            severity=pattern.severity,
            title=partial("{}: {}".format, TITLES[pattern.kind], pattern.subject),
            message=partial(_seen, pattern.count),
            dedupe_key=f"suspicious:{pattern.kind}:{pattern.subject_id}",
            data={"kind": pattern.kind, "subject_id": pattern.subject_id, "count": pattern.count},
            source="staff watch",
            now=now,
        )
    return len(grave)


def _seen(count: int) -> str:
    return ngettext(
        "Seen %(count)s time in the last 24 hours.", "Seen %(count)s times in the last 24 hours.", count
    ) % {"count": count}
