"""Mails to the people of an organisation: invitations, and what happened to it or its team."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Onlus, OnlusMembership, User
from accounts.operations import team
from goodplay.lib import mail
from goodplay.lib.templatetags.house import day

Role = OnlusMembership.Role
Words = Callable[[], str]
"""Called in the reader's language."""


def send_invitation(*, invitation_id: UUID, now: datetime) -> None:
    """Mail an invitation its link, unless it was taken or withdrawn meanwhile."""
    made = team.new_token(invitation_id=invitation_id, now=now)
    if made is None:
        return
    invitation, token = made
    invited = team.account_of(invitation)
    language = invited.preferred_language if invited else invitation.invited_by.preferred_language
    mail.send(
        to=invitation.email,
        language=language,
        subject=gettext_lazy("You are invited to an organisation on GoodPlay"),
        template="organisation_invitation",
        facts={
            "onlus": invitation.onlus.name,
            "inviter": str(invitation.invited_by),
            "role": invitation.get_role_display,
            "expires_at": invitation.expires_at,
            "link": f"{settings.PUBLIC_URL}{reverse('portal:invitation', args=[token])}",
        },
    )


def tell_of_joining(*, onlus_id: UUID, user_id: UUID) -> None:
    """Tell the owners that somebody took a seat: a seat nobody meant to give is noticed."""
    onlus, joined = Onlus.objects.get(pk=onlus_id), User.objects.get(pk=user_id)
    tell(
        owners(onlus).filter(wants_team_mails=True).exclude(user=joined),
        onlus,
        subject=gettext_lazy("Somebody joined your organisation"),
        sentences=[lambda: _("%(person)s now has a seat in %(onlus)s.") % {"person": joined, "onlus": onlus}],
        page="portal:team",
    )


def tell_of_role(*, onlus_id: UUID, user_id: UUID) -> None:
    onlus = Onlus.objects.get(pk=onlus_id)
    seats = onlus.memberships.filter(user=user_id, wants_team_mails=True)
    seat = seats.first()
    if seat is not None:
        tell(
            seats,
            onlus,
            subject=gettext_lazy("Your role has changed"),
            sentences=[
                lambda: (
                    _("Your role in %(onlus)s is now: %(role)s.")
                    % {"onlus": onlus, "role": seat.get_role_display()}
                )
            ],
            page="portal:team",
        )


def tell_of_leaving(*, onlus_id: UUID, user_id: UUID, by_id: UUID) -> None:
    """Tell whose seat was taken away, and the other owners."""
    onlus, gone = Onlus.objects.get(pk=onlus_id), User.objects.get(pk=user_id)
    subject = gettext_lazy("A seat in your organisation is free")
    words: Words = lambda: (  # noqa: E731  (a sentence, said in two mails)
        _("%(person)s no longer has a seat in %(onlus)s.") % {"person": gone, "onlus": onlus}
    )
    tell(
        owners(onlus).filter(wants_team_mails=True).exclude(user=by_id),
        onlus,
        subject=subject,
        sentences=[words],
        page="portal:team",
    )
    if user_id != by_id and gone.is_active:
        _send(gone, onlus, gettext_lazy("Your seat was taken away"), [words], link="")


def tell_of_suspension(*, onlus_id: UUID) -> None:
    """Tell everybody with a seat why nobody can give to them now. A suspension that was lifted meanwhile is not told."""
    onlus = Onlus.objects.get(pk=onlus_id)
    if onlus.suspended_at is not None:
        tell(
            onlus.memberships,
            onlus,
            subject=gettext_lazy("Your organisation is suspended"),
            sentences=[
                lambda: (
                    _("%(onlus)s is suspended on GoodPlay: nobody can give to it now.") % {"onlus": onlus}
                ),
                lambda: _("The reason: %(reason)s") % {"reason": onlus.suspension_reason},
            ],
            page="portal:overview",
        )


def tell_of_reactivation(*, onlus_id: UUID) -> None:
    onlus = Onlus.objects.get(pk=onlus_id)
    tell(
        onlus.memberships,
        onlus,
        subject=gettext_lazy("Your organisation is open again"),
        sentences=[lambda: _("Players can give to %(onlus)s again.") % {"onlus": onlus}],
        page="portal:overview",
    )


def tell_of_examination(*, onlus_id: UUID) -> None:
    """Ask the owners to have their papers in order before our staff look at everything again."""
    onlus = Onlus.objects.get(pk=onlus_id)
    due = onlus.examination_due_at
    if due is None:
        return
    words = {"onlus": onlus}
    tell(
        owners(onlus),
        onlus,
        subject=gettext_lazy("Our staff will look at your papers again"),
        sentences=[
            lambda: (
                _("Every two years we look at the papers and the people of %(onlus)s again: by %(day)s.")
                % {**words, "day": day(due)}
            ),
            lambda: _("Hand in what ends soon, and tell us who left the board or joined it."),
        ],
        page="portal:papers",
    )


def tell_of_drop(*, onlus_id: UUID, compliance_status: str) -> None:
    """Tell those who want to know that the organisation is less in order than before."""
    onlus = Onlus.objects.get(pk=onlus_id)
    label = Onlus.ComplianceStatus(compliance_status).label
    tell(
        onlus.memberships.filter(wants_compliance_mails=True),
        onlus,
        subject=gettext_lazy("The compliance of your organisation has dropped"),
        sentences=[
            lambda: _("%(onlus)s now counts as: %(status)s.") % {"onlus": onlus, "status": label},
            lambda: _("The portal says what pulls it down and how to mend it."),
        ],
        page="portal:overview",
    )


def owners(onlus: Onlus) -> Any:
    return onlus.memberships.filter(role=Role.OWNER)


def tell(seats: Any, onlus: Onlus, *, subject: str | Promise, sentences: Iterable[Words], page: str) -> None:
    """Mail each of these seats the sentences in its own language, with a link to a page of the portal."""
    said = list(sentences)
    link = f"{settings.PUBLIC_URL}{reverse(page, args=[onlus.pk])}"
    for seat in seats.filter(user__is_active=True).select_related("user").order_by("pk"):
        _send(seat.user, onlus, subject, said, link)


def _send(user: User, onlus: Onlus, subject: str | Promise, sentences: list[Words], link: str) -> None:
    known = user.preferred_language if user.preferred_language in dict(settings.LANGUAGES) else "en"
    with translation.override(known):
        written = [each() for each in sentences]
    mail.send(
        to=user.email,
        language=known,
        subject=subject,
        template="organisation_note",
        facts={"name": user.display_name, "onlus": onlus.name, "sentences": written, "link": link},
    )
