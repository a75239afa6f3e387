"""What players are told by mail about their identity."""

from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from donations.models import IdentityVerification
from goodplay.lib import mail
from goodplay.lib.time import rome_day

Status = IdentityVerification.Status


def tell_decision(*, verification_id: UUID) -> None:
    row = _of(verification_id)
    if row.status == Status.APPROVED:
        _send(row, "identity_approved", gettext_lazy("Your identity is verified"))
    elif row.status == Status.REJECTED:
        _send(row, "identity_rejected", gettext_lazy("Your identity could not be verified"))


def tell_expiring(*, verification_id: UUID) -> None:
    row = _of(verification_id)
    if row.status == Status.APPROVED:
        _send(row, "identity_expiring", gettext_lazy("Your identity verification ends soon"))


def tell_expired(*, verification_id: UUID) -> None:
    _send(_of(verification_id), "identity_expired", gettext_lazy("Your identity verification has ended"))


def _of(verification_id: UUID) -> IdentityVerification:
    return IdentityVerification.objects.select_related("user").get(pk=verification_id)


def _send(row: IdentityVerification, template: str, subject: Promise) -> None:
    mail.send(
        to=row.user.email,
        language=row.user.preferred_language,
        subject=subject,
        template=template,
        facts={
            "name": row.user.display_name,
            "reason": row.decision_reason,
            "until": rome_day(row.expires_at) if row.expires_at else None,
        },
    )
