"""NETMIBD-MIB: every column against `ip -j -d` and /proc; prefix lengths, lifetimes, MTU and
forwarding that are set, refused and undone; and what is said of the last SET that failed."""

import itertools
import json
import signal

import agentx
import lab
import mib
import snmp
from snmp import integer, octets
from test_addresses import ADDR_TABLE, inet, rows
from test_set import FORWARDING, OF_EVERY_TYPE, SPIN_LOCK, TTL
from test_set_rows import (ACTIVE, DEPRECATED, GO, IFINDEX, PREFERRED, ROW, STATUS, STORAGE, Rows,
                           looking_once)

NMD = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1)
SET, IF_TABLE, NMD_ADDR, NMD_ROUTE = NMD + (1,), NMD + (2, 1), NMD + (3, 1), NMD + (4, 1)
MODE, DONE, FAILED, UNDONE, LAST, *ERROR = [SET + (number, 0) for number in range(1, 11)]
MTU, MIN_MTU, MAX_MTU, FORWARDING4, KIND = range(1, 6)
LENGTH, FOR_PREFERRED, FOR_VALID = range(1, 4)
TYPE, TABLE, TOS, PROTOCOL, WEIGHT, NEXTHOP = range(1, 7)
ROUTE_TABLE = mib.MIB2 + (4, 24, 7, 1)
EVER = 2**32 - 1
OFF, DRY_RUN, ON = 1, 2, 3


def gauge(number):
    return snmp.Value(snmp.GAUGE32, number)


class Nmd(Rows):
    def addr(self, column, text, zone=None):
        return NMD_ADDR + (column,) + inet(text, zone and self.indexes[zone])

    def cell(self, column, name):
        if isinstance(column, str):
            return super().cell(column, name)
        return IF_TABLE + (column, self.indexes[name])

    def check_addr(self):
        """All rows of nmdIpAddrTable against ip; those of ipAddressTable, exactly."""
        self.assertEqual({name[len(NMD_ADDR) + 1:] for name in self.client.walk(NMD_ADDR)},
                         {name[len(ADDR_TABLE) + 1:] for name in self.client.walk(ADDR_TABLE)})
        for link in json.loads(self.lab.ip("-j addr").stdout):
            for info in link.get("addr_info", []):
                at = [self.addr(column, info["local"],
                                link["ifname"] if info["local"].startswith("fe80") else None)
                      for column in (LENGTH, FOR_PREFERRED, FOR_VALID)]
                length, preferred, valid = [value.value for value in self.client.get(*at)]
                self.assertEqual(length, info["prefixlen"])
                if not info.get("deprecated"):
                    self.near(preferred, info["preferred_life_time"])
                self.near(valid, info["valid_life_time"])

    def near(self, number, wanted):
        """The same, or counting down."""
        if EVER in (number, wanted):
            self.assertEqual(number, wanted)
        self.assertLessEqual(abs(number - wanted), 30)

    def has(self, text, link, length, broadcast=None, preferred=EVER, valid=EVER):
        found = self.of(text)
        self.assertEqual([row[:3] for row in found], [(link, length, broadcast)])
        if preferred:
            self.near(found[0][3]["preferred_life_time"], preferred)
        self.assertEqual("deprecated" in found[0][3], preferred == 0)
        self.near(found[0][3]["valid_life_time"], valid)
        self.check_addr()

    def failure(self):
        """(status, index, text) of the last SET that failed."""
        values = [value.value for value in self.client.get(*ERROR)]
        return values[1], values[2], values[3].decode("ascii")


class Reading(Nmd):
    def test_interfaces(self):
        self.lab.batch(["link add br0 type bridge", "link set va mtu 9000"])
        self.sysctl("ipv4/conf/va/forwarding", 1)
        self.client.get(mib.IF_NUMBER)
        links = self.lab.links()
        found = rows(self.client, IF_TABLE, 5)
        self.assertEqual(set(found), {(number,) for number in links})
        for number, link in links.items():
            self.assertEqual(
                found[number,], {
                    MTU: link["mtu"], MIN_MTU: link["min_mtu"], MAX_MTU: link["max_mtu"],
                    FORWARDING4: 2 - self.sysctl(f"ipv4/conf/{link['ifname']}/forwarding"),
                    KIND: mib.kind(link).encode()})

    def test_without_ipv4(self):
        """An ifb takes an MTU that has no room for it."""
        self.lab.ip("link add t0 type ifb")
        self.client.get(mib.IF_NUMBER)
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        self.lab.ip("link set t0 mtu 67")
        at = self.cell(FORWARDING4, "t0")
        self.assertEqual(self.client.get(at), [snmp.NO_INSTANCE])
        self.fails(snmp.NO_CREATION, (at, integer(1)))
        self.done((self.cell(MTU, "t0"), integer(68)))
        self.assertEqual(self.client.get(at), [integer(2)])

    def test_forwarding_follows(self):
        names = ("lo", "va", "vb", "down0")
        for value in (1, 0, 1):
            for name in names[1:]:
                self.sysctl(f"ipv4/conf/{name}/forwarding", value)
                self.assertEqual(self.client.value(self.cell(FORWARDING4, name)), 2 - value)
            self.sysctl("ipv4/ip_forward", 1 - value)
            self.sysctl("ipv4/ip_forward", value)
            self.assertEqual([self.client.value(self.cell(FORWARDING4, name))
                              for name in names], [2 - value] * 4)

    def test_addresses(self):
        self.lab.batch([
            "addr add 10.5.0.1/25 dev va valid_lft 3000 preferred_lft 1000",
            "addr add 10.5.1.1 peer 10.5.2.9/30 dev va",
            "addr add 2001:db8:5::1/80 dev wa nodad valid_lft 3000 preferred_lft 1000",
            "addr add 2001:db8:5::2/64 dev wa nodad valid_lft 500 preferred_lft 0"])
        self.check_addr()
        self.assertEqual(self.client.value(self.addr(FOR_PREFERRED, "2001:db8:5::2")), 0)

    def test_lifetimes_count_down(self):
        self.lab.ip("addr add 10.5.0.1/24 dev va valid_lft 2000 preferred_lft 1000")
        names = [self.addr(column, "10.5.0.1") for column in (FOR_PREFERRED, FOR_VALID)]
        first = [value.value for value in self.client.get(*names)]
        lab.wait_until(lambda: all(now.value < was for now, was in
                                   zip(self.client.get(*names), first)), 5, "less")

    def test_routes(self):
        self.lab.batch([
            "route add 10.50.0.0/16 via 10.1.0.2 proto bgp", "route add 10.51.0.0/16 via "
            "10.1.0.2 tos 0x10", "route add blackhole 10.52.0.0/16",
            "route add unreachable 10.53.0.0/16 proto 99", "route add prohibit 10.54.0.0/16",
            "route add 10.55.0.0/16 nexthop via 10.1.0.2 weight 3 nexthop via 10.1.0.3",
            "nexthop add id 77 via 10.1.0.7 dev va", "route add 10.56.0.0/16 nhid 77",
            "route add 10.57.0.0/16 dev va table 253",
            "route add local 10.58.0.1 dev lo table main",
            "route add 2001:db8:50::/48 nexthop via 2001:db8:1::2 weight 5 nexthop via "
            "2001:db8:1::3 weight 256"])
        found = rows(self.client, NMD_ROUTE, 6)
        self.assertEqual(set(found), set(rows(self.client, ROUTE_TABLE, 11)))
        by_dst = {}
        for index, row in found.items():
            by_dst.setdefault(index[2:6], []).append(
                tuple(row[column] for column in range(1, 7)))
        for number, wanted in ((50, [(1, 254, 0, 186, 0, 0)]), (51, [(1, 254, 16, 3, 0, 0)]),
                               (52, [(6, 254, 0, 3, 0, 0)]), (53, [(7, 254, 0, 99, 0, 0)]),
                               (54, [(8, 254, 0, 3, 0, 0)]),
                               (55, [(1, 254, 0, 3, 3, 0), (1, 254, 0, 3, 1, 0)]),
                               (56, [(1, 254, 0, 3, 0, 77)]), (57, [(1, 253, 0, 3, 0, 0)]),
                               (58, [(2, 254, 0, 3, 0, 0)])):
            last = (0, 1) if number == 58 else (0, 0)
            self.assertEqual(sorted(by_dst[(10, number) + last]), sorted(wanted), number)
        self.assertEqual(sorted(row[WEIGHT] for index, row in found.items()
                                if index[2:8] == (0x20, 0x01, 0x0d, 0xb8, 0, 0x50)), [5, 256])

    def test_walk_is_whole(self):
        """What another module has in the same part of the tree is not ours to show."""
        roots = {name[:len(NMD) + 1] for name in self.client.walk(NMD[:-2])}
        self.assertEqual(roots, {NMD + (number,) for number in (1, 2, 3, 4, 5, 7)})
        self.assertEqual(self.client.get(NMD + (9, 0), SET + (11, 0), SET + (1, 1)),
                         [snmp.NO_OBJECT, snmp.NO_OBJECT, snmp.NO_INSTANCE])

    @looking_once
    def test_not_writable(self):
        for name in ([SET + (number, 0) for number in range(1, 11)] +
                     [self.cell(column, "va") for column in (MIN_MTU, MAX_MTU, KIND)] +
                     [next(iter(self.client.walk(NMD_ROUTE + (column,))))
                      for column in range(1, 7)]):
            self.fails(snmp.NOT_WRITABLE, (name, self.client.get(name)[0]))


class Addresses(Nmd):
    def whole(self, text, length, preferred, valid, status=PREFERRED):
        return [(self.at(ROW, text), GO), (self.at(IFINDEX, text), self.number("va")),
                (self.addr(LENGTH, text), gauge(length)), (self.at(STATUS, text), status),
                (self.addr(FOR_PREFERRED, text), gauge(preferred)),
                (self.addr(FOR_VALID, text), gauge(valid))]

    def test_create(self):
        for text, length, broadcast in (("10.8.0.9", 24, "10.8.0.255"), ("10.8.0.8", 31, None),
                                        ("10.8.0.0", 32, None), ("10.1.0.9", 16, "10.1.255.255"),
                                        ("10.8.9.9", 1, "127.255.255.255"),
                                        ("2001:db8:8::9", 64, None),
                                        ("2001:db8:1::9", 127, None)):
            with self.subTest(text=text, length=length):
                self.client.set(*self.new(text, "va"), (self.addr(LENGTH, text), gauge(length)))
                self.has(text, "va", length, broadcast)
                self.client.set(self.gone(text))
                self.absent(text)

    def test_create_with_all(self):
        for text, length, broadcast in (("10.8.0.9", 24, "10.8.0.255"),
                                        ("2001:db8:8::9", 64, None)):
            whole = self.whole(text, length, 1000, 2000)
            for order in (whole, whole[::-1], whole[3:] + whole[:3],
                          whole[2:3] + whole[:2] + whole[4:]):
                self.client.set(*order)
                self.has(text, "va", length, broadcast, 1000, 2000)
                self.client.set(self.gone(text))
            self.client.set(*self.whole(text, length, 0, EVER, DEPRECATED))
            self.has(text, "va", length, broadcast, 0)
            self.client.set(self.gone(text))
            self.client.set(*self.new(text, "va"), (self.addr(FOR_VALID, text), gauge(500)))
            self.assertEqual(self.of(text)[0][1], 32 if "." in text else 128)
            self.near(self.of(text)[0][3]["preferred_life_time"], 500)
            self.client.set(self.gone(text))

    def test_create_is_undone(self):
        for text, length in (("10.8.0.9", 24), ("2001:db8:8::9", 64)):
            self.late(*self.whole(text, length, 1000, 2000))

    def test_without_a_row(self):
        """What is set of a row that is not there needs its RowStatus."""
        for text in ("10.8.0.9", "2001:db8:8::9"):
            at = self.addr(LENGTH, text)
            self.fails(snmp.INCONSISTENT_NAME, (at, gauge(24)))
            self.fails(snmp.INCONSISTENT_NAME, (at, gauge(24)),
                       (self.addr(FOR_VALID, text), gauge(5)))
            self.fails(snmp.INCONSISTENT_VALUE, (at, gauge(24)), (self.at(ROW, text), GO),
                       index=2)
            self.fails(snmp.INCONSISTENT_VALUE, (at, gauge(24)), (self.at(ROW, text), ACTIVE),
                       index=2)
        self.fails(snmp.NO_CREATION, (self.addr(LENGTH, "224.0.0.1"), gauge(24)))
        self.fails(snmp.NO_CREATION, (NMD_ADDR + (LENGTH, 1, 4, 10), gauge(24)))

    @looking_once
    def test_wrong(self):
        for text in ("10.1.0.1", "10.8.0.9", "2001:db8:1::1", "2001:db8:8::9"):
            for column, bad in ((LENGTH, (0, 129, 2**32 - 1)), (FOR_VALID, (0,))):
                for number in bad:
                    self.fails(snmp.WRONG_VALUE, (self.addr(column, text), gauge(number)))
                for value in OF_EVERY_TYPE:
                    if value.tag != snmp.GAUGE32:
                        self.fails(snmp.WRONG_TYPE, (self.addr(column, text), value))
        for text in ("10.1.0.1", "10.8.0.9"):
            for number in (33, 64, 128):
                self.fails(snmp.WRONG_VALUE, (self.addr(LENGTH, text), gauge(number)))
            self.assertIn("32 bits", self.failure()[2])
        self.fails(snmp.WRONG_VALUE, *self.new("10.8.0.9", "va"),
                   (self.addr(LENGTH, "10.8.0.9"), gauge(33)), index=3)

    @looking_once
    def test_edges(self):
        for text, length in (("10.8.0.0", 24), ("10.8.0.255", 24), ("10.8.0.255", 30),
                             ("10.8.0.4", 30), ("10.8.255.255", 16), ("128.0.0.0", 1)):
            at = (self.addr(LENGTH, text), gauge(length))
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(text, "va"), at, index=3)
            self.fails(snmp.INCONSISTENT_VALUE, at, *self.new(text, "va"))
            self.assertEqual(self.failure()[:2], (snmp.INCONSISTENT_VALUE, 1))

    def test_edge_of_a_new_length(self):
        self.lab.ip("addr add 10.8.0.16/24 dev va")
        self.fails(snmp.INCONSISTENT_VALUE, (self.addr(LENGTH, "10.8.0.16"), gauge(30)))
        self.done((self.addr(LENGTH, "10.8.0.16"), gauge(31)))

    def test_another_length(self):
        for text, lengths in (("10.1.0.1", (16, 30, 32, 24)),
                              ("2001:db8:1::1", (48, 128, 127, 64))):
            for length in lengths:
                self.done((self.addr(LENGTH, text), gauge(length)))
                broadcast = {16: "10.1.255.255", 30: "10.1.0.3", 24: "10.1.0.255"}
                self.has(text, "va", length, broadcast.get(length) if "." in text else None)
                self.done((self.addr(LENGTH, text), gauge(length)))
        self.check_addresses()

    def test_another_length_keeps_lifetimes(self):
        self.lab.batch(["addr change 10.1.0.1/24 dev va valid_lft 2000 preferred_lft 1000",
                        "addr change 2001:db8:1::1/64 dev va valid_lft 2000 preferred_lft 0"])
        self.client.set((self.addr(LENGTH, "10.1.0.1"), gauge(25)),
                        (self.addr(LENGTH, "2001:db8:1::1"), gauge(65)))
        self.has("10.1.0.1", "va", 25, "10.1.0.127", 1000, 2000)
        self.has("2001:db8:1::1", "va", 65, None, 0, 2000)

    def test_another_length_of_a_peer(self):
        self.lab.ip("addr add 10.8.1.0 peer 10.8.2.9/32 dev va")
        self.done((self.addr(LENGTH, "10.8.1.0"), gauge(24)))
        info = self.of("10.8.1.0")[0]
        self.assertEqual((info[1], info[3]["address"]), (24, "10.8.2.9"))

    def test_another_length_is_undone(self):
        self.lab.batch([
            "route add 10.9.0.0/16 via 10.1.0.2 metric 5 proto static",
            "route add default via 10.1.0.2 src 10.1.0.1",
            "route add 2001:db8:9::/48 via 2001:db8:1::2 proto static",
            "neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev va nud permanent"])
        self.late((self.addr(LENGTH, "10.1.0.1"), gauge(28)))
        self.late((self.addr(LENGTH, "2001:db8:1::1"), gauge(72)),
                  (self.addr(FOR_VALID, "2001:db8:1::1"), gauge(70)),
                  (self.addr(FOR_PREFERRED, "2001:db8:1::1"), gauge(60)))
        self.late((self.addr(LENGTH, "10.1.0.1"), gauge(28)),
                  (self.at(IFINDEX, "10.1.0.1"), self.number("wa")))

    def test_another_length_on_another_interface(self):
        for text, length in (("10.1.0.1", 25), ("2001:db8:1::1", 65)):
            self.done((self.at(IFINDEX, text), self.number("wa")),
                      (self.addr(LENGTH, text), gauge(length)))
            self.assertEqual(self.of(text)[0][:2], ("wa", length))

    def test_length_that_is_there(self):
        self.lab.ip("addr add 10.1.0.1/16 dev va")
        self.assertEqual(self.client.value(self.addr(LENGTH, "10.1.0.1")), 24)
        self.fails(snmp.INCONSISTENT_VALUE, (self.addr(LENGTH, "10.1.0.1"), gauge(16)))
        self.assertIn("already", self.failure()[2])

    def test_secondaries(self):
        """They would go with their primary address, now or when it ends."""
        self.lab.ip("addr add 10.1.0.2/24 dev va")
        for number in (0, 1):
            self.sysctl("ipv4/conf/va/promote_secondaries", number)
            for varbinds in ([(self.addr(LENGTH, "10.1.0.1"), gauge(25))],
                             [(self.addr(FOR_VALID, "10.1.0.1"), gauge(500)),
                              (self.addr(FOR_PREFERRED, "10.1.0.1"), gauge(500))]):
                if number:
                    self.client.set(*varbinds)
                else:
                    self.fails(snmp.INCONSISTENT_VALUE, *varbinds)
        self.assertEqual(self.of("10.1.0.2")[0][1], 24)

    def test_fixed(self):
        lab.wait_until(lambda: [1 for link in json.loads(self.lab.ip("-j addr show va").stdout)
                                for info in link["addr_info"] if info["scope"] == "link"], 5,
                       "a link-local address")
        local, = [info["local"] for link in json.loads(self.lab.ip("-j addr show va").stdout)
                  for info in link["addr_info"] if info["scope"] == "link"]
        for text, zone in (("127.0.0.1", None), ("::1", None), (local, "va"),
                           ("10.1.0.255", None)):
            for column in (LENGTH, FOR_PREFERRED, FOR_VALID):
                self.fails(snmp.NOT_WRITABLE, (self.addr(column, text, zone), gauge(20)))

    def test_lifetimes(self):
        for text, length, broadcast in (("10.1.0.1", 24, "10.1.0.255"),
                                        ("2001:db8:1::1", 64, None)):
            for preferred, valid in ((1000, 2000), (0, 3000), (500, 500), (EVER, EVER),
                                     (0, EVER), (1, EVER), (EVER, EVER)):
                self.client.set((self.addr(FOR_PREFERRED, text), gauge(preferred)),
                                (self.addr(FOR_VALID, text), gauge(valid)))
                if preferred != 1:
                    self.has(text, "va", length, broadcast, preferred, valid)
            self.client.set((self.addr(FOR_VALID, text), gauge(4000)),
                            (self.addr(FOR_PREFERRED, text), gauge(3000)))
            self.client.set((self.addr(FOR_PREFERRED, text), gauge(2000)))
            self.has(text, "va", length, broadcast, 2000, 4000)
            self.client.set((self.addr(FOR_VALID, text), gauge(2500)))
            self.has(text, "va", length, broadcast, 2000, 2500)
            self.refused(snmp.INCONSISTENT_VALUE, (self.addr(FOR_VALID, text), gauge(1000)))
            self.refused(snmp.INCONSISTENT_VALUE, (self.addr(FOR_PREFERRED, text), gauge(3000)))
            self.refused(snmp.INCONSISTENT_VALUE, (self.addr(FOR_PREFERRED, text), gauge(EVER)))
            self.refused(snmp.INCONSISTENT_VALUE, (self.addr(FOR_VALID, text), gauge(4000)),
                       (self.addr(FOR_PREFERRED, text), gauge(5000)), index=2)
            self.assertIn("longer than it is valid", self.failure()[2])

    def test_lifetimes_are_undone(self):
        for text in ("10.1.0.1", "2001:db8:1::1"):
            self.late((self.addr(FOR_PREFERRED, text), gauge(0)))
            self.late((self.addr(FOR_VALID, text), gauge(90)),
                      (self.addr(FOR_PREFERRED, text), gauge(80)))

    def test_it_ends(self):
        """A lifetime that is over takes the address away; netmibd follows."""
        for text in ("10.8.0.9", "2001:db8:8::9"):
            self.client.set(*self.new(text, "va"), (self.addr(FOR_VALID, text), gauge(1)))
        for text in ("10.8.0.9", "2001:db8:8::9"):
            lab.wait_until(lambda: self.client.get(self.at(ROW, text))[0] == snmp.NO_INSTANCE,
                           20, f"{text} is gone")
            self.assertEqual(self.of(text), [])

    @looking_once
    def test_lifetime_and_status(self):
        for text in ("10.1.0.1", "2001:db8:1::1"):
            status, life = self.at(STATUS, text), self.addr(FOR_PREFERRED, text)
            for varbinds in ([(status, DEPRECATED), (life, gauge(5))],
                             [(status, PREFERRED), (life, gauge(0))]):
                self.fails(snmp.INCONSISTENT_VALUE, *varbinds, index=2)
                self.fails(snmp.INCONSISTENT_VALUE, *varbinds[::-1])

    def test_lifetime_with_status(self):
        for text, length, broadcast in (("10.1.0.1", 24, "10.1.0.255"),
                                        ("2001:db8:1::1", 64, None)):
            self.client.set((self.at(STATUS, text), DEPRECATED),
                            (self.addr(FOR_PREFERRED, text), gauge(0)))
            self.has(text, "va", length, broadcast, 0)
            self.client.set((self.addr(FOR_VALID, text), gauge(900)),
                            (self.at(STATUS, text), PREFERRED))
            self.has(text, "va", length, broadcast, 900, 900)

    def test_kept_with_its_length(self):
        lengths = {"10.8.0.9": 20, "2001:db8:8::9": 56}
        for text, length in lengths.items():
            self.client.set(*self.new(text, "va"), (self.at(STORAGE, text), integer(3)),
                            (self.addr(LENGTH, text), gauge(length + 1)))
            self.done((self.addr(LENGTH, text), gauge(length)))
            self.fails(snmp.INCONSISTENT_VALUE, (self.addr(FOR_PREFERRED, text), gauge(500)),
                       (self.addr(FOR_VALID, text), gauge(500)), index=2)
        self.daemon.stop(signal.SIGKILL)
        self.lab.batch([f"addr del {text}/{length} dev va" for text, length in lengths.items()])
        self.daemon = self.lab.start(self.mode)
        for text, length in lengths.items():
            lab.wait_until(lambda: [row[:2] for row in self.of(text)] == [("va", length)], 5,
                           f"{text}/{length} is back")

    def test_protect(self):
        self.configure("netmibdProtect va")
        for text in ("10.1.0.1", "2001:db8:1::1"):
            self.fails(snmp.INCONSISTENT_VALUE, (self.addr(LENGTH, text), gauge(28)))
            self.fails(snmp.INCONSISTENT_VALUE, (self.addr(FOR_PREFERRED, text), gauge(5)),
                       (self.addr(FOR_VALID, text), gauge(5)), index=2)
            self.client.set((self.addr(FOR_PREFERRED, text), gauge(5000)))

    def test_dry_run(self):
        self.configure("netmibdWrite dry-run")
        before = self.state()
        self.client.set(*self.whole("10.8.0.9", 24, 100, 200),
                        (self.addr(LENGTH, "2001:db8:1::1"), gauge(60)),
                        (self.cell(MTU, "va"), integer(1000)),
                        (self.cell(FORWARDING4, "va"), integer(1)))
        self.assertEqual(self.state(), before)
        for words in ("10.8.0.9/24", "2001:db8:1::1/64.*gone", "2001:db8:1::1/60", "MTU 1000",
                      "IPv4 forwarding .*on"):
            self.assertRegex(self.daemon.text(), "dry run: .*" + words)
        self.assertEqual(self.client.value(MODE), DRY_RUN)


class Interfaces(Nmd):
    def of_ipv6(self, name):
        """The settings of IPv6 on a link, those that can be read, and of its neighbours."""
        text = self.lab.run(["sh", "-c", f"grep -Hs . /proc/sys/net/ipv6/conf/{name}/* "
                             f"/proc/sys/net/ipv6/neigh/{name}/*; true"]).stdout
        return sorted(text.splitlines())

    def test_mtu(self):
        for name, numbers in (("va", (1400, 9000, 1280, 1279, 68, 1500)), ("down0", (2000, 68)),
                              ("mu0", (1400, 1500)), ("lo", (1500, 100, 65536))):
            for number in numbers:
                self.done((self.cell(MTU, name), integer(number)))
                self.assertEqual(self.link(name)["mtu"], number)
                self.assertEqual(self.client.value(self.cell("ifMtu", name)), number)
                self.done((self.cell(MTU, name), integer(number)))

    @looking_once
    def test_wrong(self):
        for number in (67, 1, 0, -1, -2**31):
            for name in ("va", "down0", "lo"):
                self.fails(snmp.WRONG_VALUE, (self.cell(MTU, name), integer(number)))
        self.fails(snmp.WRONG_VALUE, (IF_TABLE + (MTU, 9999), integer(67)))
        for column, number in ((MTU, 1500), (FORWARDING4, 2)):
            self.fails(snmp.NO_CREATION, (IF_TABLE + (column, 9999), integer(number)))
            for value in OF_EVERY_TYPE:
                if value.tag != snmp.INTEGER:
                    self.fails(snmp.WRONG_TYPE, (self.cell(column, "va"), value))
        for number in (0, 3, -1):
            self.fails(snmp.WRONG_VALUE, (self.cell(FORWARDING4, "va"), integer(number)))
        for number in (self.link("va")["max_mtu"] + 1, 2**31 - 1):
            self.fails(snmp.INCONSISTENT_VALUE, (TTL, integer(9)),
                       (self.cell(MTU, "va"), integer(number)), index=2)
        status, index, text = self.failure()
        self.assertEqual((status, index), (snmp.INCONSISTENT_VALUE, 2))
        self.assertRegex(text, "^nmdIfMtu: the device does not take")

    def test_a_port_of_a_bridge(self):
        self.lab.batch(["link add br0 type bridge", "link set down0 master br0",
                        "link set br0 up", "link set down0 up", "link set down1 up"])
        lab.wait_until(lambda: "LOWER_UP" in self.lab.ip("link show br0").stdout, 5, "carrier")
        self.fails(snmp.INCONSISTENT_VALUE, (self.cell(MTU, "down0"), integer(1279)))
        self.assertIn("bridge", self.failure()[2])
        self.done((self.cell(MTU, "down0"), integer(1280)))

    def furnish(self):
        """va with all that IPv6 can lose."""
        self.lab.batch([
            "addr add 2001:db8:3::1/80 dev va nodad preferred_lft 0",
            "addr add fe80::99/64 dev va nodad",
            "route add 2001:db8:9::/48 via 2001:db8:1::2 dev va metric 7 proto static",
            "route add 2001:db8:a::/48 dev va table 100", "route add ::/0 via 2001:db8:1::2",
            "route add 10.9.0.0/16 via 10.1.0.2 dev va mtu 1400",
            "nexthop add id 7 via 2001:db8:1::2 dev va",
            "route add 2001:db8:b::/48 nhid 7",
            "neigh add 2001:db8:1::7 lladdr 02:00:00:00:00:07 dev va nud permanent",
            "neigh add proxy 2001:db8:1::a dev va"])
        for file, number in (("conf/va/forwarding", 1), ("conf/va/accept_ra", 0),
                             ("conf/va/mtu", 1300), ("conf/va/hop_limit", 11),
                             ("neigh/va/retrans_time_ms", 2222)):
            self.sysctl("ipv6/" + file, number)

    def test_mtu_is_undone(self):
        self.furnish()
        settings = self.of_ipv6("va")
        for number in (1400, 1280, 1279, 68, 9000):
            with self.subTest(number=number):
                self.late((self.cell(MTU, "va"), integer(number)))
                self.assertEqual(self.of_ipv6("va"), settings)
                self.assertEqual(self.of("fe80::99")[0][:2], ("va", 64))
                self.assertEqual(self.client.value(self.cell(MTU, "va")), 1500)

    def test_mtu_of_a_link_that_is_down(self):
        self.lab.batch(["addr add 2001:db8:d::1/64 dev down0 nodad",
                        "addr add 10.13.0.1/24 dev down0"])
        for file, number in (("forwarding", 1), ("mtu", 1300)):
            self.sysctl("ipv6/conf/down0/" + file, number)
        settings = self.of_ipv6("down0")
        for number in (1400, 1000):
            self.late((self.cell(MTU, "down0"), integer(number)))
            self.assertEqual(self.of_ipv6("down0"), settings)

    def test_mtu_of_ipv6_that_is_off(self):
        self.sysctl("ipv6/conf/wa/disable_ipv6", 1)
        settings = self.of_ipv6("wa")
        self.late((self.cell(MTU, "wa"), integer(1000)))
        self.assertEqual(self.of_ipv6("wa"), settings)
        self.assertNotIn("inet6", self.lab.ip("addr show wa").stdout)

    def test_mtu_with_a_strange_name(self):
        """A name is no pattern."""
        self.lab.batch(["link add a*[b-z]? type veth peer name w?", "link set a*[b-z]? up",
                        "link set w? up", "addr add 2001:db8:7::1/64 dev a*[b-z]? nodad"])
        self.client.get(mib.IF_NUMBER)
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        lab.wait_until(lambda: all(  # else the carrier comes in the middle
            link["operstate"] == "UP" for link in self.lab.links().values()
            if link["ifname"] in ("a*[b-z]?", "w?")), 5, "both ends are up")
        self.lab.run(["sh", "-c", "echo 7 >'/proc/sys/net/ipv6/conf/a*[b-z]?/hop_limit'"])
        self.late((self.cell(MTU, "a*[b-z]?"), integer(1000)))
        self.assertEqual(self.lab.run(["cat", "/proc/sys/net/ipv6/conf/a*[b-z]?/hop_limit"])
                         .stdout, "7\n")

    def test_links_that_run_on_it(self):
        """mu0 runs on wb, and mv0 on that: the kernel cuts them, netmibd brings them back."""
        self.lab.batch(["link set mr0 mtu 1300",
                        "addr add 2001:db8:6::1/64 dev mu0 nodad", "route add 2001:db8:66::/48 "
                        "via 2001:db8:6::2 dev mu0"])
        for number in (1400, 1299, 1000):
            self.late((self.cell(MTU, "wb"), integer(number)))
        self.done((self.cell(MTU, "wb"), integer(1290)))
        self.assertEqual([self.link(name)["mtu"] for name in ("wb", "mu0", "mr0")], [1290] * 3)
        self.client.set((self.cell(MTU, "wb"), integer(1500)),
                        (self.cell(MTU, "mu0"), integer(1500)))
        self.assertEqual(self.link("mr0")["mtu"], 1290)
        self.configure("netmibdProtect mu0")
        self.refused(snmp.INCONSISTENT_VALUE, (self.cell(MTU, "wb"), integer(1400)))
        self.assertIn("runs on it", self.failure()[2])
        self.done((self.cell(MTU, "wb"), integer(1600)))

    def test_what_the_kernel_refuses(self):
        """A macvlan's MTU cannot be greater than that of what it runs on."""
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (TTL, integer(9)), (self.cell(MTU, "va"), integer(1000)),
                     (self.cell(MTU, "mu0"), integer(1600)), index=3)
        self.unchanged(before)
        status, index, text = self.failure()
        self.assertEqual((status, index), (snmp.COMMIT_FAILED, 3))
        self.assertRegex(text, r"^the kernel refuses: .*\(link \d+ MTU 1600\)$")

    def test_protect(self):
        self.configure("netmibdProtect va")
        for number in (1000, 1499, 9000):
            self.fails(snmp.INCONSISTENT_VALUE, (self.cell(MTU, "va"), integer(number)))
        self.done((self.cell(MTU, "va"), integer(1500)), (self.cell(MTU, "wa"), integer(1400)))
        self.assertIn("protected", self.failure()[2])

    def test_forwarding(self):
        for name in ("va", "down0"):
            for number in (1, 1, 2, 2, 1):
                self.done((self.cell(FORWARDING4, name), integer(number)))
                self.assertEqual(self.sysctl(f"ipv4/conf/{name}/forwarding"), 2 - number)
        self.assertEqual(self.sysctl("ipv4/conf/vb/forwarding"), 0)
        self.assertEqual(self.sysctl("ipv4/ip_forward"), 0)
        self.late((self.cell(FORWARDING4, "va"), integer(2)),
                  (self.cell(FORWARDING4, "vb"), integer(1)))
        self.late((FORWARDING, integer(1)), (self.cell(FORWARDING4, "va"), integer(2)))

    def test_forwarding_of_one_and_of_all(self):
        """That of one link is what was said of it, in whatever order."""
        link = self.cell(FORWARDING4, "va")
        for one, every, before in itertools.product((1, 2), (1, 2), (0, 1)):
            varbinds = [(link, integer(one)), (FORWARDING, integer(every))]
            for order in (varbinds, varbinds[::-1]):
                self.sysctl("ipv4/ip_forward", every - 1)
                self.sysctl("ipv4/conf/va/forwarding", before)
                self.done(*order)
        self.sysctl("ipv4/ip_forward", 0)
        varbinds = [(link, integer(2)), (self.cell("ifAdminStatus", "va"), integer(2)),
                    (FORWARDING, integer(1))]
        self.late(*varbinds)
        self.done(*varbinds)

    def test_one_link(self):
        """Columns of three tables meet in one edit."""
        self.done((self.cell(MTU, "va"), integer(1400)),
                  (self.cell("ifAlias", "va"), octets(b"new")),
                  (self.cell(FORWARDING4, "va"), integer(1)),
                  (self.cell("ifAdminStatus", "va"), integer(2)))
        self.late((self.cell(MTU, "va"), integer(1000)),
                  (self.cell("ifAlias", "va"), octets(b"newer")),
                  (self.cell(FORWARDING4, "va"), integer(2)),
                  (self.cell("ifAdminStatus", "va"), integer(1)))


class Outcomes(Nmd):
    def counters(self):
        return [value.value for value in self.client.get(DONE, FAILED, UNDONE, LAST)]

    def test_at_the_start(self):
        self.assertEqual([value.value for value in
                          self.client.get(MODE, DONE, FAILED, UNDONE, LAST, *ERROR)],
                         [ON, 0, 0, 0, 0, 0, 0, 0, b"", 0])

    def test_counters(self):
        self.client.set((TTL, integer(9)), (self.cell("ifAlias", "va"), octets(b"x")),
                        (self.cell(MTU, "va"), integer(1400)))
        self.assertEqual(self.counters(), [1, 0, 0, 1])
        self.refused(snmp.WRONG_VALUE, (TTL, integer(8)), (TTL, integer(0)), index=2)
        self.assertEqual(self.counters(), [1, 1, 0, 2])
        self.refused(snmp.INCONSISTENT_VALUE, (self.cell("ifAdminStatus", "lo"), integer(2)))
        self.refused(snmp.COMMIT_FAILED, *self.the_kernel_refuses())
        self.assertEqual(self.counters(), [1, 3, 0, 4])
        self.client.set((TTL, integer(9)))
        self.assertEqual(self.counters(), [2, 3, 0, 5])
        self.assertEqual(self.client.value(ERROR[0]), 4)
        self.assertRegex(self.daemon.text(), "transaction 1: ")

    def test_reasons(self):
        for status, index, text, varbinds in (
                (snmp.WRONG_TYPE, 2, "^ipDefaultTTL: .*type",
                 [(SPIN_LOCK, None), (TTL, octets(b"1"))]),
                (snmp.WRONG_VALUE, 1, "^ipDefaultTTL: ", [(TTL, integer(0))]),
                (snmp.WRONG_LENGTH, 1, "^ifAlias: .*length",
                 [(self.cell("ifAlias", "va"), octets(b"x" * 65))]),
                (snmp.NOT_WRITABLE, 1, "^ifMtu: ", [(self.cell("ifMtu", "va"), integer(1))]),
                (snmp.NO_CREATION, 1, "^ifAlias: ", [(mib.cell("ifAlias", 9999), octets(b"x"))]),
                (snmp.INCONSISTENT_NAME, 1, "^nmdIpAddrPrefixLength: ",
                 [(self.addr(LENGTH, "10.8.0.9"), gauge(24))]),
                (snmp.INCONSISTENT_VALUE, 2, "^ifAdminStatus: ",
                 [(TTL, integer(9)), (self.cell("ifAdminStatus", "lo"), integer(2))]),
                (snmp.COMMIT_FAILED, 3, r"^the kernel refuses: .+ \(neighbour 2001:db8:ff::1",
                 [(TTL, integer(9)), (self.cell("ifAlias", "va"), octets(b"x"))] +
                 self.the_kernel_refuses())):
            varbinds = [(name, value or integer(self.client.value(name)))
                        for name, value in varbinds]
            with self.subTest(text=text):
                self.refused(status, *varbinds, index=index)
                now = self.client.value(mib.SYS_UPTIME)
                self.assertEqual(self.failure()[:2], (status, index))
                self.assertRegex(self.failure()[2], text)
                self.assertLessEqual(abs(now - self.client.value(ERROR[4])), 3000)

    def test_the_words_of_the_kernel(self):
        """It says more than an errno of a route to nowhere."""
        at = ROUTE_TABLE + (17,) + inet("10.77.0.0") + (16, 2, 0, 0) + inet("10.66.0.1")
        self.refused(snmp.COMMIT_FAILED, (TTL, integer(9)),
                     (ROUTE_TABLE + (7,) + at[len(ROUTE_TABLE) + 1:], self.number("va")),
                     (at, GO), index=3)
        done = self.lab.ip("route add 10.77.0.0/16 via 10.66.0.1 dev va", check=False)
        words, = [line[len("Error: "):].rstrip(".") for line in done.stderr.splitlines()
                  if line.startswith("Error: ")]
        self.assertIn(words, self.failure()[2])

    def test_words_are_cut(self):
        """An alias has 64 octets at most here; nothing breaks the answer."""
        name = "x" * 15
        self.lab.ip(f"link add {name} type ifb")
        self.client.get(mib.IF_NUMBER)
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        self.client.set((self.cell("ifAlias", name), octets(b"%s" * 32)))
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAlias", name), octets(b"%n" * 32)),
                     *self.the_kernel_refuses(), index=2)
        self.assertLessEqual(len(self.failure()[2]), 255)

    def test_mode(self):
        self.assertEqual(self.client.value(MODE), ON)
        self.configure("netmibdWrite off")
        self.assertEqual(self.client.value(MODE), OFF)
        self.refused(snmp.NOT_WRITABLE, (TTL, integer(9)))
        self.assertEqual(self.failure()[:2], (snmp.NOT_WRITABLE, 1))
        self.configure("netmibdWrite dry-run")
        self.assertEqual(self.client.value(MODE), DRY_RUN)
        done = self.client.value(DONE)
        self.client.set((TTL, integer(9)))
        self.assertEqual(self.client.value(DONE), done + 1)
        self.configure("netmibdWrite on")
        self.assertEqual(self.client.value(MODE), ON)


def in_both_modes(base):
    """The two classes of tests of base."""
    standalone = type("Standalone" + base.__name__, (base, lab.Test), {"mode": "standalone"})
    agent = type("AgentX" + base.__name__, (base, lab.Test), {"mode": "agentx"})
    return standalone, lab.unittest.skipIf(
        lab.SANITIZED, "the same edits are made in standalone mode")(agent)


StandaloneReading, AgentXReading = in_both_modes(Reading)
StandaloneAddresses, AgentXAddresses = in_both_modes(Addresses)
StandaloneInterfaces, AgentXInterfaces = in_both_modes(Interfaces)
StandaloneOutcomes, _AgentXOutcomes = in_both_modes(Outcomes)


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXOutcomes(_AgentXOutcomes):
    def test_undone_for_another_agent(self):
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        before = self.client.value(TTL)
        self.refused(snmp.COMMIT_FAILED, other, (TTL, integer(9)),
                     (self.cell(MTU, "va"), integer(1400)))
        lab.wait_until(lambda: self.counters() == [0, 0, 1, 1], 5, "it is counted")
        self.assertEqual(self.client.value(TTL), before)
        self.assertEqual(self.client.value(self.cell(MTU, "va")), 1500)
        self.assertEqual(self.failure(), (0, 0, ""))
        stub.answers["test"] = snmp.WRONG_VALUE
        self.refused(snmp.WRONG_VALUE, (TTL, integer(9)), other, index=2)
        self.client.set((TTL, integer(9)))
        self.assertEqual(self.counters(), [1, 0, 1, 3])


del _AgentXOutcomes
