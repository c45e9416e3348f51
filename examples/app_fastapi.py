"""A web app with FastAPI: stream stories, and make posters that a webhook reports.

In this folder:

pip install .. fastapi uvicorn
export REPLICATE_API_TOKEN=r8_... PUBLIC_URL=https://...  # where Replicate reaches this app
uvicorn app_fastapi:app
"""

import os

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from replicate_ext import AsyncReplicate, WebhookError, WebhookVerifier, event_stream

app = FastAPI()
client = AsyncReplicate()
posters: dict[str, str] = {}


@app.get("/story")
async def story(prompt: str) -> StreamingResponse:
    """Stream a story to a browser."""
    body = await event_stream(client.stream("sandbox/storyteller", {"prompt": prompt}))
    return StreamingResponse(body, headers=body.headers)


@app.post("/posters")
async def create(image: str) -> str:
    """Start a poster of the picture at a URL; return the ID of its prediction."""
    webhook = os.environ["PUBLIC_URL"] + "/replicate"
    run = await client.predictions.create("sandbox/posterize", {"image": image}, webhook=webhook)
    return run.id


@app.get("/posters/{run_id}")
async def poster(run_id: str) -> str | None:
    """Return the URL of a finished poster."""
    return posters.get(run_id)


@app.post("/replicate", status_code=204)
async def receive(request: Request) -> None:
    """Receive a webhook."""
    verifier = WebhookVerifier(await client.webhooks.default.secret.get())
    try:
        run = verifier.unwrap(request.headers, await request.body())
    except WebhookError as error:
        raise HTTPException(400, str(error)) from error
    if run.status == "succeeded":
        posters[run.id] = str(run.output)
