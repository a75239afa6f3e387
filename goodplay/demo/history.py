"""Months of play and giving, made by the same operations people use, told the dates of the past."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.contrib.auth.models import Group

from accounts.models import Onlus, OnlusMembership, Preferences, User
from accounts.operations import onlus as registry
from donations.models import Donation, LedgerAccount, SpecialEvent, Transfer
from donations.operations import giving, ledger
from games import operations as games
from games.models import Game, GameSession
from goodplay.demo import people
from goodplay.lib.events.delivery import deliver
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from goodplay.lib.time import ROME, day_start, month_start, rome_day

SMALLEST_GIFT = Decimal("1.00")
FUNDED = Decimal("2500.00")
PRIZES = tuple(Decimal(prize) for prize in ("5.00", "7.50", "10.00", "15.00", "25.00"))
_BONUS = UUID("0192a3b4-0000-7000-8000-64656d6f0001")
MESSAGES = (
    "",
    "",
    "Forza!",
    "Per i nostri nipoti.",
    "Keep going!",
    "Un piccolo gesto.",
    "Grazie per quello che fate.",
)


@dataclass
class History:
    """The demo's story so far. Events are delivered as they happen, with the dates they happened on."""

    now: datetime
    weeks: int
    chance: random.Random = field(default_factory=lambda: random.Random(20260101))  # noqa: S311  (the same demo each time)
    delivered_to: UUID = field(default_factory=new_id)
    players: dict[str, User] = field(default_factory=dict)
    organisations: list[Onlus] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        return self.now - timedelta(weeks=self.weeks)

    def settle(self, moment: datetime) -> None:
        """Deliver what was announced since the last time."""
        while waiting := list(
            Event.objects.filter(pk__gt=self.delivered_to).order_by("pk").values_list("pk", flat=True)
        ):
            for event_id in waiting:
                deliver(event_id, now=moment)
                self.delivered_to = event_id


def tell(*, now: datetime, weeks: int) -> None:
    """Make everything of the last `weeks` weeks, in the order it would have happened."""
    history = History(now=now, weeks=weeks)
    games.sync_games(now=history.start)
    _open_organisations(history)
    _open_accounts(history)
    _fund_pool(history)
    _announce_campaign(history)
    for moment, player in _visits(history):
        _play(history, player, moment)
        _perhaps_give(history, player, moment + timedelta(minutes=40))
    history.settle(now)


def _open_organisations(history: History) -> None:
    for place, facts in enumerate(people.ORGANISATIONS):
        opened = history.start - timedelta(days=200 - 7 * place)
        onlus = Onlus.objects.create(
            name=facts.name,
            legal_name=facts.legal_name,
            category_id=facts.category,
            mission_statement=facts.mission,
            contact_email=f"info@{facts.slug}.example",
            website_url=f"https://www.{facts.slug}.example",
            city=facts.city,
            region=facts.region,
            runts_section=facts.section,
            runts_number=facts.runts_number,
            tax_id=facts.tax_id,
            bank_account_verified_at=opened if facts.is_verified else None,
            created_at=opened,
        )
        if facts.is_verified:
            registry.verify_onlus(onlus=onlus, now=opened + timedelta(days=9))
            history.organisations.append(onlus)
    history.settle(history.start)


def _open_accounts(history: History) -> None:
    for player in people.PLAYERS:
        columns = {
            "first_name": player.first_name,
            "last_name": player.last_name,
            "preferred_language": player.language,
        }
        user = _person(history, player.email, player.display_name, **columns)
        preferences = Preferences(user=user)
        preferences.privacy["leaderboard_participation"] = player.is_listed
        preferences.save()
        history.players[player.email] = user
    for member in people.STAFF:
        staff = _person(history, member.email, member.display_name, is_staff=True)
        staff.groups.add(_role(member.role))
    owner = _person(history, people.PORTAL_MEMBER, "Paola (Boschi di Domani)", preferred_language="it")
    registry.add_member(
        onlus=history.organisations[0], user=owner, role=OnlusMembership.Role.OWNER, now=history.start
    )


def _person(history: History, email: str, display_name: str, **columns: object) -> User:
    opened = history.start - timedelta(days=history.chance.randint(1, 20))
    dates = {"created_at": opened, "email_verified_at": opened + timedelta(minutes=11)}
    return User.objects.create_user(email, people.PASSWORD, display_name=display_name, **dates, **columns)


def _role(name: str) -> Group:
    return Group.objects.get(name=name)


def _fund_pool(history: History) -> None:
    """A sponsor's two instalments."""
    for moment in (history.start, history.start + timedelta(weeks=history.weeks // 2)):
        cause = ledger.Cause(new_id(), new_id(), Transfer.Kind.FUNDING, reason="Sponsor instalment")
        ledger.move(
            debit=ledger.system_account(LedgerAccount.Kind.SPONSOR),
            credit=ledger.system_account(LedgerAccount.Kind.REWARD_POOL),
            amount=FUNDED,
            cause=cause,
            now=moment,
        )


def _announce_campaign(history: History) -> None:
    begins = day_start(rome_day(history.now - timedelta(weeks=9)))
    SpecialEvent.objects.create(
        code="settimana-del-dono",
        name="Settimana del dono",
        kind=SpecialEvent.Kind.COMMUNITY_GOAL,
        starts_at=begins,
        ends_at=begins + timedelta(days=7),
    )


def _visits(history: History) -> Iterator[tuple[datetime, people.Player]]:
    """Yield when somebody sits down to play, oldest first."""
    visits = []
    for player in people.PLAYERS:
        for week in range(history.weeks):
            for weekday in history.chance.sample(range(7), player.weekly_sessions // 2 + 1):
                day = rome_day(history.start) + timedelta(days=7 * week + weekday)
                visits.append((_evening(history, day), player))
    return iter(
        sorted((visit for visit in visits if visit[0] < history.now - timedelta(hours=3)), key=lambda v: v[0])
    )


def _evening(history: History, day: date) -> datetime:
    return datetime.combine(day, time(history.chance.randint(9, 21), history.chance.randint(0, 59)), ROME)


def _play(history: History, player: people.Player, moment: datetime) -> None:
    """Play one session, sometimes well and sometimes badly, and end it."""
    user, game = history.players[player.email], Game.objects.get(engine_name="number_guessing_game")
    session = games.start_session(player=user, game=game, now=moment)
    minutes = history.chance.randint(3, 26)
    for guess in _guesses(history, session):
        games.play_move(player=user, session_id=session.pk, move={"guess": guess}, now=moment)
    moment = _linger(user, session, moment, minutes)
    reason = "completed" if history.chance.random() < 0.93 else "abandoned"
    games.end_session(player=user, session_id=session.pk, reason=reason, now=moment)
    if history.chance.random() < 0.15:
        _award_prize(history, user, moment)
    history.settle(moment)


def _guesses(history: History, session: GameSession) -> list[int]:
    """Halve the range as people do, with a slip now and then."""
    lowest, highest, secret = 1, 100, session.private_state["secret"]
    guesses: list[int] = []
    while len(guesses) < 10 and secret not in guesses:
        middle = (lowest + highest) // 2 + history.chance.randint(-2, 2)
        guesses.append(max(lowest, min(highest, middle)))
        lowest, highest = (guesses[-1] + 1, highest) if guesses[-1] < secret else (lowest, guesses[-1] - 1)
    return guesses


def _linger(user: User, session: GameSession, moment: datetime, minutes: int) -> datetime:
    """Stay in the game for so many minutes: a call every four keeps the clock running."""
    until = moment + timedelta(minutes=minutes)
    while moment + timedelta(minutes=4) < until:
        moment += timedelta(minutes=4)
        games.pause_session(player=user, session_id=session.pk, now=moment)
        games.resume_session(player=user, session_id=session.pk, now=moment)
    return until


def _award_prize(history: History, user: User, moment: datetime) -> None:
    """One prize a month at most: the cause is the player's month."""
    month = month_start(rome_day(moment))
    cause_id = uuid5(_BONUS, f"{user.pk}{month}")
    if Transfer.objects.filter(cause_id=cause_id).exists():
        return
    ledger.move(
        debit=ledger.system_account(LedgerAccount.Kind.REWARD_POOL),
        credit=ledger.player_account(player_id=user.pk, kind=LedgerAccount.Kind.PLAYER_CREDITS, now=moment),
        amount=history.chance.choice(PRIZES),
        cause=ledger.Cause(new_id(), cause_id, Transfer.Kind.BONUS, user.pk, f"Prize of {month:%B %Y}"),
        now=moment,
    )


def _perhaps_give(history: History, player: people.Player, moment: datetime) -> None:
    user = history.players[player.email]
    kind = LedgerAccount.Kind.PLAYER_CREDITS
    account = ledger.player_account(player_id=user.pk, kind=kind, now=moment)
    amount = (account.available * player.generosity / 100).quantize(Decimal("0.10"))
    if amount < SMALLEST_GIFT or history.chance.random() > 0.6:
        return
    giving.donate(
        donor=user,
        onlus_id=_favourite(history, player).pk,
        amount=amount,
        message=history.chance.choice(MESSAGES),
        is_anonymous=history.chance.random() < 0.2,
        origin=Donation.Origin.USER_INITIATED,
        now=moment,
    )
    history.settle(moment)


def _favourite(history: History, player: people.Player) -> Onlus:
    """Mostly the same two or three organisations for each player."""
    liked = history.organisations[len(player.last_name) % 6 :][:3]
    return history.chance.choice(liked if history.chance.random() < 0.8 else history.organisations)


def is_told() -> bool:
    return User.objects.filter(email=people.STAFF[0].email).exists()
