"""Retention: what is over its period goes, with a proof; what is held, or is money, stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import LoginSession, User
from accounts.operations import sign_in
from donations.models import Donation, Transfer
from donations.operations.compliance.cases import open_case
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.access_log.operations import record_access
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.db import install_append_only_triggers, purging
from goodplay.lib.errors import AccessDenied
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.metrics.models import SystemMetric
from goodplay.lib.retention import operations, policies, proofs, registry
from goodplay.lib.retention.models import DeletionProof, LegalHold, RetentionPolicy
from goodplay.lib.retention.tasks import purge_due
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def minute(days_old, **data):
    return SystemMetric.objects.create(
        metric_type="performance", timestamp=NOW - DAY * days_old, data=data or {"requests": 1}
    )


def signed_in(person, days_ago, *, ended=True):
    moment = NOW - DAY * days_ago
    return LoginSession.objects.create(
        user=person,
        refresh_jti="a",
        user_agent="Firefox on a laptop",
        address="192.0.2.7",
        created_at=moment,
        last_used_at=moment,
        expires_at=NOW + DAY,
        ended_at=moment if ended else None,
        ended_because="logout" if ended else "",
    )


def period(kind):
    return RetentionPolicy.objects.get(pk=kind)


# Purging --------------------------------------------------------------------------------------------------------


def test_what_is_over_its_period_goes_and_the_rest_stays():
    old, young = minute(31), minute(29)

    assert operations.purge(kind="metrics_minutes", now=NOW) == 1
    assert operations.purge(kind="metrics_minutes", now=NOW) == 0

    proof = DeletionProof.objects.get()
    assert list(SystemMetric.objects.all()) == [young]
    assert (proof.kind, proof.act, proof.count, proof.period_days) == ("metrics_minutes", "delete", 1, 30)
    assert (proof.ended_before, proof.recorded_at) == (NOW - 30 * DAY, NOW)
    assert proof.digest == proofs.digest_of([old])
    assert period("metrics_minutes").last_run_at == NOW


def test_a_large_purge_goes_in_slices_each_with_its_proof(monkeypatch):
    monkeypatch.setattr(operations, "SLICE", 2)
    for hours in range(5):
        minute(40 + hours / 24)

    assert operations.purge(kind="metrics_minutes", now=NOW) == 5

    assert list(DeletionProof.objects.order_by("sequence").values_list("count", flat=True)) == [2, 2, 1]
    assert proofs.broken_proofs() == []


def test_one_night_takes_no_more_than_its_slices(monkeypatch):
    monkeypatch.setattr(operations, "SLICE", 2)
    monkeypatch.setattr(operations, "MOST_SLICES", 1)
    for hours in range(3):
        minute(40 + hours / 24)

    assert operations.purge(kind="metrics_minutes", now=NOW) == 2
    assert SystemMetric.objects.count() == 1


def test_the_digest_tells_one_changed_column():
    before = proofs.digest_of([row := minute(1, requests=1)])
    row.data = {"requests": 2}

    assert proofs.digest_of([row]) != before


def test_the_job_purges_every_kind_and_one_that_fails_stops_no_other(monkeypatch):
    minute(800), minute(40)
    job = JobRun.objects.create(name="a.tasks.a")
    JobRecord.objects.create(job=job, started_at=NOW - 400 * DAY, took=DAY, succeeded=True)
    broken = registry.Kept("a_broken", "", "", 1, 1, lambda before: 1 // 0, registry.Act.DELETE, None, "")
    monkeypatch.setitem(registry.KEPT, "a_broken", broken)

    with pytest.raises(operations.PurgingFailed, match="a_broken"):
        purge_due()

    assert (SystemMetric.objects.count(), JobRecord.objects.count()) == (0, 1)
    assert JobRecord.objects.get().outcome == "PurgingFailed: ['a_broken']"


def test_a_kind_switched_off_is_left_alone():
    minute(40)
    RetentionPolicy.objects.filter(pk="metrics_minutes").update(is_active=False)

    assert "metrics_minutes" not in operations.purge_all(now=NOW)
    assert SystemMetric.objects.count() == 1


@pytest.mark.parametrize("kind", ["transfers", "donations", "receipts"])
def test_money_is_never_purged(kind):
    make_donation(UserFactory(), OnlusFactory(), "2.00", now=NOW - 5000 * DAY)

    with pytest.raises(operations.MoneyIsKept):
        operations.purge(kind=kind, now=NOW)
    purged = operations.purge_all(now=NOW)

    assert kind not in purged
    assert (Donation.objects.count(), Transfer.objects.exists()) == (1, True)


def test_addresses_of_sign_ins_go_before_the_sign_ins():
    person = UserFactory()
    living, over = signed_in(person, 50, ended=False), signed_in(person, 100)

    operations.purge_all(now=NOW)

    living.refresh_from_db()
    assert (living.address, living.user_agent) == ("", "")
    assert not LoginSession.objects.filter(pk=over.pk).exists()


def test_a_closed_account_is_forgotten_and_what_it_gave_stays():
    person = UserFactory(email="mario@example.org", last_name="Rossi")
    donation = make_donation(person, OnlusFactory(), "2.00", now=NOW - 50 * DAY)
    signed_in(person, 1)
    User.objects.filter(pk=person.pk).update(is_active=False, deleted_at=NOW - 31 * DAY)
    UserFactory(), StaffFactory(is_active=False, deleted_at=NOW - 31 * DAY)

    assert operations.purge(kind="closed_accounts", now=NOW) == 1
    assert operations.purge(kind="closed_accounts", now=NOW) == 0

    person.refresh_from_db()
    donation.refresh_from_db()
    assert (person.first_name, person.last_name, person.email_verified_at) == ("", "", None)
    assert person.email == f"{person.pk.hex}@erased.invalid"
    assert (donation.donor_id, LoginSession.objects.count()) == (person.pk, 0)
    with pytest.raises(sign_in.InvalidCredentials):
        sign_in.recognise(email="mario@example.org", password="a long phrase of my own", now=NOW)


# Append-only tables ---------------------------------------------------------------------------------------------


def looked(days_ago):
    return record_access(
        actor=None, target=OnlusFactory(), purpose="check", what="IBAN", now=NOW - DAY * days_ago
    )


def test_the_access_log_is_purged_through_its_one_door():
    _old, young = looked(731), looked(729)

    assert operations.purge(kind="access_log", now=NOW) == 1

    assert list(DataAccess.objects.all()) == [young]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        young.delete()


def test_the_door_lets_nothing_be_changed_and_no_other_table_be_purged():
    row = looked(1)
    make_donation(UserFactory(), OnlusFactory(), "2.00", now=NOW)

    def change():
        with purging(DataAccess):
            DataAccess.objects.update(purpose="x")

    def delete_money():
        with purging(DataAccess):
            Transfer.objects.all()._raw_delete("default")

    for forbidden in (change, delete_money):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            forbidden()
    with pytest.raises(ValueError, match="not purgeable"), purging(Transfer):
        pass

    row.refresh_from_db()
    assert (row.purpose, Transfer.objects.exists()) == ("check", True)


# Proofs ---------------------------------------------------------------------------------------------------------


def test_proofs_cannot_be_changed_and_a_change_behind_the_triggers_shows():
    for days in (40, 41):
        minute(days)
        operations.purge(kind="metrics_minutes", now=NOW)
    call_command("verify_deletion_proofs")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        DeletionProof.objects.update(count=7)
    _forge("UPDATE retention_deletionproof SET count = 7 WHERE sequence = 1")

    assert proofs.broken_proofs() == [1]
    with pytest.raises(CommandError, match="broken at 1"):
        call_command("verify_deletion_proofs")


def _forge(statement):
    table = "retention_deletionproof"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f'DROP TRIGGER "{table}_no_update"')
        else:
            cursor.execute(f'DROP TRIGGER "{table}_append_only" ON "{table}"')
        cursor.execute(statement)
    install_append_only_triggers(connection)


# Holds ----------------------------------------------------------------------------------------------------------


def test_nothing_of_a_person_under_a_hold_is_purged():
    held, other, boss = UserFactory(), UserFactory(), StaffFactory()
    signed_in(held, 100), signed_in(other, 100)
    hold = operations.place_hold(person=held, reason="A court asked.", by=boss, now=NOW)
    due = operations.counts_due(period("sign_ins"), now=NOW)

    operations.purge_all(now=NOW)
    kept = list(LoginSession.objects.values_list("user", "address"))
    operations.release_hold(hold=hold, reason="It is over.", by=boss, now=NOW)
    operations.purge_all(now=NOW)

    assert (due, kept) == ((1, 1), [(held.pk, "192.0.2.7")])
    assert not LoginSession.objects.exists()
    actions = AuditEntry.objects.order_by("sequence").values_list("action", "reason")
    assert list(actions) == [
        ("legal_hold_place", "A court asked."),
        ("legal_hold_release", "It is over."),
    ]


def test_whoever_has_an_open_case_is_held():
    person = UserFactory()
    signed_in(person, 100)
    open_case(kind="aml", subject_user=person, title="Odd", risk_level="high", now=NOW)

    operations.purge_all(now=NOW)

    assert LoginSession.objects.get().address == "192.0.2.7"


def test_holds_are_placed_and_released_once_by_those_with_the_right():
    person, boss, stranger = UserFactory(), StaffFactory(), StaffFactory(is_superuser=False)
    hold = operations.place_hold(person=person, reason="A court asked.", by=boss, now=NOW)

    with pytest.raises(operations.HeldAlready):
        operations.place_hold(person=person, reason="Again.", by=boss, now=NOW)
    for act in (
        lambda: operations.place_hold(person=boss, reason="No.", by=stranger, now=NOW),
        lambda: operations.release_hold(hold=hold, reason="No.", by=stranger, now=NOW),
    ):
        with pytest.raises(AccessDenied):
            act()
    assert LegalHold.objects.standing().count() == 1
    operations.release_hold(hold=hold, reason="Over.", by=boss, now=NOW)
    with pytest.raises(operations.HoldReleased):
        operations.release_hold(hold=hold, reason="Over.", by=boss, now=NOW)


# Periods --------------------------------------------------------------------------------------------------------


def change(days, *, by=None, kind="metrics_minutes"):
    return policies.change_period(
        policy=period(kind), days=days, by=by or StaffFactory(), reason="We need it.", now=NOW
    )


def test_longer_counts_at_once():
    assert change(60) is None

    entry = AuditEntry.objects.get()
    assert (period("metrics_minutes").days, entry.before, entry.after) == (60, {"days": 30}, {"days": 60})


def test_shorter_needs_a_second_person():
    asker, second = StaffFactory(), StaffFactory()

    asked = change(20, by=asker)
    waiting = period("metrics_minutes").days
    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=asked, decided_by=asker, now=NOW)
    approvals.approve(request=asked, decided_by=second, now=NOW)

    assert (waiting, period("metrics_minutes").days) == (30, 20)
    assert asked.summary == "Keep metrics_minutes for 20 days instead of 30."


def test_a_period_that_changed_meanwhile_is_not_shortened():
    asked = change(20)
    change(90)

    with pytest.raises(policies.PeriodChanged):
        approvals.approve(request=asked, decided_by=StaffFactory(), now=NOW)

    assert period("metrics_minutes").days == 90


@pytest.mark.parametrize(
    ("kind", "days", "refusal"),
    [
        ("metrics_minutes", 14, policies.PeriodTooShort),
        ("transfers", 3652, policies.PeriodTooShort),
        ("metrics_minutes", 30, policies.PeriodUnchanged),
        ("metrics_minutes", 40_000, policies.PeriodTooLong),
    ],
)
def test_no_period_goes_below_the_least(kind, days, refusal):
    before = period(kind).days

    with pytest.raises(refusal):
        change(days, kind=kind)

    assert (period(kind).days, ApprovalRequest.objects.count()) == (before, 0)


def test_a_period_set_too_short_behind_our_back_is_not_followed():
    minute(14)
    RetentionPolicy.objects.filter(pk="metrics_minutes").update(days=1)

    assert operations.purge(kind="metrics_minutes", now=NOW) == 0


def test_periods_need_their_right():
    with pytest.raises(AccessDenied):
        change(60, by=StaffFactory(is_superuser=False))

    assert period("metrics_minutes").days == 30


def test_every_declared_kind_has_its_policy_and_its_reason():
    assert set(RetentionPolicy.objects.values_list("pk", flat=True)) == set(registry.KEPT)
    assert all(str(kept.law) and kept.days >= kept.least_days >= 1 for kept in registry.KEPT.values())


# The screens ----------------------------------------------------------------------------------------------------


def do(client, kind, name, **data):
    address = reverse("admin:retention_retentionpolicy_do", args=[kind.replace("_", "_5F"), name])
    return client.post(address, data, follow=True)


def test_the_screen_counts_what_is_due_and_purges_nothing(client):
    minute(40)
    client.force_login(StaffFactory())

    page = do(client, "metrics_minutes", "count_due")

    assert SystemMetric.objects.count() == 1
    assert "rows would be purged now" in page.text


def test_the_screen_purges_with_a_reason_on_the_trail(client):
    SystemMetric.objects.create(
        metric_type="performance", timestamp=datetime.now(UTC) - 40 * DAY, data={"requests": 1}
    )
    person = StaffFactory()
    client.force_login(person)

    do(client, "metrics_minutes", "purge_now", reason="")
    before = SystemMetric.objects.count()
    do(client, "metrics_minutes", "purge_now", reason="The disk is full.")

    entry = AuditEntry.objects.get()
    assert (before, SystemMetric.objects.count()) == (1, 0)
    assert (entry.action, entry.actor, entry.reason) == ("retention_purge", person, "The disk is full.")
    assert DeletionProof.objects.get().job == f"staff {person.pk}"


def test_money_has_no_button_to_purge(client):
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:retention_retentionpolicy_change", args=["transfers"]))

    assert [str(each["button"].label) for each in page.context["buttons"]] == ["Change the period"]
    assert do(client, "transfers", "purge_now", reason="Away with it.").status_code == 200
    assert not AuditEntry.objects.exists()


def test_looking_is_not_purging(client):
    minute(40)
    person = StaffFactory(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_retentionpolicy"))
    client.force_login(person)

    assert client.get(reverse("admin:retention_retentionpolicy_changelist")).status_code == 200
    assert do(client, "metrics_minutes", "purge_now", reason="Mine to try.").status_code == 403
    assert SystemMetric.objects.count() == 1


def test_the_screen_places_a_hold(client):
    held, person = UserFactory(), StaffFactory()
    client.force_login(person)
    address = reverse("admin:retention_legalhold_do_on_list", args=["place"])

    form = client.get(address)
    client.post(address, {"person": str(held.pk), "reason": "A court asked."})

    hold = LegalHold.objects.get()
    assert form.status_code == 200
    assert (hold.person, hold.placed_by, hold.released_at) == (held, person, None)
