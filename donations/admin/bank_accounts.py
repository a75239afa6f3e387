"""Bank accounts of ONLUS: entered by one, verified by another, shown masked."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from donations.bank.reasons import reason_in_words
from donations.models import OnlusBankAccount
from donations.operations import bank_accounts
from donations.queries.payouts import due_by_onlus, payable_accounts, ready_by_onlus
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.fields import euros
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.requests import client_address

MAY_CHANGE = "donations.change_onlusbankaccount"


class AccountForm(forms.Form):
    onlus = forms.ModelChoiceField(label=_("Organisation"), queryset=Onlus.objects.order_by("name"))
    iban = forms.CharField(label="IBAN", max_length=42)
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=70,
        help_text=_("As the bank has it: payments are checked against it."),
    )
    bic = forms.CharField(label="BIC", max_length=11, required=False)
    town = forms.CharField(label=_("Town"), max_length=35)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$", label=_("Country"), initial="IT", help_text=_("Two letters.")
    )


class VerificationForm(forms.Form):
    iban = forms.CharField(
        label="IBAN",
        max_length=42,
        help_text=_("Read it from the organisation's own document, not from here."),
    )
    payee_check = forms.TypedChoiceField(
        label=_("What the bank said to the verification of payee"),
        choices=OnlusBankAccount.PayeeCheck.choices,
        coerce=OnlusBankAccount.PayeeCheck,
    )
    payee_name = forms.CharField(label=_("Name the bank told"), max_length=140, required=False)


def _due_now(now: datetime) -> Case:
    """Write what is due to each ONLUS into the query: it is reckoned in Python, from donations, grants and claims."""
    whens = [When(onlus_id=onlus_id, then=Value(amount)) for onlus_id, amount in due_by_onlus(now).items()]
    return Case(*whens, default=Value(ZERO), output_field=euros())


def waits_for_verification(account: OnlusBankAccount) -> bool:
    return account.replaced_at is None and (account.verified_at is None or account.flagged_at is not None)


class PaidNextFilter(admin.SimpleListFilter):
    """Accounts the next payout pays to."""

    title, parameter_name = _("next payout"), "next_payout"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("paid", _("Is paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OnlusBankAccount]) -> Any:
        if self.value() != "paid":
            return queryset
        now = timezone.now()
        return queryset.filter(pk__in=payable_accounts(now).values("pk"), onlus__in=ready_by_onlus(now))


@admin.register(OnlusBankAccount)
class OnlusBankAccountAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "onlus",
        "holder",
        "masked_iban",
        "payee_check",
        "entered_by",
        "checked_by",
        "verified_by",
        "active_from",
        "flag",
        "replaced_at",
        "due_now",
    )
    list_filter = (PaidNextFilter, "payee_check", "created_at")
    list_select_related = ("onlus", "entered_by", "checked_by", "verified_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OnlusBankAccount]:
        return super().get_queryset(request).annotate(due=_due_now(timezone.now()))

    @admin.display(description=_("due now"), ordering="due")
    def due_now(self, account: Any) -> Decimal:
        return to_cents(account.due)

    search_fields = ("onlus__name", "holder")
    ordering = ("-created_at", "-id")
    readonly_fields = ("flag",)

    @button(
        _("Enter an account"),
        permission=MAY_CHANGE,
        form=AccountForm,
        explains=_(
            "Replaces the account the organisation has. A second person has to verify it, and after a change the "
            "account before is paid for some days more."
        ),
        on_list=True,
        dangerous=True,
    )
    def enter(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        account = bank_accounts.enter_account(entered_by=request.user, **data, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return HttpResponseRedirect(reverse("admin:donations_onlusbankaccount_change", args=[account.pk]))

    @button(
        _("Verify"),
        permission=MAY_CHANGE,
        shown_if=waits_for_verification,
        form=VerificationForm,
        explains=_("Somebody else entered this account. Confirm it with the document you have."),
        tone="good",
        dangerous=True,
    )
    def verify(self, request: HttpRequest, account: OnlusBankAccount, data: dict[str, Any]) -> Any:
        verified = bank_accounts.verify_account(
            account=account,
            verified_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            **data,
            **_here(request),
        )
        if verified.verified_at is None and verified.checked_at is not None:
            return _(
                "Checked. It was entered in the portal, so a second person of the staff has to confirm it."
            )
        if verified.verified_at is None:
            return _("Noted. The name does not match, so the account is not verified and is not paid.")
        return _("Verified.")

    @admin.display(description=_("flagged by the bank"))
    def flag(self, account: OnlusBankAccount) -> str:
        return reason_in_words(account.flag_reason) if account.flagged_at else "-"


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
