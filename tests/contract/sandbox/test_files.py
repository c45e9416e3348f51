"""The sandbox as a client meets it: files, uploaded, taken in and put out."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from PIL import Image
from support.sandboxes import (
    WAIT,
    Local,
    Report,
    client_of,
    create,
    data_uri,
    fetch,
    output,
    png,
    recording,
)

from replicate_ext.sandbox import File, Sandbox, _uploads


class TestFiles:
    def test_upload_show_list_delete(self, local: Local) -> None:
        content = b"a\r\n--+++--\r\nb" * 1000
        part = {"content": ("notes.txt", content, "text/plain")}
        answer = local.client.post("/files", files=part)
        body = answer.json()
        assert answer.status_code == 201
        assert body["name"] == "notes.txt"
        assert body["content_type"] == "text/plain"
        assert body["size"] == len(content)
        assert body["checksums"] == {
            "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        assert body["etag"] == body["checksums"]["md5"]
        created, expires = (
            datetime.fromisoformat(body[f"{key}_at"]) for key in ("created", "expires")
        )
        assert expires - created == timedelta(hours=24)
        url = body["urls"]["get"]
        assert local.client.get(url).json() == body
        assert local.client.get("/files").json()["results"] == [body]
        deleted = local.client.delete(url)
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert local.client.get(url).status_code == 404
        assert local.client.get("/files").json()["results"] == []

    def test_is_shaped_like_the_recorded_one(self, client: httpx.Client) -> None:
        cassette = yaml.safe_load(recording("file-operations.yaml"))
        real = json.loads(cassette["interactions"][0]["response"]["body"]["string"])
        part = {"content": (real["name"], b"", real["content_type"])}
        mine = client.post("/files", files=part).json()
        changing = {"id", "urls", "created_at", "expires_at"}
        assert {key: mine[key] for key in mine.keys() - changing} == {
            key: real[key] for key in real.keys() - changing
        }
        assert len(mine["id"]) == len(real["id"])

    @pytest.mark.parametrize("filename", [None, "blob"])
    def test_metadata(self, client: httpx.Client, filename: str | None) -> None:
        def upload(metadata: bytes) -> httpx.Response:
            part = (filename, metadata, "application/json")
            return client.post("/files", files={"content": b"x", "metadata": part})

        assert upload(b'{"a": [1]}').json()["metadata"] == {"a": [1]}
        assert upload(b"[1]").status_code == 422
        assert upload(b"{").status_code == 422

    def test_refused_uploads(self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        assert client.post("/files", files={"other": b"x"}).status_code == 422
        assert client.post("/files", json={"content": "x"}).status_code == 422
        long = {"content": ("x" * 256, b"x")}
        assert client.post("/files", files=long).status_code == 422
        multipart = {"Content-Type": "multipart/form-data"}
        assert client.post("/files", content=b"x", headers=multipart).status_code == 400
        monkeypatch.setattr(_uploads, "MAX_SIZE", 10)
        answer = client.post("/files", files={"content": b"x" * 11})
        assert answer.status_code == 413
        assert answer.json() == {"detail": "Files must be less than 100MB in size"}

    def test_files_expire(self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        url = client.post("/files", files={"content": b"x"}).json()["urls"]["get"]
        monkeypatch.setattr(_uploads, "LIFETIME", 0)
        assert client.get(url).status_code == 404

    def test_names_are_no_paths(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Sandbox() as sandbox, client_of(sandbox) as client:
            part = {"content": ("../../evil.txt", b"x", "text/plain")}
            body = client.post("/files", files=part).json()
            [stored] = tmp_path.rglob("evil.txt")
        assert body["name"] == "evil.txt"
        assert stored.parent.name == body["id"]

    @pytest.mark.parametrize("kind", ["data URI", "upload", "output", "output elsewhere"])
    def test_a_picture_goes_in_and_comes_out(self, local: Local, kind: str) -> None:
        content = png((200, 100, 50))
        with Sandbox() as other, client_of(other) as elsewhere:
            match kind:
                case "data URI":
                    url = data_uri(content, "image/png")
                case "upload":
                    part = {"content": ("a.png", content, "image/png")}
                    url = local.client.post("/files", files=part).json()["urls"]["get"]
                case _:
                    maker = local.client if kind == "output" else elsewhere
                    image = data_uri(content, "image/png")
                    url = output(maker, "sandbox/posterize", image=image, bits=8)
            result = output(local.client, "sandbox/posterize", image=url)
        answer = fetch(result)
        assert answer.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (4, 3)
            assert picture.getpixel((0, 0)) == (192, 64, 0)

    def test_outputs_are_served_without_a_token(self, local: Local) -> None:
        @local.sandbox.model("me/echo")
        def echo(file: bytes) -> bytes:
            return file

        url = output(local.client, "me/echo", file=data_uri(b"0123456789"))
        assert not url.startswith(local.sandbox.base_url)
        answer = fetch(url)
        assert answer.content == b"0123456789"
        assert answer.headers["accept-ranges"] == "bytes"
        digest = hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
        assert answer.headers["etag"] == f'"{digest}"'
        part = fetch(url, Range="bytes=2-4")
        assert (part.status_code, part.content) == (206, b"234")
        assert fetch(url, "HEAD").headers["content-length"] == "10"
        assert fetch(f"{url}x").status_code == 404

    def test_files_anywhere_in_inputs_and_outputs(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/join")
        async def join(parts: list[Path], last: File) -> Report:
            text = "".join(part.read_text() for part in [*parts, last.path])
            joined = tmp_path / "joined.txt"
            joined.write_text(text)
            return {"text": last.content_type, "picture": joined}

        parts = [data_uri(b"one "), "data:,two%20"]
        report = output(local.client, "me/join", parts=parts, last="data:text/csv,three")
        assert report["text"] == "text/csv"
        assert report["picture"].endswith("/joined.txt")
        answer = fetch(report["picture"])
        assert answer.text == "one two three"
        assert answer.headers["content-type"].startswith("text/plain")

    def test_a_model_may_yield_files(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/pages")
        def pages() -> Iterator[File]:
            for name in ("a.bin", "b.bin"):
                (tmp_path / name).write_text(name)
                yield File(tmp_path / name, content_type="audio/wav")

        answers = [fetch(url) for url in output(local.client, "me/pages")]
        assert [answer.text for answer in answers] == ["a.bin", "b.bin"]
        assert answers[0].headers["content-type"] == "audio/wav"

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("https://example.com/a.png", "not those on 'example.com'"),
            ("data:broken", "data"),
            ("http://127.0.0.1:1/", "connect"),
            ("file:///etc/passwd", "only files on this machine"),
        ],
    )
    def test_a_file_that_cannot_be_had(self, client: httpx.Client, url: str, error: str) -> None:
        body = create(client, "sandbox/posterize", WAIT, image=url).json()
        assert body["status"] == "failed"
        assert error in body["error"]

    @pytest.mark.parametrize("value", [object(), float("nan"), {"a": [1j]}])
    def test_an_output_that_is_no_json(self, local: Local, value: object) -> None:
        @local.sandbox.model("me/odd")
        def odd() -> object:
            return value

        body = create(local.client, "me/odd", WAIT).json()
        assert body["status"] == "failed"
        assert body["error"].startswith("The model returned")
