#!/usr/bin/python3
"""A key logger and screen grabber that holds nothing: XQueryKeymap and XGetImage, in a loop.

It counts and drops: FILE gets how many keys were seen going down and how many bytes of picture came, never which.
Use: xlib_poll.py FILE
"""
import os
import sys
import time

from Xlib import X
from Xlib.display import Display

display = Display()
root = display.screen().root
keys = pixels = 0
before = display.query_keymap()
while True:
    now = display.query_keymap()
    keys += sum(bin(new & ~old).count("1") for old, new in zip(before, now))
    before = now
    pixels += len(root.get_image(0, 0, 16, 16, X.ZPixmap, 0xffffffff).data)
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(f"keys={keys} pixels={pixels}\n")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    time.sleep(0.005)
