"""An old installation as a whole: everything comes over once, nobody hears of it, and the books balance."""

from decimal import Decimal

import pytest
from django.core import mail

from accounts.models import Onlus, Preferences, User
from donations.models import LedgerAccount, OpeningBalance, SessionCredit, Transfer, Wallet
from donations.operations import ledger
from donations.queries.balances import balance_of
from games.models import Game, GameSession
from goodplay.importing.models import ImportedDocument
from goodplay.lib.events.models import Event
from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate, StoryUnlock
from impact.tasks import make_due_reports, open_due_stories, publish_due_updates
from tests.importing.old import PASSWORD, a_whole_installation, oid, transaction, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.documents]
MODELS = (User, Preferences, Onlus, Game, GameSession, LedgerAccount, Transfer, OpeningBalance, Wallet)
DOCUMENTS = (ImpactStory, ImpactMetric, ImpactUpdate, CommunityReport)


def state():
    """Everything the import writes, as it is stored."""
    rows = {}
    for model in (*MODELS, *DOCUMENTS, ImportedDocument):
        rows[model] = sorted(map(str, model.objects.values_list()))
    return rows


def came_of(report, collection):
    return {outcome: count for (name, outcome), count in report.counted.items() if name == collection}


def player(number=1):
    return User.objects.get(email=f"giocatore{number}@example.org")


def test_everything_comes_over(old, run):
    a_whole_installation(old)

    report = run()

    assert report.contradictions == []
    assert {name: came_of(report, name).get("brought", 0) for name, _outcome in report.counted} == {
        "onlus_categories": 1,
        "onlus_organizations": 1,
        "users": 2,
        "user_relationships": 0,
        "games": 1,
        "game_sessions": 2,
        "wallets": 1,
        "transactions": 3,
        "impact_stories": 2,
        "impact_metrics": 1,
        "impact_updates": 1,
        "community_reports": 1,
    }
    assert came_of(report, "transactions")["left"] == came_of(report, "user_relationships")["left"] == 1


def test_somebody_signs_in_with_the_old_password_and_is_hashed_anew(api, old, run):
    a_whole_installation(old)
    run()
    credentials = {"email": "giocatore1@example.org", "password": PASSWORD}

    answers = [api.post("/api/auth/login", credentials, format="json") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not player().password.startswith("werkzeug")
    assert player().check_password(PASSWORD)
    refused = api.post("/api/auth/login", credentials | {"password": "another one"}, format="json")
    assert refused.json()["message"] == "INVALID_CREDENTIALS"


def test_the_wallet_is_what_it_was(api, old, run):
    a_whole_installation(old)
    run()
    token = api.post(
        "/api/auth/login", {"email": "giocatore1@example.org", "password": PASSWORD}, format="json"
    ).json()["data"]["tokens"]["access_token"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    wallet = api.get("/api/wallet").json()["data"]

    # 12.30 earned and 10.00 paid in, 5.00 given: earned credits were spent first.
    assert (wallet["current_balance"], wallet["earned_balance"], wallet["paid_balance"]) == (17.3, 7.3, 10.0)
    assert wallet["auto_donation_settings"]["enabled"] is False
    assert wallet["auto_donation_settings"]["threshold"] == 15.0
    assert balance_of(ledger.system_account(LedgerAccount.Kind.OPENING)) == Decimal("-17.30")
    opening = OpeningBalance.objects.get()
    assert (opening.earned_before, opening.donated_before, opening.transactions_count) == (
        Decimal("12.30"),
        Decimal("5.00"),
        3,
    )
    transactions = ImportedDocument.objects.filter(collection="transactions")
    assert set(transactions.values_list("new_key", flat=True)) == {str(opening.pk)}


def test_a_person_keeps_profile_and_choices_but_no_rights(old, run):
    a_whole_installation(old)
    run()

    one, two = player(1), player(2)

    assert (one.first_name, one.display_name, one.preferred_language, one.is_verified) == (
        "Lucia",
        "Lucia 1",
        "it",
        True,
    )
    assert one.preferences.gaming["difficulty_level"] == "hard"
    assert one.preferences.notifications["frequency"] == "never"
    assert one.preferences.privacy["profile_visibility"] == "friends"
    assert one.preferences.donations["auto_donate_enabled"] is False
    assert two.is_staff is two.is_superuser is False


def test_play_is_history_that_earned_nothing_here(old, run):
    a_whole_installation(old)
    run()

    done, left_open = GameSession.objects.get(score=420), GameSession.objects.get(score=None)

    assert (done.status, done.score, done.is_verified, done.credits_earned) == ("completed", 420, False, None)
    assert done.statistics == {"level": 3, "credits_before": 7}
    assert done.started_at.isoformat() == "2025-05-04T09:30:00+00:00"
    assert (left_open.status, left_open.score) == ("abandoned", None)
    assert not done.game.is_active
    assert not SessionCredit.objects.exists()


def test_organisations_take_nothing_before_their_bank_account_is_verified(old, run):
    a_whole_installation(old)
    run()

    onlus = Onlus.objects.get()

    assert (onlus.status, onlus.category_id, onlus.tax_id) == ("active", "arts_culture", "97103880585")
    assert not onlus.accepts_donations
    assert onlus.leadership_team == []


def test_nobody_hears_of_the_past(old, run, django_capture_on_commit_callbacks):
    a_whole_installation(old)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        run()
        open_due_stories()
        publish_due_updates()

    assert callbacks == []
    assert mail.outbox == []
    assert not Event.objects.exists()
    assert not StoryUnlock.objects.exists()


def test_a_second_run_changes_nothing(old, run):
    a_whole_installation(old)
    run()
    before = state()

    report = run(batch_size=3)

    assert state() == before
    assert not report.changed_something
    assert report.contradictions == []


def test_a_dry_run_tells_the_same_and_changes_nothing(old, run):
    a_whole_installation(old)
    before = state()

    dry = run(is_dry=True)

    assert state() == before
    real = run()
    assert (dry.counted, dry.lines, dry.contradictions) == (real.counted, real.lines, [])


def test_a_run_that_broke_off_is_finished_by_the_next(old, run, monkeypatch):
    a_whole_installation(old)
    seen = []

    class CutOff(Exception):
        pass

    whole = GameSession.objects.create

    def create(**columns):
        seen.append(columns)
        if len(seen) == 2:
            raise CutOff
        return whole(**columns)

    with monkeypatch.context() as broken:
        broken.setattr(GameSession.objects, "create", create)
        with pytest.raises(CutOff):
            run()
    assert User.objects.count() == 2
    assert not GameSession.objects.exists()  # the batch was one transaction

    report = run()

    assert report.contradictions == []
    assert (GameSession.objects.count(), OpeningBalance.objects.count()) == (2, 1)
    assert came_of(report, "users") == {"there": 2}


def test_a_wallet_that_changed_since_is_told_and_left_alone(old, run):
    a_whole_installation(old)
    run()
    before = state()
    old["wallets"].update_one({"_id": oid(30)}, {"$set": {"current_balance": 99.0}})

    report = run()

    assert state() == before
    assert ["wallets", str(oid(30)), "changed", "CHANGED_SINCE", ""] in report.lines


def test_what_came_to_a_wallet_that_changed_since_is_not_said_to_be_brought(old, run):
    a_whole_installation(old)
    old["wallets"].insert_many([wallet(36, oid(2), 1.0)])
    old["transactions"].insert_many([transaction(37, oid(2), "earned", 1.0)])
    run()
    before = state()
    old["wallets"].update_one({"_id": oid(30)}, {"$set": {"current_balance": 18.3}})
    old["transactions"].insert_many([transaction(38, str(oid(1)), "earned", 1.0)])

    report = run()

    assert state() == before
    assert came_of(report, "transactions") == {"there": 4, "left": 1, "refused": 1}
    assert ["transactions", str(oid(38)), "refused", "CHANGED_SINCE", ""] in report.lines


def test_reports_keep_their_periods_and_are_not_made_again(old, run):
    a_whole_installation(old)
    run()

    report = CommunityReport.objects.get()

    assert report.period_start.isoformat() == "2024-08-31T22:00:00+00:00"
    assert report.period_end.isoformat() == "2024-09-30T22:00:00+00:00"
    assert (report.total_donations_amount, report.unique_donors_count) == (Decimal("45000.00"), 320)
    make_due_reports()
    assert CommunityReport.objects.filter(pk=report.pk, status="published").exists()


def test_updates_and_metrics_keep_their_figures(old, run):
    a_whole_installation(old)
    run()

    update, metric = ImpactUpdate.objects.get(), ImpactMetric.objects.get()

    assert (update.status, update.priority, update.view_count, update.like_count) == (
        "published",
        3,
        1250,
        45,
    )
    assert (metric.period_type, metric.metric_unit, metric.current_value) == (
        "monthly",
        "people",
        Decimal("150.00"),
    )
    assert metric.onlus_id == update.onlus_id == Onlus.objects.get().pk
