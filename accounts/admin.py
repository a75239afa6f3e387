"""People and organisations in the back office."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import StaffSignInForm
from accounts.models import LoginSession, Onlus, OnlusCategory, OnlusMembership, User
from accounts.operations import onlus as registry
from accounts.operations import staff
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


class StaffPasswordChange(PasswordChangeView):
    """Staff change their own password: this browser stays signed in, and nothing else does."""

    form_class = AdminPasswordChangeForm

    def form_valid(self, form: Any) -> HttpResponse:
        staff.change_password(
            user=form.user,
            password=form.cleaned_data["new_password1"],
            address=client_address(self.request),
            now=timezone.now(),
        )
        update_session_auth_hash(self.request, form.user)
        return HttpResponseRedirect(self.get_success_url())


admin.site.login_form = StaffSignInForm
admin.site.password_change_view = StaffPasswordChange  # type: ignore[attr-defined]  # our BackOffice
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    """Roles: every change of who may do what is on the trail."""


class MembershipInline(admin.TabularInline):
    model = OnlusMembership
    autocomplete_fields = ("user",)
    extra = 0
    readonly_fields = ("created_at",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """A person. Names may be corrected; passwords, dates and money never here."""

    list_display = ("email", "display_name", "is_active", "is_confirmed", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "groups", "preferred_language")
    search_fields = ("email", "display_name", "first_name", "last_name")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    show_full_result_count = False
    filter_horizontal = ("groups",)
    readonly_fields = ("email", "email_verified_at", "last_login", "created_at", "updated_at", "deleted_at")
    actions = ("sign_out_everywhere",)
    fieldsets = (
        (None, {"fields": ("email", "display_name", "first_name", "last_name", "preferred_language")}),
        (
            _("State"),
            {"fields": ("is_active", "email_verified_at", "last_login", "created_at", "deleted_at")},
        ),
        (_("Back office"), {"fields": ("is_staff", "groups")}),
    )

    @admin.display(boolean=True, description=_("confirmed"))
    def is_confirmed(self, user: User) -> bool:
        return user.is_verified

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a super administrator hands out roles, and nobody changes their own."""
        fields = tuple(self.readonly_fields)
        own = obj is not None and obj.pk == request.user.pk
        if own or not request.user.has_perm("auth.change_group"):
            fields += ("is_staff", "groups", "is_active") if own else ("is_staff", "groups")
        return fields

    @admin.action(description=_("Sign out on every device"), permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self._sign_out(request, user)
        self.message_user(request, _("Signed out."), messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Keep what changed since the form was read: it writes every column. A suspended person is out at once."""
        untouched = [field.name for field in obj._meta.concrete_fields if field.name not in form.changed_data]
        obj.refresh_from_db(fields=untouched, from_queryset=User.objects.select_for_update())
        super().save_model(request, obj, form, change)
        if any(name in form.changed_data and not getattr(obj, name) for name in ("is_active", "is_staff")):
            self._sign_out(request, obj)

    def _sign_out(self, request: HttpRequest, user: User) -> None:
        staff.sign_out_everywhere(
            user=user, actor=request.user, address=client_address(request), now=timezone.now()
        )


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "last_used_at", "address", "ended_at", "ended_because")
    list_filter = ("ended_because",)
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    ordering = ("-last_used_at",)


@admin.register(Onlus)
class OnlusAdmin(AuditedAdmin):
    """An organisation. Its state changes by action, so that everything that follows from it happens."""

    list_display = ("name", "category", "city", "status", "compliance_status", "verified_at")
    list_filter = ("status", "compliance_status", "category", "runts_section")
    list_select_related = ("category",)
    search_fields = ("name", "legal_name", "tax_id", "runts_number")
    ordering = ("name",)
    inlines = (MembershipInline,)
    readonly_fields = ("status", "verified_at", "bank_account_verified_at", "created_at")
    actions = ("verify",)

    def has_delete_permission(self, request: HttpRequest, obj: Onlus | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Onlus, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Verify selected organisations"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Onlus]) -> None:
        for onlus in queryset:
            try:
                registry.verify_onlus(onlus=onlus, now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{onlus}: {error}", messages.ERROR)
            else:
                self._note(request, onlus)

    def _note(self, request: HttpRequest, onlus: Onlus) -> None:
        address = client_address(request)
        trail.record(
            actor=request.user, action="onlus_verify", target=onlus, address=address, now=timezone.now()
        )
        self.message_user(request, _("%(onlus)s is verified.") % {"onlus": onlus}, messages.SUCCESS)


@admin.register(OnlusCategory)
class OnlusCategoryAdmin(AuditedAdmin):
    list_display = ("name", "name_it", "category", "is_active", "priority")
    ordering = ("-priority", "name")
