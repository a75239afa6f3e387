"""Two at the same moment: on a hit, on a list, on a name. One wins, and nothing is lost."""

from datetime import date

import pytest

from accounts.models import User
from donations.models import ScreenedSubject, ScreeningDecision, ScreeningEdition, ScreeningHit, ScreeningRun
from donations.operations.screening import hits, lists, runs, subjects
from donations.operations.screening.reading import current_lists
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.screening import (
    MAYOR,
    MINISTER,
    SENATOR,
    import_pep,
    only_hit,
    pep_file,
    screen_all,
    subject_of,
)
from tests.threads import at_once, crowd

pytestmark = pytest.mark.usefixtures("real_transactions", "quiet")
DAY_TWO = date(2026, 11, 2)


@pytest.fixture
def quiet(settings):
    """Let events wait: what is raced here is called by name."""
    settings.EVENT_DELIVERY = "sweep"


def listed(count=1):
    import_pep()
    users = [UserFactory(first_name="Ottavia", last_name="Brandolini") for _number in range(count)]
    screen_all()
    return users


def errors(results):
    return [type(each) for each in results if isinstance(each, Exception)]


def test_a_hit_is_dismissed_once():
    listed()
    hit, staff = only_hit(), StaffFactory.create_batch(crowd(6, 2))

    results = at_once(
        len(staff),
        lambda number: hits.dismiss(hit=hit, decided_by=staff[number], reason="Born in 1999", now=NOW),
    )

    assert errors(results) == [hits.HitAlreadyDecided] * (len(staff) - 1)
    assert AuditEntry.objects.filter(action="screening_hit_false").count() == 1
    assert ScreenedSubject.objects.get(user__isnull=False, hits__isnull=False).state == "clear"


def test_a_hit_confirmed_and_dismissed_at_once_ends_as_one_of_them():
    (user,) = listed()
    hit, staff = only_hit(), StaffFactory.create_batch(3)
    request = hits.propose_match(hit=hit, proposed_by=staff[0], reason="Same photograph", now=NOW)
    calls = [
        lambda: approvals.approve(request=request, decided_by=staff[1], now=NOW),
        lambda: hits.dismiss(hit=hit, decided_by=staff[2], reason="Born in 1999", now=NOW),
    ]

    results = at_once(2, lambda number: calls[number]())

    states = {"confirmed": "confirmed", "false": "clear"}
    assert errors(results) == [hits.HitAlreadyDecided]
    assert subject_of(user=user).state == states[only_hit().status]


def test_one_name_screened_by_two_workers_opens_one_hit():
    import_pep()
    user = UserFactory(first_name="Ottavia", last_name="Brandolini")
    subjects.due(user_id=user.pk, now=NOW)
    key, loaded = subject_of(user=user).pk, current_lists()

    results = at_once(
        crowd(4, 2), lambda _number: subjects.screen_subject(subject_id=key, lists=loaded, now=NOW)
    )

    assert errors(results) == []
    assert ScreeningHit.objects.count() == 1
    assert subject_of(user=user).state == "open"


def test_a_hit_closed_by_two_runs_and_a_person_is_decided_once():
    listed()
    hit, staff = only_hit(), StaffFactory()
    calls = [
        lambda: hits.close_removed(hit=hit, reason="Taken off the list", now=NOW),
        lambda: hits.dismiss(hit=hit, decided_by=staff, reason="Born in 1999", now=NOW),
        lambda: hits.close_removed(hit=hit, reason="Taken off the list", now=NOW),
    ]

    results = at_once(3, lambda number: calls[number]())

    assert set(errors(results)) <= {hits.HitAlreadyDecided}
    assert AuditEntry.objects.filter(target_id=str(hit.pk), action__startswith="screening_hit").count() == 1
    assert only_hit().status in ("closed", "false")


def test_a_list_imported_while_everybody_is_screened_misses_nobody():
    """Names that only the new edition lists are found, whichever of the two came first."""
    import_pep()
    users = [UserFactory(first_name="Livia", last_name="Castracane") for _number in range(3)]
    subjects.enrol_missing(now=NOW)
    calls = [
        lambda: subjects.screen_due(now=NOW),
        lambda: lists.import_list(
            source="PEP", files=pep_file(MINISTER, MAYOR, SENATOR), published_on=DAY_TWO, now=NOW
        ),
        lambda: runs.carry_on(now=NOW),
    ]

    results = at_once(3, lambda number: calls[number]())
    screen_all()

    assert errors(results) == []
    assert {subject_of(user=user).state for user in users} == {"open"}
    assert ScreeningHit.objects.count() == 3
    assert not ScreeningRun.objects.filter(finished_at=None).exists()


def test_an_edition_handed_in_twice_is_in_force_once():
    import_pep()

    results = at_once(
        crowd(4, 2),
        lambda _number: lists.import_list(
            source="PEP", files=pep_file(MINISTER, MAYOR, SENATOR), published_on=DAY_TWO, now=NOW
        ),
    )

    assert set(errors(results)) == {lists.ListAlreadyInForce}
    assert len(errors(results)) == len(results) - 1
    assert ScreeningEdition.objects.current().count() == 1
    assert ScreeningRun.objects.count() == 2


def test_two_workers_on_one_run_screen_everybody_once(monkeypatch):
    listed(5)
    User.objects.filter(first_name="Ottavia").update(first_name="Livia", last_name="Castracane")
    monkeypatch.setattr(runs, "SLICE", 2)
    import_pep(MINISTER, MAYOR, SENATOR, on=DAY_TWO)

    results = at_once(crowd(3, 2), lambda _number: runs.carry_on(now=NOW))

    run = ScreeningRun.objects.get(edition__status="current")
    assert errors(results) == []
    assert (run.subject_count, run.hit_count, run.finished_at) == (5, 5, NOW)
    assert ScreeningDecision.objects.filter(run=run).count() == 5
