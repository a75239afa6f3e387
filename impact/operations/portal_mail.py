"""Telling those who report for an ONLUS what staff decided about it: nobody learns of it from the public page first."""

from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Onlus, OnlusMembership
from accounts.operations.team_mail import Words, tell

WRITERS = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)


def tell_of_dispute(*, onlus_id: UUID, metric_name: str, reason: str) -> None:
    words = {"metric": metric_name, "reason": reason}
    _tell(
        onlus_id,
        gettext_lazy("A figure of yours is doubted"),
        [
            lambda: _("Our staff doubt the figure “%(metric)s”: %(reason)s") % words,
            lambda: _(
                "Until it is settled everybody sees that it is disputed. Correct it, or send what proves it."
            ),
        ],
        page="portal:metrics",
    )


def tell_of_removal(*, onlus_id: UUID, title: str, reason: str) -> None:
    words = {"title": title, "reason": reason}
    _tell(
        onlus_id,
        gettext_lazy("An update of yours was taken down"),
        [
            lambda: _("Our staff took the update “%(title)s” down: %(reason)s") % words,
            lambda: _("Nobody else can read it now. Write to us if you think we are wrong."),
        ],
        page="portal:updates",
    )


def _tell(onlus_id: UUID, subject: str | Promise, sentences: list[Words], *, page: str) -> None:
    onlus = Onlus.objects.get(pk=onlus_id)
    tell(onlus.memberships.filter(role__in=WRITERS), onlus, subject=subject, sentences=sentences, page=page)
