"""Routes under /api/games, with and without a slash at the end."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, re_path

from games.viewsets import GameViewSet, SessionViewSet

app_name = "games"

_GAME = r"/(?P<game_id>[^/]+)"
_SESSION = r"/sessions/(?P<session_id>[^/]+)"


def _route(path: str, view: Callable[..., Any], name: str) -> URLPattern:
    return re_path(rf"^{path}/?$", view, name=name)


urlpatterns = [
    _route("", GameViewSet.as_view({"get": "list"}), "list"),
    _route("/search", GameViewSet.as_view({"get": "search"}), "search"),
    _route("/categories", GameViewSet.as_view({"get": "categories"}), "categories"),
    _route("/sessions", SessionViewSet.as_view({"get": "list"}), "sessions"),
    _route("/sessions/active", SessionViewSet.as_view({"get": "active"}), "active-sessions"),
    _route("/sessions/stats", SessionViewSet.as_view({"get": "stats"}), "session-stats"),
    _route(_SESSION, SessionViewSet.as_view({"get": "retrieve"}), "session"),
    _route(rf"{_SESSION}/moves", SessionViewSet.as_view({"post": "moves"}), "moves"),
    _route(rf"{_SESSION}/pause", SessionViewSet.as_view({"put": "pause"}), "pause"),
    _route(rf"{_SESSION}/resume", SessionViewSet.as_view({"put": "resume"}), "resume"),
    _route(rf"{_SESSION}/end", SessionViewSet.as_view({"put": "end"}), "end"),
    _route(_GAME, GameViewSet.as_view({"get": "retrieve"}), "game"),
    _route(rf"{_GAME}/sessions", SessionViewSet.as_view({"post": "start"}), "start"),
]
