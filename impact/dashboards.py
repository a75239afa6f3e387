"""The community dashboard: who plays, who is new, who comes back, and what waits for a moderator."""

from datetime import datetime
from decimal import Decimal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.operations import rollups
from donations.queries.analytics.cohorts import registered_by_day
from games.models import GameSession
from goodplay.lib.admin.dashboards import (
    Chart,
    Content,
    Dashboard,
    Figure,
    Period,
    Series,
    Table,
    Text,
    Worded,
    register,
    rows_of,
)
from impact.models import (
    CommunityReport,
    ImpactMetric,
    ImpactStory,
    ImpactUpdate,
    StoryProposal,
    StoryUnlock,
    UpdateComment,
)
from impact.queries import activity as queries
from impact.queries import story_figures
from impact.queries.updates import trending


def build(period: Period, now: datetime) -> Content:
    rollups.roll_up(now=now)
    sessions, players = queries.activity_by_day(period)
    new = registered_by_day(period)
    return Content(
        made_at=now,
        figures=[*_activity(period), _new(period, sum(new)), *_moderation(now), *_reports(period)],
        charts=[
            Chart(
                _("Play by day"),
                _("Day"),
                period.dates,
                [Series(_("Game sessions"), sessions), Series(_("Players"), players)],
            ),
            Chart(_("New players by day"), _("Day"), period.dates, [Series(_("Registered"), new)]),
        ],
        tables=[_cohorts(period), _waiting(now), _trending(now)],
    )


def _activity(period: Period) -> list[Figure]:
    now, before, again = queries.activity(period)
    rows = rows_of(GameSession, **_within("started_at", period))
    then = _("%(value)s in the period before")
    percent = _percent(again, before.players)
    back = _("%(again)s of the %(before)s players of the period before")
    return [
        Figure(_("Game sessions"), now.sessions, rows, then, {"value": before.sessions}),
        Figure(_("Active players"), now.players, rows, then, {"value": before.players}),
        Figure(_("Came back"), percent, rows, back, {"again": again, "before": before.players}),
    ]


def _new(period: Period, people: int) -> Figure:
    rows = rows_of(User, is_staff__exact=0, **_within("created_at", period))
    return Figure(_("New players"), people, rows, _("Registered in the period"))


def _moderation(now: datetime) -> list[Figure]:
    waiting = queries.moderation(now)
    status = ImpactMetric.Verification
    return [
        _queue(_("Metrics to verify"), waiting.pending_metrics, status.PENDING),
        _queue(_("Disputed metrics"), waiting.disputed_metrics, status.DISPUTED),
        Figure(
            _("Updates taken down"),
            waiting.removed_updates,
            rows_of(ImpactUpdate, status__exact=ImpactUpdate.Status.REMOVED.value),
            _("By moderators, all time"),
        ),
        Figure(
            _("Old metrics"),
            waiting.stale_metrics,
            rows_of(ImpactMetric, is_active__exact=1, age="old"),
            _("Nobody renewed them for thirty days"),
            tone="warn" if waiting.stale_metrics else "good",
        ),
        Figure(
            _("Reported comments"),
            waiting.reported_comments,
            rows_of(UpdateComment, reported="open"),
            _("Wait for a moderator"),
            tone="warn" if waiting.reported_comments else "good",
        ),
    ]


def _reports(period: Period) -> list[Figure]:
    """Tell whether reports come out, and whether any needs somebody."""
    health = queries.report_health(period)
    status = CommunityReport.Status
    slowest = _("The slowest took %(value)s seconds") if health.slowest is not None else ""
    return [
        Figure(
            _("Reports published"),
            health.published,
            rows_of(CommunityReport, status__exact=status.PUBLISHED.value),
            slowest,
            {"value": str(health.slowest)} if health.slowest is not None else {},
        ),
        Figure(
            _("Reports that failed"),
            health.failed,
            rows_of(CommunityReport, status__exact=status.ERROR.value),
            _("Made again by themselves, five times in all"),
            tone="bad" if health.failed else "good",
        ),
        Figure(
            _("Reports to publish"),
            health.waiting,
            rows_of(CommunityReport, status__exact=status.COMPLETED.value),
            _("Made by hand, and read by staff only"),
            tone="warn" if health.waiting else "good",
        ),
    ]


def _queue(label: Text, count: int, status: ImpactMetric.Verification) -> Figure:
    rows = rows_of(ImpactMetric, is_active__exact=1, verification_status__exact=status.value)
    return Figure(label, count, rows, _("Wait for a moderator"), tone="warn" if count else "good")


def _waiting(now: datetime) -> Table:
    """Show how long metrics wait to be verified."""
    status = ImpactMetric.Verification.PENDING.value
    labels = [_("Less than 3 days"), _("3 to 7 days"), _("7 to 30 days"), _("30 days and more")]
    found = queries.verification_ages(now)
    rows = [[label, number] for label, (_since, number) in zip(labels, found, strict=True)]
    return Table(
        _("Metrics to verify, by age"),
        [_("Waiting for"), _("Metrics")],
        rows if any(number for _since, number in found) else [],
        rows_of(ImpactMetric, is_active__exact=1, verification_status__exact=status),
        empty=_("Nothing waits to be verified."),
    )


def _trending(now: datetime) -> Table:
    views = trending(limit=5, now=now)
    rows = [[view.update.title, view.update.engagement_score, view.update.trending_score] for view in views]
    return Table(
        _("Trending updates"),
        [_("Update"), _("Engagement"), _("Score")],
        rows,
        rows_of(ImpactUpdate, o="-7"),
        empty=_("Nobody reacted to news of the last day."),
    )


def _cohorts(period: Period) -> Table:
    """Show how many of those who registered in a month played in it, in the next, and so on, in percent."""
    cohorts = queries.player_cohorts(period.last)
    rows = [
        [
            f"{cohort.month:%Y-%m}",
            cohort.people,
            *("" if share is None else f"{share} %" for share in cohort.shares),
            *[""] * (queries.RETENTION_MONTHS - len(cohort.shares)),
        ]
        for cohort in cohorts
    ]
    later = [format_lazy(_("Month {number}"), number=number) for number in range(queries.RETENTION_MONTHS)]
    columns = [_("Registered in"), _("Players"), *later]
    return Table(_("Players who came back"), columns, rows, empty=_("Nobody registered yet."))


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "-"


def _within(column: str, period: Period) -> dict[str, str]:
    start, end = (moment.isoformat() for moment in period.bounds)
    return {f"{column}__gte": start, f"{column}__lt": end}


register(Dashboard("community", _("Community"), "impact.view_communityreport", build, order=40))


# Stories -----------------------------------------------------------------------------------------------------------


def build_stories(period: Period, now: datetime) -> Content:
    opened, before = (sum(story_figures.unlocks_by_day(each)) for each in (period, period.before))
    steps, donors = story_figures.funnel(), story_figures.donors()
    waiting = story_figures.waiting_proposals()
    all_opened, all_read = (sum(getattr(step.figures, name) for step in steps) for name in ("opened", "read"))
    return Content(
        made_at=now,
        figures=[
            Figure(
                _("Stories opened"),
                opened,
                rows_of(StoryUnlock, **_within("unlocked_at", period)),
                _("%(value)s in the period before"),
                {"value": before},
            ),
            Figure(
                _("Read of those opened"),
                _percent(all_read, all_opened),
                rows_of(StoryUnlock),
                _("Of all time"),
            ),
            Figure(
                _("Proposals waiting"),
                waiting,
                rows_of(StoryProposal, status__exact=StoryProposal.Status.WAITING.value),
                _("From organisations"),
                tone="warn" if waiting else "good",
            ),
        ],
        charts=[
            Chart(
                _("Stories opened by day"),
                _("Day"),
                period.dates,
                [Series(_("Stories opened"), story_figures.unlocks_by_day(period))],
            )
        ],
        tables=[_funnel(steps, donors)],
    )


def _funnel(steps: list[story_figures.Step], donors: int) -> Table:
    """Show of each story for how many donors it is closed, open, and read."""
    rows = [
        [
            Worded(step.story.title, {"it": step.story.title_it}),
            ImpactStory.Condition(step.story.unlock_condition_type).label,
            _threshold(step.story),
            max(donors - step.figures.opened, 0),
            step.figures.opened,
            step.figures.read,
            _percent(step.figures.read, step.figures.opened),
        ]
        for step in steps
    ]
    columns = [
        _("Story"),
        _("Opens by"),
        _("From"),
        _("Locked for donors"),
        _("Unlocked by"),
        _("Read by"),
        _("Read of those opened"),
    ]
    return Table(_("From locked to read"), columns, rows, empty=_("There is no story yet."))


def _threshold(story: ImpactStory) -> Decimal | int | str:
    """Write the threshold in its own unit: euros for sums, nothing where an event or dates decide."""
    kind, value = story.unlock_condition_type, story.unlock_condition_value
    if kind == ImpactStory.Condition.TOTAL_DONATED:
        return value
    if kind == ImpactStory.Condition.SPECIAL_EVENT or story.available_from or story.available_until:
        return ""
    return int(value)


register(Dashboard("stories", _("Stories"), "impact.view_storyunlock", build_stories, order=45))
