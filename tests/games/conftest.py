import importlib
import sys

import pytest

from games.engines import registry
from tests.factories.accounts import UserFactory

COUNTING = """
from random import Random

from games.engines.contract import InvalidConfig, InvalidMove, Manifest, Result, Step

manifest = Manifest(
    name={name!r}, display_name={title!r}, version="2.1.0", category={category!r}, most_moves=3,
)


def start(config, rng):
    if config.get("refuse"):
        raise InvalidConfig("Not like this.")
    return {{"target": rng.randint(1, 6), "throws": []}}


def apply_move(state, move, rng):
    if "throw" not in move:
        raise InvalidMove("Throw the dice.")
    thrown = rng.randint(1, 6)
    return Step({{**state, "throws": [*state["throws"], thrown]}}, {{"thrown": thrown}})


def public_view(state):
    return {{"throws": state["throws"]}}


def is_finished(state):
    return state["target"] in state["throws"]


def result(state):
    return Result(score=sum(state["throws"]), won=is_finished(state), statistics={{"throws": state["throws"]}})
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package that offers one engine, the way pip would: a module and its entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()

    def add(name, source):
        (tmp_path / f"engine_{name}.py").write_text(source)
        info = tmp_path / f"engine_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: engine-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[goodplay.engines]\n{name} = engine_{name}\n")
        registry.registry.cache_clear()

    yield add
    for module in [name for name in sys.modules if name.startswith("engine_")]:
        del sys.modules[module]
    registry.registry.cache_clear()


@pytest.fixture
def install_dice(install):
    """Install a small game of chance under any name."""

    def add(name, title=None, category="party"):
        install(name, COUNTING.format(name=name, title=title or f"Game of {name}", category=category))

    return add


@pytest.fixture
def player(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player
