"""People in the back office."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import browser, bulk
from accounts.forms import LoanForm, RoleForm, StaffSignInForm
from accounts.models import (
    BulkAction,
    LoginSession,
    SecondFactor,
    StaffLock,
    StaffSession,
    TemporaryGrant,
    User,
)
from accounts.operations import bulk as bulk_actions
from accounts.operations import people, roles, second_factor, staff
from accounts.roles import ROLES, may_manage
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import moment


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
        browser.reopen(self.request, form.user)
        return HttpResponseRedirect(self.get_success_url())


admin.site.login_form = StaffSignInForm
admin.site.password_change_view = StaffPasswordChange  # type: ignore[attr-defined]  # our BackOffice
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(AuditedAdmin, GroupAdmin):
    """Roles: every change of who may do what is on the trail. Nobody changes a role of their own."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = obj is not None and request.user.groups.filter(pk=obj.pk).exists()
        return super().has_change_permission(request, obj) and not own

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The roles of the house stay."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in ROLES)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        super().delete_queryset(request, queryset.exclude(name__in=ROLES))


def may_suspend(request: HttpRequest, user: User) -> bool:
    own = user.pk == request.user.pk
    return (
        request.user.has_perm("accounts.manage_users")
        and not own
        and (not user.is_staff or may_manage(request.user, user))
    )


def may_give_roles(request: HttpRequest, user: User) -> bool:
    return request.user.has_perm(roles.MANAGE) and may_manage(request.user, user)


@admin.register(User)
class UserAdmin(ObjectActions, AuditedAdmin):
    """A person. Names may be corrected; what they are and may do changes by buttons; passwords and money never here."""

    list_display = ("email", "display_name", "is_active", "is_confirmed", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "groups", "preferred_language")
    search_fields = ("email", "display_name", "first_name", "last_name")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    show_full_result_count = False
    readonly_fields = (
        "email",
        "email_verified_at",
        "last_login",
        "created_at",
        "updated_at",
        "deleted_at",
        "is_active",
        "is_staff",
        "role",
        "lent_rights",
        "second_step",
    )
    actions = ("suspend_all", "activate_all", "sign_out_all", "verify_all")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "first_name", "last_name", "preferred_language")}),
        (
            _("State"),
            {"fields": ("is_active", "email_verified_at", "last_login", "created_at", "deleted_at")},
        ),
        (_("Back office"), {"fields": ("is_staff", "role", "lent_rights", "second_step")}),
    )

    @admin.display(boolean=True, description=_("confirmed"))
    def is_confirmed(self, user: User) -> bool:
        return user.is_verified

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        return roles.role_of(user) or "-"

    @admin.display(description=_("lent rights"))
    def lent_rights(self, user: User) -> str:
        lent = TemporaryGrant.objects.in_force(timezone.now()).filter(user=user).select_related("permission")
        return (
            ", ".join(
                _("%(right)s until %(moment)s")
                % {"right": each.permission.name, "moment": moment(each.expires_at)}
                for each in lent
            )
            or "-"
        )

    @admin.display(description=_("second step"))
    def second_step(self, user: User) -> str:
        factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
        return moment(factor.confirmed_at) if factor and factor.confirmed_at else "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Correct the names of players, of oneself, and of staff below oneself."""
        may = super().has_change_permission(request, obj)
        if not may or obj is None or not obj.is_staff or obj.pk == request.user.pk:
            return may
        return may_manage(request.user, obj)

    @button(
        _("Suspend"),
        permission=may_suspend,
        shown_if=lambda user: user.is_active,
        form=ReasonForm,
        explains=_(
            "They are signed out everywhere at once, cannot come in, and read the reason in a mail. Money and donations stay."
        ),
        tone="danger",
        dangerous=True,
    )
    def suspend(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        people.suspend(user=user, reason=data["reason"], **_acting(request))
        return _("Suspended.")

    @button(
        _("Let in again"),
        permission=may_suspend,
        shown_if=lambda user: not user.is_active and user.deleted_at is None,
        form=ReasonForm,
        tone="good",
    )
    def activate(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        people.activate(user=user, reason=data["reason"], **_acting(request))
        return _("They can sign in again.")

    @button(
        _("Sign out on every device"),
        permission=may_suspend,
        shown_if=lambda user: user.is_active,
        form=ReasonForm,
        explains=_("Every browser and every device signs in anew."),
    )
    def sign_out(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        staff.sign_out_everywhere(user=user, reason=data["reason"], **_acting(request))
        return _("%(person)s is signed out.") % {"person": user}

    @button(
        _("Change the role"),
        permission=may_give_roles,
        form=RoleForm,
        initial=lambda user: {"role": roles.role_of(user)},
        explains=_("A second person approves it. Then every right they had ends, and every sign-in."),
        dangerous=True,
    )
    def change_role(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        here = _acting(request)
        roles.request_role(
            user=user, role=data["role"], reason=data["reason"], requested_by=here.pop("actor"), **here
        )
        return _("Asked for. It changes when a second person approves.")

    @button(
        _("Lend a right"),
        permission=may_give_roles,
        shown_if=lambda user: user.is_staff and user.is_active,
        form=LoanForm,
        explains=_("They hold it until it expires. You can lend what you hold yourself."),
        dangerous=True,
    )
    def lend_right(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        here = _acting(request)
        roles.lend_right(
            user=user,
            permission=data["permission"],
            hours=data["hours"],
            reason=data["reason"],
            granted_by=here.pop("actor"),
            **here,
        )
        return _("Lent.")

    @button(
        _("Reset the second step"),
        permission=may_give_roles,
        shown_if=lambda user: SecondFactor.objects.filter(user=user).exists(),
        form=ReasonForm,
        explains=_("They are signed out, set up an authenticator app anew, and are told by mail."),
        tone="danger",
        dangerous=True,
    )
    def reset_second_step(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        second_factor.reset(user=user, reason=data["reason"], **_acting(request))
        return _("Reset. They were told by mail.")

    @button(
        _("Unlock"),
        permission=may_give_roles,
        shown_if=lambda user: StaffLock.objects.filter(user=user, locked_until__gt=timezone.now()).exists(),
        form=ReasonForm,
        explains=_("They can try their password again."),
        dangerous=True,
    )
    def unlock(self, request: HttpRequest, user: User, data: dict[str, Any]) -> Any:
        staff.unlock(user=user, reason=data["reason"], **_acting(request))
        return _("Unlocked.")

    @admin.action(description=_("Suspend"), permissions=["manage"])
    def suspend_all(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        return bulk.page(self, request, queryset, BulkAction.Kind.SUSPEND)

    @admin.action(description=_("Let in again"), permissions=["manage"])
    def activate_all(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        return bulk.page(self, request, queryset, BulkAction.Kind.ACTIVATE)

    @admin.action(description=_("Sign out on every device"), permissions=["manage"])
    def sign_out_all(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        return bulk.page(self, request, queryset, BulkAction.Kind.SIGN_OUT)

    @admin.action(description=_("Confirm the e-mail address"), permissions=["manage"])
    def verify_all(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponseBase:
        return bulk.page(self, request, queryset, BulkAction.Kind.VERIFY)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(bulk_actions.MANAGE)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Keep what changed since the form was read: it writes every column."""
        untouched = [field.name for field in obj._meta.concrete_fields if field.name not in form.changed_data]
        obj.refresh_from_db(fields=untouched, from_queryset=User.objects.select_for_update())
        super().save_model(request, obj, form, change)


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now(), "address": client_address(request)}


@admin.register(StaffSession)
class StaffSessionAdmin(ReadOnlyAdmin):
    list_display = (
        "user",
        "seen_at",
        "address",
        "last_address",
        "opened_at",
        "verified_at",
        "ended_at",
        "ended_because",
    )
    list_filter = ("ended_because",)
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    ordering = ("-seen_at", "-id")


@admin.register(TemporaryGrant)
class TemporaryGrantAdmin(ReadOnlyAdmin):
    list_display = ("user", "permission", "granted_by", "granted_at", "expires_at", "ended_at", "reason")
    list_select_related = ("user", "permission__content_type", "granted_by")
    search_fields = ("user__email", "granted_by__email")
    ordering = ("-granted_at", "-id")


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "last_used_at", "address", "ended_at", "ended_because")
    list_filter = ("ended_because",)
    list_select_related = ("user",)
    search_fields = ("user__email", "address")
    ordering = ("-last_used_at",)
