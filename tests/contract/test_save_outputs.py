"""Saving one file of an output, or all of them at once, for every kind of client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from replicate_api.models import Prediction
from support.clients import KINDS, Kind, Script, created, make_client
from support.files import Hosted, save, save_all
from support.saved import by_path, files, hosting
from support.server import Api

from replicate_ext import FileOutput, InvalidInputError, NotFoundError
from replicate_ext._files.concurrency import CONCURRENCY

CONTENT = bytes(range(256)) * 1_000


@pytest.fixture
def api() -> Iterator[Api]:
    with hosting() as running:
        yield running


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(directory.iterdir())}


def test_all_files_of_an_output_are_saved_in_their_order(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    picture, mask = files(kind, api, "a/out-0.png", "a/mask.png")
    output: dict[str, Any] = {
        "text": "https: is a protocol",
        "images": [picture, {"mask": mask, "score": 0.5}, []],
        "note": FileOutput("data:text/plain,hello"),
        "none": None,
        "pair": (1, picture),
        "url": f"{api.url}/b/plain-url.png",
    }
    directory = tmp_path / "new" / "directory"

    saved = save_all(kind, output, directory)

    assert [path.relative_to(directory).name for path in saved] == [
        "out-0.png",
        "mask.png",
        "output.txt",
        "out-0.png",
        "plain-url.png",
    ]
    assert contents(directory) == {
        "mask.png": "/v1/a/mask.png",
        "out-0.png": "/v1/a/out-0.png",
        "output.txt": "hello",
        "plain-url.png": "/v1/b/plain-url.png",
    }


def test_a_file_or_a_url_by_itself_is_an_output(kind: Kind, api: Api, tmp_path: Path) -> None:
    [file] = files(kind, api, "out.png")

    assert save_all(kind, file, str(tmp_path)) == [tmp_path / "out.png"]
    assert save_all(kind, file.url, str(tmp_path)) == [tmp_path / "out-1.png"]


def prediction(output: object, id: str = "p1", status: str = "succeeded") -> Prediction:
    return Prediction.from_dict({"id": id, "status": status, "output": output})


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (None, "the output has no files or URLs, it has None; pass the output of a run"),
        ("a poem", "it has 'a poem'"),
        (["a", {"b": 1.5}], "it has 'a'"),
        (object(), "it has <object object"),
        ("x" * 1_000, r"it has 'x{56}\.\.\.;"),
        (prediction("text"), "the output of prediction p1 has no files or URLs"),
        (prediction(None, status="failed"), "its status is 'failed'"),
        (prediction(None, status="processing"), r"no output yet, .*client\.wait\(prediction\)"),
    ],
)
def test_an_output_without_files_is_an_error(
    kind: Kind, tmp_path: Path, output: object, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        save_all(kind, output, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("output", [[], {}, [[], {"a": []}], prediction([])])
def test_an_empty_output_has_no_paths(kind: Kind, tmp_path: Path, output: object) -> None:
    assert save_all(kind, output, tmp_path / "new") == []
    assert list(tmp_path.iterdir()) == []


def test_predictions_are_saved(kind: Kind, api: Api, tmp_path: Path) -> None:
    one = prediction([f"{api.url}/a/out.png", f"{api.url}/b/out.png"])
    two = prediction({"image": f"{api.url}/c/out.png"}, "p2")

    saved = save_all(kind, [one, {"x": two}], tmp_path, name="{id}-{index}{ext}")

    assert [path.name for path in saved] == ["p1-0.png", "p1-1.png", "p2-2.png"]
    assert contents(tmp_path) == {
        "p1-0.png": "/v1/a/out.png",
        "p1-1.png": "/v1/b/out.png",
        "p2-2.png": "/v1/c/out.png",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("{name}{ext}", ["a b.png", "c.tar.gz", "a b.png", "v1.5"]),
        ("cat-{index:03}{ext}", ["cat-000.png", "cat-001.gz", "cat-000.png", "cat-003"]),
        ("cat-{index}", ["cat-0.png", "cat-1.gz", "cat-0.png", "cat-3"]),
        ("{index}.bak", ["0.bak", "1.bak", "0.bak", "3.bak"]),
        ("same.png", ["same.png", "same-1.png", "same.png", "same-2.png"]),
        (lambda file, index: f"{index}-{file.name}", ["0-a b.png", "1-c.tar.gz", "", "3-v1.5"]),
        (lambda _file, index: "xyz?"[index], ["x.png", "y.gz", "x.png", "?"]),
    ],
)
def test_names_come_from_a_template_or_a_function(
    kind: Kind, api: Api, tmp_path: Path, name: Any, expected: list[str]
) -> None:
    output = files(kind, api, "a%20b.png", "c.tar.gz", "a%20b.png", "v1.5")

    saved = save_all(kind, output, tmp_path, name=name)

    assert [path.name for path in saved] == [each or expected[0] for each in expected]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{id}{ext}", r"\{id\} can only be used with predictions; pass predictions"),
        ("{nam}{ext}", "'{nam}{ext}' is not a valid template: the field 'nam' is unknown. Its fi"),
        ("{}", "is not a valid template"),
        ("{name", "is not a valid template"),
        ("{index:q}", "is not a valid template"),
        ("{name.x}", "is not a valid template"),
        ("", "'' is not a file name"),
        ("..", "'..' is not a file name"),
        ("a/{name}", "'a/out' is not a file name; use the directory argument for folders"),
        ("..\\{name}", "is not a file name"),
        ("{name}\0", "is not a file name"),
        (lambda _file, _index: None, "name returned None: expected a file name"),
        (lambda _file, index: ("a", "../b")[index], "'../b' is not a file name"),
    ],
)
def test_an_invalid_name_is_an_error_before_anything_is_downloaded(
    kind: Kind, api: Api, tmp_path: Path, name: Any, message: str
) -> None:
    output = files(kind, api, "out", "other")

    with pytest.raises(InvalidInputError, match=message):
        save_all(kind, output, tmp_path / "new", name=name)

    assert api.received == []
    assert list(tmp_path.iterdir()) == []


def test_no_prediction_chooses_where_it_is_saved(kind: Kind, tmp_path: Path) -> None:
    evil = prediction("data:text/plain,x", "../../evil")

    [saved] = save_all(kind, evil, tmp_path / "in", name="{id}{ext}")

    assert saved.parent == tmp_path / "in"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [saved]


def test_two_runs_into_one_directory_keep_all_files(kind: Kind, api: Api, tmp_path: Path) -> None:
    output = files(kind, api, "a.png", "b/a.png", "plain")

    first = save_all(kind, output, tmp_path)
    second = save_all(kind, output, tmp_path)

    assert [path.name for path in first] == ["a.png", "a-1.png", "plain"]
    assert [path.name for path in second] == ["a-2.png", "a-3.png", "plain-1"]
    expected = ["/v1/a.png", "/v1/b/a.png", "/v1/plain"]
    assert [path.read_text() for path in first + second] == expected * 2


def test_two_runs_at_once_into_one_directory_keep_all_files(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    meeting = threading.Barrier(2, timeout=10)

    def together(handler: BaseHTTPRequestHandler) -> None:
        meeting.wait()  # both have chosen their names by now
        by_path(handler)

    api.answer = together
    outputs = [files(kind, api, f"{name}/a.png") for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        saved = list(pool.map(lambda output: save_all(kind, output, tmp_path), outputs))

    assert [paths[0].read_text() for paths in saved] == ["/v1/one/a.png", "/v1/two/a.png"]
    assert set(contents(tmp_path)) == {"a.png", "a-1.png"}


def test_a_runs_output_is_saved(kind: Kind, tmp_path: Path) -> None:
    script = Script(created("succeeded", output=["data:,one", "data:,two"]))
    client = make_client(kind, transport=script.transport)

    saved = save_all(kind, client.run("owner/name", {}), tmp_path)

    assert [path.read_text() for path in saved] == ["one", "two"]


def test_files_of_one_name_get_a_number(kind: Kind, api: Api, tmp_path: Path) -> None:
    output = files(
        kind, api, "a/out.png", "b/out.png", "c/OUT.png", "d/out-1.png", "a/plain", "b/plain"
    )

    saved = save_all(kind, output, tmp_path)

    names = [path.name for path in saved]
    assert names == ["out.png", "out-1.png", "OUT-2.png", "out-1-1.png", "plain", "plain-1"]
    assert len({name.casefold() for name in names}) == len(names)
    assert [path.read_text() for path in saved] == [
        f"/v1/{path}"
        for path in ("a/out.png", "b/out.png", "c/OUT.png", "d/out-1.png", "a/plain", "b/plain")
    ]


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
    assert names == ["out-1.webp", "out-2.mp3", "out.webp", "v1.5.webp"]
    assert contents(tmp_path) == {
        "out-1.webp": "/v1/a/out",
        "out-2.mp3": "/v1/b/out",
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
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    stem, dot, ending = name.partition(".")
    assert save(kind, file, tmp_path).name == f"{stem}-1{dot}{ending}"


def test_the_endings_of_a_url_and_of_a_path_are_kept(kind: Kind, api: Api, tmp_path: Path) -> None:
    api.answer = Hosted(CONTENT, Content_Type="image/png")
    named, nameless = files(kind, api, "out.webp", "out")

    assert save(kind, named, tmp_path).name == "out.webp"
    assert save(kind, nameless, tmp_path / "mine").name == "mine"


def test_a_file_that_occurs_twice_is_saved_once(kind: Kind, api: Api, tmp_path: Path) -> None:
    one, same, other = files(kind, api, "a.png", "a.png", "b.png")

    saved = save_all(kind, [one, {"x": same}, other, one], tmp_path)

    path = tmp_path / "a.png"
    assert saved == [path, path, tmp_path / "b.png", path]
    assert sorted(sent.path for sent in api.received) == ["/v1/a.png", "/v1/b.png"]


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


@pytest.mark.parametrize("lender", KINDS)
def test_the_other_clients_files_can_be_saved_too(
    kind: Kind, lender: Kind, api: Api, tmp_path: Path
) -> None:
    output = files(lender, api, "a.png", "b.png")

    save_all(kind, output, tmp_path)

    assert contents(tmp_path) == {"a.png": "/v1/a.png", "b.png": "/v1/b.png"}
