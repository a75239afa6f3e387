"""Games: those an engine here plays are found again, the others are kept for their history."""

from decimal import Decimal
from uuid import UUID

from games.models import Game
from games.operations.taking_over import OldGame, take_over_game
from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.values import Reader, as_id, as_number

LONG = 20_000


def bring(reader: Reader, key: str, context: Context) -> str:
    reader.aliases = [alias] if (alias := as_id(reader.document.get("game_id"))) else []
    game = OldGame(
        name=reader.needed_text("name", 120),
        plugin=reader.text("plugin_id", 64),
        description=reader.text("description", LONG),
        instructions=reader.text("instructions", LONG),
        category=reader.text("category", 40, default="other").lower(),
        version=reader.text("version", 20, default="1.0.0"),
        author=reader.text("author", 120),
        credit_rate=_rate(reader),
        difficulty_level=reader.choice("difficulty_level", Game.Difficulty.values, Game.Difficulty.MEDIUM),
        created_at=reader.moment("created_at") or context.now,
    )
    return str(take_over_game(key=UUID(key), game=game).pk)


def _rate(reader: Reader) -> Decimal:
    rate = as_number(reader.document.get("credit_rate", 1))
    if rate is None or not Decimal("0.001") <= rate < 1000:
        reader.note("credit_rate")
        return Decimal(1)
    return rate.quantize(Decimal("0.001"))


GAMES = Step("games", bring)
