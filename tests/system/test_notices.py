"""Notifications: each is provoked in the kernel, and what snmptrapd receives is compared
varbind by varbind; nothing comes for what was there at the start, nor for what a resync
finds unchanged."""

import socket
import time

import lab
import mib
import snmp
import traps
from snmp import octets
from test_addresses import ADDR_TABLE, inet

NMD = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863)
ENABLE = NMD + (1, 5, 1, 0)
TYPE_TABLE = NMD + (1, 5, 2, 1)
LOSSES, RESYNCS = NMD + (1, 5, 3, 0), NMD + (1, 5, 4, 0)
ROUTE_TABLE = mib.MIB2 + (4, 24, 7, 1)
NEIGHBOURS = mib.MIB2 + (4, 35, 1)
NAMES = {NMD + (2, 0, number): name for number, name in enumerate(
    ["InterfaceAdded", "InterfaceRemoved", "InterfaceChanged", "AddressAdded",
     "AddressRemoved", "AddressDuplicate", "AddressDeprecated", "DefaultRouteChanged",
     "DefaultRouteLost", "RouteAdded", "RouteRemoved", "NeighborMoved", "NeighborConflict",
     "GatewayUnreachable", "GatewayReachable", "ResyncDone", "NotifySummary"], 1)}
NAMES[1, 3, 6, 1, 6, 3, 1, 1, 5, 3] = "linkDown"
NAMES[1, 3, 6, 1, 6, 3, 1, 1, 5, 4] = "linkUp"
(CAUSE, CHANGE_BITS, FAMILY, OLD_TYPE, OLD_HOP, OLD_IF, NEW_TYPE, NEW_HOP, OLD_PHYS, MOVES,
 HELD_BACK) = (NMD + (1, 6, number, 0) for number in range(1, 12))
OTHER, SNMP, DOWN, LIFETIME, RESYNC = range(1, 6)
BITS = ["link", "interfaceAdded", "interfaceRemoved", "interfaceChanged", "addressAdded",
        "addressRemoved", "addressDuplicate", "addressDeprecated", "defaultRoute", "route",
        "neighborMoved", "neighborConflict", "gateway", "resyncDone", "summary"]
DEFAULT = ("link", "addressDuplicate", "defaultRoute", "gateway", "summary")

LINKS = """link add va address 02:00:00:00:00:0a type veth peer name vb
link add x0 type ifb
link set va up
link set x0 up
addr add 10.1.0.1/24 dev va
addr add 10.1.1.1/24 dev x0
addr add 2001:db8:1::1/64 dev va nodad""".splitlines()


def bits(*names):
    octet = [0, 0]
    for name in names:
        at = BITS.index(name)
        octet[at // 8] |= 0x80 >> at % 8
    return bytes(octet)


def plain(notice):
    return NAMES.get(notice.name, notice.name), notice.varbinds


def show(name, varbinds):
    return [name] + [f"{snmp.show(at)} = {value}" for at, value in varbinds]


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)


class Base:
    tokens = []

    def setUp(self):
        why = traps.unavailable()
        if why:
            self.skipTest(why)
        self.lab, self.peer = self.make_lab(), self.make_lab()
        self.lab.batch(LINKS)
        self.lab.ip(f"link set vb netns {self.peer.pid}")
        self.peer.batch(["link set vb address 02:00:00:00:00:0b", "link set vb up",
                         "addr add 10.1.0.2/24 dev vb", "addr add 10.1.0.3/24 dev vb",
                         "addr add 2001:db8:1::2/64 dev vb nodad"])
        lab.wait_until(lambda: "fe80" in self.lab.ip("addr show dev va").stdout and
                       "tentative" not in self.lab.ip("addr").stdout, 5,
                       "the addresses are usable")
        self.prepare()
        self.receiver = self.make_receiver()
        self.lab.tokens = list(self.tokens)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client(community="private")
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}

    def prepare(self):
        """What is to be there before the start."""

    def make_receiver(self):
        receiver = traps.Receiver(self.lab)
        receiver.sink(self.mode)
        return receiver

    # what comes

    def enable(self, *names):
        self.client.set((ENABLE, octets(bits(*names))))
        self.quiet()

    def expect(self, *wanted, seconds=5):
        """Exactly these (name, varbinds), in this order, and no more."""
        found = self.receiver.take(len(wanted), seconds)
        self.assertEqual([show(*plain(notice)) for notice in found],
                         [show(*notice) for notice in wanted])
        self.quiet(0.1)

    def quiet(self, seconds=0.2):
        time.sleep(seconds)
        self.assertEqual(self.receiver.new(), [])

    # varbinds

    def link(self, name, admin, oper, kind=53):
        at = self.indexes[name]
        return [(mib.cell("ifIndex", at), at), (mib.cell("ifAdminStatus", at), admin),
                (mib.cell("ifOperStatus", at), oper),
                (mib.cell("ifName", at), name.encode()), (mib.cell("ifAlias", at), b""),
                (mib.cell("ifType", at), kind)]

    def interface(self, at, name, oper, *more, kind=53, cause=OTHER):
        return [(mib.cell("ifIndex", at), at), (mib.cell("ifName", at), name.encode()),
                (mib.cell("ifType", at), kind), (mib.cell("ifOperStatus", at), oper),
                *more, (CAUSE, cause)]

    def name(self, link):
        at = self.indexes[link]
        return (mib.cell("ifName", at), link.encode())

    def addr(self, link, text, length, origin=2, status=1, cause=OTHER):
        index = inet(text, self.indexes[link] if text.startswith("fe80") else None)
        return [(ADDR_TABLE + (3,) + index, self.indexes[link]),
                (NMD + (1, 3, 1, 1) + index, length), (ADDR_TABLE + (6,) + index, origin),
                (ADDR_TABLE + (7,) + index, status), self.name(link), (CAUSE, cause)]

    def route(self, column, dst, length, hop, policy=(2, 0, 0)):
        hop = (0, 0) if hop is None else inet(hop)
        return ROUTE_TABLE + (column,) + inet(dst) + (length,) + policy + hop

    @staticmethod
    def old(hop, number):
        kind = 0 if hop is None else 2 if ":" in hop else 1
        return [(OLD_TYPE, kind), (OLD_HOP, address(hop) if hop else b""), (OLD_IF, number)]

    @staticmethod
    def new(hop):
        kind = 0 if hop is None else 2 if ":" in hop else 1
        return [(NEW_TYPE, kind), (NEW_HOP, address(hop) if hop else b"")]

    def neighbour(self, column, link, text):
        return NEIGHBOURS + (column, self.indexes[link]) + inet(text)

    def talk(self, where, to):
        """Something is sent: the neighbour is asked for."""
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        sock = where.socket(family, socket.SOCK_DGRAM)
        sock.connect((to, 9))
        sock.send(b"x")


class Links(Base):
    def test_start_and_carrier(self):
        self.quiet()
        self.peer.ip("link set vb down")
        self.expect(("linkDown", self.link("va", 1, 2)))
        self.peer.ip("link set vb up")
        self.expect(("linkUp", self.link("va", 1, 1)))

    def test_added_changed_removed(self):
        self.enable("link", "interfaceAdded", "interfaceRemoved", "interfaceChanged")
        self.lab.ip("link add y0 type ifb")
        at = self.indexes["y0"] = self.lab.index("y0")
        self.expect(("InterfaceAdded", self.interface(at, "y0", 2)))
        self.lab.ip("link set y0 up")
        self.expect(("linkUp", self.link("y0", 1, 1)))
        self.lab.ip("link set y0 mtu 1400")
        self.expect(("InterfaceChanged", self.interface(at, "y0", 1, (CHANGE_BITS, b"\x40"))))
        self.lab.ip("link set y0 name z0")
        self.expect(("InterfaceChanged", self.interface(at, "z0", 1, (CHANGE_BITS, b"\x80"))))
        self.indexes["z0"] = at
        self.lab.ip("link set va address 02:00:00:00:00:77")
        va = self.indexes["va"]
        self.expect(("InterfaceChanged", self.interface(va, "va", 1, (CHANGE_BITS, b"\x20"))))
        self.lab.ip("link del z0")
        found = self.receiver.take(2)
        self.assertEqual([NAMES[notice.name] for notice in found],
                         ["linkDown", "InterfaceRemoved"])
        self.assertEqual(found[0].varbinds, self.link("z0", 2, 2))
        self.assertEqual(found[1].varbinds, self.interface(at, "z0", 2))
        self.quiet()

    def test_damped(self):
        """A link that flaps goes down before it goes, all the same; what has changed meanwhile
        is said with the last change; what is switched off meanwhile is not told."""
        self.enable("interfaceRemoved")
        self.lab.batch(["link add y0 type ifb", "link set y0 up"])
        self.enable("link", "interfaceRemoved")
        self.lab.batch(["link set y0 down", "link set y0 up", "link set y0 down", "link del y0"])
        self.assertEqual([NAMES[notice.name] for notice in self.receiver.take(4)],
                         ["linkDown", "linkUp", "linkDown", "InterfaceRemoved"])
        self.enable("interfaceChanged")
        self.lab.ip("link add y1 type ifb")
        self.lab.batch(["link set y1 mtu 1401", "link set y1 mtu 1402", "link set y1 mtu 1403",
                        "link set y1 name z1", "link set z1 mtu 1404"])
        found = self.receiver.take(3, 25)
        self.assertEqual(dict(found[-1].varbinds)[CHANGE_BITS], b"\xc0")
        self.enable("link")
        self.lab.batch(["link set x0 down", "link set x0 up"] * 4)
        self.receiver.take(2)
        self.enable("interfaceRemoved")
        self.quiet(12)

    def test_master(self):
        self.lab.ip("link add br0 type bridge")
        self.enable("interfaceChanged")
        self.lab.ip("link set x0 master br0")
        found = [notice for notice in self.receiver.take(1)
                 if dict(notice.varbinds).get(mib.cell("ifIndex", self.indexes["x0"]))]
        self.assertEqual(found[0].varbinds[4], (CHANGE_BITS, b"\x10"))


class Addresses(Base):
    def test_added_and_removed(self):
        self.enable("addressAdded", "addressRemoved")
        self.lab.ip("addr add 10.1.7.7/25 dev va")
        self.expect(("AddressAdded", self.addr("va", "10.1.7.7", 25)))
        self.lab.ip("addr add 10.1.7.7/24 dev va")  # one row of the table
        self.lab.ip("addr del 10.1.7.7/24 dev va")
        self.quiet()
        self.lab.ip("addr del 10.1.7.7/25 dev va")
        self.expect(("AddressRemoved", self.addr("va", "10.1.7.7", 25)))
        # that of IPv6 is told when it can be used
        self.lab.ip("addr add 2001:db8:1::7/64 dev va")
        self.expect(("AddressAdded", self.addr("va", "2001:db8:1::7", 64)))
        self.lab.ip("link set va down")
        found = {tuple(notice.varbinds) for notice in self.receiver.take(3)}
        for text in ("2001:db8:1::7", "2001:db8:1::1"):
            self.assertIn(tuple(self.addr("va", text, 64, status=4, cause=DOWN)), found)

    def test_lifetime_and_set(self):
        self.enable("addressAdded", "addressRemoved", "addressDeprecated")
        self.lab.ip("addr add 10.1.7.7/24 dev va valid_lft 2 preferred_lft 1")
        self.expect(("AddressAdded", self.addr("va", "10.1.7.7", 24, origin=4)))
        first, second = self.receiver.take(2, 10)
        index = inet("10.1.7.7")
        self.assertEqual(NAMES[first.name], "AddressDeprecated")
        self.assertEqual([at for at, _ in first.varbinds],
                         [ADDR_TABLE + (7,) + index, ADDR_TABLE + (3,) + index,
                          NMD + (1, 3, 1, 3) + index, self.name("va")[0], CAUSE])
        self.assertEqual(first.varbinds[0][1], 2)
        self.assertIn(first.varbinds[2][1], (0, 1, 2))
        self.assertEqual(first.varbinds[4][1], LIFETIME)
        self.assertEqual((NAMES[second.name], second.varbinds),
                         ("AddressRemoved", self.addr("va", "10.1.7.7", 24, origin=4, status=2,
                                                      cause=LIFETIME)))
        at = inet("10.1.0.99")
        self.client.set((ADDR_TABLE + (10,) + at, snmp.integer(4)),
                        (ADDR_TABLE + (3,) + at, snmp.integer(self.indexes["va"])))
        self.expect(("AddressAdded", self.addr("va", "10.1.0.99", 24, cause=SNMP)))
        self.client.set((ADDR_TABLE + (10,) + at, snmp.integer(6)))
        self.expect(("AddressRemoved", self.addr("va", "10.1.0.99", 24, cause=SNMP)))

    def test_duplicate(self):
        self.lab.ip("addr add 2001:db8:1::2 dev va")
        at = inet("2001:db8:1::2")
        self.expect(("AddressDuplicate", [
            (ADDR_TABLE + (7,) + at, 7), (ADDR_TABLE + (3,) + at, self.indexes["va"]),
            (mib.cell("ifPhysAddress", self.indexes["va"]), bytes.fromhex("02000000000a")),
            self.name("va")]))
        self.enable("addressRemoved")
        self.lab.ip("addr del 2001:db8:1::2 dev va")  # could never be used
        self.quiet()


class Routes(Base):
    def prepare(self):
        self.lab.batch(["route add default via 10.1.0.2", "route add default dev x0 metric 9"])

    def changed(self, hop, link, old_hop, old_link, metric=0, cause=OTHER, family=1,
                proto=3):
        any_dst = "0.0.0.0" if family == 1 else "::"
        old = self.indexes[old_link] if old_link else 0
        return ("DefaultRouteChanged", [
            (FAMILY, family),
            (self.route(7, any_dst, 0, hop), self.indexes[link]),
            (self.route(9, any_dst, 0, hop), proto),
            (self.route(12, any_dst, 0, hop), metric), *self.old(old_hop, old),
            *self.new(hop), (CAUSE, cause)])

    def lost(self, hop, link, cause=OTHER, family=1):
        return ("DefaultRouteLost", [(FAMILY, family),
                                     *self.old(hop, self.indexes[link]), (CAUSE, cause)])

    def test_default(self):
        self.quiet()
        # the same next hop, otherwise
        self.lab.ip("route replace default via 10.1.0.2 proto dhcp")
        self.lab.ip("route add default via 10.1.0.2 metric 5")
        self.lab.ip("route del default via 10.1.0.2 metric 5")
        self.lab.ip("route add 10.50.0.0/16 via 10.1.0.2")
        self.quiet()
        self.lab.ip("route replace default via 10.1.0.3")
        self.expect(self.changed("10.1.0.3", "va", "10.1.0.2", "va"))
        self.lab.ip("route del default via 10.1.0.3")
        self.expect(self.changed(None, "x0", "10.1.0.3", "va", 9))
        self.lab.ip("route del default dev x0")
        self.expect(self.lost(None, "x0"), seconds=20)  # the third one is damped

    def test_deleted_and_added(self):
        """That is no loss."""
        self.lab.ip("route del default dev x0")
        self.quiet()
        self.lab.batch(["route del default", "route add default via 10.1.0.3"])
        self.expect(self.changed("10.1.0.3", "va", "10.1.0.2", "va"))
        time.sleep(5)  # it is damped otherwise
        self.lab.batch(["route del default", "route add default via 10.1.0.3"])
        self.quiet()
        self.lab.ip("link set va down")
        found = self.receiver.take(2)
        self.assertEqual([NAMES[notice.name] for notice in found],
                         ["linkDown", "DefaultRouteLost"])
        self.assertEqual(found[1].varbinds, self.lost("10.1.0.3", "va", DOWN)[1])

    def test_rejecting(self):
        self.lab.ip("route del default dev x0")
        self.lab.ip("route replace blackhole default")
        self.expect(self.lost("10.1.0.2", "va"))

    def test_ipv6(self):
        self.lab.ip("route add default via 2001:db8:1::2")
        self.expect(self.changed("2001:db8:1::2", "va", None, None, 1024, family=2))
        self.lab.ip("-6 route del default")
        self.expect(self.lost("2001:db8:1::2", "va", family=2))


class Filter(Base):
    tokens = ["netmibdNotifyRoutes 10.60.0.0/16 proto 4", "netmibdNotifyRoutes 2001:db8:60::/48"]

    def of_route(self, name, dst, length, kind, proto, metric, hop=None, cause=OTHER):
        return (name, [(self.route(7, dst, length, hop), self.indexes["va"]),
                       (self.route(8, dst, length, hop), kind),
                       (self.route(9, dst, length, hop), proto),
                       (self.route(12, dst, length, hop), metric), (CAUSE, cause)])

    def test_filter(self):
        self.lab.ip("route add 10.60.0.0/24 via 10.1.0.2 proto static")
        self.quiet()
        self.enable("route")
        self.lab.batch(["route add 10.60.7.0/24 via 10.1.0.2 proto static metric 7",
                        "route add 10.60.8.0/24 via 10.1.0.2 proto boot",
                        "route add 10.0.0.0/8 via 10.1.0.2 proto static",
                        "route add 10.61.0.0/16 via 10.1.0.2 proto static"])
        self.expect(self.of_route("RouteAdded", "10.60.7.0", 24, 4, 3, 7, "10.1.0.2"))
        self.lab.ip("route add 2001:db8:60::/48 via 2001:db8:1::2 proto bird")
        self.expect(self.of_route("RouteAdded", "2001:db8:60::", 48, 4, 1, 1024,
                                  "2001:db8:1::2"))
        self.lab.ip("route del 10.60.0.0/24")
        self.expect(self.of_route("RouteRemoved", "10.60.0.0", 24, 4, 3, 0, "10.1.0.2"))
        self.lab.ip("link set va down")
        found = {(NAMES[notice.name], tuple(notice.varbinds))
                 for notice in self.receiver.take(2)}
        name, varbinds = self.of_route("RouteRemoved", "10.60.7.0", 24, 4, 3, 7, "10.1.0.2",
                                       DOWN)
        self.assertIn((name, tuple(varbinds)), found)


class Neighbours(Base):
    def prepare(self):
        for family in ("ipv4", "ipv6"):
            for name, value in (("retrans_time_ms", 100), ("delay_first_probe_time", 1)):
                self.lab.run(["sh", "-c",
                              f"echo {value} >/proc/sys/net/{family}/neigh/va/{name}"])
        self.lab.batch(["route add default via 10.1.0.2",
                        "route add default via 2001:db8:1::2"])
        self.talk(self.lab, "10.1.0.2")
        self.talk(self.lab, "2001:db8:1::2")
        lab.wait_until(lambda: self.lab.ip("neigh").stdout.count("REACHABLE") >= 2, 5,
                       "the gateways are known")

    def moved(self, name, new, old, *more):
        return (name, [(self.neighbour(4, "va", "10.1.0.2"), bytes.fromhex(new)),
                       (OLD_PHYS, bytes.fromhex(old)), self.name("va"), *more])

    def take_over(self, text):
        """The peer gets another MAC address and says so."""
        self.peer.ip(f"link set vb address {text}")
        self.talk(self.peer, "10.1.0.1")

    def test_moved_while_it_did_not_answer(self):
        self.enable("neighborMoved")
        for text in ("replace 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud stale",
                     "change 10.1.0.9 dev va nud failed",
                     "replace 10.1.0.9 lladdr 02:00:00:00:00:0a dev va nud stale"):
            self.lab.ip("neigh " + text)
        found, = self.receiver.take(1)
        self.assertEqual(NAMES[found.name], "NeighborMoved")
        self.assertIn((OLD_PHYS, bytes.fromhex("020000000009")), found.varbinds)

    def test_moved_and_conflict(self):
        self.enable("neighborMoved", "neighborConflict")
        one, two = "02000000000b", "0200000000bb"
        self.peer.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_notify"])
        self.peer.batch(["link set vb address 02:00:00:00:00:bb", "neigh flush dev vb"])
        self.talk(self.peer, "10.1.0.1")
        self.expect(self.moved("NeighborMoved", two, one, (CAUSE, OTHER)))
        self.peer.batch(["link set vb address 02:00:00:00:00:0b", "neigh flush dev vb"])
        self.talk(self.peer, "10.1.0.1")
        self.expect(self.moved("NeighborMoved", one, two, (CAUSE, OTHER)))
        self.peer.batch(["link set vb address 02:00:00:00:00:bb", "neigh flush dev vb"])
        self.talk(self.peer, "10.1.0.1")
        found = self.receiver.take(1)
        self.assertIn(self.moved("NeighborConflict", two, one, (MOVES, 3)),
                      [(NAMES[notice.name], notice.varbinds) for notice in found])

    def gateway(self, name, state, text, dst):
        return (name, [(self.neighbour(7, "va", text), state),
                       (self.route(7, dst, 0, text), self.indexes["va"]), self.name("va")])

    def test_gateway(self):
        self.quiet()
        self.peer.ip("addr del 10.1.0.2/24 dev vb")
        self.lab.ip("neigh flush dev va")
        self.talk(self.lab, "10.1.0.2")
        self.expect(self.gateway("GatewayUnreachable", 5, "10.1.0.2", "0.0.0.0"), seconds=15)
        self.talk(self.lab, "10.1.0.2")
        self.talk(self.lab, "10.1.0.9")  # no gateway
        self.quiet(1)
        self.peer.ip("addr add 10.1.0.2/24 dev vb")
        self.talk(self.lab, "10.1.0.2")
        self.expect(self.gateway("GatewayReachable", 1, "10.1.0.2", "0.0.0.0"), seconds=15)

    def test_gateway_of_ipv6(self):
        self.peer.ip("addr del 2001:db8:1::2/64 dev vb")
        self.lab.ip("-6 neigh flush dev va")
        self.talk(self.lab, "2001:db8:1::2")
        self.expect(self.gateway("GatewayUnreachable", 5, "2001:db8:1::2", "::"), seconds=15)


@lab.alone
class Resync(Base):
    tokens = ["netmibdEventBuffer 64"]

    def test_only_what_differs(self):
        self.enable(*[name for name in BITS if name != "summary"])
        self.daemon.send(lab.signal.SIGSTOP)
        try:
            self.lab.batch([line for n in range(150) for line in
                            (f"link add group 7 name o{n} type ifb",)])
            self.lab.batch(["link del group 7", "link set x0 mtu 1300"])
        finally:
            self.daemon.send(lab.signal.SIGCONT)
        found = []
        lab.wait_until(lambda: found.extend(self.receiver.new()) or any(
            NAMES[notice.name] == "ResyncDone" for notice in found), 10, "the resync is told")
        self.assertGreater(self.client.value(RESYNCS), 0)
        x0 = self.interface(self.indexes["x0"], "x0", 1, (CHANGE_BITS, b"\x40"),
                            cause=RESYNC)
        told = [(NAMES[notice.name], notice.varbinds) for notice in found]
        self.assertIn(("InterfaceChanged", x0), told)
        done = [varbinds for name, varbinds in told if name == "ResyncDone"]
        self.assertEqual([at for at, _ in done[-1]], [RESYNCS, LOSSES])
        # the others are of links that have come and gone
        known = {mib.cell("ifIndex", at) for at in self.indexes.values()}
        for name, varbinds in told:
            if name not in ("ResyncDone", "InterfaceChanged"):
                self.assertNotIn(varbinds[0][0], known)


class Enable(Base):
    def test_set(self):
        self.assertEqual(self.client.value(ENABLE), bits(*DEFAULT))
        for bad in (b"\x00\x01", b"\x00\x00\x80"):
            with self.assertRaises(snmp.Refused) as caught:
                self.client.set((ENABLE, octets(bad)))
            self.assertEqual(caught.exception.status, 10)
        self.assertEqual(self.client.value(ENABLE), bits(*DEFAULT))
        self.client.set((ENABLE, octets(b"\x80")))
        self.assertEqual(self.client.value(ENABLE), bits("link"))
        self.client.set((ENABLE, octets(b"")))
        self.lab.ip("link set x0 down")
        self.quiet()
        self.client.set((ENABLE, octets(bits("link") + b"\0")))
        self.lab.ip("link set x0 up")
        self.expect(("linkUp", self.link("x0", 1, 1)))
        self.assertEqual(self.client.value(TYPE_TABLE + (2, 1)), 1)
        self.assertEqual(self.client.value(TYPE_TABLE + (2, 9)), 0)
        self.assertEqual(len(self.client.walk(TYPE_TABLE)), 2 * len(BITS))
        self.daemon.stop()
        self.daemon = self.lab.start(self.mode)
        lab.wait_until(lambda: self.client.value(ENABLE) == bits("link"), 5, "it is restored")
        # undone with what else is in the PDU
        with self.assertRaises(snmp.Refused):
            self.client.set((ENABLE, octets(b"\x40")),
                            (mib.cell("ifAdminStatus", self.indexes["va"]), snmp.integer(9)))
        self.assertEqual(self.client.value(ENABLE), bits("link"))

    def test_summary(self):
        self.enable("link", "summary")
        for _ in range(6):
            self.lab.ip("link set x0 down")
            self.lab.ip("link set x0 up")
        self.lab.ip("link set x0 down")
        told = self.receiver.take(2)
        while "NotifySummary" not in [NAMES[notice.name] for notice in told]:
            told += self.receiver.take(1, 30)
        summary = [notice for notice in told if NAMES[notice.name] == "NotifySummary"][0]
        (first, held), (second, counter) = summary.varbinds
        self.assertEqual((first, second), (HELD_BACK, TYPE_TABLE + (3, 1)))
        self.assertGreater(held, 3)
        self.assertEqual(counter, held)


def both(base):
    """The tests in both modes."""
    for mode in ("standalone", "agentx"):
        name = base.__name__ + mode.capitalize()
        made = type(name, (base, lab.Test), {"mode": mode, "__module__": __name__})
        if getattr(base, "alone", False):
            made = lab.alone(made)
        globals()[name] = made


for case in (Links, Addresses, Routes, Filter, Neighbours, Resync, Enable):
    both(case)
