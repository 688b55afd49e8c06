#!/usr/bin/python3
"""The smallest VNC viewer: connects to 127.0.0.1:PORT without a password, asks for the whole screen
every second and counts the bytes it gets; the pixels are dropped. FILE gets the count.
Use: rfb_watch.py PORT FILE
"""
import socket
import struct
import sys
import time

connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)


def take(count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise SystemExit("the server closed the connection")
        data += piece
    return data


take(12)  # RFC 6143: version, security types, shared flag, screen size and name
connection.sendall(b"RFB 003.008\n")
types = take(take(1)[0])
if 1 not in types:
    raise SystemExit(f"the server wants a password (security types {list(types)})")
connection.sendall(b"\x01")
if struct.unpack(">I", take(4))[0] != 0:
    raise SystemExit("refused")
connection.sendall(b"\x01")
width, height, *_, name_length = struct.unpack(">HH16sI", take(24))
take(name_length)
connection.sendall(struct.pack(">BxHi", 2, 1, 0))  # raw encoding only
received = 0
while True:
    connection.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
    while True:
        kind = take(1)[0]
        if kind == 0:
            for _ in range(struct.unpack(">xH", take(3))[0]):
                _, _, w, h, encoding = struct.unpack(">HHHHi", take(12))
                received += len(take(w * h * 4)) if encoding == 0 else 0
            break
        if kind == 1:  # colour map
            take(struct.unpack(">xHH", take(5))[1] * 6)
        elif kind == 3:  # clipboard text: dropped
            take(struct.unpack(">3xI", take(7))[0])
    with open(sys.argv[2], "w") as file:
        file.write(f"{width}x{height} bytes={received}\n")
    time.sleep(1)
