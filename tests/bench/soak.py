#!/usr/bin/env python3
"""The soak: a mixed load for a long time, while links come and go.

    tests/bench/soak.py [--minutes 30] [--rate 1000] [--pause 2] [--mode standalone|agentx]

Run as root from the top of the tree, with build/netmibd made (`make soak` does all of it).
Everything happens in a network namespace of its own. Four walk all that is served, one asks
for single objects, one sets an alias and creates and destroys a route, so many requests a
second in all, as far as the answers allow. Meanwhile links are made, renamed, changed and
deleted by dozens, with a pause of seconds after each round: without it all requests wait for
the kernel, which deletes a link in some 10 ms and answers nobody meanwhile. Each minute is one
line. At the end the mirror must be what the kernel has, no answer may have been wrong, no walk
out of order, and netmibd may not have grown by more than 5 % since the first minute, nor have
another file open. Exit status 1 if not.
"""

import argparse
import os
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True  # leave no files in the tree
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "system"))
import lab  # noqa: E402  (that of the system tests)
import mib  # noqa: E402
import routes  # noqa: E402
import snmp  # noqa: E402

GROWTH = 1.05
# More notices than may be sent wait, up to 20,000 of 1 kB, which is growth by design: here all
# may be sent at once.
TOKENS = ["netmibdNotifyDamping off", "netmibdNotifyRate 10000 10000"]
LINKS = 40  # of one round
WALKERS, WALKER_SHARE, GET_SHARE, SET_SHARE = 4, 0.2, 0.15, 0.05
IP = mib.MIB2 + (4,)
ROOTS = mib.ROOTS + (IP, mib.MIB2 + (3,), mib.MIB2 + (5,))
CREATE, DESTROY = snmp.integer(4), snmp.integer(6)


class Paced(snmp.Client):
    """No more than .rate requests a second; .times has how long each took."""

    def __init__(self, sock, address, community, rate):
        super().__init__(sock, address, community)
        self.pause, self.due, self.times = 1 / rate, time.monotonic(), []
        self.timeout = 5.0 * lab.PATIENCE

    def exchange(self, *args, **how):
        begin = time.monotonic()
        if begin < self.due:
            time.sleep(self.due - begin)
            begin = time.monotonic()
        # what is late is not made up for by a burst
        self.due = max(self.due + self.pause, begin - self.pause)
        result = super().exchange(*args, **how)
        self.times.append(time.monotonic() - begin)
        return result


class Worker(threading.Thread):
    """Does step(number) until it is enough; .trouble is what went wrong."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step, self.steps, self.trouble = step, 0, None
        self.enough = threading.Event()

    def run(self):
        try:
            while not self.enough.is_set():
                self.step(self.steps)
                self.steps += 1
        except Exception as error:  # told at the end
            self.trouble = f"{self.step.__name__}, {self.steps}: {error!r}"


class Soak:
    """In laboratory, whose agent is daemon and answers."""

    def __init__(self, laboratory, daemon, rate, pause=0.0, growth=GROWTH):
        self.lab, self.daemon, self.pause, self.growth = laboratory, daemon, pause, growth
        self.clients, self.workers = [], []
        self.lab.batch(["link add keep type veth peer name peer", "link set keep up",
                        "link set peer up", "addr add 10.1.0.1/24 dev keep"])
        self.keep = self.lab.index("keep")
        self.walks = [self.add(self.walk(n), rate * WALKER_SHARE) for n in range(WALKERS)]
        self.gets = self.add(self.get, rate * GET_SHARE)
        self.sets = self.add(self.set, rate * SET_SHARE)
        self.churns = Worker(self.churn)
        self.workers.append(self.churns)

    def add(self, step, rate):
        worker = Worker(step)
        made = self.lab.client()
        worker.client = Paced(made.socket, made.address, "private", rate)
        step_client = worker.client
        worker.step = lambda number: step(step_client, number)
        worker.step.__name__ = step.__name__
        self.clients.append(step_client)
        self.workers.append(worker)
        return worker

    # what is done

    @staticmethod
    def walk(first):
        def walk(client, number):
            client.walk(ROOTS[(first + number) % len(ROOTS)])
        return walk

    def get(self, client, number):
        names = ("ifName", "ifMtu", "ifHCInOctets")
        values = client.get(*[mib.cell(name, self.keep) for name in names])
        if values[0].value != b"keep" or values[1].value != 1500:
            raise AssertionError(f"{values} for keep")

    def set(self, client, number):
        alias, text = mib.cell("ifAlias", self.keep), b"number %d" % number
        at = routes.inet(f"10.{100 + number % 100}.0.0", 0) + (16, 2, 0, 0) + routes.inet(
            "10.1.0.2", 0)
        ifindex, status = (routes.TABLE + (column,) + at for column in (7, 17))
        client.set((alias, snmp.octets(text)), (ifindex, snmp.integer(self.keep)),
                   (status, CREATE))
        said = [value.value for value in client.get(alias, ifindex)]
        if said != [text, self.keep]:
            raise AssertionError(f"{said} after a SET of {text}")
        client.set((status, DESTROY))
        if not client.get(ifindex)[0].exception:
            raise AssertionError("a route that was destroyed is there")

    def churn(self, number):
        names = [f"c{number}n{n}" for n in range(LINKS)]
        lines = [f"link add {name} group 7 type {'bridge' if n % 8 == 0 else 'ifb'}"
                 for n, name in enumerate(names)]
        lines += [f"link set {name} mtu {600 + n} up" for n, name in enumerate(names)]
        lines += [f"link set {name} name r{name}" for name in names[1::4]]
        lines += [f"link set {name} master {names[0]}" for name in names[2::4]]
        lines += [f"addr add 10.20.{number % 250}.{n + 1}/32 dev {name}"
                  for n, name in enumerate(names[3::4])]
        self.lab.batch(lines)
        self.lab.batch(["link del group 7"])
        self.churns.enough.wait(self.pause)

    # what is seen

    def run(self, seconds, say=lambda line: None, interval=60):
        """Returns what is wrong, line by line."""
        begin = time.monotonic()
        sizes = []
        for worker in self.workers:
            worker.start()
        while (left := begin + seconds - time.monotonic()) > 0:
            time.sleep(min(interval, left))
            if not self.daemon.running():
                break
            sizes.append((self.daemon.status_kb("VmRSS"), self.daemon.fds()))
            say(self.line(time.monotonic() - begin, sizes[-1]))
        for worker in self.workers:
            worker.enough.set()
        for worker in self.workers:
            worker.join(60 * lab.PATIENCE)
        return self.trouble(sizes)

    def line(self, seconds, size):
        times = []
        for client in self.clients:
            have = len(client.times)
            times += client.times[:have]
            del client.times[:have]
        cuts = [1e3 * cut for cut in statistics.quantiles(times, n=1000)]
        return (f"{seconds / 60:6.1f} min  {len(times):7,} requests  p50 {cuts[499]:6.2f}  "
                f"p95 {cuts[949]:6.2f}  p99 {cuts[989]:6.2f}  p99.9 {cuts[998]:7.2f}  "
                f"max {1e3 * max(times):7.2f} ms  RSS {size[0]:,} kB  fds {size[1]}  "
                f"links made {self.churns.steps * LINKS:,}")

    def trouble(self, sizes):
        found = [worker.trouble for worker in self.workers if worker.trouble]
        found += [f"{worker.step.__name__} has not come to its end"
                  for worker in self.workers if worker.is_alive()]
        if not self.daemon.running():
            return found + ["netmibd has gone:\n" + self.daemon.text()[-2000:]]
        silent = sum(client.silent for client in self.clients)
        if silent:
            found.append(f"{silent} requests had to be repeated")
        found += self.compare()
        time.sleep(1)  # and what is open for a while is closed
        sizes.append((self.daemon.status_kb("VmRSS"), self.daemon.fds()))
        if sizes[-1][0] > sizes[0][0] * self.growth and not lab.SANITIZED:
            found.append(f"it has grown: {sizes[0][0]} to {sizes[-1][0]} kB")
        if sizes[-1][1] > sizes[0][1]:
            found.append(f"files that are open: {sizes[0][1]} to {sizes[-1][1]}")
        return found

    def compare(self):
        """The mirror and the kernel, when all is quiet."""
        client = self.lab.client()
        links = {index: link["ifname"].encode() for index, link in self.lab.links().items()}
        shown = mib.column(client, "ifName")
        client.close()
        return [] if shown == links else [f"served: {shown}, the kernel has {links}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--pause", type=float, default=2)
    parser.add_argument("--mode", choices=("standalone", "agentx"), default="standalone")
    args = parser.parse_args()
    reason = lab.unavailable()
    if reason:
        print(f"soak: {reason}")
        return 1
    lab.guard()
    laboratory = lab.Lab(ipv6=False)
    laboratory.tokens = TOKENS
    try:
        soak = Soak(laboratory, laboratory.start(args.mode), args.rate, args.pause)
        found = soak.run(60 * args.minutes, lambda line: print(line, flush=True))
        print(f"{sum(w.steps for w in soak.walks):,} walks, {soak.gets.steps:,} GETs, "
              f"{soak.sets.steps:,} rounds of SETs, {soak.churns.steps:,} rounds of "
              f"{LINKS} links")
    finally:
        laboratory.close()
    print("\n".join(found) or "soak: nothing lost, nothing grown, no answer wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
