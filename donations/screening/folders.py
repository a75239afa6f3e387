"""The lists of a folder, by the names the publishers' files are kept under."""

from datetime import UTC, date, datetime
from pathlib import Path

from .entries import SanctionsList
from .eu import read_eu
from .ofac import read_ofac
from .un import read_un

_OFAC = ("ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv", "ofac_sdn_comments.csv")
_UN = "un_consolidated.xml"
_EU = "eu_consolidated.xml"


def lists_in(folder: Path) -> list[SanctionsList]:
    """Read the lists that are there; of OFAC all four files or none. A file that is not to be believed refuses.

    OFAC's files carry no date: the day they were written here stands for it.
    """
    lists = []
    if all((folder / name).exists() for name in _OFAC):
        contents = [(folder / name).read_bytes() for name in _OFAC]
        lists.append(read_ofac(*contents, published_on=_changed_on(folder / _OFAC[0])))
    if (folder / _UN).exists():
        lists.append(read_un((folder / _UN).read_bytes()))
    if (folder / _EU).exists():
        lists.append(read_eu((folder / _EU).read_bytes()))
    return lists


def _changed_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
