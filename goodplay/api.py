"""The table of contents of the API: every app's routes, by prefix."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("donations.urls")),
    path("games", include("games.urls")),
    path("social/", include("social.urls")),
    path("impact/", include("impact.urls")),
]
