"""Run by checks.py with the official Python client 1.x; only the environment names the sandbox."""

import io
import os
import time

import httpx
import replicate
from replicate.exceptions import ModelError
from replicate.webhook import Webhooks

client = replicate.Client()

assert "".join(replicate.run("acme/echo", input={"text": "Ada"})) == "Ada"
assert list(replicate.run("acme/words", input={"text": "a b"})) == ["a", "b"]

[file] = replicate.run("acme/files", input={"file": io.BytesIO(b"content")})
assert file.read() == b"content", file

events = [str(event) for event in replicate.stream("acme/words", input={"text": "a b"})]
assert "".join(events).split() == ["ab"] or "".join(events) == "ab", events

model = replicate.models.get("acme/echo")
version = model.latest_version
assert version and version.openapi_schema["components"]["schemas"]["Input"]["properties"]["text"]
assert model.versions.list()[0].id == version.id
assert replicate.models.search("echo").results[0].name == "echo"

prediction = replicate.predictions.create(version=version, input={"text": "x"})
prediction.wait()
assert (prediction.status, prediction.output) == ("succeeded", "x")
assert replicate.predictions.get(prediction.id).output == "x"
slow = replicate.predictions.create(model="acme/slow", input={})
slow.cancel()
slow.reload()
assert slow.status == "canceled"
try:
    replicate.run("acme/failing", input={})
except ModelError as error:
    assert "out of memory" in str(error)
else:
    raise AssertionError("no error")

names = [one.name for page in replicate.paginate(replicate.models.list) for one in page.results]
assert len(names) > 25 and len(set(names)) == len(names), names

owner = client.accounts.current().username
deployment = replicate.deployments.create(
    name="mine",
    model="acme/echo",
    version=version.id,
    hardware="cpu",
    min_instances=0,
    max_instances=1,
)
made = replicate.deployments.get(f"{owner}/mine").predictions.create(input={"text": "d"})
made.wait()
assert made.output == "d"
replicate.deployments.delete(owner, "mine")

training = replicate.trainings.create(
    version=f"acme/echo:{version.id}", destination="acme/words", input={"steps": "1"}
)
while training.status not in ("succeeded", "failed", "canceled"):
    time.sleep(0.05)
    training.reload()
assert training.status == "succeeded", training

with open(__file__, "rb") as source:
    uploaded = replicate.files.create(source)
assert replicate.files.get(uploaded.id).size == os.path.getsize(__file__)
assert uploaded.id in [one.id for one in replicate.files.list()]
[content] = replicate.run("acme/files", input={"file": uploaded.urls["get"]})
assert content.read() == open(__file__, "rb").read()
replicate.files.delete(uploaded.id)

assert replicate.hardware.list()[0].sku == "cpu"
assert replicate.collections.get("official").models

hooked = replicate.predictions.create(
    version=version,
    input={"text": "hook"},
    webhook=os.environ["WEBHOOK_URL"],
    webhook_events_filter=["completed"],
)
hooked.wait()
secret = replicate.webhooks.default.secret()
for _ in range(100):
    delivered = httpx.get(os.environ["WEBHOOK_URL"]).json()
    if delivered:
        break
    time.sleep(0.05)
Webhooks.validate(headers=delivered["headers"], body=delivered["body"], secret=secret, tolerance=60)
print("passed")
