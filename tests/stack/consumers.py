# SPDX-License-Identifier: MIT
"""For check-engine: the counters of two consumers behind one address, and what becomes of them."""
import http.server
import re
import threading
import time

from engine import SETUP, finding

TYPES = {"refusals_total": "counter", "info": "gauge", "oldest_record_age_seconds": "gauge",
         "receipt_seconds": "histogram"}


class Consumer(http.server.BaseHTTPRequestHandler):
    """Two consumers by turns; each has ten receipts and a refusal or three more in each turn."""
    turn = 0

    def log_message(self, *args):
        pass

    def do_GET(self):
        host, n = "ab"[Consumer.turn % 2], Consumer.turn // 2 + 1
        Consumer.turn += 1
        rows = [("refusals_total", ',reason="not a number"', n * (3 if host == "a" else 1)),
                ("info", f',version="0.1.0",host="{host}"', 1),
                ("oldest_record_age_seconds", "", 1.5 if host == "a" else 90),
                ("receipt_seconds_bucket", ',le="0.1"', 0),
                ("receipt_seconds_bucket", ',le="0.3"', 10 * n),
                ("receipt_seconds_bucket", ',le="+Inf"', 10 * n),
                ("receipt_seconds_sum", "", 2 * n), ("receipt_seconds_count", "", 10 * n)]
        text = ""
        for name, kind in TYPES.items():
            text += f"# TYPE energyguard_{name} {kind}\n"
            text += "".join(f'energyguard_{row}{{program="eg-consume"{labels}}} {value}\n'
                            for row, labels, value in rows
                            if re.fullmatch(rf"{name}(_bucket|_sum|_count)?", row))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(text.encode())


def scrape(influx, times):
    """Runs the task so often. Returns whether it ran."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Consumer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{SETUP}/consumer.flux", encoding="utf-8") as file:
        text = re.sub(r"^option task.*", "", file.read(), flags=re.M)
    text = text.replace("http://consumer:9464", f"http://127.0.0.1:{server.server_port}")
    answers = [influx.query(text) for _ in range(times)]
    server.shutdown()
    for answer in answers:
        if isinstance(answer, str):
            finding("consumers", answer)
            return False
    return True


def consumers(influx, queries):
    """Each consumer keeps its own series, and dashboard and alert show what is known."""
    if not scrape(influx, 12):
        return
    rows = influx.query('from(bucket: "pipeline") |> range(start: -1h) |> filter(fn: (r) => '
                        'r._field =~ /^energyguard/) |> last()')
    got = sorted((r["_field"][12:], r["host"], r.get("le") or r.get("reason") or "") for r in rows)
    labels = (("oldest_record_age_seconds", ""), ("receipt_seconds", "0.1"),
              ("receipt_seconds", "0.3"), ("receipt_seconds", "+Inf"),
              ("refusals_total", "not a number"))
    if got != sorted((field, host, label) for host in "ab" for field, label in labels):
        finding("consumers", got)
    texts = queries(int(time.time()) - 3 * 86400 + 3600, "dashboards/pipeline.json",
                    "alerting/rules.yaml")
    for where, column, value in (
            ("pipeline.json: Time to a receipt: A", "half", 0.2),
            ("pipeline.json: Time to a receipt: B", "95 of 100", 0.29),
            ("pipeline.json: Oldest reading without a receipt: A", "_value", 90),
            ("rules.yaml: Readings wait in a consumer: A", "_value", 90)):
        rows = influx.query(texts[where])
        if isinstance(rows, str) \
                or abs(max((float(r[column]) for r in rows), default=0) - value) > 1e-6:
            finding(where, rows)
    rows = influx.query(texts["pipeline.json: Refused by reason: A"])
    # Each consumer's first number is where its counting begins.
    if isinstance(rows, str) or sum(float(r["_value"]) for r in rows) != 4 * (Consumer.turn // 2 - 1):
        finding("refused by reason", rows)
