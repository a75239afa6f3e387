"""Everybody against what a new edition brought, or anew by new rules, in slices that can be cut off at any line."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from donations.models import ScreenedSubject, ScreeningEdition, ScreeningHit, ScreeningRun
from donations.operations.screening import hits, subjects
from donations.operations.screening.reading import Loaded, current_lists, list_of
from donations.queries import screening as queries
from donations.screening.decisions import Query
from donations.screening.editions import Changes, succeed
from donations.screening.index import Screener
from donations.screening.stored import is_readable
from donations.screening.version import CODE_VERSION
from goodplay.lib.db import transaction_lock

SLICE = 200


def carry_on(*, now: datetime, slices: int = 50) -> str:
    """Go on with the oldest screening that is not finished; say what was done."""
    lists = current_lists()
    if lists is None:
        return "nothing to do"
    begin_by_rules(now=now)
    run = (
        ScreeningRun.objects.filter(finished_at=None)
        .select_related("edition__previous")
        .order_by("started_at")
        .first()
    )
    if run is None:
        return "nothing to do"
    part = part_of(run, lists.screener)
    _close_removed(run, now)
    for _slice in range(slices):
        if _screen_slice(run.pk, lists, part, now) == 0:
            return f"{run}: finished"
    return f"{run}: goes on"


@transaction.atomic
def begin_by_rules(*, now: datetime) -> ScreeningRun | None:
    """Have everybody screened anew when the rules are not those everybody was screened by."""
    transaction_lock("screening rules")
    if queries.rules_of_everybody() in (CODE_VERSION, ""):
        return None
    return ScreeningRun.objects.create(code_version=CODE_VERSION, started_at=now)


def begin_by_settings(*, now: datetime) -> ScreeningRun:
    """Have everybody screened against all lists: some were not asked for a while."""
    return ScreeningRun.objects.create(code_version=CODE_VERSION, started_at=now)


def part_of(run: ScreeningRun, screener: Screener) -> Screener:
    """Return the entries a run asks about: those its edition changed, or all when the rules did."""
    return screener if run.edition is None else screener.only(keys_of(changes_of(run.edition)))


def changes_of(edition: ScreeningEdition) -> Changes:
    """Return what an edition changed, read from the stored files of both."""
    new = list_of(edition)
    if edition.previous is None:
        return Changes(new.entries, (), ())
    return succeed(list_of(edition.previous), new)


def keys_of(changes: Changes) -> set[tuple[str, str]]:
    return {(entry.source, entry.reference) for entry in (*changes.added, *changes.changed)}


def _close_removed(run: ScreeningRun, now: datetime) -> None:
    """Close the hits of entries that are gone, whoever they stop."""
    if run.after is not None or run.edition is None:
        return
    changes = changes_of(run.edition)
    if not changes.removed:
        return
    gone = {entry.reference for entry in changes.removed}
    reason = gettext("Taken off the list: %(edition)s") % {"edition": run.edition.vintage}
    standing = ScreeningHit.objects.standing().filter(source=run.edition.source)
    closed = sum(
        hits.close_removed(hit=hit, reason=reason, now=now)
        for hit in standing.iterator(chunk_size=SLICE)
        if hit.reference in gone
    )
    ScreeningRun.objects.filter(pk=run.pk).update(closed_count=F("closed_count") + closed)


def _is_done(subject: ScreenedSubject, run: ScreeningRun) -> bool:
    """Tell who came since and was screened against everything already. Who waits will be."""
    if run.edition is not None:
        return run.edition.vintage in subject.vintages
    return subject.screened_at is not None and subject.screened_at >= run.started_at


@transaction.atomic
def _screen_slice(run_id: UUID, lists: Loaded, part: Screener, now: datetime) -> int:
    """Screen the next few; return how many. The last slice is the one that finds nobody, and ends the run."""
    run = ScreeningRun.objects.select_for_update(of=("self",)).select_related("edition").get(pk=run_id)
    if run.finished_at is not None:
        return 0
    rows = queries.subjects().order_by("pk").select_for_update(of=("self",))
    if run.after is not None:
        rows = rows.filter(pk__gt=run.after)
    found = list(rows[:SLICE])
    proven = subjects.proven_of(found)
    for subject in found:
        if subject.due_at is None and not _is_done(subject, run):
            asked = subjects.queries_of(subject, proven)
            run.hit_count += _screen_one(subject, asked, run, lists, part, now)
    if found:
        run.after, run.subject_count = found[-1].pk, run.subject_count + len(found)
    else:
        run.finished_at = now
    run.vintages = lists.vintages
    run.save(update_fields=["after", "subject_count", "hit_count", "lost_count", "vintages", "finished_at"])
    return len(found)


def _screen_one(
    subject: ScreenedSubject,
    asked: list[Query],
    run: ScreeningRun,
    lists: Loaded,
    part: Screener,
    now: datetime,
) -> int:
    """Screen against a part of the lists; only an answer with a hit is kept. Returns how many hits are new."""
    facts = subjects.facts_digest(asked)
    answers = [(query, part.screen(query)) for query in asked]
    new = sum(
        subjects.store(subject, query, found, lists=lists, facts=facts, run=run, now=now)
        for query, found in answers
        if found or (run.edition is None and not is_readable(query))
    )
    if run.edition is None:
        found_again = {(each.source, each.reference) for _query, found in answers for each in found}
        if not all(is_readable(query) for query in asked):
            found_again.add(hits.UNREADABLE)
        run.lost_count += hits.mark_lost(subject=subject, asked=lists.sources, found=found_again, run=run)
    if new:
        subject.state = hits.state_of(subject, is_nameless=False)
        subject.save(update_fields=["state"])
    return new
