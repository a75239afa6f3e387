import pytest

from goodplay.lib.iban import (
    NotBic,
    NotIban,
    bank_country,
    in_groups,
    is_sepa,
    mask,
    validate_bic,
    validate_iban,
)

ITALIAN = "IT60X0542811101000000123456"


@pytest.mark.parametrize("written", [ITALIAN, "it60 x054 2811 1010 0000 0123 456", f" {ITALIAN}\n"])
def test_an_iban_is_compacted(written):
    assert validate_iban(written) == ITALIAN


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "IT61X0542811101000000123456",  # check digits
        "IT60X0542811101000000123465",  # two digits swapped
        "IT60X054281110100000012345",  # a digit short
        "XX60X0542811101000000123456",  # no such country
        "US64SVBKUS6S3300958879",  # a country without IBANs
        "IT٦٠X0542811101000000123456",  # digits of another script, right in sum
    ],
)
def test_a_wrong_iban_is_refused(wrong):
    with pytest.raises(NotIban):
        validate_iban(wrong)


def test_a_bic_is_compacted():
    assert validate_bic(" uncritmm ") == "UNCRITMM"


@pytest.mark.parametrize("wrong", ["", "UNCRITM", "UNCRITMMX", "UNC1ITMM", "UNCRITMM٠XX"])
def test_a_wrong_bic_is_refused(wrong):
    with pytest.raises(NotBic):
        validate_bic(wrong)


def test_an_iban_is_placed_and_shown():
    assert bank_country(ITALIAN) == "IT"
    assert is_sepa(ITALIAN)
    assert not is_sepa("TR330006100519786457841326")
    assert mask(ITALIAN) == "IT60 … 3456"
    assert in_groups(ITALIAN) == "IT60 X054 2811 1010 0000 0123 456"
