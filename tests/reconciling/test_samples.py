"""Sample statements of other people's: read and kept by their schema, or refused."""

import pytest

from donations.bank.refusals import BankFileRefused
from donations.bank.schemas import SCHEMAS
from donations.bank.statements import parse_camt053
from tests.shared import shared_data


@pytest.mark.parametrize(
    "name",
    ["camt053.v2.minimal.xml", "camt053.v2.with-party-ids.xml", "camt053.v4.xml", "camt053.v8.xml"],
)
def test_samples_keep_the_schema_of_their_version(name):
    (statement, *_more) = parse_camt053(shared_data(f"bank/{name}").read_bytes(), schemas=SCHEMAS)

    assert statement.entries


def test_the_wrong_sample_is_refused():
    wrong = shared_data("bank/camt053.v2.wrong.xml").read_bytes()

    with pytest.raises(BankFileRefused):
        parse_camt053(wrong, schemas=SCHEMAS)
