"""Tens of thousands of random changes of routes, nexthop objects, links and addresses: the
tables equal what `ip -j route` says, in both directions, while netmibd follows, when it
starts in the middle of it, and when it has lost events. Walks in a storm end and are in
order; one change is seen at once."""

import os
import random
import statistics
import threading
import time

import lab
import routes

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
PAIRS = 6
# Over a link of their own, which nothing else happens to: two and more with one index.
SENTINELS = [f"route append {dst} via {hop} metric {metric}"
             for n in range(8) for metric in (1, 2, 3)
             for dst, hop in ((f"10.98.{n}.0/24", f"10.0.{PAIRS}.2"),
                              (f"2001:db8:98:{n}::/64", f"2001:db8:{PAIRS}::2"))]
# No numbers: `ip -batch` takes the next name for the number.
PROTOCOLS = ["boot", "static", "bgp", "ospf", "dhcp", "openr"]


class Walker(threading.Thread):
    """Walks all the time; .trouble is what went wrong. The client raises when the order is
    not increasing, which is also when something comes twice."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.walks, self.rows, self.trouble = client, 0, 0, None
        self.client.timeout = 5 * lab.PATIENCE
        self.enough = threading.Event()

    def run(self):
        columns = [routes.TABLE + (7,), routes.OLD_TABLE + (5,), routes.TABLE + (12,),
                   routes.ROUTE_TABLE + (7,)]
        try:
            while not self.enough.is_set():
                found = self.client.walk(columns[self.walks % len(columns)], 50)
                self.walks, self.rows = self.walks + 1, max(self.rows, len(found))
        except Exception as error:  # told by the test
            self.trouble = repr(error)

    def stop(self):
        self.enough.set()
        self.join(120 * lab.PATIENCE)
        if self.is_alive():
            self.trouble = "the walk does not end"
        return self.trouble


class Batch(threading.Thread):
    """Lines given to `ip -batch -force` while something else is done."""

    def __init__(self, laboratory, lines):
        super().__init__(daemon=True)
        self.lab, self.lines, self.trouble = laboratory, lines, None

    def run(self):
        try:
            self.lab.batch(self.lines, check=False, timeout=300)
        except Exception as error:  # told by the test
            self.trouble = repr(error)


class Dice:
    """Random lines for `ip -batch -force`; many of them are refused, as they come."""

    def __init__(self, seed):
        self.roll = random.Random(seed)
        pick = self.roll
        self.ipv4 = [f"10.{100 + pick.randrange(100)}.{pick.randrange(8) * 32}.0/{length}"
                     for length in (24, 19, 22) for _ in range(70)]
        self.ipv4 += [f"10.{100 + n}.0.0/16" for n in range(60)] + ["0.0.0.0/0", "10.99.1.1"]
        self.ipv6 = [f"2001:db8:{0x100 + pick.randrange(80):x}::/{length}"
                     for length in (48, 56, 128) for _ in range(60)]
        self.ipv6 += ["::/0", "fe80:5::/32", "fe80:6::/32"]
        # the kernel shows one protocol for all siblings of an IPv6 multipath route
        self.proto = {dst: pick.choice(PROTOCOLS) for dst in self.ipv6}
        self.recent = {4: [], 6: []}  # destinations with table and metric

    def dev(self):
        return self.roll.randrange(PAIRS)

    def hop4(self):
        n = self.dev()
        return self.roll.choice([
            f"via 10.0.{n}.{self.roll.randint(2, 5)}", f"via 10.0.{n}.2 dev w{n}",
            f"dev w{n}", f"via inet6 fe80::{self.roll.randint(2, 4)} dev w{n}"])

    def hop6(self):
        n = self.dev()
        return self.roll.choice([
            f"via 2001:db8:{n:x}::{self.roll.randint(2, 5):x}",
            f"via fe80::{self.roll.randint(2, 4)} dev w{n}", f"dev w{n}"])

    def hops(self, hop):
        return " ".join(f"nexthop {hop()} weight {self.roll.randint(1, 9)}"
                        for _ in range(self.roll.randint(2, 4)))

    def gateway6(self):
        while (hop := self.hop6()).startswith("dev"):  # not in a multipath route
            pass
        return hop

    def end(self, family):
        """Destination, metric and table: one that was there lately, or any."""
        recent = self.recent[family]
        if len(recent) > 50 and self.roll.random() < 0.5:
            return recent.pop(self.roll.randrange(len(recent)))
        metric = self.roll.choice(["", "", " metric 10", " metric 20"])
        found = (self.roll.choice(self.ipv4 if family == 4 else self.ipv6),
                 metric + self.roll.choice(["", "", "", "", " table 100", " table default"]))
        recent.append(found)
        return found

    def route4(self):
        pick = self.roll
        verb = pick.choice(["add", "append", "prepend", "replace", "replace", "del", "del"])
        head = f"{verb} " + (pick.choice(["blackhole ", "unreachable ", "prohibit ", "throw "])
                             if pick.random() < 0.1 else "")
        reject = len(head.split()) > 1
        dst, tail = self.end(4)
        tail += " tos 0x10" if pick.random() < 0.05 else ""
        if verb == "del":
            return f"route {head}{dst}{tail}"
        tail += f" proto {pick.choice(PROTOCOLS)}"
        if reject:
            return f"route {head}{dst}{tail}"
        if pick.random() < 0.1:
            tail += f" src 10.0.{self.dev()}.1"
        elif pick.random() < 0.1:
            tail += f" mtu {pick.choice([1300, 1400])}"
        draw = pick.random()
        if draw < 0.15:
            return f"route {head}{dst}{tail} nhid {self.object_id()}"
        if draw < 0.4:
            return f"route {head}{dst}{tail} {self.hops(self.hop4)}"
        return f"route {head}{dst}{tail} {self.hop4()}"

    def route6(self):
        pick = self.roll
        verb = pick.choice(["add", "append", "append", "replace", "del", "del"])
        dst, tail = self.end(6)
        if pick.random() < 0.05:
            tail += f" from 2001:db8:{pick.randint(5, 6)}::/48"
        if verb == "del":
            return f"route del {dst}{tail}" + (
                " " + self.hop6() if pick.random() < 0.5 else "")
        tail += f" proto {self.proto[dst]}"
        draw = pick.random()
        if draw < 0.08:
            kind = pick.choice(["blackhole", "unreachable", "prohibit", "throw"])
            return f"route {verb} {kind} {dst}{tail}"
        if draw < 0.2:
            return f"route {verb} {dst}{tail} nhid {self.object_id(6)}"
        if draw < 0.45:
            return f"route {verb} {dst}{tail} {self.hops(self.gateway6)}"
        return f"route {verb} {dst}{tail} {self.hop6()}"

    def object_id(self, family=4):
        """1 .. of IPv4, 21 .. of IPv6, which IPv4 routes may use, too; 31 .. and 41 .. are
        groups of them."""
        ipv6 = [*range(21, 29), *range(41, 47)]
        return self.roll.choice(ipv6 if family == 6 else [*range(1, 9), *range(31, 39), *ipv6])

    def nexthop(self):
        pick, number = self.roll, self.object_id()
        if pick.random() < 0.25:
            return f"nexthop del id {number}"
        if number > 30:
            members = pick.sample(range(1, 9) if number < 40 else range(21, 29),
                                  pick.randint(1, 4))
            what = "group " + "/".join(f"{member},{pick.randint(1, 9)}" for member in members)
        else:
            n = self.dev()
            what = (f"via 10.0.{n}.{pick.randint(2, 5)} dev w{n}" if number < 20 else
                    f"via 2001:db8:{n:x}::{pick.randint(2, 5)} dev w{n}")
            what = "blackhole" if pick.random() < 0.05 else what
        return f"nexthop {pick.choice(['add', 'replace', 'replace'])} id {number} {what}"

    def address(self):
        n, verb = self.dev(), self.roll.choice(["replace", "replace", "del"])
        return [f"addr {verb} {address} dev w{n}{more if verb != 'del' else ''}"
                for address, more in ((f"10.0.{n}.1/24", ""),
                                      (f"2001:db8:{n:x}::1/64", " nodad"))]

    def flap(self):
        n = self.dev()
        end = self.roll.choice(["w", "w", "x"])
        lines = [f"link set {end}{n} down"]
        if self.roll.random() < 0.7:  # others stay down for a while
            lines.append(f"link set {end}{n} up")
        return lines + [f"link set {end}{m} up" for m in range(PAIRS)
                        if self.roll.random() < 0.3] + routes.address_lines(PAIRS)

    def lines(self, count, links=True):
        """Without links: nothing that takes other routes with it."""
        found = []
        while len(found) < count:
            draw = self.roll.random()
            if draw < 0.46:
                found.append(self.route4())
            elif draw < 0.9:
                found.append(self.route6())
            elif draw < 0.985:
                found.append(self.nexthop())
            elif not links:
                continue
            elif draw < 0.997:
                found += self.address()
            else:
                found += self.flap()
        return found


def many(verb, count, first=0):
    """Lines for count routes of their own, of IPv4 and IPv6."""
    return [f"route {verb} 11.{n >> 16}.{n >> 8 & 255}.{n & 255} via 10.0.{n % 3}.2"
            if n % 5 else
            f"route {verb} 2001:db9:{n >> 16:x}:{n & 0xffff:x}::/64 via 2001:db8:{n % 3}::2"
            for n in range(first, first + count)]


@lab.alone
class Churn:
    """In both modes; mode, SIZE (a divisor) say which and how much."""

    SIZE = 1

    def size(self, count):
        return count // self.SIZE // (5 if lab.SANITIZED else 1)

    def churn(self, count, links=True):
        """Some hundred at a time."""
        lines = self.dice.lines(count, links)
        for at in range(0, len(lines), 400):
            self.lab.batch(lines[at:at + 400], check=False)
        return len(lines)

    def weather(self, *tokens):
        print("SEED", SEED)
        self.dice = Dice(SEED)
        self.start(self.mode, PAIRS + 1, *tokens, lines=SENTINELS)
        self.policies = self.sentinels(self.check())

    def sentinels(self, found):
        """The policies of theirs, which never change."""
        index, own = self.lab.index(f"w{PAIRS}"), {}
        for view, policy in found:
            if view.ifindex == index and view.metric1 in (1, 2, 3):
                own[view.dst, view.metric1] = policy
        self.assertEqual(len(own), len(SENTINELS))
        return own

    def test_20000_random_changes(self):
        self.weather()
        immediate, changes, most, checkpoints = 0, 0, 0, 20 // self.SIZE
        for number in range(checkpoints):
            if number == checkpoints // 2:
                self.do(["/net/ipv4/nexthop_compat_mode 0"])
            changes += self.churn(self.size(20000) // checkpoints)
            at_once, found = self.checkpoint(
                3, f"SEED={SEED}, checkpoint {number}, after {changes} changes")
            immediate, most = immediate + at_once, max(most, len(found))
            self.assertEqual(self.sentinels(found), self.policies)
        print(f"{changes} changes, up to {most} rows, "
              f"{immediate} of {checkpoints} checkpoints equal at once")
        self.assertGreater(most, 100)
        self.check_all(f"SEED={SEED}, at the end")

    def test_lost_events(self):
        """Standing still while more happens than the buffer holds: all is read again."""
        self.weather("netmibdEventBuffer 64")
        self.churn(1000)
        self.checkpoint(3, f"SEED={SEED}, before")
        self.daemon.send(lab.signal.SIGSTOP)
        try:
            self.churn(self.size(20000))
        finally:
            self.daemon.send(lab.signal.SIGCONT)
        lab.wait_until(lambda: self.daemon.report()["state"] == "synced" and
                       self.daemon.report()["lost"] > 0, 20, "a resync", 0.1)
        at_once, found = self.checkpoint(3, f"SEED={SEED}, after the loss")
        self.assertEqual(self.sentinels(found), self.policies)
        print(f"{len(found)} rows, equal at once: {at_once}")
        self.churn(1000)
        self.checkpoint(3, f"SEED={SEED}, later")

    def test_one_change_is_seen_at_once(self):
        """The time from `ip route replace` to the answer, among 20,000 routes."""
        self.start(self.mode)
        self.do(many("add", self.size(20000)))
        w = [self.lab.index(name) for name in ("w0", "w1")]
        for lines, names in (
                ([f"route replace 10.50.0.0/16 via 10.0.{n}.2" for n in (0, 1)],
                 [(7, 1, 4, 10, 50, 0, 0, 16, 2, 0, 0, 1, 4, 10, 0, n, 2) for n in (0, 1)]),
                ([f"route replace 2001:db8:50::/48 via 2001:db8:{n}::2" for n in (0, 1)],
                 [(7, 2, 16, *routes.packed("2001:db8:50::"), 48, 2, 0, 0, 2, 16,
                   *routes.packed(f"2001:db8:{n}::2")) for n in (0, 1)])):
            times = []
            for turn in range(40):
                self.lab.ip(lines[turn % 2])
                begin = time.monotonic()
                new, old = self.client.get(routes.TABLE + names[turn % 2],
                                           routes.TABLE + names[1 - turn % 2])
                times.append(time.monotonic() - begin)
                self.assertEqual(new.value, w[turn % 2])
                self.assertTrue(old.exception)
            print(f"{1000 * statistics.median(times):.2f} ms, at most "
                  f"{1000 * max(times):.2f} ms")
            self.assertLess(statistics.median(times), 0.005 * lab.PATIENCE)

    def test_walks_while_100000_routes_come_and_go(self):
        self.start(self.mode)
        before = routes.policies(self.check())
        walker = Walker(self.lab.client())
        walker.start()
        count = self.size(100000)
        for verb in ("add", "del"):
            for first in range(0, count, 20000):
                self.lab.batch(many(verb, min(20000, count - first), first))
        trouble = walker.stop()
        print(f"{walker.walks} walks of up to {walker.rows} rows, "
              f"{walker.client.silent} questions asked twice")
        self.assertIsNone(trouble, f"in walk {walker.walks}")
        self.assertGreater(walker.walks, 1)
        self.assertGreater(walker.rows, count // 20)
        self.assertEqual(routes.policies(self.check()), before)


class StandaloneChurn(Churn, routes.Truth):
    mode = "standalone"

    def test_start_in_the_middle(self):
        """Changes go on while the first dump of 50,000 routes is read."""
        print("SEED", SEED)
        self.dice = Dice(SEED)
        self.lab = self.make_lab()
        routes.plug(self.lab, PAIRS)
        count = 50000
        for first in range(0, count, 10000):
            self.do(many("add", min(10000, count - first), first))
        batch = Batch(self.lab, many("del", count // 5) +
                      [f"route replace 11.{n >> 16}.{n >> 8 & 255}.{n & 255} "
                       f"via 10.0.{3 + n % 3}.2" for n in range(count // 5, 2 * count // 5)] +
                      self.dice.lines(self.size(5000), links=False))
        batch.start()
        time.sleep(0.1)
        self.daemon = self.lab.start(self.mode, wait=False)
        if not lab.SANITIZED:  # which take long to start
            self.assertTrue(batch.is_alive())
        self.lab.wait_ready(self.daemon)
        print("changes were still going on when it was ready:", batch.is_alive())
        batch.join(300)
        self.assertIsNone(batch.trouble)
        self.client = self.lab.client()
        # A reading of so many routes is due again after ten times the CPU it took.
        at_once, found = self.checkpoint(8, f"SEED={SEED}")
        print(f"{len(found)} rows, equal at once: {at_once}")
        self.assertGreater(len(found), count // 2)


class AgentXChurn(Churn, routes.Truth):
    """A quarter of it."""

    mode, SIZE = "agentx", 4
