"""The applicants' papers: handed in, replaced, taken out, read back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.applying import own_application
from accounts.models import OnlusApplication, OnlusDocument, User
from accounts.operations import documents
from accounts.queries import applying
from accounts.views.applying import refuse_handed_in, wizard_page
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.uploads import takes_uploads
from goodplay.lib.private_files import checks
from goodplay.lib.requests import client_address

one_file = takes_uploads(largest=settings.PRIVATE_FILE_MAX_BYTES, refusal=checks.FileTooLarge)


@one_file
@require_http_methods(["GET", "HEAD", "POST"])
@own_application
def papers(request: HttpRequest, application: OnlusApplication) -> HttpResponse:
    """List what is asked for; each type takes one file at a time."""
    refuse_handed_in(application)
    refused: dict[str, str] = {}
    if request.method == "POST":
        kind = document_kind(request.POST.get("document_type", ""))
        try:
            made = documents.upload(
                applicant_id=application.applicant_id,
                application_id=application.pk,
                document_type=kind,
                upload=checks.read_upload(request.FILES.get("file")),
                now=timezone.now(),
            )
        except DomainError as error:
            refused = {kind.value: str(error)}
        else:
            messages.success(request, _("Handed in: %(paper)s.") % {"paper": kind.label})
            return _after(made.application, application)
    page: dict[str, Any] = {
        "papers": applying.papers_of(application),
        "refused": refused,
        "largest": largest(),
    }
    return wizard_page(request, application, "papers", page)


@require_POST
@own_application
def paper_remove(request: HttpRequest, application: OnlusApplication, document_id: UUID) -> HttpResponse:
    found = _own(application, document_id)
    try:
        documents.remove(applicant_id=application.applicant_id, document_id=found.pk, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken out: %(paper)s.") % {"paper": found.get_document_type_display()})
    if not application.is_editable:
        return redirect("portal:application", application_id=application.pk)
    return redirect("portal:apply_papers", application_id=application.pk)


@require_safe
@own_application
def paper(request: HttpRequest, application: OnlusApplication, document_id: UUID) -> HttpResponse:
    """Give somebody their own paper back, to be saved."""
    found = _own(application, document_id)
    assert isinstance(request.user, User)  # noqa: S101  (the guard let nobody else in)
    try:
        document, content = documents.open_own(
            applicant=request.user,
            document_id=found.pk,
            now=timezone.now(),
            address=client_address(request),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:application", application_id=application.pk)
    headers = {
        "Content-Disposition": content_disposition_header(True, document.file.name) or "attachment",  # noqa: FBT003
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(content, content_type=document.file.content_type, headers=headers)


def largest() -> int:
    return settings.PRIVATE_FILE_MAX_BYTES


def document_kind(name: str) -> OnlusDocument.Type:
    if name not in OnlusDocument.Type.values:
        raise Http404
    return OnlusDocument.Type(name)


def _own(application: OnlusApplication, document_id: UUID) -> OnlusDocument:
    found = next((each for each in application.documents.all() if each.pk == document_id), None)
    if found is None:
        raise Http404
    return found


def _after(now: OnlusApplication, before: OnlusApplication) -> HttpResponse:
    """Go on with the papers, or see that the review goes on when nothing is asked for any more."""
    now.refresh_from_db(fields=["status"])
    if now.is_editable:
        return redirect("portal:apply_papers", application_id=before.pk)
    return redirect("portal:application", application_id=before.pk)
