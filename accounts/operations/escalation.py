"""Applications somebody more senior should look at."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusApplication, User
from accounts.operations.application_states import note, reviewing
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.approvals.operations import ReasonRequired
from goodplay.lib.errors import Conflict


class AlreadyEscalated(Conflict):
    code = "APPLICATION_ALREADY_ESCALATED"
    message = _("This application is with a senior person already.")


@transaction.atomic
def hand_up(
    *, application: OnlusApplication, actor: User, reason: str, now: datetime, address: str = ""
) -> OnlusApplication:
    """Let a reviewer ask a senior person to look, with the reason on record."""
    if not reason.strip():
        raise ReasonRequired
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    if not escalate(row, because=reason.strip(), now=now):
        raise AlreadyEscalated
    note(row, actor, "application_escalate", now=now, address=address, reason=reason.strip())
    return row


def escalate(application: OnlusApplication, *, because: str, now: datetime) -> bool:
    """Mark the application urgent and raise an alert, once; say whether it was the first time."""
    if application.escalated_at is not None:
        return False
    application.escalated_at, application.escalation_reason = now, because[:200]
    application.priority = OnlusApplication.Priority.URGENT
    application.save(update_fields=["escalated_at", "escalation_reason", "priority"])
    raise_alert(
        area="compliance",
        alert_type="application_escalated",
        severity="high",
        title=gettext("An application needs a senior person"),
        message=f"{application.organization_name}: {because}",
        dedupe_key=f"application-{application.pk}",
        source="accounts.applications",
        data={"application_id": str(application.pk)},
        now=now,
    )
    return True
