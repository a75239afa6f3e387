"""The lock of staff accounts: five failures close one for a day, at every door."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffLock, User
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.audit import trail

MOST_FAILURES = 5
LOCKED_FOR = timedelta(hours=24)


@transaction.atomic
def count_attempt(user: User, now: datetime) -> bool:
    """Count one more attempt, and say whether the account was locked before it. The fifth failure locks it."""
    StaffLock.objects.get_or_create(user=user)
    lock = StaffLock.objects.select_for_update().get(user=user)
    if lock.is_locked(now):
        return True
    expired = lock.locked_until is not None
    lock.failures = 1 if expired else lock.failures + 1
    lock.locked_until = now + LOCKED_FOR if lock.failures >= MOST_FAILURES else None
    lock.save(update_fields=["failures", "locked_until"])
    return False


@transaction.atomic
def note_failure(user: User, now: datetime, address: str) -> None:
    """Write the failure down; the one that locks the account raises an alert."""
    trail.record(actor=None, action="failed_login_attempt", target=user, address=address, now=now)
    lock = StaffLock.objects.get(user=user)
    if lock.is_locked(now):
        raise_alert(
            area="security",
            alert_type="staff_locked",
            severity="high",
            title=lambda: _now("Locked after failed sign-ins: %(person)s") % {"person": user.email},
            message=_(
                "Five wrong passwords in a row. The account opens a day later, or when it is unlocked."
            ),
            dedupe_key=f"staff-locked:{user.pk}",
            data={"user_id": str(user.pk), "address": address},
            source="staff sign-in",
            now=now,
        )


def forget_failures(user: User) -> None:
    StaffLock.objects.filter(user=user).update(failures=0, locked_until=None)
