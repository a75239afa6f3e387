"""Preferences of an old account: what can be chosen here, and nothing else."""

from collections.abc import Callable
from typing import Any

from accounts.models.preferences import (
    CATEGORIES,
    default_donations,
    default_gaming,
    default_notifications,
    default_privacy,
)
from goodplay.importing.values import Reader

VISIBILITIES = ("public", "friends", "private")
CHOICES: dict[str, tuple[str, ...]] = {
    "difficulty_level": ("easy", "medium", "hard", "expert"),
    "frequency": ("never", "daily", "weekly", "monthly", "none"),
    "profile_visibility": VISIBILITIES,
    "activity_visibility": VISIBILITIES,
    "impact_score_visibility": VISIBILITIES,
    "contact_permissions": ("everyone", "friends", "none"),
}
DEFAULTS: dict[str, Callable[[], dict[str, Any]]] = {
    "gaming": default_gaming,
    "notifications": default_notifications,
    "privacy": default_privacy,
    "donations": default_donations,
}


def preferences(reader: Reader, find_onlus: Callable[[object], str | None]) -> dict[str, dict[str, Any]]:
    """Read the four groups; what is not there, or makes no sense, is the default."""
    groups = {group: _group(reader.part(group), DEFAULTS[group]()) for group in CATEGORIES}
    if groups["notifications"]["frequency"] == "none":
        groups["notifications"]["frequency"] = "never"
    causes = [find_onlus(cause) for cause in groups["donations"]["preferred_causes"]]
    groups["donations"]["preferred_causes"] = [cause for cause in causes if cause]
    # Automatic giving moves money: here it is switched on by the player alone.
    if groups["donations"]["auto_donate_enabled"]:
        reader.note("auto_donate_enabled", "SWITCHED_OFF")
        groups["donations"]["auto_donate_enabled"] = False
    return groups


def stricter(one: str | None, other: str) -> str:
    """Of two things said about who may see somebody, take the one that shows less."""
    return max(one or "public", other, key=VISIBILITIES.index)


def _group(reader: Reader, defaults: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(reader, name, default) for name, default in defaults.items()}


def _value(reader: Reader, name: str, default: Any) -> Any:
    if isinstance(default, bool):
        return reader.flag(name, default=default)
    if name in CHOICES:
        return reader.choice(name, CHOICES[name], default)
    if isinstance(default, list):
        return reader.texts(name, 64)
    if name == "auto_donate_percentage":
        return reader.whole(name, least=0, most=100, default=default)
    number = reader.number(name)
    return default if number is None else _as_json(number)


def _as_json(number: Any) -> int | float:
    return int(number) if number == int(number) else float(number)
