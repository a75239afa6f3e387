import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.bank.latin import ALLOWED, REPLACEMENTS, CannotBeWritten, to_sepa


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Città dei Perché", "Citta dei Perche"),
        ("Citta\u0300", "Citta"),  # the accent on its own
        ("€ 10,00", "EUR 10,00"),
        ("Cani & Gatti", "Cani + Gatti"),
        ("L’isola «che c'è»", "L'isola 'che c'e'"),
        ("Straße Łódź Æsir Þór", "Strasse Lodz AEsir THor"),
        ("info@goodplay.example", "info(at)goodplay.example"),
        ("a\u00a0b\tc\n d", "a b c d"),
        ("ﬁne…", "fine..."),
        ("  both ends  ", "both ends"),
    ],
)
def test_a_text_is_written_in_latin_letters(text, written):
    assert to_sepa(text) == written


@pytest.mark.parametrize("text", ["Ελλάδα", "Москва", "🎮", "\x00", "日本", "zero\u200bwidth"])
def test_what_has_no_latin_form_is_refused(text):
    with pytest.raises(CannotBeWritten):
        to_sepa(text)


def test_replacements_stay_within_the_set():
    assert ALLOWED.issuperset("".join(REPLACEMENTS.values()))
    assert not ALLOWED.intersection(REPLACEMENTS)


@given(text=st.text())
def test_nothing_outside_the_set_is_ever_written(text):
    try:
        written = to_sepa(text)
    except CannotBeWritten:
        return
    assert ALLOWED.issuperset(written)
    assert to_sepa(written) == written


@given(text=st.text(alphabet=sorted(ALLOWED)))
def test_the_set_itself_is_kept(text):
    assert to_sepa(text) == " ".join(text.split())
