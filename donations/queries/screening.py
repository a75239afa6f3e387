"""Who is screened, by what, and what of it stops money."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Onlus, User
from donations.models import (
    OnlusBankAccount,
    Payout,
    Review,
    RiskSubject,
    ScreenedSubject,
    ScreeningDecision,
    ScreeningEdition,
    ScreeningHit,
    ScreeningRun,
    ScreeningSource,
)
from donations.models.screening_lists import ScreeningFile
from donations.queries import compliance_settings
from donations.queries.compliance_settings import Settings


def current_editions(settings: Settings | None = None) -> QuerySet[ScreeningEdition]:
    """List the editions in force, in the order they are read into memory. Lists the settings turn off are left out."""
    off = lists_off(settings or compliance_settings.current())
    return ScreeningEdition.objects.current().exclude(source__in=off).order_by("source")


def lists_off(settings: Settings) -> list[str]:
    """Name the lists nobody is screened against."""
    switches = {True: "aml_rules.pep_screening_enabled", False: "aml_rules.sanctions_screening_enabled"}
    return [
        source.value
        for source in ScreeningSource
        if not settings.flag(switches[source == ScreeningSource.PEP])
    ]


def rules_of_everybody() -> str:
    """Name the rules everybody was screened by last: those of the newest run for that, else of the very first answer."""
    by_rules = ScreeningRun.objects.exclude(code_version="").order_by("-started_at", "-id")
    said = by_rules.values_list("code_version", flat=True).first()
    if said is not None:
        return said
    first = (
        ScreeningDecision.objects.order_by("decided_at", "id").values_list("code_version", flat=True).first()
    )
    return first or ""


def latest_run() -> ScreeningRun | None:
    """Return the screening of everybody that goes on, or the last that ended."""
    runs = ScreeningRun.objects.select_related("edition")
    return (
        runs.filter(finished_at=None).order_by("started_at").first() or runs.order_by("-started_at").first()
    )


def files_of(edition: ScreeningEdition) -> list[tuple[str, bytes]]:
    rows = ScreeningFile.objects.filter(edition=edition).order_by("position")
    return [(row.name, row.content) for row in rows]


def subjects() -> QuerySet[ScreenedSubject]:
    """List those who are screened, each with what it is called."""
    return ScreenedSubject.objects.select_related("user", "onlus", "bank_account__onlus")


def not_enrolled_users() -> QuerySet[User]:
    known = ScreenedSubject.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(deleted_at=None).exclude(Exists(known))


def not_enrolled_onlus() -> QuerySet[Onlus]:
    return Onlus.objects.exclude(Exists(ScreenedSubject.objects.filter(onlus=OuterRef("pk"))))


def not_enrolled_accounts() -> QuerySet[OnlusBankAccount]:
    known = ScreenedSubject.objects.filter(bank_account=OuterRef("pk"))
    return OnlusBankAccount.objects.current().exclude(Exists(known))


def touched_since_screened() -> QuerySet[ScreenedSubject]:
    """List those whose name may have changed by a hand no event tells of; organisations are few, so all of them."""
    return subjects().filter(
        Q(user__updated_at__gt=F("screened_at")) | Q(user=None), due_at=None, screened_at__isnull=False
    )


def blocked_beneficiaries(accounts: Iterable[UUID]) -> dict[UUID, str]:
    """Tell why these bank accounts are not to be paid now, as far as screening goes: a constant for each that is not.

    Nobody is held back while there are no lists at all.
    """
    wanted = list(accounts)
    if not wanted or not current_editions().exists():
        return {}
    rows = OnlusBankAccount.objects.filter(pk__in=wanted).values_list(
        "pk", "screened__state", "screened__due_at", "onlus__screened__state", "onlus__screened__due_at"
    )
    found = {}
    for key, state, due_at, of_onlus, onlus_due_at in rows:
        reasons = (_reason(state, due_at), _reason(of_onlus, onlus_due_at))
        if worst := next((each for each in _GRAVEST if each in reasons), None):
            found[key] = worst
    return found


CONFIRMED, OPEN, WAITING = "SANCTIONS_CONFIRMED", "SANCTIONS_HIT_OPEN", "SANCTIONS_NOT_SCREENED"
_GRAVEST = (CONFIRMED, OPEN, WAITING)


def _reason(state: str | None, due_at: datetime | None) -> str | None:
    if state == ScreenedSubject.State.CONFIRMED:
        return CONFIRMED
    if state == ScreenedSubject.State.OPEN:
        return OPEN
    return WAITING if state != ScreenedSubject.State.CLEAR or due_at is not None else None


def open_reviews_of(subject: ScreenedSubject) -> QuerySet[Review]:
    """List the movements before a person in which this name has a part: a player's own, or what would be paid to it."""
    if subject.user_id is not None:
        return Review.objects.open().filter(player_id=subject.user_id)
    paid = Payout.objects.filter(status=Payout.Status.DRAFT)
    if subject.onlus_id is not None:
        paid = paid.filter(onlus_id=subject.onlus_id)
    else:
        paid = paid.filter(account_id=subject.bank_account_id)
    return Review.objects.open().filter(subject=RiskSubject.PAYOUT, subject_id__in=paid.values("pk"))


def standing_hits(subject: ScreenedSubject) -> QuerySet[ScreeningHit]:
    return ScreeningHit.objects.standing().filter(subject=subject)
