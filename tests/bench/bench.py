#!/usr/bin/env python3
"""The bench: netmibd beside stock snmpd and beside a subagent that does nothing.

Run as root from the top of the tree, with build/netmibd, build/bench/null and
build/bench/client made (`make bench` does all of it).  Everything happens in a network
namespace of its own.  Each run starts every system in turn, so that what else the machine
does hits all alike; figures are medians of the runs.  The systems:

  snmpd          stock snmpd, its own IF-MIB modules
  standalone     netmibd as an agent of its own
  agentx         snmpd with netmibd, netmibdFollowMaster no
  agentx+follow  snmpd with netmibd, netmibdFollowMaster yes
  agentx+pinned  the same, snmpd kept on one CPU (as CPUAffinity= in its unit would)
  null...        snmpd with tests/bench/null in place of netmibd, the baseline

The snmpd of the AgentX systems runs without its own IF-MIB modules, so that their reload
every 3 s disturbs neither side.
"""

import argparse
import random
import shutil
import socket
import statistics
import sys
import time

sys.dont_write_bytecode = True  # leave no files in the tree
import lab  # noqa: E402
import report  # noqa: E402
from report import attempt, note, samples, say  # noqa: E402
from systems import CLIENT, IF, IFX, NULL, OURS, SYSTEMS, System  # noqa: E402

COLUMNS = [f"{IF}.1.{c}" for c in range(1, 23)] + [f"{IFX}.1.{c}" for c in range(1, 20)]
SIDE = ([f"{IF}.1.{c}" for c in (2, 4, 5, 7, 8, 10, 16)] +
        [f"{IFX}.1.{c}" for c in (1, 6, 10, 15, 18)])
IP = "1.3.6.1.2.1.4"
IP_ROOTS = [f"{IP}.34", f"{IP}.35"]
IP_ADDRESSES, IP_NEIGHBOURS = 10000, 50000
AGENTX_ROWS = 2000  # an AgentX walk takes so many rows of each column, no more
BASE = 1  # lo alone

args = argparse.Namespace()

# ---- what is measured ---------------------------------------------------------------


def measure_run(name, links, polls):
    with System(name, links) as system:
        if hasattr(system, "ready"):
            note("ready", links, name, system.ready)
        if links == BASE:
            system.client("walk", "25", IF, IFX)
            note("rss", links, name, system.children[-1].rss())
            return
        if system.port == 1163 and links > AGENTX_ROWS:
            found = system.client("walk", f"-l{AGENTX_ROWS}", "25", *COLUMNS)
        else:
            again = max(1, 8000 // (41 * links))
            found = system.client("walk", f"-r{again}", "25", IF, IFX)
        note("walk", links, name, found["rate"])
        note("walk CPU", links, name, found["cpu"] / found["varbinds"] * 1e6)
        again = max(1, 12000 // (12 * links))
        found = system.client("walk", "-p", f"-r{again}", "8", *SIDE)
        note("side", links, name, found["rate"])
        if system.agent != "null":
            note("rss", links, name, system.children[-1].rss())
        row = system.links if system.agent == "null" else max(socket.if_nameindex())[0]
        # ifSpecific is the one column of 41 that stock snmpd has no value for
        oids = [f"{c}.{row}" for c in COLUMNS if c != f"{IF}.1.22"]
        found = system.client("poll", str(polls), *oids)
        note("poll CPU", links, name, found["cpu"] / found["pdus"] * 1e6)
        note("poll", links, name, found["p50_us"])
        if found["missing"]:
            note("poll missing", links, name, found["missing"] / found["pdus"])


def measure_ip(names, runs):
    """10,000 addresses and 50,000 neighbours."""
    bare = len(socket.if_nameindex()) + 2
    lab.grow_ip(0, 0)
    base = {}
    for name in names:
        with System(name, bare) as system:
            system.client("walk", "25", *IP_ROOTS)
            base[name] = system.children[-1].rss()
    lab.shrink_ip()
    lab.grow_ip(IP_ADDRESSES, IP_NEIGHBOURS)
    index = socket.if_nametoindex(lab.IP_LINK)
    oids = [f"{IP}.34.1.3.1.4.10.19.136.1", f"{IP}.35.1.4.{index}.1.4.11.0.97.168"]
    rows = IP_ADDRESSES + IP_NEIGHBOURS
    for run in range(runs):
        say(f"{rows} addresses and neighbours, run {run + 1} of {runs}")
        for name in names:
            attempt(f"{name}, {rows} rows", measure_ip_run, name, bare, oids, base)
    for name in names:
        if name in OURS:
            attempt(f"events, {name}", measure_events, name, bare, oids[1])
    lab.shrink_ip()


def measure_ip_run(name, links, oids, base):
    rows = IP_ADDRESSES + IP_NEIGHBOURS
    with System(name, links) as system:
        found = system.client("walk", "25", *IP_ROOTS)
        note("IP walk", rows, name, found["rate"])
        note("IP row", rows, name, (system.children[-1].rss() - base[name]) / rows)
        found = system.client("poll", "20000", *oids)
        note("IP get", rows, name, found["cpu"] / found["pdus"] / len(oids) * 1e6)


def measure_events(name, links, oid):
    """100,000 changes of neighbours, then the last one must be seen at once."""
    rows = IP_ADDRESSES + IP_NEIGHBOURS
    with System(name, links) as system:
        before = system.cpu_seconds()
        for generation in (1, 2):
            lab.change_ip(lab.neighbour_lines(IP_NEIGHBOURS, generation))
        seen = system.getter.get(oid, 5)
        if seen != b"\x02\x02\0\0\0\1":
            raise RuntimeError(f"{name}: {seen} after {2 * IP_NEIGHBOURS} changes")
        note("IP event", rows, name, (system.cpu_seconds() - before) / IP_NEIGHBOURS / 2 * 1e6)


def measure_idle(names, links, seconds):
    systems = []
    try:
        for name in names:
            system = System(name, links)
            systems.append(system.__enter__())
        time.sleep(1)
        agents = {system.name: system.children[-1] for system in systems}
        before = {name: child.cpu_seconds() for name, child in agents.items()}
        time.sleep(seconds)
        for name, child in agents.items():
            note("idle CPU", links, name,
                 (child.cpu_seconds() - before[name]) / seconds * 1e3)
        if shutil.which("strace"):
            for name, count in lab.count_calls(agents, seconds).items():
                note("idle calls", links, name, count / seconds)
    finally:
        for system in reversed(systems):
            system.__exit__()


def one_change(i, with_alias):
    """The i-th change: its link, what to set and the instance that must then show it.

    d1 is up and stays up: Linux (6.18) announces a new alias of a link that is down to
    nobody.  It is d2 that goes up and down.
    """
    kinds = 3 if with_alias else 2
    index = socket.if_nametoindex("d2" if i % kinds == 1 else "d1")
    if i % kinds == 0:
        mtu = 1300 + i
        return index, {"mtu": mtu}, f"{IF}.1.4.{index}", mtu
    if i % kinds == 1:
        up = i // kinds % 2 == 0
        return index, {"up": up}, f"{IF}.1.7.{index}", 1 if up else 2
    alias = f"change {i}"
    return index, {"alias": alias}, f"{IFX}.1.18.{index}", alias.encode()


def measure_changes(name, links, count):
    """From the kernel's acknowledgement of a change to the answer that shows it."""
    stock = name == "snmpd"  # keeps an alias of its own, not the kernel's
    lab.set_link(socket.if_nametoindex("d1"), mtu=1500, alias="none", up=True)
    lab.set_link(socket.if_nametoindex("d2"), up=False)
    with System(name, links) as system:
        for i in range(count):
            # away from the phase of whatever timer there is
            time.sleep(random.uniform(0, 3 if stock else 0.02))
            index, change, oid, wanted = one_change(i, with_alias=not stock)
            lab.set_link(index, **change)
            start = time.perf_counter()
            while system.getter.get(oid, timeout=1) != wanted:
                if time.perf_counter() - start > 10:
                    raise RuntimeError(f"{name}: {change} not seen in 10 s")
            note("change", links, name, time.perf_counter() - start)


# ---- the report ---------------------------------------------------------------------

FIGURES = [  # figure, title, unit, how to print
    ("walk", "walk of ifTable and ifXTable, GETBULK of 25", "varbinds/s", "{:,.0f}"),
    ("side", "12 columns side by side, GETBULK of 8", "varbinds/s", "{:,.0f}"),
    ("ready", "exec until ifNumber.0 is right", "ms", "{:.1f}"),
    ("rss", "resident memory of the agent", "kB", "{:,.0f}"),
    ("link", "resident memory of one link over the base", "bytes", "{:,.0f}"),
    ("poll", "GET of 40 columns of a row, round trip, median", "us", "{:.0f}"),
    ("poll CPU", "GET of 40 columns of a row, CPU of all agents", "us", "{:.0f}"),
    ("IP walk", "walk of ipAddressTable and ipNetToPhysicalTable", "varbinds/s", "{:,.0f}"),
    ("IP get", "GET of an address and of a neighbour, CPU for each", "us", "{:.1f}"),
    ("IP row", "resident memory of an address or neighbour", "bytes", "{:,.0f}"),
    ("IP event", "change of a neighbour, CPU for each", "us", "{:.1f}"),
    ("walk CPU", "walk, CPU of all agents", "us/varbind", "{:.2f}"),
    ("idle CPU", "no requests, CPU of the agent", "ms/s", "{:.2f}"),
    ("idle calls", "no requests, system calls (by strace)", "calls/s", "{:,.1f}"),
    ("change", "change until a GET shows it, median", "ms", "{:.2f}"),
    ("change p99", "change until a GET shows it, p99", "ms", "{:.2f}"),
]
SCALE = {"ready": 1e3, "rss": 1 / 1024, "change": 1e3}


def derive():
    """Figures made of other figures: bytes of a link, the tail of the changes."""
    for (figure, links, name), values in list(samples.items()):
        if figure == "rss" and links != BASE and ("rss", BASE, name) in samples:
            base = statistics.median(samples["rss", BASE, name])
            for value in values:
                note("link", links, name, (value - base) / (links - BASE))
        if figure == "change" and len(values) >= 10:
            note("change p99", links, name, sorted(values)[len(values) * 99 // 100] * 1e3)


def target(figure, links, name, value, ratio):
    """The text of the target and whether it is met, or None where there is none."""
    if figure in ("walk", "side") and ratio is not None:
        if name == "standalone":
            least = 2.0 if links >= 10000 else 1.0
            return f">= {least:.1f} x", ratio >= least
        if name in OURS:
            return ">= 0.9 x", ratio >= 0.9
    if figure == "IP walk" and name == "standalone" and ratio is not None:
        return ">= 2.0 x", ratio >= 2
    if figure == "IP row" and name in OURS:
        return "< 200", value < 200
    if figure == "link" and name in OURS and links >= 1000:  # pages hide less
        return "< 2048", value < 2048
    if figure == "change" and name in OURS:
        return "< 5 ms", value < 5
    return None


# ---- the driver ---------------------------------------------------------------------


def read_arguments():
    parser = argparse.ArgumentParser(description="netmibd beside stock snmpd")
    parser.add_argument("--quick", action="store_true",
                        help="two small sizes, three runs, under a minute")
    parser.add_argument("--sizes", help="numbers of links, e.g. 10,100,1000,10000")
    parser.add_argument("--runs", type=int, help="runs of each measurement (5)")
    report.add_arguments(parser)
    parser.parse_args(namespace=args)
    sizes = args.sizes or ("10,100" if args.quick else "10,100,1000,10000")
    args.sizes = sorted({int(size) for size in sizes.split(",")})
    args.runs = args.runs or (3 if args.quick else 5)
    args.limit = 120 if args.quick else 1200
    if min(args.sizes) < 3 or max(args.sizes) > 50000:
        parser.error("sizes are from 3 to 50000")


def measure_size(names, links):
    runs = min(args.runs, 3) if links > AGENTX_ROWS else args.runs
    lab.grow(links)
    for run in range(runs):
        say(f"{links} links, run {run + 1} of {runs}")
        for name in names:
            attempt(f"{name}, {links} links", measure_run, name, links,
                    500 if args.quick else 2000)
    for name in names:
        if name not in ("standalone", "agentx", "agentx+follow"):
            continue
        attempt(f"change, {name}, {links} links", measure_changes, name, links, 50)
    if links == args.sizes[0]:
        attempt("change, snmpd", measure_changes, "snmpd", links, 3 if args.quick else 8)
    if not args.quick or links == args.sizes[-1]:
        say(f"{links} links, idle")
        idle = {"snmpd", "standalone", "agentx+follow"} & set(names)
        attempt(f"idle, {links} links", measure_idle, sorted(idle), links,
                4 if args.quick else 10)


class Bench(report.Bench):
    figures, scale = FIGURES, SCALE
    derive, target = staticmethod(derive), staticmethod(target)

    def measure(self, names):
        for _ in range(min(args.runs, 3)):
            for name in names:
                if SYSTEMS[name][1] != "null" and "pinned" not in name:
                    attempt(f"{name}, lo alone", measure_run, name, BASE, 0)
        attempt("addresses and neighbours", measure_ip,
                [name for name in ("snmpd", "standalone") if name in names],
                1 if args.quick else 3)
        for links in args.sizes:
            measure_size(names, links)


if __name__ == "__main__":
    read_arguments()
    report.run(Bench(), args, [NULL, CLIENT])
