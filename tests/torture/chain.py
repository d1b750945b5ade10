# SPDX-License-Identifier: MIT
"""The chain under test, fed at a pace, each of its programs started again when it ends.

sender | eg-publish => RabbitMQ => eg-consume -- eg-influx or eg-store, with a bad network
between any two (tests/tools/bad-network) and a bad machine below (bad_libc.so).
"""
import os
import random
import re
import resource
import signal
import subprocess
import threading
import time

HEARTBEAT_S = 2
BAD_ENDS = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, 70}
WAIT_S = 180
KEPT = 400  # readings of which few are sent until all faults are there, however slow that is
LAST = 10  # readings that are sent when all faults are over


class Chain:
    def __init__(self, lab, build, folder, queue, sink, records, rng, options):
        self.lab, self.build, self.folder, self.queue = lab, build, folder, queue
        self.sink, self.rng, self.options = sink, rng, options
        self.records = records
        self.ledger = None
        self.fed = []
        self.stopping = threading.Event()
        self.flowing = threading.Event()
        self.flowing.set()
        self.unbroken = set()  # faults that are still to come
        self.struck = threading.Event()  # the faults are over
        self.no_memory = False
        self.crashes, self.notes = [], []
        self.evidence = {}  # of each fault: whether it has done something
        self.process = {}
        self.threads = []
        for name in ("faults", "disk", "net"):
            os.makedirs(os.path.join(folder, name))
        self.password = "guest"
        self.user = "guest"
        self.set_password("guest")

    # --- where things are

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def set_password(self, text):
        with open(self.path("password.new"), "w", encoding="ascii") as out:
            print(text, file=out)
        os.rename(self.path("password.new"), self.path("password"))

    def lines(self, *names):
        """The whole lines of a file; the last one may be cut by a kill."""
        try:
            with open(self.path(*names), encoding="utf-8", errors="replace") as text:
                return text.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def host(self):
        return "[::1]" if self.options.get("ipv6") else "127.0.0.1"

    def port(self, link):
        return int(self.lines("net", link)[0])

    def amqp(self, link):
        return ["--url", f"amqp://{self.user}@{self.host()}:{self.port(link)}",
                "--password-file", self.path("password"), "--heartbeat", str(HEARTBEAT_S)]

    def environment(self):
        env = {**self.clean_environment(), "EG_FAULTS": self.path("faults"),
               "EG_FAULTS_DISK": self.path("disk")}
        if "EG_SAN" not in os.environ:
            env["LD_PRELOAD"] = os.path.join(self.build, "tests", "bad_libc.so")
        return env

    def clean_environment(self):
        return {**os.environ, "PATH": f"{self.build}:{os.environ['PATH']}"}

    # --- the processes

    def start(self, name, command, **streams):
        """Our own end takes it along, so that nothing is left over."""
        self.process[name] = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command], env=self.environment(),
            stderr=open(self.path(f"{name}.err"), "ab"), cwd=self.folder, **streams)
        return self.process[name]

    def ended(self, name, status):
        self.notes.append(f"{name} ended with {status}")
        if status in BAD_ENDS and not (status == 70 and self.no_memory):
            self.crashes.append(f"{name} ended with {status}")

    def begin(self):
        host = "::1/" if self.options.get("ipv6") else ""
        links = [f"publish={host}{self.lab.broker}", f"consume={host}{self.lab.broker}"]
        if self.sink in ("influx", "victoria"):
            links.append(f"database={host}{self.lab.address(self.sink)}")
        self.network = subprocess.Popen(
            [os.path.join(self.lab.tools, "bad-network"), self.path("net"), *links],
            stdin=subprocess.PIPE, stderr=open(self.path("net.err"), "ab"), text=True)
        self.links = [link.split("=")[0] for link in links]
        self.wait("the network", lambda: all(self.lines("net", link) for link in self.links))
        for part in (self.run_publisher, self.run_consumer):
            thread = threading.Thread(target=part, daemon=True)
            thread.start()
            self.threads.append(thread)

    def run_publisher(self):
        """Feeds what is left, until everything has its receipt or was refused."""
        left, number = list(self.records), 0
        target = ["-q", self.queue]
        if self.options.get("exchange"):
            target = ["-x", f"{self.queue}.x", "-k", self.queue]
        batch = ["--batch", str(self.options["batch"])]
        while left and not self.stopping.is_set():
            number += 1
            receipts = f"receipts.{number}"
            with open(self.path(receipts), "wb") as out:
                child = self.start(
                    "eg-publish", ["eg-publish", "-v", *self.amqp("publish"), *target, *batch,
                                   "--rejects", self.path("disk", "rejects")],
                    stdin=subprocess.PIPE, stdout=out)
            given = self.feed(child, left)
            status = child.wait()
            self.ended("eg-publish", status)
            whole = status in (0, 65) and len(given) == len(left)
            again = self.ledger.life(given, self.lines(receipts), whole)
            left = [] if whole else again + left[len(given):]
            self.stopping.wait(0.3)

    def feed(self, child, lines):
        """Returns the lines that may have been read: a pace, not a flood."""
        pipe, given = child.stdin, 0
        pace = self.options["rate"] // 20
        try:
            while given < len(lines) and not self.stopping.is_set():
                self.flowing.wait(1)
                left = len(lines) - given
                if not self.flowing.is_set() or (left <= LAST and not self.struck.wait(0.05)):
                    continue
                # Slower and slower, until the faults are over.
                part = lines[given:given + (pace if self.struck.is_set() else
                                            max(1, min(pace, left // 200)))]
                given += len(part)
                self.fed += part
                pipe.write(("\n".join(part) + "\n").encode())
                pipe.flush()
                time.sleep(0.5 if self.unbroken and left <= KEPT else 0.05)
        except OSError:
            pass
        try:
            pipe.close()
        except OSError:
            pass
        return lines[:given]

    def sink_command(self):
        if self.sink == "store":
            return f"eg-store '{self.path('disk', 'store.db')}'"
        url = f"http://{self.host()}:{self.port('database')}"
        name = f"--db {self.queue}" if self.sink == "influx" else ""
        return f"eg-influx --url {url} {name} --request-timeout 3s " \
            f"--rejects '{self.path('disk', 'sink')}'"

    def run_consumer(self):
        stream = ["--offset-file", self.path("disk", "offset")] if self.options.get("stream") else []
        while not self.stopping.is_set():
            # What the sink is given is noted, for the count of those that came twice, and
            # what it gave a receipt for: by its pace, pauses are measured. The first output
            # of tee is the file: killed between the two, it has not given the receipt yet.
            child = self.start(
                "eg-consume", ["eg-consume", "-v", *self.amqp("consume"), "-q", self.queue, *stream,
                               "--prefetch", str(self.options["prefetch"]), "--give-back", "8s",
                               "--rejects", self.path("disk", "refused"),
                               "--metrics", self.path("disk", "metrics"), "--", "bash", "-c",
                               f"set -o pipefail; tee -a '{self.path('delivered')}' | "
                               f"{self.sink_command()} | "
                               f"tee -a /dev/fd/3 3>&1 >>'{self.path('sunk')}'"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            self.ended("eg-consume", child.wait())
            self.stopping.wait(0.3)

    # --- what faults do

    def members(self, program):
        """Processes of this chain: all have the folder in their arguments."""
        mark, found = self.folder.encode(), []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8") as text:
                    name = text.read().strip()
                with open(f"/proc/{pid}/cmdline", "rb") as text:
                    ours = mark in text.read()
            except OSError:
                continue
            if ours and program in (name, None) and int(pid) != os.getpid():
                found.append(int(pid))
        return found

    def signal(self, program, number):
        """Returns how many processes got it."""
        found = 0
        for pid in self.members(program):
            try:
                os.kill(pid, number)
                found += 1
            except ProcessLookupError:
                pass
        return found

    def limit(self, program, what, value):
        """Lowers a limit of a running program; None lifts it. Returns what it was."""
        for pid in self.members(program):
            try:
                hard = resource.prlimit(pid, what)[1]
                resource.prlimit(pid, what, (hard if value is None else value, hard))
            except (ProcessLookupError, PermissionError):
                pass

    def bad_network(self, *words):
        self.network.stdin.write(" ".join(words) + "\n")
        self.network.stdin.flush()

    def bad_machine(self, fault, value=""):
        path = self.path("faults", fault)
        if value is None:
            if os.path.exists(path):
                os.remove(path)
            return
        with open(path, "w", encoding="ascii") as out:
            out.write(str(value))

    # --- whether a fault has done something

    def said(self, pattern):
        """A program printed something like it."""
        return any(re.search(pattern, line)
                   for name in os.listdir(self.folder) if name.endswith(".err")
                   for line in self.lines(name))

    def hit(self, fault):
        return os.path.exists(self.path("faults", f"{fault}.hit"))

    def effects(self, links, words):
        noted = self.lines("net", "effects")
        return any(f"{link} {words.split()[0]}" in noted for link in links)

    def consumers(self):
        return self.lab.amqp(lambda channel: channel.queue_declare(self.queue, passive=True)
                             .method.consumer_count)

    def sink_program(self):
        return "eg-store" if self.sink == "store" else "eg-influx"

    # --- the end

    def wait(self, what, condition, seconds=WAIT_S):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.notes.append(f"gave up waiting for {what}")
                return False
            time.sleep(0.05)
        return True

    def publisher_is_done(self):
        return not self.threads[0].is_alive()

    def drained(self, lines):
        """All good ones of these lines are in the sink, by its own receipts."""
        return set(self.lines("sunk")) >= set(lines) & set(self.ledger.good)

    def rests(self):
        """Nothing is on its way, once nothing more is fed; false: not in time."""
        return self.wait("a pause", lambda: self.drained(list(self.fed)), 20) and \
            self.wait("empty queue", lambda: self.lab.count(self.queue) == 0, 5) and \
            not self.stopping.wait(0.5)

    def finish(self):
        """Ends the consumer in order, and everything else."""
        self.stopping.set()
        consumer = self.process["eg-consume"]
        if consumer.poll() is None:
            consumer.terminate()
        for thread in self.threads:
            thread.join(30)
        self.network.stdin.close()
        self.network.wait()

    def read_again(self):
        """From the stream's first message to its last: the remedy for a lost database."""
        subprocess.run(
            ["eg-consume", "--url", f"amqp://guest@{self.lab.broker}", "-q", self.queue,
             "--offset", "first", "--drain", "--timeout", "30s", "--", "eg-influx", "--url",
             self.lab.url(self.sink)], check=False, env=self.clean_environment(),
            stderr=open(self.path("again.err"), "ab"), timeout=WAIT_S)

    def kill_all(self):
        self.stopping.set()
        self.signal(None, signal.SIGCONT)
        self.signal(None, signal.SIGKILL)
        self.network.kill()
        for thread in self.threads:
            thread.join(30)
