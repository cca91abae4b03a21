#!/usr/bin/env python3
"""The bench of routes: netmibd beside a bare dump, stock snmpd and the null subagent.

Run as root from the top of the tree, with build/netmibd and what is in build/bench made
(`make bench` does all of it).  Everything happens in a network namespace of its own: a
link with 200 gateways of each family, and for each size so many routes of IPv4 and a
fifth as many of IPv6 (a size is the number of those of IPv4).  Figures are medians of the
runs, and each run starts every system in turn.  The systems are those of bench.py and

  dump           tests/bench/dump, which reads all routes and keeps none
  ip             `ip -batch` while it changes routes
  engine         tests/bench/seek: netmibd's mirror and engine without kernel and SNMP
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # leave no files in the tree
import lab  # noqa: E402
import report  # noqa: E402
import systems  # noqa: E402
from report import attempt, note, say  # noqa: E402
from systems import CLIENT, NULL, OURS, System, read_figures  # noqa: E402

DUMP, SEEK = "build/bench/dump", "build/bench/seek"
ROUTES = "1.3.6.1.2.1.4.24"
ROUTE_NUMBER, TABLE = f"{ROUTES}.6.0", f"{ROUTES}.7"
COLUMNS = [f"{TABLE}.1.{c}" for c in range(7, 18)]
LARGE = 1000000  # from here on a walk takes WALK_ROWS of three columns
WALK_COLUMNS, WALK_ROWS = [f"{TABLE}.1.{c}" for c in (7, 10, 17)], 200000
AGENTX_ROWS = 2000  # an AgentX walk takes so many rows of each column
STOCK_SECONDS = 60  # that stock snmpd gets to read the routes, and to walk them
CHURN = 100000  # routes that come and go
CHURN_FIRST = "100.0.0.0"
MANAGERS = {  # what asks while they do; the second waits 1 ms after each response
    "churn": None, "churn walk": ("walk", "-w1", "-r100000", "25", TABLE),
    "churn flood": ("walk", "-r100000", "25", TABLE),
}
PROBE_MS = 5  # how often an agent is asked while it is at work

args = argparse.Namespace()


class RouteSystem(System):
    """A system is ready when it has the right number of routes."""

    master_modules = System.master_modules + ",inetCidrRouteTable,ipCidrRouteTable"

    def __init__(self, name, routes):
        super().__init__(name, len(os.listdir("/sys/class/net")))
        self.routes = routes

    def null_options(self):
        return ["-n", str(self.links), "-r", str(AGENTX_ROWS)]

    def wait_ready(self):
        if self.agent == "null":
            self.wait(instance(7, 0, (10, 9, 0, 2)), lambda value: value is not None)
        elif self.agent == "netmibd":
            self.ready = self.wait(ROUTE_NUMBER, lambda value: value == self.routes)
            self.ready_cpu = self.children[-1].cpu_seconds()
        else:
            self.wait(systems.IF_NUMBER, lambda value: value == self.links)

    def counts(self):
        """What netmibd logs at a SIGUSR1."""
        log = lab.path(self.name + "-snmp.log")
        end = os.path.getsize(log)
        self.children[-1].process.send_signal(signal.SIGUSR1)
        deadline = time.perf_counter() + 10
        while time.perf_counter() < deadline:
            with open(log, errors="replace") as f:
                f.seek(end)
                text = f.read()
            found = re.search(r"mirror: (\w+),.*kernel: (\d+) events, .* lost (\d+) times, "
                              r"(\d+) resyncs.*on demand", text, re.S)
            if found:
                return {"state": found[1], "events": int(found[2]), "lost": int(found[3]),
                        "resyncs": int(found[4])}
            time.sleep(0.01)
        raise RuntimeError(f"{self.name}: no answer to SIGUSR1: {text[-200:]}")


def instance(column, i, gateway=None):
    """The OID of a column of the I-th route of IPv4, policy { 0 0 }."""
    to, own_gateway = lab.route(i)
    return ".".join([f"{TABLE}.1.{column}.1.4", *map(str, to), "24.2.0.0.1.4",
                     *map(str, gateway or own_gateway)])


# ---- the load -----------------------------------------------------------------------


def measure_dump(size, routes):
    done = subprocess.run([DUMP], check=True, capture_output=True, text=True, timeout=120)
    found = read_figures(done.stdout)
    if found["routes"] < routes:  # it sees those of the local table, too
        raise RuntimeError(f"dump: {found['routes']} routes instead of {routes}")
    note("load", size, "dump", found["seconds"])
    note("load CPU", size, "dump", found["cpu"])
    note("load gap", size, "dump", found["longest_us"] / 1e6)


def measure_load(_figure, size, routes, base):
    with RouteSystem("standalone", routes) as system:
        note("load", size, "standalone", system.ready)
        note("load CPU", size, "standalone", system.ready_cpu)
        note("row", size, "standalone", (system.children[-1].rss() - base) / routes)
        note("peak row", size, "standalone",
             (system.children[-1].rss("VmHWM") - base) / routes)


class Manager:
    """A client at work beside us."""

    def __init__(self, system, command):
        self.process = subprocess.Popen(
            system.client_command(command[0], list(command[1:])),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stop(self):
        """What it has found; it must not have ended by itself."""
        if self.process.poll() is None:
            self.process.terminate()
            out, error = self.process.communicate(timeout=10)
            if self.process.returncode == 0:
                return read_figures(out)
        else:
            error = self.process.communicate()[1]
        raise RuntimeError(f"the manager ended: {error.strip()}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Probe(Manager):
    """A GET of ifNumber each 5 ms."""

    def __init__(self, system):
        super().__init__(
            system, ("poll", f"-w{PROBE_MS}", "1000000", systems.IF_NUMBER))

    def longest(self, since=None):
        """Ends it: the longest time without an answer in s; with SINCE, what passed from
        then to the first answer counts, too."""
        found = self.stop()
        first = found["first_at"] - since if since is not None else 0
        return max(found["max_us"] / 1e6, first)


class ProbedSystem(RouteSystem):
    """Asked by another process from its first answer on: .gap is the longest wait."""

    def wait_ready(self):
        while not self.getter.answered:
            self.getter.get(systems.IF_NUMBER, timeout=0.02)
            self.children[-1].check()
        probe = Probe(self)
        try:
            super().wait_ready()
            time.sleep(0.1)
            self.gap = probe.longest()
        finally:
            probe.kill()


def measure_load_gap(_figure, size, routes):
    with ProbedSystem("standalone", routes) as system:
        note("load gap", size, "standalone", system.gap)


def measure_resync(_figure, size, routes, base, batches):
    """An overrun: the agent is stopped while the kernel has too much to say."""
    with RouteSystem("standalone", routes) as system:
        agent = system.children[-1].process
        agent.send_signal(signal.SIGSTOP)
        try:
            for batch in batches:
                lab.run_batch(batch)
            probe = Probe(system)
            time.sleep(0.3)
        finally:
            since = time.perf_counter()  # CLOCK_MONOTONIC, too
            agent.send_signal(signal.SIGCONT)
        try:
            while True:
                counts = system.counts()
                took = time.perf_counter() - since
                if counts["state"] == "synced" and counts["resyncs"]:
                    break
                if took > 60:
                    raise RuntimeError(f"no resync after an overrun: {counts}")
                time.sleep(0.05)
            note("resync", size, "standalone", took)
            note("resync gap", size, "standalone", probe.longest(since))
        finally:
            probe.kill()
        if not counts["lost"]:
            raise RuntimeError("no event was lost")
        system.wait(ROUTE_NUMBER, lambda value: value == routes)
        note("resync peak row", size, "standalone",
             (system.children[-1].rss("VmHWM") - base) / routes)


# ---- requests -----------------------------------------------------------------------


def measure_walk(name, size, routes):
    with RouteSystem(name, routes) as system:
        if size >= LARGE:
            options, wanted = [f"-l{WALK_ROWS}"], WALK_ROWS * len(WALK_COLUMNS)
            roots = WALK_COLUMNS
        else:
            again = max(1, 10000 // size)
            options, wanted = [f"-r{again}"], again * routes * len(COLUMNS)
            roots = [TABLE]
        found = system.client("walk", *options, "25", *roots)
        if found["varbinds"] != wanted:
            raise RuntimeError(f"{name}: {found['varbinds']} varbinds of {routes} routes")
        note_walk(name, size, found)


def note_walk(name, size, found):
    note("walk", size, name, found["rate"])
    note("walk CPU", size, name, found["cpu"] / found["varbinds"] * 1e6)


def measure_agentx(name, size, routes):
    with RouteSystem(name, routes) as system:
        found = system.client("walk", f"-l{AGENTX_ROWS}", "25", *COLUMNS)
        note("agentx", size, name, found["rate"])


def measure_stock(name, size, routes):
    """Reading the routes is not part of the walk."""
    with RouteSystem(name, routes) as system:
        what = "read"
        try:
            system.client("walk", f"-t{STOCK_SECONDS}", "-l1", "1", COLUMNS[0],
                          limit=STOCK_SECONDS)
            note("load", size, name,
                 time.perf_counter() - system.children[-1].started)
            what = "walk"
            again = max(1, 10000 // size)
            note_walk(name, size, system.client(
                "walk", f"-t{STOCK_SECONDS}", f"-r{again}", "25", TABLE,
                limit=STOCK_SECONDS))
        except RuntimeError as error:
            if not re.search("timeout|took too long", str(error)):
                raise
            stock_fails.add(size)
            report.remarks.append(
                f"snmpd, {size} routes: did not finish to {what} them in {STOCK_SECONDS} s "
                f"({system.cpu_seconds():.0f} s of CPU); not tried at larger sizes.")


stock_fails = set()  # sizes at which stock snmpd did not finish


def measure_seek(_figure, size):
    done = subprocess.run([SEEK, str(size)], capture_output=True, text=True, timeout=130)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"seek: {done.returncode}")
    found = read_figures(done.stdout)
    note("seek", size, "engine", found["seek_us"])
    note("put", size, "engine", found["put_us"])
    note("again", size, "engine", found["again_us"])


def measure_next(_figure, size, routes):
    """GETNEXT of one instance in a PDU of its own, by the client, at random places."""
    with RouteSystem("standalone", routes) as system:
        cpu = pdus = 0
        for _ in range(20):
            oids = [instance(random.randrange(7, 17), random.randrange(size))
                    for _ in range(128)]
            found = system.client("walk", "-l1", "1", *oids)
            cpu, pdus = cpu + found["cpu"], pdus + found["pdus"]
        note("next", size, "standalone", cpu / pdus * 1e6)


# ---- changes ------------------------------------------------------------------------


def measure_churn(figure, size, routes, batches):
    with RouteSystem("standalone", routes) as system:
        manager = Manager(system, MANAGERS[figure]) if MANAGERS[figure] else None
        try:
            before = system.cpu_seconds()
            ip = sum(lab.run_batch(batch) for batch in batches)
            system.wait(ROUTE_NUMBER, lambda value: value == routes)
            used = system.cpu_seconds() - before
            if manager:
                manager.stop()
        finally:
            if manager:
                manager.kill()
        counts = system.counts()
        if counts["events"] < 2 * CHURN and not counts["lost"]:
            raise RuntimeError(f"only {counts['events']} events")
        note(figure, size, "ip", ip / CHURN / 2)
        note(figure, size, "standalone", used / CHURN / 2)
        note(figure + " lost", size, "standalone", counts["lost"] + counts["resyncs"])


def measure_change(name, size, routes, index, count=50):
    to, gateway = lab.route(0, CHURN_FIRST)
    oid = ".".join([f"{TABLE}.1.17.1.4", *map(str, to), "24.2.0.0.1.4",
                    *map(str, gateway)])
    with RouteSystem(name, routes) as system:
        for i in range(count):
            time.sleep(random.uniform(0, 0.02))
            wanted = None if i % 2 else 1
            lab.set_route(index, to, gateway, there=wanted is not None)
            start = time.perf_counter()
            while system.getter.get(oid, timeout=1) != wanted:
                if time.perf_counter() - start > 10:
                    raise RuntimeError(f"{name}: a route not seen in 10 s")
            note("change", size, name, time.perf_counter() - start)


# ---- the report ---------------------------------------------------------------------

FIGURES = [  # figure, title, unit, how to print
    ("load", "exec until inetCidrRouteNumber.0 is right", "ms", "{:,.1f}"),
    ("load CPU", "the same, CPU", "ms", "{:,.1f}"),
    ("load gap", "the same, longest time without an answer; of dump: one receive", "ms",
     "{:,.1f}"),
    ("row", "resident memory of a route over the base", "octets", "{:,.1f}"),
    ("peak row", "the same, highest while it was read", "octets", "{:,.1f}"),
    ("resync", "from an overrun until all is true again", "ms", "{:,.0f}"),
    ("resync gap", "the same, longest time without an answer", "ms", "{:,.1f}"),
    ("resync peak row", "the same, highest memory of a route", "octets", "{:,.1f}"),
    ("put", "a route of the first dump into the mirror, CPU", "us", "{:.2f}"),
    ("again", "a route of a second dump into the mirror, CPU", "us", "{:.2f}"),
    ("seek", "GETNEXT at a random place, CPU of the engine", "us", "{:.2f}"),
    ("next", "the same from a client, CPU of the agent", "us", "{:.1f}"),
    ("walk", "walk of inetCidrRouteTable, GETBULK of 25", "varbinds/s", "{:,.0f}"),
    ("walk CPU", "the same, CPU of the agent", "us/varbind", "{:.2f}"),
    ("agentx", f"{AGENTX_ROWS} rows of it over AgentX", "varbinds/s", "{:,.0f}"),
    ("churn", "a route that comes or goes, CPU", "us", "{:.2f}"),
    ("churn lost", "the same, overruns and resyncs", "of a run", "{:.0f}"),
    ("churn walk", "the same while a manager walks, answers included", "us", "{:.2f}"),
    ("churn walk lost", "the same, overruns and resyncs", "of a run", "{:.0f}"),
    ("churn flood", "the same while one walks as fast as it can", "us", "{:.2f}"),
    ("churn flood lost", "the same, overruns and resyncs", "of a run", "{:.0f}"),
    ("change", "change of a route until a GET shows it", "ms", "{:.2f}"),
]
SCALE = {"load": 1e3, "load CPU": 1e3, "load gap": 1e3, "resync": 1e3, "resync gap": 1e3,
         "churn": 1e6, "churn walk": 1e6, "churn flood": 1e6, "change": 1e3}
BESIDE = {"load": "dump", "load CPU": "dump", "load gap": "dump", "churn": "ip",
          "churn walk": "ip", "churn flood": "ip"}
MOST = {  # figure: text of the target, the most it may be
    "row": ("<= 112", 112), "load gap": ("<= 50 ms", 50), "resync gap": ("<= 50 ms", 50),
    "churn lost": ("0", 0), "churn walk lost": ("0", 0), "churn flood lost": ("0", 0),
    "change": ("< 5 ms", 5),
}


class Bench(report.Bench):
    figures, scale = FIGURES, SCALE
    WALKS = {"snmpd": ("snmpd", measure_stock), "standalone": ("walk", measure_walk)}

    def beside(self, figure, size, name):
        if figure in BESIDE and name == "standalone":
            other = BESIDE[figure]
            return other if (figure, size, other) in report.samples else None
        return super().beside(figure, size, name)

    def target(self, figure, size, name, value, ratio):
        if name not in (*OURS, "engine"):
            return None
        if figure in ("load", "churn", "churn walk") and ratio is not None:
            most = 2 if figure == "load" else 1
            if figure == "load" and size < 100000:
                return None  # it is the start of a process that takes the time
            return f"<= {most} x", ratio <= most
        if figure == "walk":
            if ratio is not None and ratio < 2:
                return ">= 2.0 x", False
            return ">= 150,000", value >= 150000
        if figure == "agentx" and ratio is not None:
            return ">= 0.9 x", ratio >= 0.9
        if figure == "seek" and size >= LARGE:
            return "<= 2.5", value <= 2.5
        if figure == "row" and size < 100000:
            return None  # pages hide it
        if figure in MOST:
            text, most = MOST[figure]
            return text, value <= most
        return None

    def measure(self, names):
        names = [name for name in names if name != "snmpd" or not args.no_stock]
        index = lab.grow_route_link()
        kernels = lab.count_routes()  # the kernel's own routes
        base = 0
        if "standalone" in names:
            with RouteSystem("standalone", kernels) as system:
                system.client("walk", "25", TABLE)
                base = system.children[-1].rss()
        churn = [lab.batch(f"churn-{verb}",
                           lab.route_lines(verb, range(CHURN), CHURN_FIRST))
                 for verb in ("add", "del")]
        have = 0
        for size in args.sizes:
            say(f"{size} routes and {size // 5} of IPv6: making them")
            lab.run_batch(lab.batch("grow", lab.route_lines("add", range(have, size))))
            lab.run_batch(lab.batch(
                "grow", lab.route6_lines("add", range(have // 5, size // 5))))
            have = size
            routes = kernels + size + size // 5
            self.measure_size(names, size, routes, base, churn, index)

    def measure_size(self, names, size, routes, base, churn, index):
        for run in range(args.runs):
            say(f"{size} routes, run {run + 1} of {args.runs}")
            attempt(f"dump, {size} routes", measure_dump, size, routes)
            if "standalone" in names:
                for what, function, *rest in (
                        ("load", measure_load, routes, base),
                        ("load gap", measure_load_gap, routes),
                        ("resync", measure_resync, routes, base, churn),
                        ("seek", measure_seek),
                        ("next", measure_next, routes),
                        *((figure, measure_churn, routes, churn)
                          for figure in MANAGERS)):
                    if self.wanted(what, size):
                        attempt(f"{what}, {size} routes", function, what, size, *rest)
            for name in names:
                what, function = self.WALKS.get(name, ("agentx", measure_agentx))
                if self.wanted(what, size):
                    attempt(f"walk, {name}, {size} routes", function, name, size, routes)
        for name in names:
            if name in ("standalone", "agentx+follow") and self.wanted("change", size):
                attempt(f"change, {name}, {size} routes", measure_change, name, size,
                        routes, index)
        if "snmpd" in names and size == args.sizes[0]:
            report.remarks.append("change, snmpd: not waited for; it reads the routes "
                                  "anew when they are older than 60 s.")

    def wanted(self, what, size):
        if args.only and what not in args.only.split(","):
            return False
        if what == "snmpd":
            return size < LARGE and not any(size >= failed for failed in stock_fails)
        if what == "agentx" or what in MANAGERS:
            return size == args.sizes[-1] or size == 10000
        if what == "resync":
            return size >= 100000 or size == args.sizes[-1]
        return True


def read_arguments():
    parser = argparse.ArgumentParser(description="netmibd's routes")
    parser.add_argument("--quick", action="store_true",
                        help="two small sizes, one run, about a minute")
    parser.add_argument("--sizes", help="numbers of routes of IPv4, in any order")
    parser.add_argument("--runs", type=int, help="runs of each measurement (3)")
    parser.add_argument("--only", help="these measurements alone: load, load gap, resync, "
                        "seek, next, churn, churn walk, churn flood, walk, snmpd, "
                        "agentx, change")
    parser.add_argument("--no-stock", action="store_true", help="without stock snmpd")
    report.add_arguments(parser)
    parser.parse_args(namespace=args)
    sizes = args.sizes or ("1000,10000" if args.quick else "1000,10000,100000,1000000")
    args.sizes = sorted({int(size) for size in sizes.split(",")})
    args.runs = args.runs or (1 if args.quick else 3)
    args.limit = 180 if args.quick else 1500
    if min(args.sizes) < 100 or max(args.sizes) > LARGE:
        parser.error(f"sizes are from 100 to {LARGE}")
    if not shutil.which("ip"):
        parser.error("ip (iproute2) must be there")


if __name__ == "__main__":
    read_arguments()
    report.run(Bench(), args, [NULL, CLIENT, DUMP, SEEK])
