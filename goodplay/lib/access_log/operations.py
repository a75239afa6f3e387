"""Writing down who looked at sensitive data."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.errors import DomainError


class PurposeRequired(DomainError):
    code = "ACCESS_PURPOSE_REQUIRED"
    message = _("Say what you need to see this for: it stays on record.")


def record_access(
    *, actor: Any, target: models.Model, purpose: str, what: str, now: datetime, address: str = ""
) -> DataAccess:
    """Add one row before the data is handed over, in the caller's transaction: no row, no look.

    `what` names the kind of data ("identity document", "IBAN"), never the data. `actor` is None for a program.
    """
    if not purpose.strip() or not what.strip():
        raise PurposeRequired
    return DataAccess.objects.create(
        actor=actor,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        what=Truncator(what.strip()).chars(200),
        purpose=Truncator(purpose.strip()).chars(500),
        address=address,
        recorded_at=now,
    )
