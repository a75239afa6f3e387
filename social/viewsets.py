"""Impact scores and leaderboards over REST."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from goodplay.lib.api.pagination import Pagination
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import AccessDenied, DomainError
from goodplay.lib.ids import parse_id
from goodplay.lib.time import rome_day
from social import privacy, queries, serializers
from social.boards import LeaderboardType, Period

_PAGE = [
    OpenApiParameter("page", int, description="Page number, from 1."),
    OpenApiParameter("per_page", int, description="Rows on a page, at most 100; `limit` means the same."),
]


class ImpactScoreViewSet(ApiViewSet):
    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.ImpactScoreSerializer
    lookup_url_kwarg = "user_id"
    messages: ClassVar[dict[str, str]] = {
        "me": "IMPACT_SCORE_RETRIEVED_SUCCESS",
        "retrieve": "IMPACT_SCORE_RETRIEVED_SUCCESS",
        "history": "IMPACT_SCORE_HISTORY_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (queries.UserNotFound, AccessDenied)
    }

    @extend_schema(responses=serializers.ImpactScoreSerializer)
    @action(detail=False, methods=["get"])
    def me(self, request: Request) -> Response:
        """Show the caller's own impact score."""
        return Response(_score(_caller(request), is_own=True))

    @extend_schema(
        parameters=[OpenApiParameter("user_id", str, OpenApiParameter.PATH)],
        responses=serializers.ImpactScoreSerializer,
    )
    def retrieve(self, request: Request, user_id: str) -> Response:
        """Show a player's impact score, where they let others see it."""
        person_id = parse_id(user_id)
        settings = queries.privacy_of(person_id)
        is_own = person_id == _caller(request)
        if not (is_own or privacy.shows_score(settings)):
            raise AccessDenied
        return Response(_score(person_id, is_own=is_own, with_breakdown=privacy.shows_breakdown(settings)))

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description="How many days back: 1 to 90, usually 30.")],
        responses={
            200: serializers.ImpactScoreHistorySerializer,
            422: OpenApiResponse(description="VALIDATION_ERROR"),
        },
    )
    @action(detail=False, methods=["get"])
    def history(self, request: Request) -> Response:
        """Show the caller's score day by day."""
        asked = serializers.ScoreHistoryInput(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        today = rome_day(timezone.now())
        stored = queries.stored_score(_caller(request))
        rows = queries.score_history(_caller(request), days=asked.validated_data["days"], today=today)
        return Response(serializers.history_page(stored, rows))


class LeaderboardViewSet(ApiViewSet):
    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.SocialLeaderboardSerializer
    lookup_url_kwarg = "leaderboard_type"
    pagination_class = None  # the list is short; a board is paged by hand
    page_size = 50
    messages: ClassVar[dict[str, str]] = {
        "list": "LEADERBOARDS_RETRIEVED_SUCCESS",
        "retrieve": "LEADERBOARD_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (queries.InvalidLeaderboardType, queries.InvalidPeriod)
    }

    @extend_schema(responses=forced_singular_serializer(serializers.SocialLeaderboardsSerializer))
    def list(self, request: Request) -> Response:
        """List the leaderboards and their periods."""
        today = rome_day(timezone.now())
        figures = {
            (kind, period): queries.figures_of(queries.board_named(kind, period, today))
            for kind in LeaderboardType
            for period in Period
        }
        return Response(serializers.boards_page(figures))

    @extend_schema(
        parameters=[
            OpenApiParameter("leaderboard_type", str, OpenApiParameter.PATH, enum=LeaderboardType.values),
            OpenApiParameter("period", str, enum=Period.values, default=Period.ALL_TIME.value),
            *_PAGE,
        ],
        responses=serializers.SocialLeaderboardSerializer,
    )
    def retrieve(self, request: Request, leaderboard_type: str) -> Response:
        """Show a page of a leaderboard and the caller's own place."""
        period = request.query_params.get("period", Period.ALL_TIME)
        board = queries.board_named(leaderboard_type, period, rome_day(timezone.now()))
        figures = queries.figures_of(board)
        pages = Pagination()
        rows = pages.paginate_queryset(queries.Places(board, figures), request, self)
        return Response(
            serializers.board_row(
                board,
                figures,
                [serializers.entry_row(row) for row in rows],
                pages.summary(),
                queries.position_on(board, _caller(request), figures.ladder),
            )
        )


def _caller(request: Request) -> Any:
    """Return who is signed in; these reads know no more than the token's key."""
    return request.user.pk


def _score(user_id: Any, *, is_own: bool, with_breakdown: bool = True) -> dict[str, Any]:
    today = rome_day(timezone.now())
    return serializers.score_row(
        user_id,
        queries.stored_score(user_id),
        ranks=queries.ranks_of(user_id, today),
        history=queries.score_history(user_id, days=serializers.TREND_DAYS, today=today),
        is_own=is_own,
        with_breakdown=with_breakdown,
    )
