"""Images of Pillow as PNG files: orientation and modes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from replicate_ext import InvalidInputError
from replicate_ext._files.file_source import is_sendable_file, source_of

ORIENTATION = 0x0112


def sent(image: Image.Image) -> Image.Image:
    source = source_of(image, "input.a")
    assert (source.name, source.media_type) == ("image.png", "image/png")
    read = Image.open(io.BytesIO(b"".join(source.chunks())))
    read.load()
    return read


def test_an_image_is_sent_as_png() -> None:
    image = Image.new("RGB", (4, 3), (9, 8, 7))

    read = sent(image)

    assert is_sendable_file(image)
    assert (read.format, read.size, read.getpixel((0, 0))) == ("PNG", (4, 3), (9, 8, 7))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_sent_upright_and_the_callers_image_stays(
    tmp_path: Path, orientation: int
) -> None:
    # A picture with a white top left corner, stored as a camera held that way stores it.
    path = tmp_path / f"{orientation}.png"
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    upright = Image.new("L", (4, 2))
    upright.putpixel((0, 0), 255)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    stored.save(path, exif=exif)
    with Image.open(path) as photo:
        size = photo.size
        read = sent(photo)

        assert (read.size, read.tobytes()) == (upright.size, upright.tobytes())
        assert read.getexif().get(ORIENTATION, 1) == 1
        assert photo.size == size


def test_broken_exif_data_is_ignored() -> None:
    image = Image.new("RGB", (4, 2))
    image.info["exif"] = b"Exif\0\0broken"

    assert sent(image).size == (4, 2)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("1", 1, ("1", 255)),
        ("L", 7, ("L", 7)),
        ("LA", (7, 9), ("LA", (7, 9))),
        ("La", (9, 9), ("LA", (255, 9))),
        ("I", 60_000, ("I;16", 60_000)),
        ("I;16", 60_000, ("I;16", 60_000)),
        ("I;16L", 60_000, ("I;16", 60_000)),
        ("I;16B", 60_000, ("I;16", 60_000)),
        ("I;16N", 60_000, ("I;16", 60_000)),
        ("P", 0, ("P", 0)),
        ("RGB", (1, 2, 3), ("RGB", (1, 2, 3))),
        ("RGBA", (1, 2, 3, 4), ("RGBA", (1, 2, 3, 4))),
        ("RGBa", (9, 9, 9, 9), ("RGBA", (255, 255, 255, 9))),
        ("RGBX", (1, 2, 3, 0), ("RGB", (1, 2, 3))),
        ("CMYK", (0, 255, 255, 0), ("RGB", (255, 0, 0))),
        ("YCbCr", (255, 128, 128), ("RGB", (255, 255, 255))),
        ("HSV", (0, 0, 255), ("RGB", (255, 255, 255))),
    ],
)
def test_every_mode_is_sent_as_one_that_png_has(
    mode: str, color: Any, expected: tuple[str, Any]
) -> None:
    read = sent(Image.new(mode, (4, 3), color))

    assert (read.mode, read.getpixel((1, 1))) == expected


def test_lab_colors_are_sent_as_rgb() -> None:
    read = sent(Image.new("LAB", (4, 3), (255, 128, 128)))

    assert read.mode == "RGB"
    assert read.getpixel((1, 1)) == pytest.approx((255, 255, 255), abs=3)


def test_a_palette_with_transparency_is_kept_as_colors() -> None:
    assert sent(Image.new("PA", (4, 3))).mode == "RGBA"


def test_a_color_profile_goes_along_unless_the_mode_changes() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same, converted = Image.new("RGB", (1, 1)), Image.new("CMYK", (1, 1))
    same.info["icc_profile"] = converted.info["icc_profile"] = profile

    assert sent(same).info["icc_profile"] == profile
    assert "icc_profile" not in sent(converted).info


@pytest.mark.parametrize(("mode", "color"), [("F", 0.5), ("I", 70_000), ("I", -1)])
def test_the_error_for_a_mode_of_unknown_range_says_what_to_do(mode: str, color: float) -> None:
    image = Image.new(mode, (4, 3), color)

    with pytest.raises(
        InvalidInputError, match=rf"^input\.a: an image of mode {mode} has no known range.*convert"
    ):
        source_of(image, "input.a")


def test_an_image_that_cannot_be_read_is_an_input_error() -> None:
    buffer = io.BytesIO()
    Image.effect_noise((60, 60), 50).save(buffer, "JPEG")
    cut = Image.open(io.BytesIO(buffer.getvalue()[:-500]))

    for image in (cut, Image.new("RGB", (0, 0))):
        with pytest.raises(InvalidInputError, match=r"^input\.a: the image \(mode .* PNG: "):
            source_of(image, "input.a")
