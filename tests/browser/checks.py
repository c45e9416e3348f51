"""The example, read by headless Chromium and by the npm package ``ai``: ``make test-browser``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from browser.script import Script
from replicate_api.models import Prediction
from support.bodies import ROOT
from support.receivers import receiving
from support.sandboxes import until

from replicate_ext import Replicate
from replicate_ext._network import access
from replicate_ext.sandbox import Sandbox

EXAMPLE = ROOT / "examples" / "stream_to_browser_fastapi.py"
WORDS = ["Once", " upon", " a", "\ntime", ", ☃", "."]


class Site:
    """The example on a free port, its client, and a sandbox behind it."""

    def __init__(self, sandbox: Sandbox, example: Any, url: str) -> None:
        self.example = example
        self.url = url
        self._client = Replicate(sandbox.api_token, sandbox.base_url)

        @sandbox.model("owner/words")
        async def words(prompt: str) -> AsyncIterator[str]:  # noqa: ARG001 - the example sends it
            for word in WORDS:
                yield word
                await asyncio.sleep(0.2)

        @sandbox.model("owner/endless")
        async def endless(prompt: str) -> AsyncIterator[str]:
            while True:
                yield f"{prompt} "
                await asyncio.sleep(0.2)

        @sandbox.model("owner/broken")
        async def broken(prompt: str) -> AsyncIterator[str]:
            yield prompt
            raise RuntimeError("/secret/path")

    @property
    def status(self) -> str:
        """Status of the newest prediction."""
        return str(self._predictions[0].status)

    @property
    def runs(self) -> int:
        """Number of predictions."""
        return len(self._predictions)

    @property
    def _predictions(self) -> Sequence[Prediction]:
        found = self._client.predictions.list().results
        assert found
        return found


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with Sandbox(strict=True) as sandbox:
        monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
        monkeypatch.setattr(access, "DEFAULT_BASE_URL", sandbox.base_url)
        spec = spec_from_file_location("example", EXAMPLE)
        assert spec
        assert spec.loader
        example = module_from_spec(spec)
        spec.loader.exec_module(example)
        with receiving(example.app) as url:
            yield Site(sandbox, example, url.removesuffix("/replicate"))


def arrive_one_by_one(times: list[float]) -> bool:
    """Whether the times are spread as the model's pauses are; a busy machine may join two."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return sum(gaps) > 0.15 * len(gaps) and sum(gap > 0.1 for gap in gaps) > len(gaps) / 2


def test_tokens_appear_one_by_one_and_a_closed_page_cancels_the_run(
    site: Site, tmp_path: Path
) -> None:
    site.example.MODEL = "owner/endless"
    with Script.running("page.mjs", site.url, str(tmp_path / "page.png")) as browser:
        seen = list(islice((event for event in browser if event.get("text")), 6))
        assert [each["text"] for each in seen] == ["a lighthouse " * n for n in range(1, 7)]
        assert arrive_one_by_one([each["at"] for each in seen])
        assert site.status == "processing"

        browser.go_on()
        assert any("closed" in event for event in browser)
        until(lambda: site.status == "canceled" or None)


@pytest.mark.parametrize(
    ("model", "text"),
    [("owner/words", "".join(WORDS)), ("owner/broken", "a lighthouseThe model failed.")],
)
def test_a_page_shows_the_whole_story_or_an_error_and_does_not_run_the_model_again(
    site: Site, tmp_path: Path, model: str, text: str
) -> None:
    site.example.MODEL = model
    with Script.running("page.mjs", site.url, str(tmp_path / "page.png")) as browser:
        assert any(event["text"] == text for event in browser)
        # Chromium would connect again after 3 seconds.
        with pytest.raises(AssertionError, match="no result"):
            until(lambda: site.runs > 1 or None, 4)


def test_the_package_ai_reads_the_vercel_protocol(site: Site) -> None:
    site.example.MODEL = "owner/words"
    with Script.running("chat.mjs", f"{site.url}/chat") as reader:
        events = list(reader)

    assert events[-1] == {"ended": True}
    states = {each["parts"][0]["text"]: each["at"] for each in events[:-1] if each["parts"]}
    assert [text for text in states if text] == ["".join(WORDS[: n + 1]) for n in range(len(WORDS))]
    assert arrive_one_by_one([at for text, at in states.items() if text])
    assert events[-2]["parts"][0]["state"] == "done"


def test_the_package_ai_reports_an_error_without_details(site: Site) -> None:
    site.example.MODEL = "owner/broken"
    with Script.running("chat.mjs", f"{site.url}/chat") as reader:
        events = list(reader)

    assert {"error": "The model failed."} in events
    assert all("secret" not in json.dumps(event) for event in events)


def test_an_aborted_request_of_the_package_ai_cancels_the_run(site: Site) -> None:
    site.example.MODEL = "owner/endless"
    with Script.running("chat.mjs", f"{site.url}/chat") as reader:
        assert any("a lighthouse a lighthouse" in json.dumps(event) for event in reader)
        assert site.status == "processing"
        reader.go_on()
        until(lambda: site.status == "canceled" or None)
