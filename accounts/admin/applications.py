"""Applications in the back office: the queue, and one application with a button for each step."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin import application_words as words
from accounts.admin.application_buttons import ApplicationButtons
from accounts.admin.application_filters import AppealFilter, DeskFilter, TimeFilter
from accounts.admin.application_inlines import inlines_for
from accounts.forms.application_review import PurposeForm
from accounts.models import OnlusApplication, OnlusDocument, User
from accounts.operations.application_reading import read_bank_account
from accounts.operations.application_review import assign
from accounts.operations.application_states import REVIEW
from accounts.operations.applications import masked_bank_account
from accounts.queries.applications import has_conflict
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import button
from goodplay.lib.admin.facts import told
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

UNUSUAL = (
    "escalated_at",
    "escalation_reason",
    "override_reason",
    "closed_at",
    "decided_by",
    "rejection_reason",
    "withdrawal_reason",
    "onlus",
)


@admin.register(OnlusApplication)
class OnlusApplicationAdmin(ApplicationButtons, ReadOnlyAdmin):
    """What was handed in. Drafts are their applicants' own, and nobody sees an application of their own here."""

    list_display = (
        "organization_name",
        "status",
        "phase",
        "risk",
        "priority",
        "age",
        "time_left",
        "reviewer",
        "waiting_papers",
    )
    list_filter = (
        "status",
        "phase",
        "risk_level",
        "priority",
        DeskFilter,
        TimeFilter,
        AppealFilter,
        "category",
        "submitted_at",
    )
    list_select_related = ("reviewer",)
    filterable = ("reviewer", "review_deadline")
    search_fields = ("organization_name", "=tax_id", "=contact_email", "=applicant__email")
    search_help_text = _("The organisation, its codice fiscale, or the address of contact or applicant.")
    # What is open comes first; then by deadline.
    ordering = (
        Case(
            When(status__in=OnlusApplication.OPEN, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        ),
        "review_deadline",
        "id",
    )
    fieldsets = (
        (
            _("How it stands"),
            {
                "fields": (
                    ("status", "phase"),
                    ("priority", "reviewer"),
                    "risk",
                    "checks",
                    "papers",
                    ("time_left", "service"),
                    ("submitted_at", "answer_due_at"),
                )
            },
        ),
        (_("Internal notes"), {"fields": ("reviewer_notes",)}),
        (
            _("Organisation"),
            {
                "fields": (
                    "organization_name",
                    "category",
                    "mission_statement",
                    "description",
                    ("operational_scope", "target_beneficiaries"),
                    "activities",
                )
            },
        ),
        (
            _("Contacts"),
            {
                "fields": (
                    ("applicant", "website_url"),
                    ("contact_email", "contact_phone"),
                    "place",
                )
            },
        ),
        (
            _("Register and law"),
            {
                "fields": (
                    ("legal_entity_type", "incorporation_date"),
                    "tax_id",
                    ("runts_number", "runts_section"),
                )
            },
        ),
        (_("People"), {"fields": ("leaders", "board")}),
        (_("Money"), {"fields": ("annual_budget", "sources", "bank_account")}),
    )

    actions = ("take_selected",)

    @admin.action(description=_("Take the selected applications"), permissions=["review"])
    def take_selected(self, request: HttpRequest, queryset: QuerySet[OnlusApplication]) -> None:
        """Assign each to whoever asks; one that is refused stops no other."""
        me = cast(User, request.user)
        for row in queryset:
            try:
                assign(
                    application=row,
                    reviewer=me,
                    actor=me,
                    now=timezone.now(),
                    address=client_address(request),
                )
            except DomainError as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                self.message_user(request, _("%(name)s is yours.") % {"name": row}, messages.SUCCESS)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(REVIEW))

    def get_queryset(self, request: HttpRequest) -> Any:
        waiting = Count("documents", filter=Q(documents__status__in=OnlusDocument.WAITING))
        rows = super().get_queryset(request).exclude(submitted_at=None).exclude(applicant=request.user.pk)
        return rows.annotate(waiting=waiting)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Fetch papers and checks with it: several words on the page are about them."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            prefetch_related_objects([found], "documents", "verification_checks")
        return found

    def has_view_permission(self, request: HttpRequest, obj: OnlusApplication | None = None) -> bool:
        """Whoever belongs to the organisation does not see its application here, whatever their role."""
        may = super().has_view_permission(request, obj)
        if obj is None or obj.pk is None or not may:
            return may
        return not has_conflict(cast(User, request.user), obj)

    def get_fieldsets(self, request: HttpRequest, obj: OnlusApplication | None = None) -> Any:
        """Put what is not there on every application in front: how it ended, and that it was escalated or overruled."""
        more = [name for name in UNUSUAL if obj is not None and getattr(obj, name)]
        return [(_("Out of the ordinary"), {"fields": more}), *self.fieldsets] if more else self.fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return inlines_for(obj)

    @admin.display(description=_("risk"), ordering="risk_score")
    def risk(self, row: OnlusApplication) -> SafeString:
        return words.risk(row)

    @admin.display(description=_("age"), ordering="submitted_at")
    def age(self, row: OnlusApplication) -> str:
        return words.age(row)

    @admin.display(description=_("time left"), ordering="review_deadline")
    def time_left(self, row: OnlusApplication) -> SafeString | str:
        return words.time_left(row)

    @admin.display(description=_("papers"), ordering="waiting")
    def waiting_papers(self, row: Any) -> int:
        return int(row.waiting)

    @admin.display(description=_("should take"))
    def service(self, row: OnlusApplication) -> str:
        return words.service(row)

    @admin.display(description=_("checks"))
    def checks(self, row: OnlusApplication) -> str:
        return words.checks(row)

    @admin.display(description=_("required documents"))
    def papers(self, row: OnlusApplication) -> SafeString | str:
        return words.papers(row)

    @admin.display(description=_("main activities"))
    def activities(self, row: OnlusApplication) -> SafeString | str:
        return told(row.primary_activities)

    @admin.display(description=_("address"))
    def place(self, row: OnlusApplication) -> SafeString | str:
        return told(row.address)

    @admin.display(description=_("sources of funds"))
    def sources(self, row: OnlusApplication) -> SafeString | str:
        return told(row.funding_sources)

    @admin.display(description=_("leaders"))
    def leaders(self, row: OnlusApplication) -> SafeString | str:
        return told(_people(row.leadership_team))

    @admin.display(description=_("board"))
    def board(self, row: OnlusApplication) -> SafeString | str:
        return told(_people(row.board_members))

    @admin.display(description=_("bank account"))
    def bank_account(self, row: OnlusApplication) -> SafeString | str:
        return told(masked_bank_account(row))

    @button(
        _("Look at the bank account"),
        permission=REVIEW,
        shown_if=lambda row: bool(row.bank_account_info),
        form=PurposeForm,
        explains=_("The whole number is shown once. Who looked at it, and what for, stays on record."),
        tone="quiet",
    )
    def bank_data(self, request: HttpRequest, row: OnlusApplication, data: dict[str, Any]) -> HttpResponse:
        account = read_bank_account(
            application=row,
            actor=cast(User, request.user),
            purpose=data["purpose"],
            now=timezone.now(),
            address=client_address(request),
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bank account"),
            "subtitle": str(row),
            "opts": self.opts,
            "account": account,
            "back": self._page_of(row),
        }
        answer = TemplateResponse(request, "admin/application_bank_account.html", context)
        answer["Cache-Control"] = "private, no-store"
        return answer


def _people(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    names = {"name": _("Name"), "role": _("Role"), "email": _("E-mail")}
    return [{str(title): str(row.get(key, "")) for key, title in names.items()} for row in rows]
