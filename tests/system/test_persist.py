"""What was set by SNMP outlives netmibd, the machine and the interface: set, end netmibd (by
SIGKILL right after the answer), put the kernel back by `ip` and /proc/sys, start, and look at
the kernel. And what happens to a store that is damaged, refused or full."""

import json
import os
import random
import re
import signal
import time

import agentx
import lab
import mib
import routes
import snmp
from snmp import integer, octets
from test_addresses import ADDR_TABLE, inet
from test_set import (DOWN, FORWARDING, FORWARDING6, HOP_LIMIT6, ROUTES, TTL, UP, Set)

IP = mib.MIB2 + (4,)
IFINDEX, STATUS, ROW, STORAGE = 3, 7, 10, 11
VOLATILE, NON_VOLATILE = integer(2), integer(3)
CREATE, DESTROY = integer(4), integer(6)
DEPRECATED = integer(2)
ENABLED, DISABLED = integer(1), integer(2)
FILE = "netmibd-set.conf"
HEAD = ("# netmibd 1: what was set by SNMP and is to last. Written by netmibd while it "
        "runs.\n")

LINKS = """link add va type veth peer name vb
link set va up
link set vb up
link add x0 type ifb
link set x0 up
link add mu0 link x0 address 02:00:00:00:00:05 type macvlan
link add mr0 link x0 address 02:00:00:00:00:05 type macvlan
link set mu0 up
addr add 10.1.0.1/24 dev va
addr add 2001:db8:1::1/64 dev va nodad""".splitlines()

ALIAS = 'the "uplink" \\ at #1; 0x41'


class Base(Set):
    seen = None

    def setUp(self):
        self.lab = self.make_lab()
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.lab.batch(LINKS)
        self.lab.tokens = list(self.tokens)
        self.begin()

    def begin(self, *tokens):
        self.lab.tokens = list(tokens)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client(community="private")
        self.renumber()

    def renumber(self):
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}

    def end(self, number=signal.SIGKILL):
        self.daemon.stop(number)

    # names

    def at(self, column, text, zone=None):
        return ADDR_TABLE + (column,) + inet(text, zone and self.indexes[zone])

    def route(self, column, dst, hop=None):
        address, _, length = dst.partition("/")
        return (routes.TABLE + (column,) + routes.inet(address, 0) +
                (int(length), 2, 0, 0) + (routes.inet(hop, 0) if hop else routes.NO_HOP))

    def new_route(self, dst, hop=None, link=None, kind=None):
        said = [(7, self.indexes[link] if link else None), (8, kind)]
        return [(self.route(column, dst, hop), integer(number)) for column, number in said
                if number is not None] + [(self.route(17, dst, hop), CREATE)]

    def gone_route(self, dst, hop=None):
        return (self.route(17, dst, hop), DESTROY)

    def new_address(self, text, link, storage=NON_VOLATILE):
        return [(self.at(IFINDEX, text), integer(self.indexes[link])),
                (self.at(STORAGE, text), storage), (self.at(ROW, text), CREATE)]

    def ipv6if(self, column, link):
        return IP + (30, 1, column, self.indexes[link])

    # looks

    def file(self):
        path = self.lab.path("state/" + FILE)
        return self.lab.run(["sh", "-c", f"cat {path} 2>/dev/null || true"]).stdout

    def store(self):
        """What the file says: a line is no more when a later one says so."""
        lines = []
        for line in self.file().splitlines(keepends=True):
            if line.startswith("gone "):
                lines.remove(line.removeprefix("gone "))
            else:
                lines.append(line)
        return "".join(lines)

    def put_store(self, text):
        with open(self.lab.path("state/" + FILE), "w") as file:
            file.write(text)
        os.chmod(self.lab.path("state/" + FILE), 0o600)

    def addresses(self, link):
        found = json.loads(self.lab.ip("-j addr show dev", [link]).stdout)
        return {f"{a['local']}/{a['prefixlen']}": a for a in found[0]["addr_info"]
                if not a["local"].startswith("fe80")}

    def routes(self, version=4):
        found = json.loads(self.lab.ip(f"-j -{version} route show table main").stdout)
        return {(r.get("type", "unicast"), r["dst"], r.get("gateway"), r.get("dev"))
                for r in found if r.get("protocol") == "static"}

    def alias(self, link):
        return json.loads(self.lab.ip("-j link show dev", [link]).stdout)[0].get("ifalias")

    def soon(self, condition, what):
        try:
            return lab.wait_until(condition, 6, what, 0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.daemon.text()}\n{self.store()}"
                                 f"\n{self.seen}") from None

    def kept(self, *words):
        return [line for line in self.store().splitlines()
                if all(word in line for word in words)]

    def has_said(self, pattern):
        self.soon(lambda: re.search(pattern, self.daemon.text()), pattern)


class Persist(Base):
    tokens = []

    def set_all(self):
        self.client.set(
            (self.cell("ifAlias", "va"), octets(ALIAS.encode())),
            (self.cell("ifLinkUpDownTrapEnable", "va"), DISABLED),
            (FORWARDING, integer(1)), (TTL, integer(77)), (FORWARDING6, integer(1)),
            (HOP_LIMIT6, integer(33)))
        self.client.set((self.ipv6if(5, "x0"), DOWN), (self.ipv6if(8, "vb"), integer(2)))
        self.client.set(
            (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
            (self.at(STORAGE, "2001:db8:1::1"), NON_VOLATILE),
            *self.new_address("10.1.0.7", "va"),
            *self.new_address("2001:db8:1::7", "va"),
            *self.new_address("10.1.0.8", "va", VOLATILE),
            *self.new_route("10.50.0.0/16", "10.1.0.2", "va"),
            *self.new_route("10.50.0.0/16", "10.1.0.3", "va"),
            *self.new_route("10.51.0.0/16", "10.1.0.2"),
            *self.new_route("10.52.0.0/16", kind=5),
            *self.new_route("10.53.0.0/16", link="va"),
            *self.new_route("2001:db8:50::/48", "2001:db8:1::2", "va"),
            *self.new_route("2001:db8:51::/48", kind=2))

    def put_back(self):
        """The kernel as it was before."""
        self.lab.batch("""link set va alias x
            addr flush dev va
            route flush proto static""".splitlines(), check=False)
        self.lab.ip("-6 route flush proto static", check=False)
        for file, value in (("ipv4/ip_forward", 0), ("ipv4/ip_default_ttl", 64),
                            ("ipv6/conf/all/forwarding", 0),
                            ("ipv6/conf/all/hop_limit", 64),
                            ("ipv6/conf/va/hop_limit", 64),
                            ("ipv6/conf/x0/disable_ipv6", 0),
                            ("ipv6/conf/vb/forwarding", 0)):
            self.sysctl(file, value)
        self.assertEqual(self.routes() | self.routes(6), set())

    def look(self):
        hops = [(r["dst"], sorted(h["gateway"] for h in r["nexthops"])) for r in json.loads(
            self.lab.ip("-j route show proto static").stdout) if "nexthops" in r]
        return [self.alias("va"), sorted(self.addresses("va")), self.routes(),
                self.routes(6), hops, self.sysctl("ipv4/ip_forward"),
                self.sysctl("ipv4/ip_default_ttl"),
                self.sysctl("ipv6/conf/all/forwarding"),
                self.sysctl("ipv6/conf/all/hop_limit"),
                self.sysctl("ipv6/conf/va/hop_limit"),
                self.sysctl("ipv6/conf/x0/disable_ipv6"),
                self.conf("ipv6", "forwarding")["vb"],
                self.conf("ipv6", "forwarding")["va"]]

    def looks_like(self, wanted):
        self.seen = [self.look(), wanted]
        return self.seen[0] == wanted

    def test_all_is_back(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            if number == signal.SIGKILL:
                self.set_all()
            self.end(number)  # right behind the answer
            wanted = self.look()
            if number == signal.SIGKILL:
                wanted[1].remove("10.1.0.8/24")
            self.put_back()
            self.begin()
            self.soon(lambda: self.looks_like(wanted), "all is back")
            self.assertEqual(self.client.get(
                self.cell("ifLinkUpDownTrapEnable", "va"), self.at(STORAGE, "10.1.0.7"),
                self.at(STORAGE, "2001:db8:1::1")),
                [DISABLED, NON_VOLATILE, NON_VOLATILE])
        self.assertEqual(os.stat(self.lab.path("state/" + FILE)).st_mode & 0o777, 0o600)
        self.assertTrue(self.store().startswith(HEAD))
        before = self.store()
        self.end(signal.SIGTERM)  # nothing is written when nothing is to be done
        self.begin()
        time.sleep(0.3)
        self.assertEqual(re.findall("restored: (.*)", self.daemon.text()), ["traps va - 0"])
        self.assertEqual(self.store(), before)

    def test_the_link_comes_back(self):
        self.set_all()
        wanted = self.look()
        self.lab.ip("link del va")
        time.sleep(0.3)
        self.assertEqual(len(self.kept("va")), 11)
        self.lab.batch(LINKS[:3])
        wanted[1] = [a for a in wanted[1] if a != "10.1.0.8/24"]
        self.renumber()
        self.sysctl("ipv6/conf/vb/forwarding", wanted[-2])
        self.soon(lambda: self.looks_like(wanted), "all is back")
        self.soon(lambda: self.client.get(self.cell("ifLinkUpDownTrapEnable", "va"))[0] ==
                  DISABLED, "traps")
        # by its name
        self.lab.batch(["link del va", "link add vz type veth peer name vb",
                        "link set vz alias other", "link set vb up", "link set vz up"])
        time.sleep(0.3)
        self.assertEqual(self.alias("vz"), "other")
        self.lab.batch(["link set vz down", "link set vz name va", "link set va up"])
        self.sysctl("ipv6/conf/vb/forwarding", wanted[-2])
        self.soon(lambda: self.looks_like(wanted), "all is back by name")

    def test_the_link_goes_down_and_up(self):
        self.client.set(
            (self.at(STORAGE, "2001:db8:1::1"), NON_VOLATILE),
            *self.new_route("10.50.0.0/16", "10.1.0.2", "va"),
            *self.new_route("2001:db8:50::/48", "2001:db8:1::2", "va"))
        wanted = [sorted(self.addresses("va")), self.routes(), self.routes(6)]

        def back():
            now = [sorted(self.addresses("va")), self.routes(), self.routes(6)]
            return now == wanted
        for _ in range(3):
            self.lab.ip("link set va down")
            self.lab.ip("link set va up")
            self.soon(back, "back")
            time.sleep(0.25)
        self.lab.ip("link set va down")
        time.sleep(0.3)
        self.assertEqual(self.routes(), set())
        self.lab.ip("link set va up")
        self.soon(back, "back later")
        # lo takes along what leads nowhere
        self.client.set(*self.new_route("2001:db8:51::/48", kind=2))
        for pause in (0, 0.3):
            self.lab.ip("link set lo down")
            time.sleep(pause)
            self.lab.ip("link set lo up")
            self.soon(lambda: ("unreachable", "2001:db8:51::/48", None, "lo") in
                      self.routes(6), "unreachable again")
        self.client.set(self.gone_route("2001:db8:51::/48"))
        # IPv6 alone
        self.sysctl("ipv6/conf/va/disable_ipv6", 1)
        time.sleep(0.3)
        self.assertNotIn("2001:db8:1::1/64", self.addresses("va"))
        self.sysctl("ipv6/conf/va/disable_ipv6", 0)
        self.soon(back, "IPv6 is back")
        for _ in range(5):
            for value in (1, 0):
                self.sysctl("ipv6/conf/va/disable_ipv6", value)
            self.soon(back, "IPv6 is back at once")
        self.lab.ip("link set va mtu 1000")
        time.sleep(0.3)
        self.lab.ip("link set va mtu 1500")
        self.soon(back, "IPv6 is back with the MTU")
        # the last address takes the routes along
        self.lab.ip("addr del 10.1.0.1/24 dev va")
        time.sleep(0.3)
        self.lab.ip("addr add 10.1.0.1/24 dev va")
        self.soon(back, "the route is back with the address")
        self.assertEqual(len(self.kept("va")), 3)
        self.assertNotIn("removed by somebody", self.daemon.text())

    def test_set_down_and_up(self):
        """By SNMP, whose way back brings the same."""
        self.client.set(
            (self.at(STORAGE, "2001:db8:1::1"), NON_VOLATILE),
            *self.new_route("10.50.0.0/16", "10.1.0.2", "va"))
        wanted = [sorted(self.addresses("va")), self.routes()]
        self.client.set((self.cell("ifAdminStatus", "va"), DOWN))
        self.client.set((self.cell("ifAdminStatus", "va"), UP))
        self.soon(lambda: [sorted(self.addresses("va")), self.routes()] == wanted, "back")
        with self.assertRaises(snmp.Refused):
            self.client.set((self.cell("ifAdminStatus", "va"), DOWN),
                            (self.cell("ifAdminStatus", "mr0"), UP))
        self.soon(lambda: [sorted(self.addresses("va")), self.routes()] == wanted, "undone")
        time.sleep(0.3)
        self.assertEqual([sorted(self.addresses("va")), self.routes()], wanted)
        self.assertEqual(len(self.kept("va")), 2)

    def test_removed_by_somebody(self):
        self.client.set(
            *self.new_address("10.1.0.7", "va"), *self.new_address("2001:db8:1::7", "va"),
            *self.new_route("10.50.0.0/16", "10.1.0.2", "va"),
            *self.new_route("10.51.0.0/16", "10.1.0.2", "va"),
            *self.new_route("10.52.0.0/16", kind=5),
            *self.new_route("2001:db8:50::/48", "2001:db8:1::2", "va"),
            *self.new_route("2001:db8:51::/48", kind=2))
        self.assertEqual(len(self.kept()), 8)
        self.lab.batch("""addr del 10.1.0.7/24 dev va
            addr del 2001:db8:1::7/64 dev va
            route del 10.50.0.0/16
            route replace 10.51.0.0/16 via 10.1.0.9 dev va proto static
            route del blackhole 10.52.0.0/16""".splitlines())
        self.lab.ip("-6 route del 2001:db8:50::/48")
        self.lab.ip("-6 route del unreachable 2001:db8:51::/48")
        self.soon(lambda: self.store() == HEAD, "nothing is kept")
        self.assertEqual(self.daemon.text().count("removed by somebody"), 7)
        self.lab.ip("link set va down")
        self.lab.ip("link set va up")
        time.sleep(0.3)
        self.end()
        self.begin()
        time.sleep(0.3)
        self.assertEqual(sorted(self.addresses("va")), ["10.1.0.1/24"])
        self.assertNotIn("restored", self.daemon.text())

    def test_unset(self):
        """Destroyed, volatile again, moved, deprecated, overwritten: the last word counts."""
        self.client.set((self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
                        *self.new_address("10.1.0.7", "va"),
                        *self.new_address("10.1.0.8", "va"),
                        *self.new_address("10.1.0.9", "va"),
                        *self.new_route("10.50.0.0/16", "10.1.0.2"),
                        *self.new_route("10.51.0.0/16", kind=5))
        self.assertEqual(len(self.kept()), 7)
        self.client.set(self.gone_route("10.50.0.0/16", "10.1.0.2"),
                        self.gone_route("10.51.0.0/16"),
                        (self.at(ROW, "10.1.0.7"), DESTROY))
        self.client.set((self.at(STORAGE, "10.1.0.8"), VOLATILE))
        self.client.set((self.at(STATUS, "10.1.0.1"), DEPRECATED))
        self.client.set((self.at(IFINDEX, "10.1.0.9"), integer(self.indexes["vb"])))
        self.assertEqual(self.client.get(*[self.at(STORAGE, f"10.1.0.{last}")
                                           for last in (1, 8, 9)]),
                         [NON_VOLATILE, VOLATILE, NON_VOLATILE])
        self.assertEqual(self.store(), HEAD +
                         "address va - 10.1.0.1/24 peer 10.1.0.1 preferred 0\n"
                         "address vb - 10.1.0.9/32 peer 10.1.0.9 preferred 1\n")
        self.client.set((self.cell("ifAlias", "va"), octets(b"one")))
        self.client.set((self.cell("ifAlias", "va"), octets(b"")), (TTL, integer(70)))
        self.client.set((TTL, integer(64)))  # as it is by default, but it is said
        self.end()
        self.lab.batch(["addr flush dev va", "addr flush dev vb", "link set va alias two"])
        self.begin()
        self.soon(lambda: "10.1.0.9/32" in self.addresses("vb"), "moved")
        self.assertTrue(self.addresses("va")["10.1.0.1/24"]["deprecated"])
        self.assertEqual(list(self.addresses("va")), ["10.1.0.1/24"])
        self.soon(lambda: not self.alias("va"), "no alias")
        self.assertEqual(self.kept("default-ttl"), ["default-ttl 64"])

    def test_forwarding_of_all_overwrites_that_of_one(self):
        self.client.set((self.ipv6if(8, "va"), integer(1)))
        self.client.set((FORWARDING6, integer(2)))  # is so: overwrites nothing
        self.assertEqual(self.kept("forwarding6-all"), ["forwarding6-all 0"])
        self.assertEqual(len(self.kept("forwarding6 va")), 1)
        self.client.set((FORWARDING6, integer(1)))
        self.assertEqual(self.store(), HEAD + "forwarding6-all 1\n")
        self.client.set((self.ipv6if(8, "va"), integer(2)))
        self.end()
        self.sysctl("ipv6/conf/all/forwarding", 0)
        self.begin()
        self.soon(lambda: self.conf("ipv6", "forwarding")["vb"] == 1, "all")
        self.soon(lambda: self.conf("ipv6", "forwarding")["va"] == 0, "one")

    def test_undone(self):
        """What one part of a PDU fails is not kept, and what was is."""
        self.client.set((TTL, integer(70)), *self.new_address("10.1.0.7", "va"),
                        (self.cell("ifLinkUpDownTrapEnable", "va"), DISABLED),
                        *self.new_route("10.50.0.0/16", "10.1.0.2", "va"))
        before = self.store()
        for _ in range(2):
            with self.assertRaises(snmp.Refused):
                self.client.set(
                    (TTL, integer(71)), (self.cell("ifAlias", "va"), octets(b"no")),
                    (self.cell("ifLinkUpDownTrapEnable", "va"), ENABLED),
                    (self.at(STORAGE, "10.1.0.7"), VOLATILE),
                    (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
                    *self.new_route("10.51.0.0/16", "10.1.0.2", "va"),
                    self.gone_route("10.50.0.0/16", "10.1.0.2"),
                    (self.cell("ifAdminStatus", "mr0"), UP))
        self.assertEqual(self.client.get(
            self.cell("ifLinkUpDownTrapEnable", "va"), self.at(STORAGE, "10.1.0.7"),
            self.at(STORAGE, "10.1.0.1")), [DISABLED, NON_VOLATILE, VOLATILE])
        self.client.set((HOP_LIMIT6, integer(64)))
        self.assertEqual(sorted(self.store().splitlines()),
                         sorted(before.splitlines() + ["hop-limit6 64"]))
        time.sleep(0.3)
        self.assertNotIn("removed by somebody", self.daemon.text())

    def test_storage_type(self):
        self.lab.ip("addr add 10.1.0.77/24 dev va valid_lft 1000 preferred_lft 900")
        self.refused(snmp.INCONSISTENT_VALUE, (self.at(STORAGE, "10.1.0.77"), NON_VOLATILE))
        self.refused(snmp.NOT_WRITABLE, (self.at(STORAGE, "127.0.0.1"), NON_VOLATILE))
        for number in (0, 1, 4, 5, 6, -1):
            self.refused(snmp.WRONG_VALUE, (self.at(STORAGE, "10.1.0.1"), integer(number)))
        for number in (0, 3, -1):
            self.refused(snmp.WRONG_VALUE, (self.cell("ifLinkUpDownTrapEnable", "va"),
                                            integer(number)))
        self.done((self.cell("ifLinkUpDownTrapEnable", "va"), ENABLED),
                  (self.cell("ifLinkUpDownTrapEnable", "mu0"), ENABLED))
        self.assertEqual(self.store(), HEAD + "traps mu0 - 1\ntraps va - 1\n")

    def test_refused_at_start(self):
        """What cannot be, or is not wanted any more, is a line in the log."""
        self.put_store(
            "route va - 10.50.0.0/16 via 10.99.0.1 table 254 tos 0 metric 0 type 1 "
            "proto 4 scope 0\n"
            "route va - 10.51.0.0/16 via 10.1.0.2 table 254 tos 0 metric 0 type 1 "
            "proto 4 scope 0\n"
            "route va - 10.52.0.0/16 via 10.53.0.1 table 254 tos 0 metric 0 type 1 "
            "proto 4 scope 0\n"
            "route va - 10.53.0.0/16 via - table 254 tos 0 metric 0 type 1 proto 4 "
            "scope 253\n"
            "address va - 10.1.0.1/16 peer 10.1.0.1 preferred 1\n"
            "address nosuch - 10.1.0.9/24 peer 10.1.0.9 preferred 1\n"
            "alias va - back\n")
        before = self.store()
        self.end()
        self.lab.ip("route add blackhole 10.51.0.0/16")
        self.begin()
        self.soon(lambda: ("unicast", "10.52.0.0/16", "10.53.0.1", "va") in self.routes(),
                  "a route over another one, which comes later")
        self.assertEqual(self.alias("va"), "back")
        for pattern in (r"not restored: route va - 10\.50.*unreach",
                        r"not restored: route va - 10\.51.*another route is in its place",
                        r"not restored: address va.*another length"):
            self.has_said(pattern)
        self.assertEqual(list(self.addresses("va"))[:1], ["10.1.0.1/24"])
        # they stay kept, and are tried again when the link comes up
        self.lab.ip("route del blackhole 10.51.0.0/16")
        self.lab.ip("link set va down")
        self.lab.ip("link set va up")
        self.soon(lambda: ("unicast", "10.51.0.0/16", "10.1.0.2", "va") in self.routes(),
                  "the place is free now")
        self.client.set((self.cell("ifAlias", "va"), octets(b"back")))
        self.assertEqual(sorted(self.store().splitlines()[1:]), sorted(before.splitlines()))

    def test_corrupt(self):
        """Lines that make no sense stay as they are, whatever they are."""
        bad = ["alias va", "alias va - a b", 'alias va - "open', "alias va - 0x4", "alias",
               "alias va zz:00 x", "alias waytoolongforalink - x", "default-ttl 0",
               "default-ttl 256", "default-ttl 64 65", "default-ttl -1", "forwarding yes",
               "nosuchthing 1", "alias va - " + "x" * 300, "x" * 5000, "alias va - 0x00",
               "address va - 10.1.0.300/24 peer 10.1.0.3 preferred 1",
               "address va - 10.1.0.3/33 peer 10.1.0.3 preferred 1",
               "address va - 10.1.0.3/24 peer ::1 preferred 1",
               "route va - 10.50.0.0/16 via 10.1.0.2", "route", '"alias" "va',
               "\udcff\udcfe\x01", "a\0b", "word " * 40]
        good = ["alias vb - fine", 'alias "va" - 0x61', "default-ttl 99"]
        text = "# mine\n" + "".join(line + "\n" for pair in zip(bad, good + [""] * 99)
                                    for line in pair if line) + "default-ttl 7"
        self.end()
        with open(self.lab.path("state/" + FILE), "w", errors="surrogateescape") as file:
            file.write(text)
        self.begin()
        self.soon(lambda: self.alias("va") == "a", "the rest is read")
        self.assertEqual(self.alias("vb"), "fine")
        self.assertEqual(self.sysctl("ipv4/ip_default_ttl"), 99)
        self.has_said("line 2 makes no sense")
        self.has_said("line 30 is cut short")
        self.client.set((TTL, integer(98)))
        with open(self.lab.path("state/" + FILE), errors="surrogateescape") as file:
            lines = file.read().split("\n")
        self.assertEqual(lines[0] + "\n", HEAD)
        self.assertEqual(lines[1], "# mine")
        self.assertEqual(lines[2:2 + len(bad)], bad)
        self.assertEqual(lines[2 + len(bad):], ["default-ttl 98", "alias va - a",
                                                "alias vb - fine", "default-ttl 7"])

    def test_not_trusted(self):
        """A symbolic link, or a file that others may write: neither read nor written."""
        path, other = self.lab.path("state/" + FILE), self.lab.path("other")
        self.lab.write("other", "alias va - bad\n")

        def link():
            os.symlink(other, path)

        def writable():
            self.put_store("alias va - bad\n")
            os.chmod(path, 0o620)

        def foreign():
            self.put_store("alias va - bad\n")
            os.chown(path, 65534, 65534)

        def pipe():
            os.mkfifo(path, 0o600)

        for make, said in ((link, "symbolic link"), (writable, "others may write"),
                           (foreign, "others may write"), (pipe, "others may write")):
            self.end()
            make()
            self.begin()
            self.has_said(said)
            self.done((self.cell("ifAlias", "va"), octets(b"good")),
                      (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE))
            with open(other) as file:
                self.assertEqual(file.read(), "alias va - bad\n")
            self.assertEqual(os.path.islink(path), make == link)
            self.assertEqual(self.alias("va"), "good")
            os.unlink(path)
        # later, too
        self.end()
        self.begin()
        self.client.set((TTL, integer(70)))
        os.unlink(path)
        os.symlink(other, path)
        self.done((TTL, integer(71)))
        self.assertTrue(os.path.islink(path))
        self.has_said("cannot be kept")
        os.unlink(path)
        self.done((TTL, integer(72)))
        self.assertEqual(self.store(), HEAD + "default-ttl 72\n")

    def test_lines_are_added(self):
        """Until there are too many of those that are no more; and a file that is not as it was
        left is written anew."""
        def inode():
            return os.stat(self.lab.path("state/" + FILE)).st_ino

        self.client.set((TTL, integer(70)))
        first = inode()
        for number in range(71, 75):
            self.client.set((TTL, integer(number)))
            self.assertIn(f"gone default-ttl {number - 1}\ndefault-ttl {number}\n", self.file())
        self.assertEqual(inode(), first)
        self.assertEqual(self.store(), HEAD + "default-ttl 74\n")
        for number in range(600):
            self.client.set((self.cell("ifAlias", "va"), octets(b"%03d" % number * 20)))
        self.assertNotEqual(inode(), first)
        self.assertLess(os.stat(self.lab.path("state/" + FILE)).st_size, 70000)
        self.assertEqual(self.kept("alias"), ["alias va - " + "599" * 20])
        second = inode()
        with open(self.lab.path("state/" + FILE), "a") as file:
            file.write("half a li")
        self.client.set((TTL, integer(75)))
        self.assertNotEqual(inode(), second)
        self.assertEqual(self.file(), HEAD + "default-ttl 75\nalias va - " + "599" * 20 + "\n")
        os.rename(self.lab.path("state/" + FILE), self.lab.path("state/old"))
        self.client.set((TTL, integer(76)))
        self.assertEqual(self.kept("default-ttl"), ["default-ttl 76"])
        self.end()
        self.begin()
        self.assertEqual(self.client.value(TTL), 76)

    def test_cannot_be_written(self):
        """A full disk, and one that is read-only: what was is not lost, what is set is done,
        and it is written the next time."""
        self.end()
        state = self.lab.path("state")
        self.lab.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", state])
        self.begin()
        self.client.set((TTL, integer(70)))
        self.assertEqual(self.store(), HEAD + "default-ttl 70\n")

        def fill():
            self.lab.run(["sh", "-c", f"dd if=/dev/zero of={state}/ballast bs=4k || true"])

        def free():
            self.lab.run(["rm", f"{state}/ballast"])

        def lock():
            self.lab.run(["mount", "-o", "remount,ro", state])

        def unlock():
            self.lab.run(["mount", "-o", "remount,rw", state])

        number = 70
        for bar, unbar, said in ((fill, free, "No space left"),
                                 (lock, unlock, "Read-only")):
            bar()
            for word in range(80):  # there is room in the last block
                if re.search("cannot be kept.*" + said, self.daemon.text()):
                    break
                self.client.set((self.cell("ifAlias", "va"), octets(b"%02d" % word * 30)))
            before = self.store()
            for _ in range(10):
                number += 1
                self.done((TTL, integer(number)))
            self.assertEqual(self.store(), before)
            self.has_said("cannot be kept.*" + said)
            self.assertLess(self.daemon.text().count("cannot be kept"), 12)
            unbar()
            self.done((HOP_LIMIT6, integer(number)))
            self.has_said("is kept again")
            self.assertEqual(self.kept("default-ttl") + self.kept("hop-limit6"),
                             [f"default-ttl {number}", f"hop-limit6 {number}"])
        self.assertEqual(self.lab.run(["ls", state]).stdout.split().count(FILE + ".new"), 0)
        lock()
        self.done((TTL, integer(99)))
        unlock()
        self.end(signal.SIGTERM)  # the last chance
        self.assertIn("default-ttl 99", self.store())

    def test_no_folder(self):
        """It is made, as the library makes it."""
        self.end()
        os.rename(self.lab.path("state"), self.lab.path("state.old"))
        self.begin()
        self.client.set((TTL, integer(70)))
        self.assertEqual(self.store(), HEAD + "default-ttl 70\n")

    def test_another_netmibd(self):
        self.client.set((TTL, integer(70)))
        other = lab.Netmibd(self.lab, ["--standalone=udp:127.0.0.1:1171", "-f", "-C", "-c",
                                       self.lab.config, "-Le"])
        lab.wait_until(lambda: "is ready" in other.text(), 10, "the other one is ready")
        self.assertIn("another netmibd uses it", other.text())
        other.stop()
        self.client.set((TTL, integer(71)))
        self.assertEqual(self.store(), HEAD + "default-ttl 71\n")

    def test_tokens(self):
        self.end()
        self.begin("netmibdWrite dry-run")
        self.client.set((TTL, integer(70)), (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
                        (self.cell("ifLinkUpDownTrapEnable", "va"), DISABLED),
                        *self.new_route("10.52.0.0/16", kind=5))
        self.assertEqual(self.store(), "")
        self.assertEqual(self.client.get(self.at(STORAGE, "10.1.0.1"),
                                         self.cell("ifLinkUpDownTrapEnable", "va")),
                         [VOLATILE, ENABLED])
        for token in ("netmibdWrite dry-run", "netmibdWrite off", "netmibdPersist off"):
            self.end()
            self.put_store("alias va - a\nalias vb - b\ndefault-ttl 71\n")
            self.begin(token)
            if "Write" in token:
                self.has_said("what was set before the start is not restored")
            time.sleep(0.3)
            self.assertFalse(self.alias("va"))
            self.assertEqual(self.sysctl("ipv4/ip_default_ttl"), 64)
            self.assertEqual(self.daemon.text().count("is not restored"),
                             "Write" in token)
        self.client.set((TTL, integer(72)))  # netmibdPersist off
        self.refused(snmp.WRONG_VALUE, (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE))
        self.assertEqual(self.store(), "alias va - a\nalias vb - b\ndefault-ttl 71\n")
        self.end()
        self.begin()
        self.soon(lambda: self.sysctl("ipv4/ip_default_ttl") == 71, "restored")

    def test_a_thousand_routes(self):
        """Answers come meanwhile, and all of them are restored."""
        self.end()
        lines = [f"route va - 10.{60 + n // 256}.{n % 256}.0/24 via 10.1.0.2 table 254 tos 0 "
                 "metric 0 type 1 proto 4 scope 0\n" for n in range(1000)]
        self.put_store("".join(lines))
        self.begin()
        worst, begin = 0, time.monotonic()
        while len(self.routes()) < 1000:
            before = time.monotonic()
            self.client.get(TTL)
            worst = max(worst, time.monotonic() - before)
            if before - begin > 10 * lab.PATIENCE:
                self.fail(f"{len(self.routes())} routes\n" + self.daemon.text()[-2000:])
        print(f"1000 routes: worst answer {worst * 1000:.0f} ms, "
              f"all {time.monotonic() - begin:.2f} s")
        self.client.set((self.cell("ifAlias", "va"), octets(b"x")))
        self.assertEqual(sorted(self.store().splitlines()[1:]),
                         sorted(["alias va - x"] + [line.strip() for line in lines]))


class Churn(Base):
    """Anything, in any order: what the kernel has and what is kept is what was set and has
    not been destroyed since, by SNMP or by somebody."""

    tokens = []
    steps = 60

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("SEED") or random.randrange(2**32))
        print(f"SEED={seed}")
        self.random = random.Random(seed)
        self.client.set((self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
                        (self.at(STORAGE, "2001:db8:1::1"), NON_VOLATILE))
        self.address = {"10.1.0.1/24", "2001:db8:1::1/64"}
        self.route_to = set()
        self.done_so_far = []

    def pick(self, here, there):
        """One that is (or is not yet) there, or None."""
        found = sorted(here - there)
        return self.random.choice(found) if found else None

    ADDRESSES = {f"10.1.0.{n}/24" for n in range(10, 14)} | {
        f"2001:db8:1::{n}/64" for n in range(10, 14)}
    ROUTES = {f"10.{n}.0.0/16" for n in range(60, 64)} | {
        f"2001:db8:{n}::/48" for n in range(60, 64)}

    @staticmethod
    def hop(dst):
        return "2001:db8:1::2" if ":" in dst else "10.1.0.2"

    def step_add_address(self):
        address = self.pick(self.ADDRESSES, self.address)
        if address:
            self.client.set(*self.new_address(address.partition("/")[0], "va"))
            self.address.add(address)

    def step_destroy_address(self):
        address = self.pick(self.address & self.ADDRESSES, set())
        if address:
            self.client.set((self.at(ROW, address.partition("/")[0]), DESTROY))
            self.address.remove(address)

    def step_add_route(self):
        dst = self.pick(self.ROUTES, self.route_to)
        if dst:
            self.client.set(*self.new_route(dst, self.hop(dst), "va"))
            self.route_to.add(dst)

    def step_destroy_route(self):
        dst = self.pick(self.route_to, set())
        if dst:
            self.client.set(self.gone_route(dst, self.hop(dst)))
            self.route_to.remove(dst)

    def step_undone(self):
        dst, address = self.pick(self.ROUTES, self.route_to), self.pick(
            self.address & self.ADDRESSES, set())
        varbinds = self.new_route(dst, self.hop(dst), "va") if dst else []
        if address:
            varbinds.append((self.at(ROW, address.partition("/")[0]), DESTROY))
        with self.assertRaises(snmp.Refused):
            self.client.set(*varbinds, (self.cell("ifAdminStatus", "mr0"), UP))

    def step_somebody_takes_an_address(self):
        address = self.pick(self.address & self.ADDRESSES, set())
        if address:
            self.lab.ip("addr del", [address], "dev va")
            self.address.remove(address)

    def step_somebody_takes_a_route(self):
        dst = self.pick(self.route_to, set())
        if dst:
            self.lab.ip("-6" if ":" in dst else "-4", "route del", [dst])
            self.route_to.remove(dst)

    def step_bounce(self):
        for _ in range(self.random.randrange(1, 4)):
            self.lab.ip("link set va down")
            self.lab.ip("link set va up")

    def step_set_bounce(self):
        self.client.set((self.cell("ifAdminStatus", "va"), DOWN))
        self.client.set((self.cell("ifAdminStatus", "va"), UP))

    def step_new_link(self):
        self.lab.ip("link del va")
        self.lab.batch(LINKS[:3])
        self.renumber()

    def step_ipv6_off_and_on(self):
        self.sysctl("ipv6/conf/va/disable_ipv6", 1)
        self.sysctl("ipv6/conf/va/disable_ipv6", 0)

    def step_restart(self):
        self.end(self.random.choice((signal.SIGKILL, signal.SIGTERM)))
        if self.random.randrange(2):
            self.lab.ip("addr flush dev va scope global")
            self.lab.ip("-6 route flush proto static", check=False)
        elif self.random.randrange(2):
            self.lab.ip("link del va")
            self.lab.batch(LINKS[:3])
        self.begin()

    def looks_right(self):
        lines = self.store().splitlines()
        routes = {dst for dst in self.routes() | self.routes(6)}
        now = [set(self.addresses("va")), {route[1] for route in routes},
               {line.split()[3] for line in lines if line.startswith("address ")},
               {line.split()[3] for line in lines if line.startswith("route ")}]
        wanted = [self.address, self.route_to] * 2
        self.seen = [self.done_so_far[-8:], now, wanted]
        return now == wanted

    def test_churn(self):
        steps = sorted(name for name in dir(self) if name.startswith("step_"))
        self.soon(self.looks_right, "the beginning")
        for _ in range(self.steps):
            step = self.random.choice(steps)
            self.done_so_far.append(step)
            getattr(self, step)()
            self.soon(self.looks_right, step)


class StandaloneChurn(Churn, lab.Test):
    mode = "standalone"


class AgentXChurn(Churn, lab.Test):
    mode = "agentx"
    steps = 30


class StandalonePersist(Persist, lab.Test):
    mode = "standalone"


class AgentXPersist(Persist, lab.Test):
    mode = "agentx"

    def test_another_subagent_fails(self):
        """When all has been done and kept."""
        self.client.set((TTL, integer(70)))
        before = self.store()
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        varbinds = [(TTL, integer(71)), (self.cell("ifAlias", "va"), octets(b"no")),
                    (self.at(STORAGE, "10.1.0.1"), NON_VOLATILE),
                    *self.new_route("10.51.0.0/16", "10.1.0.2", "va")]
        for all_of_them in (varbinds + [other], [other] + varbinds):
            with self.assertRaises(snmp.Refused):
                self.client.set(*all_of_them)
            lab.wait_until(lambda: stub.seen[-1] == "undo", 5, "it is told to undo")
            self.soon(lambda: self.store() == before, "what was kept before")
        self.assertEqual(self.sysctl("ipv4/ip_default_ttl"), 70)

    def test_kept_before_the_answer(self):
        """Another subagent takes its time, and the manager has no answer yet."""
        stub, other = agentx.another(self)
        stub.mute = True
        with self.assertRaises(snmp.Timeout):
            self.client.set((TTL, integer(71)), other, timeout=0.5)
        self.assertEqual(self.store(), HEAD + "default-ttl 71\n")
        self.lab.snmpd.stop(signal.SIGKILL)
        self.end(signal.SIGTERM)
        self.assertEqual(self.store(), HEAD + "default-ttl 71\n")
