"""By what the queue of applications is narrowed down."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApplicationAppeal, OnlusApplication

SOON = timedelta(days=3)


class DeskFilter(admin.SimpleListFilter):
    title, parameter_name = _("desk"), "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("nobody", _("Nobody's yet")), ("others", _("My colleagues'"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        me = request.user.pk
        if self.value() == "mine":
            return queryset.filter(reviewer=me)
        if self.value() == "nobody":
            return queryset.filter(reviewer=None, status__in=OnlusApplication.OPEN)
        if self.value() == "others":
            return queryset.exclude(reviewer=None).exclude(reviewer=me)
        return queryset


class TimeFilter(admin.SimpleListFilter):
    title, parameter_name = _("time"), "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", _("Past the day")),
            ("soon", _("Due within three days")),
            ("escalated", _("Escalated")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now, is_open = timezone.now(), {"status__in": OnlusApplication.OPEN}
        if self.value() == "late":
            return queryset.filter(review_deadline__lt=now, **is_open)
        if self.value() == "soon":
            return queryset.filter(review_deadline__gte=now, review_deadline__lt=now + SOON, **is_open)
        if self.value() == "escalated":
            return queryset.filter(escalated_at__isnull=False, **is_open)
        return queryset


class AppealFilter(admin.SimpleListFilter):
    title, parameter_name = _("appeal"), "appeal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ApplicationAppeal.Status.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(appeal__status=self.value()) if self.value() else queryset
