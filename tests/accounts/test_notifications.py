"""The feed: told once, as people chose, in their language; read, dismissed, mailed; many at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import Announcement, Notification, User
from accounts.noticing import AUDIENCES, KINDS, Kind
from accounts.operations import erasure
from accounts.operations import notifications as operations
from accounts.tasks import carry_announcements, mail_notifications
from tests.factories.accounts import UserFactory
from tests.factories.ids import UNKNOWN_ID
from tests.threads import at_once

NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)  # a Wednesday
GIFT = {"amount": "12.50", "title": "The well", "title_it": "Il pozzo", "thing": "7"}
FEED = "/api/notifications"


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Two kinds of our own: one a topic silences, one everybody must learn."""
    topical = Kind(
        "news",
        title="%(title)s",
        text="For %(amount)s.",
        topic="achievement_alerts",
        link=("thing", "thing"),
    )
    monkeypatch.setitem(KINDS, "news", topical)
    monkeypatch.setitem(KINDS, "must", Kind("must", title="%(title)s", text="%(amount)s"))


def chose(person, **settings):
    person.preferences.notifications |= settings
    person.preferences.save()
    return person


def tell(person, key="1", kind="news", *, now=NOW, **facts):
    return operations.notify(user_id=person.pk, kind=kind, facts=GIFT | facts, dedupe_key=key, now=now)


@pytest.fixture
def alice(db):
    return UserFactory(display_name="Alice", email="alice@example.org")


def test_a_fact_is_told_once(alice):
    assert [tell(alice), tell(alice), tell(alice, key="2")] == [True, False, True]

    assert Notification.objects.filter(user=alice).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(user=alice, kind="news", dedupe_key="1", created_at=NOW)


def test_a_topic_that_is_off_is_not_told_and_what_must_be_known_is(alice):
    chose(alice, achievement_alerts=False)

    assert [tell(alice), tell(alice, kind="must")] == [False, True]


def test_nobody_who_left_is_told(alice):
    User.objects.filter(pk=alice.pk).update(is_active=False, deleted_at=NOW)

    assert not tell(alice)
    assert not Notification.objects.exists()


@pytest.mark.race
def test_told_by_many_at_once_it_is_told_once(real_transactions):
    person = UserFactory()

    results = at_once(4, lambda number: tell(person))

    assert sorted(results) == [False, False, False, True]
    assert Notification.objects.count() == 1


# Over REST -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_feed_is_private_newest_first_and_costs_three_queries(
    api, alice, count, django_assert_num_queries
):
    tell(UserFactory(), title="Somebody else's")
    for number in range(count):
        tell(alice, str(number), title=f"News {number}", title_it="", now=NOW + timedelta(minutes=number))
    api.force_authenticate(alice)

    with django_assert_num_queries(3):
        answer = api.get(FEED).json()

    assert answer["message"] == "NOTIFICATIONS_RETRIEVED"
    titles = [row["title"] for row in answer["data"]["notifications"]]
    assert titles == [f"News {number}" for number in reversed(range(count))]
    assert answer["data"]["unread_count"] == count


def test_facts_become_words_in_the_language_of_whoever_reads(api, alice):
    tell(alice)
    api.force_authenticate(alice)

    (english,) = api.get(FEED, headers={"accept-language": "en"}).json()["data"]["notifications"]
    (italian,) = api.get(FEED, headers={"accept-language": "it"}).json()["data"]["notifications"]

    assert (english["title"], english["text"]) == ("The well", "For €12.50.")
    assert (italian["title"], italian["text"]) == ("Il pozzo", "For 12,50\N{NO-BREAK SPACE}€.")
    assert english["link"] == {"type": "thing", "id": "7"}
    assert (english["kind"], english["is_read"], english["read_at"]) == ("news", False, None)


def test_pages_follow_the_cursor_and_skip_nothing_that_comes_meanwhile(api, alice):
    for number in range(5):
        tell(alice, str(number), title=str(number), title_it="", now=NOW + timedelta(minutes=number))
    api.force_authenticate(alice)

    first = api.get(FEED, {"cursor": "", "per_page": 2}).json()["data"]
    tell(alice, "new", title="new", now=NOW + timedelta(hours=1))
    second = api.get(FEED, {"cursor": first["pagination"]["next_cursor"], "per_page": 3}).json()["data"]

    seen = [row["title"] for page in (first, second) for row in page["notifications"]]
    assert seen == ["4", "3", "2", "1", "0"]
    assert second["pagination"]["next_cursor"] is None


def test_reading_is_noted_once_and_the_filter_follows(api, alice):
    tell(alice, "1")
    tell(alice, "2")
    api.force_authenticate(alice)
    key = Notification.objects.get(dedupe_key="1").pk

    first = api.post(f"{FEED}/{key}/read").json()
    again = api.post(f"{FEED}/{key}/read").json()

    assert (first["message"], first["data"]["is_read"]) == ("NOTIFICATION_READ", True)
    assert again["data"]["read_at"] == first["data"]["read_at"]
    unread = api.get(FEED, {"unread": "true"}).json()["data"]
    assert [row["id"] for row in unread["notifications"]] == [
        str(Notification.objects.get(dedupe_key="2").pk)
    ]
    assert unread["unread_count"] == 1
    assert api.post(f"{FEED}/read-all").json()["data"] == {"marked": 1, "unread_count": 0}
    assert api.post(f"{FEED}/read-all").json()["data"] == {"marked": 0, "unread_count": 0}


def test_what_is_deleted_is_forgotten_and_never_told_again(api, alice):
    tell(alice)
    api.force_authenticate(alice)
    key = Notification.objects.get().pk

    assert api.delete(f"{FEED}/{key}").json()["message"] == "NOTIFICATION_DELETED"

    assert api.get(FEED).json()["data"]["notifications"] == []
    assert api.delete(f"{FEED}/{key}").status_code == 404
    assert Notification.objects.get().facts == {}
    assert not tell(alice)


@pytest.mark.parametrize("key", ["nonsense", UNKNOWN_ID, "theirs"])
@pytest.mark.parametrize(("method", "act"), [("post", "/read"), ("delete", "")])
def test_what_is_not_there_or_not_yours_is_not_found(api, alice, key, method, act):
    bob = UserFactory()
    tell(bob)
    key = str(Notification.objects.get().pk) if key == "theirs" else key
    api.force_authenticate(alice)

    answer = getattr(api, method)(f"{FEED}/{key}{act}")

    assert (answer.status_code, answer.json()["message"]) == (404, "NOTIFICATION_NOT_FOUND")
    assert Notification.objects.unread().filter(user=bob).count() == 1


@pytest.mark.parametrize(
    ("query", "constant"),
    [({"unread": "maybe"}, "INVALID_UNREAD_FILTER"), ({"cursor": "x"}, "INVALID_CURSOR")],
)
def test_what_cannot_be_understood_is_refused(api, alice, query, constant):
    api.force_authenticate(alice)

    answer = api.get(FEED, query)

    assert answer.status_code == 422
    assert constant in str(answer.json())


def test_the_feed_is_for_who_is_signed_in(api, db):
    assert api.get(FEED).status_code == 401
    assert api.post(f"{FEED}/read-all").status_code == 401


def test_a_kind_that_is_gone_goes_by_its_name(api, alice, monkeypatch):
    tell(alice)
    monkeypatch.delitem(KINDS, "news")
    api.force_authenticate(alice)

    (row,) = api.get(FEED).json()["data"]["notifications"]

    assert (row["title"], row["text"], row["link"]) == ("news", "", None)


# By mail ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "morning"),
    [
        ("daily", datetime(2026, 11, 19, 7, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 23, 7, tzinfo=UTC)),
        ("monthly", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("never", None),
        ("none", None),
    ],
)
def test_summaries_come_in_the_morning_one_chose(alice, frequency, morning):
    chose(alice, frequency=frequency)

    tell(alice)

    assert Notification.objects.get().mail_at == morning


def test_a_summary_tells_once_what_was_not_read(alice):
    tell(alice, "1", title="Read already")
    Notification.objects.update(mail_at=None, read_at=NOW)
    tell(alice, "2", title="<b>The well</b>")
    tell(alice, "3", title="The school")

    counts = [operations.mail_summaries(now=NOW + timedelta(days=1)) for _ in range(2)]

    assert counts == [1, 0]
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["alice@example.org"], "2 pieces of news from GoodPlay")
    assert "The school" in message.body
    assert "Read already" not in message.body
    assert "&lt;b&gt;The well" in message.alternatives[0][0]
    assert set(Notification.objects.exclude(mailed_at=None).values_list("dedupe_key", flat=True)) == {
        "2",
        "3",
    }


def test_one_piece_of_news_is_the_subject_itself(alice):
    tell(alice)

    operations.mail_summaries(now=NOW + timedelta(days=1))

    assert mail.outbox[0].subject == "The well"


@pytest.mark.parametrize(
    "change",
    [{"email_enabled": False}, {"frequency": "never"}, {"achievement_alerts": False}, "unproven", "left"],
)
def test_who_chose_otherwise_meanwhile_gets_no_mail(alice, change):
    tell(alice)
    if change == "unproven":
        User.objects.update(email_verified_at=None)
    elif change == "left":
        User.objects.update(is_active=False)
    else:
        chose(alice, **change)

    assert operations.mail_summaries(now=NOW + timedelta(days=1)) == 0
    assert mail.outbox == []
    assert not Notification.objects.exclude(mail_at=None).exists()


def test_a_mail_server_that_is_down_costs_nobody_their_summary(alice, settings):
    bob = UserFactory()
    tell(alice)
    tell(bob)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert operations.mail_summaries(now=NOW + timedelta(days=1)) == 0

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert operations.mail_summaries(now=NOW + timedelta(days=1)) == 2


# Many at once ----------------------------------------------------------------------------------------------------


@pytest.fixture
def everybody(monkeypatch):
    def people(facts, after, most):
        rows = User.objects.order_by("pk")
        rows = rows.filter(pk__gt=after) if after else rows
        return list(rows.values_list("pk", flat=True)[:most])

    monkeypatch.setitem(AUDIENCES, "everybody", people)
    monkeypatch.setattr(operations, "BATCH", 2)


def announce(now=NOW):
    return operations.announce_to(audience="everybody", kind="news", facts=GIFT, dedupe_key="a", now=now)


def test_an_announcement_reaches_everybody_once_in_batches(db, everybody):
    people = UserFactory.create_batch(5)
    chose(people[0], achievement_alerts=False)
    assert announce().pk == announce().pk

    assert [carry_announcements(), carry_announcements()] == ["4 told", "0 told"]

    row = Announcement.objects.get()
    assert (row.told_count, row.done_at is not None) == (4, True)
    assert Notification.objects.count() == 4


def test_an_announcement_that_was_cut_off_goes_on_where_it_was(db, everybody, monkeypatch):
    UserFactory.create_batch(4)
    announce()
    known = AUDIENCES["everybody"]

    def unreachable(facts, after, most):
        if after is not None:
            raise OSError("the database is gone")
        return known(facts, after, most)

    monkeypatch.setitem(AUDIENCES, "everybody", unreachable)
    with pytest.raises(OSError, match="gone"):
        operations.carry_announcements(now=NOW)
    assert (Announcement.objects.get().told_count, Notification.objects.count()) == (2, 2)
    monkeypatch.setitem(AUDIENCES, "everybody", known)

    assert operations.carry_announcements(now=NOW) == 2
    assert Notification.objects.count() == 4


def test_nothing_is_announced_to_nobody_known(db):
    with pytest.raises(ValueError, match="nobody declared"):
        operations.announce_to(audience="martians", kind="news", facts={}, dedupe_key="a", now=NOW)


# The end ---------------------------------------------------------------------------------------------------------


def test_who_is_erased_leaves_no_feed(alice):
    bob = UserFactory()
    tell(alice)
    tell(bob)

    erasure.erase([alice], NOW)

    assert Notification.objects.get().user == bob


def test_the_job_says_what_it_did(alice):
    tell(alice, now=NOW - timedelta(days=400))

    assert mail_notifications() == "1 mailed"
