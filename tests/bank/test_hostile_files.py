"""What arrives as a file from the bank may come from anybody."""

import pytest

from donations.bank import documents
from donations.bank.credit_transfers import read_pain001
from donations.bank.refusals import BankFileRefused, Fault
from donations.bank.statements import read_camt053
from donations.bank.status_reports import read_pain002
from tests.bank.orders import BANK, NOW, order

READERS = [
    (read_pain001, "pain.001.001.09", "CstmrCdtTrfInitn"),
    (read_pain002, "pain.002.001.10", "CstmrPmtStsRpt"),
    (read_camt053, "camt.053.001.08", "BkToCstmrStmt"),
]
everywhere = pytest.mark.parametrize(("read", "version", "root"), READERS)


def refusal(read, data):
    with pytest.raises(BankFileRefused) as error:
        read(data)
    return error.value


def namespace(version):
    return f"urn:iso:std:iso:20022:tech:xsd:{version}"


@everywhere
def test_entity_bombs_are_refused(read, version, root):
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    bomb = f'<!DOCTYPE Document [<!ENTITY e0 "ha">{entities}]><Document xmlns="{namespace(version)}">&e9;</Document>'

    assert refusal(read, bomb.encode()).code == Fault.DTD
    assert refusal(read, bomb.encode("utf-16")).code == Fault.DTD


@everywhere
def test_external_entities_are_refused(read, version, root, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    file = (
        f'<!DOCTYPE Document [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>'
        f'<Document xmlns="{namespace(version)}"><{root}><GrpHdr><MsgId>&leak;</MsgId></GrpHdr></{root}></Document>'
    )

    refused = refusal(read, file.encode())

    assert refused.code == Fault.DTD
    assert "the secret" not in refused.detail + str(refused)


@everywhere
@pytest.mark.parametrize(
    "dtd", ["<!DOCTYPE Document>", '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">']
)
def test_document_types_are_refused(read, version, root, dtd):
    assert refusal(read, f'{dtd}<Document xmlns="{namespace(version)}"/>'.encode()).code == Fault.DTD


@everywhere
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b"<Document>",
        b"<Document>\x00</Document>",
        b"<Document>\xff</Document>",
        b'<?xml version="1.0" encoding="utf-7"?><Document/>',
        b'<?xml version="1.0" encoding="none"?><Document/>',
        b"<Document>&nbsp;</Document>",
        b"<Document/><Document/>",
        b"<x>" * 200_000 + b"</x>" * 200_000,
    ],
)
def test_what_is_no_xml_is_refused(read, version, root, data):
    assert refusal(read, data).code == Fault.MALFORMED


@everywhere
def test_other_documents_are_refused(read, version, root):
    for data in (
        "<Document/>",
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"/>',
        f'<Other xmlns="{namespace(version)}"/>',
        f'<Document xmlns="{version}"/>',
    ):
        assert refusal(read, data.encode()).code == Fault.UNKNOWN_FORMAT


@everywhere
def test_an_empty_document_is_refused(read, version, root):
    refused = refusal(read, f'<Document xmlns="{namespace(version)}"/>'.encode())

    assert refused.code in (Fault.ELEMENT_MISSING, Fault.SCHEMA)


@everywhere
def test_a_huge_file_is_refused_before_it_is_read(read, version, root):
    assert refusal(read, b"<" * (documents.LARGEST + 1)).code == Fault.TOO_LARGE


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_is_refused(share):
    statement = BANK.statement(order().execute_on, now=NOW, opening=order().total)
    cut = statement[: int(len(statement) * share)]

    assert refusal(read_camt053, cut).code == Fault.MALFORMED


def test_a_refusal_speaks_to_people_and_to_programs():
    refused = refusal(read_camt053, b"no xml")

    assert str(refused) == "The file is damaged or is no XML. Download it from the bank again."
    assert refused.code == "FILE_MALFORMED"
    assert "line 1" in refused.detail


def test_every_fault_has_its_sentence():
    assert all(str(BankFileRefused(fault)) for fault in Fault)
