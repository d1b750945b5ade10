# SPDX-License-Identifier: MIT
"""Peers of the programs in disk_sources.py: an HTTP device, an MQTT broker, RabbitMQ.

The first two run in threads, and send one thing after the other, so that what a program does
with each can be told apart."""
import atexit
import http.server
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

EG_LAB = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "scripts", "eg-lab")


class Device:
    """Answers the requests of eg-fetch with one body after the other, and then with 503."""

    def __init__(self, bodies):
        device, self.asked = self, 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                at, device.asked = device.asked, device.asked + 1
                body = bodies[at].encode() if at < len(bodies) else b""
                self.send_response(200 if at < len(bodies) else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None  # a client that was killed
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Broker:
    """An MQTT broker for one client: sends each message with QoS 1, the next one when the one
    before was acknowledged, or after a moment; again those that a lost client did not acknowledge.
    acknowledged(i) is called with the index of each message, and returns what is wrong, or None."""

    def __init__(self, messages, acknowledged):
        self.messages, self.acknowledged = messages, acknowledged
        self.sent, self.acked, self.wrong = set(), [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            with client:
                try:
                    self.session(client)
                except OSError:
                    pass

    def session(self, client):
        client.settimeout(0.3)
        todo = None  # what is to be sent, when it has subscribed
        data = b""
        while True:
            head, body, data = split_packet(data)
            if head is None:
                try:
                    more = client.recv(65536)
                    if not more:
                        return
                    data += more
                except TimeoutError:
                    self.send_next(client, todo)
                continue
            if head >> 4 == 1:
                client.sendall(b"\x20\2\0\0")
            elif head >> 4 == 8:
                client.sendall(b"\x90\3" + body[:2] + b"\1")
                todo = [i for i in range(len(self.messages)) if i not in self.acked]
                self.send_next(client, todo)
            elif head >> 4 == 4:
                self.take_ack(struct.unpack(">H", body)[0] - 1)
                self.send_next(client, todo)
            elif head >> 4 == 12:
                client.sendall(b"\xd0\0")

    def send_next(self, client, todo):
        if not todo:
            return
        i = todo.pop(0)
        body = struct.pack(">H", 1) + b"t" + struct.pack(">H", i + 1) + self.messages[i]
        head = bytes([0x3a if i in self.sent else 0x32])
        self.sent.add(i)
        length = len(body)
        head += bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
        client.sendall(head + body)

    def take_ack(self, i):
        self.acked.append(i)
        fault = self.acknowledged(i)
        if fault is not None:
            self.wrong.append(fault)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def split_packet(data):
    """The first byte and the body of a packet, and the bytes behind it; None: it is not whole."""
    length, at = 0, 1
    while at < len(data):
        length |= (data[at] & 127) << 7 * (at - 1)
        at += 1
        if not data[at - 1] & 128:
            break
    if at == 1 or data[at - 1] & 128 or len(data) < at + length:
        return None, None, data
    return data[0], data[at:at + length], data[at + length:]


class Lab:
    """A RabbitMQ of the tests' own, from its first use to the end of the program."""
    url = None

    @classmethod
    def use(cls):
        """Its address."""
        if cls.url is None:
            outer = tempfile.mkdtemp(prefix="lab.")
            lab = [EG_LAB, "--dir", os.path.join(outer, "lab")]
            # What is registered last is called first.
            atexit.register(shutil.rmtree, outer, ignore_errors=True)
            atexit.register(subprocess.run, [*lab, "down"], check=False, stderr=subprocess.DEVNULL)
            subprocess.run([*lab, "--no-influxdb", "--no-victoria", "up"], check=True,
                           stdout=subprocess.DEVNULL)
            text = subprocess.run([*lab, "env"], check=True, text=True, capture_output=True).stdout
            cls.url = re.search(r"export AMQP_URL='(.*)'", text)[1]
            os.environ["AMQP_URL"] = cls.url
        return cls.url
