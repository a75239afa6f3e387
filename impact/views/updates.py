"""What an organisation tells: written, looked at, scheduled, published, put away."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Onlus
from accounts.portal import WRITERS, Seat, seated, seated_as
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.forms import PictureForm
from goodplay.lib.pictures.queries import pictures_of
from goodplay.lib.pictures.uploads import takes_uploads
from goodplay.lib.requests import client_address
from impact.forms.updates import ScheduleForm, UpdateForm
from impact.models import ImpactMetric, ImpactUpdate
from impact.operations import updates as operations
from impact.queries.updates import update_view, written_by

ON_A_PAGE = 25
Status = ImpactUpdate.Status
WRITTEN = ("title", "content", "update_type", "priority", "author", "location", "beneficiary_count")
ALSO_WRITTEN = ("financial_impact", "contact_info", "related_metric_ids")
reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@seated
def updates(request: HttpRequest, seat: Seat) -> HttpResponse:
    rows = written_by(seat.onlus.pk)
    counts = dict(rows.order_by().values_list("status").annotate(number=Count("id")))
    asked = request.GET.get("state", "")
    state = asked if asked in Status.values else ""
    shown = rows.filter(status=state) if state else rows
    page = {
        "seat": seat,
        "state": state,
        "states": [(each.value, each.label, counts[each]) for each in Status if counts.get(each)],
        "total": sum(counts.values()),
        "page": Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page")),
        "may_write": seat.role in WRITERS,
        "report_stage": seat.onlus.report_stage(timezone.now()),
    }
    return render(request, "impact/portal_updates.html", page)


@require_safe
@seated
def update(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    return _update_page(request, seat, _own(seat, update_id))


@reads_and_writes
@seated_as(WRITERS)
def update_new(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = UpdateForm(request.POST or None, metrics=_metrics(seat))
    if request.method == "POST" and form.is_valid():
        made = _written(form, request, seat)
        if made is not None:
            messages.success(request, _("Saved as a draft. This is how it will look."))
            return _to(seat, made.pk)
    return _editor(request, seat, form)


@reads_and_writes
@seated_as(WRITERS)
def update_edit(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    row = _own(seat, update_id)
    if row.status not in operations.EDITABLE:
        messages.error(request, str(operations.UpdateStateRefuses()))
        return _to(seat, row.pk)
    initial = {name: getattr(row, name) for name in (*WRITTEN, *ALSO_WRITTEN)}
    form = UpdateForm(
        request.POST or None, metrics=_metrics(seat), initial={**initial, "tags": ", ".join(row.tags)}
    )
    if request.method == "POST" and form.is_valid() and _written(form, request, seat, row):
        messages.success(request, _("Saved."))
        return _to(seat, row.pk)
    return _editor(request, seat, form, row)


@require_POST
@seated_as(WRITERS)
def update_publish(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    return _done(request, seat, update_id, operations.publish, _("It is published."))


@require_POST
@seated_as(WRITERS)
def update_unschedule(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    return _done(request, seat, update_id, operations.unschedule, _("It is a draft again."))


@require_POST
@seated_as(WRITERS)
def update_archive(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    return _done(request, seat, update_id, operations.archive, _("It is put away: nobody else sees it now."))


@require_POST
@seated_as(WRITERS)
def update_schedule(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    row, form = _own(seat, update_id), ScheduleForm(request.POST)
    if form.is_valid():
        try:
            operations.schedule(update=row, publish_at=form.cleaned_data["publish_at"], **_by(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is published by itself when its time has come."))
            return _to(seat, row.pk)
    return _update_page(request, seat, row, schedule=form, status=422)


@takes_uploads(leads_back="portal:update")
@require_POST
@seated_as(WRITERS)
def update_picture_add(request: HttpRequest, seat: Seat, update_id: UUID) -> HttpResponse:
    row, form = _own(seat, update_id), PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            operations.add_picture(update=row, owner=seat.onlus, picture=form.kept(), **_by(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The picture is added."))
            return _to(seat, row.pk)
    return _update_page(request, seat, row, picture_form=form, status=422)


@require_POST
@seated_as(WRITERS)
def update_picture_remove(
    request: HttpRequest, seat: Seat, update_id: UUID, picture_id: UUID
) -> HttpResponse:
    row = _own(seat, update_id)
    shown = [each.pk for each in pictures_of([row])[row.pk]]
    if picture_id not in shown:
        raise Http404
    kept = [key for key in shown if key != picture_id]
    try:
        operations.show_pictures(update=row, picture_ids=kept, **_by(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The picture is removed."))
    return _to(seat, row.pk)


def _own(seat: Seat, update_id: UUID) -> ImpactUpdate:
    row = ImpactUpdate.objects.of_onlus(seat.onlus.pk).filter(pk=update_id).first()
    if row is None:
        raise Http404
    return row


def _metrics(seat: Seat) -> list[ImpactMetric]:
    return list(ImpactMetric.objects.active().of_onlus(seat.onlus.pk).order_by("metric_name", "id"))


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "address": client_address(request), "now": timezone.now()}


def _written(
    form: UpdateForm, request: HttpRequest, seat: Seat, row: ImpactUpdate | None = None
) -> ImpactUpdate | None:
    """Save what the form says; what is refused is told on the form."""
    facts = form.facts
    try:
        if form.donation_days:
            facts["affected_donation_ids"] = operations.donations_between(
                onlus_id=seat.onlus.pk, **form.donation_days
            )
        if row is None:
            return operations.write(onlus_id=seat.onlus.pk, facts=facts, **_by(request))
        return operations.edit(update=row, facts=facts, **_by(request))
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _done(request: HttpRequest, seat: Seat, update_id: UUID, operation: Any, told: str) -> HttpResponse:
    row = _own(seat, update_id)
    try:
        operation(update=row, **_by(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return _to(seat, row.pk)


def _to(seat: Seat, update_id: UUID) -> HttpResponse:
    return redirect("portal:update", onlus_id=seat.onlus.pk, update_id=update_id)


def _editor(
    request: HttpRequest, seat: Seat, form: UpdateForm, row: ImpactUpdate | None = None
) -> HttpResponse:
    page = {"seat": seat, "form": form, "update": row}
    status = 422 if request.method == "POST" else 200
    return render(request, "impact/portal_update_form.html", page, status=status)


def _update_page(
    request: HttpRequest,
    seat: Seat,
    row: ImpactUpdate,
    *,
    schedule: ScheduleForm | None = None,
    picture_form: PictureForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_write = seat.role in WRITERS
    is_public = Onlus.objects.public().filter(pk=seat.onlus.pk).exists()
    page = {
        "seat": seat,
        "update": row,
        "waits_because": "" if is_public else operations.OrganisationNotPublic.message,
        "view": update_view(row, timezone.now(), pictures_of([row])[row.pk]),
        "schedule": schedule or ScheduleForm(),
        "picture_form": picture_form or PictureForm(),
        "may_write": may_write,
        "may_edit": may_write and row.status in operations.EDITABLE,
        "may_publish": may_write
        and is_public
        and row.status in (Status.DRAFT, Status.SCHEDULED, Status.ARCHIVED),
        "may_schedule": may_write and row.status in (Status.DRAFT, Status.SCHEDULED),
    }
    return render(request, "impact/portal_update.html", page, status=status)
