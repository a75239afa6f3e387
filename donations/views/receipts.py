"""The public page that says whether a document is genuine. It tells no more than who holds the paper can read."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from donations.forms import CodeForm
from donations.models import GivingStatement, Receipt
from donations.operations import printing
from donations.queries.receipts import by_code, is_up_to_date
from donations.throttling import CheckThrottle


@never_cache
@require_safe
def check_form(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.GET or None)
    if form.is_valid():
        return redirect("check-receipt", code=form.cleaned_data["code"])
    status = 404 if form.is_bound else 200
    return render(request, "receipts/check.html", {"form": form, "unknown": form.is_bound}, status=status)


@never_cache
@require_safe
def check(request: HttpRequest, code: str) -> HttpResponse:
    form = CodeForm({"code": code})
    if not CheckThrottle().allow_request(request, None):  # type: ignore[arg-type]  # reads nothing but META
        return render(request, "receipts/check.html", {"form": form, "too_many": True}, status=429)
    found = by_code(form.cleaned_data["code"]) if form.is_valid() else None
    page: dict[str, Any] = {"form": form, "unknown": found is None}
    if found is not None:
        page |= {
            "document": found,
            "initials": _initials(found),
            "code": printing.spaced(found.code),
            **_state(found),
        }
    response = render(request, "receipts/check.html", page, status=200 if found else 404)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _state(document: Receipt | GivingStatement) -> dict[str, Any]:
    """Say in a word whether it counts, and what came after it."""
    if isinstance(document, GivingStatement):
        return {"state": "genuine" if is_up_to_date(document) else "outdated", "is_statement": True}
    if document.kind == Receipt.Kind.VOID:
        return {"state": "voids", "voided": document.voids}
    void = getattr(document, "voided_by", None)
    if void is None:
        return {"state": "genuine"}
    return {"state": "replaced" if hasattr(document, "replaced_by") else "void", "void": void}


def _initials(document: Receipt | GivingStatement) -> str:
    """Shorten the donor's name to what proves the paper and names nobody: A. R."""
    profile = document.donor_profile
    name = (profile.legal_name if profile else "") or document.facts["donor"]
    return " ".join(f"{word[0].upper()}." for word in name.split())
