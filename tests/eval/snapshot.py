"""Extract documents with whatever version of fadu is on the path; one JSON object a line.

usage: python snapshot.py < list of files, one a line
"""

from __future__ import annotations

import json
import sys

from ingest import extract, read
from ingest.serialize import extraction_to_dict


def main() -> None:
    for line in sys.stdin:
        path = line.rstrip("\n")
        print(json.dumps({"path": path, **extraction_to_dict(extract(read(path)))}, ensure_ascii=False))


if __name__ == "__main__":
    main()
