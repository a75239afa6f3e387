"""Stories in the portal: what an organisation proposes, what became of it, and how many read what is out."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.portal import Seat, seated
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.queries import pictures_of
from goodplay.lib.pictures.uploads import takes_uploads
from goodplay.lib.requests import client_address
from impact.forms.stories import ProposalForm
from impact.models import StoryProposal
from impact.operations import proposals
from impact.queries.proposals import proposals_of, published_stories
from impact.queries.story_figures import figures_of

ON_A_PAGE = 25


@require_safe
@seated
def stories(request: HttpRequest, seat: Seat) -> HttpResponse:
    published = published_stories(seat.onlus.pk)
    figures = figures_of([story.pk for story in published])
    page = {
        "seat": seat,
        "may_propose": _may_propose(seat),
        "page": Paginator(proposals_of(seat.onlus.pk), ON_A_PAGE).get_page(request.GET.get("page")),
        "published": [(story, figures[story.pk]) for story in published],
    }
    return render(request, "impact/portal_stories.html", page)


@takes_uploads()
@require_http_methods(["GET", "HEAD", "POST"])
@seated
def story_new(request: HttpRequest, seat: Seat) -> HttpResponse:
    if not _may_propose(seat):
        raise Http404
    form = ProposalForm(
        request.POST or None, request.FILES or None, initial={"category": seat.onlus.category_id}
    )
    return _written(request, seat, form, None)


@takes_uploads()
@require_http_methods(["GET", "HEAD", "POST"])
@seated
def story_edit(request: HttpRequest, seat: Seat, proposal_id: UUID) -> HttpResponse:
    proposal = get_object_or_404(proposals_of(seat.onlus.pk), pk=proposal_id)
    if not (_may_propose(seat) and proposal.is_waiting):
        raise Http404
    form = ProposalForm(request.POST or None, request.FILES or None, instance=proposal)
    return _written(request, seat, form, proposal)


@require_safe
@seated
def story(request: HttpRequest, seat: Seat, proposal_id: UUID) -> HttpResponse:
    proposal = get_object_or_404(proposals_of(seat.onlus.pk), pk=proposal_id)
    page = {
        "seat": seat,
        "proposal": proposal,
        "pictures": pictures_of([proposal])[proposal.pk],
        "may_change": _may_propose(seat) and proposal.is_waiting,
    }
    return render(request, "impact/portal_story.html", page)


@require_POST
@seated
def story_withdraw(request: HttpRequest, seat: Seat, proposal_id: UUID) -> HttpResponse:
    own = get_object_or_404(proposals_of(seat.onlus.pk), pk=proposal_id)
    try:
        proposals.take_back(proposal_id=own.pk, **_by(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The proposal is withdrawn."))
    return redirect("portal:story", onlus_id=seat.onlus.pk, proposal_id=own.pk)


def _written(
    request: HttpRequest, seat: Seat, form: ProposalForm, proposal: StoryProposal | None
) -> HttpResponse:
    """Show the form, or what came of it."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (made := _handed_in(request, seat, form, proposal)):
            messages.success(request, _("Your story is with our staff. You read here what they say."))
            return redirect("portal:story", onlus_id=seat.onlus.pk, proposal_id=made.pk)
    page = {"seat": seat, "form": form, "proposal": proposal}
    return render(request, "impact/portal_story_form.html", page, status=status)


def _handed_in(
    request: HttpRequest, seat: Seat, form: ProposalForm, proposal: StoryProposal | None
) -> StoryProposal | None:
    written = {"facts": form.facts(), "picture": form.picture_facts(), **_by(request)}
    try:
        if proposal is None:
            return proposals.propose(onlus_id=seat.onlus.pk, **written)
        return proposals.revise(proposal_id=proposal.pk, **written)
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"member": request.user, "address": client_address(request), "now": timezone.now()}


def _may_propose(seat: Seat) -> bool:
    return seat.role in proposals.MAY_PROPOSE
