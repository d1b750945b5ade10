# SPDX-License-Identifier: MIT
"""Programs that take readings from a peer, and their files, for tests/torture/disk."""
import http.client
import json
import re
import signal

import pika
from disk_peers import Broker, Device, Lab
from disk_scenarios import (GOOD, KEEP, KEY, SINK, TIMES, TITLE, frame, kept_lines, scenario,
                            stored, valid_cuts)

REFUSED = [f"house:{TIMES[i]}:{i}x" for i in range(3)]  # not a record
DOWNSTREAM = [f"house:{TIMES[10 + i]}:666" for i in range(3)]  # refused by SINK
BAD = REFUSED + DOWNSTREAM


def check_kept(t, text, bad):
    kept = kept_lines(t)
    t.need(set(bad) <= set(kept), f"{text}: of {bad} only {kept} are kept")
    t.need(not set(kept) & valid_cuts(bad), f"a line was made up: {kept}")


# --- eg-serve

def post(url, body):
    """The status of the answer; None: there was none."""
    c = http.client.HTTPConnection(url.partition("//")[2], timeout=60)
    try:
        c.request("POST", "/ingest_bulk", body, {"Content-Type": "text/plain"})
        answer = c.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        c.close()


def serve(t, requests, faulty):
    """The status of the answer to each."""
    run = t.open(["eg-serve", "-v", "--listen", "127.0.0.1:0", "--rejects", "disk/r", "--wait", "20s",
                  "--", "sh", "-c", SINK], faulty)
    url = run.wait_for(rb"listening at (\S+)")
    answers = [post(url.decode(), body) if url else None for body in requests]
    run.end(signal.SIGTERM)
    return answers


@scenario("rejects of eg-serve", "eg-serve")
def _(t):
    requests = ["".join(line + "\n" for line in (REFUSED[i], DOWNSTREAM[i], GOOD[i])) for i in range(3)]
    answers = serve(t, requests, True)
    t.need(set(answers) <= {422, 503, 504, None}, f"answers {answers}")
    done = [i for i in range(3) if answers[i] == 422]
    check_kept(t, f"answers {answers}", [b for i in done for b in (REFUSED[i], DOWNSTREAM[i])])
    t.need(not done or {GOOD[i] for i in done} <= set(stored(t, "a.db")), f"{answers}, not stored")
    again = [i for i in range(3) if i not in done]
    t.need(serve(t, [requests[i] for i in again], False) == [422] * len(again), "not all is answered")
    check_kept(t, "at the end", BAD)
    t.need(stored(t, "a.db") == GOOD[:3], "not all is stored at the end")


# --- eg-fetch

@scenario("rejects of eg-fetch", "eg-fetch")
def _(t):
    bodies = [json.dumps({"at": TIMES[i], "v": i if i % 2 else f"{i}x"}) for i in range(6)]
    records = [f"x:{TIMES[i]}:{i}" for i in range(6)]
    device = Device(bodies)
    run = t.open(["eg-fetch", "--every", "100ms", "--jitter", "0", "--rejects", "disk/r", "--sensor", "x",
                  "--value", ".v", "--time-path", ".at", "json", device.url], True)

    def all_asked():
        printed = [line.decode()[:-1] for line in list(run.out) if line.endswith(b"\n")]
        newest = max((records.index(r) for r in printed), default=0)
        kept = kept_lines(t)
        t.need(set(bodies[0:newest:2]) <= set(kept), f"records {printed}, kept {kept}")
        return device.asked > len(bodies) or not run.prints()

    t.until(all_asked, "the requests")
    first = run.end(signal.SIGTERM)
    device.close()
    t.need(first.lines == [r for r in records[1::2] if r in first.lines], f"records {first.lines}")
    newest = max((records.index(r) for r in first.lines), default=0)
    if first.status in (0, 65):
        t.need(first.lines == records[1::2], f"ended with {first.status}, records {first.lines}")
    check_kept(t, f"records {first.lines}", bodies[0:newest:2])
    t.need(not set(kept_lines(t)) - set(bodies[::2]), f"a line was cut: {kept_lines(t)}")


# --- eg-mqtt

def subscribe(t, broker, options, faulty):
    run = t.open(["eg-mqtt", "t", "--url", broker.url, "--timeout", "20s", *options, "--", "sh", "-c",
                  SINK], faulty)
    t.until(lambda: len(set(broker.acked)) == len(broker.messages) or not run.prints(), "the messages")
    return run.end(signal.SIGTERM)


@scenario("rejects of eg-mqtt", "eg-mqtt")
def _(t):
    messages = [m for i in range(3) for m in (REFUSED[i], f"{DOWNSTREAM[i]}\n{GOOD[i]}")]
    options = ["--rejects", "disk/r"]

    def acknowledged(i):
        bad = [line for m in messages[:i + 1] for line in m.split("\n") if line in BAD]
        kept = kept_lines(t)
        return None if set(bad) <= set(kept) else f"message {i} is acknowledged, kept are {kept}"

    broker = Broker([(m + "\n").encode() for m in messages], acknowledged)
    first = subscribe(t, broker, options, True)
    if len(broker.acked) < len(messages):
        subscribe(t, broker, options, False)
    broker.close()
    t.need(not broker.wrong, f"{broker.wrong}: {first.err}")
    t.need(sorted(set(broker.acked)) == list(range(len(messages))), f"acknowledged {broker.acked}")
    check_kept(t, "at the end", BAD)
    t.need(stored(t, "a.db") == GOOD[:3], "not all is stored at the end")


@scenario("frame counters of eg-mqtt", "eg-mqtt")
def _(t):
    t.write("key", KEY + "\n")
    options = ["--decode", "dlms", "--meter-key", "key", "--counter-file", "disk/counters"]
    minutes = (12, 13, 14)

    def acknowledged(i):
        text = t.read("disk/counters") or ""
        if not re.fullmatch(f"# .*\n{TITLE} ([0-9]+)\n", text):
            return f"message {i} is acknowledged, the file holds {text!r}"
        return None if int(text.split()[-1]) > i else f"message {i} is acknowledged, but not kept"

    broker = Broker([frame(i + 1, minute) for i, minute in enumerate(minutes)], acknowledged)
    first = subscribe(t, broker, options, True)
    if len(broker.acked) < len(minutes):
        subscribe(t, broker, options, False)
    broker.close()
    t.need(not broker.wrong, f"{broker.wrong}: {first.err}")
    held = {line.split(":")[2] for line in stored(t, "a.db")}
    t.need(held == {str(minute) for minute in minutes}, f"stored are minutes {held}: {first.err}")
    replay = Broker([frame(1, 15)], lambda i: None)
    t.need(subscribe(t, replay, options, False).status == 65, "a replay was taken")
    replay.close()


# --- eg-consume

def ask(work):
    with pika.BlockingConnection(pika.URLParameters(Lab.use())) as connection:
        return work(connection.channel())


def put(channel, queue, bodies, **arguments):
    """Declares the queue, and puts these messages into it."""
    channel.confirm_delivery()
    channel.queue_declare(queue, durable=True, arguments=arguments)
    for body in bodies:
        channel.basic_publish("", queue, body.encode(), pika.BasicProperties(
            content_type="text/plain", delivery_mode=2), mandatory=True)


def unsettled(t, queue):
    """The messages in the queue, when it has no consumer any more."""
    def look(channel):
        t.until(lambda: channel.queue_declare(queue, passive=True).method.consumer_count == 0,
                "the end of the consumer")
        found = []
        while (got := channel.basic_get(queue))[0]:
            found.append(got[2].decode())
        return found
    return ask(look)


@scenario("rejects of eg-consume", "eg-consume")
def _(t):
    messages = [f"{REFUSED[i]}\n{DOWNSTREAM[i]}\n{GOOD[i]}\n" for i in range(3)]

    def begin(channel):
        for queue in ("rejects", "rejects.dead"):
            channel.queue_delete(queue)
        put(channel, "rejects", messages)

    ask(begin)
    command = ["eg-consume", "-q", "rejects", "--drain", "--rejects", "disk/r", "--timeout", "20s", "--",
               "sh", "-c", SINK]
    first = t.run(command, "", True)
    left = unsettled(t, "rejects")
    gone = [i for i in range(3) if messages[i] not in left]
    check_kept(t, f"left are {left}: {first.err}", [b for i in gone for b in (REFUSED[i], DOWNSTREAM[i])])
    t.need(not gone or {GOOD[i] for i in gone} <= set(stored(t, "a.db")), f"left are {left}")
    dead = ask(lambda channel: channel.queue_declare("rejects.dead", durable=True).method.message_count)
    t.need(dead >= len(gone), f"left are {left}, dead letters {dead}")
    t.run(command)
    t.need(unsettled(t, "rejects") == [], "not all is settled at the end")
    check_kept(t, "at the end", BAD)
    t.need(stored(t, "a.db") == GOOD[:3], "not all is stored at the end")


def declare_stream():
    """Once for all runs: a stream keeps its messages."""
    if not declare_stream.done:
        ask(lambda channel: put(channel, "stream", [line + "\n" for line in GOOD],
                                **{"x-queue-type": "stream"}))
    declare_stream.done = True


declare_stream.done = False


@scenario("an offset file", "eg-consume")
def _(t):
    declare_stream()
    command = ["eg-consume", "-q", "stream", "--offset-file", "disk/o", "--timeout", "20s", "--count"]
    child = ["--", "bash", "-c", KEEP.replace(">>got;", ">>got; sleep 0.3;")]
    first = t.run([*command, str(len(GOOD)), *child], "", True)
    text, got = t.read("disk/o"), (t.read("got") or "").splitlines()
    # Without a fingerprint it is where reading begins: no message is settled.
    last = re.fullmatch("([0-4]) [0-9a-f]{16}\n|0\n", "0\n" if text is None else text)
    t.need(last is not None, f"the file holds {text!r}")
    done = int(last[1]) + 1 if last[1] else 0
    t.need(GOOD[:done] == got[:done], f"the file holds {text!r}, but the child got {got}: {first.err}")
    t.need(first.status != 0 or done == len(GOOD), f"ended with 0, the file holds {text!r}")
    if done < len(GOOD):
        t.run([*command, str(len(GOOD) - done), *child])
    again = (t.read("got") or "").splitlines()[len(got):]
    t.need(again == GOOD[done:], f"from offset {done} on, the child got {again}")
    t.need(t.read("disk/o").startswith("4 "), f"at the end the file holds {t.read('disk/o')!r}")
