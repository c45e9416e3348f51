"""Path arguments of methods: separate or as owner/name, and never a way to another path."""

from __future__ import annotations

from urllib.parse import unquote

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from replicate_api.types import as_segment, joined_path
from support.clients import BASE_URL, Script, answer, make_client

ODD = st.text(alphabet="./\\%2eEfF?#:@ aé\x00\ud800", max_size=8)
TEXTS = st.one_of(st.text(max_size=12), ODD)


def test_parts_are_given_apart_or_the_first_two_together() -> None:
    apart = joined_path(owner="acme", name="boats", version="v")

    assert (
        apart == joined_path(owner="acme/boats", name="v", version=None) == ["acme", "boats", "v"]
    )


def test_later_parts_can_be_keywords() -> None:
    assert joined_path(owner="acme/boats", name=None, version="v") == ["acme", "boats", "v"]


@pytest.mark.parametrize(
    "parts",
    [
        {"owner": "acme", "name": None},
        {"owner": None, "name": None},
        {"owner": None, "name": "acme"},
        {"owner": "acme/boats", "name": "v"},
        {"owner": "acme/boats/v", "name": None},
        {"owner": "acme/boats", "name": None, "version": None},
        {"owner": "acme/boats", "name": "boats", "version": "v"},
    ],
)
def test_the_wrong_number_of_parts_says_what_is_expected(parts: dict[str, str | None]) -> None:
    with pytest.raises(TypeError) as caught:
        joined_path(**parts)

    message = str(caught.value)
    assert message.startswith(
        f"expected {', '.join(parts)}; the first two can be given together as "
    )
    assert all(repr(part) in message or "/" in part for part in parts.values() if part)


@given(TEXTS, TEXTS, TEXTS)
def test_only_the_first_part_is_divided(owner: str, name: str, version: str) -> None:
    assume("/" not in owner)

    assert joined_path(owner=owner, name=name, version=version) == [owner, name, version]
    if not {"/", ":"} & set(name):
        together = joined_path(owner=f"{owner}/{name}", name=version, version=None)
        assert together == [owner, name, version]
        if not {"/", ":"} & set(version):
            whole = joined_path(owner=f"{owner}/{name}:{version}", name=None, version=None)
            assert whole == [owner, name, version]


@given(TEXTS)
def test_a_segment_is_one_segment_or_refused(text: str) -> None:
    try:
        segment = as_segment(text)
    except ValueError:
        assert text in ("", ".", "..") or any("\ud800" <= one <= "\udfff" for one in text)
        return
    assert unquote(segment) == text
    # As whatever takes paths apart sees it.
    url = httpx.URL(f"https://api.test/v1/predictions/{segment}/cancel")
    assert url.raw_path == f"/v1/predictions/{segment}/cancel".encode()


@given(TEXTS, TEXTS)
def test_no_name_leads_to_another_path(owner: str, name: str) -> None:
    script = Script(answer(200, {}))
    client = make_client("sync", transport=script.transport)
    try:
        client.models.versions.get(owner, name, "v")
    except (ValueError, TypeError):
        assert script.seen == []
        return
    [request] = script.requests
    segments = request.url.raw_path.decode().split("/")
    assert segments[:3] == ["", "v1", "models"]
    assert [unquote(segment) for segment in segments[3:]] == [owner, name, "versions", "v"]
    assert str(request.url).startswith(f"{BASE_URL}/models/")
