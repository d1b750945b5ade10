# SPDX-License-Identifier: MIT
"""The classic system's consumer: each message to the database with a request of its own.

usage: classic_consumer.py AMQP_URL INFLUX_URL COUNT
"""
import calendar
import http.client
import json
import sys
import time
import urllib.parse

import pika

amqp, influx, count = sys.argv[1], urllib.parse.urlsplit(sys.argv[2]), int(sys.argv[3])
database = http.client.HTTPConnection(influx.hostname, influx.port)
channel = pika.BlockingConnection(pika.URLParameters(amqp)).channel()
channel.basic_qos(prefetch_count=300)
done = 0


def on_message(ch, method, _properties, body):
    global done
    record = json.loads(body)
    sensor, stamp = record["key"].split(":", 1)
    seconds = calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%S"))
    line = f"energy,sensor={sensor} value={record['value']} {seconds}\n"
    database.request("POST", "/write?db=energy&precision=s", line)
    answer = database.getresponse()
    answer.read()
    assert answer.status == 204, answer.status
    ch.basic_ack(method.delivery_tag)
    done += 1
    if done == count:
        ch.stop_consuming()


channel.basic_consume("misurazioni", on_message)
begin = time.monotonic()
channel.start_consuming()
print(f"{count / (time.monotonic() - begin):.0f}")
