"""Evidence for what ONLUS report: kept encrypted, told in public by its hash, day and rough place, opened by staff alone."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.private_files import checks
from goodplay.lib.private_files import operations as private_files
from goodplay.lib.time import rome_day
from impact.models import ImpactMetric, MetricEvidence
from impact.operations import metric_reports

MOST_PER_METRIC = 50
ABOUT_A_KILOMETRE = Decimal("0.01")


class TooMuchEvidence(DomainError):
    code = "EVIDENCE_LIMIT_REACHED"
    message = _("This metric has as much evidence as it can have.")


class EvidenceUndescribed(DomainError):
    code = "EVIDENCE_DESCRIPTION_REQUIRED"
    message = _("Say in a few words what the evidence shows.")


class EvidenceFromTheFuture(DomainError):
    code = "EVIDENCE_DATE_INVALID"
    message = _("The day it was taken lies in the future.")


class PlaceIncomplete(DomainError):
    code = "EVIDENCE_PLACE_INVALID"
    message = _("A place needs its latitude and its longitude, in degrees, or neither.")


class EvidenceKnown(DomainError):
    code = "EVIDENCE_KNOWN"
    message = _("This very file is evidence of this metric already.")


@transaction.atomic
def add(
    *,
    metric: ImpactMetric,
    upload: Any,
    shows: str,
    taken_on: date,
    actor: Any,
    now: datetime,
    place: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    address: str = "",
) -> MetricEvidence:
    """Keep a file as evidence of the value the metric has now. Coordinates are rounded before anything is written."""
    if not shows.strip():
        raise EvidenceUndescribed
    if taken_on > rome_day(now):
        raise EvidenceFromTheFuture
    point = _rough(latitude, longitude)
    checked = checks.read_upload(upload)
    current = metric_reports.locked(metric.pk)
    mine = MetricEvidence.objects.filter(metric_id=current.pk)
    if mine.count() >= MOST_PER_METRIC:
        raise TooMuchEvidence
    with private_files.with_files():
        evidence = _keep(current, checked, actor, now)
        if mine.filter(file__sha256=evidence.file.sha256).exists():
            raise EvidenceKnown
        evidence.shows, evidence.taken_on, evidence.place = shows.strip(), taken_on, place.strip()
        evidence.latitude, evidence.longitude = point
        evidence.save(force_insert=True)
        trail.record(
            actor=actor,
            action="metric_evidence_add",
            target=current,
            after={"sha256": evidence.file.sha256, "shows": evidence.shows},
            address=address,
            now=now,
        )
    return evidence


@transaction.atomic
def report_with_evidence(
    *,
    onlus_id: UUID,
    reading: metric_reports.Reading,
    evidence: Mapping[str, Any] | None,
    actor: Any,
    source: str,
    now: datetime,
    address: str = "",
) -> ImpactMetric:
    """Take a value in together with what backs it, or neither."""
    metric, _is_new = metric_reports.report(
        onlus_id=onlus_id, reading=reading, actor=actor, source=source, now=now, address=address
    )
    if evidence is not None:
        add(metric=metric, actor=actor, now=now, address=address, **evidence)
    return metric


def open_evidence(
    *, evidence: MetricEvidence, actor: Any, purpose: str, now: datetime, address: str = ""
) -> bytes:
    """Return the file, and record who looked and what for before anything is shown."""
    return private_files.open_file(file=evidence.file, actor=actor, purpose=purpose, now=now, address=address)


def _keep(metric: ImpactMetric, checked: checks.Upload, actor: Any, now: datetime) -> MetricEvidence:
    evidence = MetricEvidence(
        metric_id=metric.pk,
        onlus_id=metric.onlus_id,
        value=metric.current_value,
        submitted_by=actor,
        submitted_at=now,
    )
    evidence.file = private_files.store(
        content=checked.content,
        name=checked.name,
        content_type=checked.content_type,
        owner=evidence,
        now=now,
    )
    return evidence


def _rough(latitude: Decimal | None, longitude: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise PlaceIncomplete
    return tuple(each.quantize(ABOUT_A_KILOMETRE, ROUND_HALF_EVEN) for each in (latitude, longitude))  # type: ignore[return-value]  # two
