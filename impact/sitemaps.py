"""The public pages, for search engines."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Onlus
from impact.models import CommunityReport
from impact.queries.reports import published_reports
from impact.report_periods import REGULAR, period_covered


class Pages(Sitemap):
    def items(self) -> list[str]:
        return ["landing", "transparency", "organisations", "reports", "check-receipts"]

    def location(self, item: str) -> str:
        return reverse(item)


class Organisations(Sitemap):
    def items(self) -> "QuerySet[Onlus]":
        return Onlus.objects.public().order_by("-verified_at", "-pk")

    def location(self, item: Onlus) -> str:
        return reverse("organisation", args=[item.pk])


class Reports(Sitemap):
    def items(self) -> "QuerySet[CommunityReport]":
        return published_reports().filter(report_type__in=REGULAR)

    def location(self, item: CommunityReport) -> str:
        return reverse("report", args=[item.report_type, period_covered(item).name])

    def lastmod(self, item: CommunityReport) -> datetime | None:
        return item.published_at


SITEMAPS: dict[str, Any] = {"pages": Pages, "organisations": Organisations, "reports": Reports}
