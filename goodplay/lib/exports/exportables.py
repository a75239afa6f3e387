"""Long lists of the back office, made in the background as the person who asked would see them."""

from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest, QueryDict

from goodplay.lib.admin.list_exports import KIND, RIGHT, ListExport, table_of
from goodplay.lib.errors import AccessDenied
from goodplay.lib.exports.registry import Parameters, exportable
from goodplay.lib.exports.tables import Table, TableTooLong


def build_list(parameters: Parameters, now: datetime) -> Table:
    """Read the list by its own screen, with the rights the person has now."""
    screen = admin.site.get_model_admin(apps.get_model(parameters["model"]))
    request = HttpRequest()
    request.method = "GET"
    request.GET = QueryDict(parameters["query"])
    request.user = get_user_model().objects.get(pk=parameters["asked_by"])
    if not isinstance(screen, ListExport) or not screen.may_export(request):
        raise AccessDenied
    rows = screen.get_changelist_instance(request)
    most = settings.EXPORT_MAX_BACKGROUND_RECORDS
    if rows.queryset.values_list("pk")[most : most + 1]:
        raise TableTooLong
    return table_of(screen, rows)


exportable(KIND, permission=RIGHT, build=build_list, is_personal=True)
