"""New rules of screening: everybody is asked about anew, and what that changes both ways is told."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from donations.models import ScreenedSubject, ScreeningDecision, ScreeningHit, ScreeningRun
from donations.operations.screening import replaying, runs, subjects
from donations.screening import version
from donations.tasks import screen_everybody
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.screening import import_pep, only_hit, screen_all, subject_of

pytestmark = pytest.mark.django_db
NEW = "2099.1"


@pytest.fixture
def upgrade(monkeypatch):
    """Raise the version of the rules, as a release does."""

    def to(name=NEW):
        for module in (version, runs, subjects, replaying):
            monkeypatch.setattr(module, "CODE_VERSION", name)

    return to


def player(first="Ottavia", last="Brandolini"):
    return UserFactory(first_name=first, last_name=last)


def silently(user, first, last):
    """Change a name past every event, so that the answer to the same question differs."""
    User.objects.filter(pk=user.pk).update(first_name=first, last_name=last)


def test_the_same_rules_ask_nobody_again():
    import_pep()
    player()
    screen_all()

    assert screen_everybody() == "nothing to do"
    assert not ScreeningRun.objects.exclude(code_version="").exists()


def test_new_rules_find_whom_the_old_ones_missed(upgrade):
    import_pep()
    user = player("Alice", "Rossi")
    screen_all()
    before = subject_of(user=user).state
    silently(user, "Ottavia", "Brandolini")
    upgrade()

    said = [screen_everybody(), screen_everybody()]

    run = ScreeningRun.objects.get(code_version=NEW)
    hit = only_hit()
    assert said == [f"{NEW}: finished", "nothing to do"]
    assert (before, subject_of(user=user).state) == ("clear", "open")
    assert (run.subject_count, run.hit_count, run.lost_count) == (1, 1, 0)
    assert (hit.decision.cause, hit.decision.run, hit.decision.code_version) == ("rules", run, NEW)
    assert replaying.replay_decision(decision=hit.decision).is_same


def test_hits_the_new_rules_do_not_find_are_told_and_stay_with_a_person(upgrade):
    import_pep()
    user = player()
    screen_all()
    silently(user, "Alice", "Rossi")
    upgrade()

    screen_everybody()

    run = ScreeningRun.objects.get(code_version=NEW)
    assert (run.hit_count, run.lost_count) == (0, 1)
    assert (only_hit().status, only_hit().lost_in) == ("open", run)
    assert subject_of(user=user).state == ScreenedSubject.State.OPEN


def test_what_is_found_again_is_no_longer_called_lost(upgrade):
    import_pep()
    player()
    screen_all()
    run = ScreeningRun.objects.create(code_version="2098.1", started_at=NOW)
    ScreeningHit.objects.update(lost_in=run)
    upgrade()

    ScreeningRun.objects.update(finished_at=NOW)
    screen_everybody()

    assert only_hit().lost_in is None


def test_it_goes_on_where_it_was_cut_off_in_slices(upgrade, monkeypatch):
    import_pep()
    for _number in range(3):
        player()
    screen_all()
    monkeypatch.setattr(runs, "SLICE", 2)
    upgrade()

    said = [runs.carry_on(now=timezone.now(), slices=1) for _part in range(3)]

    assert said == [f"{NEW}: goes on", f"{NEW}: goes on", f"{NEW}: finished"]
    run = ScreeningRun.objects.get(code_version=NEW)
    assert (run.subject_count, run.hit_count, run.lost_count) == (3, 0, 0)
    assert ScreeningDecision.objects.filter(run=run).count() == 3


def test_who_was_screened_by_the_new_rules_already_is_passed_by(upgrade):
    import_pep()
    player("Alice", "Rossi")
    screen_all()
    upgrade()
    runs.begin_by_rules(now=NOW)
    late = player()
    subjects.due(user_id=late.pk, now=NOW)
    subjects.screen_due(now=timezone.now())
    answers = ScreeningDecision.objects.count()

    screen_everybody()

    assert ScreeningDecision.objects.count() == answers


def test_a_way_back_to_older_rules_asks_everybody_too(upgrade):
    import_pep()
    player()
    screen_all()
    old = version.CODE_VERSION
    upgrade()
    screen_everybody()
    upgrade(old)

    assert screen_everybody() == f"{old}: finished"


def test_the_board_shows_how_far_it_is_and_what_changed(client, upgrade, monkeypatch):
    import_pep()
    player()
    player()
    screen_all()
    upgrade()
    monkeypatch.setattr(runs, "SLICE", 1)
    client.force_login(StaffFactory())

    runs.carry_on(now=timezone.now(), slices=1)
    going = client.get(reverse("admin:index") + "?board=compliance").content.decode()
    screen_everybody()
    done = client.get(reverse("admin:index") + "?board=compliance").content.decode()

    assert "1 / 2" in going
    assert "0 new hits, 0 no longer found" in done
    listed = client.get(reverse("admin:donations_screeningrun_changelist")).content.decode()
    assert NEW in listed
