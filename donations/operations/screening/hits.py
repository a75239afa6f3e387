"""Hits: opened by the screener, decided by people. A true match takes two of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import ScreenedSubject, ScreeningDecision, ScreeningHit, ScreeningRun
from donations.operations.compliance import cases, checks
from donations.operations.screening.reading import Loaded
from donations.screening.decisions import Decision
from donations.screening.entries import Entry
from donations.screening.pep import SOURCE as PEP
from donations.screening.stored import digest, entry_data
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import ReasonRequired, request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict

TRUE_MATCH = "screening_true_match"

Status = ScreeningHit.Status
State = ScreenedSubject.State
Band = ScreeningDecision.Band
Key = tuple[str, str]
UNREADABLE: Key = ("", "")


class HitAlreadyDecided(Conflict):
    code = "SCREENING_HIT_ALREADY_DECIDED"
    message = _("Somebody decided on this hit already.")


class HitChanged(Conflict):
    code = "SCREENING_HIT_CHANGED"
    message = _("The hit is not what it was when its confirmation was asked for. Ask again.")


class OwnHit(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("Nobody decides on a hit about themselves: ask a colleague.")


# Opening --------------------------------------------------------------------------------------------------------


def open_hits(
    *,
    subject: ScreenedSubject,
    decision: ScreeningDecision,
    found: Sequence[Decision],
    lists: Loaded,
    now: datetime,
) -> int:
    """Open what is new in an answer, bring up to date what is open, leave out what was found to be somebody else.

    The caller holds the subject's row. Returns how many are new.
    """
    earlier = _earlier(subject)
    fresh = [_hit(subject, decision, each, lists.entries[each.source, each.reference], now) for each in found]
    if decision.band == Band.UNREADABLE:
        fresh.append(_unreadable(subject, decision, now))
    new = [hit for hit in fresh if not _is_known(hit, earlier.get((hit.source, hit.reference), ()))]
    ScreeningHit.objects.bulk_create(new)
    if new:
        _tell(subject, new, now)
    return len(new)


def _earlier(subject: ScreenedSubject) -> dict[Key, list[ScreeningHit]]:
    found: dict[Key, list[ScreeningHit]] = {}
    for hit in ScreeningHit.objects.filter(subject=subject):
        found.setdefault((hit.source, hit.reference), []).append(hit)
    return found


def _is_known(hit: ScreeningHit, earlier: Iterable[ScreeningHit]) -> bool:
    """Tell whether a person has, or had, the same before them; an open one takes over what is known now."""
    for known in earlier:
        if known.status == Status.CONFIRMED:
            return True
        if known.status == Status.OPEN:
            _renew(known, hit)
            return True
        same = (known.entry_digest, known.facts_digest) == (hit.entry_digest, hit.facts_digest)
        if known.status == Status.FALSE_POSITIVE and same:
            return True
    return False


def _renew(known: ScreeningHit, hit: ScreeningHit) -> None:
    names = [
        "decision",
        "entry_name",
        "entry",
        "entry_digest",
        "facts_digest",
        "explanation",
        "band",
        "score",
    ]
    for name in names:
        setattr(known, name, getattr(hit, name))
    known.lost_in = None
    known.save(update_fields=[*names, "lost_in"])


def mark_lost(
    *, subject: ScreenedSubject, asked: Collection[str], found: Collection[Key], run: ScreeningRun
) -> int:
    """Mark the open hits new rules do not find any more; return how many. They stay open: a person decides.

    Of lists that were not asked nothing is known.
    """
    rows = ScreeningHit.objects.open().filter(subject=subject, source__in=["", *asked])
    keys = [pk for pk, *key in rows.values_list("pk", "source", "reference") if tuple(key) not in found]
    return ScreeningHit.objects.filter(pk__in=keys).update(lost_in=run)


def _hit(
    subject: ScreenedSubject, row: ScreeningDecision, decision: Decision, entry: Entry, now: datetime
) -> ScreeningHit:
    data = entry_data(entry)
    return ScreeningHit(
        subject=subject,
        decision=row,
        source=entry.source,
        reference=entry.reference,
        entry_name=entry.name[:500],
        entry=data,
        entry_digest=digest(data),
        facts_digest=row.facts_digest,
        explanation=decision.as_data(),
        band=Band(decision.band),
        score=Decimal(str(decision.score)),
        opened_at=now,
    )


def _unreadable(subject: ScreenedSubject, row: ScreeningDecision, now: datetime) -> ScreeningHit:
    """Nothing can be found by such a name, so a person looks at it: it never passes in silence."""
    return ScreeningHit(
        subject=subject,
        decision=row,
        entry_digest=digest({}),
        facts_digest=row.facts_digest,
        band=Band.UNREADABLE,
        score=Decimal(0),
        opened_at=now,
    )


def _tell(subject: ScreenedSubject, new: Sequence[ScreeningHit], now: datetime) -> None:
    """Open a check and a case for each kind of list, and one alert."""
    for kind in dict.fromkeys("pep" if hit.source == PEP else "sanctions" for hit in new):
        of_kind = [hit for hit in new if (hit.source == PEP) == (kind == "pep")]
        _open_case(subject, kind, of_kind, now)
    strongest = max(new, key=lambda hit: hit.score)
    raise_alert(
        area="compliance",
        alert_type="screening_hit",
        severity="critical" if strongest.band == Band.STRONG and strongest.source != PEP else "high",
        title=_("A name was found on a list"),
        message=lambda: (
            gettext("%(count)s to decide on in the queue of screening hits.") % {"count": len(new)}
        ),
        dedupe_key=_alert_key(subject),
        source="donations.screening",
        data={"subject_id": str(subject.pk), "hits": [str(hit.pk) for hit in new]},
        now=now,
    )


def _open_case(subject: ScreenedSubject, kind: str, new: Sequence[ScreeningHit], now: datetime) -> None:
    risk = "critical" if kind == "sanctions" and any(hit.band == Band.STRONG for hit in new) else "high"
    about: list[Any] = list(new)
    onlus = subject.onlus or (subject.bank_account.onlus if subject.bank_account else None)
    if subject.user is not None:
        about.append(_check(subject.user, kind, risk, new, now))
    cases.open_case(
        kind=kind,
        subject_user=subject.user,
        subject_onlus=onlus if subject.user is None else None,
        title=gettext("Found on a list: %(names)s") % {"names": ", ".join(map(_told, new))},
        risk_level=risk,
        checks=about,
        evidence=[f"{_told(hit)}: {hit.get_band_display()}, {hit.score}" for hit in new],
        now=now,
    )


def _check(user: User, kind: str, risk: str, new: Sequence[ScreeningHit], now: datetime) -> Any:
    return checks.open_check(
        user=user,
        check_type=kind,
        risk_level=risk,
        risk_score=max(hit.score for hit in new) * 100,
        risk_factors=[f"{kind}_{hit.band}" for hit in new],
        results={"hits": [str(hit.pk) for hit in new], "vintages": new[0].decision.vintages},
        reason=gettext("A name was found on a list"),
        now=now,
    )


def _told(hit: ScreeningHit) -> str:
    return f"{hit.entry_name} ({hit.source} {hit.reference})" if hit.source else str(Band.UNREADABLE.label)


def _alert_key(subject: ScreenedSubject) -> str:
    return f"screening-hit-{subject.pk}"


# Deciding -------------------------------------------------------------------------------------------------------


@transaction.atomic
def dismiss(
    *, hit: ScreeningHit, decided_by: User, reason: str, now: datetime, address: str = ""
) -> ScreeningHit:
    """Say that it is somebody else. The pair is not asked about again until either of them changes.

    Raises HitAlreadyDecided, OwnHit, ReasonRequired.
    """
    row = _deciding(hit, decided_by, reason)
    return _decide(row, Status.FALSE_POSITIVE, decided_by, reason, now, address)


@transaction.atomic
def propose_match(
    *, hit: ScreeningHit, proposed_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Say that it is the listed one: a second person confirms that. Until then the hit is open, and holds."""
    row = _deciding(hit, proposed_by, reason)
    return request_approval(
        kind=TRUE_MATCH,
        target=row,
        facts=_facts(row),
        requested_by=proposed_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def confirm_match(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Confirm what somebody else proposed: from here on no money of this one moves."""
    assert request.decided_by is not None  # noqa: S101  (approvals call it when somebody decided)
    row = _deciding(ScreeningHit.objects.get(pk=UUID(request.target_id)), request.decided_by, request.reason)
    if _facts(row) != request.facts:
        raise HitChanged
    row.proposed_by = request.requested_by
    _decide(row, Status.CONFIRMED, request.decided_by, request.reason, now, "")
    return {"status": Status.CONFIRMED.value}


def _facts(hit: ScreeningHit) -> dict[str, str]:
    """Tell the pair as it is decided on, and as it must still be then."""
    return {
        "who": str(hit.subject),
        "list": hit.source,
        "entry": hit.reference,
        "listed_as": hit.entry_name,
        "entry_version": hit.entry_digest[:12],
        "facts_version": hit.facts_digest[:12],
    }


def _deciding(hit: ScreeningHit, by: User, reason: str) -> ScreeningHit:
    """Return the open hit with its subject locked, when this person may decide on it."""
    if not reason.strip():
        raise ReasonRequired
    subject = ScreenedSubject.objects.select_for_update().get(pk=hit.subject_id)
    row = ScreeningHit.objects.select_for_update(of=("self",)).select_related("decision").get(pk=hit.pk)
    row.subject = subject
    if row.status != Status.OPEN:
        raise HitAlreadyDecided
    if subject.user_id == by.pk:
        raise OwnHit
    return row


def _decide(
    row: ScreeningHit, status: Status, by: User | None, reason: str, now: datetime, address: str
) -> ScreeningHit:
    """Write a decision of a hit whose subject is locked, and what it means for the subject."""
    before = row.status
    row.status, row.decided_by, row.decision_reason, row.decided_at = status, by, reason.strip()[:500], now
    row.save(update_fields=["status", "proposed_by", "decided_by", "decision_reason", "decided_at"])
    subject = row.subject
    if subject.screened_at is not None:
        ScreenedSubject.objects.filter(pk=subject.pk).update(
            state=state_of(subject, is_nameless=subject.state == State.NAMELESS)
        )
    if not ScreeningHit.objects.open().filter(subject=subject).exists():
        resolve_alert(dedupe_key=_alert_key(subject), now=now)
    trail.record(
        actor=by,
        action=f"screening_hit_{status.value}",
        target=row,
        before={"status": before},
        after={"status": status.value, **_facts(row), "score": str(row.score)},
        reason=reason,
        address=address,
        now=now,
    )
    return row


@transaction.atomic
def close_removed(*, hit: ScreeningHit, reason: str, now: datetime) -> bool:
    """Close a hit whose entry is no longer listed; False when it is closed or was found to be somebody else."""
    subject = ScreenedSubject.objects.select_for_update().get(pk=hit.subject_id)
    row = ScreeningHit.objects.standing().select_for_update(of=("self",)).filter(pk=hit.pk).first()
    if row is None:
        return False
    row.subject = subject
    _decide(row, Status.CLOSED, row.decided_by, reason, now, "")
    return True


def state_of(subject: ScreenedSubject, *, is_nameless: bool) -> State:
    """Tell where somebody stands after being screened, by the hits that stand."""
    standing = set(ScreeningHit.objects.standing().filter(subject=subject).values_list("status", flat=True))
    if Status.CONFIRMED in standing:
        return State.CONFIRMED
    if Status.OPEN in standing:
        return State.OPEN
    return State.NAMELESS if is_nameless else State.CLEAR
