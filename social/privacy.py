"""What a player's privacy settings let strangers see. Whoever has no settings yet has the defaults: everything."""

from collections.abc import Mapping
from typing import Any

Privacy = Mapping[str, Any] | None


def shows_score(privacy: Privacy) -> bool:
    """Friends-only is closed as well until there are friends to open it to."""
    return _is_public(privacy, "impact_score_visibility") and _is_public(privacy, "profile_visibility")


def shows_breakdown(privacy: Privacy) -> bool:
    return (privacy or {}).get("stats_sharing", True) is True


def takes_part(privacy: Privacy) -> bool:
    """Boards show a name beside a score to everybody, so both must be public as well."""
    return (privacy or {}).get("leaderboard_participation", True) is True and shows_score(privacy)


def _is_public(privacy: Privacy, setting: str) -> bool:
    return (privacy or {}).get(setting, "public") == "public"
