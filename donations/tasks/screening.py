"""Screening and identities: what waits, what a new edition brought, what expired."""

from datetime import timedelta

from django.utils import timezone

from donations.operations.identity import expiry
from donations.operations.screening import lists, runs, subjects
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(minutes=1))
def screen_waiting() -> str:
    """Screen who is new or renamed."""
    done, failed = subjects.screen_due(now=timezone.now())
    return f"{done} screened, {failed} failed"


@job(every=timedelta(minutes=5))
def screen_everybody() -> str:
    """Screen everybody against what a new edition of a list brought."""
    return runs.carry_on(now=timezone.now())


@job(every=timedelta(days=1))
def find_unscreened() -> str:
    """Find who no event told of, and lists that nobody renewed."""
    now = timezone.now()
    found = subjects.enrol_missing(now=now)
    late = lists.overdue_lists(now=now)
    return f"{found} to screen; old lists: {', '.join(late) or 'none'}"


@job(every=timedelta(days=1))
def expire_identities() -> str:
    """End proofs of identity that are over, tell whose are about to be, forget drafts nobody handed in."""
    now = timezone.now()
    expired = expiry.expire_due(now=now)
    told = expiry.remind_due(now=now)
    forgotten = expiry.forget_drafts(now=now)
    asked = expiry.ask_provider(now=now)
    return f"{expired} expired, {told} reminded, {forgotten} drafts forgotten, {asked} opinions"
