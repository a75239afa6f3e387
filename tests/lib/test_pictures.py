"""Public pictures: made harmless, shown to whom they are meant for, gone when nothing shows them."""

import io
import random
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from PIL import Image

from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures import checks, operations, uploads
from goodplay.lib.pictures.models import Picture, PictureUse
from goodplay.lib.pictures.queries import pictures_of
from goodplay.lib.pictures.tasks import delete_unused_pictures
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.pictures import store, upload

pytestmark = pytest.mark.django_db

WITH_PLACE = Image.Exif()
WITH_PLACE[0x0112] = 6  # lies on its side
WITH_PLACE[0x010F] = "A camera"
WITH_PLACE.get_ifd(0x8825).update({1: "N", 2: (45.0, 27.0, 51.3)})


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def on_disk(root) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file()) if root.exists() else []


def read(path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def content_of(client, address) -> bytes:
    return b"".join(client.get(address).streaming_content)


def read_to_the_end(answer):
    """Let go of the file behind an answer."""
    list(answer.streaming_content if answer.streaming else ())
    return answer


def test_a_photograph_loses_its_place_and_stands_upright(client, root):
    picture = store(size=(800, 600), exif=WITH_PLACE, comment=b"Alice was here")
    operations.attach(target=OnlusFactory(), picture_ids=[picture.pk], owner=None, now=NOW)
    Picture.objects.update(published_at=NOW)

    shown = Image.open(io.BytesIO(content_of(client, picture.url)))

    assert (picture.width, picture.height) == shown.size == (600, 800)
    assert (shown.format, dict(shown.getexif()), shown.info.keys() & {"exif", "xmp", "comment"}) == (
        "WEBP",
        {},
        set(),
    )
    assert not any(b"A camera" in path.read_bytes() for path in on_disk(root))


@pytest.mark.parametrize(
    ("width", "widths"), [(100, [100]), (640, [320, 640]), (2400, [320, 640, 1280, 1920])]
)
def test_a_picture_is_kept_in_the_sizes_it_is_large_enough_for(root, width, widths):
    picture = store(size=(width, width // 2))

    assert picture.widths == widths
    assert sorted(read(path).width for path in on_disk(root)) == widths
    assert picture.size == sum(path.stat().st_size for path in on_disk(root))
    assert picture.srcset.count("w,") == len(widths) - 1


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGBA")],
)
def test_every_kind_of_picture_is_taken(kind, mode):
    assert store(kind=kind, mode=mode).widths == [320]


def test_what_is_see_through_stays_so(root):
    store(kind="PNG", mode="RGBA", colour=(255, 0, 0, 0))

    assert read(on_disk(root)[0]).getpixel((5, 5))[3] == 0


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"


def bomb() -> bytes:
    target = io.BytesIO()
    Image.new("1", (5000, 5000)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (SVG, "PICTURE_TYPE_NOT_ALLOWED"),
        (HTML, "PICTURE_TYPE_NOT_ALLOWED"),
        (b"%PDF-1.7\n%%EOF", "PICTURE_TYPE_NOT_ALLOWED"),
        (b"\xff\xd8\xff" + SVG, "PICTURE_TYPE_NOT_ALLOWED"),
        (upload(kind="GIF").read(), "PICTURE_TYPE_NOT_ALLOWED"),
        (upload(kind="TIFF").read(), "PICTURE_TYPE_NOT_ALLOWED"),
        (upload().read()[:-200], "PICTURE_DAMAGED"),
        (bomb(), "IMAGE_TOO_LARGE"),
        (upload(size=(39, 200)).read(), "PICTURE_TOO_SMALL"),
        (upload(size=(900, 100)).read(), "PICTURE_TOO_FLAT"),
    ],
)
def test_what_is_no_picture_we_can_show_is_refused(root, content, code):
    with pytest.raises(DomainError) as refusal:
        operations.store(
            upload=SimpleUploadedFile("photo.jpg", content),
            owner=None,
            uploaded_by=None,
            alt_en="A tree",
            now=NOW,
        )

    assert refusal.value.code == code
    assert (Picture.objects.count(), on_disk(root)) == (0, [])


def test_a_file_beyond_the_limit_is_not_even_decoded(root, settings):
    settings.PICTURE_MAX_BYTES = 100

    with pytest.raises(checks.PictureTooHeavy):
        store()

    assert on_disk(root) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_bytes_are_refused_and_never_a_crash(kind):
    whole = upload(kind=kind, size=(64, 64), noise=True).read()
    dice = random.Random(7)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        with suppress(*checks.REFUSALS):
            checks.decode(bytes(broken[: dice.randint(8, len(broken))]))


@pytest.mark.parametrize("words", ["", "  \n "])
def test_a_picture_without_words_is_refused(root, words):
    with pytest.raises(operations.DescriptionMissing):
        store(alt_it=words, alt_en=words)

    assert (Picture.objects.count(), on_disk(root)) == (0, [])


def test_words_fall_back_to_the_other_language(settings):
    only_italian = store(alt_it="Un albero", alt_en="")

    assert only_italian.alt == "Un albero"


def test_only_its_people_see_a_picture_before_it_is_published(client):
    seat = MembershipFactory()
    picture = store(owner=seat.onlus)
    operations.attach(target=seat.onlus, picture_ids=[picture.pk], owner=seat.onlus, now=NOW)
    others = [UserFactory(is_staff=True), UserFactory(), MembershipFactory().user]

    seen = {}
    staff = StaffFactory()
    for user in (seat.user, staff, *others):
        reader = Client()
        reader.force_login(user)
        answer = read_to_the_end(reader.get(picture.url))
        seen[user.pk] = (answer.status_code, answer.get("Cache-Control"))

    kept_close = (200, "private, no-store")
    assert [seen[user.pk] for user in (seat.user, staff)] == [kept_close, kept_close]
    assert {seen[user.pk][0] for user in others} == {404}
    assert client.get(picture.url).status_code == 404

    operations.publish(target=seat.onlus, now=NOW)
    public = read_to_the_end(client.get(picture.url))

    assert (public.status_code, public["Cache-Control"]) == (200, "public, max-age=604800, immutable")
    assert (public["Content-Type"], public["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert public["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Cookie" not in public.get("Vary", "")

    operations.withdraw(target=seat.onlus)

    assert client.get(picture.url).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["x/320.webp", "../../settings.py/320.webp", "x/0.webp", "a%00b/320.webp", "0" * 32 + "/320.webp"],
)
def test_addresses_of_nothing_lead_nowhere(client, address):
    assert client.get(f"/media/pictures/{address}").status_code == 404


def test_a_width_that_is_not_kept_leads_nowhere(client):
    picture = store()
    Picture.objects.update(published_at=NOW)

    assert client.get(picture.address(9999)).status_code == 404


def test_pictures_of_somebody_else_cannot_be_shown():
    onlus, other = OnlusFactory(), OnlusFactory()
    mine, theirs = store(owner=onlus), store(owner=other)
    operations.attach(target=onlus, picture_ids=[mine.pk], owner=onlus, now=NOW)

    with pytest.raises(operations.PictureNotFound):
        operations.attach(target=onlus, picture_ids=[mine.pk, theirs.pk], owner=onlus, now=NOW)

    assert pictures_of([onlus]) == {onlus.pk: [mine]}


def test_no_more_than_twenty_pictures_are_shown():
    with pytest.raises(operations.TooManyPictures):
        operations.attach(target=OnlusFactory(), picture_ids=range(21), owner=None, now=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_pictures_come_in_their_order_for_one_query(count, django_assert_num_queries):
    things = OnlusFactory.create_batch(count)
    first, second = store(), store()
    for thing in things:
        operations.attach(target=thing, picture_ids=[second.pk, first.pk], owner=None, now=NOW)

    with django_assert_num_queries(1):
        shown = pictures_of(things)

    assert shown == {thing.pk: [second, first] for thing in things}


def test_what_nothing_shows_is_deleted_after_a_day(root, django_capture_on_commit_callbacks):
    onlus, gone = OnlusFactory(), OnlusFactory()
    shown, dropped, orphaned, fresh = (store() for _ in range(4))
    Picture.objects.exclude(pk=fresh.pk).update(created_at=fresh.created_at - timedelta(days=3))
    operations.attach(target=onlus, picture_ids=[dropped.pk, shown.pk], owner=None, now=NOW)
    operations.attach(target=onlus, picture_ids=[shown.pk], owner=None, now=NOW)
    operations.attach(target=gone, picture_ids=[orphaned.pk], owner=None, now=NOW)
    gone.delete()

    with django_capture_on_commit_callbacks(execute=True):
        assert operations.delete_unused(now=fresh.created_at) == 2

    assert set(Picture.objects.all()) == {shown, fresh}
    assert len(on_disk(root)) == 2
    assert delete_unused_pictures() is not None


def test_staff_take_a_picture_down_with_a_reason(client, root, django_capture_on_commit_callbacks):
    picture, onlus = store(), OnlusFactory()
    operations.attach(target=onlus, picture_ids=[picture.pk], owner=None, now=NOW)
    client.force_login(StaffFactory())
    page = f"/admin/pictures/picture/{picture.pk}/do/take_down/"

    assert client.get("/admin/pictures/picture/").status_code == 200
    assert picture.url in client.get(f"/admin/pictures/picture/{picture.pk}/change/").content.decode()
    client.post(page, {"reason": ""})
    assert Picture.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {"reason": "Shows a child without consent."})

    assert (Picture.objects.count(), PictureUse.objects.count(), on_disk(root)) == (0, 0, [])
    entry = AuditEntry.objects.get(action="picture_take_down")
    assert (entry.reason, entry.before["shown_by"]) == (
        "Shows a child without consent.",
        [f"accounts.onlus {onlus.pk}"],
    )


@uploads.takes_uploads()
def page_with_a_picture(request):
    return HttpResponse(request.FILES["picture"].size)


def test_a_form_too_large_is_not_read(settings, monkeypatch):
    settings.PICTURE_MAX_BYTES = 1000
    told = []
    monkeypatch.setattr(uploads.messages, "error", lambda request, words: told.append(words))
    request = RequestFactory().post("/page/?a=1", {"picture": upload()}, CONTENT_LENGTH="500000")

    answer = page_with_a_picture(request)

    assert (answer.status_code, answer["Location"], len(told)) == (302, "/page/?a=1", 1)


def test_a_form_with_a_picture_is_checked_for_forgery():
    request = RequestFactory(enforce_csrf_checks=True).post("/page/", {"picture": upload()})
    request._dont_enforce_csrf_checks = False

    assert page_with_a_picture(request).status_code == 403
