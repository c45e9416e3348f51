"""Stream the output of a model to a browser with FastAPI. A closed page cancels the run.

In this folder:

pip install .. fastapi uvicorn
export REPLICATE_API_TOKEN=r8_...
uvicorn stream_to_browser_fastapi:app
"""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, StreamingResponse

from replicate_ext import AsyncReplicate, event_stream

MODEL = "sandbox/storyteller"
app = FastAPI()
client = AsyncReplicate()


@app.get("/")
async def page() -> FileResponse:
    """Return the page, which reads ``/story`` with an EventSource."""
    return FileResponse(Path(__file__).with_name("stream_to_browser_page.html"))


@app.get("/story")
async def story(prompt: str) -> StreamingResponse:
    """Stream a story as ``output`` events."""
    body = await event_stream(client.stream(MODEL, {"prompt": prompt}))
    return StreamingResponse(body, headers=body.headers)


@app.post("/chat")
async def chat(request: Request) -> StreamingResponse:
    """Respond to ``useChat`` of the npm package ``ai``."""
    message = (await request.json())["messages"][-1]
    prompt = "".join(part["text"] for part in message["parts"] if part["type"] == "text")
    body = await event_stream(client.stream(MODEL, {"prompt": prompt}), "vercel")
    return StreamingResponse(body, headers=body.headers)
