"""Buttons of the back office: what can be done with the thing on a page, each button one call to one operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goodplay.lib.errors import Conflict, DomainError

Text = str | Promise
Method = TypeVar("Method", bound=Callable[..., Any])


class ReasonForm(forms.Form):
    """Why: written on the audit trail, so a few words are not enough to ask for."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, min_length=5, widget=forms.Textarea(attrs={"rows": 3})
    )


@dataclass(frozen=True, slots=True)
class Button:
    """How one method of a screen is offered; see `button`."""

    label: Text
    permission: str | Callable[[HttpRequest, Any], bool]
    shown_if: Callable[[Any], bool] | None
    form: type[forms.Form] | None
    initial: Callable[[Any], Mapping[str, Any]] | None
    explains: Text | Callable[[Any], Text]
    tone: str
    on_list: bool
    dangerous: bool

    @property
    def asks(self) -> bool:
        """Say whether a page comes first: one with a form, or one that only says what will happen."""
        return self.form is not None or bool(self.explains)

    def allows(self, request: HttpRequest, obj: Any) -> bool:
        if callable(self.permission):
            return self.permission(request, obj)
        return bool(request.user.has_perm(self.permission))

    def is_shown(self, obj: Any) -> bool:
        return self.shown_if is None or self.shown_if(obj)

    def explanation(self, obj: Any) -> Text:
        return self.explains(obj) if callable(self.explains) else self.explains


def button(
    label: Text,
    *,
    permission: str | Callable[[HttpRequest, Any], bool],
    shown_if: Callable[[Any], bool] | None = None,
    form: type[forms.Form] | None = None,
    initial: Callable[[Any], Mapping[str, Any]] | None = None,
    explains: Text | Callable[[Any], Text] = "",
    tone: str = "",
    on_list: bool = False,
    dangerous: bool = False,
) -> Callable[[Method], Method]:
    """Offer a method `(request, obj, cleaned_data)` of a screen as a button at the top of the object's page.

    It runs on POST only. With a `form` (or `explains`: what will happen, in words) a page asks first. `shown_if` leaves
    a button out where it makes no sense now; what is allowed is decided by `permission` and by the operation the method
    calls. The method returns the sentence to tell, or a response (a file, a redirect); a DomainError becomes a message.
    What is `dangerous` asks first who it is, unless the browser proved that in the last five minutes.
    `tone` is "", "good" or "danger". With `on_list` the button stands above the list, and `obj` is None.
    """
    offered = Button(label, permission, shown_if, form, initial, explains, tone, on_list, dangerous)

    def declare(method: Method) -> Method:
        method.button = offered  # type: ignore[attr-defined]
        return method

    return declare


class ObjectActions(admin.ModelAdmin):
    """Puts the methods declared with `@button` on the page of each object, or above the list."""

    change_form_template = "admin/with_buttons.html"
    change_list_template = "admin/list_with_buttons.html"
    buttons: ClassVar[dict[str, Button]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        declared = {name: getattr(each, "button", None) for name, each in vars(cls).items()}
        cls.buttons = {**cls.buttons, **{name: each for name, each in declared.items() if each}}

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view(self.do_view), self._address
        return [
            path("do/<slug:name>/", view, name=f"{name}_on_list"),
            path("<path:object_id>/do/<slug:name>/", view, name=name),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> Any:
        obj = options.get("obj")
        offered = self._buttons_for(request, obj) if obj is not None and not context.get("is_popup") else []
        return super().render_change_form(request, {**context, "buttons": offered}, *args, **options)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request, {"buttons": self._buttons_for(request, None), **(extra_context or {})}
        )

    def do_view(self, request: HttpRequest, name: str, object_id: str | None = None) -> HttpResponseBase:
        """Do what a button says, or ask what it needs to know first."""
        obj = None if object_id is None else self.get_object(request, unquote(object_id))
        offered = self.buttons.get(name)
        if offered is None or offered.on_list != (object_id is None) or (object_id and obj is None):
            raise Http404
        if not self.has_view_or_change_permission(request, obj) or not offered.allows(request, obj):
            raise PermissionDenied
        if not offered.is_shown(obj):
            return self._refused(request, obj, Conflict())
        if offered.dangerous and (asked := self._ask_again(request, name, offered, obj)):
            return asked
        if request.method != "POST" and not offered.asks:
            return HttpResponseNotAllowed(["POST"])
        return self._do(request, name, offered, obj)

    def _ask_again(
        self, request: HttpRequest, name: str, offered: Button, obj: Model | None
    ) -> HttpResponseBase | None:
        site: Any = self.admin_site
        back = self._url(name, obj) if offered.asks else self._page_of(obj)
        return site.ask_again(request, back) if site.ask_again is not None else None

    def _do(self, request: HttpRequest, name: str, offered: Button, obj: Model | None) -> HttpResponseBase:
        form = _form(request, offered, obj)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, offered, obj, form)
        try:
            outcome = getattr(self, name)(request, obj, form.cleaned_data)
        except DomainError as error:
            error.settle()
            if offered.form is None:
                return self._refused(request, obj, error)
            form.add_error(None, str(error))
            return self._page(request, offered, obj, form)
        if isinstance(outcome, HttpResponseBase):
            return outcome
        if outcome:
            self.message_user(request, outcome, messages.SUCCESS)
        return HttpResponseRedirect(self._page_of(obj))

    def _refused(self, request: HttpRequest, obj: Model | None, error: DomainError) -> HttpResponse:
        self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(self._page_of(obj))

    def _page(
        self, request: HttpRequest, offered: Button, obj: Model | None, form: forms.Form
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": offered.label,
            "subtitle": str(obj) if obj is not None else None,
            "opts": self.opts,
            "object": obj,
            "back": self._page_of(obj),
            "offered": offered,
            "explanation": offered.explanation(obj),
            "form": form,
            # Draws any form, though the stubs ask for one of a model.
            "adminform": AdminForm(form, [(None, {"fields": list(form.fields)})], {}),  # type: ignore[arg-type]
        }
        return TemplateResponse(request, "admin/ask.html", context)

    def _buttons_for(self, request: HttpRequest, obj: Model | None) -> list[dict[str, Any]]:
        return [
            {"button": offered, "url": self._url(name, obj)}
            for name, offered in self.buttons.items()
            if offered.on_list == (obj is None) and offered.allows(request, obj) and offered.is_shown(obj)
        ]

    @property
    def _address(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_do"

    def _url(self, name: str, obj: Model | None) -> str:
        if obj is None:
            return reverse(f"admin:{self._address}_on_list", args=[name])
        return reverse(f"admin:{self._address}", args=[quote(obj.pk), name])

    def _page_of(self, obj: Model | None) -> str:
        info = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if obj is None:
            return reverse(f"{info}_changelist")
        return reverse(f"{info}_change", args=[quote(obj.pk)])


def _form(request: HttpRequest, offered: Button, obj: Model | None) -> forms.Form:
    kind = offered.form or forms.Form
    if request.method == "POST":
        return kind(request.POST, request.FILES)
    return kind(initial=dict(offered.initial(obj)) if offered.initial else None)
