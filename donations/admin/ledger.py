"""The ledger in the back office: to read, never to write."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from donations.admin.adjustments import Adjusting
from donations.models import AccountSnapshot, LedgerAccount, LedgerSeal, Transfer
from donations.queries.balances import balance_of, with_parts
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.money import ZERO, to_cents


@admin.register(LedgerAccount)
class LedgerAccountAdmin(Adjusting, ReadOnlyAdmin):
    list_display = ("kind", "holder", "listed_balance", "held", "version", "created_at")
    list_filter = ("kind",)
    list_select_related = ("player", "onlus")
    search_fields = ("player__email", "player__display_name", "onlus__name")
    ordering = ("-created_at", "-id")
    readonly_fields = ("current_balance",)

    @admin.display(description=_("of"))
    def holder(self, account: LedgerAccount) -> str:
        return str(account.player or account.onlus or _("GoodPlay"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        """Reckon the hot accounts' balances with the list, from their snapshots and the tails since."""
        return with_parts(super().get_queryset(request))

    @admin.display(description=_("balance now"), ordering="balance")
    def listed_balance(self, account: Any) -> Decimal:
        if account.balance is not None:
            return to_cents(account.balance)
        parts = (account.snapshot, account.received, -(account.paid or ZERO))
        return to_cents(sum((part or ZERO for part in parts), ZERO))

    @admin.display(description=_("balance now"))
    def current_balance(self, account: LedgerAccount) -> Decimal:
        return balance_of(account)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "amount", "from_account", "to_account", "phase", "player")
    list_filter = ("kind", "phase", "created_at")
    filterable = ("debit_account",)
    list_select_related = (
        "player",
        "debit_account__player",
        "debit_account__onlus",
        "credit_account__player",
        "credit_account__onlus",
    )
    search_fields = ("=transaction_id", "=cause_id", "player__email")
    search_help_text = _("A transaction, its cause, or the player's e-mail.")
    ordering = ("-created_at", "-id")

    @admin.display(description=_("from"))
    def from_account(self, transfer: Transfer) -> str:
        return _named(transfer.debit_account)

    @admin.display(description=_("to"))
    def to_account(self, transfer: Transfer) -> str:
        return _named(transfer.credit_account)


@admin.register(AccountSnapshot)
class AccountSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("account", "taken_to", "balance")
    list_select_related = ("account",)
    ordering = ("-taken_to", "-id")


@admin.register(LedgerSeal)
class LedgerSealAdmin(ReadOnlyAdmin):
    list_display = ("day", "transfer_count", "hash", "sealed_at")
    ordering = ("-day",)


def _named(account: LedgerAccount) -> str:
    holder = account.player or account.onlus
    return f"{account.get_kind_display()}: {holder}" if holder else account.get_kind_display()
