"""Pillow's images as PNG files. Imported only where somebody gives one."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING

from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

# https://pillow.readthedocs.io/en/stable/handbook/concepts.html#concept-modes
_AS_THEY_ARE = frozenset({"1", "L", "LA", "I;16", "I;16B", "P", "RGB", "RGBA"})
_INTO = {"PA": "RGBA", "RGBa": "RGBA", "La": "LA"}
_LARGEST = 0xFFFF


def as_png(image: Image, key: str) -> bytes:
    """Return an image as a PNG file, upright, in the mode that holds it best.

    Args:
        image: The image. It is not changed.
        key: Where in the input it stands, for messages.

    Raises:
        InvalidInputError: It cannot be read, or PNG cannot hold it.
    """
    buffer = io.BytesIO()
    try:
        holdable = _holdable(_upright(image), key)
        # The color profile of one mode is wrong for another.
        keeps_profile = {} if holdable.mode == image.mode else {"icc_profile": None}
        holdable.save(buffer, format="PNG", **keeps_profile)
    except InvalidInputError:
        raise
    except Exception as error:  # Pillow's decoders and encoders raise many kinds
        raise InvalidInputError(
            f"{key}: the image (mode {image.mode}, {image.size[0]} x {image.size[1]}) cannot be "
            f"written as PNG: {error}"
        ) from error
    return buffer.getvalue()


def _upright(image: Image) -> Image:
    """Turn a photo as its EXIF orientation says, which would be lost."""
    from PIL import ImageOps

    with suppress(Exception):  # broken EXIF data raises many kinds, and viewers ignore it
        return ImageOps.exif_transpose(image)
    return image


def _holdable(image: Image, key: str) -> Image:
    if image.mode in _AS_THEY_ARE:
        return image
    if image.mode.startswith("I;16"):  # directly, Pillow would clip it to 8 bits
        return image.convert("I").convert("I;16")
    if image.mode == "I" and _fits_16_bits(image):
        return image.convert("I;16")
    if image.mode in ("F", "I"):
        raise InvalidInputError(
            f"{key}: PNG cannot hold an image of mode {image.mode}, whose range only you know; "
            'scale its values to 0..255 and convert it with image.convert("L"), or pass a file'
        )
    return image.convert(_INTO.get(image.mode, "RGB"))


def _fits_16_bits(image: Image) -> bool:
    extremes = image.getextrema()
    return all(isinstance(value, int) and 0 <= value <= _LARGEST for value in extremes)
