"""How the back office says how an application stands."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from accounts.models import ApplicationAppeal, OnlusApplication, OnlusDocument
from accounts.queries.applications import (
    required_documents,
    service_days,
    service_level,
    suggestion,
    verification_figures,
    verification_state,
)

EMPTY = "-"
_SERVICE = {"bad": "critical", "warn": "medium", "good": "good"}


def chip(level: str, words: Any) -> SafeString:
    """Write a word with the colour of how grave it is."""
    return format_html('<span class="severity severity-{}">{}</span>', level, words)


def risk(application: OnlusApplication) -> SafeString:
    score = "" if application.risk_score is None else f" · {application.risk_score}"
    return chip(application.risk_level, f"{application.get_risk_level_display()}{score}")


def age(application: OnlusApplication) -> str:
    return timesince(application.submitted_at, depth=1) if application.submitted_at else EMPTY


def time_left(application: OnlusApplication, now: datetime | None = None) -> SafeString | str:
    """Say until when it is to be decided, in the colour of the working days that are used."""
    now = now or timezone.now()
    level = service_level(application, now)
    deadline = application.review_deadline
    if not level or deadline is None:
        return EMPTY
    if deadline < now:
        return chip(_SERVICE[level], _("%(time)s late") % {"time": timesince(deadline, now, depth=1)})
    return chip(_SERVICE[level], timeuntil(deadline, now, depth=1))


def service(application: OnlusApplication) -> str:
    target, most = service_days(application)
    return _("%(target)s working days, at most %(most)s") % {"target": target, "most": most}


def checks(application: OnlusApplication) -> str:
    """Say how the checks stand, and what their score suggests."""
    rows = list(application.verification_checks.all())
    words = {
        "pending": _("not begun"),
        "in_progress": _("some are open"),
        "failed": _("at least one failed"),
        "high_risk": _("answered, at a high risk"),
        "passed": _("passed"),
    }
    figures = verification_figures(rows)
    told = _("%(completed)s of %(total)s answered: %(state)s") % {
        **figures,
        "state": words[verification_state(rows)],
    }
    advice = {
        "approve": _("The score suggests to approve; a person decides."),
        "reject": _("The score suggests to reject; a person decides."),
    }.get(suggestion(application))
    return f"{told}. {advice}" if advice else told


def papers(application: OnlusApplication) -> SafeString | str:
    """Say of each required type how its paper stands."""
    rows = {each.document_type: each for each in application.documents.all() if each.is_latest}
    told = (
        (str(kind.label), _paper(rows.get(kind.value)))
        for kind in required_documents(application.category_id)
    )
    return format_html(
        '<table class="facts">{}</table>',
        format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', told),
    )


def _paper(document: OnlusDocument | None) -> SafeString:
    if document is None:
        return chip("high", _("Missing"))
    return paper_state(document)


def paper_state(document: OnlusDocument) -> SafeString:
    level = "medium" if document.is_waiting else "high" if document.status in document.ASKED_AGAIN else "low"
    if document.status == OnlusDocument.Status.APPROVED:
        level = "good"
    return chip(level, document.get_status_display())


def appeal_of(application: OnlusApplication) -> ApplicationAppeal | None:
    return getattr(application, "appeal", None)


def deeds(row: Any, offers: list[tuple[str, Any]]) -> SafeString | str:
    """Link from a row of a table to the buttons of its own page."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_do"
    links = ((reverse(name, args=[row.pk, deed]), words) for deed, words in offers)
    return format_html_join(" · ", '<a href="{}">{}</a>', links) or EMPTY


def link_to(row: Any, name: Any = "") -> SafeString:
    """Link to the page of a row in the back office."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, name or row)
