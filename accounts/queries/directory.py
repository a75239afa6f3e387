"""The public directory of organisations: verified and active ones, what they received, and finding them by a name half remembered."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from anyascii import anyascii
from django.db.models import Count, F, Q, QuerySet, Sum
from rapidfuzz import fuzz, process

from accounts.caches import CATEGORIES, FEATURED, NAMES, STATISTICS, kept_directory
from accounts.models import DirectoryTotals, Onlus, OnlusCategory
from accounts.models.onlus import OnlusQuerySet
from accounts.queries.applications import ALIASES
from goodplay.lib.money import ZERO

COLUMNS = (
    "id",
    "name",
    "category_id",
    "mission_statement",
    "description",
    "contact_email",
    "contact_phone",
    "website_url",
    "social_media",
    "tags",
    "certifications",
    "achievements",
    "street",
    "postal_code",
    "city",
    "region",
    "runts_number",
    "runts_section",
    "operational_scope",
    "target_beneficiaries",
    "primary_activities",
    "is_tax_deductible",
    "status",
    "compliance_status",
    "verification_level",
    "compliance_score",
    "transparency_score",
    "impact_score",
    "donor_rating",
    "rating_count",
    "report_due_at",
    "total_donations_received",
    "total_donors",
    "last_donation_at",
    "featured_until",
    "verified_at",
    "bank_account_verified_at",
    "next_review_at",
)
"""What is read of an organisation for the public; nothing that is for staff only is even fetched."""

MOST_RECENT, MOST_FEATURED = 20, 100
BEST_FROM = Decimal(4)
LEAST_SEARCHED = 2
_ALIKE = 75
"""From this likeness on (of 100) a name is what was meant."""


class Statistics(TypedDict):
    total_organizations: int
    total_donations: Decimal
    total_donors: int
    active_organizations: int
    category_distribution: dict[str, int]
    generated_at: datetime


Index = tuple[dict[UUID, str], dict[UUID, str]]


def public() -> OnlusQuerySet:
    return Onlus.objects.public().only(*COLUMNS)


def directory(*, category: str = "", featured: bool | None = None, now: datetime) -> OnlusQuerySet:
    """List the public organisations, the latest verified first."""
    rows = public()
    if category:
        rows = rows.filter(category=ALIASES.get(category, category))
    if featured is not None:
        shown = Q(featured_until__gt=now)
        rows = rows.filter(shown if featured else ~shown | Q(featured_until=None))
    return rows.order_by("-verified_at", "-id")


def featured(now: datetime) -> list[Onlus]:
    """Return those that are shown first. Of what is kept, one whose time is over meanwhile is left out."""
    rows = kept_directory(FEATURED, lambda: list(directory(featured=True, now=now)[:MOST_FEATURED]))
    return [row for row in rows if row.is_featured(now)]


def top_rated() -> QuerySet[Onlus]:
    rows = public().filter(donor_rating__gte=BEST_FROM)
    return rows.order_by("-donor_rating", "-total_donors", "-id")


def recent(*, days: int, now: datetime) -> QuerySet[Onlus]:
    rows = public().filter(verified_at__gte=now - timedelta(days=days))
    return rows.order_by("-verified_at", "-id")[:MOST_RECENT]


def in_category(category: str) -> QuerySet[Onlus]:
    """List a category's organisations, the best rated first, then those that received most."""
    rows = public().filter(category=ALIASES.get(category, category))
    return rows.order_by(F("donor_rating").desc(nulls_last=True), "-total_donations_received", "-id")


def found(
    query: str, *, most: int, category: str = "", featured: bool | None = None, now: datetime
) -> list[Onlus]:
    """Return the organisations whose name, town or mission is like the query, the likest first.

    Who owes a report for long is not found. Misspelt names are found on any database: names are compared in memory, from
    a list kept until one changes, three minutes at most. The answers are not kept: anybody could fill the cache with questions.
    """
    asked = _plain(query)
    names, missions = kept_directory(NAMES, _index)
    alike = process.extract(asked, names, scorer=_likeness, score_cutoff=_ALIKE, limit=4 * most)
    ranked: dict[UUID, float] = {key: score for _name, score, key in alike}
    for key, mission in missions.items():
        if asked in mission:
            ranked[key] = max(ranked.get(key, 0), _ALIKE)
    keys = sorted(ranked, key=lambda key: (-ranked[key], names.get(key, "")))[: 4 * most]
    rows = {
        row.pk: row
        for row in directory(category=category, featured=featured, now=now)
        .searchable(now)
        .filter(pk__in=keys)
    }
    return [rows[key] for key in keys if key in rows][:most]


def _index() -> Index:
    """Return the names and the missions of all public organisations, as they are compared."""
    rows = list(Onlus.objects.public().values_list("pk", "name", "city", "mission_statement"))
    names = {key: _plain(f"{name} {city}") for key, name, city, _mission in rows}
    return names, {key: _plain(mission) for key, _name, _city, mission in rows}


def _plain(text: str) -> str:
    """Write text as it is compared: without accents, case and odd spaces."""
    return " ".join(anyascii(text).casefold().split())


def _likeness(asked: str, name: str, **options: Any) -> float:
    """Compare the query with the name as a whole and, word for word, with the words nearest to its own."""
    words = name.split()
    best = [max((fuzz.ratio(each, word) for word in words), default=0.0) for each in asked.split()]
    by_word = sum(best) / len(best) if best else 0.0
    if asked in name:
        return 100.0
    return max(fuzz.ratio(asked, name), by_word)


def categories() -> list[OnlusCategory]:
    """List the fields of work with how many public organisations each has."""
    return kept_directory(CATEGORIES, _categories)


def _categories() -> list[OnlusCategory]:
    shown = Q(organisations__status=Onlus.Status.ACTIVE, organisations__verified_at__isnull=False)
    fields = OnlusCategory.objects.filter(is_active=True).order_by("-priority", "name")
    return list(fields.annotate(organisation_count=Count("organisations", filter=shown)))


def category(code: str) -> OnlusCategory | None:
    return OnlusCategory.objects.filter(pk=ALIASES.get(code, code), is_active=True).first()


def statistics(now: datetime) -> Statistics:
    """Sum the directory up, as of `generated_at`."""
    return kept_directory(STATISTICS, lambda: _statistics(now))


def _statistics(now: datetime) -> Statistics:
    """Add up what was summed by the hour; nobody is counted twice among the donors."""
    by_category = dict(Onlus.objects.public().order_by().values_list("category").annotate(count=Count("pk")))
    verified = Onlus.objects.filter(verified_at__isnull=False)
    sums = verified.aggregate(count=Count("pk"), received=Sum("total_donations_received", default=ZERO))
    totals = DirectoryTotals.objects.first()
    return {
        "total_organizations": sums["count"],
        "total_donations": sums["received"],
        "total_donors": totals.donors if totals else 0,
        "active_organizations": sum(by_category.values()),
        "category_distribution": by_category,
        "generated_at": now,
    }
