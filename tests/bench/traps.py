#!/usr/bin/env python3
"""The bench of notifications: from the kernel's event to the datagram.

Run as root from the top of the tree, with build/netmibd made (`make bench` does all of it).
Everything happens in a network namespace of its own, whose links are set down and up again
one after the other; the time is that from when the bench's own rtnetlink socket has the
event to when its UDP socket has the linkDown or linkUp, as the kernel has stamped it. Each
link changes twice, and no faster than a notice can be sent by the limits of netmibd.
The systems are

  snmpd        stock snmpd, its ifLinkUpDownTrapEnable set to enabled(1) for each link
  standalone   netmibd, which sends by itself
  agentx       netmibd as a subagent, whose master sends
"""

import argparse
import os
import shutil
import socket
import statistics
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True  # leave no files in the tree
import lab  # noqa: E402
import report  # noqa: E402
import systems  # noqa: E402
from report import attempt, note, say  # noqa: E402
from systems import System  # noqa: E402

PORT = 1199
TRAP_ENABLE = "1.3.6.1.2.1.31.1.1.1.14"
NAMES = ("snmpd", "standalone", "agentx")
PACE = 0.13  # s between two events: fewer than ten a second
PATIENCE = 10.0  # s until a notice that has not come is missing
LINK_DOWN, LINK_UP = (bytes((0x2b, 6, 1, 6, 3, 1, 1, 5, last)) for last in (3, 4))
IF_INDEX = bytes((0x2b, 6, 1, 2, 1, 2, 2, 1, 1))
RTMGRP_LINK, RTM_NEWLINK, IFF_UP = 1, 16, 1
SO_TIMESTAMPNS = 35

args = argparse.Namespace()


# ---- what happens and what comes ----------------------------------------------------


class Listener(threading.Thread):
    """Reads a socket; .seen is {(ifindex, is it up): when it was seen first}."""

    def __init__(self, sock):
        super().__init__(daemon=True)
        self.socket, self.seen = sock, {}
        sock.settimeout(0.5)
        self.enough = threading.Event()
        self.start()

    def run(self):
        while not self.enough.is_set():
            try:
                self.read()
            except TimeoutError:
                pass

    def stop(self):
        self.enough.set()
        self.join()
        self.socket.close()

    def note(self, what, when):
        self.seen.setdefault(what, when)


class Events(Listener):
    def __init__(self):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        sock.bind((0, RTMGRP_LINK))
        super().__init__(sock)

    def read(self):
        data = self.socket.recv(65536)
        when, at = time.time(), 0
        while at + 32 <= len(data):
            length, kind = struct.unpack_from("=IH", data, at)
            index, flags = struct.unpack_from("=iI", data, at + 20)
            if kind == RTM_NEWLINK:
                self.note((index, bool(flags & IFF_UP)), when)
            at += length + 3 & ~3


class Notices(Listener):
    def __init__(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind(("127.0.0.1", PORT))
        super().__init__(sock)

    def read(self):
        data, more, _, _ = self.socket.recvmsg(65536, 256)
        seconds, ns = struct.unpack("=qq", more[0][2])
        at = data.find(IF_INDEX)
        if at < 0 or not (LINK_DOWN in data or LINK_UP in data):
            return
        at, index = at + len(IF_INDEX), 0
        while True:
            index = index << 7 | data[at] & 0x7f
            if not data[at] & 0x80:
                break
            at += 1
        self.note((index, LINK_UP in data), seconds + ns / 1e9)


# ---- measurements -------------------------------------------------------------------


def add_sinks():
    for name in ("snmpd", "master", "standalone"):
        with open(lab.path(name + ".conf"), "a") as f:
            f.write(f"trap2sink udp:127.0.0.1:{PORT} public\n")


def enable(system, indexes):
    """By SET, as stock snmpd needs it; netmibd has it enabled."""
    path = lab.path("enable")
    with open(path, "w") as f:
        f.writelines(f"{TRAP_ENABLE}.{index} 1\n" for index in indexes)
    system.client("set", "1", path, community="private")


def provoke(indexes):
    """Sets them all down, then up."""
    due = time.monotonic()
    for up in (False, True):
        for index in indexes:
            due += PACE
            time.sleep(max(0.0, due - time.monotonic()))
            lab.set_link(index, up=up)


def measure(name, indexes):
    with System(name, len(socket.if_nameindex())) as system:
        if name == "snmpd":
            enable(system, indexes)
        time.sleep(1)
        events, notices = Events(), Notices()
        try:
            provoke(indexes)
            wanted = {(index, up) for index in indexes for up in (False, True)}
            end = time.monotonic() + PATIENCE
            while not wanted <= notices.seen.keys() and time.monotonic() < end:
                time.sleep(0.05)
        finally:
            events.stop()
            notices.stop()
    took = [notices.seen[what] - events.seen[what]
            for what in wanted if what in notices.seen and what in events.seen]
    missing = len(wanted) - len(took)
    if missing and name != "snmpd":
        raise RuntimeError(f"{missing} of {len(wanted)} notices have not come")
    if not took:
        raise RuntimeError("no notice has come")
    note("median", len(wanted), name, statistics.median(took))
    note("worst", len(wanted), name, max(took))
    note("missing", len(wanted), name, missing)


class Bench(report.Bench):
    figures = [  # figure, title, unit, how to print
        ("median", "From a link's event to its notification: median", "ms", "{:.2f}"),
        ("worst", "The same: worst", "ms", "{:.2f}"),
        ("missing", "Notifications that did not come", "of all events", "{:.0f}"),
    ]
    scale = {"median": 1e3, "worst": 1e3}
    pairs = {"standalone": "snmpd", "agentx": "snmpd"}

    def beside(self, figure, size, name):
        return None if figure == "missing" else super().beside(figure, size, name)

    def target(self, figure, size, name, value, ratio):
        limit = {"median": 5, "worst": 50}.get(figure)
        if limit is None or name == "snmpd":
            return None
        return f"< {limit} ms", value < limit

    def measure(self, names):
        add_sinks()
        lab.grow(args.events // 2 + 1)
        indexes = [index for index, link in socket.if_nameindex() if link != "lo"]
        for index in indexes:
            lab.set_link(index, up=True)
        for run in range(args.runs):
            for name in (name for name in NAMES if name in names):
                say(f"{args.events} events, run {run + 1} of {args.runs}, {name}")
                attempt(name, measure, name, indexes)


def read_arguments():
    parser = argparse.ArgumentParser(description="notifications of netmibd")
    parser.add_argument("--quick", action="store_true", help="fewer events")
    parser.add_argument("--events", type=int, help="how many, an even number (100)")
    parser.add_argument("--runs", type=int, help="runs of each measurement (1)")
    report.add_arguments(parser)
    parser.parse_args(namespace=args)
    args.events = args.events or (30 if args.quick else 100)
    args.runs = args.runs or 1
    args.limit = 90 if args.quick else 600
    if args.events < 4 or args.events % 2:
        parser.error("an even number of events, and no fewer than 4")
    if not shutil.which("ip"):
        parser.error("ip (iproute2) must be there")


if __name__ == "__main__":
    read_arguments()
    report.run(Bench(), args, [systems.CLIENT] if os.geteuid() == 0 else [])
