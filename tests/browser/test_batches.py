"""A batch on its way through the back office, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from donations.operations import batch_processing
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.batches import gifts, make_batch, rich_players, started


@pytest.fixture
def half_done(real_transactions, settings):
    """A batch of five lines of which one failed and one waits."""
    settings.EVENT_DELIVERY = "sweep"
    players = rich_players(5)
    batch = started(make_batch(gifts(players, OnlusFactory(name="Il Sentiero Verde"))), now=timezone.now())
    players[1].is_active = False
    players[1].save()
    for _ in range(4):
        batch_processing.process_next(batch=batch, now=timezone.now())
    return batch


@pytest.fixture
def sheet(real_transactions):
    rich, poor, onlus = rich_players(1)[0], UserFactory(), OnlusFactory()
    rows = [f"{player.email};{onlus.pk};1,50;Thank you" for player in (rich, poor)]
    return "\n".join(["email;onlus_id;amount;message", *rows]).encode()


def test_a_batch_shows_how_far_it_is(half_done, staff, visit):
    visitor = visit()
    page = visitor.enter_back_office(staff)

    visitor.open("/admin/donations/batchoperation/")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "4")
    visitor.photograph("batches")
    visitor.open(f"/admin/donations/batchoperation/{half_done.pk}/change/")
    visitor.photograph("batch")
    page.get_by_role("link", name="Failed: 1").click()

    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.get_by_text("USER_NOT_ACTIVE")).to_be_visible()
    visitor.photograph("batch-lines")
    assert visitor.complaints == []
    assert visitor.strangers == []


@pytest.mark.parametrize("width", [1280, 390])
def test_an_upload_is_shown_before_anything_is_stored(sheet, staff, visit, width):
    visitor = visit(width=width)
    page = visitor.enter_back_office(staff)

    visitor.open("/admin/donations/batchoperation/")
    page.get_by_role("link", name="Upload a file").click()
    page.set_input_files("input[type=file]", {"name": "fair.csv", "mimeType": "text/csv", "buffer": sheet})
    visitor.photograph(f"batch-upload-form-{width}")
    page.get_by_role("button", name="Upload a file").click()

    expect(page.get_by_text("1 line is not in order.")).to_be_visible()
    expect(page.get_by_text("was never used")).to_be_visible()
    visitor.photograph(f"batch-upload-{width}")
    assert visitor.complaints == []
