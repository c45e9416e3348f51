"""Logs of predictions in the sandbox: the text that models print."""

import asyncio
import io
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest
from support.sandboxes import WAIT, Local, create, finish, until
from support.server import serving

from replicate_ext.sandbox._runs import capture

# Models print.
# ruff: noqa: T201


def plain() -> str:
    print("one")
    print("two", file=sys.stderr)
    return "x"


async def coroutine() -> str:
    print("one")
    await asyncio.sleep(0)
    print("two", file=sys.stderr)
    return "x"


def generator() -> Iterator[str]:
    print("one")
    yield "x"
    print("two", file=sys.stderr)


async def asynchronous_generator() -> AsyncIterator[str]:
    print("one")
    yield "x"
    print("two", file=sys.stderr)


class TestLogs:
    @pytest.mark.parametrize("function", [plain, coroutine, generator, asynchronous_generator])
    def test_contain_what_a_model_prints(
        self, local: Local, capsys: pytest.CaptureFixture[str], function: Callable[[], object]
    ) -> None:
        local.sandbox.model("me/talk")(function)
        created = create(local.client, "me/talk").json()
        assert created["logs"] == ""
        assert finish(local.client, created["id"])["logs"] == "one\ntwo\n"
        # The text is still printed.
        assert capsys.readouterr() == ("one\n", "two\n")

    @pytest.mark.parametrize(
        ("text", "flush", "shown"),
        [
            ("line\n", False, "line\n"),
            ("10%\r", False, "10%\r"),
            ("line\npart", False, "line\n"),
            ("part", True, "part"),
        ],
    )
    def test_grow_line_by_line(self, local: Local, text: str, *, flush: bool, shown: str) -> None:
        said, resume = threading.Event(), threading.Event()

        @local.sandbox.model("me/talk")
        def talk() -> str:
            print(text, end="", flush=flush)
            said.set()
            assert resume.wait(5)
            print(" and more", end="")
            return "x"

        url = create(local.client, "me/talk").json()["urls"]["get"]
        assert said.wait(5)
        assert local.client.get(url).json()["logs"] == shown
        resume.set()
        assert finish(local.client, url.rpartition("/")[2])["logs"] == f"{text} and more"

    def test_are_separate_for_each_prediction(self, local: Local) -> None:
        together = threading.Barrier(3)

        @local.sandbox.model("me/talk")
        def talk(word: str) -> str:
            together.wait(5)
            print(word)
            together.wait(5)
            return word

        ids = [create(local.client, "me/talk", word=word).json()["id"] for word in "ab"]
        together.wait(5)
        print("of the test")
        together.wait(5)
        assert [finish(local.client, id_)["logs"] for id_ in ids] == ["a\n", "b\n"]

    def test_are_kept_when_a_model_fails(self, local: Local) -> None:
        @local.sandbox.model("me/fail")
        def fail() -> str:
            print("nearly", end="")
            raise RuntimeError("on purpose")

        body = finish(local.client, create(local.client, "me/fail").json()["id"])
        assert (body["logs"], body["error"]) == ("nearly", "on purpose")

    def test_are_not_in_a_held_response(self, local: Local) -> None:
        local.sandbox.model("me/talk")(plain)
        body = create(local.client, "me/talk", WAIT).json()
        assert (body["logs"], body["output"]) == ("", "x")

    def test_contain_text_printed_to_replaced_streams(self, local: Local) -> None:
        local.sandbox.model("me/talk")(plain)
        for _ in range(2):
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                created = create(local.client, "me/talk").json()
                assert finish(local.client, created["id"])["logs"] == "one\ntwo\n"
            assert (out.getvalue(), err.getvalue()) == ("one\n", "two\n")

    def test_contain_text_once_when_one_stream_writes_to_another(self, local: Local) -> None:
        ready, resume = threading.Event(), threading.Event()

        class Twice(io.StringIO):
            def write(self, text: str) -> int:
                behind.write(text)
                return super().write(text)

        @local.sandbox.model("me/wait")
        def wait() -> str:
            ready.set()
            assert resume.wait(5)
            return "x"

        local.sandbox.model("me/talk")(plain)
        with redirect_stdout(io.StringIO()) as behind:
            waiting = create(local.client, "me/wait").json()["id"]
            assert ready.wait(5)
            with redirect_stdout(Twice()) as before:
                talking = create(local.client, "me/talk").json()["id"]
                assert finish(local.client, talking)["logs"] == "one\ntwo\n"
            resume.set()
            finish(local.client, waiting)
        assert behind.getvalue() == before.getvalue() == "one\n"

    def test_do_not_contain_log_messages_of_webhooks(self, local: Local) -> None:
        log = logging.getLogger("httpx")
        sent = threading.Event()

        @local.sandbox.model("me/talk")
        async def talk() -> AsyncIterator[str]:
            log.info("of the model")
            yield "x"
            await asyncio.to_thread(sent.wait, 5)

        handler, level = logging.StreamHandler(), log.level
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        try:
            with serving() as receiver:
                body = {"version": "me/talk", "input": {}, "webhook": receiver.url}
                id_ = local.client.post("/predictions", json=body).json()["id"]
                until(lambda: local.sandbox.deliveries or None)
                sent.set()
                assert finish(local.client, id_)["logs"] == "of the model\n"
        finally:
            log.setLevel(level)
            log.removeHandler(handler)

    @pytest.mark.parametrize("own", [{}, {"write": len}])
    def test_restore_the_streams_at_the_end(
        self, local: Local, own: dict[str, object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Streams stay patched while a prediction runs in any sandbox of this process, and tests may
        # leave one running.
        monkeypatch.setattr(capture, "_captures", 0)
        monkeypatch.setattr(capture, "_patches", [])
        local.sandbox.model("me/talk")(plain)
        with redirect_stdout(io.StringIO()) as stream, redirect_stderr(stream):
            vars(stream).update(own)
            created = create(local.client, "me/talk").json()
            assert finish(local.client, created["id"])["logs"] == "one\ntwo\n"
            assert sys.stdout is sys.stderr is stream
        # The capture ends after the prediction.
        assert until(lambda: vars(stream) == own or None)

    def test_omit_text_of_streams_that_cannot_be_patched(self, local: Local) -> None:
        class Fixed:
            __slots__ = ()

            def write(self, text: str) -> int:
                return len(text)

        local.sandbox.model("me/talk")(plain)
        fixed: Any = Fixed()
        with redirect_stdout(fixed):
            created = create(local.client, "me/talk").json()
            assert finish(local.client, created["id"])["logs"] == "two\n"


BUSY = """
import io, sys, threading
from contextlib import redirect_stdout
from replicate_ext import Replicate
from replicate_ext.sandbox._runs import capture
from replicate_ext.sandbox import Sandbox

def talk() -> str:
    print("from a model")
    return "x"

def work(sandbox):
    with Replicate(sandbox.api_token, sandbox.base_url) as client:
        for _ in range(10):
            logs.append(client.predictions.run("me/talk").logs)

sys.setswitchinterval(1e-4)
logs = []
# Kept until the end: another thread may still be printing to it.
kept = io.StringIO()
with Sandbox({"me/talk": talk}) as one, Sandbox({"me/talk": talk}) as other:
    workers = [threading.Thread(target=work, args=[each]) for each in (one, other)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        print("from", "the", "main", "thread")
        with redirect_stdout(kept):
            print("elsewhere")
# A redirect is for all threads: it can take the text of a model, which then has no logs.
print({len(logs), *logs} - {""} == {20, "from a model\\n"})
print(kept.getvalue())
"""


def test_other_threads_can_print_meanwhile() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", BUSY],
        capture_output=True,
        check=False,
        text=True,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "True" in done.stdout
    assert done.stdout.count("from a model") == 20
