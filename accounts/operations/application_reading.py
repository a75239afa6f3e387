"""What of an application is read only with a purpose: the bank account. Each look is on record."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusApplication, User
from accounts.operations.application_states import REVIEW, OwnApplication
from accounts.queries.applications import has_conflict
from goodplay.lib.access_log.operations import record_access
from goodplay.lib.errors import AccessDenied, NotFound


class NoBankAccount(NotFound):
    code = "APPLICATION_HAS_NO_BANK_ACCOUNT"
    message = _("No bank account was entered, or it was erased.")


@transaction.atomic
def read_bank_account(
    *, application: OnlusApplication, actor: User, purpose: str, now: datetime, address: str = ""
) -> dict[str, str]:
    """Return the whole account to a reviewer; who looked and what for is on record first."""
    if not actor.has_perm(REVIEW):
        raise AccessDenied
    if has_conflict(actor, application):
        raise OwnApplication
    account: dict[str, str] = application.bank_account_info or {}
    if not account:
        raise NoBankAccount
    what = "bank account of an application"
    record_access(actor=actor, target=application, purpose=purpose, what=what, now=now, address=address)
    return account
