"""Receive webhooks with Flask: verify them, handle each once, keep the newest state of a run.

In this folder:

pip install .. flask
export REPLICATE_WEBHOOK_SECRET=whsec_...  # client.webhooks.default.secret.get().key
flask --app webhooks_flask run
"""

import json
import os
import sqlite3
from contextlib import closing

from flask import Flask, Response, request
from replicate_api.models import Prediction

from replicate_ext import WebhookError, WebhookVerifier, is_newer

# During a rotation, the variable has both secrets, separated by a space.
secrets = os.environ.get("REPLICATE_WEBHOOK_SECRET", "").split()
if not secrets:
    raise SystemExit("Set REPLICATE_WEBHOOK_SECRET to the signing secret of your webhooks")
verifier = WebhookVerifier(secrets)
app = Flask(__name__)

with closing(sqlite3.connect("webhooks.db")) as database:
    database.execute("CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY)")
    database.execute("CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, state TEXT)")


@app.post("/replicate")
def receive() -> Response:
    """Respond with 204 to a delivery from Replicate, and with 400 to any other request."""
    body = request.get_data()  # raw bytes: parsed and serialized JSON has another signature
    try:
        prediction = verifier.unwrap(request.headers, body)
    except WebhookError as error:
        return Response(str(error), 400)
    store(request.headers["webhook-id"], prediction)
    return Response(status=204)


def store(delivery: str, new: Prediction) -> None:
    """Store the id of a delivery and the newest state of its run, in one transaction."""
    with closing(sqlite3.connect("webhooks.db")) as database, database:
        mark = database.execute("INSERT OR IGNORE INTO deliveries VALUES (?)", [delivery])
        if mark.rowcount == 0:
            return  # a duplicate
        row = database.execute("SELECT state FROM runs WHERE id = ?", [new.id]).fetchone()
        if row and not is_newer(new, Prediction.from_dict(json.loads(row[0]))):
            return  # an older state that arrived late
        state = json.dumps(new.to_dict())
        database.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", [new.id, state])
        # Do short work here; for long work, add a job for a background worker here.
