"""Where an ONLUS is paid, for its owners: shown masked, changed with the password, taken back while it waits."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.portal import OWNERS, Seat, seated_as
from donations.forms import BankAccountForm
from donations.models import OnlusBankAccount
from donations.operations import bank_accounts
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


@sensitive_post_parameters("iban", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@seated_as(OWNERS)
def bank_account(request: HttpRequest, seat: Seat) -> HttpResponse:
    initial = {"holder": seat.onlus.legal_name or seat.onlus.name, "town": seat.onlus.city, "country": "IT"}
    form = BankAccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            bank_accounts.propose_account(
                onlus=seat.onlus,
                member=_me(request),
                now=timezone.now(),
                address=client_address(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("The account is entered. Our staff verifies it; every owner is told by mail.")
            )
            return redirect("portal:bank_account", onlus_id=seat.onlus.pk)
    return _page(request, seat, form, status=422 if request.method == "POST" else 200)


@require_POST
@seated_as(OWNERS)
def bank_account_withdraw(request: HttpRequest, seat: Seat, account_id: UUID) -> HttpResponse:
    own = get_object_or_404(OnlusBankAccount, pk=account_id, onlus=seat.onlus)
    try:
        bank_accounts.withdraw_account(
            account=own, member=_me(request), now=timezone.now(), address=client_address(request)
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The new account is taken back."))
    return redirect("portal:bank_account", onlus_id=seat.onlus.pk)


def _page(request: HttpRequest, seat: Seat, form: BankAccountForm, status: int) -> HttpResponse:
    now = timezone.now()
    page = {
        "seat": seat,
        "form": form,
        "in_force": OnlusBankAccount.objects.payable(now).filter(onlus=seat.onlus).first(),
        "waiting": OnlusBankAccount.objects.waiting(now).filter(onlus=seat.onlus).order_by("-pk").first(),
        "cooling_off": settings.BANK_ACCOUNT_COOLING_OFF_DAYS,
    }
    return render(request, "donations/portal_bank_account.html", page, status=status)


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (`seated` let nobody else in)
    return request.user
