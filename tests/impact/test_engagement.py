"""What players do with news: each counts once per person, comments are moderated, and what is talked about trends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from goodplay.lib.audit.models import AuditEntry
from impact.models import CommentReport, ImpactUpdate, UpdateComment, UpdateReaction
from impact.operations import engagement
from impact.tasks import refresh_trending_updates
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.ids import UNKNOWN_ID
from tests.factories.impact import ImpactUpdateFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture
def update():
    return ImpactUpdateFactory(published_at=timezone.now() - timedelta(hours=2))


@pytest.fixture
def player(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


def act(api, update, what, method="post", **body):
    return getattr(api, method)(f"/api/impact/updates/{update.pk}/{what}", body)


def counts_of(update):
    update.refresh_from_db()
    return (update.view_count, update.like_count, update.share_count, update.comment_count)


# Reactions -------------------------------------------------------------------------------------------------------


def test_each_reaction_counts_once_per_person(api, update, player):
    for what in ("view", "like", "share", "view", "like", "share"):
        told = act(api, update, what).json()["data"]

    assert counts_of(update) == (1, 1, 1, 0)
    assert told == {
        "update_id": str(update.pk),
        "viewed": True,
        "liked": True,
        "shared": True,
        "commented": False,
        "view_count": 1,
        "like_count": 1,
        "share_count": 1,
        "comment_count": 0,
    }
    assert update.engagement_score == 1 + 3 + 5

    api.force_authenticate(UserFactory())
    assert act(api, update, "like").json()["message"] == "UPDATE_LIKED_SUCCESS"
    assert counts_of(update) == (1, 2, 1, 0)
    assert act(api, update, "engagement", "get").json()["data"]["viewed"] is False


def test_a_like_is_taken_back_once(api, update, player):
    act(api, update, "like")
    for _ in range(2):
        answer = act(api, update, "like", "delete").json()

    assert (answer["message"], answer["data"]["liked"]) == ("UPDATE_UNLIKED_SUCCESS", False)
    assert (counts_of(update), update.engagement_score) == ((0, 0, 0, 0), 0)


@pytest.mark.parametrize("status", ["draft", "scheduled", "archived", "removed"])
def test_only_public_updates_are_reacted_to(api, player, status):
    update = ImpactUpdateFactory(status=status, publish_at=timezone.now())
    hidden = ImpactUpdateFactory(onlus_id=OnlusFactory(status="suspended").pk)

    for each in (update, hidden):
        for what in ("view", "like", "share", "comments"):
            answer = act(api, each, what, text="Well done")
            assert (answer.status_code, answer.json()["message"]) == (404, "UPDATE_NOT_FOUND")
        assert api.get(f"/api/impact/updates/{each.pk}").status_code == 404

    assert (UpdateReaction.objects.count(), UpdateComment.objects.count()) == (0, 0)


@pytest.mark.parametrize("what", ["view", "like", "share", "comments"])
def test_strangers_do_not_react(api, update, what):
    assert act(api, update, what, text="Well done").status_code == 401
    assert counts_of(update) == (0, 0, 0, 0)


# Comments --------------------------------------------------------------------------------------------------------


def test_a_comment_is_read_by_everybody_and_its_author_counts_once(api, update, player):
    first = act(api, update, "comments", text="  Well done  ")
    act(api, update, "comments", text="Really.")

    assert (first.status_code, first.json()["message"]) == (201, "COMMENT_CREATED_SUCCESS")
    assert counts_of(update)[3] == 1
    api.force_authenticate(None)
    data = act(api, update, "comments", "get").json()["data"]
    assert [row["text"] for row in data["comments"]] == ["Really.", "Well done"]
    assert {row["author_name"] for row in data["comments"]} == {player.display_name}
    assert data["pagination"]["total_items"] == 2


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({"text": " "}, "COMMENT_TEXT_REQUIRED"),
        ({"other": "x"}, "COMMENT_TEXT_REQUIRED"),
        ({"text": 5}, "COMMENT_TEXT_INVALID"),
        ({"text": "x" * 1001}, "COMMENT_TEXT_INVALID"),
    ],
)
def test_a_comment_that_cannot_be_is_refused(api, update, player, body, constant):
    answer = act(api, update, "comments", **body)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)
    assert UpdateComment.objects.count() == 0


def test_nobody_fills_a_page_alone(api, update, player, monkeypatch):
    monkeypatch.setattr(engagement, "MOST_COMMENTS", 1)
    act(api, update, "comments", text="One")

    answer = act(api, update, "comments", text="Two")

    assert (answer.json()["message"], UpdateComment.objects.count()) == ("COMMENT_LIMIT_REACHED", 1)


def test_authors_take_their_own_comments_back_and_no_others(api, update, player):
    mine = act(api, update, "comments", text="Oops").json()["data"]["id"]
    api.force_authenticate(UserFactory())
    theirs = api.delete(f"/api/impact/comments/{mine}")
    api.force_authenticate(player)
    gone = api.delete(f"/api/impact/comments/{mine}")
    again = api.delete(f"/api/impact/comments/{mine}")

    assert [each.status_code for each in (theirs, gone, again)] == [404, 200, 404]
    assert (UpdateComment.objects.get().text, counts_of(update)[3]) == ("", 0)
    assert act(api, update, "comments", "get").json()["data"]["comments"] == []


def test_a_comment_is_reported_once_by_each_and_hidden_with_a_reason(api, update, player):
    key = act(api, update, "comments", text="Buy pills").json()["data"]["id"]
    own = api.post(f"/api/impact/comments/{key}/report", {"reason": "spam"})
    api.force_authenticate(UserFactory())
    wrong = api.post(f"/api/impact/comments/{key}/report", {"reason": "dull"})
    unknown = api.post(f"/api/impact/comments/{UNKNOWN_ID}/report", {"reason": "spam"})
    told = [api.post(f"/api/impact/comments/{key}/report", {"reason": "spam"}) for _ in range(2)]

    assert [each.json()["message"] for each in (own, wrong, unknown, *told)] == [
        "COMMENT_IS_YOURS",
        "COMMENT_REPORT_REASON_INVALID",
        "COMMENT_NOT_FOUND",
        "COMMENT_REPORTED_SUCCESS",
        "COMMENT_REPORTED_SUCCESS",
    ]
    assert CommentReport.objects.count() == 1

    comment, staff, now = UpdateComment.objects.get(), StaffFactory(), timezone.now()
    with pytest.raises(engagement.ReasonRequired):
        engagement.hide_comment(comment=comment, reason=" ", actor=staff, now=now)
    engagement.hide_comment(comment=comment, reason="Advertising.", actor=staff, now=now)
    with pytest.raises(engagement.CommentHidden):
        engagement.hide_comment(comment=comment, reason="Advertising.", actor=staff, now=now)

    assert act(api, update, "comments", "get").json()["data"]["comments"] == []
    assert counts_of(update)[3] == 0
    assert CommentReport.objects.get().settled_at == now

    engagement.show_comment(comment=comment, reason="A joke after all.", actor=staff, now=now)
    with pytest.raises(engagement.CommentVisible):
        engagement.show_comment(comment=comment, reason="A joke.", actor=staff, now=now)
    assert counts_of(update)[3] == 1
    actions = AuditEntry.objects.order_by("sequence").values_list("action", "reason")
    assert list(actions) == [("comment_hide", "Advertising."), ("comment_show", "A joke after all.")]


def test_a_report_of_what_may_stand_is_settled(api, update, player):
    act(api, update, "comments", text="Too slow")
    comment = UpdateComment.objects.get()
    engagement.report_comment(
        user_id=UserFactory().pk, comment_id=comment.pk, reason="offensive", now=timezone.now()
    )

    def settle():
        return engagement.settle_reports(
            comment=comment, actor=StaffFactory(), reason="An opinion.", now=timezone.now()
        )

    assert (settle(), settle()) == (1, 0)
    assert AuditEntry.objects.filter(action="comment_leave").count() == 1
    assert UpdateComment.objects.visible().count() == 1


def test_what_people_wrote_goes_with_their_account(api, update, player):
    act(api, update, "comments", text="Hello")
    player.deleted_at, player.is_active = timezone.now(), False
    player.save(update_fields=["deleted_at", "is_active"])
    api.force_authenticate(None)

    assert act(api, update, "comments", "get").json()["data"]["comments"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_comments_cost_the_same_however_many(api, update, count, django_assert_num_queries, documents_apart):
    for _ in range(count):
        engagement.comment(user_id=UserFactory().pk, update_id=update.pk, text="Fine", now=timezone.now())

    with django_assert_num_queries(4 - documents_apart):
        assert len(act(api, update, "comments", "get").json()["data"]["comments"]) == count


# Trending and lists ----------------------------------------------------------------------------------------------


def reacted(update, **kinds):
    for kind, people in kinds.items():
        for _ in range(people):
            engagement.react(user_id=UserFactory().pk, update_id=update.pk, kind=kind, now=timezone.now())


def test_what_people_react_to_trends_by_the_formula(api, update):
    urgent = ImpactUpdateFactory(published_at=timezone.now(), priority=4)
    old = ImpactUpdateFactory(published_at=timezone.now() - timedelta(hours=25), trending_score=900)
    ImpactUpdateFactory(published_at=timezone.now())  # nobody looked at it
    reacted(update, view=2, like=1, share=1)
    reacted(urgent, like=1)
    reacted(old, share=3)

    assert refresh_trending_updates() == 2
    rows = api.get("/api/impact/updates/trending").json()["data"]["updates"]

    assert [(row["id"], row["engagement_score"], row["trending_score"]) for row in rows] == [
        (str(urgent.pk), 3, 12),
        (str(update.pk), 10, 20),
    ][::-1]
    old.refresh_from_db()
    assert old.trending_score == 0


def test_the_job_puts_counts_right(update):
    reacted(update, view=1, like=1)
    ImpactUpdate.objects.filter(pk=update.pk).update(view_count=0, like_count=7)

    refresh_trending_updates()
    refresh_trending_updates()

    assert (counts_of(update), update.engagement_score) == ((1, 1, 0, 0), 4)


def test_featured_updates_stand_in_front_until_their_end(api):
    now = timezone.now()
    endless = ImpactUpdateFactory(status="featured", published_at=now - timedelta(days=60))
    until = ImpactUpdateFactory(status="featured", featured_until=now + timedelta(hours=1), priority=5)
    ImpactUpdateFactory(status="featured", featured_until=now - timedelta(hours=1))
    ImpactUpdateFactory(status="published")

    answer = api.get("/api/impact/updates/featured").json()

    assert answer["message"] == "FEATURED_UPDATES_SUCCESS"
    assert [row["id"] for row in answer["data"]["updates"]] == [str(until.pk), str(endless.pk)]


def test_news_of_all_are_listed_and_filtered(api):
    now = timezone.now()
    urgent = ImpactUpdateFactory(published_at=now, priority=4, update_type="emergency_response")
    normal = ImpactUpdateFactory(published_at=now - timedelta(days=2))
    ImpactUpdateFactory(published_at=now - timedelta(days=40))
    ImpactUpdateFactory(status="draft", published_at=None)
    ImpactUpdateFactory(published_at=now, onlus_id=OnlusFactory(status="suspended").pk)

    def listed(**asked):
        return [row["id"] for row in api.get("/api/impact/updates", asked).json()["data"]["updates"]]

    assert listed() == [str(urgent.pk), str(normal.pk)]
    assert listed(priority="urgent") == listed(update_type="emergency_response") == [str(urgent.pk)]
    assert len(listed(days=60)) == 3
    assert listed(per_page=1, page=2) == [str(normal.pk)]
    wrong = api.get("/api/impact/updates", {"priority": "huge"})
    assert (wrong.status_code, wrong.json()["message"]) == (422, "UPDATE_PRIORITY_INVALID")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries", "documents"), [("", 4, 2), ("/featured", 3, 1)])
def test_lists_of_news_cost_the_same_however_long(
    api, count, path, queries, documents, django_assert_num_queries, documents_apart
):
    ImpactUpdateFactory.create_batch(count, status="featured", published_at=timezone.now())

    with django_assert_num_queries(queries - documents * documents_apart):
        assert len(api.get(f"/api/impact/updates{path}").json()["data"]["updates"]) == count
