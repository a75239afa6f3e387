"""Every door of the house and who may go through it, asked of the doors themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import sub
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from rest_framework.test import APIRequestFactory

from accounts.roles import ROLES
from goodplay.lib.admin.dashboards import REGISTRY
from goodplay.lib.api.permissions import StaffWith
from goodplay.lib.approvals.registry import KINDS as APPROVALS
from goodplay.lib.exports.registry import KINDS as EXPORTS
from tests.factories.accounts import UserFactory

PEOPLE = ("anonymous", "player", "no role", *ROLES)
YES, NO = "yes", "-"
# Not knocked at: whoever goes through is nobody afterwards.
WAYS_OUT = ("/admin/logout/", "/portal/sign-out/")
METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {
    "uuid": "00000000-0000-0000-0000-000000000000",
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
    "picture_name": "0" * 32,
}
# Pages of a screen that the rows of its rights speak for.
COVERED = ("changelist", "add", "history", "delete", "change", "export", "do", "do_on_list")


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the matrix: `answers` holds "yes" or "-" for each of PEOPLE."""

    kind: str
    name: str
    act: str
    answers: tuple[str, ...]

    @property
    def row(self) -> list[str]:
        return [self.kind, self.name, self.act, *self.answers]

    def opens_for(self, *people: str) -> set[str]:
        answers = dict(zip(PEOPLE, self.answers, strict=True))
        return {person for person in people or PEOPLE if answers[person] == YES}


def everybody() -> dict[str, Any]:
    """One person of each kind; none of them has anything of their own."""
    people: dict[str, Any] = {"anonymous": AnonymousUser(), "player": UserFactory()}
    people["no role"] = UserFactory(is_staff=True)
    for role in ROLES:
        people[role] = UserFactory(is_staff=True)
        people[role].groups.add(Group.objects.get(name=role))
    return people


def all_doors(people: dict[str, Any]) -> list[Door]:
    found = [*api(people), *pages(people), *screens(people), *declared(people)]
    return sorted(found, key=lambda door: (door.kind, door.name, door.act))


def patterns(
    resolver: URLResolver, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = each.namespace or ""
            yield from patterns(each, path, f"{namespace}{inner}:" if inner else namespace)
        else:
            yield path, namespace, each


# The API --------------------------------------------------------------------------------------------------------


def api(people: dict[str, Any]) -> Iterator[Door]:
    """Ask the permission classes of each route and method; both forms of a path are one door."""
    seen = set()
    for path, _namespace, pattern in patterns(get_resolver()):
        view_class = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
        if not path.startswith("api/") or view_class is None or not hasattr(view_class, "initialize_request"):
            continue
        for method in _methods(pattern, view_class):
            door = (_tidy(path), method.upper())
            if door not in seen:
                seen.add(door)
                yield _api_door(door, pattern, view_class, method, people)


def staff_routes() -> set[tuple[str, str]]:
    """The routes that ask for a right of the back office."""
    found = set()
    for path, _namespace, pattern in patterns(get_resolver()):
        view_class = getattr(pattern.callback, "cls", None)
        if path.startswith("api/") and view_class is not None:
            for method in _methods(pattern, view_class):
                asked = _view(pattern, view_class, method, AnonymousUser())[0].get_permissions()
                if any(isinstance(each, StaffWith) for each in asked):
                    found.add((_tidy(path), method.upper()))
    return found


def _methods(pattern: URLPattern, view_class: Any) -> list[str]:
    actions = getattr(pattern.callback, "actions", None)
    offered = actions or {name: name for name in METHODS if hasattr(view_class, name)}
    return [name for name in METHODS if name in offered]


def _api_door(
    door: tuple[str, str], pattern: URLPattern, view_class: Any, method: str, people: dict[str, Any]
) -> Door:
    def may(user: Any) -> bool:
        view, request = _view(pattern, view_class, method, user)
        return all(each.has_permission(request, view) for each in view.get_permissions())

    return Door("api", door[0], door[1], _answers(people, may))


def _view(pattern: URLPattern, view_class: Any, method: str, user: Any) -> tuple[Any, Any]:
    view = view_class(**getattr(pattern.callback, "initkwargs", {}))
    view.action_map = getattr(pattern.callback, "actions", None) or {}
    view.action = view.action_map.get(method)
    view.args, view.kwargs, view.format_kwarg = (), {}, None
    view.request = APIRequestFactory().generic(method.upper(), "/")
    request = view.initialize_request(view.request)
    request.user, request._auth = user, None
    view.request = request
    return view, request


# Pages ----------------------------------------------------------------------------------------------------------


def pages(people: dict[str, Any]) -> Iterator[Door]:
    """Knock at every page that is no route of the API and no right of a screen."""
    clients = {}
    for name, user in people.items():
        clients[name] = Client(raise_request_exception=False)
        if user.is_authenticated:
            clients[name].force_login(user)
    for path, namespace, pattern in patterns(get_resolver()):
        if hasattr(pattern.callback, "cls") or _is_covered(namespace, pattern):
            continue
        address = "/" + _filled(path, pattern)
        method = "post" if clients["anonymous"].get(address).status_code == 405 else "get"
        answers = tuple(_knock(clients[name], method, address) for name in PEOPLE)
        kind = "admin page" if namespace.startswith("admin") else "page"
        yield Door(kind, address_of(path), method.upper(), answers)


def _is_covered(namespace: str, pattern: URLPattern) -> bool:
    if not namespace.startswith("admin"):
        return False
    if isinstance(pattern.pattern, RoutePattern) and pattern.pattern._route == "<path:object_id>/":
        return True  # leads to the page of the object
    name = pattern.name or ""
    return any(
        name == f"{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in COVERED
    )


def _knock(client: Client, method: str, address: str) -> str:
    """Say whether the page answers; a way to the sign-in, a refusal and "not there" are all a closed door."""
    if address in WAYS_OUT:
        return YES if "_auth_user_id" in client.session else NO
    answer = getattr(client, method)(address)
    if answer.status_code in (301, 302):
        closed = ("/admin/login", "/portal/sign-in", "/portal/apply/sign-in")
        return NO if answer.url.startswith(closed) else YES
    return YES if answer.status_code in (200, 400, 422) else NO


def _filled(path: str, pattern: URLPattern) -> str:
    filled = sub(r"\(\?P<app_label>[^)]*\)", "donations", path)
    filled = sub(r"\(\?P<\w+>[^)]*\)", "x", filled)
    filled = sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], filled)
    return sub(r"[\^$]|/\?", "", filled)


def address_of(path: str) -> str:
    """Write a pattern of Django's as an address people read."""
    named = sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", path)
    return "/" + named.replace("^", "").replace("$", "").replace("/?", "")


def _tidy(path: str) -> str:
    """Both forms of an address of the API, with and without a slash at the end, are one door."""
    return address_of(path).rstrip("/")


# Screens --------------------------------------------------------------------------------------------------------


def screens(people: dict[str, Any]) -> Iterator[Door]:
    """Ask each screen for its rights, each of its buttons, and each of its actions."""
    for model, screen in admin.site._registry.items():
        name = model._meta.label
        for act, may in _rights(screen).items():
            yield Door("screen", name, act, _asked(people, may))
        for button_name, offered in getattr(screen, "buttons", {}).items():
            sample = None if offered.on_list else model()
            yield Door("button", name, button_name, _asked(people, _presses(screen, offered, sample)))
        for action in {name_of for _function, name_of, _text in screen._get_base_actions()}:
            yield Door("action", name, action, _asked(people, _acts(screen, action)))


def _rights(screen: Any) -> dict[str, Callable[[Any], bool]]:
    return {
        "view": screen.has_view_or_change_permission,
        "history": screen.has_view_or_change_permission,
        "add": screen.has_add_permission,
        "change": screen.has_change_permission,
        "delete": screen.has_delete_permission,
        "export": screen.may_export,
    }


def _presses(screen: Any, offered: Any, sample: Any) -> Callable[[Any], bool]:
    return lambda request: screen.has_view_or_change_permission(request) and offered.allows(request, sample)


def _acts(screen: Any, action: str) -> Callable[[Any], bool]:
    return lambda request: (
        screen.has_view_or_change_permission(request) and action in screen.get_actions(request)
    )


def declared(people: dict[str, Any]) -> Iterator[Door]:
    """What is declared with the right it asks for: dashboards, approvals of each kind, exports of each kind."""
    for slug, board in REGISTRY.items():
        yield Door("dashboard", slug, "view", _asked(people, _holds(board.permission)))
    for name, kind in APPROVALS.items():
        yield Door("approval", name, "decide", _asked(people, _holds(kind.permission)))
    for name, kind in EXPORTS.items():
        yield Door("export", name, "ask", _asked(people, _holds(kind.right({}))))


def _holds(permission: str) -> Callable[[Any], bool]:
    return lambda request: request.user.is_staff and request.user.has_perm(permission)


def _asked(people: dict[str, Any], may: Callable[[Any], bool]) -> tuple[str, ...]:
    """Ask with a request of the back office: whoever is no staff never gets so far."""
    factory = RequestFactory()

    def ask(user: Any) -> bool:
        request = factory.get("/admin/")
        request.user = user
        return admin.site.has_permission(request) and bool(may(request))

    return _answers(people, ask)


def _answers(people: dict[str, Any], may: Callable[[Any], bool]) -> tuple[str, ...]:
    return tuple(YES if may(people[name]) else NO for name in PEOPLE)
