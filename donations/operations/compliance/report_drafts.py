"""Drafts for the authorities: the data of a suspicious transaction report, and the figures of a year.

A draft is a file for the person who reports. It is kept encrypted with its case, each look at it is written down, and
nothing is ever sent anywhere.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import xmlschema
from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from donations.models import Case, CaseEvent, CaseLink, ComplianceCheck, Review, RiskDecision, Transfer
from donations.operations.compliance import cases
from goodplay.lib.errors import DomainError
from goodplay.lib.exports.files import CONTENT_TYPES, ENDINGS, as_file
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.tables import Table
from goodplay.lib.time import year_bounds

SCHEMA = Path(settings.BASE_DIR) / "donations" / "operations" / "compliance" / "suspicious_report.xsd"
NAMESPACE = "urn:goodplay:suspicious-report:1"
MOST_MOVEMENTS = 5000
FORMATS = ("csv", "xml", "pdf")


class DraftNeedsPlayer(DomainError):
    code = "REPORT_NEEDS_A_PLAYER"
    message = gettext_lazy(
        "Drafts are drawn up for cases about a player: organisations have no movements of their own."
    )


def draw_up(*, case: Case, format: str, actor: User, now: datetime) -> CaseEvent:
    """Keep a draft with the case: who it is about, why, and every movement of theirs. Raises DraftNeedsPlayer."""
    if case.subject_user is None:
        raise DraftNeedsPlayer
    content = _xml(case, now) if format == "xml" else as_file(_table(case), format, now)[0]
    ending, content_type = ("xml", "application/xml")
    if format != "xml":
        ending, content_type = ENDINGS[ExportJob.Format(format)], CONTENT_TYPES[ExportJob.Format(format)]
    return cases.keep_file(
        case=case,
        kind=CaseEvent.Kind.REPORT,
        content=content,
        name=f"{case.case_id}-{now:%Y%m%d%H%M}.{ending}",
        content_type=content_type,
        text=_("Draft of a suspicious transaction report (%(format)s)") % {"format": format},
        actor=actor,
        now=now,
    )


def yearly_statistics(year: int) -> Table:
    """Count a year: checks by type and outcome, cases by kind and outcome, reviews and decisions by outcome."""
    since, until = year_bounds(year)
    rows: list[list[Any]] = []
    for subject, counted in (
        ("checks", _counted(ComplianceCheck, "created_at", since, until, "check_type", "status")),
        ("cases", _counted(Case, "opened_at", since, until, "kind", "outcome")),
        ("reviews", _counted(Review, "created_at", since, until, "subject", "status")),
        ("decisions", _counted(RiskDecision, "created_at", since, until, "subject", "action")),
    ):
        rows += [[subject, *line] for line in counted]
    header = [_("Subject"), _("Kind"), _("Outcome"), _("Count")]
    return Table(_("Compliance in %(year)s") % {"year": year}, header, rows)


def _counted(
    model: Any, moment: str, since: datetime, until: datetime, kind: str, outcome: str
) -> Iterable[tuple[str, str, int]]:
    rows = model.objects.filter(**{f"{moment}__gte": since, f"{moment}__lt": until})
    return rows.order_by(kind, outcome).values_list(kind, outcome).annotate(count=Count("pk"))


def _movements(case: Case) -> Any:
    rows = Transfer.objects.filter(player=case.subject_user).order_by("-created_at", "-id")
    return rows.values("transaction_id", "kind", "phase", "amount", "created_at", "reason")[:MOST_MOVEMENTS]


def _reasons(case: Case) -> list[str]:
    links = CaseLink.objects.filter(case=case).order_by("created_at", "id").values_list("label", flat=True)
    return [case.title, *links]


def _table(case: Case) -> Table:
    assert case.subject_user is not None  # noqa: S101  (refused before)
    who = case.subject_user
    head = [
        ["case", case.case_id, "", "", ""],
        ["player", str(who.pk), f"{who.first_name} {who.last_name}".strip(), who.email, ""],
        *(["reason", reason, "", "", ""] for reason in _reasons(case)),
    ]
    rows = (
        [row["kind"], str(row["transaction_id"]), row["phase"], row["amount"], row["created_at"]]
        for row in _movements(case)
    )
    header = [_("What"), _("Reference"), _("State"), _("Amount"), _("When")]
    return Table(_("Draft of a suspicious transaction report"), header, [*head, *rows])


def _xml(case: Case, now: datetime) -> bytes:
    """Write the draft by its own schema, and hold it against that before anybody gets it."""
    assert case.subject_user is not None  # noqa: S101  (refused before)
    who = case.subject_user
    root = Tree.Element("report", {"xmlns": NAMESPACE, "case": case.case_id, "made": now.isoformat()})
    subject = Tree.SubElement(root, "subject", {"id": str(who.pk)})
    for name in ("first_name", "last_name", "email"):
        Tree.SubElement(subject, name.replace("_", "-")).text = _printable(getattr(who, name))
    reasons = Tree.SubElement(root, "reasons")
    for reason in _reasons(case):
        Tree.SubElement(reasons, "reason").text = _printable(reason)
    movements = Tree.SubElement(root, "movements")
    for row in _movements(case):
        facts = {
            "transaction": str(row["transaction_id"]),
            "kind": row["kind"],
            "phase": row["phase"],
            "amount": str(row["amount"]),
            "currency": "EUR",
            "made": row["created_at"].isoformat(),
        }
        Tree.SubElement(movements, "movement", facts)
    content: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    xmlschema.XMLSchema(str(SCHEMA)).validate(content.decode())
    return content


def _printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(sign for sign in text if sign.isprintable())
