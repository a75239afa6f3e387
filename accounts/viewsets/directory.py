"""The directory of organisations over REST, for everybody. Lists are bare arrays."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Onlus
from accounts.queries import directory
from accounts.queries.logos import public_logos_of
from accounts.serializers import directory as serializers
from goodplay.lib.api.pagination import MOST_ROWS
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.ids import parse_id

_LIMIT = OpenApiParameter("limit", int, description="At most so many, 100 in any case.")
_CATEGORY = OpenApiParameter("category", str, description="Only this category's code.")
_ROWS = serializers.OnlusRowSerializer(many=True)


class OnlusNotFound(NotFound):
    code = "ORGANIZATION_NOT_FOUND"


class OnlusNotPublic(NotFound):
    code = "ORGANIZATION_NOT_PUBLIC"
    message = _("This organisation is not in the directory at the moment.")


class CategoryNotFound(NotFound):
    code = "CATEGORY_NOT_FOUND"
    message = _("There is no such field of work.")


class SearchQueryRequired(DomainError):
    code = "SEARCH_QUERY_REQUIRED"
    message = _("Say what to look for: two letters at least.")


class DirectoryViewSet(ApiViewSet):
    """The public directory: only verified, active organisations."""

    permission_classes = [AllowAny]
    authentication_classes = []
    pagination_class = None
    serializer_class = serializers.OnlusRowSerializer
    lookup_url_kwarg = "onlus_id"
    messages: ClassVar[dict[str, str]] = {
        "list": "PUBLIC_ORGANIZATIONS_RETRIEVED_SUCCESS",
        "retrieve": "ORGANIZATION_RETRIEVED_SUCCESS",
        "featured": "PUBLIC_ORGANIZATIONS_RETRIEVED_SUCCESS",
        "top_rated": "TOP_RATED_ORGANIZATIONS_RETRIEVED_SUCCESS",
        "recent": "RECENT_ORGANIZATIONS_RETRIEVED_SUCCESS",
        "search": "ORGANIZATION_SEARCH_SUCCESS",
        "categories": "CATEGORIES_RETRIEVED_SUCCESS",
        "category": "CATEGORY_ORGANIZATIONS_RETRIEVED_SUCCESS",
        "statistics": "PUBLIC_STATISTICS_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "list": (SearchQueryRequired,),
        "retrieve": (OnlusNotFound, OnlusNotPublic),
        "search": (SearchQueryRequired,),
        "category": (CategoryNotFound,),
    }

    def get_queryset(self) -> Any:
        return directory.public()

    @extend_schema(
        operation_id="onlus_organizations_list",
        parameters=[
            _CATEGORY,
            OpenApiParameter("featured", bool, description="Only those shown first, or only the others."),
            OpenApiParameter(
                "search", str, description="A name, a town or words of the mission, also misspelt."
            ),
            _LIMIT,
        ],
        responses=_ROWS,
    )
    def list(self, request: Request) -> Response:
        """List the organisations that can be given to, the latest verified first."""
        query = request.query_params
        wanted: dict[str, Any] = {
            "category": query.get("category", ""),
            "featured": _flag(query.get("featured")),
            "now": timezone.now(),
        }
        most = self._number("limit", default=50)
        if "search" in query:
            return self._told(directory.found(_words(query["search"]), most=most, **wanted))
        return self._told(directory.directory(**wanted)[:most])

    @extend_schema(responses=serializers.OnlusSerializer)
    def retrieve(self, request: Request, onlus_id: str) -> Response:
        """Show one organisation."""
        row = Onlus.objects.only(*directory.COLUMNS).filter(pk=parse_id(onlus_id)).first()
        if row is None or row.verified_at is None:
            raise OnlusNotFound
        if row.status != Onlus.Status.ACTIVE:
            raise OnlusNotPublic
        return Response(serializers.OnlusSerializer(row, context=_logos([row])).data)

    @extend_schema(operation_id="onlus_organizations_featured", parameters=[_LIMIT], responses=_ROWS)
    def featured(self, request: Request) -> Response:
        """List the organisations that are shown first."""
        return self._told(directory.featured(timezone.now())[: self._number("limit", default=50)])

    @extend_schema(operation_id="onlus_organizations_top_rated", parameters=[_LIMIT], responses=_ROWS)
    def top_rated(self, request: Request) -> Response:
        """List those whose donors rate them 4 or more of 5, the best first."""
        return self._told(directory.top_rated()[: self._number("limit", default=10)])

    @extend_schema(
        operation_id="onlus_organizations_recent",
        parameters=[
            OpenApiParameter("days", int, description="Verified within so many days; 30 if not said.")
        ],
        responses=serializers.RecentOnlusSerializer(many=True),
    )
    def recent(self, request: Request) -> Response:
        """List the organisations that were verified lately, twenty at most."""
        days = self._number("days", default=30, most=3650)
        rows = list(directory.recent(days=days, now=timezone.now()))
        return Response(serializers.RecentOnlusSerializer(rows, many=True, context=_logos(rows)).data)

    @extend_schema(
        operation_id="onlus_organizations_search",
        parameters=[
            OpenApiParameter("q", str, required=True, description="Two letters at least; may be misspelt."),
            _CATEGORY,
            _LIMIT,
        ],
        responses=_ROWS,
    )
    def search(self, request: Request) -> Response:
        """Find organisations by name, town or mission, the likest first."""
        query = request.query_params
        rows = directory.found(
            _words(query.get("q", "")),
            most=self._number("limit", default=20),
            category=query.get("category", ""),
            now=timezone.now(),
        )
        return self._told(rows)

    @extend_schema(
        operation_id="onlus_categories_list", responses=serializers.OnlusCategorySerializer(many=True)
    )
    def categories(self, request: Request) -> Response:
        """List the fields of work, and what each asks of organisations that apply."""
        return Response(serializers.OnlusCategorySerializer(directory.categories(), many=True).data)

    @extend_schema(operation_id="onlus_categories_organizations", parameters=[_LIMIT], responses=_ROWS)
    def category(self, request: Request, category: str) -> Response:
        """List a category's organisations, the best rated first."""
        if directory.category(category) is None:
            raise CategoryNotFound
        return self._told(directory.in_category(category)[: self._number("limit", default=50)])

    @extend_schema(responses=serializers.StatisticsSerializer)
    def statistics(self, request: Request) -> Response:
        """Sum the directory up."""
        return Response(serializers.StatisticsSerializer(directory.statistics(timezone.now())).data)

    def _told(self, found: Iterable[Onlus]) -> Response:
        rows = list(found)
        return Response(serializers.OnlusRowSerializer(rows, many=True, context=_logos(rows)).data)

    def _number(self, name: str, *, default: int, most: int = MOST_ROWS) -> int:
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) < 1:
            raise ValidationError({name: [_("Send a whole number.")]}, code="INVALID_LIMIT_VALUE")
        return min(int(text), most)


def _logos(rows: list[Onlus]) -> dict[str, Any]:
    return {"logos": public_logos_of(row.pk for row in rows)}


def _words(text: str) -> str:
    words = " ".join(text.split())[:100]
    if len(words) < directory.LEAST_SEARCHED:
        raise SearchQueryRequired
    return words


def _flag(text: str | None) -> bool | None:
    return None if text is None else text.lower() in {"true", "1", "yes"}
