"""Saving one file: its path, what it replaces, and what a failure leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.clients import Kind, make_client
from support.files import Hosted, output_of, save
from support.saved import files, hosting
from support.server import Api

from replicate_ext import APIConnectionError, FileOutput

CONTENT = bytes(range(256)) * 1_000


ETAG = '"v1"'


@pytest.fixture
def api() -> Iterator[Api]:
    with hosting() as running:
        yield running


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


def test_an_existing_file_is_replaced(kind: Kind, api: Api, tmp_path: Path) -> None:
    [file] = files(kind, api, "out-0.png")
    api.answer = Hosted(CONTENT)
    existing = tmp_path / "out-0.png"
    existing.write_bytes(b"mine")

    assert save(kind, file, existing).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["out-0.png"]


def test_an_existing_file_can_be_refused_before_the_download(
    kind: Kind, api: Api, tmp_path: Path
) -> None:
    [file] = files(kind, api, "out-0.png")
    api.answer = Hosted(CONTENT)
    existing = tmp_path / "out-0.png"
    existing.write_bytes(b"mine")

    with pytest.raises(FileExistsError, match=r"out-0\.png already exists; pass overwrite=True"):
        save(kind, file, existing, overwrite=False)
    assert api.received == []
    assert existing.read_bytes() == b"mine"

    assert save(kind, file, tmp_path / "other.png", overwrite=False).read_bytes() == CONTENT


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_directory_gives_the_next_free_name(
    kind: Kind, api: Api, tmp_path: Path, overwrite: bool
) -> None:
    [file] = files(kind, api, "out-0.png")

    saved = [save(kind, file, tmp_path, overwrite=overwrite) for _ in range(3)]

    assert [path.name for path in saved] == ["out-0.png", "out-0-1.png", "out-0-2.png"]


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
        save(kind, file, tmp_path / "out-0.png", overwrite=overwrite)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == (
        {"out-0.png": b"mine"} if overwrite else {}
    )
