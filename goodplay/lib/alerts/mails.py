"""Telling staff of alerts that cannot wait until they look."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from goodplay.lib import mail
from goodplay.lib.alerts.models import Alert, Severity, right_of

MAILED = (Severity.CRITICAL, Severity.HIGH)


def tell_staff(*, alert_id: UUID) -> None:
    """Mail everybody who holds the right of the alert's area; nobody about one that is minor or over by now."""
    alert = Alert.objects.get(pk=alert_id)
    if alert.severity not in MAILED or alert.is_resolved:
        return
    page = reverse("admin:alerts_alert_change", args=[alert.pk])
    for person in holders(alert.area):
        mail.send(
            to=person.email,
            language=person.preferred_language,
            subject=format_lazy("{}: {}", _("Alert"), lazy(lambda: alert.heading, str)()),
            template="alert",
            facts={
                "name": person.display_name,
                "alert": alert,
                "link": f"{settings.PUBLIC_URL}{page}" if settings.PUBLIC_URL else "",
            },
        )


def holders(area: str) -> QuerySet[Any]:
    """List the active staff who may handle alerts of the area."""
    app, codename = right_of(area).split(".")
    right = {"codename": codename, "content_type__app_label": app}
    own = Q(**{f"user_permissions__{name}": value for name, value in right.items()})
    by_role = Q(**{f"groups__permissions__{name}": value for name, value in right.items()})
    people = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
    return people.filter(Q(is_superuser=True) | own | by_role).distinct().order_by("pk")
