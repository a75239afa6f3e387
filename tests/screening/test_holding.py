"""What a hit does to money: it waits, it is refused, and nobody is paid who may be listed."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from donations.models import Donation, Payout, Review, ScreenedSubject, ScreeningQuality
from donations.operations import giving, payouts
from donations.operations.risk.judging import FraudDetected
from donations.operations.screening import hits
from donations.queries.screening_quality import latest
from goodplay.lib.approvals import operations as approvals
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, balance, give_credits
from tests.factories.payouts import payable_onlus, prepare
from tests.factories.screening import import_ofac, import_pep, only_hit, screen_all

pytestmark = pytest.mark.django_db


def give(user):
    give_credits(user, "10.00")
    return giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal("5.00"), now=NOW)


def confirm(hit):
    request = hits.propose_match(hit=hit, proposed_by=StaffFactory(), reason="Same photograph", now=NOW)
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)


def test_the_gift_of_somebody_with_an_open_hit_waits_for_a_person():
    import_pep()
    user = UserFactory(first_name="Ottavia", last_name="Brandolini")
    screen_all()

    donation = give(user)

    assert donation.status == Donation.Status.PENDING
    assert Review.objects.get().reasons == ["sanctions_hit_open"]


def test_the_gift_of_somebody_who_is_listed_is_refused():
    import_pep()
    user = UserFactory(first_name="Ottavia", last_name="Brandolini")
    screen_all()
    confirm(only_hit())

    with pytest.raises(FraudDetected):
        give(user)

    assert (Donation.objects.count(), balance(user)) == (0, Decimal("10.00"))


def test_the_gift_of_somebody_not_screened_yet_waits():
    import_pep()

    donation = give(UserFactory())

    assert (donation.status, Review.objects.get().reasons) == ("pending", ["sanctions_not_screened"])


@pytest.mark.parametrize("with_lists", [True, False])
def test_the_gift_of_somebody_clear_passes_and_so_does_everybodys_without_lists(with_lists):
    user = UserFactory(first_name="Bruno", last_name="Neri")
    if with_lists:
        import_pep()
        screen_all()

    assert give(user).status == Donation.Status.COMPLETED


def test_an_organisation_that_may_be_listed_is_not_paid():
    payable_onlus("50.00", name="Orlovskaya Trading Co., Ltd.")
    run = prepare()
    import_ofac()
    screen_all()

    with pytest.raises(payouts.PayoutNotPayable) as refused:
        payouts.request_release(run=run, requested_by=StaffFactory(), reason="Monthly run", now=NOW)

    assert refused.value.data == {"organisations": ["Orlovskaya Trading Co., Ltd."]}
    assert Payout.objects.get().status == Payout.Status.DRAFT


def test_an_organisation_that_is_clear_is_paid():
    payable_onlus("50.00", name="Amici del Mare")
    run = prepare()
    import_ofac()
    screen_all()

    request = payouts.request_release(run=run, requested_by=StaffFactory(), reason="Monthly run", now=NOW)

    assert request.is_pending
    assert set(ScreenedSubject.objects.exclude(onlus=None).values_list("state", flat=True)) == {"clear"}


def test_the_quality_of_the_screener_is_kept_for_the_dashboard(tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("name1,name2,is_match\nAnna Bini,Anna Bini,true\nAnna Bini,Ugo Neri,false\n")
    before = latest()

    call_command(
        "screening_quality", str(pairs), "--clean", "0", "--folds", "0", "--store", stdout=StringIO()
    )

    kept = latest()
    assert before is None
    assert (kept.f1, kept.precision, kept.recall, kept.clean_alert_rate) == (1, 1, 1, None)
    assert kept.report["overall"]["pairs"] == 2
    assert ScreeningQuality.objects.count() == 1
