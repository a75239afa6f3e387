"""Telling those who asked for funding what became of it."""

from decimal import Decimal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.operations.team_mail import Words, tell
from donations.explanations import reason
from donations.models import AllocationRequest, AllocationResult
from donations.operations.allocation_requests import MAY_ASK
from goodplay.lib.templatetags.house import euros


def tell_of_approval(*, request_id: UUID) -> None:
    row = _request(request_id)
    _tell(
        row,
        gettext_lazy("Your request for funding is approved"),
        lambda: (
            _("“%(title)s” is approved for %(amount)s: the next run gives what donors and pools have.")
            % {"title": row.title, "amount": euros(row.target)}
        ),
    )


def tell_of_rejection(*, request_id: UUID) -> None:
    row = _request(request_id)
    _tell(
        row,
        gettext_lazy("Your request for funding was rejected"),
        lambda: (
            _("“%(title)s” was rejected. %(reason)s")
            % {"title": row.title, "reason": reason(row.rejection_reason)}
        ),
    )


def tell_of_result(*, request_id: UUID, given: Decimal, target: Decimal, status: str) -> None:
    """Tell what a run gave; what was not given may still come with a later one."""
    row = _request(request_id)
    words = {"title": row.title, "given": euros(given), "target": euros(target)}
    if status == AllocationResult.Status.FAILED:
        subject: Promise = gettext_lazy("Nothing could be given to your request yet")
        said: Words = lambda: _("Nothing could be given to “%(title)s”. It may be tried again.") % words  # noqa: E731  (one of two sentences)
    else:
        subject = gettext_lazy("Your request was given money")
        said = lambda: _("“%(title)s” was given %(given)s of %(target)s.") % words  # noqa: E731
    _tell(row, subject, said)


def _request(request_id: UUID) -> AllocationRequest:
    return AllocationRequest.objects.select_related("onlus").get(pk=request_id)


def _tell(row: AllocationRequest, subject: str | Promise, sentence: Words) -> None:
    tell(
        row.onlus.memberships.filter(role__in=MAY_ASK),
        row.onlus,
        subject=subject,
        sentences=[
            sentence,
            lambda: _("The portal shows the score, factor by factor, and what was given."),
        ],
        page="portal:funding",
    )
