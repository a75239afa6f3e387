"""How one's application stands: timeline, papers, thread; withdrawing it, and appealing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.applying import own_application
from accounts.forms.applying import WithdrawalForm, WordsForm
from accounts.models import OnlusApplication
from accounts.operations import applications as operations
from accounts.queries import applying
from accounts.queries.applications import open_questions
from accounts.views.applying import tried


@require_safe
@own_application
def application(request: HttpRequest, row: OnlusApplication) -> HttpResponse:
    if row.status == OnlusApplication.Status.DRAFT:
        return redirect(f"portal:apply_{applying.first_open_step(row)}", application_id=row.pk)
    return _page(request, row)


@require_POST
@own_application
def message(request: HttpRequest, row: OnlusApplication) -> HttpResponse:
    form = WordsForm(request.POST)
    if form.is_valid() and tried(form, operations.write_message, text=form.cleaned_data["text"], **_own(row)):
        messages.success(request, _("Sent. The answer comes here, and by mail."))
        return redirect("portal:application", application_id=row.pk)
    return _page(request, row, message=form, status=422)


@require_POST
@own_application
def withdraw(request: HttpRequest, row: OnlusApplication) -> HttpResponse:
    form = WithdrawalForm(request.POST)
    if form.is_valid() and tried(form, operations.withdraw, reason=form.cleaned_data["reason"], **_own(row)):
        messages.success(request, _("The application is withdrawn."))
        return redirect("portal:applications")
    return _page(request, row, withdrawal=form, status=422)


@require_POST
@own_application
def appeal(request: HttpRequest, row: OnlusApplication) -> HttpResponse:
    form = WordsForm(request.POST, prefix="appeal")
    if form.is_valid() and tried(form, operations.appeal, text=form.cleaned_data["text"], **_own(row)):
        messages.success(request, _("Your appeal is here. Somebody else looks at it."))
        return redirect("portal:application", application_id=row.pk)
    return _page(request, row, appeal=form, status=422)


def _own(row: OnlusApplication) -> dict[str, Any]:
    return {"applicant_id": row.applicant_id, "application_id": row.pk, "now": timezone.now()}


def _page(request: HttpRequest, row: OnlusApplication, status: int = 200, **forms: Any) -> HttpResponse:
    now, papers = timezone.now(), applying.papers_of(row)
    page = {
        "application": row,
        "next_steps": operations.next_steps(row),
        "papers": papers,
        "waits_for_papers": any(each.document is not None and each.is_missing for each in papers),
        "timeline": row.steps.order_by("-taken_at", "-pk"),
        "thread": row.messages.select_related("author").order_by("written_at", "pk"),
        "question": open_questions(row).first(),
        "conditions": row.conditions.order_by("due_on", "pk"),
        "appeal_filed": getattr(row, "appeal", None),
        "can_appeal": operations.can_appeal(row, now),
        "message_form": forms.get("message") or WordsForm(),
        "appeal_form": forms.get("appeal") or WordsForm(prefix="appeal"),
        "withdrawal_form": forms.get("withdrawal") or WithdrawalForm(),
    }
    return render(request, "accounts/application.html", page, status=status)
