"""The three models that every sandbox has; each computes something real."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Annotated

from PIL import Image, ImageOps

from replicate_ext.sandbox._models.input import Input

_HEROES = ("a baker", "a lighthouse keeper", "an old llama", "a small robot", "a retired pirate")
_PLACES = ("by the harbor", "in a city of glass", "under the mountain", "on the last ferry")
_DEEDS = (
    "counted the stars",
    "found a letter without a sender",
    "taught the wind a song",
    "repaired the clock that nobody wound",
    "planted a forest in teacups",
)
_LINKS = ("Then", "The next morning", "Nobody knows why, but", "After that", "In the end")


def hello_world(
    text: Annotated[str, Input(description="Whom to greet")],
) -> str:
    """Say hello."""
    return f"hello {text}"


def posterize(
    image: Annotated[Image.Image, Input(description="The picture to simplify")],
    bits: Annotated[int, Input(description="Bits to keep of each color", ge=1, le=8)] = 2,
) -> Image.Image:
    """Reduce a picture to a few flat colors."""
    return ImageOps.posterize(image.convert("RGB"), bits)


async def storyteller(
    prompt: Annotated[str, Input(description="What the story is about")],
    max_tokens: Annotated[int, Input(description="Tokens to stop after", ge=1, le=10_000)] = 60,
    delay: Annotated[float, Input(description="Seconds between tokens", ge=0, le=60)] = 0.005,
) -> AsyncIterator[str]:
    """Tell a story, token by token. The same prompt always gives the same story."""
    story = _story(prompt)
    for _ in range(max_tokens):
        yield next(story)
        await asyncio.sleep(delay)


def _story(prompt: str) -> Iterator[str]:
    chance = random.Random(prompt)  # noqa: S311 - the same story each time is intended
    yield from _tokens(f"Once upon a time, {chance.choice(_HEROES)} heard about {prompt}.", "")
    while True:
        link, hero = chance.choice(_LINKS), chance.choice(_HEROES)
        place, deed = chance.choice(_PLACES), chance.choice(_DEEDS)
        yield from _tokens(f"{link} {hero} {place} {deed}.", " ")


def _tokens(sentence: str, before: str) -> Iterator[str]:
    # As in language models, a token includes the space before it.
    for word in sentence.split():
        yield f"{before}{word}"
        before = " "


BUILTIN: Mapping[str, Callable[..., object]] = {
    "replicate/hello-world": hello_world,
    "sandbox/posterize": posterize,
    "sandbox/storyteller": storyteller,
}
