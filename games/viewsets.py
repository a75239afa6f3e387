"""Catalogue and play over REST."""

from collections.abc import Callable
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.authentication import StatelessTokenAuthentication, TokenAuthentication
from accounts.models import User
from games import operations, queries, serializers
from games.engines.registry import find
from games.models import Game, GameSession
from games.signals import session_end_shown
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent_then
from goodplay.lib.ids import parse_id

Answer = type[BaseSerializer[Any]]


class GameViewSet(mixins.ListModelMixin, ApiViewSet):
    """What can be played. Open to everybody."""

    permission_classes = [AllowAny]
    authentication_classes = []
    serializer_class = serializers.GameSerializer
    results_key = "games"
    messages: ClassVar[dict[str, str]] = {
        "list": "GAMES_RETRIEVED_SUCCESS",
        "retrieve": "GAME_INFO_RETRIEVED_SUCCESS",
        "search": "GAMES_SEARCH_SUCCESS",
        "categories": "GAME_CATEGORIES_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"retrieve": (operations.GameNotFound,)}

    def get_queryset(self) -> QuerySet[Any, Any]:
        return queries.catalogue(**_query(self.request, serializers.CatalogueInput))

    @extend_schema(parameters=[serializers.CatalogueInput])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the games of the catalogue."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=serializers.GameDetailSerializer)
    def retrieve(self, request: Request, game_id: str) -> Response:
        """Show one game with its rules."""
        game = _game(game_id)
        shown = {"game": game, "plugin_info": find(game.engine_name), "rules": game}
        return Response(serializers.GameDetailSerializer(shown).data)

    @extend_schema(parameters=[serializers.SearchInput], responses=serializers.GameSearchSerializer)
    def search(self, request: Request) -> Response:
        """Find games by words in name or description."""
        query = _query(request, serializers.SearchInput)
        games = queries.games_matching(query["q"], active_only=query["active_only"])
        shown = {"games": games, "query": query["q"], "count": len(games)}
        return Response(serializers.GameSearchSerializer(shown).data)

    @extend_schema(responses=serializers.GameCategoriesSerializer)
    def categories(self, request: Request) -> Response:
        """List the categories and how many games each has."""
        rows = queries.categories()
        shown = {"categories": rows, "total_categories": len(rows)}
        return Response(serializers.GameCategoriesSerializer(shown).data)


_OWNER = (operations.SessionNotFound,)


class SessionViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in player's own sessions; everybody else's are not there."""

    serializer_class = serializers.GameSessionSerializer
    results_key = "sessions"
    messages: ClassVar[dict[str, str]] = {
        "start": "GAME_SESSION_STARTED_SUCCESS",
        "retrieve": "SESSION_RETRIEVED_SUCCESS",
        "list": "USER_SESSIONS_RETRIEVED_SUCCESS",
        "active": "ACTIVE_SESSIONS_RETRIEVED_SUCCESS",
        "stats": "USER_SESSION_STATS_RETRIEVED_SUCCESS",
        "moves": "MOVE_VALIDATED_SUCCESS",
        "pause": "SESSION_PAUSED_SUCCESS",
        "resume": "SESSION_RESUMED_SUCCESS",
        "end": "GAME_SESSION_ENDED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "start": (
            operations.GameNotFound,
            operations.GamePluginNotFound,
            operations.GameNotActive,
            operations.ActiveSessionExists,
            operations.SessionStartRefused,
        ),
        "retrieve": _OWNER,
        "moves": (
            *_OWNER,
            operations.GamePluginNotFound,
            operations.SessionNotActive,
            operations.InvalidMove,
            operations.ClientMoveIdReused,
        ),
        "pause": (*_OWNER, operations.SessionNotActive),
        "resume": (*_OWNER, operations.SessionNotPaused),
        "end": (*_OWNER, operations.GamePluginNotFound, operations.SessionAlreadyEnded),
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Reading trusts the token; playing, which pays, asks whether its sign-in still lives."""
        reading = self.request is None or self.request.method in SAFE_METHODS
        return [StatelessTokenAuthentication() if reading else TokenAuthentication()]

    def get_queryset(self) -> QuerySet[Any, Any]:
        query = _query(self.request, serializers.SessionListInput)
        return queries.sessions_of(_player(self.request).pk, **query)

    def get_serializer_context(self) -> dict[str, Any]:
        """Times are shown as of one moment; lists show the game with each session."""
        games: dict[str, Any] = {"written_games": {}} if self.action in {"list", "active"} else {}
        return {**super().get_serializer_context(), "now": timezone.now(), **games}

    @extend_schema(parameters=[serializers.SessionListInput])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the sessions, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=serializers.SessionAndGameSerializer)
    def retrieve(self, request: Request, session_id: str) -> Response:
        """Show one session with its game."""
        own = queries.sessions_of(_player(request).pk)
        session = own.filter(pk=_session_id(session_id)).first()
        if session is None:
            raise operations.SessionNotFound
        return self._show(serializers.SessionAndGameSerializer, session=session, game=session.game)

    @extend_schema(responses=serializers.OpenSessionsSerializer)
    def active(self, request: Request) -> Response:
        """List the sessions that are running or paused."""
        running, paused = queries.open_sessions_of(_player(request).pk)
        both = sorted([*running, *paused], key=lambda session: session.updated_at, reverse=True)
        return self._show(
            serializers.OpenSessionsSerializer,
            active_sessions=running,
            paused_sessions=paused,
            all_sessions=both,
            total_count=len(both),
        )

    @extend_schema(responses=serializers.SessionStatsSerializer)
    def stats(self, request: Request) -> Response:
        """Count sessions, scores and credits by status."""
        return self._show(
            serializers.SessionStatsSerializer, **queries.session_statistics(_player(request).pk)
        )

    @extend_schema(
        request=serializers.StartSessionInput, responses={201: serializers.SessionAndGameSerializer}
    )
    def start(self, request: Request, game_id: str) -> Response:
        """Start a session of a game."""
        game, body = _game(game_id), _body(request, serializers.StartSessionInput)
        try:
            session = operations.start_session(
                player=_player(request),
                game=game,
                config=body.get("session_config", body.get("game_config", {})),
                device=body.get("device_info") or {"device_type": "unknown", **_device(request)},
                now=timezone.now(),
            )
        except operations.ActiveSessionExists as refusal:
            open_session = serializers.GameSessionSerializer(
                refusal.session, context=self.get_serializer_context()
            )
            refusal.data = {"existing_session": open_session.data}
            raise
        return self._show(serializers.SessionAndGameSerializer, 201, session=session, game=game)

    @extend_schema(request=serializers.MoveInput, responses=serializers.MoveAnswerSerializer)
    def moves(self, request: Request, session_id: str) -> Response:
        """Make a move; the server judges it."""
        move = operations.play_move(
            player=_player(request),
            session_id=_session_id(session_id),
            now=timezone.now(),
            **_body(request, serializers.MoveInput),
        )
        return Response(serializers.MoveAnswerSerializer(move).data)

    @extend_schema(request=None, responses=serializers.SessionAnswerSerializer)
    def pause(self, request: Request, session_id: str) -> Response:
        """Stop the clock."""
        session = operations.pause_session(**self._call(request, session_id))
        return self._show(serializers.SessionAnswerSerializer, session=session)

    @extend_schema(request=None, responses=serializers.SessionAnswerSerializer)
    def resume(self, request: Request, session_id: str) -> Response:
        """Start the clock again."""
        session = operations.resume_session(**self._call(request, session_id))
        return self._show(serializers.SessionAnswerSerializer, session=session)

    @extend_schema(request=serializers.EndSessionInput, responses=serializers.EndedSessionSerializer)
    @idempotent_then
    def end(self, request: Request, session_id: str) -> tuple[Response, Callable[[], dict[str, Any]]]:
        """End the session; its credits are in the wallet with this answer."""
        body = _body(request, serializers.EndSessionInput)
        session = operations.end_session(**self._call(request, session_id), **body)
        answer = self._show(serializers.EndedSessionSerializer, session=session, session_result=session)
        return answer, lambda: _more_about(session)

    def _call(self, request: Request, session_id: str) -> dict[str, Any]:
        return {
            "player": _player(request),
            "session_id": _session_id(session_id),
            "device": _device(request),
            "now": timezone.now(),
        }

    def _show(self, serializer: Answer, status: int = 200, /, **shown: Any) -> Response:
        return Response(serializer(shown, context=self.get_serializer_context()).data, status=status)


def _more_about(session: GameSession) -> dict[str, Any]:
    """Ask what followed from the end. Django logs a receiver that fails: the session is ended all the same."""
    told = session_end_shown.send_robust(sender=GameSession, session=session, now=timezone.now())
    return {key: value for _receiver, more in told if isinstance(more, dict) for key, value in more.items()}


def _player(request: Request) -> User:
    return cast(User, request.user)


def _game(game_id: str) -> Game:
    game = queries.game(parse_id(game_id))
    if game is None:
        raise operations.GameNotFound
    return game


def _session_id(text: str) -> UUID:
    session_id = parse_id(text)
    if session_id is None:
        raise operations.SessionNotFound
    return session_id


def _body(request: Request, serializer: Answer) -> dict[str, Any]:
    return _valid(serializer(data=request.data))


def _query(request: Request, serializer: Answer) -> dict[str, Any]:
    return _valid(serializer(data=request.query_params.dict()))


def _valid(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


_DEVICE_HEADERS = {
    "device_id": "X-Device-ID",
    "device_type": "X-Device-Type",
    "app_version": "X-App-Version",
    "platform": "X-Platform",
    "user_agent": "User-Agent",
}
_LONGEST_HEADER = 200


def _device(request: Request) -> dict[str, str]:
    """Read what the client says of its device; the text is kept, never believed."""
    said = {
        name: "".join(sign for sign in request.headers.get(header, "") if sign.isprintable())
        for name, header in _DEVICE_HEADERS.items()
    }
    return {name: text[:_LONGEST_HEADER] for name, text in said.items() if text}
