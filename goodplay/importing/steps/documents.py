"""What the four kinds of documents share."""

from uuid import UUID

from goodplay.importing.context import Context
from goodplay.importing.models import ImportedDocument
from goodplay.importing.values import Reader, Refused, hashed
from impact.operations.taking_over import Kept, take_over

LONG = 100_000
ORGANISATIONS = "onlus_organizations"


def onlus_of(reader: Reader, context: Context) -> UUID:
    return UUID(context.needed(ORGANISATIONS, reader.document.get("onlus_id"), "UNKNOWN_ONLUS"))


def keep(document: Kept, collection: str, reader: Reader, context: Context) -> str:
    """Check and keep a document, unless there is one like it already."""
    if reader.natural_key:
        twins = ImportedDocument.objects.filter(collection=collection, natural_key=hashed(reader.natural_key))
        if twins.exists():
            raise Refused("DUPLICATE")
    take_over(document=document, is_kept=context.may_write(type(document)))
    return str(document.pk)


def web_addresses(reader: Reader, name: str) -> list[str]:
    found = reader.texts(name, 2000)
    kept = [each for each in found if each.startswith(("http://", "https://"))]
    if len(kept) != len(found):
        reader.note(name)
    return kept


def web_address(reader: Reader, name: str) -> str:
    written = reader.text(name, 200)
    if not written or written.startswith(("http://", "https://")):
        return written
    reader.note(name)
    return ""


def tags(reader: Reader) -> list[str]:
    return list(dict.fromkeys(tag.lower() for tag in reader.texts("tags", 60)))
