"""Months of play and giving, made by the same operations people use, told the dates of the past."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid5

from django.contrib.auth.models import Group

from accounts.models import Onlus, OnlusMembership, Preferences, User
from accounts.operations import onlus as registry
from donations.models import Bonus, Donation, Funding, LedgerAccount, SpecialEvent, Sponsor
from donations.operations import bonuses, funding, giving, ledger
from games import operations as games
from games.models import Game, GameSession
from goodplay.demo import logos, payouts, people
from goodplay.lib.events.delivery import deliver
from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from goodplay.lib.pictures import operations as pictures
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

    def staff(self, place: int) -> User:
        return User.objects.get(email=people.STAFF[place].email)

    def ago(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """Return a moment so many days ago, by the clock of Rome."""
        day = rome_day(self.now) - timedelta(days=days)
        return datetime.combine(day, time(hour, minute), ROME).astimezone(UTC)

    def settle(self, moment: datetime) -> None:
        """Deliver what was announced since the last time."""
        while waiting := list(
            Event.objects.filter(pk__gt=self.delivered_to).order_by("pk").values_list("pk", flat=True)
        ):
            for event_id in waiting:
                deliver(event_id, now=moment)
                self.delivered_to = event_id


Scene = tuple[datetime, Callable[[datetime], None]]
"""When something happens, and what."""


def open_house(history: History) -> None:
    """Make who was there before the first day: organisations, people, the sponsor's first money."""
    games.sync_games(now=history.start)
    _open_organisations(history)
    _open_accounts(history)
    payouts.verify_accounts(history.organisations, now=history.start)
    _fund_pool(history)
    _announce_campaign(history)


def visits(history: History) -> list[Scene]:
    """Say when who sits down to play, and perhaps to give."""
    return [(moment, partial(_visit, history, player)) for moment, player in _visits(history)]


def _visit(history: History, player: people.Player, moment: datetime) -> None:
    _play(history, player, moment)
    _perhaps_give(history, player, moment + timedelta(minutes=40))


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
        _put_up_logo(onlus, opened)
        if facts.is_verified:
            registry.verify_onlus(onlus=onlus, now=opened + timedelta(days=9))
            history.organisations.append(onlus)
    history.settle(history.start)


def _put_up_logo(onlus: Onlus, now: datetime) -> None:
    upload = logos.drawn(onlus.name)
    if upload is not None:
        named = f"Logo: {onlus.name}"
        logo = pictures.store(
            upload=upload, owner=onlus, uploaded_by=None, alt_it=named, alt_en=named, now=now
        )
        pictures.attach(target=onlus, picture_ids=[logo.pk], owner=onlus, now=now)


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


def open_portal(history: History) -> None:
    """Give the first organisation its seat in the portal: the end of the story, by which it is known to be told."""
    owner = _person(history, people.PORTAL_MEMBER, "Paola (Boschi di Domani)", preferred_language="it")
    registry.add_member(
        onlus=history.organisations[0], user=owner, role=OnlusMembership.Role.OWNER, now=history.start
    )


def is_begun() -> bool:
    return User.objects.filter(email=people.STAFF[0].email).exists()


def is_told() -> bool:
    return OnlusMembership.objects.filter(user__email=people.PORTAL_MEMBER).exists()


def _person(history: History, email: str, display_name: str, **columns: object) -> User:
    opened = history.start - timedelta(days=history.chance.randint(1, 20))
    dates = {"created_at": opened, "email_verified_at": opened + timedelta(minutes=11)}
    return User.objects.create_user(email, people.PASSWORD, display_name=display_name, **dates, **columns)


def _role(name: str) -> Group:
    return Group.objects.get(name=name)


def _fund_pool(history: History) -> None:
    """A sponsor's two instalments."""
    sponsor = Sponsor.objects.create(name=people.SPONSOR, created_at=history.start)
    for number, moment in enumerate((history.start, history.start + timedelta(weeks=history.weeks // 2)), 1):
        funding.record_funding(
            sponsor=sponsor,
            amount=FUNDED,
            purpose=Funding.Purpose.REWARD_POOL,
            received_on=rome_day(moment),
            bank_reference=f"GOODPLAY {number}/2",
            recorded_by=None,
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
        for days in range(history.weeks * 7):
            if history.chance.random() < player.weekly_sessions / 28:
                visits.append((_evening(history, rome_day(history.start) + timedelta(days=days)), player))
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
    if Bonus.objects.filter(transfer__cause_id=cause_id).exists():
        return
    bonuses.grant(
        player_id=user.pk,
        amount=history.chance.choice(PRIZES),
        source=Bonus.Source.TOURNAMENT,
        cause_id=cause_id,
        reason=f"Prize of {month:%B %Y}",
        now=moment,
    )


def _perhaps_give(history: History, player: people.Player, moment: datetime) -> None:
    user = history.players[player.email]
    kind = LedgerAccount.Kind.PLAYER_CREDITS
    account = ledger.player_account(player_id=user.pk, kind=kind, now=moment)
    amount = (account.available * player.generosity / 100).quantize(Decimal("0.10"))
    if account.is_frozen or amount < SMALLEST_GIFT or history.chance.random() > 0.6:
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
