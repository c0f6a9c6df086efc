"""Text recognition of scanned pages by RapidOCR, whose wheel carries its models: nothing is downloaded."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import cache
from typing import Any

from ingest.errors import MissingExtraError

RENDER_DPI = 150
"""Resolution pages are rendered at: the recogniser scales its input down to 2,000 pixels a side anyway."""

MAX_PIXELS = 4_000
"""Longest side of a rendered page: a poster-sized page would otherwise take gigabytes."""

MAX_AREA = 2_250_000
"""Pixels of a page as recognised: A4 at 150 dpi has 2.2 million, whose recognition takes 700 MB of memory."""

MAX_ASPECT = 3
"""Longer over shorter side of a page as recognised: the recogniser enlarges the shorter one of strips."""

MAX_PAGES = 200
"""Scanned pages recognised in one document: at about 6 s a page, 20 minutes."""

PAGE_SECONDS = 15.0
"""Time a page may take."""

_SAME_LINE = 0.5
"""Share of a text box's height by which the next one's middle may lie lower and still be on the same line."""


def before_page() -> None:
    """Called before each page is recognised; a reading process puts there what asks for more time."""


@cache
def recognizer() -> Callable[[Any], list[str]]:
    """A function from an image, shape (height, width, 3) uint8, to its lines of text from top to bottom.

    Raises:
        MissingExtraError: the extra `ocr` is not installed.
    """
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise MissingExtraError("reading scanned pages", "ocr") from error
    engine: Callable[[Any], Any] = RapidOCR(params={"Global.log_level": "error"})
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def read_image(image: Any) -> list[str]:
        before_page()
        result = engine(_shaped(image))
        if result.txts is None:
            return []
        return _lines(list(zip(result.boxes, result.txts, strict=True)))

    return read_image


def _shaped(image: Any) -> Any:
    """An image that takes the recogniser no more memory than a page: large ones made smaller, strips laid on white."""
    import numpy as np
    from PIL import Image

    scale = math.sqrt(MAX_AREA / (image.shape[0] * image.shape[1]))
    if scale < 1:
        size = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
        image = np.asarray(Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BOX))
    height, width = image.shape[:2]
    shortest = max(height, width) // MAX_ASPECT
    missing = [(0, max(shortest - height, 0)), (0, max(shortest - width, 0)), (0, 0)]
    return np.pad(image, missing, constant_values=255)


def render(page: Any) -> Any:
    """Render a pypdfium2 page, shape (height, width, 3) uint8."""
    scale = min(RENDER_DPI / 72, MAX_PIXELS / max(*page.get_size(), 1.0))
    return page.render(scale=scale).to_numpy()


def _lines(boxes: list[tuple[Any, str]]) -> list[str]:
    """Join text boxes (four corners each, pixels) that stand side by side into lines."""
    placed = sorted(
        ((float(box[:, 1].mean()), float(box[:, 0].min()), float(box[:, 1].max() - box[:, 1].min()), text))
        for box, text in boxes
    )
    lines: list[list[tuple[float, str]]] = []
    last = -1.0
    for middle, left, height, text in placed:
        if lines and middle - last < _SAME_LINE * height:
            lines[-1].append((left, text))
        else:
            lines.append([(left, text)])
            last = middle
    return [" ".join(text for _, text in sorted(line)) for line in lines]
