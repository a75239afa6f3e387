"""Every list of the back office as a file: what is shown, for whoever may see and export it."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Onlus, User
from donations.models import Donation
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.admin.list_exports import ListExport, header_of
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.tables import BYTE_ORDER_MARK
from goodplay.lib.fields import EncryptedTextField
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
SCREENS = sorted(admin.site._registry, key=lambda model: model._meta.label)
REASON = "For the accountant."


def url(model, page):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")


def staff_with(*rights):
    user = UserFactory(is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def export(client, model, query="", format_="csv", reason=REASON):
    return client.post(url(model, "export") + query, {"format": format_, "reason": reason})


def body(answer):
    return b"".join(answer.streaming_content)


def rows_of(answer):
    text = body(answer).decode().removeprefix(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model._meta.label)
def test_every_list_exports_the_columns_and_rows_it_shows(client, boss, model):
    make_donation(UserFactory(), OnlusFactory())
    shown = client.get(url(model, "changelist")).context["cl"]

    table, sheet = rows_of(export(client, model)), export(client, model, format_="excel")

    screen = admin.site._registry[model]
    assert isinstance(screen, ListExport)
    assert table[0] == header_of(screen, shown)
    shown_rows = len(shown.result_list)
    own_trace = 1 if model in {ExportJob, AuditEntry, DataAccess} else 0
    assert len(table) - 1 == shown_rows
    assert load_workbook(io.BytesIO(body(sheet))).active.max_row == 1 + shown_rows + own_trace


@pytest.mark.parametrize("model", SCREENS, ids=lambda model: model._meta.label)
def test_no_list_shows_what_is_encrypted(client, boss, model):
    columns = client.get(url(model, "changelist")).context["cl"].list_display
    secret = {field.name for field in model._meta.get_fields() if isinstance(field, EncryptedTextField)}

    assert not secret & set(columns)


def test_what_is_filtered_searched_and_ordered_is_what_is_exported(client, boss):
    for name, city in [("Rosa", "Trento"), ("Viola", "Roma"), ("Giglio", "Trento")]:
        OnlusFactory(name=name, city=city)
    OnlusFactory(name="Altro", status=Onlus.Status.SUSPENDED)

    searched = rows_of(export(client, Onlus, "?q=Gigl"))
    filtered = rows_of(export(client, Onlus, "?status__exact=active&o=-1"))

    assert [row[0] for row in searched[1:]] == ["Giglio"]
    assert [row[0] for row in filtered[1:]] == ["Viola", "Rosa", "Giglio"]


def test_amounts_choices_and_people_are_written_as_shown(client, boss):
    donor, onlus = UserFactory(display_name="=cmd()"), OnlusFactory(name="Il Faro")
    make_donation(donor, onlus, "12.50")

    header, row = rows_of(export(client, Donation))

    cells = dict(zip(header, row, strict=True))
    assert (cells["Donor"], cells["Onlus"], cells["Amount"]) == ("'=cmd()", "Il Faro", "12.50")
    assert cells["Status"] == str(Donation.Status.COMPLETED.label)


def test_a_lookup_the_list_does_not_offer_leaks_nothing(client, boss):
    answer = export(client, User, "?password__startswith=a")

    assert answer.status_code == 400
    assert not ExportJob.objects.exists()


def test_the_page_names_filters_columns_and_rows(client, boss):
    OnlusFactory(name="Il Faro")

    page = client.get(url(Onlus, "export") + "?status__exact=active&q=Faro")

    active = str(Onlus.Status.ACTIVE.label)
    assert page.context["filters"] == [("Search", "Faro"), ("Status", active)]
    assert page.context["found"] == "1"
    assert page.context["columns"][0] == "Name"


def test_an_export_is_on_the_trail_in_the_access_log_and_in_the_list(client, boss):
    OnlusFactory()

    body(export(client, Onlus, "?status__exact=active"))

    entry, looked, job = AuditEntry.objects.get(), DataAccess.objects.get(), ExportJob.objects.get()
    assert (entry.action, entry.actor, entry.reason) == ("onlus_export", boss, REASON)
    assert entry.after["parameters"]["query"] == "status__exact=active"
    assert (looked.actor, looked.purpose, looked.target_id) == (boss, REASON, str(job.pk))
    assert (job.status, job.row_count, job.created_by) == ("delivered", 1, boss)


@pytest.mark.parametrize(
    "data", [{"format": "csv"}, {"reason": REASON}, {"format": "pdf", "reason": REASON}, {"reason": "x"}]
)
def test_without_a_reason_or_a_format_nothing_leaves(client, boss, data):
    answer = client.post(url(Onlus, "export"), data)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize(
    "rights",
    [(), ("accounts.view_onlus",), ("exports.export_lists",)],
    ids=["none", "may only see", "may only export"],
)
def test_who_may_not_see_and_export_gets_nothing(client, rights):
    client.force_login(staff_with(*rights))

    assert client.get(url(Onlus, "export")).status_code == 403
    assert export(client, Onlus).status_code == 403
    if "accounts.view_onlus" in rights:
        assert url(Onlus, "export") not in client.get(url(Onlus, "changelist")).text
    assert not ExportJob.objects.exists()
    assert {entry.action for entry in AuditEntry.objects.all()} == {"permission_refused"}


def test_who_may_see_and_export_finds_the_link_with_the_filters(client):
    client.force_login(staff_with("accounts.view_onlus", "exports.export_lists"))

    page = client.get(url(Onlus, "changelist") + "?q=Faro")

    assert f'href="{url(Onlus, "export")}?q=Faro"' in page.text


def test_a_long_list_is_made_in_the_background_for_the_asker_alone(
    client, settings, django_capture_on_commit_callbacks
):
    settings.EXPORT_MAX_RECORDS = 2
    alice = staff_with("accounts.view_onlus", "exports.export_lists", "exports.view_exportjob")
    bob = staff_with("accounts.view_onlus", "exports.export_lists", "exports.view_exportjob")
    for name in ("Rosa", "Viola", "Giglio"):
        OnlusFactory(name=name)
    client.force_login(alice)

    with django_capture_on_commit_callbacks(execute=True):
        answer = export(client, Onlus, "?o=1")

    job = ExportJob.objects.get()
    assert answer.url == reverse("admin:exports_exportjob_change", args=[job.pk])
    assert (job.status, job.row_count) == ("ready", 3)
    fetch = reverse("admin:exports_exportjob_do", args=[job.pk, "download"])
    lines = client.post(fetch).content.decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["Giglio", "Rosa", "Viola"]
    client.force_login(bob)
    assert client.post(fetch).status_code == 404


def test_a_list_that_is_far_too_long_is_refused(client, boss, settings, django_capture_on_commit_callbacks):
    settings.EXPORT_MAX_RECORDS, settings.EXPORT_MAX_BACKGROUND_RECORDS = 1, 2
    OnlusFactory.create_batch(3)

    with django_capture_on_commit_callbacks(execute=True):
        export(client, Onlus)

    job = ExportJob.objects.get()
    assert (job.status, job.error_code, job.file) == ("failed", "EXPORT_TOO_LONG", None)


@pytest.mark.parametrize("model", [Donation, Onlus, User], ids=lambda model: model.__name__)
def test_the_cost_does_not_grow_with_the_rows(client, boss, model):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            body(export(client, model))
        return len(queries)

    make_donation(UserFactory(), OnlusFactory())
    cost()
    few = cost()
    for _ in range(3):
        make_donation(UserFactory(), OnlusFactory())

    assert cost() == few
