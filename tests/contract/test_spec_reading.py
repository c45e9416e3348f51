"""Reading documents from files and URLs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from apispec import document
from support.server import answering, serving

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = {
    "openapi": "3.1.0",
    "info": {"title": "Boats", "version": "1"},
    "paths": {"/boats": {"get": {"operationId": "boats.list", "responses": {"200": {}}}}},
}


@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump])
def test_json_and_yaml_are_read_from_a_file_and_a_url(dump: Any, tmp_path: Path) -> None:
    (tmp_path / "spec").write_text(dump(SOURCE), encoding="utf-8")
    assert document.read(str(tmp_path / "spec")) == SOURCE
    with serving() as server:
        server.answer = answering(200, dump(SOURCE).encode())
        assert document.read(server.url) == SOURCE


def test_a_missing_document_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        document.read(str(tmp_path / "nowhere"))
    with serving() as server:
        server.answer = answering(404, b"paths: {}")
        with pytest.raises(httpx.HTTPStatusError):
            document.read(server.url)
