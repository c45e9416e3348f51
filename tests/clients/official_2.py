"""Run by checks.py with the official Python client 2.x; only the environment names the sandbox."""

import asyncio
import io
import time

import replicate
from replicate import AsyncReplicate, Replicate

client = Replicate()

assert "".join(client.run("acme/echo", input={"text": "Ada"})) == "Ada"
assert "".join(client.run("acme/words", input={"text": "a b"})) == "ab"
[file] = client.run("acme/files", input={"file": io.BytesIO(b"content")})
assert file.read() == b"content", file
assert "".join(client.stream("acme/words", input={"text": "a b"})) == "ab"
assert "".join(replicate.run("acme/echo", input={"text": "x"})) == "x"

model = client.models.get(model_owner="acme", model_name="echo")
version = model.latest_version["id"] if isinstance(model.latest_version, dict) else None
version = version or model.latest_version.id

prediction = client.predictions.create(version=version, input={"text": "x"})
prediction = client.predictions.wait(prediction.id)
assert (prediction.status, prediction.output) == ("succeeded", "x")
slow = client.models.predictions.create(model_owner="acme", model_name="slow", input={})
assert client.predictions.cancel(prediction_id=slow.id).status == "canceled"
try:
    client.run("acme/failing", input={})
except Exception as error:
    assert "out of memory" in str(error), error
else:
    raise AssertionError("no error")

names = [one.name for one in client.models.list()]
assert len(names) > 25 and len(set(names)) == len(names), names

owner = client.account.get().username
client.deployments.create(
    name="second",
    model="acme/echo",
    version=version,
    hardware="cpu",
    min_instances=0,
    max_instances=1,
)
made = client.deployments.predictions.create(
    deployment_owner=owner, deployment_name="second", input={"text": "d"}
)
assert client.predictions.wait(made.id).output == "d"
client.deployments.delete(deployment_owner=owner, deployment_name="second")

training = client.trainings.create(
    model_owner="acme",
    model_name="echo",
    version_id=version,
    destination="acme/words",
    input={"steps": 1},
)
while training.status not in ("succeeded", "failed", "canceled"):
    time.sleep(0.05)
    training = client.trainings.get(training_id=training.id)
assert training.status == "succeeded", training

uploaded = client.files.create(content=b"abc")
assert client.files.get(file_id=uploaded.id).size == 3
assert uploaded.id in [one.id for one in client.files.list()]
client.files.delete(file_id=uploaded.id)
assert client.hardware.list()[0].sku == "cpu"
assert client.webhooks.default.secret.get().key.startswith("whsec_")
assert client.collections.get(collection_slug="official").models


async def main() -> None:
    async with AsyncReplicate() as other:
        assert await other.run("acme/echo", input={"text": "async"}) == "async"


asyncio.run(main())
print("passed")
