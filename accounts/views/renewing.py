"""The documents of an organisation that was taken in: how long they hold, and new ones for those that end."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import OnlusApplication, User
from accounts.operations import renewals
from accounts.portal import WRITERS, Seat, seated_as
from accounts.queries import applying
from accounts.views.applying_papers import document_kind, largest, one_file
from goodplay.lib.errors import DomainError
from goodplay.lib.private_files import checks


@one_file
@require_http_methods(["GET", "HEAD", "POST"])
@seated_as(WRITERS)
def organisation_papers(request: HttpRequest, seat: Seat) -> HttpResponse:
    refused: dict[str, str] = {}
    if request.method == "POST":
        kind = document_kind(request.POST.get("document_type", ""))
        assert isinstance(request.user, User)  # noqa: S101  (the guard let nobody else in)
        try:
            renewals.renew(
                onlus_id=seat.onlus.pk,
                member=request.user,
                document_type=kind,
                upload=checks.read_upload(request.FILES.get("file")),
                now=timezone.now(),
            )
        except DomainError as error:
            refused = {kind.value: str(error)}
        else:
            messages.success(request, _("Handed in: %(paper)s.") % {"paper": kind.label})
            return redirect("portal:papers", onlus_id=seat.onlus.pk)
    dossier = OnlusApplication.objects.filter(onlus=seat.onlus).prefetch_related("documents__file").first()
    page = {
        "seat": seat,
        "papers": applying.renewable_papers(dossier, timezone.now()) if dossier else [],
        "refused": refused,
        "largest": largest(),
    }
    return render(request, "accounts/portal_papers.html", page, status=422 if refused else 200)
