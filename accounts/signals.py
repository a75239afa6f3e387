"""Facts about people and organisations."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from accounts.models import (
        BulkAction,
        Onlus,
        OnlusApplication,
        OnlusDocument,
        OnlusInvitation,
        OnlusMembership,
        User,
    )


def _user_facts(user: "User") -> dict[str, Any]:
    return {"user_id": str(user.pk)}


def _onlus_facts(onlus: "Onlus") -> dict[str, Any]:
    return {"onlus_id": str(onlus.pk)}


user_registered = DomainSignal("user_registered", facts=_user_facts)
"""Arguments: user."""

verification_requested = DomainSignal("verification_requested", facts=_user_facts)
"""Arguments: user."""

email_verified = DomainSignal("email_verified", facts=_user_facts)
"""Arguments: user."""

profile_changed = DomainSignal("profile_changed", facts=_user_facts)
"""Arguments: user. Somebody goes by another first or last name."""


def _asker_facts(user: "User | None") -> dict[str, Any]:
    return {"user_id": str(user.pk) if user else ""}


password_reset_requested = DomainSignal("password_reset_requested", facts=_asker_facts)
"""Arguments: user; None when nobody is to be written to. Both are announced, so that both take as long."""

password_changed = DomainSignal("password_changed", facts=_user_facts)
"""Arguments: user. By the owner, with the one before or with a mailed link."""

user_login = DomainSignal("user_login", facts=_user_facts)
"""Arguments: user."""


def _suspension_facts(user: "User", reason: str) -> dict[str, Any]:
    return {"user_id": str(user.pk), "reason": reason}


def _bulk_facts(action: "BulkAction") -> dict[str, Any]:
    return {"action_id": str(action.pk)}


user_suspended = DomainSignal("user_suspended", facts=_suspension_facts)
"""Arguments: user, reason. Staff keep somebody out."""

user_activated = DomainSignal("user_activated", facts=_user_facts)
"""Arguments: user. Staff let somebody in again."""

bulk_action_asked = DomainSignal("bulk_action_asked", facts=_bulk_facts)
"""Arguments: action. Staff want one thing done to many people."""

second_factor_set_up = DomainSignal("second_factor_set_up", facts=_user_facts)
"""Arguments: user. From now on a code of the app is asked for at sign-in."""

recovery_codes_made = DomainSignal("recovery_codes_made", facts=_user_facts)
"""Arguments: user. New codes on paper; the old ones stopped working."""

second_factor_turned_off = DomainSignal("second_factor_turned_off", facts=_user_facts)
"""Arguments: user. The password alone is asked for from now on."""

second_factor_reset = DomainSignal("second_factor_reset", facts=_user_facts)
"""Arguments: user. Staff took somebody's app away: it is to be set up again."""

onlus_verified = DomainSignal("onlus_verified", facts=_onlus_facts)
"""Arguments: onlus."""


def _invitation_facts(invitation: "OnlusInvitation") -> dict[str, Any]:
    return {
        "invitation_id": str(invitation.pk),
        "onlus_id": str(invitation.onlus_id),
        "role": invitation.role,
    }


def _seat_facts(seat: "OnlusMembership") -> dict[str, Any]:
    return {"onlus_id": str(seat.onlus_id), "user_id": str(seat.user_id), "role": seat.role}


def _left_facts(seat: "OnlusMembership", by: "User") -> dict[str, Any]:
    return {**_seat_facts(seat), "by_id": str(by.pk)}


member_invited = DomainSignal("organization_member_invited", facts=_invitation_facts, aggregate="onlus_id")
"""Arguments: invitation. Also when its mail is asked for once more."""

member_joined = DomainSignal("organization_member_joined", facts=_seat_facts, aggregate="onlus_id")
"""Arguments: seat. Somebody took the seat they were invited to."""

member_role_changed = DomainSignal(
    "organization_member_role_changed", facts=_seat_facts, aggregate="onlus_id"
)
"""Arguments: seat, with its new role."""

member_left = DomainSignal("organization_member_left", facts=_left_facts, aggregate="onlus_id")
"""Arguments: seat, by. Somebody left, or an owner took the seat away; the row of the seat is gone."""


def _status_facts(onlus: "Onlus", before: str) -> dict[str, Any]:
    return {"onlus_id": str(onlus.pk), "status": onlus.status, "before": before}


def _level_facts(onlus: "Onlus", before: str, is_drop: bool) -> dict[str, Any]:  # noqa: FBT001  (a fact among others)
    return {
        "onlus_id": str(onlus.pk),
        "compliance_status": onlus.compliance_status,
        "before": before,
        "is_drop": is_drop,
    }


organization_status_changed = DomainSignal(
    "organization_status_changed", facts=_status_facts, aggregate="onlus_id"
)
"""Arguments: onlus, before."""

organization_suspended = DomainSignal("organization_suspended", facts=_onlus_facts, aggregate="onlus_id")
"""Arguments: onlus. Nobody can give to it until it is reactivated; its row says why."""

organization_reactivated = DomainSignal("organization_reactivated", facts=_onlus_facts, aggregate="onlus_id")
"""Arguments: onlus."""

compliance_level_changed = DomainSignal("compliance_level_changed", facts=_level_facts, aggregate="onlus_id")
"""Arguments: onlus, before, is_drop. By a person, or by an assessment."""

organization_examination_due = DomainSignal(
    "organization_examination_due", facts=_onlus_facts, aggregate="onlus_id"
)
"""Arguments: onlus. Two years after it was last examined, our staff want to look at its papers again."""

onlus_profile_changed = DomainSignal("organization_profile_changed", facts=_onlus_facts, aggregate="onlus_id")
"""Arguments: onlus. What its public page says, or what the law knows it by."""


def _application_facts(application: "OnlusApplication") -> dict[str, Any]:
    return {
        "application_id": str(application.pk),
        "user_id": str(application.applicant_id),
        "organization_name": application.organization_name,
        "status": application.status,
    }


def _document_facts(document: "OnlusDocument") -> dict[str, Any]:
    return {
        "document_id": str(document.pk),
        "application_id": str(document.application_id),
        "user_id": str(document.application.applicant_id),
        "document_type": document.document_type,
        "status": document.status,
    }


def _application_signal(name: str) -> DomainSignal:
    return DomainSignal(name, facts=_application_facts, aggregate="application_id")


def _document_signal(name: str) -> DomainSignal:
    return DomainSignal(name, facts=_document_facts, aggregate="application_id")


application_submitted = _application_signal("application_submitted")
"""Arguments: application. The applicant handed it in."""

application_assigned = _application_signal("application_assigned")
"""Arguments: application. A reviewer has it now."""

application_info_requested = _application_signal("application_info_requested")
"""Arguments: application. The applicant is asked something, with a day by which to answer."""

application_message_written = _application_signal("application_message_written")
"""Arguments: application. Staff wrote to the applicant."""

application_answered = _application_signal("application_answered")
"""Arguments: application. The applicant wrote to the reviewer."""

application_approved = _application_signal("application_approved")
"""Arguments: application. Its organisation exists now."""

application_rejected = _application_signal("application_rejected")
"""Arguments: application."""

application_withdrawn = _application_signal("application_withdrawn")
"""Arguments: application."""

application_expired = _application_signal("application_expired")
"""Arguments: application."""

application_appealed = _application_signal("application_appealed")
"""Arguments: application. The applicant asks for another look at a rejection."""

appeal_decided = _application_signal("application_appeal_decided")
"""Arguments: application."""

verification_opened = _application_signal("application_verification_opened")
"""Arguments: application. Its checks are open; whoever keeps sanctions lists screens its names now."""

document_reviewed = _document_signal("document_reviewed")
"""Arguments: document. Approved, rejected, or to be handed in again."""

document_expiring = _document_signal("document_expiring")
"""Arguments: document. It ends within thirty days, or within seven."""

document_expired = _document_signal("document_expired")
"""Arguments: document."""

organization_approved = DomainSignal("organization_approved", facts=_onlus_facts)
"""Arguments: onlus. It was taken in; it can be given to once its bank account is verified."""
