"""Dangerous actions: asked for by one, decided by another, done once."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from accounts.models import Onlus
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.approvals import operations, tasks
from goodplay.lib.approvals.dashboards import build
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.registry import KINDS, approvable
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from goodplay.lib.events.models import Event
from goodplay.lib.time import rome_day
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.lib import approving
from tests.lib.approving import LATER, NOW, UNTOUCHED, CityChanged, ask, decisions, move_town, now_is

pytestmark = pytest.mark.django_db
State = ApprovalRequest.State


@pytest.fixture(autouse=True)
def kinds():
    known = set(KINDS)
    approving.declare()
    yield
    for name in set(KINDS) - known:
        del KINDS[name]


@pytest.fixture
def onlus():
    return OnlusFactory(name="Amici", city="Trento", mission_statement="Trees")


def member_of(role, **facts):
    staff = UserFactory(is_staff=True, **facts)
    staff.groups.add(Group.objects.get(name=role))
    return staff


@pytest.fixture
def alice():
    return member_of("finance", display_name="Alice", email="alice@example.org")


@pytest.fixture
def bob():
    return member_of("finance", display_name="Bob", email="bob@example.org")


def trail():
    return list(AuditEntry.objects.order_by("sequence"))


def test_asking_keeps_who_what_and_why(onlus, alice):
    asked = ask(onlus, alice)

    asked.refresh_from_db()
    assert str(asked) == "Move Amici to Roma."
    assert asked.facts == {"from": "Trento", "to": "Roma", "amount": "1234.50"}
    assert (asked.requested_by, asked.requested_at, asked.reason) == (alice, NOW, "They moved.")
    assert (asked.target_type, asked.target_id) == ("accounts.onlus", str(onlus.pk))
    assert asked.expires_at == NOW + timedelta(hours=72)
    assert now_is(asked, onlus) == UNTOUCHED
    [entry] = trail()
    assert (entry.actor, entry.action, entry.reason) == (alice, "approval_requested", "They moved.")
    assert entry.after["facts"] == asked.facts
    assert Event.objects.get(name="approval_requested").payload["approval_id"] == str(asked.pk)


def test_a_long_story_is_told_in_short(alice):
    onlus = OnlusFactory(name="Amici del parco " * 12, city="Trento")

    request = ask(onlus, alice, to="Castello " * 20)

    request.refresh_from_db()
    assert len(request.summary) == 300
    assert request.facts["to"] == "Castello " * 20


def test_asking_needs_a_reason(onlus, alice):
    with pytest.raises(operations.ReasonRequired):
        operations.request_approval(
            kind="test_move", target=onlus, facts={"to": "Roma"}, requested_by=alice, reason="  ", now=NOW
        )

    assert not ApprovalRequest.objects.exists()


def test_one_request_of_a_kind_waits_for_each_thing(onlus, alice, bob):
    first = ask(onlus, alice)

    with pytest.raises(operations.AlreadyRequested):
        ask(onlus, bob, to="Milano")

    others = [ask(onlus, bob, kind="test_move_soon"), ask(OnlusFactory(city="Trento"), bob)]
    assert set(ApprovalRequest.objects.pending()) == {first, *others}
    assert [entry.action for entry in trail()] == ["approval_requested"] * 3


def test_a_decided_request_makes_room_for_another(onlus, alice, bob):
    operations.reject(request=ask(onlus, alice), decided_by=bob, reason="Not now.", now=NOW)

    assert ask(onlus, alice).state == State.PENDING


def test_a_request_that_waited_too_long_makes_room_for_another(onlus, alice):
    old = ask(onlus, alice)

    new = ask(onlus, alice, now=NOW + timedelta(hours=72))

    assert now_is(old, onlus)[0] == "expired"
    assert new.state == State.PENDING


def test_what_was_not_declared_cannot_be_asked_for(onlus, alice):
    with pytest.raises(KeyError):
        ask(onlus, alice, kind="test_unheard_of")


def test_a_kind_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        approvable("test_move", perform=move_town, describe=str, permission="")


def test_a_second_person_approves_and_it_is_done(onlus, alice, bob):
    asked = ask(onlus, alice)

    operations.approve(request=asked, decided_by=bob, reason=" Seen. ", now=LATER, address="10.0.0.7")

    assert now_is(asked, onlus) == ("approved", "Roma", "Trees+", False)
    assert (asked.decided_by, asked.decided_at, asked.decision_reason) == (bob, LATER, "Seen.")
    assert asked.result == {"moved_to": "Roma", "by": str(bob.pk), "fee_amount": "2.50"}
    entry = trail()[-1]
    assert (entry.actor, entry.action, entry.address) == (bob, "approval_approved", "10.0.0.7")
    assert (entry.before["state"], entry.after["state"]) == ("pending", "approved")
    assert entry.after["result"] == asked.result
    payload = Event.objects.get(name="approval_decided").payload
    assert (payload["state"], payload["decided_by_id"]) == ("approved", str(bob.pk))


def test_it_is_done_once(onlus, alice, bob):
    asked = ask(onlus, alice)
    operations.approve(request=asked, decided_by=bob, now=LATER)
    carol = member_of("finance")

    for decide in (
        lambda: operations.approve(request=asked, decided_by=carol, now=LATER),
        lambda: operations.reject(request=asked, decided_by=carol, reason="No.", now=LATER),
        lambda: operations.cancel(request=asked, cancelled_by=alice, now=LATER),
    ):
        with pytest.raises(operations.AlreadyDecided):
            decide()

    assert now_is(asked, onlus) == ("approved", "Roma", "Trees+", False)
    assert asked.decided_by == bob


@pytest.mark.parametrize(
    "make", [StaffFactory, lambda: member_of("finance"), lambda: member_of("super_admin")]
)
def test_nobody_decides_on_their_own_request(onlus, make):
    staff = make()
    asked = ask(onlus, staff)

    for decide in decisions(asked, staff):
        with pytest.raises(operations.FourEyesRequired) as refused:
            decide()
        assert (refused.value.status, refused.value.code) == (403, "FOUR_EYES_REQUIRED")

    assert now_is(asked, onlus) == UNTOUCHED


@pytest.mark.parametrize("role", ["analyst", "compliance", "moderator"])
def test_who_lacks_the_right_does_not_decide(onlus, alice, role):
    asked = ask(onlus, alice)

    for decide in decisions(asked, member_of(role)):
        with pytest.raises(AccessDenied) as refused:
            decide()
        assert refused.value.status == 403

    assert now_is(asked, onlus) == UNTOUCHED


def test_somebody_suspended_does_not_decide(onlus, alice):
    asked = ask(onlus, alice)

    for decide in decisions(asked, StaffFactory(is_active=False)):
        with pytest.raises(AccessDenied):
            decide()

    assert now_is(asked, onlus) == UNTOUCHED


def test_what_changed_meanwhile_is_refused_and_stays_open(onlus, alice, bob):
    asked = ask(onlus, alice)
    Onlus.objects.update(city="Bari")

    with pytest.raises(CityChanged):
        operations.approve(request=asked, decided_by=bob, now=LATER)

    assert now_is(asked, onlus) == ("pending", "Bari", "Trees", False)
    assert (asked.decided_by, asked.decided_at, asked.result) == (None, None, {})
    assert [entry.action for entry in trail()] == ["approval_requested"]


def test_a_second_person_rejects_and_what_it_held_is_free(onlus, alice, bob):
    asked = ask(onlus, alice)

    operations.reject(request=asked, decided_by=bob, reason="They did not move.", now=LATER)

    assert now_is(asked, onlus) == ("rejected", "Trento", "Trees", True)
    assert (asked.decided_by, asked.decision_reason) == (bob, "They did not move.")
    assert (trail()[-1].action, trail()[-1].reason) == ("approval_rejected", "They did not move.")


def test_rejecting_needs_a_reason(onlus, alice, bob):
    asked = ask(onlus, alice)

    with pytest.raises(operations.ReasonRequired):
        operations.reject(request=asked, decided_by=bob, reason=" ", now=LATER)

    assert now_is(asked, onlus) == UNTOUCHED


def test_who_asked_takes_it_back(onlus, alice):
    asked = ask(onlus, alice)

    operations.cancel(request=asked, cancelled_by=alice, now=LATER)

    assert now_is(asked, onlus) == ("cancelled", "Trento", "Trees", True)
    assert (asked.decided_by, asked.decided_at) == (None, LATER)
    assert (trail()[-1].action, trail()[-1].actor) == ("approval_cancelled", alice)


def test_nobody_else_takes_it_back(onlus, alice):
    asked = ask(onlus, alice)

    with pytest.raises(operations.ApprovalNotYours) as refused:
        operations.cancel(request=asked, cancelled_by=StaffFactory(), now=LATER)

    assert refused.value.status == 403
    assert now_is(asked, onlus) == UNTOUCHED


def test_what_waited_too_long_is_not_approved_any_more(onlus, alice, bob):
    asked = ask(onlus, alice, kind="test_move_soon")

    for decide in decisions(asked, bob):
        with pytest.raises(operations.ApprovalExpired):
            decide()

    assert now_is(asked, onlus) == UNTOUCHED


def test_what_waited_too_long_is_closed(onlus, alice):
    due, open_still = ask(onlus, alice), ask(OnlusFactory(city="Trento"), alice, now=LATER)
    moment = NOW + timedelta(hours=72)

    counts = [operations.expire_due(now=moment) for _ in range(2)]

    assert counts == [1, 0]
    assert now_is(due, onlus) == ("expired", "Trento", "Trees", True)
    assert (due.decided_by, due.decided_at) == (None, moment)
    assert list(ApprovalRequest.objects.pending()) == [open_still]
    assert (trail()[-1].action, trail()[-1].actor) == ("approval_expired", None)


def test_the_job_closes_what_is_due(onlus, alice):
    ask(onlus, alice)

    with time_machine.travel(NOW + timedelta(days=4)):
        assert tasks.expire_due_requests() == "1 expired"
    assert PeriodicTask.objects.filter(task="goodplay.lib.approvals.tasks.expire_due_requests").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"state": "approved", "decided_at": LATER},
        {"state": "approved", "decided_by": "alice", "decided_at": LATER},
        {"state": "approved", "decided_by": "bob"},
        {"decided_at": LATER},
        {"decided_by": "bob"},
        {"state": "expired"},
        {"state": "cancelled", "decided_at": LATER, "decided_by": "bob"},
        {"reason": ""},
        {"expires_at": NOW},
    ],
    ids=str,
)
def test_the_database_refuses_what_cannot_be(onlus, alice, bob, change):
    asked = ask(onlus, alice)
    people = {"alice": alice, "bob": bob}
    change = {name: people.get(str(value), value) for name, value in change.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalRequest.objects.update(**change)

    assert now_is(asked, onlus) == UNTOUCHED


def test_the_database_refuses_a_second_open_request(onlus, alice, bob):
    asked = ask(onlus, alice)
    twin = ask(onlus, alice, kind="test_move_soon")

    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=twin.pk).update(kind=asked.kind)


# The back office ------------------------------------------------------------------------------------------------

LIST = reverse("admin:approvals_approvalrequest_changelist")


def page(asked, do=""):
    return f"{LIST}{asked.pk}/{f'do/{do}' if do else 'change'}/"


def browser(staff):
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def asked(onlus, alice):
    with time_machine.travel(NOW, tick=False):
        yield ask(onlus, alice)


def offered(client, asked):
    return [str(each["button"].label) for each in client.get(page(asked)).context["buttons"]]


def test_the_page_shows_who_what_how_much_and_why(asked, bob):
    shown = browser(bob).get(page(asked)).text

    for words in ("Move Amici to Roma.", "€1,234.50", "Trento", "They moved.", "Alice"):
        assert words in shown
    assert reverse("admin:accounts_onlus_change", args=[asked.target_id]) in shown


def test_each_is_offered_what_they_may_do(asked, alice, bob):
    assert offered(browser(bob), asked) == ["Approve", "Reject"]
    assert offered(browser(alice), asked) == ["Take back"]
    assert offered(browser(member_of("compliance")), asked) == []
    assert browser(member_of("analyst")).get(page(asked)).status_code == 403


def test_what_waited_too_long_is_not_offered(asked, bob):
    with time_machine.travel(asked.expires_at, tick=False):
        assert offered(browser(bob), asked) == []


def test_it_is_approved_in_the_back_office(asked, onlus, bob):
    client = browser(bob)

    assert "Move Amici to Roma." in client.get(page(asked, "approve")).text
    assert now_is(asked, onlus) == UNTOUCHED
    answer = client.post(page(asked, "approve"), {"reason": "Looked at the deed."}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["Approved and done."]
    assert now_is(asked, onlus) == ("approved", "Roma", "Trees+", False)
    assert asked.decision_reason == "Looked at the deed."
    assert trail()[-1].address == "127.0.0.1"
    assert answer.context["buttons"] == []


def test_it_is_rejected_in_the_back_office(asked, onlus, bob):
    client = browser(bob)

    assert client.post(page(asked, "reject"), {"reason": ""}).status_code == 200
    assert now_is(asked, onlus) == UNTOUCHED
    client.post(page(asked, "reject"), {"reason": "They did not move."})

    assert now_is(asked, onlus) == ("rejected", "Trento", "Trees", True)


def test_it_is_taken_back_in_the_back_office(asked, onlus, alice):
    browser(alice).post(page(asked, "cancel"))

    assert now_is(asked, onlus) == ("cancelled", "Trento", "Trees", True)


@pytest.mark.parametrize("do", ["approve", "reject"])
@pytest.mark.parametrize("who", ["alice", "boss", "compliance", "analyst"])
def test_the_back_office_lets_nobody_else_decide(onlus, asked, alice, who, do):
    people = {"alice": lambda: alice, "boss": StaffFactory}
    staff = people.get(who, lambda: member_of(who))()
    if who == "boss":
        ApprovalRequest.objects.update(requested_by=staff)

    answer = browser(staff).post(page(asked, do), {"reason": "A good reason."})

    assert answer.status_code == 403
    assert now_is(asked, onlus) == UNTOUCHED


def test_only_who_asked_takes_it_back_in_the_back_office(asked, onlus):
    assert browser(StaffFactory()).post(page(asked, "cancel")).status_code == 403
    assert now_is(asked, onlus) == UNTOUCHED


def test_a_forged_decision_does_nothing(asked, onlus, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    assert client.post(page(asked, "approve"), {"reason": ""}).status_code == 403
    assert now_is(asked, onlus) == UNTOUCHED


def test_a_refusal_of_the_kind_is_told(asked, onlus, bob):
    Onlus.objects.update(city="Bari")

    answer = browser(bob).post(page(asked, "approve"), {"reason": ""})

    assert answer.context["form"].non_field_errors() == ["The city changed since this was asked for."]
    assert now_is(asked, onlus) == ("pending", "Bari", "Trees", False)


def test_nobody_edits_a_request(asked, onlus):
    boss = browser(StaffFactory())

    assert boss.post(page(asked), {"state": "approved"}).status_code == 403
    assert boss.post(f"{LIST}{asked.pk}/delete/", {"post": "yes"}).status_code == 403
    assert boss.get(f"{LIST}add/").status_code == 403
    assert now_is(asked, onlus) == UNTOUCHED


def test_a_kind_that_is_gone_is_shown_and_not_decided(asked, bob):
    ApprovalRequest.objects.update(kind="test_gone", target_type="nothing.here")

    assert offered(browser(bob), asked) == []
    assert "nothing.here" in browser(bob).get(page(asked)).text


def test_the_queue_shows_what_waits_first(asked, alice, bob):
    operations.reject(request=asked, decided_by=bob, reason="No.", now=LATER)
    older = ask(OnlusFactory(city="Trento"), alice, now=NOW - timedelta(days=3))
    newer = ask(OnlusFactory(city="Trento"), alice, now=NOW - timedelta(days=1))

    answer = browser(bob).get(LIST)

    assert list(answer.context["cl"].result_list) == [newer, older, asked]
    assert "€1,234.50" in answer.text


def test_the_queue_costs_the_same_with_more_rows(asked, bob):
    client = browser(bob)
    client.get(LIST)
    costs = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        costs.append(len(captured))
        for _ in range(2):
            ask(OnlusFactory(city="Trento"), StaffFactory())

    assert costs[0] == costs[1]


def test_the_dashboard_shows_what_waits(asked, onlus, alice, bob):
    operations.reject(
        request=ask(OnlusFactory(city="Trento"), alice), decided_by=bob, reason="No.", now=LATER
    )
    today = rome_day(NOW)

    made = build(Period(today, today), NOW + timedelta(days=3))

    [table] = made.tables
    assert [row[1:4] for row in table.rows] == [("Move Amici to Roma.", "Alice", "They moved.")]
    figures = {str(figure.label): (figure.value, figure.written_note) for figure in made.figures}
    assert figures["Waiting for a second person"] == (1, "1 for longer than two days")
    assert (figures["Rejected"][0], figures["Approved"][0]) == (1, 0)


@pytest.mark.parametrize(("role", "sees"), [("finance", True), ("compliance", True), ("analyst", False)])
def test_the_dashboard_is_for_those_who_may_look(asked, role, sees):
    answer = browser(member_of(role)).get("/admin/", {"board": "approvals"})

    assert ("Move Amici to Roma." in answer.text) == sees
