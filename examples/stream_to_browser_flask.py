"""Stream the output of a model to a browser with Flask. A closed page cancels the run.

In this folder:

pip install .. flask
export REPLICATE_API_TOKEN=r8_...
flask --app stream_to_browser_flask run
"""

from pathlib import Path

from flask import Flask, Response, request, send_file

from replicate_ext import Replicate, event_stream

MODEL = "sandbox/storyteller"
app = Flask(__name__)
client = Replicate()


@app.get("/")
def page() -> Response:
    """Return the page, which reads ``/story`` with an EventSource."""
    return send_file(Path(__file__).with_name("stream_to_browser_page.html"))


@app.get("/story")
def story() -> Response:
    """Stream a story as ``output`` events."""
    body = event_stream(client.stream(MODEL, {"prompt": request.args["prompt"]}))
    return Response(body, headers=body.headers)


@app.post("/chat")
def chat() -> Response:
    """Respond to ``useChat`` of the npm package ``ai``."""
    message = request.get_json()["messages"][-1]
    prompt = "".join(part["text"] for part in message["parts"] if part["type"] == "text")
    body = event_stream(client.stream(MODEL, {"prompt": prompt}), "vercel")
    return Response(body, headers=body.headers)
