"""What is not brought over is told, with its reason, and leaves nothing behind."""

from decimal import Decimal

import pytest

from accounts.models import Onlus, User
from donations.models import LedgerAccount, OpeningBalance, Transfer
from games.models import Game, GameSession
from goodplay.importing.models import ImportedDocument
from goodplay.importing.steps import wallets
from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.importing import old as shapes
from tests.importing.old import fill, oid

pytestmark = [pytest.mark.django_db, pytest.mark.documents]


def told(report, outcome="refused"):
    return [
        (name, old_id, reason)
        for name, old_id, told_as, reason, _detail in report.lines
        if told_as == outcome
    ]


def test_an_address_that_is_taken_here_is_never_joined(old, run):
    mine = UserFactory(email="giocatore1@example.org")
    fill(old, users=[shapes.user(1)], wallets=[shapes.wallet(30, oid(1), 0.0)])

    report = run()

    assert told(report) == [
        ("users", str(oid(1)), "EMAIL_ALREADY_REGISTERED"),
        ("wallets", str(oid(30)), "UNKNOWN_USER"),
    ]
    assert list(User.objects.all()) == [mine]
    assert not OpeningBalance.objects.exists()


def test_of_two_with_one_address_the_older_comes_over(old, run):
    fill(old, users=[shapes.user(1, email="Ada@Example.org"), shapes.user(2, email=" ada@example.ORG ")])

    report = run()

    assert told(report) == [("users", str(oid(2)), "EMAIL_ALREADY_REGISTERED")]
    assert User.objects.get().email == "ada@example.org"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": None}, "MISSING"),
        ({"email": 12}, "MISSING"),
        ({"email": "nobody"}, "INVALID_EMAIL"),
        ({"email": "a" * 250 + "@example.org"}, "TOO_LONG"),
    ],
)
def test_a_person_without_an_address_cannot_come(old, run, changes, reason):
    fill(old, users=[shapes.user(1, **changes)])

    report = run()

    assert told(report) == [("users", str(oid(1)), reason)]
    assert not User.objects.exists()
    assert not ImportedDocument.objects.exists()


def test_odd_values_that_can_be_done_without_are_left_out_and_told(old, run):
    odd = {"first_name": {"a": 1}, "last_name": "x" * 400, "password_hash": "md5$abc", "is_active": "yes"}
    fill(old, users=[shapes.user(1, **odd)])

    report = run()

    person = User.objects.get()
    assert (person.first_name, len(person.last_name), person.is_active) == ("", 150, True)
    assert not person.has_usable_password()
    [(_collection, _id, outcome, _reason, detail)] = report.lines
    assert outcome == "altered"
    for name in odd:
        assert name.removesuffix("_hash") in detail
    assert "example.org" not in detail


def test_deleted_and_suspended_people_stay_out(api, old, run):
    fill(old, users=[shapes.user(1, deleted_at=shapes.THEN), shapes.user(2, is_active=False)])

    run()

    assert list(User.objects.values_list("is_active", flat=True)) == [False, False]
    for number in (1, 2):
        credentials = {"email": f"giocatore{number}@example.org", "password": shapes.PASSWORD}
        assert api.post("/api/auth/login", credentials, format="json").json()["message"] == "ACCOUNT_DISABLED"


@pytest.mark.parametrize(
    ("balance", "reason"),
    [
        (-0.01, "NEGATIVE_BALANCE"),
        (float("nan"), "UNREADABLE_BALANCE"),
        ("12.30", "UNREADABLE_BALANCE"),
        (True, "UNREADABLE_BALANCE"),
        (None, "UNREADABLE_BALANCE"),
        (12.31, "BALANCE_NOT_EXPLAINED"),
    ],
)
def test_a_wallet_that_makes_no_sense_moves_no_money(old, run, balance, reason):
    fill(
        old,
        users=[shapes.user(1)],
        wallets=[shapes.wallet(30, oid(1), balance)],
        transactions=[shapes.transaction(31, oid(1), "earned", 12.3)],
    )

    report = run()

    assert told(report) == [
        ("wallets", str(oid(30)), reason),
        ("transactions", str(oid(31)), "WALLET_NOT_BROUGHT"),
    ]
    assert not Transfer.objects.exists()
    assert not LedgerAccount.objects.of_player(User.objects.get().pk).exists()


def test_an_unexplained_balance_comes_over_when_the_operator_says_so(old, run):
    fill(old, users=[shapes.user(1)], wallets=[shapes.wallet(30, oid(1), 12.3)])

    report = run(trusts_wallets=True)

    assert report.contradictions == []
    opening = OpeningBalance.objects.get()
    assert (opening.earned_amount, opening.paid_amount) == (Decimal("12.30"), Decimal("0.00"))


def test_floats_that_lost_their_way_are_cents_again(old, run):
    fill(
        old,
        users=[shapes.user(1)],
        wallets=[shapes.wallet(30, oid(1), 0.1 + 0.2)],
        transactions=[
            shapes.transaction(31, oid(1), "earned", 0.1),
            shapes.transaction(32, oid(1), "earned", 0.2),
        ],
    )

    run()

    assert OpeningBalance.objects.get().earned_amount == Decimal("0.30")


def test_money_counts_as_paid_in_only_as_far_as_payments_prove_it(old, run):
    fill(
        old,
        users=[shapes.user(1)],
        wallets=[shapes.wallet(30, oid(1), 50.0)],
        transactions=[shapes.transaction(31, oid(1), "bonus", 50.0, source_type="manual")],
        payment_intents=[
            shapes.intent(40, oid(1), 8.0, refunded_amount=3.0),
            shapes.intent(41, oid(1), 30.0, status="failed"),
            shapes.intent(42, oid(1), 30.0, currency="USD"),
            shapes.intent(43, oid(2), 30.0),
        ],
    )

    report = run()

    opening = OpeningBalance.objects.get()
    assert (opening.earned_amount, opening.paid_amount) == (Decimal("45.00"), Decimal("5.00"))
    assert any("credits added by hand: 50.00" in line[4] for line in report.lines)


def test_a_second_wallet_of_one_person_is_refused(old, run):
    fill(
        old,
        users=[shapes.user(1)],
        wallets=[shapes.wallet(30, oid(1), 3.0), shapes.wallet(31, str(oid(1)), 3.0)],
        transactions=[shapes.transaction(32, oid(1), "earned", 3.0)],
    )

    report = run()

    assert told(report) == [("wallets", str(oid(31)), "WALLET_IN_USE")]
    assert OpeningBalance.objects.get().earned_amount == Decimal("3.00")


def test_play_of_nobody_or_of_no_game_is_refused(old, run):
    fill(
        old,
        users=[shapes.user(1)],
        games=[shapes.game(20)],
        game_sessions=[
            shapes.session(21, oid(99), oid(20)),
            shapes.session(22, oid(1), oid(99)),
            shapes.session(23, oid(1), oid(20), status="flying"),
            shapes.session(24, oid(1), oid(20), started_at=None, created_at="soon"),
        ],
    )

    report = run()

    assert [reason for _name, _id, reason in told(report)] == [
        "UNKNOWN_USER",
        "UNKNOWN_GAME",
        "UNKNOWN_VALUE",
        "MISSING",
    ]
    assert not GameSession.objects.exists()


def test_a_game_an_engine_plays_here_is_that_game(old, run):
    fill(old, games=[shapes.game(20, plugin_id="number_guessing_game", name="Guess!")])
    here = Game.objects.get()

    run()

    assert ImportedDocument.objects.get(old_id=str(oid(20))).new_key == str(here.pk)
    here.refresh_from_db()
    assert here.name != "Guess!"


def test_an_organisation_whose_name_is_taken_is_refused_with_what_points_to_it(old, run):
    OnlusFactory(name="CASA APERTA 10")
    fill(
        old,
        onlus_organizations=[shapes.organisation(10)],
        impact_metrics=[shapes.metric(50, oid(10))],
        impact_updates=[shapes.update(60, oid(10))],
    )

    report = run()

    assert [reason for _name, _id, reason in told(report)] == [
        "ORGANIZATION_NAME_EXISTS",
        "UNKNOWN_ONLUS",
        "UNKNOWN_ONLUS",
    ]
    assert not ImpactMetric.objects.exists()
    assert not ImpactUpdate.objects.exists()


def test_an_active_organisation_nobody_verified_waits_for_review(old, run):
    fill(old, onlus_organizations=[shapes.organisation(10, verification_date=None, tax_id="123")])

    report = run()

    onlus = Onlus.objects.get()
    assert (onlus.status, onlus.tax_id) == ("under_review", "")
    assert "status: TO_BE_VERIFIED" in report.lines[0][4]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": ""}, "MISSING"),
        ({"unlock_condition_type": "special_event"}, "SPECIAL_EVENT_NOT_HERE"),
        ({"unlock_condition_type": "magic"}, "UNKNOWN_VALUE"),
        ({"unlock_condition_value": "100"}, "NO_NUMBER"),
        ({"unlock_condition_value": -1}, "OUT_OF_RANGE"),
        ({"onlus_id": "nobody"}, "UNKNOWN_ONLUS"),
    ],
)
def test_a_story_that_could_not_be_opened_is_refused(old, run, changes, reason):
    before = ImpactStory.objects.count()
    fill(old, impact_stories=[shapes.story(40, **changes)])

    report = run()

    assert told(report) == [("impact_stories", str(oid(40)), reason)]
    assert ImpactStory.objects.count() == before


def test_a_story_that_would_open_for_everybody_is_switched_off(old, run):
    UserFactory()
    fill(old, impact_stories=[shapes.story(40, unlock_condition_value=0)])

    report = run()

    assert not ImpactStory.objects.get(title="The first well 40").is_active
    assert "is_active: SWITCHED_OFF" in report.lines[0][4]


@pytest.mark.parametrize("is_dry", [True, False])
def test_of_two_metrics_or_reports_for_one_period_the_older_comes_over(old, run, is_dry):
    fill(
        old,
        onlus_organizations=[shapes.organisation(10)],
        impact_metrics=[
            shapes.metric(50, oid(10), metric_name="a"),
            shapes.metric(51, oid(10), metric_name="a"),
        ],
        community_reports=[shapes.report(70), shapes.report(71), shapes.report(72, status="generating")],
    )

    report = run(is_dry=is_dry)

    assert told(report) == [
        ("impact_metrics", str(oid(51)), "DUPLICATE"),
        ("community_reports", str(oid(71)), "DUPLICATE"),
    ]
    assert told(report, "left") == [("community_reports", str(oid(72)), "NOT_KEPT")]
    assert CommunityReport.objects.count() == ImpactMetric.objects.count() == (0 if is_dry else 1)


def test_lines_of_the_file_are_no_formulas(old, run):
    fill(old, users=[shapes.user(1, _id="=1+1", email="nobody")])

    assert run().lines[0][1] == "'=1+1"


def test_a_wallet_that_was_not_booked_is_a_contradiction():
    document = shapes.wallet(30, oid(1), 12.3)

    assert wallets.differences([document]) == [f"wallet {oid(30)}: says 12.30, 0.00 was booked"]
