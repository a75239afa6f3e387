"""Marking players people should look at twice."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from donations.models import FraudFlag
from donations.signals import fraud_flagged
from goodplay.lib.audit import trail


@transaction.atomic
def flag(
    *, user: User, reason: str, flagged_by: User, now: datetime, metadata: dict[str, Any] | None = None
) -> FraudFlag:
    row = FraudFlag.objects.create(
        user=user, reason=reason[:300], metadata=metadata or {}, flagged_by=flagged_by, flagged_at=now
    )
    trail.record(
        actor=flagged_by,
        action="fraud_flag",
        target=row,
        after={"user": str(user.pk)},
        reason=reason,
        now=now,
    )
    fraud_flagged.announce(flag=row)
    return row
