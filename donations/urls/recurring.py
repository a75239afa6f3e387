"""Routes of recurring donations."""

from django.urls import URLPattern, re_path

from donations.viewsets import RecurringDonationViewSet

_list = RecurringDonationViewSet.as_view({"get": "list"})
_set_up = RecurringDonationViewSet.as_view({"post": "create"})
_one = r"^donations/recurring/(?P<recurring_id>[^/]+)"


def _step(name: str) -> URLPattern:
    view = RecurringDonationViewSet.as_view({"post": name})
    return re_path(rf"{_one}/{name}/?$", view, name=f"recurring-{name}")


urlpatterns = [
    re_path(r"^donations/recurring/?$", _list, name="recurring-donations"),
    re_path(r"^donations/recurring/setup/?$", _set_up, name="recurring-setup"),
    re_path(_one + r"/?$", RecurringDonationViewSet.as_view({"get": "retrieve"}), name="recurring-donation"),
    *map(_step, ("pause", "resume", "skip", "cancel")),
]
