# SPDX-License-Identifier: MIT
"""The classic route: a reading as JSON behind a bearer token, written on as a line.

usage: classic_ingest.py PORT TOKEN
"""
import logging
import sys

from flask import Flask, jsonify, request

port, token = int(sys.argv[1]), sys.argv[2]
app = Flask(__name__)
logging.getLogger("werkzeug").disabled = True


def line(o):
    return f"{o['sensor_id']}:{o['timestamp']}:{float(o['value'])}\n"


def authorised():
    return request.headers.get("Authorization") == f"Bearer {token}"


@app.post("/ingest")
def ingest():
    if not authorised():
        return jsonify(status="error"), 401
    sys.stdout.write(line(request.get_json()))
    sys.stdout.flush()
    return jsonify(status="success")


@app.post("/ingest_bulk")
def ingest_bulk():
    if not authorised():
        return jsonify(status="error"), 401
    readings = request.get_json()
    sys.stdout.writelines(map(line, readings))
    sys.stdout.flush()
    return jsonify(status="success", accepted=len(readings))


app.run("127.0.0.1", port, threaded=True)
