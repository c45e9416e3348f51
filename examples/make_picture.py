"""Draw picture.png, hills under a low sun, for the demo and the tests."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

SIZE = (320, 200)


def draw() -> Image.Image:
    """Draw the picture."""
    picture = Image.new("RGB", SIZE)
    for x in range(SIZE[0]):
        for y in range(SIZE[1]):
            picture.putpixel((x, y), _color(x, y))
    return picture


def _color(x: int, y: int) -> tuple[int, int, int]:
    hills = (
        (150, 18, 90, (46, 92, 74)),
        (120, 26, 140, (88, 132, 96)),
        (95, 30, 210, (140, 168, 130)),
    )
    for height, swing, length, color in hills:
        if y > height + swing * math.sin(x / length * math.tau):
            return color
    glow = max(0.0, 1 - math.hypot(x - 220, y - 70) / 120)
    if glow > 0.8:
        return (255, 236, 170)
    return (int(120 + 130 * glow), int(160 + 50 * glow), int(215 - 60 * glow))


if __name__ == "__main__":
    draw().save(Path(__file__).with_name("picture.png"), optimize=True)
