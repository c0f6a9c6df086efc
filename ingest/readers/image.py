"""Pictures of pages, by text recognition: PNG, JPEG, TIFF of several pages, BMP, GIF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest.errors import MissingExtraError, ReadError
from ingest.messages import say
from ingest.readers import ocr
from ingest.readers.layout import TextBuilder
from ingest.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_IMAGE_PIXELS = 100_000_000
"""Pixels of one picture: A3 scanned at 600 dpi has 70 million, which take 210 MB."""

_SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_LETTERS = (b"BM", b"GIF87a", b"GIF89a")
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF")


def sniff(data: bytes, suffix: str) -> bool:
    """Begins like a picture; what begins with mere letters must go on with binary data."""
    return data.startswith(_SIGNATURES) or (data.startswith(_LETTERS) and b"\0" in data[:64])


def read(data: bytes, name: str) -> Source:
    """Read a picture, a line of text a line.

    Args:
        data: the whole file.
        name: path or label, for messages.

    Raises:
        ReadError: damaged, too large, without any text, or the extra `ocr` is not installed.
    """
    try:
        read_image = ocr.recognizer()
    except MissingExtraError as error:
        raise ReadError(name, say("picture")) from error
    builder = TextBuilder()
    for page in _pages(data, name):
        for line in read_image(page):
            builder.add_block(line)
    if not builder.text:
        raise ReadError(name, say("picture_without_text"))
    return builder.source(name, data, "image", warnings=["the text was recognised from a picture and may hold errors"])


def _pages(data: bytes, name: str) -> Iterator[Any]:
    """Each page, shape (height, width, 3) uint8, blue first as the recogniser takes it."""
    import io

    import numpy as np
    from PIL import Image, ImageSequence, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if getattr(picture, "n_frames", 1) > ocr.MAX_PAGES:
                raise ReadError(name, say("picture_pages", most=ocr.MAX_PAGES))
            frames = ImageSequence.Iterator(picture) if picture.format == "TIFF" else [picture]
            for frame in frames:
                yield np.asarray(_upright(frame, name))[:, :, ::-1]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise ReadError(name, say("picture_damaged")) from error


def _upright(frame: Image, name: str) -> Image:
    """A page in three colours, turned as its camera says, no larger than the recogniser can use."""
    from PIL import ImageOps

    if frame.width * frame.height > MAX_IMAGE_PIXELS:
        raise ReadError(name, say("picture_pixels", width=frame.width, height=frame.height))
    frame.draft("RGB", (ocr.MAX_PIXELS, ocr.MAX_PIXELS))
    page = frame.convert("RGB")
    page.thumbnail((ocr.MAX_PIXELS, ocr.MAX_PIXELS))
    return ImageOps.exif_transpose(page)
