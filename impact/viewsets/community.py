"""What everybody achieved."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication, TokenAuthentication
from accounts.models import User
from goodplay.lib.api.permissions import insist_on_proof, staff_with
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.requests import client_address
from goodplay.lib.time import rome_day
from impact.caches import kept_dashboard
from impact.models import CommunityReport
from impact.operations import reports
from impact.queries import community, dashboard, leaderboard
from impact.queries.reports import published_report
from impact.serializers import community as community_shapes
from impact.viewsets.asking import asked_of

FIRST_YEAR, LAST_YEAR = 2020, 2030


class InvalidMonth(DomainError):
    code = "INVALID_MONTH"
    message = _("Months go from 1 to 12.")


class InvalidYear(DomainError):
    code = "INVALID_YEAR"
    message = _("There are reports from 2020 on.")


class ReportNotFound(NotFound):
    code = "REPORT_NOT_FOUND"
    message = _("There is no published report of this period.")


class CommunityViewSet(ApiViewSet):
    """What everybody achieved. Public."""

    authentication_classes = [StatelessTokenAuthentication]
    permission_classes = [AllowAny]
    serializer_class = community_shapes.ReportSerializer
    messages: ClassVar[dict[str, str]] = {
        "statistics": "COMMUNITY_STATS_SUCCESS",
        "leaderboard": "LEADERBOARD_SUCCESS",
        "dashboard": "DASHBOARD_DATA_SUCCESS",
    }

    @extend_schema(responses=community_shapes.CommunityStatisticsSerializer)
    def statistics(self, request: Request) -> Response:
        picture = community.community_statistics(timezone.now())
        report = community_shapes.ReportSerializer(picture.report).data
        totals = community_shapes.CommunityTotalsSerializer(picture.totals).data
        return Response({**report, **totals})

    @extend_schema(
        parameters=[community_shapes.LeaderboardQuery], responses=community_shapes.DonorLeaderboardSerializer
    )
    def leaderboard(self, request: Request) -> Response:
        """List the top donors who chose to be seen, and the top ONLUS; with a token, the caller's own place too."""
        asked, now = asked_of(community_shapes.LeaderboardQuery, request), timezone.now()
        period, metric, limit = asked["period"], asked["metric"], asked["limit"]
        donors = leaderboard.top_donors(period, metric, limit=limit, now=now)
        signed_in = request.user.is_authenticated
        shown = {
            "period": period,
            "metric": metric,
            "top_donors": donors,
            "leaderboard": donors,
            "top_onlus": leaderboard.top_organisations(period, limit=limit, now=now),
            "user_position": leaderboard.own_position(self.caller_id, period, metric, now=now)
            if signed_in
            else None,
            "generated_at": now,
        }
        return Response(community_shapes.DonorLeaderboardSerializer(shown).data)

    @extend_schema(
        parameters=[community_shapes.DashboardQuery], responses=community_shapes.WholeDashboardSerializer
    )
    def dashboard(self, request: Request) -> Response:
        """Show the first screen: the platform for everybody and, with a token, the caller's own beside it."""
        asked = asked_of(community_shapes.DashboardQuery, request)
        shown = community_shapes.DashboardSerializer(dashboard.community_dashboard(timezone.now())).data
        person = self._person(asked["user_id"])
        own = kept_dashboard(person, lambda: dashboard.own_dashboard(person)) if person else None
        return Response(
            {
                **shown,
                "user_summary": community_shapes.UserSummarySerializer(own["user_summary"]).data
                if own
                else None,
                "next_milestones": community_shapes.NextMilestoneSerializer(
                    own["next_milestones"], many=True
                ).data
                if own
                else None,
            }
        )

    def _person(self, asked: UUID | None) -> UUID | None:
        """Say whose own blocks are shown: the caller's; for staff who may see donors, whose they ask for."""
        if not self.request.user.is_authenticated:
            return None
        if asked is None or asked == self.caller_id or not self.caller.is_staff:
            return self.caller_id
        if not self._sees_donors():
            return self.caller_id
        return asked if User.objects.filter(pk=asked).exists() else self.caller_id

    def _sees_donors(self) -> bool:
        """Ask the living sign-in, not the token: the right may be gone, and the second step is kept with it."""
        living = TokenAuthentication().authenticate(self.request)
        if living is None or not (living[0].is_staff and living[0].has_perm("donations.view_donation")):
            return False
        self.request.user, self.request.auth = living
        insist_on_proof(self.request)
        return True


class ReportViewSet(ApiViewSet):
    """Published reports of months and years. Public."""

    authentication_classes = [StatelessTokenAuthentication]
    permission_classes = [AllowAny]
    serializer_class = community_shapes.ReportSerializer
    messages: ClassVar[dict[str, str]] = {
        "monthly": "MONTHLY_REPORT_SUCCESS",
        "annual": "ANNUAL_REPORT_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "monthly": (InvalidMonth, InvalidYear, ReportNotFound),
        "annual": (InvalidYear, ReportNotFound),
    }

    @extend_schema(
        parameters=[community_shapes.ReportQuery], responses=community_shapes.DetailedReportSerializer
    )
    def monthly(self, request: Request, year: str, month: str) -> Response:
        """Show the report of a month. The breakdowns are in it when asked for."""
        if _number(month) not in range(1, 13):
            raise InvalidMonth
        return self._answer(request, CommunityReport.Type.MONTHLY, f"{_year(year)}-{_number(month):02}")

    @extend_schema(
        parameters=[community_shapes.ReportQuery], responses=community_shapes.DetailedReportSerializer
    )
    def annual(self, request: Request, year: str) -> Response:
        """Show the report of a year. The breakdowns are in it when asked for."""
        return self._answer(request, CommunityReport.Type.ANNUAL, str(_year(year)))

    def _answer(self, request: Request, report_type: str, name: str) -> Response:
        asked = asked_of(community_shapes.ReportQuery, request)
        report = published_report(report_type, name)
        if report is None:
            raise ReportNotFound
        whole = asked["detailed"] or getattr(request.user, "is_staff", False)
        shape = community_shapes.DetailedReportSerializer if whole else community_shapes.ReportSerializer
        return Response(shape(report).data)


class ReportMakingViewSet(ApiViewSet):
    """Reports made at the word of staff."""

    permission_classes = [staff_with("impact.change_communityreport")]
    serializer_class = community_shapes.GenerateReportSerializer
    messages: ClassVar[dict[str, str]] = {"generate": "COMMUNITY_REPORT_GENERATED"}
    also_says: ClassVar[dict[str, dict[int, str]]] = {"generate": {200: "REAL_TIME_REPORT_GENERATED"}}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "generate": (reports.PeriodNotOver, reports.ReportUnderWay),
    }

    @extend_schema(responses=community_shapes.DetailedReportSerializer)
    def generate(self, request: Request) -> Response:
        """Make the picture of today so far, or the report of a period that is over, which staff then publish."""
        asked, now = self.body(), timezone.now()
        if asked["report_type"] in community_shapes.GenerateReportSerializer.TODAY:
            report = community.community_statistics(now).report
            return answer(
                community_shapes.ReportSerializer(report).data, message="REAL_TIME_REPORT_GENERATED"
            )
        report = reports.generate(
            period=reports.regular_period(asked["report_type"], asked["date"], now),
            actor=self.caller,
            reason="",
            address=client_address(request),
            now=now,
        )
        return Response(community_shapes.DetailedReportSerializer(report).data)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("2026") else -1


def _year(text: str) -> int:
    """Read a year from 2020 on; 2030 is the last for now, and later the calendar's own."""
    year = _number(text)
    if not FIRST_YEAR <= year <= max(LAST_YEAR, rome_day(timezone.now()).year):
        raise InvalidYear
    return year
