"""Setting documents with typst: a template, and data passed as JSON."""

import json
import threading
from pathlib import Path
from typing import Any

import typst


class _OfThread(threading.local):
    """A compiler for each template and thread: it cannot be shared, and making one costs more than a page."""

    def __init__(self) -> None:
        self.compilers: dict[Path, Any] = {}


_of_thread = _OfThread()


def typeset(template: Path, data: dict[str, Any]) -> bytes:
    """Return the PDF. The template may import what lies beside its folder."""
    compilers = _of_thread.compilers
    if template not in compilers:
        compilers[template] = typst.Compiler(str(template), root=str(template.parent.parent))
    return bytes(compilers[template].compile(format="pdf", sys_inputs={"data": json.dumps(data)}))
