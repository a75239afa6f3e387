"""Counting what players did, and keeping scores and boards in line with it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from goodplay.lib.time import day_start, rome_day
from social import queries, scoring
from social.boards import LeaderboardType, Period, Span
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from social.signals import impact_score_changed

SLICE = 500


# Facts that count ------------------------------------------------------------------------------------------------


@transaction.atomic
def count_session(
    *,
    session_id: UUID,
    user_id: UUID,
    game_id: UUID,
    played_for: timedelta,
    ended_at: datetime,
    now: datetime,
) -> ImpactScore:
    """Count a verified, completed session once, however often it is told."""
    session = CountedSession(
        session_id=session_id,
        user_id=user_id,
        game_id=game_id,
        played_for=played_for,
        ended_at=ended_at,
        played_on=rome_day(ended_at),
    )
    CountedSession.objects.bulk_create([session], ignore_conflicts=True)
    return recalculate(user_id=user_id, since=session.played_on, now=now)


@transaction.atomic
def count_donation(
    *, donation_id: UUID, user_id: UUID, onlus_id: UUID, amount: Decimal, given_at: datetime, now: datetime
) -> ImpactScore:
    """Count a completed donation once, however often it is told."""
    donation = CountedDonation(
        donation_id=donation_id,
        user_id=user_id,
        onlus_id=onlus_id,
        amount=amount,
        given_at=given_at,
        given_on=rome_day(given_at),
    )
    CountedDonation.objects.bulk_create([donation], ignore_conflicts=True)
    return recalculate(user_id=user_id, since=donation.given_on, now=now)


@transaction.atomic
def count_refund(
    *,
    donation_id: UUID,
    user_id: UUID,
    onlus_id: UUID,
    remaining_amount: Decimal,
    given_at: datetime,
    refunded_at: datetime,
    now: datetime,
) -> ImpactScore:
    """Count of a donation only what remains, as if the rest had never been given.

    Refunds only ever lower what remains, so the least that was told holds: each refund counts once, however often it
    is told, in whichever order, and before the donation itself.
    """
    remainder = CountedDonation(
        donation_id=donation_id,
        user_id=user_id,
        onlus_id=onlus_id,
        amount=remaining_amount,
        given_at=given_at,
        given_on=rome_day(given_at),
    )
    # Inserting first waits for a twin that is counting the donation itself; its row is then seen, and lowered.
    CountedDonation.objects.bulk_create([remainder], ignore_conflicts=True)
    more = CountedDonation.objects.filter(pk=donation_id, amount__gt=remaining_amount)
    more.update(amount=remaining_amount)
    return recalculate(user_id=user_id, since=remainder.given_on, corrected_on=rome_day(refunded_at), now=now)


# The score -------------------------------------------------------------------------------------------------------


@transaction.atomic
def recalculate(
    *, user_id: UUID, since: date, now: datetime, corrected_on: date | None = None
) -> ImpactScore:
    """Work a player's score, closing scores and standings out again from the counted facts.

    `since` is the first Rome day that may have changed, so a deed told late still counts in the day and the periods
    it belongs to; `corrected_on` is the day that learnt of it, if the history is to have that one too. The score's
    row stays locked: two deeds at once cannot overwrite each other.
    """
    record = _locked_score(user_id, now)
    previous, today = record.score, max(rome_day(now), since)
    facts = queries.facts_of(user_id, since=_first_eve(since), until=today)
    scores = _ScoresByDay(facts)
    _store(record, scores, today, now)
    _close_days(record, scores, since, today, {since, corrected_on or today, today})
    _list(record)
    changed = {since, today, *(day for day in facts.days() if day > since)}
    _move_standings(record, scores, _standings_to_move(user_id, since, changed), today)
    if record.score != previous:
        impact_score_changed.announce(score=record, previous=previous)
    return record


class _ScoresByDay:
    """One player's score as it stood on a day, each worked out once."""

    def __init__(self, facts: scoring.Facts) -> None:
        self._facts = facts
        self._scores: dict[date, scoring.Score] = {}

    def facts_on(self, day: date) -> scoring.Facts:
        return self._facts.until(day)

    def on(self, day: date) -> scoring.Score:
        if day not in self._scores:
            self._scores[day] = scoring.score(self.facts_on(day), day)
        return self._scores[day]


def _locked_score(user_id: UUID, now: datetime) -> ImpactScore:
    fresh = {"formula_version": scoring.FORMULA_VERSION, "calculated_at": now, "created_at": now}
    record, _created = ImpactScore.objects.select_for_update().get_or_create(user_id=user_id, defaults=fresh)
    return record


def _store(record: ImpactScore, scores: _ScoresByDay, today: date, now: datetime) -> None:
    score = scores.on(today)
    changes: dict[str, Any] = {
        **_totals(score),
        "formula_version": scoring.FORMULA_VERSION,
        "due_on": scoring.next_change(scores.facts_on(today), today),
        "calculated_at": now,
    }
    for name, component in score.components().items():
        changes[f"{name}_details"] = {key: str(value) for key, value in component.details.items()}
    for column, value in changes.items():
        setattr(record, column, value)
    record.save(update_fields=[*changes])


def _totals(score: scoring.Score) -> dict[str, Decimal]:
    components = score.components().items()
    return {"score": score.total, **{f"{name}_component": component.score for name, component in components}}


def _close_days(
    record: ImpactScore, scores: _ScoresByDay, since: date, today: date, noted: set[date]
) -> None:
    """Write the closing scores of the noted days, and of those since the first that have one."""
    history = ImpactScoreHistory.objects.filter(user_id=record.user_id)
    oldest = today - timedelta(days=ImpactScoreHistory.KEPT_DAYS - 1)
    known = {row.day: row for row in history.filter(day__gte=max(since, oldest))}
    for day, row in known.items():
        for column, value in _totals(scores.on(day)).items():
            setattr(row, column, value)
    missing = {day for day in noted if day >= oldest} - set(known)
    fresh = [
        ImpactScoreHistory(user_id=record.user_id, day=day, **_totals(scores.on(day))) for day in missing
    ]
    ImpactScoreHistory.objects.bulk_update(known.values(), [*_totals(scores.on(today))])
    if fresh:
        ImpactScoreHistory.objects.bulk_create(fresh)
        history.filter(day__lt=oldest).delete()


# The boards ------------------------------------------------------------------------------------------------------


@transaction.atomic
def update_listing(*, user_id: UUID, now: datetime) -> ImpactScore:
    """Take the player onto the boards or off them, as account and privacy settings say now."""
    record = _locked_score(user_id, now)
    _list(record)
    return record


def _list(record: ImpactScore) -> None:
    takes_part = queries.takes_part(record.user_id)
    if takes_part == record.takes_part:
        return
    record.takes_part = takes_part
    record.save(update_fields=["takes_part"])
    Standing.objects.filter(user_id=record.user_id).update(is_listed=takes_part)


def _first_eve(since: date) -> date:
    """Return the earliest day from which growth may have to be measured again."""
    eves = (Span.around(period, since).eve for period in Period)
    return min(eve for eve in eves if eve)


def _standings_to_move(user_id: UUID, since: date, days: set[date]) -> dict[Span, Standing | None]:
    """Map the spans around the days, and those since in which the player stands, to the standing.

    What was done after a changed day may earn a standing it did not earn before: a deed is worth more after less.
    """
    spans = {Span.around(period, day) for period in Period for day in days}
    mine = Standing.objects.filter(
        Q(starts_on__in={span.first for span in spans}) | Q(starts_on__gt=since),
        user_id=user_id,
        leaderboard_type=LeaderboardType.GLOBAL_IMPACT,
    )
    known = {Span.around(Period(each.period), each.starts_on): each for each in mine}
    return dict.fromkeys(spans) | known


def _move_standings(
    record: ImpactScore, scores: _ScoresByDay, standings: dict[Span, Standing | None], today: date
) -> None:
    """Give each span the standing its growth earns: a new one, a moved one, or none."""
    fresh, moved, gone = [], [], []
    for span, known in standings.items():
        standing = known or _empty_standing(record, span)
        before = (standing.score, standing.baseline)
        _place(standing, span, scores, today)
        if standing.score <= 0:
            gone += [standing.pk] if known else []
        elif known is None:
            fresh.append(standing)
        elif before != (standing.score, standing.baseline):
            moved.append(standing)
    Standing.objects.bulk_create(fresh)
    Standing.objects.bulk_update(moved, ["score", "baseline", "reached_at"])
    if gone:
        Standing.objects.filter(pk__in=gone).delete()


def _empty_standing(record: ImpactScore, span: Span) -> Standing:
    return Standing(
        user_id=record.user_id,
        leaderboard_type=LeaderboardType.GLOBAL_IMPACT,
        period=span.period,
        starts_on=span.first,
        score=scoring.NONE,
        is_listed=record.takes_part,
    )


def _place(standing: Standing, span: Span, scores: _ScoresByDay, today: date) -> None:
    """Set what the score grew by in the span. A deed that moved nothing leaves the moment it was reached alone."""
    closing = span.closing(today)
    standing.baseline = scores.on(span.eve).total if span.eve else scoring.NONE
    growth = scores.on(closing).total - standing.baseline
    if growth != standing.score:
        last_deed = scoring.reached_at(scores.facts_on(closing), closing)
        start = day_start(span.first)
        standing.reached_at = max(last_deed or start, start)
    standing.score = growth


# What time does --------------------------------------------------------------------------------------------------


def refresh_due_scores(*, now: datetime) -> int:
    """Work out, each in a transaction of its own, the scores that time or a newer formula has overtaken."""
    today, refreshed = rome_day(now), 0
    due = ImpactScore.objects.due(today).order_by("pk").values_list("user_id", flat=True)
    while user_ids := list(due[:SLICE]):
        for user_id in user_ids:
            recalculate(user_id=user_id, since=today, now=now)
        refreshed += len(user_ids)
    return refreshed


def update_listings(*, now: datetime) -> int:
    """Bring the boards in line with accounts and privacy settings that changed, and return how many had."""
    out_of_line = list(queries.listings_out_of_line())
    for user_id in out_of_line:
        update_listing(user_id=user_id, now=now)
    return len(out_of_line)


def rank_yesterday(*, now: datetime) -> int:
    """Write the closing ranks of yesterday into its history rows, and return how many.

    Meant for the first minutes of a day, before anything moves; a day missed altogether stays without ranks.
    """
    yesterday = rome_day(now) - timedelta(days=1)
    unranked = queries.unranked_history(yesterday)
    if not unranked:
        return 0
    places = enumerate(queries.players_best_first(), 1)
    rows = [ImpactScoreHistory(pk=unranked[each], rank=rank) for rank, each in places if each in unranked]
    return ImpactScoreHistory.objects.bulk_update(rows, ["rank"], batch_size=SLICE)


def keep_large_boards(*, now: datetime) -> int:
    """Add the large boards up for the reads of the next minutes, and return how many are large."""
    boards = (
        queries.board_named(kind, period, rome_day(now)) for kind in LeaderboardType for period in Period
    )
    return sum(queries.keep_figures(board) for board in boards)
