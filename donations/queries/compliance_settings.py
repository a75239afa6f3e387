"""The compliance settings in force. They change rarely and are asked for by every movement, so they are cached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache

from donations.models import ComplianceSettings

SETTINGS_KEY, SETTINGS_CACHED_FOR = "compliance-settings", 60  # seconds

SECTIONS = ("risk_thresholds", "aml_rules", "system_settings")


@dataclass(frozen=True, slots=True)
class Settings:
    """One version of the settings. Amounts and shares are written as text, so that they stay exact."""

    version: int
    values: Mapping[str, Mapping[str, Any]]
    updated_at: datetime
    updated_by: str

    def number(self, path: str) -> Decimal:
        """Return the number at "section.key"."""
        section, key = path.split(".")
        return Decimal(str(self.values[section][key]))

    def words(self, path: str) -> list[str]:
        section, key = path.split(".")
        return list(self.values[section][key])

    def flag(self, path: str) -> bool:
        section, key = path.split(".")
        return bool(self.values[section][key])


def current() -> Settings:
    found: Settings | None = cache.get_or_set(SETTINGS_KEY, latest, SETTINGS_CACHED_FOR)
    return found or latest()


def of_version(version: int) -> Settings:
    return _read(ComplianceSettings.objects.select_related("updated_by").get(version=version))


def forget() -> None:
    cache.delete(SETTINGS_KEY)


def latest() -> Settings:
    """Return the settings in force as they are stored: for jobs that must not go by those of a minute ago."""
    rows = ComplianceSettings.objects.select_related("updated_by").order_by("-version")
    row = rows.first()
    if row is None:
        raise ComplianceSettings.DoesNotExist("compliance has no settings: its migration did not run")
    return _read(row)


def _read(row: ComplianceSettings) -> Settings:
    values = {section: getattr(row, section) for section in SECTIONS}
    return Settings(row.version, values, row.created_at, str(row.updated_by or ""))
