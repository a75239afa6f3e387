from datetime import timedelta

from django.utils import timezone

from accounts.operations import (
    addresses,
    application_jobs,
    examinations,
    notifications,
    roles,
    sign_in,
    watching,
)
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(minutes=10))
def end_lent_rights() -> str:
    """Close the rights that were lent and have expired."""
    return f"{roles.end_overdue(now=timezone.now())} ended"


@job(every=timedelta(minutes=5))
def publish_blocks() -> str:
    """Tell every process which networks are answered nothing and which sign-ins ended, should the cache have been emptied."""
    now = timezone.now()
    closed, ended = addresses.publish_blocks(now=now), sign_in.publish_ended(now=now)
    return f"{closed} closed, {ended} sign-ins ended"


@job(every=timedelta(hours=1))
def watch_staff() -> str:
    """Raise alerts about what looks wrong in the last day of the back office."""
    return f"{watching.watch_staff(now=timezone.now())} found"


@job(every=timedelta(minutes=1))
def carry_announcements() -> str:
    """Tell what was announced to many, batch by batch."""
    return f"{notifications.carry_announcements(now=timezone.now())} told"


@job(every=timedelta(minutes=15))
def mail_notifications() -> str:
    """Mail the summaries of what was not read, each person's when they chose."""
    return f"{notifications.mail_summaries(now=timezone.now())} mailed"


@job(every=timedelta(days=1))
def close_due_applications() -> str:
    """End applications nobody finished, and those whose applicant did not answer in time."""
    now = timezone.now()
    rejected = application_jobs.reject_unanswered(now=now)
    return f"{rejected} rejected, {application_jobs.expire_due(now=now)} expired"


@job(every=timedelta(days=1))
def watch_applications() -> str:
    """End papers and checks that are too old, remind of those that end soon, escalate what is late."""
    now = timezone.now()
    ended = application_jobs.expire_documents(now=now) + application_jobs.expire_checks(now=now)
    told = application_jobs.remind_of_documents(now=now)
    late = application_jobs.watch_deadlines(now=now) + application_jobs.watch_conditions(now=now)
    late += application_jobs.watch_papers(now=now) + examinations.watch(now=now)
    return f"{ended} ended, {told} reminded, {late} late"
