"""The wizard of applicants: what is asked, the steps, handing in."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.applying import own_application, signed_in_only
from accounts.forms.applying import MoneyForm, OrganisationForm, PeopleForms, organisation_of, people_in
from accounts.models import OnlusApplication, OnlusDocument, User
from accounts.operations import applications as operations
from accounts.queries import applying
from accounts.queries.applications import SUBMIT_FROM, applications_of
from goodplay.lib.errors import DomainError
from goodplay.lib.public_pages import public_page

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])
# Where a refusal is told: beside the field it is about.
FIELD_OF: dict[type[DomainError], str] = {
    operations.OrganizationNameExists: "organization_name",
    operations.ReapplicationTooEarly: "organization_name",
    operations.CategoryInvalid: "category",
    operations.TaxIdInvalid: "tax_id",
    operations.IncorporationDateInvalid: "incorporation_date",
    operations.BankAccountInvalid: "iban",
}


@public_page()
def apply(request: HttpRequest) -> HttpResponse:
    """Say to everybody what is asked, how it goes and how long it takes."""
    page = {"fields": applying.asked_by_category(), "optional": [kind.label for kind in applying.OPTIONAL]}
    return render(request, "accounts/apply.html", page)


@require_safe
@signed_in_only
def own_applications(request: HttpRequest, user: User) -> HttpResponse:
    rows = list(applications_of(user.pk)[:100])
    return render(request, "accounts/apply_own.html", {"rows": rows, "is_confirmed": user.is_verified})


@reads_and_writes
@signed_in_only
def begin(request: HttpRequest, user: User) -> HttpResponse:
    form = OrganisationForm(sent(request), initial={"contact_email": user.email})
    if request.method == "POST" and form.is_valid():
        made = tried(form, operations.create, applicant=user, now=timezone.now(), **form.facts)
        if made:
            messages.success(request, _("Saved. Go on now, or come back whenever you like."))
            return redirect("portal:apply_people", application_id=made.pk)
    page = {"form": form, "is_confirmed": user.is_verified}
    return wizard_page(request, None, "organisation", page)


@reads_and_writes
@own_application
def organisation_step(request: HttpRequest, application: OnlusApplication) -> HttpResponse:
    refuse_handed_in(application)
    form = OrganisationForm(sent(request), initial=organisation_of(application))
    if request.method == "POST" and form.is_valid() and _saved(request, application, form, form.facts):
        return go_on(request, application, "organisation")
    return wizard_page(request, application, "organisation", {"form": form})


@reads_and_writes
@own_application
def people_step(request: HttpRequest, application: OnlusApplication) -> HttpResponse:
    refuse_handed_in(application)
    groups = {
        name: PeopleForms(sent(request), initial=getattr(application, name), prefix=name)
        for name in ("leadership_team", "board_members")
    }
    form = Form(sent(request))  # where a refusal is told
    if request.method == "POST" and form.is_valid() and all(each.is_valid() for each in groups.values()):
        facts = {name: people_in(each) for name, each in groups.items()}
        if _saved(request, application, form, facts):
            return go_on(request, application, "people")
    page = {"form": form, "leaders": groups["leadership_team"], "board": groups["board_members"]}
    return wizard_page(request, application, "people", page)


@reads_and_writes
@own_application
def money_step(request: HttpRequest, application: OnlusApplication) -> HttpResponse:
    refuse_handed_in(application)
    form = MoneyForm(sent(request), application=application)
    if request.method == "POST" and form.is_valid() and _saved(request, application, form, form.facts):
        return go_on(request, application, "money")
    return wizard_page(request, application, "money", {"form": form})


@reads_and_writes
@own_application
def hand_in(request: HttpRequest, application: OnlusApplication) -> HttpResponse:
    """Show what was written and what is missing, and hand it in."""
    if application.status != OnlusApplication.Status.DRAFT:
        raise Http404
    form = Form(sent(request))
    if request.method == "POST" and form.is_valid():
        done = tried(
            form,
            operations.submit,
            applicant_id=application.applicant_id,
            application_id=application.pk,
            now=timezone.now(),
        )
        if done:
            messages.success(request, _("Handed in. We write to you as soon as somebody looks at it."))
            return redirect("portal:application", application_id=application.pk)
    names = [OnlusDocument.Type(each).label for each in _missing(application)]
    page = {
        "form": form,
        "missing_papers": names,
        "missing_words": applying.missing_words(application),
        "least": SUBMIT_FROM,
        "account": operations.masked_bank_account(application),
    }
    return wizard_page(request, application, "hand_in", page)


def _missing(application: OnlusApplication) -> list[str]:
    return [
        each.kind.value for each in applying.papers_of(application) if each.is_required and each.is_missing
    ]


def _saved(request: HttpRequest, application: OnlusApplication, form: Form, facts: dict[str, Any]) -> bool:
    keys = {"applicant_id": application.applicant_id, "application_id": application.pk}
    done = tried(form, operations.update, **keys, now=timezone.now(), **facts)
    if done:
        messages.success(request, _("Saved."))
    return bool(done)


def sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def tried(form: Form, operation: Any, **arguments: Any) -> Any:
    """Do it, or tell why not, beside the field it is about; nothing is returned then."""
    try:
        return operation(**arguments)
    except DomainError as error:
        field = next((name for kind, name in FIELD_OF.items() if isinstance(error, kind)), None)
        form.add_error(field if field in form.fields else None, str(error))
        return None


def refuse_handed_in(application: OnlusApplication) -> None:
    """What was handed in has no pages to write on, until we ask for something."""
    if not application.is_editable:
        raise Http404


def go_on(request: HttpRequest, application: OnlusApplication, here: str) -> HttpResponse:
    """Lead to the next page; to the same one when more rows are wanted, or the list when it is enough for today."""
    names = [step.name for step in applying.steps_of(application)]
    following = names[min(names.index(here) + 1, len(names) - 1)]
    if "more" in request.POST:
        following = here
    if "later" in request.POST:
        return redirect("portal:applications")
    if application.status != OnlusApplication.Status.DRAFT and following == "hand_in":
        return redirect("portal:application", application_id=application.pk)
    return redirect(f"portal:apply_{following}", application_id=application.pk)


def wizard_page(
    request: HttpRequest, application: OnlusApplication | None, here: str, page: dict[str, Any]
) -> HttpResponse:
    context = {
        **page,
        "application": application,
        "steps": applying.steps_of(application),
        "here": here,
        "is_draft": application is None or application.status == OnlusApplication.Status.DRAFT,
    }
    status = 422 if request.method == "POST" else 200  # whoever sent something that is fine was led on
    return render(request, f"accounts/apply_{here}.html", context, status=status)
