# SPDX-License-Identifier: MIT
"""Programs and their files, for tests/torture/disk.

A scenario runs the program with the faults, then without, and says what must be true."""
import os
import subprocess

SCENARIOS = {}
TIMES = [f"2026-01-01T00:{i:02}:00" for i in range(60)]
GOOD = [f"house:{TIMES[i]}:{i + 1}" for i in range(5)]


class Scenario:
    def __init__(self, program, function):
        self.program, self.function = program, function


def scenario(name, program):
    def add(function):
        SCENARIOS[name] = Scenario(program, function)
        return function
    return add


def rest(lines, receipts, bad=()):
    """What a parent sends again: the lines behind the last receipt, and their refusals."""
    done = max((lines.index(r) for r in receipts), default=-1)
    return [line for i, line in enumerate(lines)
            if i > done or (line not in receipts and line not in bad)]


def stored(t, name, command=("dump",)):
    return t.run(["eg-store", t.path(name), *command]).lines


# --- a store

@scenario("store", "eg-store")
def _(t):
    command = ["eg-store", "--timeout", "10s", "disk/a.db"]
    first = t.stage(command, GOOD, True)
    t.need(first.lines == GOOD[:len(first.lines)], f"receipts {first.lines}")
    if first.lines:
        held = stored(t, "disk/a.db")
        t.need(set(first.lines) <= set(held) <= set(GOOD), f"receipts {first.lines}, store {held}")
    t.stage(command, rest(GOOD, first.lines))
    t.need(stored(t, "disk/a.db") == GOOD, "not all is stored at the end")
    t.need(t.run(["eg-store", "disk/a.db", "check"]).out.startswith("ok"), "the store is damaged")


@scenario("backup", "eg-store")
def _(t):
    t.run(["eg-store", "old.db"], GOOD[0] + "\n")
    t.run(["eg-store", "a.db"], "\n".join(GOOD) + "\n")
    t.run(["eg-store", "old.db", "backup", "disk/b.db"])
    first = t.run(["eg-store", "a.db", "backup", "disk/b.db"], "", True)
    held = stored(t, "disk/b.db")
    t.need(held == GOOD or (first.status != 0 and held == GOOD[:1]), f"{first.status}, {held}")
    t.run(["eg-store", "a.db", "backup", "disk/b.db"])
    t.need(stored(t, "disk/b.db") == GOOD, "the backup is not what it was made of")


@scenario("a first backup", "eg-store")
def _(t):
    command = ["eg-store", "a.db", "backup", "disk/b.db"]
    t.run(["eg-store", "a.db"], "\n".join(GOOD) + "\n")
    first = t.run(command, "", True)
    there = os.path.exists(t.path("disk/b.db"))
    t.need(there or first.status != 0, "ended with 0, but made no backup")
    t.need(not there or stored(t, "disk/b.db") == GOOD, f"ended with {first.status}, not whole")
    t.run(command)
    t.need(stored(t, "disk/b.db") == GOOD, "the backup is not what it was made of")


# --- refused lines, and counters

def rejects(t, program, *operands):
    bad = [f"house:{TIMES[i]}:{i}x" for i in range(5)]
    lines = [line for pair in zip(bad, GOOD) for line in pair]
    first = t.stage([program, "--rejects", "disk/r", "--timeout", "10s", *operands], lines, True)
    kept = kept_lines(t)
    t.need(first.lines == GOOD[:len(first.lines)], f"receipts {first.lines}")
    refused = bad[:len(first.lines)]
    t.need(set(refused) <= set(kept), f"receipts {first.lines}, kept {kept}: {first.err}")
    t.stage([program, "--rejects", "disk/r", *operands], rest(lines, first.lines, refused))
    kept = kept_lines(t)
    t.need(set(bad) <= set(kept), f"not all was kept at the end: {kept}")
    t.need(not set(kept) & valid_cuts(bad), f"a line was made up: {kept}")


def kept_lines(t):
    return [line for line in (t.read("disk/r") or "").splitlines() if not line.startswith("#")]


def valid_cuts(bad):
    """Records that nobody sent: beginnings of refused lines."""
    return {line[:-1] for line in bad}


@scenario("rejects", "passthrough")
def _(t):
    rejects(t, "passthrough")


@scenario("rejects of eg-store", "eg-store")
def _(t):
    rejects(t, "eg-store", "a.db")


def filter_rejects(t, command, lines):
    """Of a filter or a source, with every other line refused: all of them are kept, or it says so."""
    text = "".join(line + "\n" for line in lines)
    program, *options = command
    faulty = [program, "--rejects", "disk/r", *options]
    whole = t.run([program, "--rejects", "r", *options], text)
    first = t.run(faulty, text, True)
    well = first.status in (0, 65)
    t.need(first.out == whole.out or (not well and whole.out.startswith(first.out)),
           f"ended with {first.status}, records {first.lines}")
    kept = kept_lines(t)
    t.need(not well or set(lines[1::2]) <= set(kept), f"only {kept} are kept")
    t.run(faulty, text)
    kept = kept_lines(t)
    t.need(set(lines[1::2]) <= set(kept), f"at the end only {kept} are kept")
    t.need(not set(kept) & valid_cuts(lines[1::2]), f"a line was made up: {kept}")


@scenario("rejects of eg-decode", "eg-decode")
def _(t):
    lines = [f'{{"at":"{TIMES[i]}","v":{i if i % 2 == 0 else "true"}}}' for i in range(6)]
    filter_rejects(t, ["eg-decode", "--sensor", "x", "--value", ".v", "--time-path", ".at", "json"],
                   lines)


@scenario("rejects of eg-energy", "eg-energy")
def _(t):
    filter_rejects(t, ["eg-energy"], [f"house:{TIMES[i]}:{i}{'x' * (i % 2)}" for i in range(6)])


@scenario("counters", "passthrough")
def _(t):
    t.run(["passthrough", "--metrics", "disk/m"], GOOD[0] + "\n")
    first = t.stage(["passthrough", "--metrics", "disk/m"], GOOD, True)
    t.need(first.status != 0 or first.lines == GOOD, f"{first.status}: {first.lines}")
    text = t.read("disk/m") or ""
    t.need(text.startswith("# HELP ") and text.endswith("# EOF\n"), f"the file holds {text!r}")
    t.run(["passthrough", "--metrics", "disk/m"])


# --- a cluster

NODE = """#!/bin/bash
[[ ! -e $1.down ]] || exit 75
exec eg-store "$1.db" "${@:2}"
"""


def cluster(t, *down):
    t.write("node", NODE, 0o755)
    t.write("disk/c.conf", "strategy full\nquorum 1\nstore a ./node a\nstore b ./node b\n")
    for node in down:
        t.write(f"{node}.down", "")
    return ["eg-replicate", "disk/c.conf", "--timeout", "10s"]


def drain(t, command):
    for node in "ab":
        if os.path.exists(t.path(f"{node}.down")):
            os.remove(t.path(f"{node}.down"))
    t.run(command)


@scenario("hints", "eg-replicate")
def _(t):
    command = cluster(t, "b")
    first = t.stage([*command, "--lag", "0"], GOOD, True)
    t.need(first.lines == GOOD[:len(first.lines)], f"receipts {first.lines}")
    drain(t, command)
    for node in "ab":
        held = set(stored(t, f"{node}.db"))
        t.need(set(first.lines) <= held <= set(GOOD),
               f"receipts {first.lines}, {node}: {held}: {first.err}")
    t.stage(command, rest(GOOD, first.lines))
    t.need(stored(t, "a.db") == stored(t, "b.db") == GOOD, "not all is stored at the end")


@scenario("hints that are sent", "eg-replicate")
def _(t):
    command = cluster(t, "b")
    t.stage([*command, "--lag", "0"], GOOD)
    os.remove(t.path("b.down"))
    t.run(command, "", True)
    t.run(command)
    t.need(stored(t, "b.db") == GOOD, f"b holds {stored(t, 'b.db')}")


@scenario("a deletion that waits", "eg-replicate")
def _(t):
    command = cluster(t)
    t.stage(command, GOOD[:2])
    t.write("b.down", "")
    key = GOOD[0].rpartition(":")[0]
    first = t.run([*command, "delete", key], "", True)
    drain(t, command)
    for node in "ab":
        held = stored(t, f"{node}.db")
        t.need(first.status != 0 or held == GOOD[1:2], f"deleted, {node}: {held}: {first.err}")
        t.need(GOOD[1] in held, f"{node}: {held}")
    t.run([*command, "delete", key])
    t.run(command)
    t.need(stored(t, "a.db") == stored(t, "b.db") == GOOD[1:2], "not deleted at the end")


def mark(t, verb, wanted):
    command = cluster(t)
    t.stage(command, GOOD[:1])
    if verb == "recover":
        t.run([*command, "fail", "b"])
    first = t.run([*command, verb, "b"], "", True)
    failed = os.path.exists(t.path("disk/c.conf.state/failed.b"))
    t.need(first.status != 0 or failed == wanted, f"{verb} ended with 0")
    t.run([*command, verb, "b"])


@scenario("a node taken out", "eg-replicate")
def _(t):
    mark(t, "fail", True)


@scenario("a node taken back", "eg-replicate")
def _(t):
    mark(t, "recover", False)


# --- a watch

READINGS = [f"house:{TIMES[i]}:{v}" for i, v in enumerate([50, 150, 160, 90, 120, 80])]
RULES = "high house over 100\n"
EDGES = [f"watch/high/house:{TIMES[i]}:{v}" for i, v in ((1, 1), (3, 0), (4, 1), (5, 0))]
# The command of a parent: refuses the value 666, and stores the others.
SINK = "passthrough --refuse 666 | eg-store a.db"
KEEP = 'while IFS= read -r l; do printf "%s\\n" "$l" >>got; printf "%s\\n" "$l"; done'


def distinct(lines):
    return list(dict.fromkeys(lines))


@scenario("a watch with a command", "eg-watch")
def _(t):
    t.write("rules", RULES)
    command = ["eg-watch", "--state", "disk/state", "rules", "--", "bash", "-c", KEEP]
    first = t.stage(command, READINGS, True)
    t.need(first.lines == READINGS[:len(first.lines)], f"receipts {first.lines}")
    t.stage(command, rest(READINGS, first.lines))
    got = (t.read("got") or "").splitlines()
    t.need(distinct(got) == EDGES, f"edges {got}, receipts {first.lines}: {first.err}")


@scenario("a watch as a filter", "eg-watch")
def _(t):
    t.write("rules", RULES)
    command = ["eg-watch", "--state", "disk/state", "rules"]
    half = [line + "\n" for line in READINGS[:3]]
    got = t.run(command, "".join(half)).lines
    first = t.run(command, READINGS[3] + "\n", True)
    got += first.lines
    again = READINGS[4:] if first.status == 0 else READINGS[3:]
    got += t.run(command, "".join(line + "\n" for line in again)).lines
    got = [line for line in got if not line.startswith("watch/quiet")]
    t.need(distinct(got) == EDGES, f"edges {got}: {first.err}")


# --- frame counters of meters

KEY = "101112131415161718191a1b1c1d1e1f"
TITLE = "4547524430303031"


def frame(counter, minute=0):
    """List 1 of Norway, 601 W at 12:MM:05, encrypted by AES-128-GCM without a tag: CTR from block 2."""
    plain = "0f400000000c07e80712040c%02x0500ff8880020106%08x" % (minute, 601)
    sealed = subprocess.run(
        ["openssl", "enc", "-aes-128-ctr", "-K", KEY, "-iv", f"{TITLE}{counter:08x}00000002"],
        input=bytes.fromhex(plain), capture_output=True, check=True).stdout.hex()
    return bytes.fromhex(f"db08{TITLE}{len(sealed) // 2 + 5:02x}20{counter:08x}{sealed}")


@scenario("frame counters", "eg-decode")
def _(t):
    t.write("key", KEY + "\n")
    command = ["eg-decode", "--meter-key", "key", "--counter-file", "disk/counters", "dlms"]
    t.run(command, frame(1))
    first = t.run(command, frame(2), True)
    text = t.read("disk/counters")
    t.need(text.splitlines()[-1] in (f"{TITLE} 1", f"{TITLE} 2"), f"the file holds {text!r}")
    second = t.run(command, frame(2))
    t.need(first.lines or second.lines, f"lost: {first.err}{second.err}")
    t.need(not first.lines or first.status != 0 or second.status == 65, "a replay was taken")
    t.need(t.run(command, frame(2)).status == 65, "a replay was taken at the end")


# --- pictures

@scenario("a picture", "eg-plot")
def _(t):
    command = ["eg-plot", "--output", "disk/p.gp"]
    records = "".join(line + "\n" for line in READINGS)
    t.run(command, records)
    whole = t.read("disk/p.gp")
    first = t.run(command, records, True)
    text = t.read("disk/p.gp")
    t.need(text == whole, f"{first.status}: the file has {len(text or '')} of {len(whole)} bytes")
