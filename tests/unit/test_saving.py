"""Saved files: safe names, and files that appear only when they are complete."""

from __future__ import annotations

import os
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replicate_ext._files.file_name import has_ending, name_from_url, safe_name
from replicate_ext._files.free_names import free_names
from replicate_ext._files.partial_file import is_directory, partial_file, refuse_existing

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
STEPS = st.sampled_from(
    ["..", ".", "/", "\\", "%2e", "%2E%2e", "%2f", "%5c", "%00", "\0", "~", "CON", " ", "a", "%"]
)
NASTY = ANY_TEXT | st.lists(STEPS | ANY_TEXT, max_size=8).map("".join)
DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}


def is_safe(name: str) -> bool:
    """Whether a name is a file in the directory it is joined to, on any system."""
    return (
        0 < len(name.encode()) <= 255
        and os.path.normpath(f"/directory/{name}") == f"/directory/{name}"
        and not set(name) & set('/\\:*?"<>|')
        and not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in name)
        and name == name.strip(" .")
        and name.partition(".")[0].lower() not in DEVICES
    )


@given(NASTY)
@example("../../etc/passwd")
@example("CON")
@example("nul.txt.png")
@example("a" * 10_000)
@example("é" * 300 + ".png")
@example("a." + "b" * 300)
@example("\ud800")
@example("photo\u202egnp.exe")
@example(" . . ")
@example("a.\u200b")
def test_any_name_is_made_safe(name: str) -> None:
    assert is_safe(safe_name(name))


@given(NASTY)
@example("https://a.b/%2e%2e%2f%2e%2e%2fetc%2fpasswd")
@example("https://a.b/..%5c..%5cboot.ini")
@example("https://a.b/%00")
@example("https://a.b/..")
@example("https://[bad")
@example("https://a.b/CON")
@example("https://a.b/" + "x" * 5_000 + ".png")
def test_no_url_leads_out_of_a_directory(url: str) -> None:
    for whole in (
        url,
        f"https://files.test/{url}",
        f"https://files.test/a/{quote(url, '', errors='replace')}",
    ):
        assert is_safe(name_from_url(whole))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.b/c/out-0.webp", "out-0.webp"),
        ("https://a.b/c/out-0.webp?token=1#x", "out-0.webp"),
        ("https://a.b/a%20boat.png", "a boat.png"),
        ("https://a.b/gr%C3%B6%C3%9Fe.png", "größe.png"),
        ("https://a.b/gr%6F%CC%88.png", "grö.png"),
        ("https://a.b/%2e%2e%2fpasswd", "passwd"),
        ("https://a.b/..%5cboot.ini", "boot.ini"),
        ("https://a.b/a%00b", "a_b"),
        ("https://a.b/.bashrc", "bashrc"),
        ("https://a.b/con.png", "output_con.png"),
        ("https://a.b/contour.png", "contour.png"),
        ("https://a.b", "output"),
        ("https://a.b/", "output"),
        ("https://a.b/c/", "output"),
        ("https://a.b/%2e%2e", "output"),
        ("https://[bad", "output"),
    ],
)
def test_a_name_is_the_last_part_of_a_path(url: str, name: str) -> None:
    assert name_from_url(url) == name


@pytest.mark.parametrize("letter", ["a", "é", "画", "🛶"])
def test_a_long_name_keeps_its_ending(letter: str) -> None:
    name = safe_name(letter * 500 + ".png")

    assert name.endswith(f"{letter}.png")
    assert 100 < len(name.encode()) <= 255


def test_a_directory_exists_or_ends_with_a_slash(tmp_path: Path) -> None:
    assert is_directory(tmp_path)
    assert is_directory(str(tmp_path))
    assert is_directory(f"{tmp_path}/new/")
    assert not is_directory(tmp_path / "new")
    assert not is_directory(tmp_path / "new" / "b.png")


def test_an_existing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()

    refuse_existing(tmp_path / "b.png")
    with pytest.raises(FileExistsError, match=r"a\.png already exists; pass overwrite=True"):
        refuse_existing(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.png", True),
        ("a.tar.gz", True),
        ("a.MP4", True),
        ("a.3gp", True),
        ("a.7z", True),
        ("a", False),
        ("model-v1.5", False),
        ("a.", False),
        ("2026.11.27", False),
        ("a.b c", False),
        ("a.averylongending", False),
    ],
)
def test_an_ending_is_not_a_version(name: str, expected: bool) -> None:
    assert has_ending(name) is expected


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def _any_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError("this file system has no links")

    if not request.param:
        monkeypatch.setattr(os, "link", no_link)


@pytest.mark.usefixtures("_any_file_system")
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_appears_when_it_is_complete(tmp_path: Path, overwrite: bool) -> None:
    target = tmp_path / "deep" / "down" / "a.png"

    with partial_file(target.parent) as part:
        part.file.write(b"whole")
        assert not target.exists()
        assert part.move(target, overwrite=overwrite) == target

    assert target.read_bytes() == b"whole"
    assert names(target.parent) == ["a.png"]


def test_a_replaced_file_is_unchanged_until_then(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"before")

    with partial_file(tmp_path) as part:
        part.file.write(b"after")
        part.file.flush()
        assert target.read_bytes() == b"before"
        part.move(target, overwrite=True)

    assert target.read_bytes() == b"after"
    assert names(tmp_path) == ["a.png"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
def test_an_incomplete_file_is_deleted(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), partial_file(tmp_path) as part:  # noqa: PT012 - it is interrupted
        part.file.write(b"half")
        raise error

    assert names(tmp_path) == []


@pytest.mark.usefixtures("_any_file_system")
def test_a_file_created_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.png"

    with partial_file(tmp_path) as part:
        part.file.write(b"mine")
        target.write_bytes(b"theirs")
        with pytest.raises(FileExistsError, match="pass overwrite=True"):
            part.move(target, overwrite=False)

    assert target.read_bytes() == b"theirs"
    assert names(tmp_path) == ["a.png"]


@pytest.mark.usefixtures("_any_file_system")
def test_files_that_are_moved_at_once_all_get_a_name(tmp_path: Path) -> None:
    count = 16
    start = threading.Barrier(count, timeout=10)
    [name] = free_names(tmp_path, ["a.png"])

    def write(number: int) -> Path:
        with partial_file(tmp_path) as part:
            part.file.write(str(number).encode())
            start.wait()
            return part.move_to_free(name.paths(""))

    with ThreadPoolExecutor(count) as pool:
        paths = list(pool.map(write, range(count)))

    assert [path.read_text() for path in paths] == [str(number) for number in range(count)]
    assert names(tmp_path) == sorted(["a.png", *(f"a-{n}.png" for n in range(1, count))])


@pytest.mark.parametrize(
    ("existing", "wanted", "free"),
    [
        ([], ["a.png", "b"], ["a.png", "b"]),
        (["a.png"], ["a.png"], ["a-1.png"]),
        (["A.PNG", "a-1.png"], ["a.png"], ["a-2.png"]),
        (["a-1.png"], ["a.png", "a.png"], ["a.png", "a-2.png"]),
        (["a.jpg"], ["a.png"], ["a.png"]),
        (["a.jpg"], ["a"], ["a-1"]),  # it may get that ending
        ([], ["a", "a.png"], ["a-1", "a.png"]),
        (["a"], ["a.png"], ["a.png"]),
        ([], ["v1.5", "v1.5"], ["v1.5", "v1.5-1"]),
    ],
)
def test_a_name_that_is_taken_gets_the_next_number(
    tmp_path: Path, existing: list[str], wanted: list[str], free: list[str]
) -> None:
    for name in existing:
        (tmp_path / name).touch()

    chosen = free_names(tmp_path, wanted)

    assert [name.path for name in chosen] == [tmp_path / name for name in free]


def test_all_names_are_free_in_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    [name] = free_names(tmp_path / "new", ["a.png"])

    assert name.path == tmp_path / "new" / "a.png"


def test_thousands_of_files_of_one_name_are_named_quickly(tmp_path: Path) -> None:
    count = 5_000
    started = time.process_time()

    chosen = free_names(tmp_path, ["output.png"] * count)

    assert time.process_time() - started < 3  # trying every number for each takes a minute
    assert len({name.path for name in chosen}) == count
    assert chosen[-1].path.name == f"output-{count - 1}.png"
