"""Routes of the conversion rates."""

from django.urls import URLPattern, re_path

from donations.viewsets import ConversionRateViewSet


def _rates(path: str, method: str, action: str, name: str) -> URLPattern:
    view = ConversionRateViewSet.as_view({method: action})
    return re_path(rf"^conversion-rates{path}/?$", view, name=name)


urlpatterns = [
    _rates(r"", "get", "retrieve", "conversion-rates"),
    _rates(r"/calculator", "get", "calculator", "conversion-rates-calculator"),
    _rates(r"/multipliers", "get", "multipliers", "conversion-rates-multipliers"),
    _rates(r"/simulation", "post", "simulation", "conversion-rates-simulation"),
    _rates(r"/breakdown", "post", "breakdown", "conversion-rates-breakdown"),
    _rates(r"/history", "get", "history", "conversion-rates-history"),
]
