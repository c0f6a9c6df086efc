"""What only `opencc-python-reimplemented` shows; `make check-reimplemented` runs this with all of test_normalize.

Both packages install the module `opencc`, so the other one lies in a folder of its own that comes first on the path.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from ingest.normalize import normalize
from ingest.normalize.converters import converter

FOUND = importlib.util.find_spec("opencc")
PURE = FOUND is not None and Path(FOUND.origin or "").with_name("dictionary").joinpath("STPhrases.txt").exists()
pytestmark = pytest.mark.skipif(not PURE, reason="the official opencc is in use; run make check-reimplemented")


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        ("tw2t", "裡面，隨著，名著，著作權", "裏面，隨着，名著，著作權"),
        ("hk2t", "説明群眾", "說明群衆"),
        ("tw2t", "參保職工", "參保職工"),
    ],
)
def test_the_configurations_it_lacks_are_made_of_those_it_has(config, text, expected):
    assert converter(config).convert(text) == expected


def test_taiwan_text_reaches_standard_forms():
    text = "勞工保險之被保險人，依本條例請領新臺幣給付，投保單位裡"
    assert normalize(text, "hant").text == text.replace("裡", "裏")
