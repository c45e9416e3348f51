"""Receive webhooks with FastAPI: verified, each handled once, the newest state of a run kept.

pip install replicate-ext fastapi uvicorn
export REPLICATE_WEBHOOK_SECRET=whsec_...  # client.webhooks.default.secret.get().key
uvicorn webhooks_fastapi:app
"""

import json
import os
import sqlite3
from contextlib import closing

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from replicate_api.models import Prediction

from replicate_ext import WebhookError, WebhookVerifier, is_newer

# Several secrets, while they are rotated, stand side by side with a space between them.
secrets = os.environ.get("REPLICATE_WEBHOOK_SECRET", "").split()
if not secrets:
    raise SystemExit("Set REPLICATE_WEBHOOK_SECRET to the secret that signs your webhooks")
verifier = WebhookVerifier(secrets)
app = FastAPI()

with closing(sqlite3.connect("webhooks.db")) as database:
    database.execute("CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY)")
    database.execute("CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, state TEXT)")


@app.post("/replicate")
async def receive(request: Request) -> Response:
    """Answer 204 when a delivery is stored, 400 when it is not from Replicate."""
    body = await request.body()  # as it came: JSON that is written anew has another signature
    try:
        prediction = verifier.unwrap(request.headers, body)
    except WebhookError as error:
        return Response(str(error), 400)
    await run_in_threadpool(store, request.headers["webhook-id"], prediction)
    return Response(status_code=204)


def store(delivery: str, new: Prediction) -> None:
    """Store the newest state of a run, and which deliveries came, in one transaction."""
    with closing(sqlite3.connect("webhooks.db")) as database, database:
        mark = database.execute("INSERT OR IGNORE INTO deliveries VALUES (?)", [delivery])
        if mark.rowcount == 0:
            return  # it was here before
        row = database.execute("SELECT state FROM runs WHERE id = ?", [new.id]).fetchone()
        if row and not is_newer(new, Prediction.from_dict(json.loads(row[0]))):
            return  # deliveries come in any order
        state = json.dumps(new.to_dict())
        database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", [new.id, state])
        # Work of your own goes here if it is quick; else note here, for a worker, that it is due.
