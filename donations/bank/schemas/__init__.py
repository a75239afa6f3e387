"""The schemas of ISO 20022 that statements must keep."""

from pathlib import Path

SCHEMAS = Path(__file__).parent
