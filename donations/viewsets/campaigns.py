"""Campaigns and pools one can give to."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import mixins

from accounts.authentication import StatelessTokenAuthentication
from donations.models import Campaign, GivingPool
from donations.queries.campaigns import campaigns_shown, pools_shown
from donations.serializers import campaigns as serializers
from goodplay.lib.api.viewsets import ApiViewSet


class CampaignViewSet(mixins.ListModelMixin, ApiViewSet):
    """Campaigns that run now, the latest first, with what was given for each."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.CampaignSerializer
    results_key = "campaigns"
    messages: ClassVar[dict[str, str]] = {"list": "CAMPAIGNS_RETRIEVED"}

    def get_queryset(self) -> QuerySet[Campaign, dict[str, Any]]:
        return campaigns_shown(timezone.now())


class GivingPoolViewSet(mixins.ListModelMixin, ApiViewSet):
    """Pools: several organisations one can give to at once, with their weights."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.PoolSerializer
    results_key = "pools"
    messages: ClassVar[dict[str, str]] = {"list": "GIVING_POOLS_RETRIEVED"}

    def get_queryset(self) -> QuerySet[GivingPool]:
        return pools_shown()
