"""What the benches have in common besides the systems: samples, tables, the driver.

A bench notes samples of figures, each for a size and a system, and run() prints the
medians, beside those of another system and beside a target where there is one.

Used by bench.py, routes.py, sets.py and traps.py.
"""

import atexit
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import time

import lab
import systems

began = time.perf_counter()
samples = {}  # (figure, size, system): one value for each run
failures = []
remarks = []  # sentences below the tables


def note(figure, size, system, value):
    samples.setdefault((figure, size, system), []).append(value)


def say(text):
    print(f"[{time.perf_counter() - began:6.1f} s] {text}", file=sys.stderr, flush=True)


def attempt(what, function, *args):
    """A system that fails fails alone."""
    try:
        function(*args)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        failures.append(f"{what}: {error}")
        say(f"FAILED {what}: {error}")


class Bench:
    """A bench: its figures, and what it makes of them."""

    figures = []  # (figure, title, unit, how to print)
    scale = {}  # figure: what its samples are multiplied with
    pairs = systems.PAIRS  # system: the one it is measured against

    def measure(self, names):
        raise NotImplementedError

    def derive(self):
        """Notes figures that are made of other figures."""

    def target(self, figure, size, name, value, ratio):
        """The text of the target and whether it is met, or None where there is none."""

    def beside(self, figure, size, name):
        """The system that the figure's ratio is to, or None."""
        other = self.pairs.get(name)
        if (figure, size, other) not in samples:
            other = "snmpd" if name in systems.OURS else None
        return other if (figure, size, other) in samples else None

    def row(self, figure, title, unit, form, size, name):
        values, scale = samples[figure, size, name], self.scale.get(figure, 1)
        value = statistics.median(values) * scale
        row = {"figure": figure, "title": title, "unit": unit, "size": size,
               "system": name, "value": value, "text": form.format(value),
               "spread": (max(values) - min(values)) * scale / (value or 1),
               "beside": self.beside(figure, size, name), "ratio": None, "target": None,
               "met": None}
        if row["beside"]:
            other = statistics.median(samples[figure, size, row["beside"]]) * scale
            row["ratio"] = value / other if other > 0 else None
        verdict = self.target(figure, size, name, value, row["ratio"])
        if verdict:
            row["target"], row["met"] = verdict
        return row

    def table(self):
        order = list(systems.SYSTEMS)
        return [self.row(figure, title, unit, form, size, name)
                for figure, title, unit, form in self.figures
                for size in sorted({key[1] for key in samples if key[0] == figure})
                for name in sorted(
                    {key[2] for key in samples if key[:2] == (figure, size)},
                    key=lambda name: (order.index(name) if name in order else -1, name))]


def print_table(rows):
    titles = None
    for row in rows:
        if row["title"] != titles:
            titles = row["title"]
            print(f"\n{titles}, {row['unit']}")
            print(f"  {'rows':>7}  {'system':<14}{'median':>12}{'spread':>8}"
                  f"  {'ratio to':<20}{'target':<12}")
        beside = f"{row['ratio']:.3f} {row['beside']}" if row["ratio"] is not None else ""
        verdict = {True: "met", False: "NOT met", None: ""}[row["met"]]
        print(f"  {row['size']:>7}  {row['system']:<14}{row['text']:>12}"
              f"{row['spread']:>7.0%}   {beside:<20}{row['target'] or '':<12}"
              f"{verdict}".rstrip())


def host():
    version = subprocess.run([systems.SNMPD, "-v"], capture_output=True, text=True).stdout
    return {"kernel": platform.release(), "machine": platform.machine(),
            "cpus": os.cpu_count(),
            "net-snmp": "".join(re.findall(r"version:\s*(\S+)", version))}


# ---- the driver ---------------------------------------------------------------------


def add_arguments(parser):
    parser.add_argument("--json", help="write samples and results to this file")
    parser.add_argument("--netmibd", help="the binary to measure (build/netmibd)",
                        default="build/netmibd")
    parser.add_argument("--strict", action="store_true",
                        help="exit 1 when a target is not met")


class OutOfTime(Exception):
    """The whole has taken too long; what there is gets reported."""


def on_signal(number, _frame):
    if number == signal.SIGALRM:
        raise OutOfTime
    sys.exit(128 + number)


def run(bench, args, programs):
    """Measures for args.limit seconds at most, reports and exits."""
    if os.geteuid() != 0 or not systems.SNMPD:
        sys.exit("bench: must be root, and snmpd must be there")
    for binary in programs:
        if not os.access(binary, os.X_OK):
            sys.exit(f"bench: no {binary} here; make it first")
    systems.netmibd = args.netmibd
    names = list(systems.SYSTEMS)
    if not os.access(args.netmibd, os.X_OK):
        say(f"no {args.netmibd} here: the baselines alone")
        names = [name for name in names if name not in systems.OURS]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, on_signal)
    signal.alarm(args.limit)
    atexit.register(lab.leave)
    lab.enter()
    systems.write_confs()
    try:
        bench.measure(names)
    except OutOfTime:
        failures.append(f"not done after {args.limit} s")
    signal.alarm(0)
    print_report(bench, args)


def print_report(bench, args):
    bench.derive()
    rows = bench.table()
    facts = host()
    print(f"kernel {facts['kernel']} {facts['machine']}, {facts['cpus']} CPUs, "
          f"Net-SNMP {facts['net-snmp']}; again with:")
    command = f"python3 tests/bench/{os.path.basename(sys.argv[0])} " + \
        " ".join(sys.argv[1:])
    print(f"  {command.strip()}")
    print_table(rows)
    if remarks:
        print()
    for remark in remarks:
        print(remark)
    met = sum(row["met"] is True for row in rows)
    missed = sum(row["met"] is False for row in rows)
    print(f"\n{met} targets met, {missed} NOT met, {len(failures)} measurements failed, "
          f"{time.perf_counter() - began:.0f} s")
    for failure in failures:
        print(f"  failed: {failure}")
    if args.json:
        with open(args.json, "w") as f:
            runs = [{"figure": figure, "size": size, "system": name, "values": values}
                    for (figure, size, name), values in samples.items()]
            json.dump({"host": facts, "command": command, "rows": rows, "samples": runs,
                       "failures": failures}, f, indent=1)
    sys.exit(1 if failures or (args.strict and missed) else 0)
