#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sockets [WORD]...: sockets as they are asked for, open until standard input ends; "ready" when they are there.

listen:PORT  bound:PORT  udp:PORT  reuse:PORT  pair (a connection over loopback)  unix:PATH  abstract:NAME (\\0 is a NUL)
raw  ping  packet  ring (a packet socket with a ring, a fanout group)  filter (another with a filter, for IP alone)
groups (netlink)  pending:PATH (two connections that nobody accepts)  dgram:NAME (abstract, and one connected to it)  traffic  mptcp
move:PATH (before it: setns into that network namespace afterwards)
"""
import ctypes
import os
import socket
import struct
import sys

SOL_PACKET = 263

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
    elif what == "ring":
        s = keep(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind(("lo", 3))
        s.setsockopt(SOL_PACKET, 10, struct.pack("i", 2))  # PACKET_VERSION: TPACKET_V3
        s.setsockopt(SOL_PACKET, 5, struct.pack("7I", 65536, 4, 4096, 64, 100, 0, 0))  # PACKET_RX_RING
        s.setsockopt(SOL_PACKET, 18, struct.pack("I", 1 << 16 | 0x1234))  # PACKET_FANOUT: load balancing
    elif what == "filter":
        s = keep(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x800))
        program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
        s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(program)))  # SO_ATTACH_FILTER
    elif what == "groups":
        keep(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0x51))
    elif what == "pending":
        make("unix:" + rest)
        for _ in range(2):
            keep(socket.AF_UNIX, socket.SOCK_STREAM).connect(rest)
    elif what == "dgram":
        keep(socket.AF_UNIX, socket.SOCK_DGRAM).bind("\0" + rest)
        keep(socket.AF_UNIX, socket.SOCK_DGRAM).connect("\0" + rest)
    elif what == "traffic":
        make("pair")
        kept[-2].sendall(b"x" * 30000)
        kept[-1].recv(10000)
    elif what == "mptcp":
        server = keep(socket.AF_INET, socket.SOCK_STREAM, 262)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        keep(socket.AF_INET, socket.SOCK_STREAM, 262).connect(server.getsockname())
        kept.append(server.accept()[0])
        kept[-1].sendall(b"x")
        kept[-2].recv(1)
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
