#!/usr/bin/python3
"""A key logger of 40 lines: everybody's key and mouse events through the RECORD extension.

It counts and drops: FILE gets the number of events seen, never which key.
Use: xlib_record.py FILE
"""
import os
import sys

from Xlib import X
from Xlib.display import Display
from Xlib.ext import record
from Xlib.protocol import rq

counts = {"key": 0, "button": 0, "motion": 0}
KINDS = {X.KeyPress: "key", X.ButtonPress: "button", X.MotionNotify: "motion"}


def count(reply):
    data = reply.data
    if reply.category != record.FromServer:
        return
    while len(data):
        event, data = rq.EventField(None).parse_binary_value(data, watcher.display, None, None)
        if event.type in KINDS:
            counts[KINDS[event.type]] += 1
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(" ".join(f"{k}={v}" for k, v in counts.items()) + "\n")
    os.rename(sys.argv[1] + ".new", sys.argv[1])


# RECORD wants two connections: one to make the context, one that is busy receiving from it
maker, watcher = Display(), Display()
context = maker.record_create_context(0, [record.AllClients], [{
    "core_requests": (0, 0), "core_replies": (0, 0), "ext_requests": (0, 0, 0, 0),
    "ext_replies": (0, 0, 0, 0), "delivered_events": (0, 0),
    "device_events": (X.KeyPress, X.MotionNotify), "errors": (0, 0),
    "client_started": False, "client_died": False}])
maker.sync()  # the server must know the context before the other connection asks for it
watcher.record_enable_context(context, count)
