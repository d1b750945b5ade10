#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the files of compose/kubernetes without a cluster: fields by the names of the API,
and what refers to what. check-kubernetes.py FILE... prints the faults, and ends with 1 if
there are any. check-kubernetes.py --containers FILE... prints each container as a line of
JSON: name, args, paths (of its probes), grace (seconds until it is killed)."""

import json
import re
import sys

import yaml

# A field's schema: a type, a set of allowed values, {name: schema} with ! after the name of a
# required field, [schema] for a list, or MAP for names that are the user's.
MAP = object()
NAME = {"name!": str}
LABELS = {"matchLabels!": MAP}
META = {"name!": str, "labels": MAP, "annotations": MAP}
PROBE = {"httpGet!": {"path!": str, "port!": (str, int)}, "periodSeconds": int,
         "timeoutSeconds": int, "failureThreshold": int, "initialDelaySeconds": int}
ENV = [{"name!": str, "value": str, "valueFrom": {"secretKeyRef": {"name!": str, "key!": str}}}]
RESOURCES = {"requests!": {"cpu!": str, "memory!": str}, "limits!": {"cpu": str, "memory!": str}}
INIT = {
    "name!": str, "image!": str, "args!": [str], "env": ENV, "resources!": RESOURCES,
    "securityContext!": {
        "allowPrivilegeEscalation!": {False}, "readOnlyRootFilesystem!": {True},
        "capabilities!": {"drop!": [{"ALL"}]}},
    "volumeMounts": [{"name!": str, "mountPath!": str, "readOnly": bool}]}
CONTAINER = dict(INIT, **{"ports!": [{"name!": str, "containerPort!": int}], "startupProbe!": PROBE,
                          "livenessProbe!": PROBE, "readinessProbe!": PROBE})
VOLUME = {"name!": str, "emptyDir": {"sizeLimit!": str, "medium": {"Memory"}},
          "secret": {"secretName!": str, "defaultMode!": {0o444},
                     "items": [{"key!": str, "path!": str}]}}
POD = {
    "automountServiceAccountToken!": {False}, "enableServiceLinks!": {False},
    "terminationGracePeriodSeconds!": int,
    "securityContext!": {"runAsNonRoot!": {True}, "seccompProfile!": {"type!": {"RuntimeDefault"}}},
    "initContainers": [INIT], "containers!": [CONTAINER], "volumes": [VOLUME]}
SPECS = {
    ("apps/v1", "Deployment"): {
        "selector!": LABELS, "template!": {"metadata!": {"labels!": MAP}, "spec!": POD},
        "strategy": {"type!": {"RollingUpdate"},
                     "rollingUpdate": {"maxSurge": int, "maxUnavailable": int}}},
    ("policy/v1", "PodDisruptionBudget"): {"maxUnavailable!": int, "selector!": LABELS},
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): {
        "replicas!": {3}, "image!": str, "persistence!": {"storage!": str}, "resources!": RESOURCES,
        "affinity!": {"podAntiAffinity!": {"requiredDuringSchedulingIgnoredDuringExecution!": [
            {"topologyKey!": str, "labelSelector!": LABELS}]}}},
    ("keda.sh/v1alpha1", "TriggerAuthentication"): {
        "secretTargetRef!": [{"parameter!": {"username", "password"}, "name!": str, "key!": str}]},
    ("keda.sh/v1alpha1", "ScaledObject"): {
        "scaleTargetRef!": NAME, "minReplicaCount!": int, "maxReplicaCount!": int,
        "triggers!": [{"type!": {"rabbitmq"}, "authenticationRef!": NAME, "metadata!": {
            "host!": str, "protocol!": {"amqp"}, "queueName!": str, "mode!": {"QueueLength"},
            # KEDA's metadata are texts, numbers too.
            "value!": str}}]},
    ("monitoring.coreos.com/v1", "PodMonitor"): {
        "selector!": LABELS,
        "podMetricsEndpoints!": [{"port!": str, "path!": {"/metrics"}, "interval": str}]}}


def shape(where, value, schema):
    """Yields what in value is not as the schema has it."""
    if schema is MAP:
        schema = {name: str for name in value} if isinstance(value, dict) else dict
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            yield f"{where}: is no map"
            return
        fields = {name.rstrip("!"): rest for name, rest in schema.items()}
        for name in value:
            if name not in fields:
                yield f"{where}.{name}: no such field"
        for name in schema:
            if name.endswith("!") and name[:-1] not in value:
                yield f"{where}.{name[:-1]}: is missing"
        for name in value.keys() & fields.keys():
            yield from shape(f"{where}.{name}", value[name], fields[name])
    elif isinstance(schema, list):
        if not isinstance(value, list) or not value:
            yield f"{where}: is no list, or empty"
            return
        for i, item in enumerate(value):
            yield from shape(f"{where}[{i}]", item, schema[0])
    elif isinstance(schema, set):
        if value not in schema:
            yield f"{where}: {value!r} is not one of {sorted(schema)}"
    elif not isinstance(value, schema) or (isinstance(value, bool) and schema is not bool):
        yield f"{where}: {value!r} has the wrong type"


def documents(files):
    for file in files:
        with open(file, encoding="utf-8") as text:
            yield from yaml.safe_load_all(text)


def duration(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def after(args, option, default=None):
    return args[args.index(option) + 1] if option in args else default


def container_faults(name, container, pod):
    """What a container refers to, and has not."""
    args, volumes = container["args"], {v["name"]: v for v in pod.get("volumes", [])}
    mounts = container.get("volumeMounts", [])
    for mount in mounts:
        if mount["name"] not in volumes:
            yield f"{name}: no volume {mount['name']}"
        elif "secret" in volumes[mount["name"]] and not mount.get("readOnly"):
            yield f"{name}: the secret {mount['name']} is not mounted readOnly"
    for path in (a for a in args if a.startswith("/")):
        if not any(path.startswith(m["mountPath"] + "/") for m in mounts):
            yield f"{name}: no volume holds {path}"
    known = set()
    for variable in container.get("env", []):
        for used in re.findall(r"\$\((\w+)\)", variable.get("value", "")):
            if used not in known:
                yield f"{name}: {variable['name']} uses {used}, which does not stand before it"
        known.add(variable["name"])
        if re.search("PASSWORD|TOKEN", variable["name"]):
            yield f"{name}: the secret {variable['name']} is in the environment"
    grace = duration(after(args, "--grace", "10s"))
    if pod["terminationGracePeriodSeconds"] < grace + 5:
        yield f"{name}: killed after {pod['terminationGracePeriodSeconds']} s, and --grace is {grace:g} s"
    ports = {p["name"]: p["containerPort"] for p in container.get("ports", [])}
    for probe in (container[p] for p in container if p.endswith("Probe")):
        if probe["httpGet"]["port"] not in ports:
            yield f"{name}: a probe's port {probe['httpGet']['port']} is none of its ports"
    if ports and f"0.0.0.0:{ports.get('metrics')}" != after(args, "--listen"):
        yield f"{name}: listens at {after(args, '--listen')}, not at its port {ports.get('metrics')}"


def relation_faults(docs):
    """What one document says of another."""
    of = {}
    for doc in docs:
        of.setdefault(doc["kind"], []).append(doc)
    brokers = {d["metadata"]["name"] for d in of.get("RabbitmqCluster", [])}
    pods = {d["metadata"]["name"]: d["spec"]["template"] for d in of.get("Deployment", [])}
    labels = [t["metadata"]["labels"] for t in pods.values()]
    labels += [{"app.kubernetes.io/name": b} for b in brokers]
    for doc in docs:
        selector = doc["spec"].get("selector", {}).get("matchLabels", {})
        if not any(selector.items() <= each.items() for each in labels):
            yield f"{doc['kind']}: {selector} selects no pod"
    for doc in of.get("ScaledObject", []):
        if doc["spec"]["scaleTargetRef"]["name"] not in pods:
            yield f"ScaledObject: no Deployment {doc['spec']['scaleTargetRef']['name']}"
        if not 1 <= doc["spec"]["minReplicaCount"] <= doc["spec"]["maxReplicaCount"]:
            yield "ScaledObject: the counts of replicas are not in order"
        for trigger in doc["spec"]["triggers"]:
            names = [d["metadata"]["name"] for d in of.get("TriggerAuthentication", [])]
            if trigger["authenticationRef"]["name"] not in names:
                yield f"ScaledObject: no TriggerAuthentication {trigger['authenticationRef']['name']}"
            if not any(trigger["metadata"]["host"].startswith(f"amqp://{b}.") for b in brokers):
                yield f"ScaledObject: no broker at {trigger['metadata']['host']}"
    for doc in of.get("PodMonitor", []):
        ports = {p["name"] for t in pods.values() for c in t["spec"]["containers"] for p in c["ports"]}
        for endpoint in doc["spec"]["podMetricsEndpoints"]:
            if endpoint["port"] not in ports:
                yield f"PodMonitor: no port {endpoint['port']}"


def containers(docs):
    for doc in docs:
        if doc["kind"] == "Deployment":
            pod = doc["spec"]["template"]["spec"]
            for container in pod.get("initContainers", []) + pod["containers"]:
                yield container, pod


def faults(docs):
    for doc in docs:
        kind = (doc.get("apiVersion"), doc.get("kind"))
        if kind not in SPECS:
            yield f"{kind}: unknown"
        else:
            yield from shape(kind[1], doc, {"apiVersion!": str, "kind!": str, "metadata!": META,
                                            "spec!": SPECS[kind]})


def main(argv):
    if argv[:1] == ["--containers"]:
        for container, pod in containers(list(documents(argv[1:]))):
            paths = sorted({container[p]["httpGet"]["path"] for p in container if p.endswith("Probe")})
            print(json.dumps({"name": container["name"], "args": container["args"], "paths": paths,
                              "grace": pod["terminationGracePeriodSeconds"]}))
        return 0
    docs = list(documents(argv))
    found = list(faults(docs))
    if not found:  # the rest relies on the fields
        found = list(relation_faults(docs))
        for container, pod in containers(docs):
            found += container_faults(container["name"], container, pod)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
