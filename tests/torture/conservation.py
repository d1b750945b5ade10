# SPDX-License-Identifier: MIT
"""The one checker: what the first stage gave a receipt for is what the last store holds.

Every reading has an identity, its sensor and instant. The sender sends again what has
no receipt, as the manual tells it to, so at the end each reading that was sent is
stored once, with the value that was sent last, or is accounted for as refused.
"""
import datetime
from collections import Counter

EPOCH = datetime.datetime(1970, 1, 1)


def identity(line):
    """A record's sensor, nanoseconds, and value as a number."""
    sensor, rest = line.split(":", 1)
    time, value = rest.rsplit(":", 1)
    delta = datetime.datetime.fromisoformat(time) - EPOCH
    return (sensor, (delta.days * 86400 + delta.seconds) * 10**9), float(value)


class Ledger:
    """Good lines to be stored; odd ones that the sink refuses; bad ones that are no
    records; strange messages that are put into the queue beside the first stage."""

    def __init__(self, good, odd, bad, strange):
        self.good, self.odd, self.bad, self.strange = good, odd, bad, strange
        self.faults = []

    def life(self, given, receipts, ended_well):
        """One run of the first stage: its receipts are the front of what it was given,
        in order, byte for byte. Returns what has to be sent again."""
        refused = set(self.bad)
        expected = [line for line in given if line not in refused]
        if receipts != expected[:len(receipts)]:
            self.faults.append("receipts are not the front of what was given")
        if ended_well and len(receipts) < len(expected):
            self.faults.append("the first stage ended well without all receipts")
        if not receipts:
            return given
        last = len(given) - 1 - given[::-1].index(receipts[-1])
        return given[last + 1:] if len(receipts) < len(expected) else []

    def doubled(self, delivered):
        """How many readings came to the last stage again: lines that it was given more
        often than the sender has them. They do no harm, and the store cannot show them."""
        due = Counter(self.good)
        came = Counter(line for line in delivered if line in due)
        return sum((came - due).values())

    def settle(self, stored, sunk, rejects, dead):
        """stored: (identity, value) of each point in the last store; sunk: receipts of
        the last stage; rejects and dead: lines refused by the first stage, bodies of
        dead letters. Returns identities lost, and points with a value that is not the
        last one sent, or that nobody sent, or twice."""
        want = dict(identity(line) for line in self.good)
        points = dict(stored)
        lost = {key for key in want if key not in points}
        wrong = [point for point in stored if want.get(point[0]) != point[1]]
        wrong += [point[0] for point in stored[len(points):]]
        sunk_keys = {identity(line)[0] for line in sunk}
        silent = set(self.good) - set(sunk)
        if silent:
            self.faults.append(f"{len(silent)} without a receipt of the last stage: "
                               f"{sorted(silent)[:5]}")
        if not sunk_keys <= set(points) - lost:
            self.faults.append("the last stage gave receipts for what is not stored")
        if not set(self.bad) <= set(rejects) or not set(rejects) <= set(self.bad):
            self.faults.append("the first stage's rejects are not the bad lines")
        text = "\n".join(dead)
        missing = [line for line in self.odd + self.strange if line not in text]
        if missing:
            self.faults.append(f"refused, and not in the dead letters: {missing}")
        return lost, wrong
