"""Files in inputs, and how they are sent: guarantee 10, for every client."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from support.bodies import FILE_2024
from support.clients import Kind, Script, answer, created, start
from support.clock import VirtualClock
from support.files import Fake, ShortReads, Unseekable, from_uri, parts_of

from replicate_ext import FileOutput, InvalidInputError

CREATE = "POST /v1/models/owner/name/predictions"
UPLOAD = "POST /v1/files"
GIF = b"GIF89a" + bytes(range(256))
GIF_URI = ("image/gif", GIF)
URL = "https://api.test/v1/files/F1"
DONE = created("succeeded", output="done")


def uploaded(url: str = URL, status: int = 201) -> httpx.Response:
    return answer(status, {**FILE_2024, "urls": {"get": url}})


def sent(script: Script, number: int = -1) -> Any:
    """The input of a create that was sent."""
    return json.loads(script.requests[number].content)["input"]


def stored(request: httpx.Request) -> httpx.Response:
    """Respond to an upload with a URL that names its content, and to a create with its end.

    Uploads of one input are sent at the same time, in any order.
    """
    if not request.url.path.endswith("/files"):
        return DONE
    [part] = parts_of(request.headers["Content-Type"], request.content)
    return uploaded(f"{URL}/{part.content.decode()}")


def content_sent(script: Script, number: int = 0) -> bytes:
    """The file of an upload that was sent."""
    request = script.requests[number]
    [part] = parts_of(request.headers["Content-Type"], request.content)
    assert part.name == "content"
    return part.content


def at(position: int, file: io.BytesIO) -> io.BytesIO:
    file.seek(position)
    return file


FILES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: GIF,
    "bytearray": lambda: bytearray(GIF),
    "memoryview": lambda: memoryview(GIF),
    "BytesIO": lambda: io.BytesIO(GIF),
    "BytesIO in the middle": lambda: at(100, io.BytesIO(GIF)),
    "BytesIO at its end": lambda: at(len(GIF), io.BytesIO(GIF)),
    "short reads": lambda: at(7, ShortReads(GIF, 60)),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
@pytest.mark.parametrize("encoding", ["data-uri", "upload"])
def test_every_kind_of_file_is_sent_completely(
    kind: Kind, clock: VirtualClock, make: Callable[[], Any], encoding: str
) -> None:
    client, script = start(kind, clock, *[uploaded()] * (encoding == "upload"), DONE)
    file = make()
    position = file.tell() if hasattr(file, "tell") else None

    client.run("owner/name", {"image": file}, file_encoding=encoding)

    if encoding == "upload":
        assert script.seen == [UPLOAD, CREATE]
        assert content_sent(script) == GIF
        assert sent(script) == {"image": URL}
    else:
        assert script.seen == [CREATE]
        assert from_uri(sent(script)["image"]) == GIF_URI
    if position is not None:
        assert file.tell() == position


def test_paths_and_open_files_have_a_name_and_its_type(
    kind: Kind, clock: VirtualClock, tmp_path: Path
) -> None:
    path = tmp_path / "größe.txt"
    path.write_bytes(GIF)
    client, script = start(kind, clock, DONE, uploaded(), uploaded(), DONE)

    with path.open("rb") as file:
        file.seek(9)
        client.run("owner/name", {"path": path, "file": file})
        client.run("owner/name", {"path": path, "file": file}, file_encoding="upload")
        assert file.tell() == 9

    assert {name: from_uri(uri) for name, uri in sent(script, 0).items()} == {
        "path": ("text/plain", GIF),
        "file": ("text/plain", GIF),
    }
    for upload in script.requests[1:3]:
        [part] = parts_of(upload.headers["Content-Type"], upload.content)
        assert part == ("content", "größe.txt", "text/plain", GIF)


# A pipe is kept in a temporary file that its collection closes, which Python mentions.
def test_a_pipe_is_sent_completely_and_can_be_sent_again(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, answer(429, {}), uploaded(), answer(429, {}), DONE, max_retries=1
    )

    client.run("owner/name", {"a": Unseekable(GIF)}, file_encoding="upload")

    assert script.seen == [UPLOAD, UPLOAD, CREATE, CREATE]
    assert content_sent(script, 0) == content_sent(script, 1) == GIF


def test_an_image_is_sent_as_png(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, DONE)

    client.run("owner/name", {"image": Image.new("RGB", (4, 3), (9, 8, 7))})

    media_type, content = from_uri(sent(script)["image"])
    assert media_type == "image/png"
    with Image.open(io.BytesIO(content)) as image:
        assert (image.size, image.getpixel((3, 2))) == ((4, 3), (9, 8, 7))


def test_files_at_a_url_are_sent_as_their_url(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, uploaded(), DONE)
    file = client.files.create(GIF)
    outputs = [FileOutput("https://a.b/0.png"), FileOutput("data:,x")]

    client.run("owner/name", {"file": file, "one": outputs[0], "all": outputs})

    assert script.seen == [UPLOAD, CREATE]
    assert sent(script) == {
        "file": URL,
        "one": "https://a.b/0.png",
        "all": ["https://a.b/0.png", "data:,x"],
    }


def test_one_models_output_is_another_models_input(kind: Kind, clock: VirtualClock) -> None:
    first = created("succeeded", output=["https://a.b/0.png", {"mask": "https://a.b/1.png"}])
    client, script = start(kind, clock, first, DONE)

    client.run("owner/name", {"images": client.run("owner/name", {})})

    assert sent(script) == {"images": ["https://a.b/0.png", {"mask": "https://a.b/1.png"}]}


def test_arrays_and_scalars_are_sent_as_numbers_and_lists(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, DONE)

    client.run("owner/name", {"seed": Fake(7), "grid": Fake([[1, 2.5], [True, None]])})

    assert sent(script) == {"seed": 7, "grid": [[1, 2.5], [True, None]]}


@pytest.mark.parametrize("encoding", ["data-uri", "upload"])
def test_files_anywhere_keep_shape_and_order(
    kind: Kind, clock: VirtualClock, encoding: str
) -> None:
    deep: dict[str, Any] = {
        "z": [{"b": b"one", "a": (b"two", 1.5)}, []],
        "a": {"x": {"y": (io.BytesIO(b"three"),)}},
        "n": None,
        "t": 'a "text"\n\u2028 größe',
    }
    client, script = start(kind, clock, stored)

    client.run("owner/name", deep, file_encoding=encoding)

    read = sent(script)
    one, two, three = read["z"][0]["b"], read["z"][0]["a"][0], read["a"]["x"]["y"][0]
    assert json.dumps(read) == json.dumps(
        {"z": [{"b": one, "a": [two, 1.5]}, []], "a": {"x": {"y": [three]}}, "n": None}
        | {"t": deep["t"]}
    )
    if encoding == "upload":
        assert [one, two, three] == [f"{URL}/{name}" for name in ("one", "two", "three")]
        assert sorted(content_sent(script, n) for n in range(3)) == [b"one", b"three", b"two"]
    else:
        assert [from_uri(uri)[1] for uri in (one, two, three)] == [b"one", b"two", b"three"]
    assert isinstance(deep["a"]["x"]["y"][0], io.BytesIO)  # the caller's own is not changed


def test_a_file_that_occurs_twice_is_uploaded_once(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, stored)
    file, other = io.BytesIO(b"file"), io.BytesIO(b"other")

    client.run(
        "owner/name", {"a": file, "b": [file, {"c": file}], "d": other}, file_encoding="upload"
    )

    assert script.seen == [UPLOAD, UPLOAD, CREATE]
    url = f"{URL}/file"
    assert sent(script) == {"a": url, "b": [url, {"c": url}], "d": f"{URL}/other"}


def closed_file() -> io.BytesIO:
    file = io.BytesIO(GIF)
    file.close()
    return file


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (closed_file(), "the file is closed"),
        (io.StringIO("text"), "the file is open in text mode; open it with mode 'rb'"),
        (Path("/no/such.png"), "/no/such.png cannot be read: No such file or directory"),
        (Path(__file__).parent, "is a directory, expected a file"),
        (float("nan"), "nan is not valid JSON; use a finite number"),
        (float("-inf"), "-inf is not valid JSON; use a finite number"),
        (Fake([float("nan")]), "nan is not valid JSON; use a finite number"),
        ({1, 2}, "a set cannot be sent"),
        (object(), "a object cannot be sent"),
        (print, "a builtin_function_or_method cannot be sent"),
        ({1: "x"}, "keys must be strings, got 1 (int)"),
        ({None: b"x"}, "keys must be strings, got None (NoneType)"),
    ],
    ids=lambda value: str(value).partition(" at 0x")[0],
)
def test_a_value_that_cannot_be_sent_is_named_before_any_request(
    kind: Kind, clock: VirtualClock, value: object, message: str
) -> None:
    client, script = start(kind, clock, uploaded(), DONE)

    for given, key in (
        ({"bad": value}, "input.bad"),
        ({"fine": GIF, "deep": [{"x": 1}, {"bad": value}]}, "input.deep[1].bad"),
    ):
        pattern = f"^{re.escape(key)}(\\[0\\])?: .*{re.escape(message)}"
        with pytest.raises(InvalidInputError, match=pattern):
            client.run("owner/name", given, file_encoding="upload")

    assert script.seen == []


@pytest.mark.parametrize(
    ("of_client", "of_call", "uploads"),
    [
        ("auto", None, False),
        ("data-uri", None, False),
        ("upload", None, True),
        ("auto", "upload", True),
        ("upload", "auto", False),
        ("upload", "data-uri", False),
    ],
)
@pytest.mark.parametrize("method", ["run", "create"])
def test_file_encoding_of_a_call_overrides_that_of_the_client(
    kind: Kind,
    clock: VirtualClock,
    of_client: str,
    of_call: str | None,
    uploads: bool,
    method: str,
) -> None:
    answers = [uploaded(), DONE] if uploads else [DONE]
    client, script = start(kind, clock, *answers, file_encoding=of_client)
    call = client.run if method == "run" else client.predictions.create

    call("owner/name", {"image": GIF}, file_encoding=of_call)

    assert script.seen == ([UPLOAD, CREATE] if uploads else [CREATE])


@pytest.mark.parametrize(("of_client", "of_call"), [("auto", "base64"), ("url", None)])
def test_an_unknown_file_encoding_is_refused(
    kind: Kind, clock: VirtualClock, of_client: str, of_call: str | None
) -> None:
    scripts: list[Any] = []

    def run() -> None:
        client, script = start(kind, clock, DONE, file_encoding=of_client)
        scripts.append(script)
        client.run("owner/name", {"image": GIF}, file_encoding=of_call)

    with pytest.raises(InvalidInputError, match="must be one of auto, data-uri, upload"):
        run()

    assert not any(script.seen for script in scripts)


@pytest.mark.parametrize(
    ("sizes", "large"),
    [
        ([256_000], []),
        ([256_001], [0]),
        ([200_000, 56_000], []),
        ([200_000, 56_001], [0]),
        ([300_000, 3, 6], [0]),
        ([128_000, 128_000, 3], [1]),
    ],
)
def test_small_files_go_inline_and_larger_ones_are_uploaded(
    kind: Kind, clock: VirtualClock, sizes: list[int], large: list[int]
) -> None:
    files = [os.urandom(size) for size in sizes]
    client, script = start(kind, clock, *[uploaded()] * len(large), DONE)

    client.run("owner/name", {"files": files})

    assert script.seen == [UPLOAD] * len(large) + [CREATE]
    assert [content_sent(script, n) for n in range(len(large))] == [files[n] for n in large]
    for number, (content, made) in enumerate(zip(files, sent(script)["files"], strict=True)):
        if number in large:
            assert made == URL
        else:
            assert from_uri(made)[1] == content


@pytest.mark.parametrize("encoding", ["auto", "data-uri", "upload"])
def test_a_file_that_is_too_large_is_refused_before_any_request(
    kind: Kind, clock: VirtualClock, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.truncate(100_000_001)
    client, script = start(kind, clock, uploaded(), DONE)

    message = "the file has 100,000,001 bytes, the API accepts 100,000,000"
    with pytest.raises(InvalidInputError, match=rf"^input\.weights: {message}"):
        client.run("owner/name", {"small": GIF, "weights": path}, file_encoding=encoding)
    with pytest.raises(InvalidInputError, match=f"^file: {message}"):
        client.files.create(path)

    assert script.seen == []
