"""Routes of scores and boards."""

from goodplay.lib.api.routers import BothFormsRouter
from social.viewsets import ImpactScoreViewSet, LeaderboardViewSet

router = BothFormsRouter()
router.register("impact-score", ImpactScoreViewSet, basename="impact-score")
router.register("leaderboards", LeaderboardViewSet, basename="leaderboards")

urlpatterns = router.urls
