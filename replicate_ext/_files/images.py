"""Images of Pillow as PNG files. Imported only for inputs with such images."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING

from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

# https://pillow.readthedocs.io/en/stable/handbook/concepts.html#concept-modes
_PNG_MODES = frozenset({"1", "L", "LA", "I;16", "I;16B", "P", "RGB", "RGBA"})
_CONVERSIONS = {"PA": "RGBA", "RGBa": "RGBA", "La": "LA"}
_MAX_16_BITS = 0xFFFF


def as_png(image: Image, key: str) -> bytes:
    """Return an image as a PNG file, in its EXIF orientation and the most suitable mode.

    Args:
        image: The image. It is not changed.
        key: Place in the input, for messages.

    Raises:
        InvalidInputError: The image cannot be read, or cannot be written as PNG.
    """
    buffer = io.BytesIO()
    try:
        converted = _convert(_upright(image), key)
        # The color profile of one mode is wrong for another.
        keeps_profile = {} if converted.mode == image.mode else {"icc_profile": None}
        converted.save(buffer, format="PNG", **keeps_profile)
    except InvalidInputError:
        raise
    except Exception as error:  # Pillow's decoders and encoders raise many kinds
        raise InvalidInputError(
            f"{key}: the image (mode {image.mode}, {image.size[0]} x {image.size[1]}) cannot be "
            f"written as PNG: {error}"
        ) from error
    return buffer.getvalue()


def _upright(image: Image) -> Image:
    """Rotate an image by its EXIF orientation, which PNG files do not keep."""
    from PIL import ImageOps

    with suppress(Exception):  # broken EXIF data raises many errors; viewers ignore it
        return ImageOps.exif_transpose(image)
    return image


def _convert(image: Image, key: str) -> Image:
    if image.mode in _PNG_MODES:
        return image
    if image.mode.startswith("I;16"):  # directly, Pillow would clip it to 8 bits
        return image.convert("I").convert("I;16")
    if image.mode == "I" and _fits_16_bits(image):
        return image.convert("I;16")
    if image.mode in ("F", "I"):
        raise InvalidInputError(
            f"{key}: an image of mode {image.mode} has no known range, so it cannot be written as "
            'PNG; scale its values to 0..255 and convert it with image.convert("L"), or pass a file'
        )
    return image.convert(_CONVERSIONS.get(image.mode, "RGB"))


def _fits_16_bits(image: Image) -> bool:
    extremes = image.getextrema()
    return all(isinstance(value, int) and 0 <= value <= _MAX_16_BITS for value in extremes)
