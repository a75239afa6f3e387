"""What accounts does when facts are announced."""

from datetime import datetime
from uuid import UUID

from accounts.operations import (
    application_mail,
    bulk,
    password_mail,
    people_mail,
    registration,
    second_factor_mail,
    team_mail,
)
from accounts.signals import (
    appeal_decided,
    application_approved,
    application_expired,
    application_info_requested,
    application_message_written,
    application_rejected,
    application_submitted,
    bulk_action_asked,
    compliance_level_changed,
    document_expired,
    document_expiring,
    document_reviewed,
    member_invited,
    member_joined,
    member_left,
    member_role_changed,
    organization_examination_due,
    organization_reactivated,
    organization_suspended,
    password_changed,
    password_reset_requested,
    recovery_codes_made,
    second_factor_reset,
    second_factor_set_up,
    second_factor_turned_off,
    user_registered,
    user_suspended,
    verification_requested,
)
from goodplay.lib.events.handlers import reacts_to


@reacts_to(user_registered, verification_requested)
def send_verification_mail(*, user_id: UUID, now: datetime) -> None:
    registration.send_verification(user_id=user_id, now=now)


@reacts_to(password_reset_requested)
def send_password_reset(*, user_id: str, now: datetime) -> None:
    if user_id:
        password_mail.send_reset(user_id=UUID(user_id), now=now)


@reacts_to(password_changed)
def tell_of_password_change(*, user_id: UUID) -> None:
    password_mail.tell_of_change(user_id=user_id)


@reacts_to(user_suspended)
def tell_suspended_person(*, user_id: UUID, reason: str, now: datetime) -> None:
    people_mail.tell_of_suspension(user_id=user_id, reason=reason)


@reacts_to(bulk_action_asked)
def perform_bulk_action(*, action_id: UUID, now: datetime) -> None:
    bulk.perform(action_id=action_id, now=now)


@reacts_to(second_factor_reset)
def tell_of_reset_factor(*, user_id: UUID, now: datetime) -> None:
    second_factor_mail.tell_of_reset(user_id=user_id)


@reacts_to(second_factor_set_up, recovery_codes_made, second_factor_turned_off)
def tell_of_own_factor(*, user_id: UUID, event_name: str) -> None:
    second_factor_mail.tell_of_own_change(user_id=user_id, event_name=event_name)


@reacts_to(member_invited)
def send_invitation(*, invitation_id: UUID, now: datetime) -> None:
    team_mail.send_invitation(invitation_id=invitation_id, now=now)


@reacts_to(member_joined)
def tell_of_joining(*, onlus_id: UUID, user_id: UUID) -> None:
    team_mail.tell_of_joining(onlus_id=onlus_id, user_id=user_id)


@reacts_to(member_role_changed)
def tell_of_role(*, onlus_id: UUID, user_id: UUID) -> None:
    team_mail.tell_of_role(onlus_id=onlus_id, user_id=user_id)


@reacts_to(member_left)
def tell_of_leaving(*, onlus_id: UUID, user_id: UUID, by_id: UUID) -> None:
    team_mail.tell_of_leaving(onlus_id=onlus_id, user_id=user_id, by_id=by_id)


@reacts_to(organization_suspended, in_order=True)
def tell_of_suspension(*, onlus_id: UUID) -> None:
    team_mail.tell_of_suspension(onlus_id=onlus_id)


@reacts_to(organization_reactivated, in_order=True)
def tell_of_reactivation(*, onlus_id: UUID) -> None:
    team_mail.tell_of_reactivation(onlus_id=onlus_id)


@reacts_to(organization_examination_due)
def tell_of_examination(*, onlus_id: UUID) -> None:
    team_mail.tell_of_examination(onlus_id=onlus_id)


@reacts_to(compliance_level_changed)
def tell_of_drop(*, onlus_id: UUID, compliance_status: str, is_drop: bool) -> None:
    if is_drop:
        team_mail.tell_of_drop(onlus_id=onlus_id, compliance_status=compliance_status)


@reacts_to(
    application_submitted,
    application_info_requested,
    application_message_written,
    application_approved,
    application_rejected,
    application_expired,
    appeal_decided,
)
def mail_application(*, application_id: UUID, event_name: str) -> None:
    application_mail.tell(application_id=application_id, event_name=event_name)


@reacts_to(document_reviewed, document_expiring, document_expired)
def mail_document(*, document_id: UUID, event_name: str) -> None:
    application_mail.tell_of_document(document_id=document_id, event_name=event_name)
