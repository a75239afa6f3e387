"""Finding engines, and holding them to the contract."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from games import operations
from games.engines import number_guessing, referee, registry
from games.engines.contract import Engine, Manifest, Result, Step
from games.models import Game
from goodplay.lib.audit.models import AuditEntry
from tests.factories.games import NOW, NUMBER_GUESSING, GameFactory


def engine(**changes):
    """An engine that keeps the contract, but for the changes."""
    functions = {
        "start": lambda config, rng: {},
        "apply_move": lambda state, move, rng: Step({}),
        "public_view": lambda state: {},
        "is_finished": lambda state: False,
        "result": lambda state: Result(score=0, won=False),
    }
    return SimpleNamespace(**{"manifest": manifest(), **functions, **changes})


def manifest(**changes):
    return Manifest(
        **{"name": "dice", "display_name": "Dice", "version": "1", "category": "party", **changes}
    )


def test_shipped_engine_is_found():
    assert registry.find(NUMBER_GUESSING) is number_guessing
    assert registry.registry().left_out == {}


def test_engine_of_another_package_is_found_by_its_entry_point(install_dice):
    install_dice("dice")

    assert registry.names() == ["dice", NUMBER_GUESSING]
    assert registry.find("dice").manifest.version == "2.1.0"


@pytest.mark.parametrize(
    "source",
    [
        "raise RuntimeError('cannot start')",
        "import a_module_nobody_has",
        "this is no Python",
        "import sys; sys.exit(3)",
        "manifest = None",
        "from games.engines.number_guessing import *",
    ],
)
def test_broken_engine_is_left_out_and_the_others_play_on(install, install_dice, source):
    install("broken", source)
    install_dice("dice")

    assert registry.names() == ["dice", NUMBER_GUESSING]
    assert list(registry.registry().left_out) == ["broken = engine_broken"]
    assert [warning.id for warning in run_checks() if warning.id == "games.W001"] == ["games.W001"]


def test_engine_cannot_take_the_title_of_another(install_dice):
    install_dice("impostor", title="Number Guessing Game")

    assert registry.names() == [NUMBER_GUESSING]


def test_checked_returns_an_engine_that_keeps_the_contract():
    candidate = engine()

    assert registry.checked(candidate) is candidate


@pytest.mark.parametrize(
    "changes",
    [
        {"manifest": None},
        {"manifest": {"name": "dice"}},
        {"start": None},
        {"apply_move": "later"},
        {"manifest": manifest(name="Not a slug")},
        {"manifest": manifest(name="x" * 65)},
        {"manifest": manifest(name=7)},
        {"manifest": manifest(display_name=" ")},
        {"manifest": manifest(display_name="x" * 121)},
        {"manifest": manifest(version="")},
        {"manifest": manifest(category=None)},
        {"manifest": manifest(description=None)},
        {"manifest": manifest(min_players=0)},
        {"manifest": manifest(most_moves=True)},
        {"manifest": manifest(max_players=10**6)},
        {"manifest": manifest(difficulty_level="brutal")},
        {"manifest": manifest(credit_rate=Decimal("0"))},
        {"manifest": manifest(credit_rate=Decimal("NaN"))},
        {"manifest": manifest(credit_rate=Decimal("1.0001"))},
        {"manifest": manifest(credit_rate=0.5)},
        {"manifest": manifest(shortest_move=timedelta(seconds=-1))},
        {"manifest": manifest(shortest_move=3)},
    ],
)
def test_checked_refuses_what_breaks_the_contract(changes):
    with pytest.raises(registry.BrokenEngine):
        registry.checked(engine(**changes))


# The referee --------------------------------------------------------------------------------------------------------


def test_random_source_depends_on_seed_and_move_number_alone():
    def draw(state, move, rng):
        return Step({"drawn": [rng.random() for _ in range(3)]})

    drawing: Engine = engine(apply_move=draw)

    def played(seed, number):
        return referee.play(drawing, seed=seed, state={}, move={}, number=number).state["drawn"]

    assert played("a", 1) == played("a", 1)
    assert len({tuple(played(seed, number)) for seed in "ab" for number in (1, 2)}) == 4


def test_engine_cannot_change_the_stored_state_behind_the_servers_back():
    def meddle(state, move, rng):
        state["gold"] = 1000
        return Step({"gold": 1})

    stored = {"gold": 0}
    step = referee.play(engine(apply_move=meddle), seed="s", state=stored, move={}, number=1)

    assert (stored, step.state) == ({"gold": 0}, {"gold": 1})


@pytest.mark.parametrize(
    "state", [None, [1], {"x": float("nan")}, {"x": float("inf")}, {"x": object()}, {(1,): 2}]
)
def test_what_no_database_can_hold_is_the_engines_fault(state):
    with pytest.raises(referee.EngineFault):
        referee.begin(engine(start=lambda config, rng: state), seed="s", config={})


def test_state_is_what_the_database_will_give_back():
    state = referee.begin(engine(start=lambda config, rng: {1: (2, 3)}), seed="s", config={})

    assert state == {"1": [2, 3]}


@pytest.mark.parametrize(
    "result",
    [
        Result(score=True, won=True),
        Result(score=1.5, won=True),
        Result(score=2**31, won=True),
        Result(score=1, won=True, achievements=("lower case",)),
        Result(score=1, won=True, achievements=(7,)),
        Result(score=1, won=True, statistics=[]),
    ],
)
def test_result_that_cannot_be_stored_is_the_engines_fault(result):
    with pytest.raises(referee.EngineFault):
        referee.result(engine(result=lambda state: result), {})


# The catalogue ------------------------------------------------------------------------------------------------------


def test_migrate_brings_the_shipped_game(db):
    game = Game.objects.get(engine_name=NUMBER_GUESSING)

    assert (game.name, game.credit_rate, game.is_active) == ("Number Guessing Game", Decimal("0.500"), True)


def test_sync_games_adds_each_engine_once(db, install_dice, settings):
    settings.DEFAULT_GAME_CREDIT_RATE = "1.5"
    install_dice("dice")

    assert operations.sync_games(now=NOW) == operations.Synced(added=["dice"])
    assert operations.sync_games(now=NOW) == operations.Synced()
    assert Game.objects.get(engine_name="dice").credit_rate == Decimal("1.5")


def test_sync_games_takes_over_a_new_version_and_leaves_staffs_columns(db):
    game = GameFactory()
    Game.objects.filter(pk=game.pk).update(
        version="0.9", description="Old.", is_active=False, credit_rate="3"
    )

    synced = operations.sync_games(now=NOW)

    game.refresh_from_db()
    assert synced == operations.Synced(changed=[NUMBER_GUESSING])
    assert (game.version, game.description) == ("1.0.0", number_guessing.manifest.description)
    assert (game.is_active, game.credit_rate) == (False, Decimal("3"))


def test_sync_games_keeps_the_game_of_an_engine_that_is_gone(db, install_dice):
    gone = GameFactory(engine_name="gone", name="Gone")

    operations.sync_games(now=NOW)

    gone.refresh_from_db()
    assert gone.is_active


def test_one_game_that_cannot_be_stored_does_not_hold_up_the_others(db, install_dice):
    GameFactory(engine_name="older", name="Taken")
    install_dice("dice", title="Taken")
    install_dice("dominoes")

    assert operations.sync_games(now=NOW) == operations.Synced(added=["dominoes"], refused=["dice"])


def test_sync_games_command_says_what_it_did(db, install, install_dice, capsys):
    install_dice("dice")
    install("broken", "raise RuntimeError('cannot start')")

    call_command("sync_games")

    said = capsys.readouterr()
    assert said.out == "added: dice\n2 engines installed\n"
    assert said.err == "left out: broken = engine_broken (RuntimeError: cannot start)\n"


def test_staff_edit_of_the_catalogue_is_audited(db, client, django_user_model):
    staff = django_user_model.objects.create_superuser("staff@example.org", "x", display_name="Staff")
    client.force_login(staff)
    game = GameFactory()

    page = client.get(f"/admin/games/game/{game.pk}/change/")
    client.post(
        f"/admin/games/game/{game.pk}/change/", {"is_active": "on", "credit_rate": "2.000", "name": "X"}
    )

    game.refresh_from_db()
    entry = AuditEntry.objects.get(target_id=str(game.pk))
    assert page.status_code == 200
    assert (game.credit_rate, game.name) == (Decimal("2"), "Number Guessing Game")
    assert (entry.before, entry.after) == ({"credit_rate": "0.500"}, {"credit_rate": "2.000"})
