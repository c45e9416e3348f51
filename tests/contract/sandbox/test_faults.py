"""Faults that a test plans in the sandbox."""

import json
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.sandboxes import HELLO, JSON, WAIT, Local, client_of, create, until

from replicate_ext.sandbox import Fault, Sandbox


@pytest.fixture(autouse=True)
def _uvicorn_is_content(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert caplog.get_records("call") == []


def taken(local: Local) -> int:
    """Return the number of predictions."""
    return len(local.client.get("/predictions").json()["results"])


LOW_CREDIT = (
    "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per "
    "minute with a burst of 1 requests while you have less than $5.0 in credit. "
    "Your rate limit resets in ~5s."
)


class TestResponses:
    @pytest.mark.parametrize(
        ("fault", "header", "body"),
        [
            (Fault.throttle(), None, {"detail": LOW_CREDIT, "status": 429, "retry_after": 5}),
            (Fault.throttle(5, said_in="text"), None, {"detail": LOW_CREDIT, "status": 429}),
            (
                Fault.throttle(7, said_in="header"),
                "7",
                {"detail": "Request was throttled.", "status": 429},
            ),
        ],
    )
    def test_throttle_has_the_seconds_in_one_of_three_places(
        self, local: Local, fault: Fault, header: str | None, body: JSON
    ) -> None:
        local.sandbox.faults.add(fault)
        response = create(local.client, HELLO, text="x")
        assert (response.status_code, response.json()) == (429, body)
        assert response.headers.get("retry-after") == header
        assert response.headers["content-type"] == "application/problem+json"
        assert taken(local) == 0

    @pytest.mark.parametrize(
        ("status", "detail"),
        [
            (401, "You did not pass a valid authentication token"),
            (402, "You have insufficient credit to run this model. "),
            (404, "The requested resource could not be found."),
            (408, "Request Timeout"),
            (425, "Too Early"),
            (413, "Files must be less than 100MB in size"),
            (422, "The specified version does not exist "),
            (500, "Internal Server Error"),
            (529, "Unknown Error"),
        ],
    )
    def test_an_error_has_the_real_body_if_it_is_known(
        self, local: Local, status: int, detail: str
    ) -> None:
        local.sandbox.faults.add(Fault.error(status))
        response = create(local.client, HELLO, text="x")
        assert response.status_code == status
        assert response.json()["detail"].startswith(detail)

    def test_an_error_may_be_the_html_page_of_a_proxy(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.error(502, html=True))
        response = local.client.get("/account")
        assert response.status_code == 502
        assert response.headers["content-type"].startswith("text/html")
        assert "<title>502 Bad Gateway</title>" in response.text

    @pytest.mark.parametrize(
        ("body", "content", "kind"),
        [
            ("<b>hi", b"<b>hi", "text/html; charset=utf-8"),
            (b"\xff", b"\xff", "text/html; charset=utf-8"),
            ({"a": [None]}, b'{"a":[null]}', "application/json"),
        ],
    )
    def test_any_response_can_be_sent(
        self, local: Local, body: object, content: bytes, kind: str
    ) -> None:
        local.sandbox.faults.add(Fault.answer(299, body, headers={"X-Odd": "yes"}), times=2)
        local.sandbox.faults.add(Fault.answer(200, body, headers={"Content-Type": "image/png"}))
        for _ in range(2):
            response = local.client.get("/account")
            assert (response.status_code, response.content) == (299, content)
            assert (response.headers["content-type"], response.headers["x-odd"]) == (kind, "yes")
        assert local.client.get("/account").headers.get_list("content-type") == ["image/png"]

    @pytest.mark.parametrize("times", [0, 1])
    def test_a_request_can_be_handled_despite_its_error(self, local: Local, times: int) -> None:
        local.sandbox.faults.add(Fault.error(500, taken=times == 1))
        response = create(local.client, HELLO, WAIT, text="x")
        assert response.status_code == 500
        assert "preference-applied" not in response.headers
        assert taken(local) == times


class TestConnections:
    @pytest.mark.parametrize("was_taken", [False, True])
    def test_a_drop_sends_nothing(self, local: Local, was_taken: bool) -> None:
        local.sandbox.faults.add(Fault.drop(taken=was_taken))
        url = httpx.URL(local.sandbox.base_url)
        body = json.dumps({"version": HELLO, "input": {"text": "x"}}).encode()
        head = (
            f"POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: Bearer {local.sandbox.api_token}\r\n\r\n"
        )
        with socket.create_connection((url.host, url.port or 0), timeout=5) as connection:
            connection.sendall(head.encode() + body)
            assert connection.recv(1) == b""
        assert taken(local) == was_taken

    @pytest.mark.parametrize("size", [1, 5_000_000])
    def test_a_drop_waits_for_the_whole_request(self, local: Local, size: int) -> None:
        local.sandbox.faults.add(Fault.drop(), times=2)
        for _ in range(2):
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                local.client.post("/files", files={"content": b"x" * size})
        assert local.client.get("/files").json()["results"] == []
        assert [request.size > size for request in local.sandbox.requests[:2]] == [True, True]

    def test_a_delay_postpones_the_response(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.delay(0.2), times=2)
        with pytest.raises(httpx.ReadTimeout):
            local.client.get("/account", timeout=0.05)
        begin = time.monotonic()
        assert create(local.client, HELLO, WAIT, text="you").json()["output"] == "hello you"
        assert 0.2 <= time.monotonic() - begin < 2

    def test_a_delayed_request_is_handled_at_once(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.delay(60))
        with pytest.raises(httpx.ReadTimeout):
            local.client.post(
                "/predictions", json={"version": HELLO, "input": {"text": "x"}}, timeout=0.05
            )
        assert taken(local) == 1

    @pytest.mark.parametrize("after", [0, 1, 20])
    def test_a_cut_sends_some_bytes(self, local: Local, after: int) -> None:
        whole = local.client.get("/account").content
        local.sandbox.faults.add(Fault.cut(after))
        seen = b""
        with local.client.stream("GET", "/account") as response:
            assert response.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):  # noqa: PT012 - the data arrives in chunks
                for chunk in response.iter_bytes():
                    seen += chunk
        assert seen == whole[:after]

    def test_a_cut_after_the_end_has_no_effect(self, local: Local) -> None:
        whole = local.client.get("/account")
        local.sandbox.faults.add(Fault.cut(10_000))
        assert local.client.get("/account").content == whole.content

    def test_a_file_can_be_cut(self, local: Local) -> None:
        @local.sandbox.model("me/large")
        def large() -> bytes:
            return bytes(1_000_000)

        url = create(local.client, "me/large", WAIT).json()["output"]
        local.sandbox.faults.add(Fault.cut(300_000), on="GET /outputs/**")
        with pytest.raises(httpx.RemoteProtocolError, match="received 300000 bytes"):
            local.client.get(url)
        assert len(local.client.get(url).content) == 1_000_000

    @pytest.mark.parametrize("after", [0, 1, 20])
    def test_a_stall_pauses_in_the_middle_and_continues(self, local: Local, after: int) -> None:
        whole = local.client.get("/account").content
        local.sandbox.faults.add(Fault.stall(after), on="GET /account")
        seen = b""
        with (  # noqa: PT012 - the data arrives in chunks
            pytest.raises(httpx.ReadTimeout),
            local.client.stream("GET", "/account", timeout=0.05) as response,
        ):
            for chunk in response.iter_bytes():
                seen += chunk
        assert seen == whole[:after]
        local.sandbox.faults.add(Fault.stall(after, 0.01), on="GET /account")
        assert local.client.get("/account").content == whole

    def test_a_stall_after_the_end_has_no_effect(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.stall(10_000))
        assert local.client.get("/account").is_success


class TestPlans:
    def test_faults_occur_in_order_and_then_end(self, local: Local) -> None:
        faults = local.sandbox.faults
        first, second = Fault.error(500), Fault.error(503)
        faults.add(first, times=2)
        faults.add(second)
        seen = [local.client.get("/account").status_code for _ in range(2)]
        assert faults.pending == [second]
        seen += [local.client.get("/account").status_code for _ in range(2)]
        assert seen == [500, 500, 503, 200]
        assert faults.pending == []

    def test_a_fault_can_repeat_until_it_is_cleared(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.error(500), times=math.inf)
        assert {local.client.get("/account").status_code for _ in range(20)} == {500}
        local.sandbox.faults.clear()
        assert local.client.get("/account").status_code == 200

    @pytest.mark.parametrize(
        ("on", "met"),
        [
            (None, "POST /predictions, POST /models, GET /predictions, GET one, POST cancel"),
            ("GET", "GET /predictions, GET one"),
            ("/v1/predictions", "POST /predictions, GET /predictions"),
            ("/predictions/*", "GET one"),
            ("POST /predictions", "POST /predictions"),
            ("POST **/predictions", "POST /predictions, POST /models"),
            ("/predictions/**", "GET one, POST cancel"),
            ("POST /v1/**", "POST /predictions, POST /models, POST cancel"),
            ("/predictions/?*", ""),
        ],
    )
    def test_on_selects_the_requests(self, local: Local, on: str | None, met: str) -> None:
        client = local.client
        body: JSON = {"input": {"text": "x"}}
        one = create(client, HELLO, text="x").json()["urls"]
        requests: dict[str, Callable[[], httpx.Response]] = {
            "POST /predictions": lambda: create(client, HELLO, text="x"),
            "POST /models": lambda: client.post(f"/models/{HELLO}/predictions", json=body),
            "GET /predictions": lambda: client.get("/predictions"),
            "GET one": lambda: client.get(one["get"]),
            "POST cancel": lambda: client.post(one["cancel"]),
        }
        local.sandbox.faults.add(Fault.error(500), on=on, times=math.inf)
        assert ", ".join(name for name, send in requests.items() if send().is_error) == met

    @pytest.mark.parametrize("on", ["", "post", "predictions", "GET predictions", "GET / x", " /"])
    def test_an_invalid_on_is_rejected(self, on: str) -> None:
        with pytest.raises(ValueError, match="POST /predictions"):
            Sandbox().faults.add(Fault.drop(), on=on)

    def test_fewer_than_one_time_is_rejected(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            Sandbox().faults.add(Fault.drop(), times=0)

    def test_requests_with_faults_are_recorded(self, local: Local) -> None:
        local.sandbox.faults.add(Fault.error(500))
        local.sandbox.faults.add(Fault.error(500, taken=True))
        for _ in range(2):
            create(local.client, HELLO, text="mine")
        assert [json.loads(request.body)["input"] for request in local.sandbox.requests] == [
            {"text": "mine"},
            {"text": "mine"},
        ]

    def test_two_threads_do_not_get_the_same_fault(self, local: Local) -> None:
        def ask(_: int) -> int:
            with client_of(local.sandbox) as client:
                return sum(client.get("/account").status_code == 500 for _ in range(10))

        with ThreadPoolExecutor(8) as pool:
            asking = pool.map(ask, range(8))
            for _ in range(25):
                local.sandbox.faults.add(Fault.error(500))
            met = sum(asking)
        assert met + len(local.sandbox.faults.pending) == 25


class TestStopping:
    def test_ends_delays(self) -> None:
        responses: list[httpx.Response] = []

        def ask(sandbox: Sandbox) -> None:
            with client_of(sandbox) as client:
                responses.append(client.get("/account"))

        with Sandbox() as sandbox:
            sandbox.faults.add(Fault.delay(60))
            asking = threading.Thread(target=ask, args=[sandbox])
            asking.start()
            until(lambda: sandbox.requests or None)
            begin = time.monotonic()
        asking.join(5)
        assert time.monotonic() - begin < 0.5
        assert responses[0].status_code == 200

    def test_drops_planned_faults(self) -> None:
        sandbox = Sandbox()
        sandbox.faults.add(Fault.error(500), times=2)
        for status in (500, 200):
            with sandbox, client_of(sandbox) as client:
                assert client.get("/account").status_code == status
