"""How long what people leave when they sign in is kept, and their names once they are gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    AddressBlock,
    Announcement,
    BulkAction,
    LoginSession,
    Notification,
    OneTimeToken,
    OnlusApplication,
    OnlusInvitation,
)
from accounts.operations import application_erasure, erasure
from goodplay.lib.retention.registry import Act, kept


def sign_ins_over(before: datetime) -> QuerySet[LoginSession]:
    return LoginSession.objects.filter(Q(ended_at__lt=before) | Q(expires_at__lt=before))


def sign_ins_with_traces(before: datetime) -> QuerySet[LoginSession]:
    return LoginSession.objects.filter(last_used_at__lt=before).exclude(address="", user_agent="")


def forget_traces(rows: Sequence[Any], now: datetime) -> None:
    LoginSession.objects.filter(pk__in=[row.pk for row in rows]).update(address="", user_agent="")


def tokens_over(before: datetime) -> QuerySet[OneTimeToken]:
    return OneTimeToken.objects.filter(Q(used_at__lt=before) | Q(expires_at__lt=before))


def invitations_over(before: datetime) -> QuerySet[OnlusInvitation]:
    return OnlusInvitation.objects.filter(
        Q(accepted_at__lt=before) | Q(withdrawn_at__lt=before) | Q(expires_at__lt=before)
    )


kept(
    "onlus_invitations",
    label=_("Invitations to organisations that are over"),
    law=_("The address of somebody who never came is nobody's business; the trail says who invited whom."),
    days=90,
    least_days=7,
    rows=invitations_over,
)
kept(
    "sign_ins",
    label=_("Sign-ins that are over"),
    law=_("To look into copied tokens and foreign sign-ins."),
    days=90,
    least_days=30,
    rows=sign_ins_over,
    subject="user_id",
)
kept(
    "sign_in_traces",
    label=_("Addresses and devices of sign-ins"),
    law=_("To recognise a foreign device; no longer than a few weeks (GDPR, art. 5.1.e)."),
    days=42,
    least_days=14,
    rows=sign_ins_with_traces,
    act=Act.CLEAN,
    purge=forget_traces,
    subject="user_id",
)
kept(
    "one_time_tokens",
    label=_("Links sent by mail, used or expired"),
    law=_("Worth nothing afterwards."),
    days=30,
    least_days=1,
    rows=tokens_over,
    subject="user_id",
)
kept(
    "notifications",
    label=_("Notifications"),
    law=_("To be read for half a year; what they tell of is kept where it belongs."),
    days=180,
    least_days=30,
    rows=lambda before: Notification.objects.filter(created_at__lt=before),
    subject="user_id",
)
kept(
    "announcements",
    label=_("Announcements that everybody was told"),
    law=_("Worth nothing afterwards."),
    days=180,
    least_days=30,
    rows=lambda before: Announcement.objects.filter(done_at__lt=before),
)
kept(
    "web_sessions",
    label=_("Sessions of the pages that expired"),
    law=_("Worth nothing afterwards."),
    days=1,
    least_days=1,
    rows=lambda before: Session.objects.filter(expire_date__lt=before),
)
kept(
    "closed_accounts",
    label=_("Names and addresses of accounts that were closed"),
    law=_(
        "The person may come back for some days; then they are forgotten (GDPR, art. 17). The books keep what was given."
    ),
    days=30,
    least_days=14,
    rows=erasure.not_erased,
    act=Act.CLEAN,
    purge=erasure.erase,
    subject="pk",
)
kept(
    "blocked_networks",
    label=_("Networks that were blocked"),
    law=_("To recognise who comes back; the audit trail tells who blocked them."),
    days=365,
    least_days=90,
    rows=lambda before: AddressBlock.objects.filter(expires_at__lt=before),
)
kept(
    "bulk_actions",
    label=_("Lists of what became of people in actions on many"),
    law=_("To answer questions of those concerned; the audit trail has an entry for each of them."),
    days=730,
    least_days=90,
    rows=lambda before: BulkAction.objects.filter(finished_at__lt=before),
)


def closed_applications(before: datetime) -> QuerySet[OnlusApplication]:
    over = OnlusApplication.objects.filter(closed_at__lt=before, erased_at=None)
    return over.exclude(status=OnlusApplication.Status.APPROVED)


kept(
    "closed_applications",
    label=_("People, accounts and papers of applications that came to nothing"),
    law=_(
        "Two years after the decision, for appeals and audits; those taken in are kept with their organisation."
    ),
    days=730,
    least_days=365,
    rows=closed_applications,
    act=Act.CLEAN,
    purge=application_erasure.erase,
    subject="applicant_id",
)
