"""Buttons on the pages of the back office: who sees them, what they ask, what they do."""

import pytest
from django import forms
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import OnlusCategory
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.site import BackOffice
from goodplay.lib.errors import DomainError
from goodplay.urls import urlpatterns as real_urls
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
PAGE = "/admin/accounts/onluscategory/environment/change/"
LIST = "/admin/accounts/onluscategory/"
MAY = "accounts.change_onluscategory"


class TooLate(DomainError):
    code = "TOO_LATE"
    message = "It is too late for this."


class FileForm(ReasonForm):
    statement = forms.FileField()


class CategoryScreen(ObjectActions, ReadOnlyAdmin):
    list_filter = ("is_active",)
    done, refuses = [], False

    def _note(self, name, obj, data):
        if type(self).refuses:
            raise TooLate
        self.done.append((name, obj and obj.pk, data))

    @button("Plant", permission=MAY, tone="good")
    def plant(self, request, category, data):
        self._note("plant", category, data)
        return f"{category.pk} is planted."

    @button(
        "Fell", permission=MAY, form=ReasonForm, tone="danger", explains=lambda each: f"No more {each.pk}."
    )
    def fell(self, request, category, data):
        self._note("fell", category, data)

    @button("Water", permission=MAY, explains="It gets wet.")
    def water(self, request, category, data):
        self._note("water", category, data)

    @button("Rename", permission=MAY, form=ReasonForm, initial=lambda each: {"reason": f"was {each.pk}"})
    def rename(self, request, category, data):
        self._note("rename", category, data)

    @button("Harvest", permission=MAY, shown_if=lambda category: category.pk == "education")
    def harvest(self, request, category, data):
        self._note("harvest", category, data)

    @button("Look", permission=lambda request, category: request.user.email.startswith("owl"))
    def look(self, request, category, data):
        return HttpResponse("seen", content_type="text/plain")

    @button("Import", permission=MAY, form=FileForm, on_list=True)
    def import_list(self, request, nothing, data):
        self._note("import", nothing, {"read": data["statement"].read(), "reason": data["reason"]})
        return "Imported."


site = BackOffice(name="admin")
site.register(OnlusCategory, CategoryScreen)
urlpatterns = [path("admin/", site.urls), *real_urls]


@pytest.fixture(autouse=True)
def screen():
    CategoryScreen.done.clear()
    yield CategoryScreen
    CategoryScreen.refuses = False


@pytest.fixture
def boss(client):
    client.force_login(StaffFactory())
    return client


def member(*rights, email="staff@example.org"):
    staff = UserFactory(is_staff=True, email=email)
    staff.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(staff)
    return client


def offered(answer):
    return [each["button"].label for each in answer.context["buttons"]]


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def do(name, page=PAGE):
    return f"{page.removesuffix('change/')}do/{name}/"


def test_the_page_offers_what_can_be_done_now(boss):
    answer = boss.get(PAGE)

    assert offered(answer) == ["Plant", "Fell", "Water", "Rename"]
    assert f'action="{do("plant")}"' in answer.text
    assert f'href="{do("fell")}"' in answer.text


def test_the_list_offers_what_concerns_no_single_row(boss):
    answer = boss.get(LIST)

    assert offered(answer) == ["Import"]
    assert f'href="{do("import_list", LIST)}"' in answer.text


def test_the_list_is_filtered_by_what_it_offers(boss):
    assert boss.get(LIST, {"is_active__exact": "1"}).status_code == 200
    assert boss.get(LIST, {"name_it__startswith": "A"}).status_code == 400


def test_who_may_only_look_is_offered_nothing_and_does_nothing(screen):
    client = member("view_onluscategory")

    assert offered(client.get(PAGE)) == []
    assert offered(client.get(LIST)) == []
    assert client.post(do("plant")).status_code == 403
    assert client.post(do("fell"), {"reason": "A good reason."}).status_code == 403
    assert client.get(do("fell")).status_code == 403
    assert client.post(do("import_list", LIST)).status_code == 403
    assert screen.done == []


def test_who_may_not_look_does_nothing(screen):
    owl = member(email="owl@example.org")

    assert owl.post(do("look")).status_code == 403


def test_a_right_can_depend_on_who_asks():
    owl, cat = (member("view_onluscategory", email=f"{name}@example.org") for name in ("owl", "cat"))

    assert offered(owl.get(PAGE)) == ["Look"]
    assert offered(cat.get(PAGE)) == []
    assert owl.post(do("look")).text == "seen"
    assert cat.post(do("look")).status_code == 403


def test_a_button_acts_at_once_on_post_only(boss, screen):
    looked = boss.get(do("plant"))
    assert (looked.status_code, screen.done) == (405, [])

    answer = boss.post(do("plant"), follow=True)

    assert screen.done == [("plant", "environment", {})]
    assert told(answer) == ["environment is planted."]
    assert answer.redirect_chain == [(PAGE, 302)]


def test_a_forged_request_does_nothing(screen):
    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffFactory())

    assert client.post(do("plant")).status_code == 403
    assert client.post(do("fell"), {"reason": "A good reason."}).status_code == 403
    assert screen.done == []


def test_a_form_asks_first(boss, screen):
    asked = boss.get(do("fell"))

    assert "No more environment." in asked.text
    assert 'name="reason"' in asked.text
    assert screen.done == []

    answer = boss.post(do("fell"), {"reason": "Storm damage."})

    assert (answer.status_code, answer.url) == (302, PAGE)
    assert screen.done == [("fell", "environment", {"reason": "Storm damage."})]


@pytest.mark.parametrize("reason", ["", "   ", "no", "x" * 501])
def test_a_form_that_is_not_filled_in_asks_again(boss, screen, reason):
    answer = boss.post(do("fell"), {"reason": reason})

    assert answer.status_code == 200
    assert answer.context["form"].errors["reason"]
    assert screen.done == []


def test_an_explanation_asks_without_a_form(boss, screen):
    assert "It gets wet." in boss.get(do("water")).text
    assert screen.done == []

    boss.post(do("water"))

    assert screen.done == [("water", "environment", {})]


def test_a_form_begins_with_what_is_known(boss):
    assert boss.get(do("rename")).context["form"].initial == {"reason": "was environment"}


def test_a_refusal_is_told(boss, screen):
    screen.refuses = True

    at_once = boss.post(do("plant"), follow=True)
    on_form = boss.post(do("fell"), {"reason": "A good reason."})

    assert told(at_once) == ["It is too late for this."]
    assert on_form.context["form"].non_field_errors() == ["It is too late for this."]
    assert "A good reason." in on_form.text
    assert screen.done == []


def test_a_button_that_is_gone_says_so(boss, screen):
    answer = boss.post(do("harvest"), follow=True)

    assert told(answer) == ["This changed in the meantime. Look again, then retry."]
    assert screen.done == []


def test_a_file_comes_in_through_the_list(boss, screen):
    assert "multipart/form-data" in boss.get(do("import_list", LIST)).text
    body = {"reason": "Monthly statement.", "statement": SimpleUploadedFile("a.xml", b"<a/>")}

    answer = boss.post(do("import_list", LIST), body, follow=True)

    assert screen.done == [("import", None, {"read": b"<a/>", "reason": "Monthly statement."})]
    assert (told(answer), answer.redirect_chain) == (["Imported."], [(LIST, 302)])


@pytest.mark.parametrize(
    "address",
    [
        do("burn"),
        do("buttons"),
        do("import_list"),
        do("plant", LIST),
        "/admin/accounts/onluscategory/nowhere/do/plant/",
    ],
)
def test_what_is_not_there_is_not_found(boss, screen, address):
    assert boss.post(address).status_code == 404
    assert screen.done == []


def test_screens_inherit_buttons_and_keep_them_apart():
    class Other(CategoryScreen):
        @button("Own", permission=MAY)
        def own(self, request, category, data):
            return None

    assert list(Other.buttons) == [*CategoryScreen.buttons, "own"]
    assert "own" not in CategoryScreen.buttons
