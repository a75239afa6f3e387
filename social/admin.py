"""Scores, boards and what they are made of, in the back office: to read, never to write."""

from collections.abc import Mapping

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodplay.lib.admin.bases import ReadOnlyAdmin
from social import scoring
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing

PLAYER_SEARCH = ("user__email", "user__display_name")


@admin.register(ImpactScore)
class ImpactScoreAdmin(ReadOnlyAdmin):
    list_display = (
        "user",
        "score",
        "gaming_component",
        "social_component",
        "donation_component",
        "takes_part",
        "formula_version",
        "calculated_at",
    )
    list_filter = ("takes_part", "formula_version")
    list_select_related = ("user",)
    search_fields = PLAYER_SEARCH
    ordering = ("-id",)
    fields = (
        "user",
        "score",
        "total_explained",
        "gaming_explained",
        "social_explained",
        "donation_explained",
        "takes_part",
        "formula_version",
        "due_on",
        "calculated_at",
        "created_at",
    )
    readonly_fields = ("total_explained", "gaming_explained", "social_explained", "donation_explained")

    @admin.display(description=gettext_lazy("how it adds up"))
    def total_explained(self, score: ImpactScore) -> str:
        parts = (
            f"{scoring.WEIGHTS[name]} × {getattr(score, f'{name}_component')}"  # noqa: RUF001  (shown to people)
            for name in scoring.WEIGHTS
        )
        return f"{' + '.join(parts)} = {score.score}"

    @admin.display(description=gettext_lazy("gaming"))
    def gaming_explained(self, score: ImpactScore) -> SafeString:
        return _explained("gaming", score.gaming_details)

    @admin.display(description=gettext_lazy("social"))
    def social_explained(self, score: ImpactScore) -> SafeString:
        return _explained("social", score.social_details)

    @admin.display(description=gettext_lazy("donation"))
    def donation_explained(self, score: ImpactScore) -> SafeString:
        return _explained("donation", score.donation_details)


@admin.register(ImpactScoreHistory)
class ImpactScoreHistoryAdmin(ReadOnlyAdmin):
    list_display = (
        "day",
        "user",
        "score",
        "gaming_component",
        "social_component",
        "donation_component",
        "rank",
    )
    list_select_related = ("user",)
    search_fields = PLAYER_SEARCH
    ordering = ("-id",)


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    list_display = (
        "leaderboard_type",
        "period",
        "starts_on",
        "user",
        "score",
        "baseline",
        "reached_at",
        "is_listed",
    )
    list_filter = ("leaderboard_type", "period", "is_listed")
    list_select_related = ("user",)
    search_fields = PLAYER_SEARCH
    ordering = ("-id",)


@admin.register(CountedSession)
class CountedSessionAdmin(ReadOnlyAdmin):
    list_display = ("session_id", "user", "game_id", "played_for", "ended_at")
    list_select_related = ("user",)
    search_fields = ("=session_id", *PLAYER_SEARCH)
    ordering = ("-session_id",)


@admin.register(CountedDonation)
class CountedDonationAdmin(ReadOnlyAdmin):
    list_display = ("donation_id", "user", "onlus_id", "amount", "given_at")
    list_select_related = ("user",)
    search_fields = ("=donation_id", *PLAYER_SEARCH)
    ordering = ("-donation_id",)


def _explained(component: str, details: Mapping[str, str]) -> SafeString:
    """Draw a component's parts as a table: what, how many points, by which rule."""
    rules = _rules(component)
    rows = ((*rules.get(key, (key, "")), value) for key, value in details.items())
    body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", ((a, c, b) for a, b, c in rows))
    head = format_html("<tr><th>{}</th><th>{}</th><th>{}</th></tr>", _("Part"), _("Points"), _("Rule"))
    return format_html("<table><thead>{}</thead><tbody>{}</tbody></table>", head, body)


def _rules(component: str) -> dict[str, tuple[str, str]]:
    return {"gaming": _gaming_rules, "social": _social_rules, "donation": _donation_rules}[component]()


def _each(rule: scoring.Rule, what: str) -> str:
    """Say a rule's numbers as the formula has them now."""
    return _("%(points)s for each %(what)s, at most %(most)s") % {
        "points": f"{rule.points:f}",
        "most": f"{rule.most:f}",
        "what": what,
    }


def _total(rule: scoring.Rule, parts: str) -> str:
    return _("%(parts)s; at most %(most)s") % {"parts": parts, "most": f"{rule.most:f}"}


def _base(component: str) -> tuple[str, str]:
    most = scoring.MOST[component]
    return _("Sum"), _("Times the multiplier below, at most %(most)s") % {"most": f"{most:f}"}


def _gaming_rules() -> dict[str, tuple[str, str]]:
    window = _("last %(days)s days") % {"days": scoring.PLAY_WINDOW.days}
    minutes, days = _each(scoring.PLAYED_MINUTE, _("minute")), _each(scoring.PLAYED_DAY, _("day of play"))
    tournaments = _(
        "%(entered)s for an entry, %(top)s more for the top three, %(won)s more for a victory"
    ) % {
        "entered": scoring.TOURNAMENT_ENTERED,
        "top": scoring.TOURNAMENT_TOP_THREE,
        "won": scoring.TOURNAMENT_WON,
    }
    return {
        "play_time_score": (_("Play time"), f"{minutes}; {days} ({window})"),
        "game_variety_score": (_("Variety"), f"{_each(scoring.DISTINCT_GAME, _('game'))} ({window})"),
        "tournament_score": (_("Tournaments"), _total(scoring.TOURNAMENT, tournaments)),
        "achievement_score": (_("Achievements"), _total(scoring.ACHIEVEMENT, _("the badges' values"))),
        "base_score": _base("gaming"),
        "consistency_multiplier": (_("Multiplier"), _("Days of play in the last week")),
    }


def _social_rules() -> dict[str, tuple[str, str]]:
    friend = _each(scoring.FRIEND, _("friend"))
    activity = _each(scoring.RECENT_ACTIVITY, _("recent activity"))
    challenges = _("%(joined)s joined, %(completed)s completed, %(won)s won") % {
        "joined": scoring.CHALLENGE_JOINED,
        "completed": scoring.CHALLENGE_COMPLETED,
        "won": scoring.CHALLENGE_WON,
    }
    community = _("%(given)s for each cheer or comment given, %(likes)s for each like received") % {
        "given": scoring.INTERACTION_GIVEN,
        "likes": scoring.LIKE_RECEIVED,
    }
    return {
        "friends_score": (_("Friends"), f"{friend}; {activity}"),
        "challenges_score": (_("Challenges"), _total(scoring.CHALLENGE, challenges)),
        "community_score": (_("Community"), _total(scoring.COMMUNITY, community)),
        "sharing_score": (_("Sharing"), _each(scoring.SHARE, _("share"))),
        "base_score": _base("social"),
        "engagement_multiplier": (_("Multiplier"), _("Social activity in the last week")),
    }


def _donation_rules() -> dict[str, tuple[str, str]]:
    return {
        "amount_score": (_("Amount"), _each(scoring.AMOUNT, _("power of ten of all euros given"))),
        "frequency_score": (
            _("Frequency"),
            _each(scoring.GIFT_MONTH, _("month with a gift in the last twelve")),
        ),
        "diversity_score": (_("Diversity"), _each(scoring.DISTINCT_ONLUS, _("ONLUS"))),
        "event_score": (_("Campaigns"), _each(scoring.CAMPAIGN, _("special campaign"))),
        "base_score": _base("donation"),
        "consistency_multiplier": (_("Multiplier"), _("Months in a row with a gift")),
        "total_donated": (_("Euros given"), _("All completed donations; not points")),
    }
