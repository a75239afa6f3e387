"""Seeding the stock twin and writing its requests: `python -m benchmarks.stock.prepare <step> <facts as JSON>`."""

import json
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402  (needs the settings above)
from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from benchmarks import statements  # noqa: E402
from benchmarks.flows import PASSWORD, Request, write  # noqa: E402
from benchmarks.stock.models import Game, GameSession, Onlus, Standing, Wallet  # noqa: E402


def seed(players: int, games: int) -> int:
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=f"player{n}", email=f"player{n}@example.org", password=password) for n in range(players)
    )
    Wallet.objects.bulk_create(Wallet(user=user, balance=Decimal("1000.00")) for user in users)
    Standing.objects.bulk_create(
        Standing(user=user, score=Decimal(n % 99_000 + 1) / 100) for n, user in enumerate(users)
    )
    Game.objects.bulk_create(
        Game(name=f"Game {n}", description="Guess the number.", category="puzzle") for n in range(games)
    )
    Onlus.objects.create(name="Amici del Parco")
    return players


def requests(folder: str, each: int) -> int:
    """Write fresh requests for every flow, at most one per player for those that a player does once."""
    for flow, sent in _requests(each).items():
        write(Path(folder), flow, sent)
    return each


def count_statements() -> dict[str, Any]:
    return statements.count(_requests(3))


def _requests(each: int) -> dict[str, list[Request]]:
    users = list(User.objects.filter(standing__isnull=False).order_by("pk")[: 2 * each])
    tokens = [str(AccessToken.for_user(user)) for user in users]
    game, onlus = Game.objects.order_by("pk")[0], Onlus.objects.get()
    fresh = [f"{uuid4().hex}@example.org" for _ in range(each)]
    start = f"/games/{game.pk}/sessions"
    return {
        "register": [Request("POST", "/register", body=_account(address)) for address in fresh],
        "login": [Request("POST", "/login", body=_credentials(user.username)) for user in users],
        "wallet": [Request("GET", "/wallet", token) for token in tokens],
        "leaderboard": [Request("GET", "/leaderboard", token) for token in tokens],
        "rank": [Request("GET", "/rank", token) for token in tokens],
        "games": [Request("GET", "/games", token) for token in tokens],
        "end": _endings(users[:each], tokens, game),
        "start": [Request("POST", start, token, body={"game": game.pk}) for token in tokens[each:]],
        "donate": [
            Request("POST", "/donate", token, body={"onlus": onlus.pk, "amount": "0.01"}) for token in tokens
        ],
    }


def _account(address: str) -> dict[str, str]:
    return {"username": address, "email": address, "password": PASSWORD}


def _credentials(username: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD}


def _endings(users: list[User], tokens: list[str], game: Game) -> list[Request]:
    """Give every player a session that has been running for half an hour."""
    GameSession.objects.filter(status="active").update(status="abandoned", ended_at=timezone.now())
    began = timezone.now() - timedelta(minutes=30)
    sessions = GameSession.objects.bulk_create(
        GameSession(user=user, game=game, started_at=began, state={"secret": 7, "guesses": [7]})
        for user in users
    )
    return [
        Request("PUT", f"/sessions/{session.pk}/end", token, body={"reason": "completed"})
        for session, token in zip(sessions, tokens, strict=False)
    ]


STEPS = {step.__name__: step for step in (seed, requests, count_statements)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](**json.loads(sys.argv[2]))))
