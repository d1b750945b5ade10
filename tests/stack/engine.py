# SPDX-License-Identifier: MIT
"""A real InfluxDB 2 for check-engine, with the set-up of the stack, and what is found."""
import csv
import datetime as dt
import io
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from zoneinfo import ZoneInfo

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SETUP = os.path.join(ROOT, "compose/influxdb")
ZONE, PRICES, TOKEN = ZoneInfo("Europe/Rome"), (0.30, 0.26, 0.22), "token-of-a-test"
COMPLETE = "setup: buckets, tasks and tokens are complete"
findings = []


def finding(*parts):
    findings.append(": ".join(str(p) for p in parts))
    print(findings[-1])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Influx:
    def __init__(self, folder, work):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.bin, self.work = folder, work
        self.server = subprocess.Popen(
            [f"{folder}/influxd", "run", "--bolt-path", f"{work}/bolt", "--sqlite-path", f"{work}/sqlite",
             "--engine-path", f"{work}/engine", "--http-bind-address", self.url[7:], "--reporting-disabled", "--log-level", "error"],
            stdout=open(f"{work}/influxd.log", "w"), stderr=subprocess.STDOUT, env={**os.environ, "HOME": work})
        end = time.monotonic() + 60
        while True:
            try:
                self.ask("/health")
                break
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        self.ask("/api/v2/setup", json.dumps({
            "username": "energyguard", "password": "password-of-a-test", "org": "myorg", "bucket": "energy",
            "retentionPeriodSeconds": 30 * 86400, "token": TOKEN}))

    def ask(self, path, data=None, kind="application/json"):
        request = urllib.request.Request(self.url + path, data and data.encode(),
                                         {"Authorization": f"Token {TOKEN}", "Content-Type": kind})
        return urllib.request.urlopen(request, timeout=300).read().decode()

    def write(self, bucket, lines):
        lines = list(lines)
        for i in range(0, len(lines), 20000):
            self.ask(f"/api/v2/write?org=myorg&bucket={bucket}&precision=s", "\n".join(lines[i:i + 20000]), "text/plain")

    def query(self, flux):
        """The rows of all tables, or the text of an error."""
        try:
            text = self.ask("/api/v2/query?org=myorg", flux, "application/vnd.flux")
        except urllib.error.HTTPError as e:
            return e.read().decode()
        rows, names = [], None
        for row in csv.reader(io.StringIO(text)):
            if not row:
                names = None
            elif names is None:
                names = row
            else:
                rows.append(dict(zip(names, row)))
        if rows and "error" in rows[0]:
            return rows[0]["error"]
        return rows

    def setup(self, *words):
        return subprocess.run(["sh", f"{SETUP}/setup", *words], env={
            **os.environ, "PATH": self.bin + ":" + os.environ["PATH"], 
            "INFLUX_HOST": self.url, "INFLUX_ORG": "myorg",
            "INFLUX_TOKEN_FILE": f"{self.work}/token", "TOKENS": self.work, "RABBITMQ_NODES": "rabbitmq", "LIMIT": "3300",
            "TIME_ZONE": "Europe/Rome", "TARIFF": "fasce", "PRICES": "0.30 0.26 0.22",
            "INFLUX_CONFIGS_PATH": f"{self.work}/configs"}, capture_output=True, text=True, check=False)

    def end(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(60)


def fixed(seconds):
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text):
    return int(dt.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def stored(influx, bucket):
    rows = influx.query(f'from(bucket: "{bucket}") |> range(start: 0) |> filter(fn: (r) => r._measurement == "energy")')
    if isinstance(rows, str):
        finding(bucket, rows)
        return {}
    return {(r["_field"], r["sensor"], seconds(r["_time"])): float(r["_value"]) for r in rows}


def compare(what, right, got):
    for key, value in right.items():
        if abs(got.get(key, -1) - value) > 1e-9 * max(1, value):
            finding(what, key[0], key[1], fixed(key[2]), f"{got.get(key)} for {value}")
            return
