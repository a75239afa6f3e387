"""The page before one thing is done to many people, and the list of what became of each of them."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.models import BulkAction, User
from accounts.operations import bulk
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ReasonForm
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

_SHOWN = 20
STATUSES = {"success": _("Done"), "skipped": _("Left as they were"), "error": _("Refused")}


def page(screen: Any, request: HttpRequest, queryset: Any, kind: BulkAction.Kind) -> HttpResponseBase:
    """Ask for the reason; then have it done, and show what became of each person."""
    chosen = list(queryset.order_by("email", "pk")[: bulk.MOST + 1])
    form = ReasonForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        try:
            asked = bulk.ask(
                kind=kind,
                user_ids=[person.pk for person in chosen],
                reason=form.cleaned_data["reason"],
                asked_by=request.user,  # type: ignore[arg-type]  # staff, says the site
                address=client_address(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Asked for. What became of each person is in this list."))
            return HttpResponseRedirect(reverse("admin:accounts_bulkaction_change", args=[asked.pk]))
    context = {
        **screen.admin_site.each_context(request),
        "title": kind.label,
        "opts": screen.opts,
        "people": chosen,
        "first": chosen[:_SHOWN],
        "action": request.POST.get("action", ""),
        "mails": kind == BulkAction.Kind.SUSPEND,
        "form": form,
    }
    return TemplateResponse(request, "admin/bulk_people.html", context)


@admin.register(BulkAction)
class BulkActionAdmin(ReadOnlyAdmin):
    list_display = ("kind", "asked_at", "asked_by", "count", "finished_at", "reason")
    list_filter = ("kind",)
    list_select_related = ("asked_by",)
    ordering = ("-asked_at", "-id")
    fields = ("kind", "reason", "asked_by", "asked_at", "finished_at", "outcome")
    readonly_fields = ("outcome",)

    @admin.display(description=_("people"))
    def count(self, action: BulkAction) -> int:
        return len(action.people)

    @admin.display(description=_("what became of each"))
    def outcome(self, action: BulkAction) -> Any:
        """Name everybody, with a link to them; accounts that were erased have no name left."""
        if action.finished_at is None:
            return _("Not done yet: it happens in the background.")
        names = dict(User.objects.filter(pk__in=action.people).values_list("pk", "email"))
        known = {str(pk): email for pk, email in names.items()}
        rows = format_html_join(
            "",
            '<tr><td><a href="{}">{}</a></td><td>{}</td><td><code>{}</code></td></tr>',
            (
                (
                    reverse("admin:accounts_user_change", args=[row["user_id"]]),
                    known.get(row["user_id"], row["user_id"]),
                    STATUSES[row["status"]],
                    row["message"],
                )
                for row in action.results
            ),
        )
        return format_html(
            "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>",
            _("Person"),
            _("Outcome"),
            _("Why"),
            rows,
        )
