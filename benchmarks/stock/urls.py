from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView

from benchmarks.stock import views

urlpatterns = [
    path("bare", views.bare),
    path("register", views.Register.as_view()),
    path("login", TokenObtainPairView.as_view()),
    path("wallet", views.MyWallet.as_view()),
    path("leaderboard", views.Leaderboard.as_view()),
    path("rank", views.MyRank.as_view()),
    path("games", views.Games.as_view()),
    path("games/<int:game_id>/sessions", views.StartSession.as_view()),
    path("sessions/<int:session_id>/end", views.EndSession.as_view()),
    path("donate", views.Donate.as_view()),
]
