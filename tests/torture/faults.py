# SPDX-License-Identifier: MIT
"""What is done to the chain while readings flow.

A fault is a generator: it breaks something, yields, and mends it. Its evidence is a function
that says whether it has done something. If that shows before the fault is mended it is yielded,
and waited for; else it is returned, and asked for when the run is over. A fault belongs to a
group; two of one group never meet in a run, since they would be in each other's way.
"""
import resource
import signal

FAULTS = {}


class Fault:
    def __init__(self, name, group, function, seconds, needs):
        self.name, self.group, self.function = name, group, function
        self.seconds, self.needs = seconds, needs


def fault(name, group, seconds=5.0, **needs):
    """needs: options of the chain; sink: the one that makes sense; ordered: of one key's
    records the last one stays (not so where requests are given up, or sinks meet)."""
    def add(function):
        FAULTS[name] = Fault(name, group, function, seconds, needs)
        return function
    return add


# --- processes

@fault("eg-publish killed", "process", 1, ordered=True)
def _(c):
    found = c.signal("eg-publish", signal.SIGKILL)
    yield
    found += c.signal("eg-publish", signal.SIGKILL)
    return lambda: found > 0


@fault("eg-consume killed", "process", 1)
def _(c):
    found = c.signal("eg-consume", signal.SIGKILL)
    yield
    found += c.signal("eg-consume", signal.SIGKILL)
    return lambda: found > 0


@fault("the sink killed", "process", 1)
def _(c):
    found = c.signal(c.sink_program(), signal.SIGKILL)
    yield
    found += c.signal(c.sink_program(), signal.SIGKILL)
    return lambda: found > 0


def stopped(program):
    def run(c):
        name = program or c.sink_program()
        found = c.signal(name, signal.SIGSTOP)
        yield
        c.signal(name, signal.SIGCONT)
        return lambda: found > 0
    return run


# Longer than two heartbeats: the broker gives the connection up.
fault("eg-publish stopped", "process", 6, ordered=True)(stopped("eg-publish"))
fault("eg-consume stopped", "process", 6)(stopped("eg-consume"))
fault("the sink stopped", "process", 6)(stopped(None))


@fault("no file descriptors", "process", 4, limits=True)
def _(c):
    for program in ("eg-publish", "eg-consume", c.sink_program()):
        c.limit(program, resource.RLIMIT_NOFILE, 3)
    for link in c.links:
        c.bad_network(link, "cut")
    # Restarts of the child fail as well.
    c.signal(c.sink_program(), signal.SIGKILL)
    yield lambda: c.said("Too many open files|[Rr]esource temporarily unavailable")
    for program in ("eg-publish", "eg-consume", c.sink_program()):
        c.limit(program, resource.RLIMIT_NOFILE, None)


@fault("no memory", "process", 3, limits=True)
def _(c):
    c.no_memory = True
    for program in ("eg-publish", "eg-consume", c.sink_program()):
        c.limit(program, resource.RLIMIT_AS, 1 << 20)
    for link in c.links:
        c.bad_network(link, "cut")
    # A child that is started inherits the limit.
    c.signal(c.sink_program(), signal.SIGKILL)
    yield lambda: c.said("[Oo]ut of memory|[Cc]annot allocate|could not allocate|failed to map segment")
    for program in ("eg-publish", "eg-consume", c.sink_program()):
        c.limit(program, resource.RLIMIT_AS, None)


@fault("the clock jumps", "process", 3, limits=True)
def _(c):
    c.bad_machine("clock", 86400)
    yield lambda: c.hit("clock")
    c.bad_machine("clock", -86400)


# --- the network, between any two parts

def network(name, *choices, seconds=5.0):
    """One link, and one of the ways, by the run's seed."""
    def run(c):
        links = c.links if c.rng.random() < 0.3 else [c.rng.choice(c.links)]
        words = c.rng.choice(choices)
        for link in links:
            c.bad_network(link, *words.split())
        yield lambda: c.effects(links, words)
        for link in links:
            c.bad_network(link, "pass")
    fault(name, "network", seconds)(run)


network("connections delayed", "delay 150", "delay 600")
network("connections throttled", "throttle 4000", "throttle 20000")
network("connections reordered", "reorder 400")
network("connections cut", "cut")
network("connections cut in the middle", "cut 3000", "cut 20000")
network("connections half closed", "half up", "half down")
network("packets vanish", "hole", "hole up", "hole down", seconds=7)
network("connections refused", "refuse")


@fault("names not resolved", "network", limits=True)
def _(c):
    c.bad_machine("dns")
    for link in c.links:
        c.bad_network(link, "cut")
    yield lambda: c.hit("dns")
    c.bad_machine("dns", None)


@fault("IPv6, connections cut", "network", 2, ipv6=True)
def _(c):
    for link in c.links:
        c.bad_network(link, "cut")
    yield
    return lambda: c.effects(c.links, "cut")


# --- RabbitMQ

@fault("RabbitMQ killed", "broker", 0.5, ordered=True)
def _(c):
    c.lab.run("kill", "rabbitmq")
    yield
    c.lab.run("start", "rabbitmq")
    return lambda: c.said("broker .* is back after")


@fault("RabbitMQ stopped", "broker", 6, ordered=True)
def _(c):
    c.lab.run("pause", "rabbitmq")
    yield
    c.lab.run("resume", "rabbitmq")
    return lambda: c.said("broker .* is back after")


@fault("RabbitMQ's memory alarm", "broker", 4, ordered=True)
def _(c):
    c.lab.ctl("set_vm_memory_high_watermark", "0.00001")
    yield lambda: c.said("an alarm")
    c.lab.ctl("set_vm_memory_high_watermark", "0.4")


@fault("RabbitMQ's disk alarm", "broker", 4, ordered=True)
def _(c):
    c.lab.ctl("set_disk_free_limit", "100000GB")
    yield lambda: c.said("an alarm")
    c.lab.ctl("set_disk_free_limit", "50MB")


@fault("the queue deleted", "broker", 2, ordered=True)
def _(c):
    """What is in a queue goes with it, so only an empty one may be deleted."""
    c.flowing.clear()
    sent = c.rests()
    if sent:
        c.lab.amqp(lambda channel: channel.queue_delete(c.queue))
    c.flowing.set()
    yield
    c.lab.declare(c.queue)
    return lambda: sent and c.said("was deleted|NOT_FOUND|came back")


@fault("the exchange deleted", "broker", 2, exchange=True, ordered=True)
def _(c):
    c.lab.amqp(lambda channel: channel.exchange_delete(f"{c.queue}.x"))
    yield lambda: c.said("NOT_FOUND - no exchange")
    c.lab.make_exchange(c.queue)


@fault("permissions taken away", "broker", 2, user=True, ordered=True)
def _(c):
    c.lab.ctl("clear_permissions", c.user)
    for link in ("publish", "consume"):
        c.bad_network(link, "cut")
    yield lambda: c.said("ACCESS_REFUSED|NOT_ALLOWED|access to vhost")
    c.lab.ctl("set_permissions", c.user, ".*", ".*", ".*")


@fault("credentials rotated", "broker", 2, user=True, ordered=True)
def _(c):
    c.lab.ctl("change_password", c.user, "rotated")
    for link in ("publish", "consume"):
        c.bad_network(link, "cut")
    yield lambda: c.said("ACCESS_REFUSED")
    c.set_password("rotated")


@fault("no more connections", "broker", 3, ordered=True)
def _(c):
    c.lab.ctl("set_vhost_limits", '{"max-connections": 0}')
    for link in ("publish", "consume"):
        c.bad_network(link, "cut")
    yield lambda: c.said("connection limit")
    c.lab.ctl("clear_vhost_limits")


@fault("the queue full", "broker", 4, batch=1, prefetch=20)
def _(c):
    # One after the other: a limit that is there sooner throws messages away.
    for rule in ('{"overflow": "reject-publish"}', '{"max-length": 5, "overflow": "reject-publish"}'):
        c.lab.ctl("set_policy", "full", f"^{c.queue}$", rule)
    c.signal(c.sink_program(), signal.SIGSTOP)
    yield lambda: c.said("refuses messages")
    c.signal(c.sink_program(), signal.SIGCONT)
    c.lab.ctl("clear_policy", "full")


# From 4.3 on classic queues have none.
@fault("RabbitMQ's consumer timeout", "broker", 6, before=(4, 3))
def _(c):
    c.lab.ctl("eval", "application:set_env(rabbit, consumer_timeout, 2000), "
                      "application:set_env(rabbit, channel_tick_interval, 500).")
    # Both are those of channels which are new, and eg-consume makes one when its sink has
    # settled what the old one brought.
    c.bad_network("consume", "cut")
    c.wait("the end of the consumer", lambda: c.consumers() == 0, 5)
    c.wait("a new consumer", lambda: c.consumers() == 1, 10)
    c.signal(c.sink_program(), signal.SIGSTOP)
    yield lambda: c.said("delivery acknowledgement")
    c.signal(c.sink_program(), signal.SIGCONT)
    c.lab.ctl("eval", "application:set_env(rabbit, consumer_timeout, 1800000), "
                      "application:set_env(rabbit, channel_tick_interval, 60000).")


# --- the database

@fault("InfluxDB killed", "database", 0.5, sink="influx")
def _(c):
    c.lab.run("kill", "influxdb")
    yield lambda: c.said("eg-influx: warning")
    c.lab.run("start", "influxdb")


@fault("InfluxDB stopped", "database", 6, sink="influx")
def _(c):
    c.lab.run("pause", "influxdb")
    yield lambda: c.said("eg-influx: warning")
    c.lab.run("resume", "influxdb")


def answers(name, *choices):
    def run(c):
        c.bad_network("database", "http", c.rng.choice(choices))
        yield lambda: c.effects(["database"], "http")
        c.bad_network("database", "pass")
    fault(f"InfluxDB answers {name}", "network", 4, sink="influx")(run)


answers("500", "500")
answers("503 with Retry-After", "503:1")
answers("429", "429", "429:2")
answers("200 with HTML", "html")
answers("by half, or is cut off", "half", "lost")
answers("never", "never")


@fault("VictoriaMetrics restarted", "database", 0.5, sink="victoria")
def _(c):
    c.lab.run("stop", "victoria")
    yield lambda: c.said("eg-influx: warning")
    c.lab.run("start", "victoria")


# Its receipts come before anything is on disk: a stream behind it is read again.
@fault("VictoriaMetrics killed, stream read again", "database", 0.5, sink="victoria", stream=True)
def _(c):
    c.lab.run("kill", "victoria")
    yield lambda: c.said("eg-influx: warning")
    c.lab.run("start", "victoria")


# --- the disk below the store (without one: the files of rejects and metrics)

def disk(name, kind, seconds=4.0, value=""):
    def run(c):
        c.bad_machine(kind, value)
        yield lambda: c.hit(kind)
        c.bad_machine(kind, None)
    fault(name, "disk", seconds, sink="store", limits=True)(run)


disk("the disk full", "enospc")
disk("the disk read-only", "erofs")
disk("the disk slow to sync", "slow", value=700)
disk("the disk broken (EIO)", "eio", seconds=2)
