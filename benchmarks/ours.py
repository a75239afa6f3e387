"""Seeding GoodPlay and writing its requests: `python -m benchmarks.ours <step> <facts as JSON>`."""

import hmac
import json
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402  (needs the settings above)
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Onlus, OnlusCategory, Preferences, User  # noqa: E402
from accounts.operations import sign_in  # noqa: E402
from benchmarks import statements  # noqa: E402
from benchmarks.flows import PASSWORD, Request, write  # noqa: E402
from donations.models import Funding, LedgerAccount, Receipt, Sponsor, Transfer  # noqa: E402
from donations.operations import (  # noqa: E402
    batch_processing,
    batches,
    funding,
    giving,
    ledger,
    payment_providers,
    printing,
)
from donations.operations.batch_intake import create_batch  # noqa: E402
from donations.operations.batch_lines import LineDraft  # noqa: E402
from donations.queries.books import contradictions  # noqa: E402
from games.engines import referee  # noqa: E402
from games.engines.registry import registry  # noqa: E402
from games.models import Game, GameSession  # noqa: E402
from games.operations.catalogue import sync_games  # noqa: E402
from goodplay.lib.approvals.operations import approve  # noqa: E402
from goodplay.lib.events.delivery import deliver  # noqa: E402
from goodplay.lib.events.models import Event  # noqa: E402
from goodplay.lib.ids import new_id  # noqa: E402
from goodplay.lib.time import rome_day  # noqa: E402
from impact.models import StoryUnlock  # noqa: E402
from social.boards import LeaderboardType, Period, Span  # noqa: E402
from social.models import ImpactScore, Standing  # noqa: E402
from social.scoring import FORMULA_VERSION  # noqa: E402

ENGINE = "number_guessing_game"
LINES_A_BATCH = 500
FIRST_STORIES = 2
"""The first gift, and the first level."""
WEBHOOK_SECRET = "whsec_of_the_measurement"  # noqa: S105  (of a provider made for the run)


@transaction.atomic
def seed(players: int, folder: str) -> int:
    """Open accounts with 1000 euros, scores and sign-ins, in bulk but with books that balance."""
    now = timezone.now()
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=f"player{n}@example.org",
            display_name=f"Player {n}",
            password=password,
            email_verified_at=now,
            created_at=now,
        )
        for n in range(players)
    )
    Preferences.objects.bulk_create(Preferences(user=user) for user in users)
    _fill_wallets(users, now)
    _put_on_boards(users, now)
    _open_onlus(now)
    payment_providers.configure(
        name="bench",
        provider_type="stripe",
        credentials={"secret_key": "sk_test_never_asked"},
        webhook_secret=WEBHOOK_SECRET,
        api_endpoint="http://127.0.0.1:9",
    )
    sync_games(now=now)
    device = sign_in.Device("bench", "127.0.0.1")
    tokens = {
        str(user.pk): sign_in.open_session(user=user, device=device, now=now).access_token for user in users
    }
    _tokens_file(folder).write_text(json.dumps(tokens))
    return players


def _fill_wallets(users: list[User], now: Any) -> None:
    amount, kind = Decimal("1000.00"), LedgerAccount.Kind.PLAYER_CREDITS
    pool = ledger.system_account(LedgerAccount.Kind.REWARD_POOL)
    funding.record_funding(
        sponsor=Sponsor.objects.create(name="Bench", created_at=now),
        amount=amount * (len(users) + 1000),
        purpose=Funding.Purpose.REWARD_POOL,
        received_on=rome_day(now),
        bank_reference="bench",
        recorded_by=None,
        now=now,
    )
    accounts = LedgerAccount.objects.bulk_create(
        LedgerAccount(player=user, kind=kind, balance=amount, held=0, version=2, created_at=now)
        for user in users
    )
    Transfer.objects.bulk_create(
        Transfer(
            transaction_id=new_id(),
            cause_id=uuid4(),
            debit_account_id=pool.pk,
            credit_account=account,
            amount=amount,
            kind=Transfer.Kind.BONUS,
            player_id=account.player_id,
            created_at=now,
        )
        for account in accounts
    )


def _put_on_boards(users: list[User], now: Any) -> None:
    scores = [Decimal(n % 99_000 + 1) / 100 for n in range(len(users))]
    ImpactScore.objects.bulk_create(
        ImpactScore(
            user=user, score=score, formula_version=FORMULA_VERSION, calculated_at=now, created_at=now
        )
        for user, score in zip(users, scores, strict=True)
    )
    spans = [Span.around(period, rome_day(now)) for period in Period]
    Standing.objects.bulk_create(
        Standing(
            user=user,
            leaderboard_type=LeaderboardType.GLOBAL_IMPACT,
            period=span.period,
            starts_on=span.first,
            score=score,
            baseline=0,
            reached_at=now,
            is_listed=True,
        )
        for span in spans
        for user, score in zip(users, scores, strict=True)
    )


def _open_onlus(now: Any) -> None:
    onlus = Onlus.objects.create(
        name="Amici del Parco",
        category=OnlusCategory.objects.get(pk="environment"),
        mission_statement="Trees for the city.",
        contact_email="info@amici.example",
        status=Onlus.Status.ACTIVE,
        verified_at=now,
        bank_account_verified_at=now,
        created_at=now,
    )
    ledger.onlus_account(onlus_id=onlus.pk, now=now)


# Requests --------------------------------------------------------------------------------------------------------


def requests(folder: str, each: int) -> int:
    """Write fresh requests for every flow, at most one per player for those that a player does once."""
    for flow, sent in _requests(folder, each).items():
        write(Path(folder), flow, sent)
    return each


def count_statements(folder: str) -> dict[str, Any]:
    return statements.count(_requests(folder, 3))


def _requests(folder: str, each: int) -> dict[str, list[Request]]:
    tokens: dict[str, str] = dict(list(json.loads(_tokens_file(folder).read_text()).items())[: 2 * each])
    first, second = list(tokens)[:each], list(tokens)[each:]
    board = f"/api/social/leaderboards/{LeaderboardType.GLOBAL_IMPACT}"
    game = Game.objects.get(engine_name=ENGINE)
    endings = list(_endings([UUID(player) for player in first], tokens, game))
    return {
        "register": [Request("POST", "/api/auth/register", body=_account()) for _ in range(each)],
        "login": [Request("POST", "/api/auth/login", body=_credentials(n)) for n in range(2 * each)],
        "wallet": [Request("GET", "/api/wallet", token) for token in tokens.values()],
        "leaderboard": [Request("GET", f"{board}?per_page=20", token) for token in tokens.values()],
        "rank": [Request("GET", "/api/social/impact-score/me", token) for token in tokens.values()],
        "games": [Request("GET", "/api/games", token) for token in tokens.values()],
        "end": endings,
        "start": [
            Request("POST", f"/api/games/{game.pk}/sessions", tokens[player], body={}) for player in second
        ],
        "donate": list(_donations(list(tokens.values()), Onlus.objects.get())),
        "webhook": [_notification() for _ in range(2 * each)],
    }


def _account() -> dict[str, str]:
    return {"email": f"{uuid4().hex}@example.org", "password": PASSWORD}


def _credentials(number: int) -> dict[str, str]:
    return {"email": f"player{number}@example.org", "password": PASSWORD}


def _notification() -> Request:
    """Sign one as Stripe does, about a payment nobody here knows: taking it in is what is measured."""
    body = json.dumps(
        {
            "id": f"evt_{uuid4().hex}",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": {"id": f"pi_{uuid4().hex}", "object": "payment_intent"}},
        }
    )
    signed_at = int(time.time())
    signature = hmac.new(WEBHOOK_SECRET.encode(), f"{signed_at}.{body}".encode(), "sha256").hexdigest()
    headers = {"X-Provider-Type": "stripe", "Stripe-Signature": f"t={signed_at},v1={signature}"}
    return Request("POST", "/api/payments/webhook", body=body, headers=headers)


def _donations(tokens: list[str], onlus: Onlus) -> Iterator[Request]:
    for token in tokens:
        body = {"amount": "0.01", "onlus_id": str(onlus.pk)}
        yield Request("POST", "/api/donations/create", token, uuid4().hex, body)


def _endings(players: list[UUID], tokens: dict[str, str], game: Game) -> Iterator[Request]:
    """Give every player a session with one move that has been running for half an hour."""
    now = timezone.now()
    GameSession.objects.open().update(
        status=GameSession.Status.ABANDONED, ended_at=now, running_since=None, updated_at=now
    )
    began, template = now - timedelta(minutes=30), _played(game)
    sessions = GameSession.objects.bulk_create(
        GameSession(
            user_id=player,
            game=game,
            started_at=began,
            running_since=began,
            last_seen_at=now,
            updated_at=now,
            **template,
        )
        for player in players
    )
    for session in sessions:
        path = f"/api/games/sessions/{session.pk}/end"
        yield Request("PUT", path, tokens[str(session.user_id)], uuid4().hex, {"reason": "completed"})


def _played(game: Game) -> dict[str, Any]:
    """Return the columns of a session in which one guess was made."""
    engine, played = registry().engines[game.engine_name], "5eed" * 16
    state = referee.begin(engine, seed=played, config={})
    step = referee.play(engine, seed=played, state=state, move={"guess": 50}, number=1)
    return {
        "seed": played,
        "engine_version": engine.manifest.version,
        "private_state": step.state,
        "current_state": referee.view(engine, step.state),
        "moves_count": 1,
    }


def _tokens_file(folder: str) -> Path:
    return Path(folder) / "tokens.json"


# Afterwards ------------------------------------------------------------------------------------------------------


def deliver_some(name: str, count: int) -> dict[str, Any]:
    """Carry waiting events of one name to all their handlers, and say how long one takes."""
    waiting = (
        Event.objects.filter(name=name, deliveries=None).order_by("pk").values_list("pk", flat=True)[:count]
    )
    events = list(waiting)
    started = time.perf_counter()
    for event_id in events:
        deliver(event_id)
    took = time.perf_counter() - started
    return {"events": len(events), "milliseconds": round(took * 1000 / max(len(events), 1), 2)}


def open_stories(count: int) -> dict[str, Any]:
    """Let players give their first ten euros, and say how soon after each gift the stories it opens were open."""
    onlus = Onlus.objects.get()
    opened = StoryUnlock.objects.values("user")
    waits = []
    for player in User.objects.exclude(pk__in=opened).order_by("pk")[:count]:
        giving.donate(donor=player, onlus_id=onlus.pk, amount=Decimal(10), now=timezone.now())
        own = Event.objects.filter(aggregate=str(player.pk))
        given = own.filter(name="donation_complete").latest("pk")
        deliver(given.pk)
        told = list(own.filter(name="story_unlocked").order_by("pk").values_list("recorded_at", flat=True))
        if len(told) < FIRST_STORIES:
            raise SystemExit("a gift of ten euros opened less than its two stories")
        waits.append((told[-1] - given.recorded_at) / timedelta(milliseconds=1))
    waits.sort()
    return {
        "gifts": len(waits),
        "median": round(waits[len(waits) // 2], 1),
        "of_a_hundred_95": round(waits[len(waits) * 95 // 100], 1),
    }


def print_receipts(count: int) -> dict[str, Any]:
    """Print the receipts that were issued so far, as they are downloaded, and say how long one takes."""
    issued = list(Receipt.objects.order_by("pk")[:count])
    printing.print_receipt(receipt=issued[0], language="it")  # the first page of a process loads the fonts
    started = time.perf_counter()
    for receipt in issued:
        printing.print_receipt(receipt=receipt, language="it")
    each = (time.perf_counter() - started) / len(issued)
    return {"milliseconds": round(each * 1000, 1), "a_second": round(1 / each, 1)}


def hand_in_batches(lines: int) -> int:
    """Hand in and release batches of a cent a player, and return how many lines wait."""
    onlus, players = (
        Onlus.objects.get(),
        list(User.objects.filter(is_staff=False).order_by("pk")[:LINES_A_BATCH]),
    )
    staff = [_member_of_staff(name) for name in ("anna", "bruno")]
    batches_needed = -(-lines // LINES_A_BATCH)
    for _ in range(batches_needed):
        _hand_in(players, onlus, *staff)
    return batches_needed * len(players)


def work_on_batches() -> dict[str, Any]:
    """Carry out lines, as one worker does, until none is left; say how many and between which moments."""
    began = time.time()
    done = batch_processing.work(clock=timezone.now)
    return {"lines": done, "began": began, "ended": time.time()}


def _member_of_staff(name: str) -> User:
    facts = {"display_name": name, "is_staff": True, "is_superuser": True}
    return User.objects.get_or_create(email=f"{name}@bench.example", defaults=facts)[0]


def _hand_in(players: list[User], onlus: Onlus, anna: User, bruno: User) -> None:
    now = timezone.now()
    drafts = [
        LineDraft(number=number, player_id=player.pk, onlus_id=onlus.pk, amount=Decimal("0.01"))
        for number, player in enumerate(players, start=1)
    ]
    batch = create_batch(operation_type="donations", lines=drafts, created_by=anna, now=now)
    asked = batches.request_release(batch=batch, requested_by=anna, reason="To be measured.", now=now)
    approve(request=asked, decided_by=bruno, now=now)
    batches.start(batch=batch, actor=anna, now=now)


def books() -> list[str]:
    """Return what contradicts what after the run: nothing, it is hoped."""
    return [str(each) for each in contradictions()]


STEPS = {
    step.__name__: step
    for step in (
        seed,
        requests,
        count_statements,
        deliver_some,
        open_stories,
        print_receipts,
        hand_in_batches,
        work_on_batches,
        books,
    )
}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](**json.loads(sys.argv[2]))))
