from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from goodplay.lib.pictures.models import Picture
from goodplay.lib.pictures.queries import may_see

# A picture never changes under its address, but it can be taken down: no copy outlives that by more than a week.
_FOR_EVERYBODY = "public, max-age=604800, immutable"
_FOR_ITS_PEOPLE = "private, no-store"


@require_safe
def picture(request: HttpRequest, public_name: str, width: int) -> HttpResponseBase:
    row = Picture.objects.filter(public_name=public_name).first()
    if row is None or width not in row.widths:
        raise Http404
    if row.published_at is None and not may_see(request.user, row):
        raise Http404
    try:
        content = default_storage.open(row.stored_as(width))
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type="image/webp")
    response["Cache-Control"] = _FOR_EVERYBODY if row.published_at else _FOR_ITS_PEOPLE
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin" if row.published_at else "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response
