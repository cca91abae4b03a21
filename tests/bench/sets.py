#!/usr/bin/env python3
"""The bench of SETs: routes and addresses created and destroyed beside `ip -batch`.

Run as root from the top of the tree, with build/netmibd and what is in build/bench made
(`make bench` does all of it).  Everything happens in a network namespace of its own: a
link with 200 gateways, over which routes of IPv4 come and go (createAndGo with an ifIndex,
destroy), and addresses in its prefix; 8 rows are in one PDU, the next one is sent when the
answer has come.  Each run has ip and every system in turn, and each must leave nothing
behind.  Figures are medians of the runs.  The systems are those of bench.py and

  ip             `ip -batch`, which makes a request of each line
"""

import argparse
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # leave no files in the tree
import lab  # noqa: E402
import report  # noqa: E402
import systems  # noqa: E402
from report import attempt, note, say  # noqa: E402
from systems import CLIENT, System  # noqa: E402

ROUTE, ADDRESS = "1.3.6.1.2.1.4.24.7.1", "1.3.6.1.2.1.4.34.1"
ROUTE_NUMBER = "1.3.6.1.2.1.4.24.6.0"
CREATE_AND_GO, DESTROY = 4, 6
ROWS = 8  # in one PDU
NAMES = ("standalone", "agentx", "agentx+follow")

args = argparse.Namespace()


class SetSystem(System):
    master_modules = System.master_modules + (
        ",inetCidrRouteTable,ipCidrRouteTable,ipAddressTable")

    def set(self, path):
        return self.client("set", str(ROWS), path, community="private")


# ---- rows ---------------------------------------------------------------------------


def address(i):
    return 10, 9, 100 + i // 250, 1 + i % 250


class Routes:
    what = "route"

    @staticmethod
    def lines(verb, numbers):
        return lab.route_lines(verb, numbers)

    @staticmethod
    def rows(index, create, numbers):
        for i in numbers:
            to, gateway = lab.route(i)
            at = ".".join(["1.4", *map(str, to), "24.2.0.0.1.4", *map(str, gateway)])
            yield (f"{ROUTE}.7.{at} {index} {ROUTE}.17.{at} {CREATE_AND_GO}" if create else
                   f"{ROUTE}.17.{at} {DESTROY}")

    @staticmethod
    def count():
        return lab.count_routes()


class Addresses:
    what = "address"

    @staticmethod
    def lines(verb, numbers):
        for i in numbers:
            yield f"addr {verb} {'.'.join(map(str, address(i)))}/16 dev {lab.ROUTE_LINK}"

    @staticmethod
    def rows(index, create, numbers):
        for i in numbers:
            at = ".".join(["1.4", *map(str, address(i))])
            yield (f"{ADDRESS}.3.{at} {index} {ADDRESS}.10.{at} {CREATE_AND_GO}" if create
                   else f"{ADDRESS}.10.{at} {DESTROY}")

    @staticmethod
    def count():
        return subprocess.run(["ip", "-o", "addr", "show"], check=True,
                              capture_output=True).stdout.count(b"\n")


# ---- measurements -------------------------------------------------------------------


def expect(rows, wanted):
    have = rows.count()
    if have != wanted:
        raise RuntimeError(f"the kernel has {have} of {rows.what}, not {wanted}")


def measure_ip(rows, size, files):
    base = rows.count()
    for figure, path, there in zip(figures_of(rows), files, (size, 0)):
        begin = time.perf_counter()
        lab.run_batch(path)
        note(figure, size, "ip", size / (time.perf_counter() - begin))
        expect(rows, base + there)


def measure_set(name, rows, size, files):
    base, routes = rows.count(), lab.count_routes()
    with SetSystem(name, len(os.listdir("/sys/class/net"))) as system:
        for figure, path, there in zip(figures_of(rows), files, (size, 0)):
            found = system.set(path)
            note(figure, size, name, size / found["seconds"])
            note(figure + " CPU", size, name, found["cpu"] / size * 1e6)
            expect(rows, base + there)
            if rows is Routes:
                number = system.getter.get(ROUTE_NUMBER, timeout=5)
                if number != routes + there:
                    raise RuntimeError(f"{name}: {number} rows of {routes + there}")


def clear(rows, size):
    """What a failure has left behind, so that the next measurement begins as this one."""
    path = lab.batch("clear", rows.lines("del", range(size)))
    subprocess.run(["ip", "-force", "-batch", path], stderr=subprocess.DEVNULL, timeout=180)


# ---- the report ---------------------------------------------------------------------


def figures_of(rows):
    return f"create {rows.what}", f"destroy {rows.what}"


FIGURES = [  # figure, title, unit, how to print
    (f"{verb} {rows.what}{more}", title.format(rows.what + "s" * (rows is Routes) +
                                               "es" * (rows is Addresses), verb),
     unit, form)
    for rows in (Routes, Addresses) for verb in ("create", "destroy")
    for more, title, unit, form in (
        ("", f"{{0}} by SET, {ROWS} in a PDU: {{1}}", "rows/s", "{:,.0f}"),
        (" CPU", "the same, CPU of the agent and its master", "us/row", "{:.1f}"))]


class Bench(report.Bench):
    figures = FIGURES

    def beside(self, figure, size, name):
        return "ip" if name != "ip" and (figure, size, "ip") in report.samples else None

    def target(self, figure, size, name, value, ratio):
        if figure in figures_of(Routes) and name == "standalone":
            return ">= 2,000", value >= 2000
        return None

    def measure(self, names):
        index = lab.grow_route_link()
        for rows, size in ((Routes, args.routes), (Addresses, args.addresses)):
            numbers = range(size)
            lines = [lab.batch(f"{rows.what}-{verb}", rows.lines(verb, numbers))
                     for verb in ("add", "del")]
            sets = [lab.batch(f"{rows.what}-set-{create}",
                              rows.rows(index, create, numbers))
                    for create in (True, False)]
            for run in range(args.runs):
                say(f"{size} of {rows.what}, run {run + 1} of {args.runs}")
                for name in ("ip", *(name for name in NAMES if name in names)):
                    function = (measure_ip, rows, size, lines) if name == "ip" else (
                        measure_set, name, rows, size, sets)
                    base = rows.count()
                    attempt(f"{rows.what}, {name}", *function)
                    if rows.count() != base:
                        clear(rows, size)


def read_arguments():
    parser = argparse.ArgumentParser(description="SETs of netmibd")
    parser.add_argument("--quick", action="store_true", help="fewer rows, one run")
    parser.add_argument("--routes", type=int, help="how many (10000)")
    parser.add_argument("--addresses", type=int, help="how many (1000)")
    parser.add_argument("--runs", type=int, help="runs of each measurement (3)")
    report.add_arguments(parser)
    parser.parse_args(namespace=args)
    args.routes = args.routes or (2000 if args.quick else 10000)
    args.addresses = args.addresses or (200 if args.quick else 1000)
    args.runs = args.runs or (1 if args.quick else 3)
    args.limit = 60 if args.quick else 600
    if args.addresses > 25000:
        parser.error("no more than 25000 addresses")
    if not shutil.which("ip"):
        parser.error("ip (iproute2) must be there")


if __name__ == "__main__":
    read_arguments()
    report.run(Bench(), args, [CLIENT])
