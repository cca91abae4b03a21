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
import atexit
import json
import os
import platform
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # leave no files in the tree
import lab  # noqa: E402

NULL, CLIENT = "build/bench/null", "build/bench/client"
SNMPD = shutil.which("snmpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
NO_MODULES = "-smux,mteTrigger,mteTriggerConf"
IF, IFX = "1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1"
IF_NUMBER, SYS_UPTIME = "1.3.6.1.2.1.2.1.0", "1.3.6.1.2.1.1.3.0"
COLUMNS = [f"{IF}.1.{c}" for c in range(1, 23)] + [f"{IFX}.1.{c}" for c in range(1, 20)]
SIDE = ([f"{IF}.1.{c}" for c in (2, 4, 5, 7, 8, 10, 16)] +
        [f"{IFX}.1.{c}" for c in (1, 6, 10, 15, 18)])
IP = "1.3.6.1.2.1.4"
IP_ROOTS = [f"{IP}.34", f"{IP}.35"]
IP_ADDRESSES, IP_NEIGHBOURS = 10000, 50000
AGENTX_ROWS = 2000  # an AgentX walk takes so many rows of each column, no more
BASE = 1  # lo alone

SYSTEMS = {  # name: port, agent, follows its master, its master's CPU
    "snmpd": (1161, "snmpd", None, None),
    "standalone": (1162, "netmibd", None, None),
    "agentx": (1163, "netmibd", False, None),
    "null": (1163, "null", False, None),
    "agentx+follow": (1163, "netmibd", True, None),
    "null+follow": (1163, "null", True, None),
    "agentx+pinned": (1163, "netmibd", True, 0),
    "null+pinned": (1163, "null", True, 0),
}
PAIRS = [("standalone", "snmpd"), ("agentx", "null"), ("agentx+follow", "null+follow"),
         ("agentx+pinned", "null+pinned")]
OURS = [name for name, system in SYSTEMS.items() if system[1] == "netmibd"]

args = argparse.Namespace()
samples = {}  # (figure, links, system): one value for each run
failures = []


def note(figure, links, system, value):
    samples.setdefault((figure, links, system), []).append(value)


def say(text):
    print(f"[{time.perf_counter() - began:6.1f} s] {text}", file=sys.stderr, flush=True)


# ---- systems ------------------------------------------------------------------------


def write_confs():
    for name, port in (("snmpd", 1161), ("master", 1163)):
        with open(lab.path(name + ".conf"), "w") as f:
            f.write(f"rocommunity public\nagentAddress udp:127.0.0.1:{port}\n"
                    f"master agentx\nagentXSocket {agentx_socket(name)}\n")
    with open(lab.path("standalone.conf"), "w") as f:
        f.write("rocommunity public\n")
    for follow in ("yes", "no"):
        with open(lab.path(f"follow-{follow}.conf"), "w") as f:
            f.write(f"netmibdFollowMaster {follow}\n")


def agentx_socket(name):
    return "unix:" + lab.path(name + ".agentx")


def start_snmpd(name, modules, cpu=None):
    return lab.Child(name, [
        SNMPD, "-f", "-C", "-c", lab.path(name + ".conf"), "-Lf",
        lab.path(name + "-snmp.log"), "-p", lab.path(name + ".pid"), "-I", modules], cpu)


def start_netmibd(name, conf, *where):
    return lab.Child(name, [args.netmibd, *where, "-f", "-C", "-c", lab.path(conf), "-Lf",
                            lab.path(name + "-snmp.log")])


class System:
    """One of SYSTEMS, running, for `with`; .ready is the time it took to answer right."""

    def __init__(self, name, links):
        self.name, self.links = name, links
        self.port, self.agent, self.follow, self.cpu = SYSTEMS[name]
        self.children = []

    def __enter__(self):
        self.getter = lab.Getter(self.port)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stop()
        self.getter.close()

    def start(self):
        if self.port == 1163:
            modules = NO_MODULES + ",ifTable,ifXTable"
            self.children.append(start_snmpd("master", modules, self.cpu))
            self.wait(SYS_UPTIME, lambda value: value is not None)
        if self.agent == "snmpd":
            child = start_snmpd("snmpd", NO_MODULES)
        elif self.name == "standalone":
            child = start_netmibd(self.name, "standalone.conf",
                                  f"--standalone=udp:127.0.0.1:{self.port}")
        elif self.agent == "netmibd":
            child = start_netmibd(
                self.name, f"follow-{'yes' if self.follow else 'no'}.conf", "-x",
                agentx_socket("master"))
        else:
            child = lab.Child(self.name, [NULL, "-x", agentx_socket("master"), "-n",
                                          str(self.links)] + ["-F"] * self.follow)
        self.children.append(child)
        if self.agent != "null":
            self.ready = self.wait(IF_NUMBER, lambda value: value == self.links)
        last = self.links if self.agent == "null" else max(socket.if_nameindex())[0]
        self.wait(f"{IF}.1.1.{last}", lambda value: value == last)
        self.wait(f"{IFX}.1.1.{last}", lambda value: value is not None)

    def wait(self, oid, right, seconds=60):
        """Ask for OID until the answer is right: seconds since the last child's exec."""
        child = self.children[-1]
        while True:
            value = self.getter.get(oid, timeout=1)
            took = time.perf_counter() - child.started
            if right(value):
                return took
            child.check()
            if took > seconds:
                raise RuntimeError(f"{self.name}: {oid} is {value} after {seconds} s")
            time.sleep(0.001)

    def cpu_seconds(self):
        return sum(child.cpu_seconds() for child in self.children)

    def client(self, *args):
        """What the client found, as a dictionary, with the CPU time of the agents."""
        mode, *rest = args
        options = []
        while rest and rest[0].startswith("-"):
            options.append(rest.pop(0))
        before = self.cpu_seconds()
        done = subprocess.run(
            [CLIENT, "-T", "100", *options, mode, f"127.0.0.1:{self.port}", "public",
             *rest], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr.strip() or done.returncode}")
        found = {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", done.stdout)}
        found["cpu"] = self.cpu_seconds() - before
        return found


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


def attempt(what, function, *args):
    """A system that fails fails alone."""
    try:
        function(*args)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        failures.append(f"{what}: {error}")
        say(f"FAILED {what}: {error}")


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


def table():
    rows = []
    for figure, title, unit, form in FIGURES:
        for links in sorted({key[1] for key in samples if key[0] == figure}):
            for name in SYSTEMS:
                values = samples.get((figure, links, name))
                if not values:
                    continue
                scale = SCALE.get(figure, 1)
                value = statistics.median(values) * scale
                row = {"figure": figure, "title": title, "unit": unit, "links": links,
                       "system": name, "value": value, "text": form.format(value),
                       "spread": (max(values) - min(values)) * scale / (value or 1),
                       "beside": None, "ratio": None, "target": None, "met": None}
                beside = dict(PAIRS).get(name)
                if (figure, links, beside) not in samples:
                    beside = "snmpd" if name in OURS else None
                if (figure, links, beside) in samples:
                    other = statistics.median(samples[figure, links, beside]) * scale
                    row["beside"] = beside
                    row["ratio"] = value / other if other > 0 else None
                verdict = target(figure, links, name, value, row["ratio"])
                if verdict:
                    row["target"], row["met"] = verdict
                rows.append(row)
    return rows


def print_table(rows):
    titles = None
    for row in rows:
        if row["title"] != titles:
            titles = row["title"]
            print(f"\n{titles}, {row['unit']}")
            print(f"  {'rows':>6}  {'system':<14}{'median':>12}{'spread':>8}"
                  f"  {'ratio to':<20}{'target':<10}")
        beside = f"{row['ratio']:.3f} {row['beside']}" if row["ratio"] is not None else ""
        verdict = {True: "met", False: "NOT met", None: ""}[row["met"]]
        print(f"  {row['links']:>6}  {row['system']:<14}{row['text']:>12}"
              f"{row['spread']:>7.0%}   {beside:<20}{row['target'] or '':<10}"
              f"{verdict}".rstrip())


def host():
    version = subprocess.run([SNMPD, "-v"], capture_output=True, text=True).stdout
    return {"kernel": platform.release(), "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "net-snmp": "".join(re.findall(r"version:\s*(\S+)", version))}


# ---- the driver ---------------------------------------------------------------------


def read_arguments():
    parser = argparse.ArgumentParser(description="netmibd beside stock snmpd")
    parser.add_argument("--quick", action="store_true",
                        help="two small sizes, three runs, under a minute")
    parser.add_argument("--sizes", help="numbers of links, e.g. 10,100,1000,10000")
    parser.add_argument("--runs", type=int, help="runs of each measurement (5)")
    parser.add_argument("--json", help="write samples and results to this file")
    parser.add_argument("--netmibd", help="the binary to measure (build/netmibd)",
                        default="build/netmibd")
    parser.add_argument("--strict", action="store_true",
                        help="exit 1 when a target is not met")
    parser.parse_args(namespace=args)
    sizes = args.sizes or ("10,100" if args.quick else "10,100,1000,10000")
    args.sizes = sorted({int(size) for size in sizes.split(",")})
    args.runs = args.runs or (3 if args.quick else 5)
    args.limit = 120 if args.quick else 1200
    if min(args.sizes) < 3 or max(args.sizes) > 50000:
        parser.error("sizes are from 3 to 50000")


class OutOfTime(Exception):
    """The whole has taken too long; what there is gets reported."""


def on_signal(number, _frame):
    if number == signal.SIGALRM:
        raise OutOfTime
    sys.exit(128 + number)


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


def measure(names):
    for _ in range(min(args.runs, 3)):
        for name in names:
            if SYSTEMS[name][1] != "null" and "pinned" not in name:
                attempt(f"{name}, lo alone", measure_run, name, BASE, 0)
    attempt("addresses and neighbours", measure_ip,
            [name for name in ("snmpd", "standalone") if name in names],
            1 if args.quick else 3)
    for links in args.sizes:
        measure_size(names, links)


def main():
    read_arguments()
    if os.geteuid() != 0 or not SNMPD:
        sys.exit("bench: must be root, and snmpd must be there")
    for binary in (NULL, CLIENT):
        if not os.access(binary, os.X_OK):
            sys.exit(f"bench: no {binary} here; make it first")
    names = list(SYSTEMS)
    if not os.access(args.netmibd, os.X_OK):
        say(f"no {args.netmibd} here: the baselines alone")
        names = [name for name in names if name not in OURS]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, on_signal)
    signal.alarm(args.limit)
    atexit.register(lab.leave)
    lab.enter()
    write_confs()
    try:
        measure(names)
    except OutOfTime:
        failures.append(f"not done after {args.limit} s")
    signal.alarm(0)
    report()


def report():
    derive()
    rows = table()
    facts = host()
    print(f"kernel {facts['kernel']} {facts['machine']}, {facts['cpus']} CPUs, "
          f"Net-SNMP {facts['net-snmp']}; again with:")
    command = "python3 tests/bench/bench.py " + " ".join(sys.argv[1:])
    print(f"  {command.strip()}")
    print_table(rows)
    met = sum(row["met"] is True for row in rows)
    missed = sum(row["met"] is False for row in rows)
    print(f"\n{met} targets met, {missed} NOT met, {len(failures)} measurements failed, "
          f"{time.perf_counter() - began:.0f} s")
    for failure in failures:
        print(f"  failed: {failure}")
    if args.json:
        with open(args.json, "w") as f:
            runs = [{"figure": figure, "links": links, "system": name, "values": values}
                    for (figure, links, name), values in samples.items()]
            json.dump({"host": facts, "command": command, "rows": rows, "samples": runs,
                       "failures": failures}, f, indent=1)
    sys.exit(1 if failures or (args.strict and missed) else 0)


if __name__ == "__main__":
    began = time.perf_counter()
    main()
