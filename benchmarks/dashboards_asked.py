"""What benchmarks.dashboards asks of GoodPlay, once Django is set up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Onlus, OnlusCategory, User
from donations.dashboards import finance
from donations.models import LedgerAccount, PaymentProvider
from donations.models.ledger import system_account_id
from donations.operations import closing, ledger, rollups
from donations.queries.financial_reports.onlus import onlus_figures
from donations.queries.financial_reports.periodic import periodic_figures
from donations.report_periods import Stretch
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.time import rome_day
from impact.models import CommunityReport
from impact.queries.report_figures import report_figures
from impact.report_periods import ReportPeriod

Kind = LedgerAccount.Kind
Question = tuple[Callable[[], Any], Callable[[], None]]


def migrate() -> None:
    call_command("migrate", verbosity=0)


def prepare(organisations: int) -> dict[str, Any]:
    """Make organisations with their accounts, and a provider; return the keys the rows need."""
    now = timezone.now()
    for number in range(organisations):
        onlus = Onlus.objects.create(
            name=f"Organisation {number}",
            category=OnlusCategory.objects.order_by("pk").first(),
            mission_statement="",
            contact_email="info@example.org",
            status=Onlus.Status.ACTIVE,
            verified_at=now,
            bank_account_verified_at=now,
            created_at=now,
        )
        ledger.onlus_account(onlus_id=onlus.pk, now=now)
    provider = PaymentProvider.objects.order_by("pk").first()
    assert provider is not None  # noqa: S101  (a data migration makes one)
    accounts = {"pool": Kind.REWARD_POOL, "clearing": Kind.PROVIDER_CLEARING, "sponsor": Kind.SPONSOR}
    return {name: system_account_id(kind) for name, kind in accounts.items()} | {"provider": provider.pk}


def snapshots() -> None:
    closing.take_snapshots(now=timezone.now())


def rebuild() -> None:
    rollups.rebuild(since=None, now=timezone.now())


def roll_up() -> None:
    rollups.roll_up(now=timezone.now())


def questions() -> dict[str, Question]:
    """Return by name what is asked, and how to make it forget the answer."""
    found: dict[str, Question] = {}
    for days in (7, 30, 90, 365):
        found[f"finance dashboard, {days} days"] = (_board(days), cache.clear)
    for report_type in ("monthly", "annual"):
        found[f"community report, {report_type}"] = (_report(report_type), cache.clear)
    for days in (30, 365):
        found[f"financial report, {days} days"] = (_financial(days), cache.clear)
        found[f"summary of an ONLUS, {days} days"] = (_summary(days), cache.clear)
    found["transparency page"] = (_page("/transparency/"), cache.clear)
    for who, reader in (("anybody", None), ("a donor", _keenest_donor())):
        found[f"impact dashboard of {who}"] = (_asking(reader, "/api/impact/dashboard", {}), cache.clear)
    staff = _staff()
    for path, query in _ROUTES.items():
        found[path] = (_asking(staff, f"/api/admin/financial/{path}", query), cache.clear)
    return found


_ROUTES: dict[str, dict[str, Any]] = {
    "dashboard": {"days": 30},
    "metrics": {"days": 90, "period": "weekly"},
    "trends": {"days": 365},
    "analytics/users": {"days": 30},
    "analytics/payments": {"days": 30},
    "forecasting": {"forecast_days": 30},
    "performance": {},
    "alerts": {},
}


def _board(days: int) -> Callable[[], Any]:
    """Build the board; kept for a minute as the back office keeps it."""

    def ask() -> Any:
        now = timezone.now()
        period = Period(rome_day(now) - timedelta(days=days - 1), rome_day(now))
        return cache.get_or_set(f"bench:{days}", lambda: finance.build(period, now), 60)

    return ask


def _report(report_type: str) -> Callable[[], Any]:
    """Reckon a report of days that are over, as the job does, without keeping it. The year is the last 365 days."""

    def ask() -> Any:
        last = rome_day(timezone.now()) - timedelta(days=2)
        first = last - timedelta(days=29 if report_type == "monthly" else 364)
        period = ReportPeriod(CommunityReport.Type.SPECIAL_EVENT, first, last)
        return report_figures(period)

    return ask


def _financial(days: int) -> Callable[[], Any]:
    """Reckon a financial report as the job does, without keeping it."""
    return lambda: periodic_figures(_stretch(days))


def _summary(days: int) -> Callable[[], Any]:
    onlus = Onlus.objects.order_by("pk")[0]
    return lambda: onlus_figures(onlus, _stretch(days))


def _stretch(days: int) -> Stretch:
    last = rome_day(timezone.now()) - timedelta(days=2)
    return Stretch(last - timedelta(days=days - 1), last)


def _page(address: str) -> Callable[[], Any]:
    client = Client(SERVER_NAME="localhost")

    def ask() -> Any:
        assert client.get(address).status_code == 200  # noqa: S101

    return ask


def _asking(reader: User | None, path: str, query: dict[str, Any]) -> Callable[[], Any]:
    api = APIClient(SERVER_NAME="localhost")
    api.force_authenticate(reader)

    def ask() -> Any:
        answer = api.get(path, query)
        assert answer.status_code == 200, path  # noqa: S101

    return ask


def _keenest_donor() -> User:
    return User.objects.annotate(gifts=Count("donations")).order_by("-gifts", "pk")[0]


def _staff() -> User:
    return User.objects.get_or_create(
        email="bench@example.org", defaults={"display_name": "Bench", "is_staff": True, "is_superuser": True}
    )[0]
