"""Papers of an organisation that was taken in: what ends is handed in anew, and looked at like the first time."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusApplication, OnlusDocument, OnlusMembership, User
from accounts.operations.application_states import ApplicationNotFound, locked
from accounts.operations.documents import take_in
from goodplay.lib.alerts.operations import resolve_alert
from goodplay.lib.errors import AccessDenied, Conflict
from goodplay.lib.private_files import operations as files
from goodplay.lib.private_files.checks import Upload

MAY_RENEW = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)


class NotDueYet(Conflict):
    code = "DOCUMENT_NOT_DUE"
    message = _("This document is in order. A new one is taken in the thirty days before it ends.")


def renew(
    *, onlus_id: UUID, member: User, document_type: str, upload: Upload, now: datetime
) -> OnlusDocument:
    """Hand in the next version of a paper, or one that was never there. What is in order for long stays."""
    with files.with_files():
        application = _of(onlus_id, member)
        current = application.documents.current().filter(document_type=document_type).first()
        if current is not None and not current.can_be_renewed(now):
            raise NotDueYet
        made = take_in(application, document_type, upload, uploaded_by_id=member.pk, now=now)
        resolve_alert(dedupe_key=overdue_key(application.pk, document_type), now=now)
        return made


def overdue_key(application_id: UUID, document_type: str) -> str:
    return f"paper-overdue-{application_id}-{document_type}"


def _of(onlus_id: UUID, member: User) -> OnlusApplication:
    """Return the dossier the organisation came in with, held, to those who write for it."""
    seats = OnlusMembership.objects.filter(onlus=onlus_id, user=member)
    found = OnlusApplication.objects.filter(onlus=onlus_id).first()
    if found is None or not seats.exists():
        raise ApplicationNotFound
    if not seats.filter(role__in=MAY_RENEW).exists():
        raise AccessDenied
    return locked(found.pk)
