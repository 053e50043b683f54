#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sockets [WORD]...: sockets as they are asked for, open until standard input ends; "ready" when they are there.

listen:PORT  bound:PORT  udp:PORT  reuse:PORT  pair (a connection over loopback)  unix:PATH  abstract:NAME (\\0 is a NUL)
raw  ping  packet  move:PATH (before it: setns into that network namespace afterwards)
"""
import ctypes
import os
import socket
import sys

kept = []


def keep(family, kind, proto=0):
    s = socket.socket(family, kind, proto)
    kept.append(s)
    return s


def make(word):
    what, _, rest = word.partition(":")
    if what in ("listen", "bound", "reuse"):
        s = keep(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, what != "bound")
        if what == "reuse":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(("127.0.0.1", int(rest)))
        if what != "bound":
            s.listen(7)
    elif what == "listen6":
        s = keep(socket.AF_INET6, socket.SOCK_STREAM)
        s.bind(("::", int(rest)))
        s.listen(8)
    elif what == "udp":
        keep(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.0.0.1", int(rest)))
    elif what == "pair":
        server = keep(socket.AF_INET, socket.SOCK_STREAM)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        client = keep(socket.AF_INET, socket.SOCK_STREAM)
        client.connect(server.getsockname())
        kept.append(server.accept()[0])
    elif what in ("unix", "abstract"):
        name = rest if what == "unix" else b"\0" + rest.encode().decode("unicode_escape").encode("latin-1")
        s = keep(socket.AF_UNIX, socket.SOCK_STREAM)
        s.bind(name)
        s.listen(3)
    elif what == "raw":
        keep(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    elif what == "packet":
        keep(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    elif what == "move":
        fd = os.open(rest, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(fd, 0):
            sys.exit(f"setns: {os.strerror(ctypes.get_errno())}")
    else:
        sys.exit(f"sockets: what is {word}?")


for argument in sys.argv[1:]:
    make(argument)
print("ready", flush=True)
sys.stdin.read()
