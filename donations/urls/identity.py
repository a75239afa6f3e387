"""Routes of proofs of identity; `/api/user/…` is `/api/users/…`."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, re_path

from donations.viewsets import (
    IdentityDocumentRemovalViewSet,
    IdentityDocumentViewSet,
    IdentityViewSet,
)

_ONE = r"/(?P<verification_id>[^/]+)"
_ROUTES: dict[str, tuple[str, Any]] = {
    "": ("identity", IdentityViewSet.as_view({"get": "show", "post": "create"})),
    _ONE: ("identity-verification", IdentityViewSet.as_view({"get": "retrieve"})),
    f"{_ONE}/submit": ("identity-submit", IdentityViewSet.as_view({"post": "submit"})),
    f"{_ONE}/withdraw": ("identity-withdraw", IdentityViewSet.as_view({"post": "withdraw"})),
    f"{_ONE}/documents": ("identity-documents", IdentityDocumentViewSet.as_view({"post": "create"})),
    rf"{_ONE}/documents/(?P<document_id>[^/]+)": (
        "identity-document",
        IdentityDocumentRemovalViewSet.as_view({"delete": "destroy"}),
    ),
}


def _patterns() -> Iterator[URLPattern]:
    for path, (name, view) in _ROUTES.items():
        yield re_path(rf"^users/identity{path}/?$", view, name=name)
        yield re_path(rf"^user/identity{path}/?$", view)


urlpatterns = list(_patterns())
