"""A router that serves /things and /things/ alike: nobody's POST is redirected."""

from rest_framework.routers import SimpleRouter


class BothFormsRouter(SimpleRouter):
    def __init__(self) -> None:
        super().__init__(trailing_slash=True)
        self.trailing_slash = "/?"
