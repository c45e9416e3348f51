"""The sandbox as a client meets it: what models print."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from support.sandboxes import WAIT, Local, create, finish

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
    def test_hold_what_a_model_prints(
        self, local: Local, capsys: pytest.CaptureFixture[str], function: Callable[[], object]
    ) -> None:
        local.sandbox.model("me/talk")(function)
        created = create(local.client, "me/talk").json()
        assert created["logs"] == ""
        assert finish(local.client, created["id"])["logs"] == "one\ntwo\n"
        # It is not taken away from where it goes.
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

    def test_are_kept_apart(self, local: Local) -> None:
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

    def test_of_a_failure(self, local: Local) -> None:
        @local.sandbox.model("me/fail")
        def fail() -> str:
            print("nearly", end="")
            raise RuntimeError("on purpose")

        body = finish(local.client, create(local.client, "me/fail").json()["id"])
        assert (body["logs"], body["error"]) == ("nearly", "on purpose")

    def test_are_not_in_an_answer_that_was_held(self, local: Local) -> None:
        local.sandbox.model("me/talk")(plain)
        body = create(local.client, "me/talk", WAIT).json()
        assert (body["logs"], body["output"]) == ("", "x")

    def test_nothing_stands_before_the_streams_afterwards(self, local: Local) -> None:
        streams = sys.stdout, sys.stderr
        local.sandbox.model("me/talk")(plain)
        create(local.client, "me/talk", WAIT)
        assert (sys.stdout, sys.stderr) == streams
