"""What machines read of the public pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

_RULES = """User-agent: *
Disallow: /admin
Disallow: /api/
Disallow: /follow/
Disallow: /payments/
Disallow: /portal
Disallow: /receipts/
Allow: /

Sitemap: {home}/sitemap.xml
"""


@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    home = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return HttpResponse(_RULES.format(home=home), content_type="text/plain; charset=utf-8")
