"""Pools of sponsors in the back office, and what they granted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from donations.models import FundingPool, PoolGrant
from donations.operations import funding_pools
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin, facts_of
from goodplay.lib.money import ZERO
from goodplay.lib.templatetags.house import euros


class FundingPoolForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """Say at the field what the operation would refuse, and that a pool for categories names some."""
        data = super().clean() or {}
        pool = self.instance
        used = pool.reserved + pool.spent
        total, sponsor = data.get("total"), data.get("sponsor")
        sponsor_id = sponsor.pk if sponsor else pool.sponsor_id
        if total and total < used:
            raise ValidationError({"total": funding_pools.TotalBelowSpent.message})
        if total and sponsor_id:
            promised = used if data.get("status") == FundingPool.Status.CLOSED else total
            left = funding_pools.money_for_pools(sponsor_id, besides=pool.pk)
            if promised > left:
                words = _("The sponsor has %(left)s EUR left for funding pools.") % {"left": left}
                raise ValidationError({"total": words})
        if data.get("kind") == FundingPool.Kind.CATEGORY and not data.get("categories"):
            raise ValidationError({"categories": _("Name the categories this pool is for.")})
        if (largest := data.get("maximum_allocation")) and largest < data.get("minimum_allocation", ZERO):
            raise ValidationError({"maximum_allocation": _("The largest allocation is below the smallest.")})
        return data


@admin.register(FundingPool)
class FundingPoolAdmin(AuditedAdmin):
    form = FundingPoolForm
    exclude = ("created_at",)
    filter_horizontal = ("categories",)
    list_display = (
        "name",
        "sponsor",
        "kind",
        "status",
        "total",
        "available_bar",
        "reserved",
        "spent",
        "valid_until",
    )
    list_filter = ("status", "kind", "auto_allocation")
    list_select_related = ("sponsor",)
    readonly_fields = ("available_bar", "reserved", "spent")
    search_fields = ("name", "sponsor__name")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A pool keeps its sponsor: what it granted was theirs."""
        return (*self.readonly_fields, "sponsor") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: FundingPool, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        form.facts_before = facts_of(FundingPool.objects.filter(pk=obj.pk).first())
        funding_pools.save_pool(pool=obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What sponsors promised stays: it is closed."""
        return False

    @admin.display(description=_("available"))
    def available_bar(self, pool: FundingPool) -> str:
        if not pool.total:
            return "-"
        percent = int(pool.available * 100 / pool.total)
        return format_html(
            '<meter class="pool" min="0" max="100" value="{}">{} %</meter> {} ({} %)',
            percent,
            percent,
            euros(pool.available),
            percent,
        )


@admin.register(PoolGrant)
class PoolGrantAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "pool", "onlus", "amount")
    list_filter = ("created_at",)
    list_select_related = ("pool", "onlus")
    search_fields = ("=id", "pool__name", "onlus__name")
    ordering = ("-created_at", "-id")
