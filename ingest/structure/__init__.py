"""The structure of a document: its parts, its numbered provisions, and what it says about itself.

Everything works on normalized text; spans are offsets in it.
"""

from ingest.structure.metadata import read_metadata
from ingest.structure.parts import find_parts
from ingest.structure.provisions import find_provisions

__all__ = ["find_parts", "find_provisions", "read_metadata"]
