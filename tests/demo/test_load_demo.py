from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Onlus, User
from donations.models import Donation, LedgerSeal, Receipt
from donations.queries.books import contradictions
from goodplay.demo import people
from goodplay.lib.events.models import Delivery
from impact.models import CommunityReport, ImpactMetric, ImpactUpdate, StoryUnlock
from social.models import ImpactScore

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def load(settings, *arguments):
    out, settings.DEBUG = StringIO(), True
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


def test_the_demo_balances_and_is_loaded_once(settings):
    said = load(settings, "--weeks", "4")

    assert "the books balance" in said
    assert contradictions() == []
    assert User.objects.filter(email__in=[email for _who, email, _word in people.DEMO_SIGN_INS]).count() == 4
    assert Onlus.objects.accepting_donations().count() >= 8
    donations = Donation.objects.count()
    assert donations == Receipt.objects.count() > 0
    assert LedgerSeal.objects.exists()
    for model in (StoryUnlock, ImpactScore, ImpactMetric, ImpactUpdate, CommunityReport):
        assert model.objects.exists()
    assert not Delivery.objects.exclude(status=Delivery.Status.DONE).exists()

    assert load(settings) == "The demo data is there.\n"
    assert Donation.objects.count() == donations


def test_the_demo_stays_out_of_production(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG=true only"):
        call_command("load_demo")

    assert not User.objects.exists()
