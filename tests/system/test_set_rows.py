"""SET of rows: addresses and neighbours that come, change and go, against `ip -j addr` and
`ip -j neigh`; what is refused and why; and that a PDU is done as a whole or not at all."""

import contextlib
import functools
import ipaddress
import os
import re
import socket
import struct

import agentx
import lab
import mib
import snmp
from snmp import integer, octets
from test_addresses import (ADDR_TABLE, JOIN_ANYCAST, NEIGH_TABLE, OLD_NEIGH, Truth, addresses, inet,
                            neighbours, packed)
from test_set import FORWARDING, SPIN_LOCK, TTL, UP, DOWN, Set

# ipAddressTable, ipNetToPhysicalTable, ipNetToMediaTable
IFINDEX, TYPE, STATUS, ROW, STORAGE = 3, 4, 7, 10, 11
LLADDR, NEIGH_TYPE, NEIGH_STATE, NEIGH_ROW = 4, 6, 7, 8
OLD_IFINDEX, OLD_LLADDR, OLD_ADDRESS, OLD_TYPE = 1, 2, 3, 4
ACTIVE, NOT_IN_SERVICE, NOT_READY, GO, WAIT, DESTROY = map(integer, range(1, 7))
PREFERRED, DEPRECATED, TENTATIVE, VOLATILE, UNICAST = map(integer, (1, 2, 6, 2, 1))
INVALID, DYNAMIC, STATIC = integer(2), integer(3), integer(4)

# mu0 is up, so that the kernel refuses mr0 (see test_set); small0 is without IPv6, which
# nobody looks for when it gets a neighbour
LINKS = """link add va type veth peer name vb
link add wa type veth peer name wb
link add down0 type veth peer name down1
link add small0 type veth peer name small1
link set small0 mtu 1000
link add mu0 link wb address 02:00:00:00:00:05 type macvlan
link add mr0 link wb address 02:00:00:00:00:05 type macvlan
link set va up
link set vb up
link set wa up
link set wb up
link set mu0 up
link set small0 up
link set small1 up
addr add 10.1.0.1/24 brd + dev va
addr add 10.2.0.1/24 brd + dev wa
addr add 2001:db8:1::1/64 dev va nodad
addr add 2001:db8:2::1/64 dev wa nodad""".splitlines()


def mac(number):
    return octets(bytes([2, 0, 0, 0, 0, number]))


def text_of(lladdr):
    return ":".join(f"{octet:02x}" for octet in lladdr.value)


def looking_once(test):
    """Nothing is done in all of the test."""
    @functools.wraps(test)
    def looking(self):
        with self.nothing_happens():
            test(self)
    return looking


class Rows(Set):
    looking = False
    check_addresses = Truth.check_addresses
    check_old_addresses = Truth.check_old_addresses
    check_neighbours = Truth.check_neighbours

    def setUp(self):
        self.lab = self.make_lab()
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.lab.batch(LINKS)
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        lab.wait_until(lambda: all(self.link(name)["operstate"] == "UP" for name in
                                   ("va", "wa", "mu0", "small0")), 5, "carriers")
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client(community="private")

    def configure(self, *tokens):
        self.lab.tokens = list(tokens)
        self.lab.configure(self.mode)
        seen = len(self.daemon.text())
        self.daemon.send(1)
        lab.wait_until(lambda: "read again" in self.daemon.text()[seen:], 5,
                       "the configuration is read again")

    def at(self, column, text, zone=None):
        """A name in ipAddressTable; zone is the name of a link."""
        return ADDR_TABLE + (column,) + inet(text, zone and self.indexes[zone])

    def number(self, link):
        return integer(self.indexes[link])

    def new(self, text, link, zone=None):
        return [(self.at(IFINDEX, text, zone), self.number(link)),
                (self.at(ROW, text, zone), GO)]

    def gone(self, text, zone=None):
        return (self.at(ROW, text, zone), DESTROY)

    def of(self, text, link=None):
        """What ip says of an address: [(link, length, broadcast, what else)]."""
        names = {number: name for name, number in self.indexes.items()}
        return [(names[row[1]], row[3], row[5].get("broadcast"), row[5])
                for row in addresses(self.lab)
                if row[0] == text and row[2] == 1 and link in (None, names[row[1]])]

    def there(self, text, link, length, broadcast=None, zone=None):
        """A GET says that there is such a row at once, and so does ip. One of IPv6 is
        tentative for a moment, even without detection of duplicates."""
        columns = (STATUS, IFINDEX, TYPE, ROW, STORAGE)
        status, *got = self.client.get(*[self.at(column, text, zone) for column in columns])
        self.assertEqual(got, [self.number(link), UNICAST, ACTIVE, VOLATILE])
        self.assertIn(status, [PREFERRED] + ([TENTATIVE] if ":" in text else []))
        self.becomes(PREFERRED, text, zone)
        found = self.of(text, link)
        self.assertEqual([row[:3] for row in found], [(link, length, broadcast)])
        self.assertNotIn("deprecated", found[0][3])

    def becomes(self, status, text, zone=None):
        lab.wait_until(lambda: self.client.get(self.at(STATUS, text, zone)) == [status], 3,
                       f"ipAddressStatus of {text} is {status}")

    def absent(self, text, zone=None):
        self.assertEqual(self.client.get(self.at(ROW, text, zone))[0], snmp.NO_INSTANCE)

    def state(self):
        """Without what the ends of the links learn of each other (link-local EUI-64)."""
        known = sorted((number, text, entry["lladdr"], entry["state"] == ["PERMANENT"],
                        "router" in entry)
                       for (number, text), entry in neighbours(self.lab).items()
                       if "lladdr" in entry and "ff:fe" not in text)
        proxies = sorted(self.lab.ip("neigh show proxy").stdout.splitlines())
        return dict(super().state(), neighbours=known, proxies=proxies)

    def fails(self, status, *varbinds, index=1):
        """Refused, and nothing was done."""
        lines = self.lines()
        if self.looking:
            self.refused(status, *varbinds, index=index)
        else:
            with self.nothing_happens():
                self.refused(status, *varbinds, index=index)
        self.assertEqual(self.lines(), lines)
        self.assertNotIn("kernel refuses", self.daemon.text())

    @contextlib.contextmanager
    def nothing_happens(self):
        """One look at everything for many SETs that are refused."""
        before, self.looking = self.state(), True
        try:
            yield
        finally:
            self.looking = False
        self.assertEqual(self.state(), before)

    def the_kernel_refuses(self):
        """A neighbour of IPv6 on a link that has none: the last thing that is done."""
        at = (self.indexes["small0"],) + inet("2001:db8:ff::1")
        return [(NEIGH_TABLE + (LLADDR,) + at, mac(1)), (NEIGH_TABLE + (NEIGH_ROW,) + at, GO)]

    def late(self, *varbinds):
        """They are done, and undone when the kernel refuses the last one."""
        before, lines = self.state(), len(self.lines())
        self.refused(snmp.COMMIT_FAILED, *varbinds, *self.the_kernel_refuses(),
                     index=len(varbinds) + 1)
        self.assertGreater(len(self.lines()), lines)
        self.assertIn("undone", self.daemon.text())
        self.unchanged(before)
        self.assertNotIn("undo has failed", self.daemon.text())
        self.assertNotIn("is not back", self.daemon.text())
        self.check_addresses()
        self.check_neighbours()


class Addresses(Rows):
    def test_create(self):
        for text, link, length, broadcast in (
                ("10.1.0.9", "va", 24, "10.1.0.255"), ("10.9.0.9", "va", 32, None),
                ("10.2.0.9", "va", 32, None), ("10.2.0.9", "wa", 24, "10.2.0.255"),
                ("192.0.2.1", "down0", 32, None),
                ("2001:db8:1::9", "va", 64, None), ("2001:db8:9::9", "va", 128, None),
                ("2001:db8:1::a", "wa", 128, None)):
            with self.subTest(text=text, link=link):
                self.client.set(*self.new(text, link))
                if link == "down0":
                    self.assertEqual(self.client.value(self.at(STATUS, text)), 4)
                else:
                    self.there(text, link, length, broadcast)
                self.check_addresses()
                self.client.set(self.gone(text))
                self.absent(text)
                self.assertEqual(self.of(text), [])
        self.check_addresses()

    def test_create_with_a_scope(self):
        """The kernel lets all addresses of a prefix have one scope only."""
        self.lab.ip("addr add 169.254.1.1/16 scope link dev va")
        for text, link, length, scope in (("127.0.0.9", "lo", 8, "host"),
                                          ("169.254.1.9", "va", 16, "link")):
            with self.subTest(text=text):
                self.client.set(*self.new(text, link))
                self.assertEqual([row[1] for row in self.of(text, link)], [length])
                self.assertEqual(self.of(text)[0][3]["scope"], scope)

    def test_length_of_the_longest_prefix(self):
        self.lab.batch(["addr add 10.1.0.2/16 dev va", "addr add 10.1.0.129/25 dev va",
                        "addr add 10.4.0.1/31 dev va", "addr add 2001:db8:1::2/80 dev va nodad",
                        "addr add 10.5.0.1 peer 10.6.0.9/24 dev va"])
        for text, length, broadcast in (
                ("10.1.0.200", 25, "10.1.0.255"), ("10.1.0.3", 24, "10.1.0.255"),
                ("10.1.9.3", 16, "10.1.255.255"), ("10.4.0.0", 31, None),
                ("10.6.0.7", 24, "10.6.0.255"), ("2001:db8:1::7", 80, None),
                ("2001:db8:1:0:1::7", 64, None)):
            with self.subTest(text=text):
                self.client.set(*self.new(text, "va"))
                self.there(text, "va", length, broadcast)
        self.check_addresses()

    def test_link_local(self):
        for zone in ("va", "wa"):
            self.client.set(*self.new("fe80::9", zone, zone))
            self.there("fe80::9", zone, 64, None, zone)
        self.client.set(self.gone("fe80::9", "va"))
        self.absent("fe80::9", "va")
        self.there("fe80::9", "wa", 64, None, "wa")
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, "fe80::9", "wa"), self.number("va")))

    def test_order_of_varbinds(self):
        text = "10.1.0.9"
        whole = [(self.at(ROW, text), GO), (self.at(IFINDEX, text), self.number("va")),
                 (self.at(TYPE, text), UNICAST), (self.at(STATUS, text), DEPRECATED),
                 (self.at(STORAGE, text), VOLATILE)]
        for shift in range(len(whole)):
            for varbinds in (whole[shift:] + whole[:shift],
                             (whole[shift:] + whole[:shift])[::-1]):
                self.client.set(*varbinds)
                self.assertEqual(
                    self.client.get(*[self.at(c, text) for c in (IFINDEX, STATUS, ROW)]),
                    [self.number("va"), DEPRECATED, ACTIVE])
                (link, length, _, info), = self.of(text)
                self.assertEqual((link, length, info["deprecated"]), ("va", 24, True))
                self.client.set(self.gone(text))
        self.client.set(*self.new(text, "va"), (self.at(ROW, text), ACTIVE))
        self.there(text, "va", 24, "10.1.0.255")

    @looking_once
    def test_row_status(self):
        for text in ("10.1.0.9", "2001:db8:1::9"):
            at, link = self.at(ROW, text), (self.at(IFINDEX, text), self.number("va"))
            for number in (0, 3, 7, -1, 2**31 - 1):
                self.fails(snmp.WRONG_VALUE, (at, integer(number)))
                self.fails(snmp.WRONG_VALUE, link, (at, integer(number)), index=2)
            self.fails(snmp.WRONG_TYPE, (at, octets(b"4")))
            for status in (ACTIVE, NOT_IN_SERVICE):
                self.fails(snmp.INCONSISTENT_VALUE, (at, status))
                self.fails(snmp.INCONSISTENT_VALUE, link, (at, status), index=2)
            self.fails(snmp.INCONSISTENT_VALUE, (at, GO))
            self.fails(snmp.INCONSISTENT_VALUE, (at, GO), (self.at(TYPE, text), UNICAST),
                       (self.at(STATUS, text), PREFERRED), index=3)
            self.client.set((at, DESTROY))
            self.client.set(link, (at, DESTROY))
            for column, value in ((IFINDEX, self.number("va")), (TYPE, UNICAST),
                                  (STATUS, PREFERRED), (STORAGE, VOLATILE)):
                self.fails(snmp.INCONSISTENT_NAME, (self.at(column, text), value))
        self.fails(snmp.INCONSISTENT_NAME, (self.at(STATUS, "10.1.0.9"), PREFERRED),
                   (self.at(STORAGE, "10.1.0.9"), VOLATILE))

    def test_row_status_of_a_row(self):
        for text in ("10.1.0.1", "2001:db8:1::1"):
            at = self.at(ROW, text)
            self.fails(snmp.INCONSISTENT_VALUE, (at, GO))
            self.fails(snmp.INCONSISTENT_VALUE, (at, WAIT))
            self.fails(snmp.INCONSISTENT_VALUE, *reversed(self.new(text, "va")))
            for number in (0, 3, 7):
                self.fails(snmp.WRONG_VALUE, (at, integer(number)))
            self.done((at, ACTIVE))

    @looking_once
    def test_wrong_values(self):
        for text in ("10.1.0.1", "10.1.0.9"):
            for column, bad in ((IFINDEX, (0, -1, -2**31)), (TYPE, (0, 3, 4)),
                                (STATUS, (0, 3, 4, 5, 6, 7, 8, 9)), (STORAGE, (0, 1, 4, 5, 6))):
                for number in bad:
                    with self.subTest(text=text, column=column, number=number):
                        self.fails(snmp.WRONG_VALUE, (self.at(column, text), integer(number)))
                self.fails(snmp.WRONG_TYPE, (self.at(column, text), octets(b"1")))
            for column in (1, 2, 5, 6, 8, 9, 12):
                self.fails(snmp.NOT_WRITABLE, (self.at(column, text), integer(1)))

    @looking_once
    def test_never(self):
        """Indexes of which there can be no row."""
        va = self.indexes["va"]
        zone = tuple(va.to_bytes(4, "big"))
        good = inet("2001:db8:1::9")
        for index in (
                [inet(text) for text in (
                    "224.0.0.1", "239.255.255.255", "0.0.0.0", "0.1.2.3", "240.0.0.1",
                    "255.255.255.255", "::", "ff02::1", "ff0e::9", "fe80::9", "febf::9")] +
                [(), (1,), (1, 4), (1, 4, 10, 1, 0), (1, 4, 10, 1, 0, 9, 9), (1, 3, 10, 1, 0),
                 (1, 4, 10, 1, 0, 256), (1, 4, 10, 1, 0, 2**32 - 1), (1, 4, 266, 1, 0, 9),
                 (0, 4, 10, 1, 0, 9), (2, 4, 10, 1, 0, 9), (16, 4, 10, 1, 0, 9), (0, 0),
                 (1, 5, 10, 1, 0, 9, 0), (1, 16) + good[2:], good[:-1], good + (0,),
                 good[:-1] + (256,), (3, 8, 10, 1, 0, 9), (3, 4, 10, 1, 0, 9),
                 (3, 8, 10, 1, 0, 9, 0, 0, 0, 256), (4, 20) + good[2:],
                 (4, 20) + good[2:] + zone + (0,), (4, 20) + inet("ff02::1")[2:] + zone,
                 (4, 20) + inet("::")[2:] + zone, (3, 8, 224, 0, 0, 1) + zone,
                 (1,) + (0,) * 100]):
            with self.subTest(index=index):
                self.fails(snmp.NO_CREATION, (ADDR_TABLE + (IFINDEX,) + index, integer(va)),
                           (ADDR_TABLE + (ROW,) + index, GO))
                for value in (GO, ACTIVE, DESTROY):
                    self.fails(snmp.NO_CREATION, (ADDR_TABLE + (ROW,) + index, value))

    def test_not_there(self):
        """Addresses that cannot be on that link."""
        self.lab.ip("addr add 10.7.0.1/25 dev va")
        for text, link in (
                ("127.0.0.9", "va"), ("127.0.0.9", "down0"), ("10.1.0.0", "va"),
                ("10.7.0.0", "va"), ("10.7.0.127", "va"), ("10.2.0.0", "wa"),
                ("2001:db8:2::9", "small0")):
            with self.subTest(text=text, link=link):
                status = snmp.INCONSISTENT_VALUE
                self.fails(status, *self.new(text, link))
                self.fails(status, *reversed(self.new(text, link)), index=2)
        for number in (999, 2**31 - 1):
            for text in ("10.1.0.9", "2001:db8:1::9"):
                self.fails(snmp.INCONSISTENT_VALUE, (self.at(ROW, text), GO),
                           (self.at(IFINDEX, text), integer(number)), index=2)
        self.client.set(*self.new("10.1.0.0", "wa"))
        self.there("10.1.0.0", "wa", 32)

    def test_disable_ipv6(self):
        """The kernel does not announce it; a GET just before makes no difference."""
        at = self.at(IFINDEX, "2001:db8:1::1")
        for link in ("wa", "down0"):  # with and without an address
            self.sysctl(f"ipv6/conf/{link}/disable_ipv6", 1)
            self.fails(snmp.INCONSISTENT_VALUE, *self.new("2001:db8:2::9", link))
            self.fails(snmp.INCONSISTENT_VALUE, *self.new("fe80::9", link, link))
            self.fails(snmp.INCONSISTENT_VALUE, (at, self.number(link)))
            self.sysctl(f"ipv6/conf/{link}/disable_ipv6", 0)
            self.client.set(*self.new("2001:db8:2::7", link))
            self.assertEqual(len(self.of("2001:db8:2::7")), 1)
            self.client.set(self.gone("2001:db8:2::7"))
        self.becomes(PREFERRED, "2001:db8:1::1")

    def test_broadcast_address_of_another_link(self):
        """The broadcast row has the plain index: there is no name for a new one."""
        at = self.at(ROW, "10.1.0.255")
        self.assertEqual(self.client.value(self.at(TYPE, "10.1.0.255")), 3)
        self.fails(snmp.INCONSISTENT_VALUE, (at, GO))
        self.fails(snmp.INCONSISTENT_NAME, *self.new("10.1.0.255", "wa", "wa"))

    def test_loopback_of_ipv6(self):
        for text in ("::1", "127.0.0.1"):
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, text, "va"), self.number("va")),
                       (self.at(ROW, text, "va"), GO))

    def test_second_interface(self):
        low, high = "va", "wa"
        self.assertLess(self.indexes[low], self.indexes[high])
        for text, length, broadcast in (("10.1.0.1", 32, None), ("2001:db8:1::1", 128, None)):
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(ROW, text), GO))
            self.client.set(*self.new(text, high, high))
            self.there(text, high, length, broadcast, high)
            self.assertEqual(self.client.get(self.at(IFINDEX, text))[0], self.number(low))
            self.check_addresses()
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, text, high), self.number("vb")))
            self.client.set(self.gone(text, high))
            self.absent(text, high)
            self.assertEqual([row[0] for row in self.of(text)], [low])

    def test_zone(self):
        for text in ("10.1.0.1", "2001:db8:1::1", "fe80::9"):
            for link in ("va", "vb"):
                self.fails(snmp.INCONSISTENT_VALUE,
                           (self.at(IFINDEX, text, "wa"), self.number(link)),
                           (self.at(ROW, text, "wa"), GO))
        for text in ("10.1.0.9", "2001:db8:1::9"):  # without need
            self.fails(snmp.INCONSISTENT_NAME, *self.new(text, "wa", "wa"))

    def test_zone_of_the_interface_that_has_it(self):
        """The address is there, its row has the plain index: nothing can be created."""
        for text in ("10.1.0.1", "2001:db8:1::1"):
            before = self.state()
            with self.assertRaises(snmp.Refused) as caught:
                self.client.set(*self.new(text, "va", "va"))
            self.assertIn(caught.exception.status,
                          (snmp.INCONSISTENT_NAME, snmp.INCONSISTENT_VALUE))
            self.assertEqual(self.state(), before)

    def test_zone_of_a_lower_interface(self):
        """The new row would have the plain index, and the old one another than before:
        refused, or there under the name that the manager has given it."""
        for text in ("10.2.0.1", "2001:db8:2::1"):
            before = self.state()
            try:
                self.client.set(*self.new(text, "va", "va"))
            except snmp.Refused as refused:
                self.assertIn(refused.status, (snmp.INCONSISTENT_NAME, snmp.INCONSISTENT_VALUE))
                self.assertEqual(self.state(), before)
            else:
                self.assertEqual(self.client.get(self.at(IFINDEX, text, "va"))[0],
                                 self.number("va"))

    def test_move(self):
        self.client.set(*self.new("10.1.0.9", "va"), *self.new("2001:db8:1::9", "va"))
        for text, there, lengths, broadcast in (
                ("10.1.0.9", "10.1.0.255", (32, 24), None),
                ("2001:db8:1::9", None, (128, 64), None)):
            at = self.at(IFINDEX, text)
            self.done((at, self.number("wa")))
            self.there(text, "wa", lengths[0], broadcast)
            self.assertEqual(len(self.of(text)), 1)
            self.done((at, self.number("wa")))
            self.done((at, self.number("va")), (self.at(ROW, text), ACTIVE))
            self.there(text, "va", lengths[1], there)
            self.assertEqual(len(self.of(text)), 1)
            self.refused(snmp.INCONSISTENT_VALUE, (at, integer(999)))
            self.there(text, "va", lengths[1], there)
        self.refused(snmp.INCONSISTENT_VALUE,
                     (self.at(IFINDEX, "2001:db8:1::9"), self.number("small0")))
        self.client.set((self.at(IFINDEX, "2001:db8:1::9"), self.number("wa")),
                        (self.at(STATUS, "2001:db8:1::9"), DEPRECATED))
        self.becomes(DEPRECATED, "2001:db8:1::9")
        self.assertEqual([row[0] for row in self.of("2001:db8:1::9")], ["wa"])
        self.check_addresses()

    def test_move_to_where_it_is(self):
        """Two rows would become one."""
        self.lab.batch(["addr add 10.1.0.1/24 dev wa", "addr add 2001:db8:1::1/64 dev wa nodad"])
        for text in ("10.1.0.1", "2001:db8:1::1"):
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, text), self.number("wa")))

    def test_move_to_an_edge(self):
        """An address that is that of the network there."""
        self.client.set(*self.new("10.2.0.0", "va"))
        self.refused(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, "10.2.0.0"), self.number("wa")))
        self.there("10.2.0.0", "va", 32)

    def test_deprecate(self):
        self.lab.ip("addr add 10.1.0.9/24 dev va valid_lft 5000 preferred_lft 4000")
        self.lab.ip("addr add 2001:db8:1::9/128 dev va valid_lft 5000 preferred_lft 4000 nodad")
        for text in ("10.1.0.1", "2001:db8:1::1", "10.1.0.9", "2001:db8:1::9"):
            at = self.at(STATUS, text)
            old, = self.of(text)
            for value in (DEPRECATED, DEPRECATED, PREFERRED, PREFERRED):
                self.done((at, value))
                row, = self.of(text)
                self.assertEqual(row[:3], old[:3])
                self.assertEqual("deprecated" in row[3], value == DEPRECATED)
                self.assertAlmostEqual(row[3]["valid_life_time"], old[3]["valid_life_time"],
                                       delta=9)
                # the kernel says that it is preferred for ever of an IPv4 address
                # without an end, and that it is deprecated
                if value == DEPRECATED and ":" in text:
                    self.assertEqual(row[3]["preferred_life_time"], 0)
                elif value == PREFERRED:
                    self.assertNotEqual(row[3]["preferred_life_time"], 0)
        self.check_addresses()

    def test_deprecate_leaves_all_else(self):
        """What the kernel knows of an address besides."""
        self.lab.batch([
            "addr add 10.4.0.1/24 brd 10.4.0.0 dev va metric 77 label va:old",
            "addr add 10.5.0.1 peer 10.5.0.9/32 dev va",
            "addr add 10.6.0.1/24 dev va noprefixroute",
            "addr add 2001:db8:4::1/64 dev va nodad metric 77",
            "addr add 2001:db8:5::1 peer 2001:db8:5::9/128 dev va nodad",
            "addr add 2001:db8:6::1/64 dev va nodad noprefixroute",
            "addr add 2001:db8:7::1/64 dev va nodad home mngtmpaddr"])
        for text in ("10.4.0.1", "10.5.0.1", "10.6.0.1", "2001:db8:4::1", "2001:db8:5::1",
                     "2001:db8:6::1", "2001:db8:7::1"):
            with self.subTest(text=text):
                row, routes = self.of(text), self.state()["routes"]
                for value in (DEPRECATED, PREFERRED):
                    self.done((self.at(STATUS, text), value))
                self.assertEqual(self.of(text), row)
                self.assertEqual(self.state()["routes"], routes)

    def test_fixed(self):
        """Rows that nobody can change."""
        self.sysctl("ipv6/conf/va/forwarding", 1)
        self.lab.ip("addr add 2001:db8:7::7/64 dev va nodad proto kernel_ra "
                    "valid_lft 5000 preferred_lft 4000", check=False)
        own = next(row[0] for row in addresses(self.lab)
                   if row[0].startswith("fe80") and row[1] == self.indexes["va"])
        rows = [("10.1.0.255", None), ("127.0.0.1", None), ("::1", None), (own, "va")]
        if not self.client.get(self.at(TYPE, "2001:db8:1::"))[0].exception:
            rows.append(("2001:db8:1::", None))  # anycast: Linux 6.16
        if self.of("2001:db8:7::7"):
            rows.append(("2001:db8:7::7", None))
        for text, zone in rows:
            with self.subTest(text=text):
                self.assertEqual(self.client.value(self.at(ROW, text, zone)), 1)
                with self.nothing_happens():
                    for column, value in ((IFINDEX, self.number("wa")),
                                          (STATUS, DEPRECATED), (STATUS, PREFERRED),
                                          (TYPE, UNICAST), (STORAGE, VOLATILE),
                                          (ROW, DESTROY)):
                        self.fails(snmp.NOT_WRITABLE, (self.at(column, text, zone), value))
                self.client.set((self.at(ROW, text, zone), ACTIVE))
                self.fails(snmp.INCONSISTENT_VALUE, (self.at(ROW, text, zone), GO))

    def test_secondaries(self):
        self.lab.batch(["addr add 10.1.0.2/24 dev va", "addr add 10.1.0.3/24 dev va"])
        self.assertTrue(self.of("10.1.0.2")[0][3].get("secondary"))
        for link in ("all", "va"):
            self.sysctl(f"ipv4/conf/{link}/promote_secondaries", 0)
        self.fails(snmp.INCONSISTENT_VALUE, self.gone("10.1.0.1"))
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, "10.1.0.1"), self.number("wa")))
        self.client.set(self.gone("10.1.0.3"))
        self.fails(snmp.INCONSISTENT_VALUE, self.gone("10.1.0.1"))
        self.lab.ip("addr add 10.1.0.4/24 dev va")
        for link, first, second in (("all", "10.1.0.1", "10.1.0.2"),
                                    ("va", "10.1.0.2", "10.1.0.4")):
            self.sysctl(f"ipv4/conf/{link}/promote_secondaries", 1)
            self.client.set(self.gone(first))
            self.absent(first)
            self.assertEqual(self.of(first), [])
            self.assertNotIn("secondary", self.of(second)[0][3])
            self.check_addresses()
            self.sysctl(f"ipv4/conf/{link}/promote_secondaries", 0)

    def test_all_of_a_prefix(self):
        """The primary address and its secondaries in one PDU, in any order."""
        self.lab.batch(["addr add 10.1.0.2/24 dev va", "addr add 10.1.0.3/24 dev va"])
        for link in ("all", "va"):
            self.sysctl(f"ipv4/conf/{link}/promote_secondaries", 1)
        texts = ("10.1.0.1", "10.1.0.2", "10.1.0.3")
        self.client.set(*[self.gone(text) for text in texts])
        for text in texts:
            self.absent(text)
            self.assertEqual(self.of(text), [])

    def test_protect(self):
        self.configure("netmibdProtect va")
        for text in ("10.1.0.1", "2001:db8:1::1"):
            self.fails(snmp.INCONSISTENT_VALUE, self.gone(text))
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(IFINDEX, text), self.number("wa")))
            self.fails(snmp.INCONSISTENT_VALUE, self.gone(text.replace("1::", "2::").replace(
                ".1.0", ".2.0")), self.gone(text), index=2)
        self.client.set(*self.new("10.1.0.9", "va"))
        self.there("10.1.0.9", "va", 24, "10.1.0.255")
        self.done((self.at(STATUS, "10.1.0.1"), DEPRECATED))
        self.client.set(self.gone("10.2.0.1"))
        self.configure()
        self.client.set(self.gone("10.1.0.9"))

    def test_dry_run(self):
        self.configure("netmibdWrite dry-run")
        before = self.state()
        self.client.set(*self.new("10.1.0.9", "va"), self.gone("10.1.0.1"),
                        (self.at(IFINDEX, "10.2.0.1"), self.number("va")))
        self.assertEqual(self.state(), before)
        self.refused(snmp.INCONSISTENT_VALUE, *self.new("10.1.0.0", "va"))
        text = self.daemon.text()
        for words in ("address 10.1.0.9/24", "10.1.0.1/24 .*gone", "10.2.0.1/24 .*gone",
                      "address 10.2.0.1/32"):
            self.assertRegex(text, "dry run: .*" + words)

    def test_destroy_and_create(self):
        """One goes, another comes, in one PDU; and twice the same."""
        self.client.set(*self.new("10.1.0.9", "va"), self.gone("10.1.0.1"))
        self.absent("10.1.0.1")
        self.assertEqual(len(self.of("10.1.0.9")), 1)
        self.client.set(self.gone("10.1.0.9"), self.gone("10.1.0.9"))
        self.absent("10.1.0.9")
        self.client.set(*self.new("10.8.0.9", "va"), *self.new("10.8.0.9", "va"))
        self.there("10.8.0.9", "va", 32)

    def test_many(self):
        texts = [f"10.1.0.{number}" for number in range(10, 40)]
        self.client.set(*[varbind for text in texts for varbind in self.new(text, "va")])
        for text in texts:
            self.there(text, "va", 24, "10.1.0.255")
        self.client.set(*[self.gone(text) for text in texts])
        self.check_addresses()

    # undo

    def test_undo_of_create(self):
        self.late(*self.new("10.1.0.9", "va"), *self.new("10.8.0.9", "down0"),
                  *self.new("2001:db8:1::9", "va"), *self.new("2001:db8:8::9", "wa"),
                  *self.new("fe80::9", "wa", "wa"), *self.new("10.1.0.1", "wa", "wa"))

    def test_undo_of_changes(self):
        self.late((self.at(STATUS, "10.1.0.1"), DEPRECATED),
                  (self.at(STATUS, "2001:db8:1::1"), DEPRECATED))
        self.client.set((self.at(STATUS, "10.1.0.1"), DEPRECATED),
                        (self.at(STATUS, "2001:db8:1::1"), DEPRECATED))
        self.late((self.at(STATUS, "10.1.0.1"), PREFERRED),
                  (self.at(STATUS, "2001:db8:1::1"), PREFERRED))

    def test_undo_of_move(self):
        self.lab.batch(["route add 10.9.0.0/16 via 10.1.0.2",
                        "route add 2001:db8:9::/48 via 2001:db8:1::2"])
        self.late((self.at(IFINDEX, "10.1.0.1"), self.number("wa")),
                  (self.at(IFINDEX, "2001:db8:1::1"), self.number("wa")))
        self.late((self.at(IFINDEX, "10.1.0.1"), self.number("wa")),
                  (self.at(STATUS, "10.1.0.1"), DEPRECATED))

    ALL = ("10.1.0.1", "2001:db8:1::1")

    def gone_late(self, *lines, texts=ALL):
        """What such an address takes with it is back, too."""
        self.lab.batch(lines)
        self.late(*[self.gone(text) for text in texts])

    def test_undo_of_destroy(self):
        self.gone_late(
            "route add 10.9.0.0/16 via 10.1.0.2 metric 5 proto static",
            "route add 10.9.0.0/16 via 10.1.0.3 metric 6", "route add 10.10.0.0/16 dev va",
            "route add 10.11.0.0/16 dev va table 100", "route add default via 10.1.0.2",
            "route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1",
            "route add 2001:db8:9::/48 via 2001:db8:1::2",
            "route add 2001:db8:a::/48 dev va table 100")

    def test_undo_of_destroy_of_one_of_several(self):
        self.gone_late(
            "addr add 10.4.0.1/24 dev va", "route add 10.9.0.0/16 via 10.1.0.2",
            "route add 10.12.0.0/16 via 10.4.0.2 src 10.1.0.1",
            "route add 10.13.0.0/16 via 10.4.0.2")

    def test_undo_of_destroy_of_all(self):
        self.gone_late("addr add 10.4.0.1/24 dev va", "route add 10.9.0.0/16 via 10.1.0.2",
                       "route add 10.13.0.0/16 via 10.4.0.2",
                       texts=("10.1.0.1", "10.4.0.1"))

    def test_undo_of_destroy_with_source_in_another_table(self):
        self.gone_late("route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1 table 100",
                       "route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1 table 2000")

    def test_undo_of_destroy_with_next_hops(self):
        self.gone_late(
            "route add 10.20.0.0/16 nexthop via 10.1.0.2 weight 2 nexthop via 10.2.0.2",
            "route add 10.21.0.0/16 nexthop via 10.1.0.2 weight 2 nexthop via 10.1.0.3",
            "route add 10.22.0.0/16 src 10.1.0.1 nexthop via 10.2.0.2 nexthop via 10.2.0.3",
            "route add 2001:db8:c::/48 nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2")

    def test_undo_of_destroy_with_nexthop_objects(self):
        self.lab.batch(["nexthop add id 5 via 10.1.0.2 dev va",
                        "nexthop add id 6 via 10.2.0.2 dev wa",
                        "nexthop add id 7 via 2001:db8:1::2 dev va"])
        before = self.lab.ip("nexthop show").stdout
        self.gone_late("route add 10.9.0.0/16 nhid 5", "route add 10.10.0.0/16 nhid 6",
                       "route add 10.11.0.0/16 nhid 6 src 10.1.0.1",
                       "route add 2001:db8:9::/48 nhid 7")
        self.assertEqual(self.lab.ip("nexthop show").stdout, before)

    def test_undo_of_destroy_with_neighbours(self):
        """The last IPv4 address of a link takes all its neighbours with it."""
        self.gone_late(
            "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add 10.1.0.10 lladdr 02:00:00:00:00:0a dev va nud permanent router",
            "neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add proxy 10.1.0.11 dev va", "neigh add proxy 2001:db8:1::b dev va")

    def test_undo_of_destroy_with_attributes(self):
        self.lab.batch([
            "addr add 10.4.0.1/24 brd 10.4.0.0 dev va metric 77 label va:old",
            "addr add 10.5.0.1 peer 10.5.0.9/32 dev va", "route add 10.9.0.0/16 via 10.5.0.9",
            "addr add 10.6.0.1/24 dev va noprefixroute", "addr add 10.7.0.1/24 dev va scope link",
            "addr add 2001:db8:4::1/64 dev va nodad metric 77",
            "addr add 2001:db8:5::1 peer 2001:db8:5::9/128 dev va nodad",
            "addr add 2001:db8:6::1/64 dev va nodad noprefixroute",
            "addr add 2001:db8:7::1/64 dev va nodad preferred_lft 0"])
        for text in ("10.4.0.1", "10.5.0.1", "10.6.0.1", "10.7.0.1", "2001:db8:4::1",
                     "2001:db8:5::1", "2001:db8:6::1", "2001:db8:7::1"):
            with self.subTest(text=text):
                self.late(self.gone(text))

    def test_undo_of_destroy_with_lifetime(self):
        self.lab.ip("addr add 10.4.0.1/24 dev va valid_lft 5000 preferred_lft 4000")
        self.lab.ip("addr add 2001:db8:4::1/128 dev va nodad valid_lft 5000 preferred_lft 4000")
        texts = ("10.4.0.1", "2001:db8:4::1")
        before = [self.of(text)[0] for text in texts]
        self.refused(snmp.COMMIT_FAILED, *[self.gone(text) for text in texts],
                     *self.the_kernel_refuses(), index=3)
        for text, old in zip(texts, before):
            (_, length, _, info), = self.of(text)
            self.assertEqual(length, old[1])
            for what in ("valid_life_time", "preferred_life_time"):
                self.assertAlmostEqual(info[what], old[3][what], delta=9)

    def test_undo_of_destroy_in_a_vrf(self):
        """Its sources are preferred in the table of the VRF."""
        if self.lab.ip("link add vrf0 type vrf table 100", check=False).returncode:
            self.skipTest("this kernel has no VRF")
        self.lab.batch(["link set vrf0 up", "link set wa master vrf0", "link set va master vrf0"])
        self.lab.batch(["addr replace 2001:db8:1::1/64 dev va nodad"])
        self.gone_late("route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1 table 100",
                       "route add 10.13.0.0/16 via 10.1.0.2 table 100")

    def test_undo_of_destroy_of_the_same_twice(self):
        """One address with two lengths, of which the longer is shown and goes."""
        self.gone_late("addr add 10.1.0.1/16 dev va", "route add 10.9.0.0/16 via 10.1.0.2",
                       texts=("10.1.0.1",))

    def test_undo_when_the_link_does_not_come_up(self):
        """What is refused before addresses come, and after they have gone."""
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, *self.new("10.1.0.9", "va"), self.gone("10.1.0.1"),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=4)
        self.unchanged(before)

    def test_again_and_again_without_a_leak(self):
        self.lab.batch(["route add 10.9.0.0/16 via 10.1.0.2",
                        "route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1"])

        def once():
            self.late(self.gone("10.1.0.1"), *self.new("10.1.0.9", "wa"),
                      (self.at(IFINDEX, "2001:db8:1::1"), self.number("wa")))
        once()
        fds = self.daemon.fds()
        for _ in range(5):
            once()
        self.assertEqual(self.daemon.fds(), fds)


class Anycast(Rows):
    """Anycast addresses of IPv6, which are those of a socket of netmibd."""

    TEXT = "2001:db8:1::ac"

    def setUp(self):
        super().setUp()
        if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (6, 16):
            self.skipTest("this kernel does not announce anycast addresses (before 6.16)")

    def anycasts(self):
        """{(link, address)} that the kernel has, but those that it has made itself."""
        said = self.lab.run(["cat", "/proc/thread-self/net/anycast6"]).stdout
        return {(line.split()[1], str(ipaddress.IPv6Address(int(line.split()[2], 16))))
                for line in said.splitlines()}

    def join(self, text=TEXT, link="va"):
        return [(self.at(TYPE, text), integer(2)), *self.new(text, link)]

    def test_create_and_destroy(self):
        self.client.set(*self.join())
        self.assertEqual(self.anycasts(), {("va", self.TEXT)})
        self.assertEqual(
            self.client.get(*[self.at(c, self.TEXT) for c in (IFINDEX, TYPE, ROW, STORAGE)]),
            [self.number("va"), integer(2), ACTIVE, VOLATILE])
        self.fails(snmp.INCONSISTENT_VALUE, *self.join(), index=3)
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(TYPE, self.TEXT), UNICAST))
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(STATUS, self.TEXT), DEPRECATED))
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(STORAGE, self.TEXT), integer(3)))
        self.done((self.at(TYPE, self.TEXT), integer(2)))
        self.late(self.gone(self.TEXT))
        self.assertEqual(self.anycasts(), {("va", self.TEXT)})
        self.client.set(self.gone(self.TEXT))
        self.assertEqual(self.anycasts(), set())
        self.absent(self.TEXT)

    def test_undo(self):
        self.late(*self.join())
        self.assertEqual(self.anycasts(), set())
        self.absent(self.TEXT)

    def test_move(self):
        other = self.join("2001:db8:2::ac", "wa")
        self.client.set(*self.join(), *other)
        self.lab.ip("addr add 2001:db8:1::2/64 dev wa nodad")
        self.client.set((self.at(IFINDEX, self.TEXT), self.number("wa")))
        self.assertEqual(self.anycasts(), {("wa", self.TEXT), ("wa", "2001:db8:2::ac")})

    def test_out_of_service(self):
        self.client.set((self.at(TYPE, self.TEXT), integer(2)), (self.at(ROW, self.TEXT), WAIT))
        self.assertEqual(self.client.get(self.at(TYPE, self.TEXT), self.at(ROW, self.TEXT)),
                         [integer(2), NOT_READY])
        self.client.set((self.at(IFINDEX, self.TEXT), self.number("va")))
        self.assertEqual(self.anycasts(), set())
        self.client.set((self.at(ROW, self.TEXT), ACTIVE))
        self.assertEqual(self.anycasts(), {("va", self.TEXT)})
        self.client.set((self.at(ROW, self.TEXT), NOT_IN_SERVICE))
        self.assertEqual(self.anycasts(), set())

    def test_refusals(self):
        self.fails(snmp.INCONSISTENT_VALUE, *self.join("10.1.0.9"))
        self.fails(snmp.INCONSISTENT_VALUE, *self.join("2001:db8:9::ac"))  # no prefix of va's
        self.fails(snmp.INCONSISTENT_VALUE, (self.at(TYPE, "2001:db8:1::1"), integer(2)))
        self.fails(snmp.INCONSISTENT_VALUE, *self.join(),
                   (self.at(STATUS, self.TEXT), DEPRECATED), index=4)
        self.fails(snmp.WRONG_VALUE, (self.at(TYPE, self.TEXT), integer(3)),
                   *self.new(self.TEXT, "va"))
        sock = self.lab.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.IPPROTO_IPV6, JOIN_ANYCAST,
                        packed("2001:db8:1::ad") + struct.pack("=I", self.indexes["va"]))
        self.fails(snmp.NOT_WRITABLE, self.gone("2001:db8:1::ad"))  # somebody else's
        self.assertEqual(self.anycasts(), {("va", "2001:db8:1::ad")})

    def test_they_go_with_netmibd(self):
        self.client.set(*self.join())
        self.daemon.stop()
        self.assertEqual(self.anycasts(), set())


class StandaloneAnycast(Anycast, lab.Test):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXAnycast(Anycast, lab.Test):
    mode = "agentx"


class StandaloneAddresses(Addresses, lab.Test):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXAddresses(Addresses, lab.Test):
    mode = "agentx"


class Neighbours(Rows):
    TEXTS = ("10.1.0.9", "2001:db8:1::9", "fe80::9", "10.77.0.9")

    def near(self, column, text, link="va"):
        return NEIGH_TABLE + (column, self.indexes[link]) + inet(text)

    def old(self, column, text, link="va"):
        return OLD_NEIGH + (column, self.indexes[link]) + tuple(packed(text))

    def enter(self, text, link="va", lladdr=mac(9)):
        return [(self.near(NEIGH_ROW, text, link), GO), (self.near(LLADDR, text, link), lladdr)]

    def entry(self, text, link="va"):
        """What ip says: (address, state), or None."""
        entry = neighbours(self.lab).get((self.indexes[link], text))
        return entry and (entry.get("lladdr"), entry["state"][0])

    def known(self, text, lladdr, kind, link="va"):
        got = self.client.get(*[self.near(column, text, link)
                                for column in (LLADDR, NEIGH_TYPE, NEIGH_ROW)])
        self.assertEqual(got, [lladdr, kind, ACTIVE])
        self.assertEqual(self.entry(text, link), (
            text_of(lladdr), "PERMANENT" if kind == STATIC else "REACHABLE"))
        self.check_neighbours()

    def unknown(self, text, link="va"):
        self.assertEqual(self.client.get(self.near(NEIGH_ROW, text, link))[0],
                         snmp.NO_INSTANCE)
        self.assertIsNone(self.entry(text, link))

    def test_create(self):
        for text in self.TEXTS:
            for kind in (None, STATIC, DYNAMIC):
                more = [(self.near(NEIGH_TYPE, text), kind)] if kind else []
                for varbinds in (self.enter(text) + more, (self.enter(text) + more)[::-1]):
                    with self.subTest(text=text, kind=kind):
                        self.client.set(*varbinds)
                        self.known(text, mac(9), kind or STATIC)
                        self.client.set((self.near(NEIGH_ROW, text), DESTROY))
                        self.unknown(text)

    def test_change(self):
        for text in self.TEXTS:
            self.client.set(*self.enter(text))
            self.done((self.near(LLADDR, text), mac(10)))
            self.known(text, mac(10), STATIC)
            self.done((self.near(NEIGH_TYPE, text), DYNAMIC))
            self.known(text, mac(10), DYNAMIC)
            self.done((self.near(LLADDR, text), mac(11)))
            self.known(text, mac(11), DYNAMIC)
            self.done((self.near(NEIGH_TYPE, text), STATIC), (self.near(LLADDR, text), mac(12)),
                      (self.near(NEIGH_ROW, text), ACTIVE))
            self.known(text, mac(12), STATIC)
            lines = self.lines()
            self.done((self.near(NEIGH_TYPE, text), STATIC), (self.near(LLADDR, text), mac(12)))
            self.assertEqual(self.lines(), lines)
            self.client.set((self.near(NEIGH_TYPE, text), INVALID))
            self.unknown(text)

    def test_change_of_what_the_kernel_has_found(self):
        """In whatever state it is."""
        for state in ("reachable", "stale", "delay", "probe", "noarp extern_learn"):
            with self.subTest(state=state):
                self.lab.ip("neigh replace 10.1.0.9 lladdr 02:00:00:00:00:01 dev va nud", state)
                self.done((self.near(LLADDR, "10.1.0.9"), mac(9)))
                self.assertEqual(self.entry("10.1.0.9")[0], text_of(mac(9)))
                self.done((self.near(NEIGH_TYPE, "10.1.0.9"), STATIC))
                self.known("10.1.0.9", mac(9), STATIC)

    def test_change_leaves_the_flags(self):
        """A router stays one (IsRouter of RFC 4861)."""
        self.lab.ip("neigh add fe80::9 lladdr 02:00:00:00:00:01 dev va nud reachable router")
        for varbind in ((self.near(LLADDR, "fe80::9"), mac(9)),
                        (self.near(NEIGH_TYPE, "fe80::9"), STATIC)):
            self.done(varbind)
            self.assertIn("router", neighbours(self.lab)[self.indexes["va"], "fe80::9"])

    def test_change_of_what_is_not_resolved(self):
        """A new address is taken, or it is refused: it is not done without an effect."""
        for state in ("failed", "incomplete"):
            for more in ([], [(self.near(NEIGH_TYPE, "10.1.0.9"), STATIC)]):
                with self.subTest(state=state, more=more):
                    self.lab.ip("neigh del 10.1.0.9 dev va", check=False)
                    self.lab.ip("neigh add 10.1.0.9 dev va nud", state)
                    try:
                        self.client.set((self.near(LLADDR, "10.1.0.9"), mac(9)), *more)
                    except snmp.Refused as refused:
                        self.assertEqual(refused.status, snmp.INCONSISTENT_VALUE)
                        self.assertEqual(more, [])
                    else:
                        self.assertEqual(self.client.value(self.near(LLADDR, "10.1.0.9")),
                                         mac(9).value)
                        self.assertEqual((self.entry("10.1.0.9") or "?")[0], text_of(mac(9)))

    def test_type_of_what_is_not_resolved(self):
        self.lab.ip("neigh add 10.1.0.9 dev va nud failed")
        for kind in (STATIC, DYNAMIC):
            self.fails(snmp.INCONSISTENT_VALUE, (self.near(NEIGH_TYPE, "10.1.0.9"), kind))
        self.client.set((self.near(NEIGH_ROW, "10.1.0.9"), DESTROY))
        self.unknown("10.1.0.9")

    @looking_once
    def test_row_status(self):
        for text in self.TEXTS:
            at, lladdr = self.near(NEIGH_ROW, text), (self.near(LLADDR, text), mac(9))
            for number in (0, 3, 7, -1):
                self.fails(snmp.WRONG_VALUE, (at, integer(number)))
                self.fails(snmp.WRONG_VALUE, lladdr, (at, integer(number)), index=2)
            for status in (ACTIVE, NOT_IN_SERVICE):
                self.fails(snmp.INCONSISTENT_VALUE, (at, status))
            self.fails(snmp.INCONSISTENT_VALUE, (at, GO))
            self.fails(snmp.INCONSISTENT_VALUE, (at, GO),
                       (self.near(NEIGH_TYPE, text), STATIC), index=2)
            self.client.set((at, DESTROY))
            self.fails(snmp.INCONSISTENT_NAME, lladdr)
            self.fails(snmp.INCONSISTENT_NAME, (self.near(NEIGH_TYPE, text), STATIC), lladdr)

    def test_row_status_of_a_row(self):
        for text in self.TEXTS:
            at = self.near(NEIGH_ROW, text)
            self.client.set(*self.enter(text))
            self.fails(snmp.INCONSISTENT_VALUE, *self.enter(text, lladdr=mac(10)))
            self.fails(snmp.INCONSISTENT_VALUE, (at, WAIT))
            for number in (0, 3, 7):
                self.fails(snmp.WRONG_VALUE, (at, integer(number)))
            self.done((at, ACTIVE))
            self.known(text, mac(9), STATIC)

    def test_wrong_values(self):
        self.lab.ip("neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent")
        with self.nothing_happens():
            self.wrong_values()

    def wrong_values(self):
        for text in ("10.1.0.9", "10.1.0.10"):
            for number in (0, 1, 5, 6, -1):
                self.fails(snmp.WRONG_VALUE, (self.near(NEIGH_TYPE, text), integer(number)))
                self.fails(snmp.WRONG_VALUE, (self.old(OLD_TYPE, text), integer(number)))
            for size in (0, 1, 5, 7, 8, 32, 33, 255, 1000):
                for at in (self.near(LLADDR, text), self.old(OLD_LLADDR, text)):
                    with self.subTest(text=text, size=size):
                        self.fails(snmp.WRONG_LENGTH, (at, octets(bytes(size))))
                self.fails(snmp.WRONG_LENGTH, (self.near(NEIGH_ROW, text), GO)
                           if text == "10.1.0.10" else (self.near(NEIGH_ROW, text), ACTIVE),
                           (self.near(LLADDR, text), octets(bytes(size))), index=2)
            self.fails(snmp.WRONG_TYPE, (self.near(LLADDR, text), integer(1)))
            for column in (1, 2, 3, 5, 7, 9):
                self.fails(snmp.NOT_WRITABLE, (self.near(column, text), integer(1)))

    def test_invalid_and_create(self):
        """That contradicts itself, in any order."""
        varbinds = self.enter("10.1.0.9") + [(self.near(NEIGH_TYPE, "10.1.0.9"), INVALID)]
        for order in (varbinds, varbinds[::-1]):
            before = self.state()
            with self.assertRaises(snmp.Refused) as caught:
                self.client.set(*order)
            self.assertEqual(caught.exception.status, snmp.INCONSISTENT_VALUE)
            self.assertEqual(self.state(), before)

    def test_names_that_cannot_be(self):
        self.lab.ip("addr add 10.3.0.1/24 dev vb")
        for text, link in (("10.1.0.1", "va"), ("10.2.0.1", "va"), ("10.3.0.1", "va"),
                           ("2001:db8:1::1", "wa"), ("10.1.0.9", "lo"),
                           ("2001:db8:1::9", "lo")):
            with self.subTest(text=text, link=link):
                self.fails(snmp.INCONSISTENT_NAME, *self.enter(text, link))
        for number in (999, 2**31 - 1):
            at = (number,) + inet("10.1.0.9")
            self.fails(snmp.INCONSISTENT_NAME, (NEIGH_TABLE + (NEIGH_ROW,) + at, GO),
                       (NEIGH_TABLE + (LLADDR,) + at, mac(9)))

    @looking_once
    def test_never(self):
        va = self.indexes["va"]
        good = inet("2001:db8:1::9")
        for index in (
                [(va,) + inet(text) for text in (
                    "224.0.0.1", "239.1.2.3", "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9",
                    "255.255.255.255", "::", "::1", "ff02::1")] +
                [(number,) + inet("10.1.0.9") for number in (0, 2**31, 2**32 - 1)] +
                [(), (va,), (va, 1), (va, 1, 4), (va, 1, 4, 10, 1, 0), (va, 1, 4, 10, 1, 0, 9, 9),
                 (va, 1, 4, 10, 1, 0, 256), (va, 2, 4, 10, 1, 0, 9), (va, 0, 0),
                 (va, 3, 8, 10, 1, 0, 9, 0, 0, 0, va), (va,) + good[:-1], (va,) + good + (0,),
                 (va, 4, 20) + inet("fe80::9")[2:] + (0, 0, 0, va)]):
            with self.subTest(index=index):
                self.fails(snmp.NO_CREATION, (NEIGH_TABLE + (NEIGH_ROW,) + index, GO),
                           (NEIGH_TABLE + (LLADDR,) + index, mac(9)))
                self.fails(snmp.NO_CREATION, (NEIGH_TABLE + (NEIGH_ROW,) + index, DESTROY))

    @looking_once
    def test_old_never(self):
        va = self.indexes["va"]
        for index in ((va, 224, 0, 0, 1), (va, 0, 0, 0, 0), (va, 127, 0, 0, 1),
                      (va, 255, 255, 255, 255), (0, 10, 1, 0, 9), (2**31, 10, 1, 0, 9),
                      (), (va,), (va, 10, 1, 0), (va, 10, 1, 0, 9, 9), (va, 10, 1, 0, 256)):
            with self.subTest(index=index):
                self.fails(snmp.NO_CREATION, (OLD_NEIGH + (OLD_TYPE,) + index, STATIC),
                           (OLD_NEIGH + (OLD_LLADDR,) + index, mac(9)))

    def test_link_that_is_down(self):
        for text in ("10.1.0.9", "2001:db8:1::9"):
            self.fails(snmp.INCONSISTENT_VALUE, *self.enter(text, "down0"), index=2)
        self.client.set((self.near(NEIGH_ROW, "10.1.0.9", "down0"), DESTROY))
        self.unknown("10.1.0.9", "down0")

    def test_old_table(self):
        text = "10.1.0.9"
        whole = [(self.old(OLD_IFINDEX, text), self.number("va")),
                 (self.old(OLD_LLADDR, text), mac(9)),
                 (self.old(OLD_ADDRESS, text), snmp.Value(snmp.IP_ADDRESS, packed(text)))]
        for kind in (STATIC, DYNAMIC):
            for varbinds in (whole, whole[1:2]):
                varbinds = varbinds + [(self.old(OLD_TYPE, text), kind)]
                for order in (varbinds, varbinds[::-1]):
                    self.done(*order)
                    self.known(text, mac(9), kind)
                    self.done(*whole)
                    self.done((self.old(OLD_LLADDR, text), mac(10)))
                    self.known(text, mac(10), kind)
                    self.client.set((self.old(OLD_TYPE, text), INVALID))
                    self.unknown(text)
        self.client.set((self.old(OLD_TYPE, text), INVALID))
        for varbind in whole:
            self.fails(snmp.INCONSISTENT_NAME, varbind)
        self.fails(snmp.INCONSISTENT_NAME, *whole)
        self.fails(snmp.INCONSISTENT_VALUE, (self.old(OLD_TYPE, text), STATIC))

    def test_old_table_says_its_index(self):
        other = snmp.Value(snmp.IP_ADDRESS, packed("10.1.0.10"))
        for text in ("10.1.0.9", "10.1.0.10"):
            if text == "10.1.0.10":
                self.lab.ip("neigh add 10.1.0.10 lladdr 02:00:00:00:00:09 dev va nud permanent")
                other = snmp.Value(snmp.IP_ADDRESS, packed("10.1.0.9"))
            row = [(self.old(OLD_TYPE, text), STATIC), (self.old(OLD_LLADDR, text), mac(9))]
            self.fails(snmp.INCONSISTENT_VALUE, *row,
                       (self.old(OLD_IFINDEX, text), self.number("wa")), index=3)
            self.fails(snmp.INCONSISTENT_VALUE, *row, (self.old(OLD_ADDRESS, text), other),
                       index=3)
            self.fails(snmp.INCONSISTENT_VALUE,
                       (self.old(OLD_IFINDEX, text), self.number("wa")), *row)
        for number in (0, -1):
            self.fails(snmp.WRONG_VALUE, (self.old(OLD_IFINDEX, "10.1.0.10"), integer(number)))

    def test_both_tables(self):
        """One row by both names in one PDU."""
        text = "10.1.0.9"
        self.client.set((self.old(OLD_LLADDR, text), mac(9)), (self.near(NEIGH_ROW, text), GO),
                        (self.near(NEIGH_TYPE, text), DYNAMIC))
        self.known(text, mac(9), DYNAMIC)
        self.done((self.old(OLD_TYPE, text), STATIC), (self.near(LLADDR, text), mac(10)))
        self.known(text, mac(10), STATIC)
        self.assertEqual(len(self.lines()), 2, self.lines())

    # undo

    def test_undo_of_create(self):
        self.late(*[varbind for text in self.TEXTS for varbind in self.enter(text)],
                  (self.near(NEIGH_TYPE, "10.1.0.9"), DYNAMIC),
                  (self.old(OLD_TYPE, "10.1.0.20"), STATIC),
                  (self.old(OLD_LLADDR, "10.1.0.20"), mac(20)))
        for text in self.TEXTS:
            self.unknown(text)

    def test_undo_of_destroy(self):
        self.lab.batch([
            "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add 10.1.0.10 lladdr 02:00:00:00:00:0a dev va nud permanent router",
            "neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add fe80::9 lladdr 02:00:00:00:00:09 dev va nud reachable router",
            "neigh add 10.1.0.11 lladdr 02:00:00:00:00:0b dev va nud stale"])
        self.late(*[(self.near(NEIGH_ROW, text), DESTROY) for text in
                    ("10.1.0.9", "10.1.0.10", "2001:db8:1::9", "fe80::9", "10.1.0.11")])
        self.assertEqual(self.entry("10.1.0.9"), ("02:00:00:00:00:09", "PERMANENT"))
        self.late((self.old(OLD_TYPE, "10.1.0.9"), INVALID),
                  (self.near(NEIGH_TYPE, "2001:db8:1::9"), INVALID))

    def test_undo_of_changes(self):
        self.lab.batch([
            "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:09 dev va nud reachable router"])
        for text in ("10.1.0.9", "2001:db8:1::9"):
            self.late((self.near(LLADDR, text), mac(10)))
            for kind in (STATIC, DYNAMIC):
                self.late((self.near(LLADDR, text), mac(10)), (self.near(NEIGH_TYPE, text), kind))


class StandaloneNeighbours(Neighbours, lab.Test):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXNeighbours(Neighbours, lab.Test):
    mode = "agentx"


class Mixed(Rows):
    """An address, a neighbour behind it, and what is no row."""

    def varbinds(self):
        near = (self.indexes["down0"],) + inet("10.3.0.9")
        return [
            (NEIGH_TABLE + (LLADDR, self.indexes["wa"]) + inet("10.3.0.9"), mac(9)),
            (self.cell("ifAlias", "va"), octets(b"new")),
            (NEIGH_TABLE + (NEIGH_ROW, self.indexes["wa"]) + inet("10.3.0.9"), GO),
            (TTL, integer(11)), *self.new("10.3.0.1", "wa"), *self.new("2001:db8:3::1", "va"),
            self.gone("2001:db8:1::1"), (self.at(STATUS, "10.1.0.1"), DEPRECATED)], near

    def is_done(self):
        self.there("10.3.0.1", "wa", 32)
        self.there("2001:db8:3::1", "va", 128)
        self.absent("2001:db8:1::1")
        self.assertEqual(self.client.value(self.at(STATUS, "10.1.0.1")), 2)
        self.assertEqual(neighbours(self.lab)[self.indexes["wa"], "10.3.0.9"]["lladdr"],
                         text_of(mac(9)))
        self.assertEqual((self.link("va")["ifalias"], self.sysctl("ipv4/ip_default_ttl")),
                         ("new", 11))

    def test_all(self):
        self.client.set(*self.varbinds()[0])
        self.is_done()
        self.check_addresses()
        self.check_neighbours()

    def test_address_and_its_neighbours_go(self):
        """The kernel drops the neighbours with the link's last IPv4 address: they are gone
        either way."""
        self.lab.batch(["neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent",
                        "neigh add 10.1.0.10 lladdr 02:00:00:00:00:0a dev va nud permanent"])
        near = [NEIGH_TABLE + (NEIGH_ROW, self.indexes["va"]) + inet(text)
                for text in ("10.1.0.9", "10.1.0.10")]
        self.client.set((near[0], DESTROY), self.gone("10.1.0.1"), (near[1], DESTROY))
        self.absent("10.1.0.1")
        self.assertEqual(self.client.get(*near), [snmp.NO_INSTANCE] * 2)

    def test_as_it_will_be(self):
        """A link that is set up has a neighbour and a route in the same PDU; not one that is
        set down. The same of IPv6 that is switched on."""
        near = (self.indexes["down0"],) + inet("10.3.0.9")
        route = (1, 4, 10, 60, 0, 0, 16, 2, 0, 0, 0, 0)
        table = (1, 3, 6, 1, 2, 1, 4, 24, 7, 1)
        rows = [(NEIGH_TABLE + (LLADDR,) + near, mac(9)), (NEIGH_TABLE + (NEIGH_ROW,) + near, GO),
                (table + (7,) + route, self.number("down0")), (table + (17,) + route, GO)]
        up = (self.cell("ifAdminStatus", "down0"), UP)
        self.fails(snmp.INCONSISTENT_VALUE, *rows, index=2)
        self.client.set(*rows, up)
        self.assertEqual(neighbours(self.lab)[self.indexes["down0"], "10.3.0.9"]["lladdr"],
                         text_of(mac(9)))
        self.assertIn("10.60.0.0/16 dev down0", self.lab.ip("route show").stdout)
        down = (up[0], DOWN)
        for gone in (table + (17,) + route, NEIGH_TABLE + (NEIGH_ROW,) + near):
            self.client.set((gone, DESTROY))
        self.fails(snmp.INCONSISTENT_VALUE, down, *rows, index=3)
        self.sysctl("ipv6/conf/va/disable_ipv6", 1)
        enable = (1, 3, 6, 1, 2, 1, 4, 30, 1, 5, self.indexes["va"])
        new = self.new("2001:db8:9::1", "va")
        self.fails(snmp.INCONSISTENT_VALUE, *new, index=new.index(
            (self.at(IFINDEX, "2001:db8:9::1"), self.number("va"))) + 1)
        self.client.set((enable, UP), *new)
        self.there("2001:db8:9::1", "va", 128)

    def test_nothing_when_the_kernel_refuses(self):
        self.late(*self.varbinds()[0])
        varbinds = self.varbinds()[0]
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAdminStatus", "mr0"), UP), *varbinds)
        self.unchanged(before)
        self.client.set(*varbinds)
        self.is_done()

    def test_nothing_when_one_is_wrong(self):
        varbinds, near = self.varbinds()
        number = len(varbinds) + 1
        self.fails(snmp.WRONG_VALUE, *varbinds, (self.at(ROW, "10.1.0.9"), NOT_READY),
                   index=number)
        self.fails(snmp.NO_CREATION, *varbinds, (self.at(ROW, "224.0.0.9"), GO), index=number)
        self.fails(snmp.INCONSISTENT_VALUE, *varbinds, (self.at(ROW, "10.1.0.9"), GO),
                   index=number)
        self.fails(snmp.INCONSISTENT_NAME, *varbinds, (NEIGH_TABLE + (LLADDR,) + near, mac(9)),
                   index=number)
        self.fails(snmp.INCONSISTENT_VALUE, *varbinds,
                   (SPIN_LOCK, integer(self.client.value(SPIN_LOCK) ^ 1)), index=number)

    def test_lock(self):
        number = self.client.value(SPIN_LOCK)
        self.late(*self.varbinds()[0], (SPIN_LOCK, integer(number)))
        self.assertEqual(self.client.value(SPIN_LOCK), number)
        self.client.set(*self.varbinds()[0], (SPIN_LOCK, integer(number)))
        self.assertNotEqual(self.client.value(SPIN_LOCK), number)
        self.is_done()

    def test_link_and_address(self):
        """A link that comes up with its address, and one that goes down without."""
        self.client.set(*self.new("10.4.0.1", "down0"), (self.cell("ifAdminStatus", "down0"), UP),
                        (self.cell("ifAdminStatus", "down1"), UP))
        lab.wait_until(lambda: self.client.value(self.at(STATUS, "10.4.0.1")) == 1, 5,
                       "the link has its carrier")
        self.there("10.4.0.1", "down0", 32)
        self.client.set((self.cell("ifAdminStatus", "down0"), DOWN), self.gone("10.4.0.1"))
        self.absent("10.4.0.1")
        self.late((self.cell("ifAdminStatus", "va"), DOWN), self.gone("10.1.0.1"),
                  self.gone("2001:db8:1::1"), *self.new("10.9.0.1", "va"),
                  (FORWARDING, integer(1)))


class StandaloneMixed(Mixed, lab.Test):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXMixed(Mixed, lab.Test):
    mode = "agentx"

    def test_stop_right_after(self):
        """The master says that it stays (CleanupSet) when the manager has its answer: what
        is done stays, and the end is a clean one."""
        self.client.set(*self.varbinds()[0])
        self.daemon.stop()
        for link, text in (("wa", "10.5.0.1"), ("va", "10.5.0.2")) * 4:
            self.daemon = self.lab.start(self.mode)
            self.client.set(*self.new(text, link))
            self.daemon.stop()
            self.assertEqual(len(self.of(text)), 1)
            self.lab.ip("addr del", [text + "/32"], "dev", link)

    def test_another_subagent_fails_when_all_is_done(self):
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        varbinds = self.varbinds()[0]
        self.lab.batch(["route add 10.9.0.0/16 via 10.1.0.2",
                        "route add 10.12.0.0/16 via 10.2.0.2 src 10.1.0.1"])
        varbinds = [self.gone("10.1.0.1")] + varbinds[:-1]
        for place in (len(varbinds), 0, 3):
            before, lines = self.state(), len(self.lines())
            self.refused(snmp.COMMIT_FAILED, *varbinds[:place], other,
                         *varbinds[place:], index=place + 1)
            self.assertEqual(len(self.lines()) - lines, 7, self.lines())
            self.assertEqual(stub.seen[-3:-1], ["test", "commit"])
            self.unchanged(before)
        stub.answers.clear()
        self.client.set(*varbinds, other)
        self.absent("10.1.0.1")
        self.there("10.3.0.1", "wa", 32)
