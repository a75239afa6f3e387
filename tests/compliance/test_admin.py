"""Compliance in the back office: working a case, writing a rule, deciding on a check."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from donations.dashboards import compliance as board
from donations.models import ComplianceCheck, FraudFlag, RiskDecision, RiskRule, RuleBacktest
from donations.operations.compliance import cases, checks
from donations.operations.risk import backtesting, rules
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import rome_day
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.factories.risk import make_rule

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CONDITIONS = '{"fact": "amount", "operator": "gte", "threshold": "40"}'


def officer():
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="compliance"))
    return user


@pytest.fixture
def rita(client):
    user = officer()
    client.force_login(user)
    return user


def press(client, row, name, /, **data):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.post(reverse(f"admin:{kind}_do", args=[row.pk, name]), data, follow=True)


def press_list(client, model, name, /, **data):
    kind = f"{model._meta.app_label}_{model._meta.model_name}"
    return client.post(reverse(f"admin:{kind}_do_on_list", args=[name]), data, follow=True)


def a_case(**changes):
    facts = {
        "kind": "aml",
        "subject_user": UserFactory(),
        "title": "Structuring",
        "risk_level": "high",
        "now": timezone.now(),
    }
    return cases.open_case(**(facts | changes))


# Cases ----------------------------------------------------------------------------------------------------------


def test_a_case_is_worked_and_closed_by_two_people(client, rita, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = tmp_path
    case = a_case()
    check = checks.open_check(
        user=case.subject_user,
        check_type="aml",
        risk_level="high",
        risk_score=Decimal("50"),
        risk_factors=[],
        results={},
        reason="Rule",
        now=timezone.now(),
    )

    press(client, case, "take")
    press(client, case, "note", text="Called the player.")
    press(client, case, "evidence", file=SimpleUploadedFile("pay.pdf", PDF), text="A payslip")
    press(client, case, "link", check=check.check_id)
    press(client, case, "escalate", reason="Above my head")
    press(client, case, "propose", outcome="no_action", reason="Explained by the payslip")
    case.refresh_from_db()
    alone = press(client, case, "close", proposal=case.proposal, reason="Fine by me")
    case.refresh_from_db()
    assert (case.status, case.assignee, case.risk_level) == ("closing", rita, "critical")
    assert alone.status_code in (200, 403)

    client.force_login(officer())
    press(client, case, "close", proposal=case.proposal, reason="Agreed with Rita")

    case.refresh_from_db()
    kinds = list(case.events.order_by("created_at", "id").values_list("kind", flat=True))
    assert (case.status, case.outcome) == ("closed", "no_action")
    assert kinds == [
        "opened",
        "assigned",
        "note",
        "evidence",
        "linked",
        "escalated",
        "closing_proposed",
        "closed",
    ]


@pytest.mark.parametrize("answer", ["close", "refuse"])
def test_an_answer_to_a_proposal_that_was_replaced_is_refused(client, rita, answer):
    case, anna = a_case(), officer()
    case = cases.propose_closing(
        case=case, outcome="no_action", reason="Explained", actor=anna, now=timezone.now()
    )
    page = client.get(reverse("admin:donations_case_do", args=[case.pk, answer]))
    read = {"proposal": page.context["form"]["proposal"].value(), "reason": "Agreed with Anna"}
    assert f"{anna} proposes: No action." in page.text
    cases.propose_closing(case=case, outcome="reported", reason="No", actor=anna, now=timezone.now())

    late = press(client, case, answer, **read)
    without = press(client, case, answer, reason="Agreed with Anna")

    assert "This changed in the meantime" in late.text
    assert "proposal" in without.context["form"].errors
    case.refresh_from_db()
    assert (case.status, case.outcome, case.closed_by) == ("closing", "reported", None)
    press(client, case, answer, **read | {"proposal": case.proposal})
    case.refresh_from_db()
    assert case.status == {"close": "closed", "refuse": "in_progress"}[answer]


def test_evidence_is_encrypted_and_each_look_is_written_down(client, rita, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = tmp_path
    case = a_case()
    press(client, case, "evidence", file=SimpleUploadedFile("pay.pdf", PDF))
    event = case.events.get(kind="evidence")

    answer = press(client, event, "open_file")

    assert answer.content == PDF
    assert DataAccess.objects.get().purpose == f"case {case.case_id}"
    assert all(PDF not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_what_is_no_document_is_no_evidence(client, rita, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = tmp_path
    case = a_case()

    page = press(client, case, "evidence", file=SimpleUploadedFile("pay.pdf", b"MZ\x00 a program"))

    assert "damaged" in page.content.decode()
    assert not case.events.filter(kind="evidence").exists()


def test_the_page_of_a_case_shows_its_timeline(client, rita):
    case = a_case()
    press(client, case, "note", text="Called the player.")

    page = client.get(reverse("admin:donations_case_change", args=[case.pk])).content.decode()

    assert "Called the player." in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same(client, rita, count, django_assert_max_num_queries):
    for _each in range(count):
        case = a_case()
        press(client, case, "take")

    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:donations_case_changelist"))

    assert page.content.decode().count("Structuring") == count


def test_players_and_analysts_work_no_case(client):
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    client.force_login(analyst)
    case = a_case()

    answer = press(client, case, "take")

    case.refresh_from_db()
    assert (answer.status_code, case.assignee) == (403, None)


# Checks, flags, settings ----------------------------------------------------------------------------------------


def test_a_check_is_started_and_decided_here(client, rita):
    player = UserFactory()

    press_list(
        client,
        ComplianceCheck,
        "start",
        email=player.email,
        check_type="tax_compliance",
        reason="A tip from the bank",
    )
    check = ComplianceCheck.objects.get()
    press(client, check, "approve", reason="All in order")
    check.refresh_from_db()
    assert (check.user, check.status) == (player, "requires_review")  # one's own is a colleague's

    client.force_login(officer())
    press(client, check, "approve", reason="All in order")
    check.refresh_from_db()
    assert check.status == "passed"


def test_a_player_is_marked(client, rita):
    player = UserFactory()

    press_list(client, FraudFlag, "mark", email=player.email, reason="Three accounts, one phone")

    assert (FraudFlag.objects.get().user, FraudFlag.objects.get().flagged_by) == (player, rita)


# Rules ----------------------------------------------------------------------------------------------------------


def write(client, **changes):
    data = {
        "subject": "donation",
        "code": "big_gift",
        "name": "A big gift",
        "conditions": CONDITIONS,
        "action": "review",
        "score": 50,
    }
    return press_list(client, RiskRule, "write", **(data | changes))


def test_a_rule_goes_from_draft_over_a_test_into_force(client, rita, django_capture_on_commit_callbacks):
    donor, onlus = UserFactory(), OnlusFactory()
    for amount in ("10.00", "40.00", "90.00"):
        donation = make_donation(donor, onlus, amount, now=timezone.now() - timedelta(days=1))
    take_back(donation, now=timezone.now())
    write(client)
    rule = RiskRule.objects.get(code="big_gift")
    press(client, rule, "publish", reason="It should hold big gifts")
    assert not ApprovalRequest.objects.exists()  # nobody tested it yet

    press(client, rule, "backtest", days=90)
    press(client, rule, "publish", reason="It should hold big gifts")
    test, request = RuleBacktest.objects.get(), ApprovalRequest.objects.get()
    assert (test.looked_at, test.hit_count, test.known_count) == (3, 2, 1)
    with pytest.raises(approvals.FourEyesRequired):
        approvals.approve(request=request, decided_by=rita, now=timezone.now())
    other = officer()
    with django_capture_on_commit_callbacks(execute=True):
        approvals.approve(request=request, decided_by=other, now=timezone.now())

    rule.refresh_from_db()
    assert (rule.status, rule.published_by) == ("active", other)
    assert make_donation(donor, onlus, "40.00", now=timezone.now()).status == "pending"


def test_a_new_version_replaces_the_old_and_keeps_it(client, rita):
    old = make_rule("donation", "big_gift")
    new = rules.write_rule(
        subject="donation",
        code="big_gift",
        name="A big gift",
        conditions={"fact": "amount", "operator": "gte", "threshold": "500"},
        action="review",
        score=50,
        author=rita,
        now=timezone.now(),
    )
    backtesting.run_backtest(rule=new, now=timezone.now())
    request = rules.request_publishing(rule=new, requested_by=rita, reason="Less noise", now=timezone.now())

    approvals.approve(request=request, decided_by=officer(), now=timezone.now())

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, new.status, new.version) == ("retired", "active", 2)
    assert old.conditions["threshold"] == "30.00"


@pytest.mark.parametrize(
    "change",
    [
        {"conditions": "import os"},
        {"conditions": '{"fact": "secret", "operator": "gt", "threshold": 1}'},
        {"subject": "payout", "action": "block"},
        {"score": 101},
        {"is_weak": "on"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(client, rita, change):
    before = RiskRule.objects.count()

    write(client, **change)

    assert RiskRule.objects.count() == before


def test_a_trial_begins_and_ends(client, rita, django_capture_on_commit_callbacks):
    write(client)
    rule = RiskRule.objects.get(code="big_gift")
    with django_capture_on_commit_callbacks(execute=True):
        press(client, rule, "try_out")
    donation = make_donation(UserFactory(), OnlusFactory(), "40.00", now=timezone.now())

    press(client, rule, "end_trial")

    rule.refresh_from_db()
    assert (rule.status, donation.status) == ("draft", "completed")
    assert RiskDecision.objects.get().shadow_reasons[0]["rule"] == "big_gift"


def test_the_command_tests_the_newest_version(capsys):
    make_rule("donation", "lonely", conditions={"fact": "amount", "operator": "gte", "threshold": "5"})
    make_donation(UserFactory(), OnlusFactory(), "4.00", now=timezone.now())

    call_command("backtest_rule", "lonely", "--days", "30")

    assert "0 hits in 1 movements" in capsys.readouterr().out
    with pytest.raises(CommandError, match="--subject"):
        call_command("backtest_rule", "high_risk_amount")


def test_a_decision_is_made_again_on_its_page(client, rita):
    make_rule("donation", "big_gift", action="score", score=5)
    make_donation(UserFactory(), OnlusFactory(), "40.00")

    page = press(client, RiskDecision.objects.get(), "replay")

    assert "The same again" in page.content.decode()


# The dashboard --------------------------------------------------------------------------------------------------


def today():
    day = rome_day(timezone.now())
    return Period(day, day)


def test_the_empty_dashboard_is_calm(rita):
    content = board.build(today(), timezone.now())

    assert [figure.value for figure in content.figures[:3]] == [0, 0, 0]
    assert not content.tables[0].rows


def test_every_figure_leads_to_the_rows_it_counts(client, rita):
    make_rule("donation", "big_gift")
    make_donation(UserFactory(), OnlusFactory(), "40.00", now=timezone.now())
    a_case()
    a_case(now=timezone.now() - timedelta(days=9))
    checks.open_check(
        user=UserFactory(),
        check_type="aml",
        risk_level="critical",
        risk_score=Decimal("80"),
        risk_factors=[],
        results={},
        reason="Rule",
        now=timezone.now(),
    )

    content = board.build(today(), timezone.now())

    counted = {str(figure.label): figure for figure in content.figures if isinstance(figure.value, int)}
    assert {
        label: counted[label].value
        for label in (
            "Movements held",
            "Grave checks waiting",
            "Open cases",
            "Cases past their deadline",
            "Held",
        )
    } == {
        "Movements held": 1,
        "Grave checks waiting": 1,
        "Open cases": 2,
        "Cases past their deadline": 1,
        "Held": 1,
    }
    for label, figure in counted.items():
        if label != "Compliance alerts":
            rows = client.get(figure.url).context["cl"].result_list
            assert len(rows) == figure.value, label
