"""Saving one file of an output, or all of them at once, for every kind of client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from support.clients import KINDS, Kind, Script, created, make_client
from support.clock import VirtualClock
from support.files import Hosted, output_of, save, save_all
from support.server import Api, answering, serving

from replicate_ext import APIConnectionError, FileOutput, NotFoundError, save_outputs
from replicate_ext._files.concurrency import CONCURRENCY
from replicate_ext._files.targets import targets_in

CONTENT = bytes(range(256)) * 1_000
ETAG = '"v1"'


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        running.answer = by_path
        running.socket.listen(4 * CONCURRENCY)  # the usual five make clients wait for a second
        yield running


def by_path(handler: BaseHTTPRequestHandler) -> None:
    """Answer a file that holds its own path, or that it is gone."""
    if "gone" in handler.path:
        answering(404)(handler)
    else:
        Hosted(handler.path.encode())(handler)


def files(kind: Kind, api: Api, *paths: str) -> list[FileOutput]:
    client = make_client(kind, clock=VirtualClock().clock)
    return [output_of(client, f"{api.url}/{path}") for path in paths]


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(directory.iterdir())}


def test_an_output_keeps_its_shape_and_gets_paths(kind: Kind, api: Api, tmp_path: Path) -> None:
    picture, mask = files(kind, api, "a/out-0.png", "a/mask.png")
    output: dict[str, Any] = {
        "text": "https: is a protocol",
        "images": [picture, {"mask": mask, "score": 0.5}, []],
        "note": FileOutput("data:text/plain,hello"),
        "none": None,
        "pair": (1, picture),
    }

    saved = save_all(kind, output, tmp_path / "new" / "directory")

    directory = tmp_path / "new" / "directory"
    assert saved == {
        "text": "https: is a protocol",
        "images": [directory / "out-0.png", {"mask": directory / "mask.png", "score": 0.5}, []],
        "note": directory / "output.txt",
        "none": None,
        "pair": [1, directory / "out-0.png"],
    }
    assert list(saved) == list(output)
    assert output["images"][0] is picture
    assert contents(directory) == {
        "mask.png": "/v1/a/mask.png",
        "out-0.png": "/v1/a/out-0.png",
        "output.txt": "hello",
    }


def test_a_file_by_itself_is_an_output(kind: Kind, api: Api, tmp_path: Path) -> None:
    [file] = files(kind, api, "out.png")

    assert save_all(kind, file, str(tmp_path)) == tmp_path / "out.png"


@pytest.mark.parametrize("output", [None, "text", 1.5, [], {}, ["a", {"b": None}]])
def test_an_output_without_files_is_returned_unchanged(
    kind: Kind, tmp_path: Path, output: object
) -> None:
    assert save_all(kind, output, tmp_path / "new") == output
    assert list(tmp_path.iterdir()) == []


def test_a_runs_output_is_saved(kind: Kind, tmp_path: Path) -> None:
    script = Script(created("succeeded", output=["data:,one", "data:,two"]))
    client = make_client(kind, transport=script.transport)

    saved = save_all(kind, client.run("owner/name", {}), tmp_path)

    assert [path.read_text() for path in saved] == ["one", "two"]


def test_files_of_one_name_get_a_number(kind: Kind, api: Api, tmp_path: Path) -> None:
    output = files(
        kind, api, "a/out.png", "b/out.png", "c/OUT.png", "d/out-2.png", "a/plain", "b/plain"
    )

    saved = save_all(kind, output, tmp_path)

    names = [path.name for path in saved]
    assert names == ["out.png", "out-2.png", "OUT-3.png", "out-2-2.png", "plain", "plain-2"]
    assert len({name.casefold() for name in names}) == len(names)
    assert [path.read_text() for path in saved] == [
        f"/v1/{path}"
        for path in ("a/out.png", "b/out.png", "c/OUT.png", "d/out-2.png", "a/plain", "b/plain")
    ]


def test_thousands_of_files_of_one_name_are_named_quickly(tmp_path: Path) -> None:
    count = 5_000
    output = [FileOutput(f"https://a.b/{number}/output.png") for number in range(count)]
    started = time.process_time()

    targets = targets_in(tmp_path, output)

    assert time.process_time() - started < 3  # trying every number for each takes a minute
    assert len({path.name for path in targets.values()}) == count
    assert targets[output[-1]].name == f"output-{count}.png"


def test_names_without_an_ending_get_one_for_their_type(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    def typed(handler: BaseHTTPRequestHandler) -> None:
        media_type = "image/webp" if handler.path.startswith("/v1/a") else "audio/mpeg"
        Hosted(handler.path.encode(), Content_Type=media_type)(handler)

    api.answer = typed
    output = files(kind, api, "a/out", "b/out", "a/out.webp", "a/v1.5")

    saved = save_all(kind, output, tmp_path)

    names = [path.name for path in saved]
    assert names == ["out-2.webp", "out-3.mp3", "out.webp", "v1.5.webp"]
    assert contents(tmp_path) == {
        "out-2.webp": "/v1/a/out",
        "out-3.mp3": "/v1/b/out",
        "out.webp": "/v1/a/out.webp",
        "v1.5.webp": "/v1/a/v1.5",
    }


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Content_Type": "image/png"}, "out.png"),
        ({"Content_Type": "image/png; charset=x"}, "out.png"),
        ({"Content_Type": "application/octet-stream"}, "out"),
        ({}, "out"),
        ({"Content_Disposition": 'attachment; filename="a b.tar.GZ"'}, "out.gz"),
        ({"Content_Disposition": "inline; filename=a.csv; x=y"}, "out.csv"),
        ({"Content_Disposition": "attachment; filename*=UTF-8''%e2%82%ac.webm"}, "out.webm"),
        ({"Content_Disposition": 'attachment; filename="../../evil.sh/."'}, "out"),
        ({"Content_Disposition": "attachment", "Content_Type": "video/mp4"}, "out.mp4"),
        (
            {"Content_Disposition": 'attachment; filename="x.flac"', "Content_Type": "audio/wav"},
            "out.flac",
        ),
    ],
)
def test_a_url_without_an_ending_gets_that_of_the_response(
    kind: Kind, api: Api, tmp_path: Path, headers: dict[str, Any], name: str
) -> None:
    api.answer = Hosted(CONTENT, **headers)
    [file] = files(kind, api, "out")
    assert file.name == "out"

    saved = save(kind, file, tmp_path)

    assert (saved.name, file.name) == (name, name)
    assert saved.read_bytes() == CONTENT
    with pytest.raises(FileExistsError):
        save(kind, file, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_endings_of_a_url_and_of_a_path_are_kept(kind: Kind, api: Api, tmp_path: Path) -> None:
    api.answer = Hosted(CONTENT, Content_Type="image/png")
    named, nameless = files(kind, api, "out.webp", "out")

    assert save(kind, named, tmp_path).name == "out.webp"
    assert save(kind, nameless, tmp_path / "mine").name == "mine"


def test_no_more_files_are_fetched_after_a_callback_failed(api: Api, tmp_path: Path) -> None:
    output = files("sync", api, *(f"{n}.png" for n in range(20 * CONCURRENCY)))

    def stop(_done: int, _of: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_outputs(output, tmp_path, on_progress=stop)

    assert len(api.received) < 10 * CONCURRENCY


def test_a_file_that_occurs_twice_is_saved_once(kind: Kind, api: Api, tmp_path: Path) -> None:
    one, same, other = files(kind, api, "a.png", "a.png", "b.png")

    saved = save_all(kind, [one, {"x": same}, other, one], tmp_path)

    path = tmp_path / "a.png"
    assert saved == [path, {"x": path}, tmp_path / "b.png", path]
    assert sorted(sent.path for sent in api.received) == ["/v1/a.png", "/v1/b.png"]


def test_progress_counts_the_files_that_are_done(kind: Kind, api: Api, tmp_path: Path) -> None:
    output = files(kind, api, *(f"{n}.png" for n in range(12)))
    progress: list[tuple[int, int]] = []

    save_all(kind, output, tmp_path, on_progress=lambda done, of: progress.append((done, of)))

    assert progress == [(done, 12) for done in range(1, 13)]
    assert len(list(tmp_path.iterdir())) == 12


def test_several_files_are_downloaded_at_once(kind: Kind, api: Api, tmp_path: Path) -> None:
    meeting = threading.Barrier(CONCURRENCY, timeout=10)

    def together(handler: BaseHTTPRequestHandler) -> None:
        meeting.wait()  # no response is sent before all requests are here
        by_path(handler)

    api.answer = together
    output = files(kind, api, *(f"{n}.png" for n in range(2 * CONCURRENCY)))

    saved = save_all(kind, output, tmp_path)

    assert [path.read_text() for path in saved] == [f"/v1/{n}.png" for n in range(2 * CONCURRENCY)]


def test_not_all_are_downloaded_at_once(kind: Kind, api: Api, tmp_path: Path) -> None:
    lock = threading.Lock()
    now = most = 0

    def counted(handler: BaseHTTPRequestHandler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.01)
        with lock:
            now -= 1
        by_path(handler)

    api.answer = counted

    save_all(kind, files(kind, api, *(f"{n}.png" for n in range(4 * CONCURRENCY))), tmp_path)

    assert 1 < most <= CONCURRENCY


def test_a_failed_download_is_an_error_and_the_other_files_stay(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    def gone_at_last(handler: BaseHTTPRequestHandler) -> None:
        if "gone" not in handler.path:
            others.release()
        elif not (others.acquire(timeout=10) and others.acquire(timeout=10)):
            raise TimeoutError
        by_path(handler)

    others = threading.Semaphore(0)
    api.answer = gone_at_last
    output = files(kind, api, "a.png", "gone.png", "b.png")

    with pytest.raises(NotFoundError, match="The API deletes outputs"):
        save_all(kind, output, tmp_path)

    assert contents(tmp_path) == {"a.png": "/v1/a.png", "b.png": "/v1/b.png"}


def test_existing_files_are_replaced_only_when_they_may_be(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    output = files(kind, api, "a.png", "b.png")
    (tmp_path / "a.png").write_text("mine")

    with pytest.raises(FileExistsError, match=r"a\.png exists; pass overwrite=True"):
        save_all(kind, output, tmp_path)
    assert contents(tmp_path)["a.png"] == "mine"
    assert "/v1/a.png" not in [sent.path for sent in api.received]

    save_all(kind, output, tmp_path, overwrite=True)
    assert contents(tmp_path) == {"a.png": "/v1/a.png", "b.png": "/v1/b.png"}


@pytest.mark.parametrize("lender", KINDS)
def test_the_other_clients_files_can_be_saved_too(
    kind: Kind, lender: Kind, api: Api, tmp_path: Path
) -> None:
    output = files(lender, api, "a.png", "b.png")

    save_all(kind, output, tmp_path)

    assert contents(tmp_path) == {"a.png": "/v1/a.png", "b.png": "/v1/b.png"}


WHERE: dict[str, tuple[Callable[[Path], str | Path], str]] = {
    "a directory": (lambda base: base, "out-0.png"),
    "its name": (str, "out-0.png"),
    "a new directory": (lambda base: f"{base}/new/", "new/out-0.png"),
    "a file": (lambda base: base / "boat.png", "boat.png"),
    "a file deeper down": (lambda base: base / "a" / "b" / "boat.png", "a/b/boat.png"),
}


@pytest.mark.parametrize(("where", "expected"), WHERE.values(), ids=WHERE)
def test_a_file_is_saved_to_the_given_path(
    kind: Kind,
    api: Api,
    tmp_path: Path,
    where: Callable[[Path], str | Path],
    expected: str,
) -> None:
    [file] = files(kind, api, "out-0.png")
    api.answer = Hosted(CONTENT, cuts=(77,), ETag=ETAG)

    saved = save(kind, file, where(tmp_path))

    assert saved == tmp_path / expected
    assert saved.read_bytes() == CONTENT
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_large_file_is_saved_completely(kind: Kind, api: Api, tmp_path: Path) -> None:
    large = CONTENT * 12 + b"end"
    api.answer = Hosted(large, cuts=(2_000_000,), ETag=ETAG)
    [file] = files(kind, api, "out-0.png")

    assert save(kind, file, tmp_path).read_bytes() == large


def test_a_file_is_saved_to_the_current_directory(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    save(kind, FileOutput("data:text/plain,hello"), ".")

    assert (tmp_path / "output.txt").read_bytes() == b"hello"


def test_an_existing_file_is_replaced_only_when_it_may_be(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    [file] = files(kind, api, "out-0.png")
    api.answer = Hosted(CONTENT)
    existing = tmp_path / "out-0.png"
    existing.write_bytes(b"mine")

    for path in (tmp_path, existing):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            save(kind, file, path)
    assert api.received == []
    assert existing.read_bytes() == b"mine"

    assert save(kind, file, existing, overwrite=True).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["out-0.png"]


@pytest.mark.parametrize(
    "path", ["%2e%2e%2f%2e%2e%2fevil.png", "..%5c..%5cevil.png", "..%2fevil.png"]
)
def test_no_url_chooses_where_it_is_saved(kind: Kind, api: Api, tmp_path: Path, path: str) -> None:
    api.answer = Hosted(CONTENT)
    directory = tmp_path / "in" / "here"
    directory.mkdir(parents=True)

    saved = save(kind, output_of(make_client(kind), f"{api.url}/{path}"), directory)

    assert saved == directory / "evil.png"
    assert [p.relative_to(tmp_path) for p in tmp_path.rglob("*.png")] == [Path("in/here/evil.png")]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_failed_download_leaves_what_was_there(
    kind: Kind, api: Api, tmp_path: Path, overwrite: bool
) -> None:
    [file] = files(kind, api, "out-0.png")
    api.answer = Hosted(CONTENT, cuts=(10, *[0] * 99), ETag=ETAG)
    if overwrite:
        (tmp_path / "out-0.png").write_bytes(b"mine")

    with pytest.raises(APIConnectionError):
        save(kind, file, tmp_path, overwrite=overwrite)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == (
        {"out-0.png": b"mine"} if overwrite else {}
    )
