"""Routes of people and organisations."""

from django.urls import URLPattern, re_path

from accounts.viewsets import AuthViewSet, OnlusViewSet, ProfileViewSet


def _auth(path: str, name: str, method: str = "post") -> URLPattern:
    view = AuthViewSet.as_view({method: name}, **getattr(AuthViewSet, name).kwargs)
    return re_path(rf"^auth/{path}/?$", view, name=f"auth-{path}")


_profile = ProfileViewSet.as_view({"get": "retrieve", "put": "update"})

urlpatterns = [
    _auth("register", "register"),
    _auth("login", "login"),
    _auth("refresh", "refresh"),
    _auth("logout", "logout"),
    _auth("verify-email", "verify_email"),
    _auth("resend-verification", "resend_verification"),
    _auth("validate-token", "validate_token", "get"),
    re_path(r"^users/profile/?$", _profile, name="profile"),
    re_path(r"^user/profile/?$", _profile),
    re_path(r"^onlus/organizations/?$", OnlusViewSet.as_view({"get": "list"}), name="onlus-list"),
    re_path(
        r"^onlus/organizations/(?P<onlus_id>[^/]+)/?$",
        OnlusViewSet.as_view({"get": "retrieve"}),
        name="onlus-detail",
    ),
    re_path(
        r"^onlus/categories/?$",
        OnlusViewSet.as_view({"get": "categories"}, pagination_class=None),
        name="onlus-categories",
    ),
]
