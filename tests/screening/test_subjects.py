"""Ours against the lists: answers that are kept, hits that hold, faults that let nobody through."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from accounts.operations.profile import update_profile
from donations.models import (
    Case,
    ComplianceCheck,
    ScreenedSubject,
    ScreeningDecision,
    ScreeningFile,
    ScreeningHit,
    ScreeningRun,
)
from donations.operations.screening import hits, reading, replaying, runs, subjects
from donations.queries.screening import blocked_beneficiaries
from donations.screening.refusals import ListRefused
from donations.tasks import screen_everybody, screen_waiting
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired, ReasonRequired
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.jobs.models import JobRun
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.payouts import make_account
from tests.factories.screening import (
    MAYOR,
    MINISTER,
    SENATOR,
    import_ofac,
    import_pep,
    import_un,
    only_hit,
    screen_all,
    subject_of,
)

pytestmark = pytest.mark.django_db
State = ScreenedSubject.State
Status = ScreeningHit.Status
Band = ScreeningDecision.Band


def player(first="Ottavia", last="Brandolini", **columns):
    return UserFactory(first_name=first, last_name=last, **columns)


def confirm(hit, proposer=None):
    request = hits.propose_match(
        hit=hit, proposed_by=proposer or StaffFactory(), reason="Same photograph", now=NOW
    )
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)
    hit.refresh_from_db()
    return hit


def test_a_listed_name_opens_a_hit_a_check_a_case_and_an_alert():
    import_pep()
    user = player()

    screen_all()

    hit = only_hit()
    assert (hit.status, hit.band, hit.score) == (Status.OPEN, Band.STRONG, Decimal("1.0000"))
    assert (hit.source, hit.entry_name, hit.subject.user) == ("PEP", "Ottavia Brandolini", user)
    assert hit.entry["programmes"] == ["Minister of Bridges"]
    assert {line["how"] for line in hit.explanation["words"]} == {"same"}
    assert subject_of(user=user).state == State.OPEN
    check = ComplianceCheck.objects.get()
    assert (check.user, check.check_type, check.status, check.risk_score) == (
        user,
        "pep",
        "requires_review",
        Decimal(100),
    )
    case = Case.objects.get()
    assert (case.kind, case.subject_user, case.links.count()) == ("pep", user, 2)
    assert (Alert.objects.get().alert_type, Alert.objects.get().severity) == ("screening_hit", "high")


def test_a_strong_hit_of_sanctions_is_critical():
    import_un()
    player("Karim", "Talbani Yusuf")

    screen_all()

    assert (Case.objects.get().kind, Case.objects.get().risk_level) == ("sanctions", "critical")
    assert Alert.objects.get().severity == "critical"


def test_a_name_nobody_has_is_clear_and_the_answer_is_kept():
    edition = import_pep()
    user = player("Alice", "Rossi")

    screen_all()

    decision = ScreeningDecision.objects.get()
    assert (decision.band, decision.hits, decision.vintages) == (Band.NONE, [], [edition.vintage])
    assert (decision.name, decision.query["kind"]) == ("Alice Rossi", "person")
    assert subject_of(user=user).state == State.CLEAR
    assert (ScreeningHit.objects.count(), Alert.objects.count(), Case.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(("first", "last"), [("...", "!!"), ("7", "8"), ("A.", "B."), ("\u200b", "-")])
def test_a_name_nothing_can_be_read_in_goes_to_a_person(first, last):
    import_pep()
    user = player(first, last)

    screen_all()

    assert (only_hit().band, only_hit().source) == (Band.UNREADABLE, "")
    assert subject_of(user=user).state == State.OPEN


def test_who_has_no_name_yet_is_not_called_clear():
    import_pep()
    user = player("", "")

    screen_all()

    assert subject_of(user=user).state == State.NAMELESS


def test_without_lists_everybody_waits():
    user = player()

    screen_all()

    assert (subject_of(user=user).state, ScreeningDecision.objects.count()) == (State.WAITING, 0)


def test_a_list_that_cannot_be_read_lets_nobody_through():
    import_pep()
    user = player("Alice", "Rossi")
    subjects.enrol_missing(now=NOW)
    ScreeningFile.objects.update(content=b"broken")

    with pytest.raises(ListRefused):
        screen_waiting()

    assert subject_of(user=user).state == State.WAITING
    assert JobRun.objects.get(name="donations.tasks.screen_waiting").last_error.startswith("ListRefused")


def test_a_new_name_is_screened_again_by_the_next_job(django_capture_on_commit_callbacks):
    import_pep()
    user = player("Alice", "Rossi")
    screen_all()

    with django_capture_on_commit_callbacks(execute=True):
        update_profile(user=user, first_name="Teodoro", last_name="Malaspina")
    waiting = subject_of(user=user)
    said = screen_waiting()

    assert waiting.due_at is not None
    assert said == "1 screened, 0 failed"
    assert (only_hit().entry_name, subject_of(user=user).state) == ("Teodoro Malaspina", State.OPEN)


def test_a_name_changed_where_no_event_tells_is_found_at_night():
    import_pep()
    user = player("Alice", "Rossi")
    screen_all()
    user.first_name, user.last_name = "Teodoro", "Malaspina"
    user.save()

    screen_all()

    assert only_hit().entry_name == "Teodoro Malaspina"


def test_another_name_does_not_take_an_open_hit_away():
    import_pep()
    user = player()
    screen_all()

    update_profile(user=user, first_name="Alice", last_name="Rossi")
    screen_all()

    assert (only_hit().status, subject_of(user=user).state) == (Status.OPEN, State.OPEN)


def test_organisations_and_holders_of_their_accounts_are_screened_by_all_their_names():
    import_ofac()
    onlus = OnlusFactory(name="Amici del Mare", legal_name="Orlovskaya Trading Co., Ltd.")
    account = make_account(OnlusFactory(), holder="Arkady Petrovich Dvornikov")

    screen_all()

    found = {
        (hit.subject.onlus or hit.subject.bank_account, hit.reference) for hit in ScreeningHit.objects.all()
    }
    assert found == {(onlus, "101"), (account, "102")}
    assert {case.subject_onlus for case in Case.objects.all()} == {onlus, account.onlus}
    assert ComplianceCheck.objects.count() == 0


# Deciding -------------------------------------------------------------------------------------------------------


def test_somebody_else_is_remembered_until_either_changes():
    import_pep()
    user = player()
    screen_all()
    staff = StaffFactory()

    hits.dismiss(hit=only_hit(), decided_by=staff, reason="Born in 1999", now=NOW)
    after = subject_of(user=user).state
    subjects.due(user_id=user.pk, now=NOW)
    screen_all()
    same = ScreeningHit.objects.count()
    import_pep(MINISTER.replace("Bridges", "Rivers"), MAYOR, on=date(2026, 11, 2))
    screen_all()

    assert (after, same) == (State.CLEAR, 1)
    assert sorted(ScreeningHit.objects.values_list("status", flat=True)) == ["false", "open"]
    assert subject_of(user=user).state == State.OPEN
    assert AuditEntry.objects.get(action="screening_hit_false").actor == staff


def test_somebody_else_is_asked_about_anew_under_another_name():
    import_pep()
    user = player()
    screen_all()
    hits.dismiss(hit=only_hit(), decided_by=StaffFactory(), reason="Born in 1999", now=NOW)

    update_profile(user=user, first_name="Ottavia", last_name="Brandolini Corvi")
    screen_all()

    assert ScreeningHit.objects.open().count() == 1


def test_a_true_match_takes_two_people():
    import_pep()
    user = player()
    screen_all()
    hit, proposer = only_hit(), StaffFactory()

    request = hits.propose_match(hit=hit, proposed_by=proposer, reason="Same photograph", now=NOW)
    with pytest.raises(FourEyesRequired):
        approvals.approve(request=request, decided_by=proposer, now=NOW)
    between = only_hit().status
    decider = StaffFactory()
    approvals.approve(request=request, decided_by=decider, now=NOW)

    hit.refresh_from_db()
    assert (between, hit.status) == (Status.OPEN, Status.CONFIRMED)
    assert (hit.proposed_by, hit.decided_by, hit.decision_reason) == (proposer, decider, "Same photograph")
    assert subject_of(user=user).state == State.CONFIRMED
    assert Alert.objects.get(alert_type="screening_hit").status == "resolved"


def test_a_hit_that_changed_since_is_not_confirmed():
    import_pep()
    player()
    screen_all()
    request = hits.propose_match(
        hit=only_hit(), proposed_by=StaffFactory(), reason="Same photograph", now=NOW
    )
    import_pep(MINISTER.replace("Bridges", "Rivers"), MAYOR, on=date(2026, 11, 2))
    screen_all()

    with pytest.raises(hits.HitChanged):
        approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)

    assert only_hit().status == Status.OPEN
    assert ApprovalRequest.objects.get().is_pending


def test_nobody_decides_about_themselves_twice_or_without_a_reason():
    import_pep()
    user = player(is_staff=True, is_superuser=True)
    screen_all()
    hit = only_hit()

    with pytest.raises(hits.OwnHit):
        hits.dismiss(hit=hit, decided_by=user, reason="I am not a minister", now=NOW)
    with pytest.raises(ReasonRequired):
        hits.dismiss(hit=hit, decided_by=StaffFactory(), reason="  ", now=NOW)
    open_still = only_hit().status
    hits.dismiss(hit=hit, decided_by=StaffFactory(), reason="Born in 1999", now=NOW)
    with pytest.raises(hits.HitAlreadyDecided):
        hits.dismiss(hit=hit, decided_by=StaffFactory(), reason="Again", now=NOW)

    assert open_still == Status.OPEN


def test_the_database_refuses_one_person_who_confirms_alone():
    import_pep()
    player()
    screen_all()
    staff = StaffFactory()

    with pytest.raises(DatabaseError), transaction.atomic():
        ScreeningHit.objects.update(
            status=Status.CONFIRMED, proposed_by=staff, decided_by=staff, decided_at=NOW
        )

    assert only_hit().status == Status.OPEN


# Both ways ------------------------------------------------------------------------------------------------------


def test_a_new_edition_finds_those_who_were_clear():
    import_pep()
    user = player("Livia", "Castracane")
    other = player("Alice", "Rossi")
    screen_all()
    before = subject_of(user=user).state

    edition = import_pep(MINISTER, MAYOR, SENATOR, on=date(2026, 11, 2))
    said = screen_everybody()

    run = ScreeningRun.objects.get(edition=edition)
    assert (before, subject_of(user=user).state) == (State.CLEAR, State.OPEN)
    assert said == f"{edition.vintage}: finished"
    assert (run.subject_count, run.hit_count, run.finished_at is not None) == (2, 1, True)
    assert only_hit().decision.run == run
    assert subject_of(user=other).state == State.CLEAR


def test_only_what_changed_is_screened_against():
    import_pep()
    player()
    staff = StaffFactory()
    screen_all()
    hits.dismiss(hit=only_hit(), decided_by=staff, reason="Born in 1999", now=NOW)
    decisions = ScreeningDecision.objects.count()

    import_pep(MINISTER, MAYOR, SENATOR, on=date(2026, 11, 2))
    screen_all()

    assert ScreeningDecision.objects.count() == decisions
    assert ScreeningHit.objects.count() == 1


@pytest.mark.parametrize("decided", [False, True])
def test_who_is_taken_off_the_list_is_free_again(decided):
    import_pep(MINISTER, MAYOR, SENATOR, "Ugo Spadolini,,,,Judge,x", "Ida Guarnieri,,,,Judge,x")
    user = player()
    screen_all()
    if decided:
        confirm(only_hit())

    rest = (MAYOR, SENATOR, "Ugo Spadolini,,,,Judge,x", "Ida Guarnieri,,,,Judge,x")
    edition = import_pep(*rest, on=date(2026, 11, 2))
    screen_all()

    hit = only_hit()
    assert (hit.status, edition.vintage in hit.decision_reason) == (Status.CLOSED, True)
    assert subject_of(user=user).state == State.CLEAR
    assert ScreeningRun.objects.get(edition=edition).closed_count == 1


def test_a_screening_of_everybody_goes_on_where_it_was_cut_off():
    players = [player("Livia", "Castracane") for _number in range(runs.SLICE + 1)]
    import_pep()
    screen_all()
    edition = import_pep(MINISTER, MAYOR, SENATOR, on=date(2026, 11, 2))

    first = runs.carry_on(now=NOW, slices=1)
    after_one = ScreeningHit.objects.count()
    second = runs.carry_on(now=NOW)

    assert (first, second) == (f"{edition.vintage}: goes on", f"{edition.vintage}: finished")
    assert (after_one, ScreeningHit.objects.count()) == (runs.SLICE, len(players))


def test_a_part_of_the_lists_answers_as_the_whole():
    import_pep(MINISTER, MAYOR, SENATOR, *(f"Giulio Brandolini {n},,,,Judge,x" for n in "ABCDEFGH"))
    lists = reading.current_lists()
    query = subjects.Query("Ottavio Brandolin", subjects.Kind.PERSON)
    whole = lists.screener.screen(query)

    for hit in whole:
        part = lists.screener.only({(hit.source, hit.reference)}).screen(query)
        assert [each.as_data() for each in part] == [hit.as_data()]
    assert whole != []


# Again ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [("Ottavio", "Brandolin"), ("Alice", "Rossi"), ("..", "!")])
def test_a_stored_decision_gives_the_same_answer_after_the_lists_moved_on(name):
    import_pep()
    import_un()
    player(*name)
    screen_all()
    decision = ScreeningDecision.objects.get()
    import_pep(MINISTER.replace("Ottavia", "Octavia"), MAYOR, on=date(2026, 11, 2))
    out = StringIO()

    call_command("replay_screening", str(decision.pk), stdout=out)

    assert out.getvalue().startswith("The same answer")
    assert replaying.replay_decision(decision=decision).entries == 4


def test_a_decision_of_a_new_edition_can_be_taken_again_too():
    import_pep()
    player("Livia", "Castracane")
    screen_all()
    import_pep(MINISTER, MAYOR, SENATOR, on=date(2026, 11, 2))
    screen_all()
    decision = ScreeningDecision.objects.get(cause="edition")

    replayed = replaying.replay_decision(decision=decision)

    assert (replayed.is_same, replayed.entries, len(decision.hits)) == (True, 1, 1)


def test_an_answer_that_was_tampered_with_is_told():
    import_pep()
    player()
    screen_all()
    decision = ScreeningDecision.objects.get()
    decision.hits[0]["score"] = 0.1

    replayed = replaying.replay_decision(decision=decision)

    assert len(replayed.differences) == 2


def test_a_decision_without_its_files_or_by_other_rules_cannot_be_proven():
    import_pep()
    player()
    screen_all()
    decision = ScreeningDecision.objects.get()

    with pytest.raises(replaying.RulesChanged):
        replaying.replay_decision(decision=_with(decision, code_version="1999.1"))
    with pytest.raises(replaying.EditionMissing):
        replaying.replay_decision(decision=_with(decision, vintages=["PEP 1999-01-01 abc"]))
    with pytest.raises(CommandError, match="no such decision"):
        call_command("replay_screening", "nothing")


def _with(decision, **columns):
    changed = ScreeningDecision.objects.get(pk=decision.pk)
    for name, value in columns.items():
        setattr(changed, name, value)
    return changed


def test_decisions_never_change():
    import_pep()
    player()
    screen_all()

    with pytest.raises(DatabaseError), transaction.atomic():
        ScreeningDecision.objects.update(score=Decimal(0))

    assert ScreeningDecision.objects.get().score == 1


# Beneficiaries --------------------------------------------------------------------------------------------------


def test_beneficiaries_are_held_back_until_both_names_are_clear():
    onlus = OnlusFactory(name="Amici del Mare")
    account = make_account(onlus)
    none_yet = blocked_beneficiaries([account.pk])
    import_ofac()
    unscreened = blocked_beneficiaries([account.pk])
    screen_all()
    clear = blocked_beneficiaries([account.pk])
    onlus.legal_name = "Orlovskaya Trading Co., Ltd."
    onlus.save()
    screen_all()
    listed = blocked_beneficiaries([account.pk])
    confirm(only_hit())

    assert (none_yet, unscreened, clear) == ({}, {account.pk: "SANCTIONS_NOT_SCREENED"}, {})
    assert listed == {account.pk: "SANCTIONS_HIT_OPEN"}
    assert blocked_beneficiaries([account.pk]) == {account.pk: "SANCTIONS_CONFIRMED"}
