"""Telling those who report for an ONLUS what staff decided about it: nobody learns of it from the public page first."""

from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Onlus, OnlusMembership
from accounts.models.onlus import HIDDEN_AFTER
from accounts.operations.team_mail import Words, tell
from goodplay.lib.templatetags.house import day

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


def ask_for_report(*, onlus_id: UUID, stage: str, due_at: datetime) -> None:
    """Ask for the report of three months; each stage once."""
    stages = Onlus.ReportStage
    words = {"day": day(due_at), "hidden": day(due_at + HIDDEN_AFTER)}
    said: dict[str, tuple[str | Promise, Words]] = {
        stages.SOON: (
            gettext_lazy("Your next report is due soon"),
            lambda: _("Donors wait to hear what you do: your next report is due by %(day)s.") % words,
        ),
        stages.OVERDUE: (
            gettext_lazy("Your report is overdue"),
            lambda: (
                _(
                    "Your report was due on %(day)s, and your page says so. From %(hidden)s on nobody finds you by search."
                )
                % words
            ),
        ),
        stages.HIDDEN: (
            gettext_lazy("You are no longer found by search"),
            lambda: (
                _("Your report was due on %(day)s. You are found again as soon as you have reported.") % words
            ),
        ),
    }
    subject, sentence = said[stage]
    _tell(
        onlus_id,
        subject,
        [sentence, lambda: _("An update you publish, or a new value of one of your figures, is a report.")],
        page="portal:updates",
    )
