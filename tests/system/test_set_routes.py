"""SET of routes: rows of inetCidrRouteTable that are created, join others, leave them and go,
against `ip -j route`; what is refused and why; and that a PDU is done as a whole or not."""

import collections
import itertools
import json
import os
import random
import signal

import lab
import routes
import snmp
from snmp import integer
from routes import NO_HOP, TABLE, Kernel, View, inet
from test_set import Set, Tokens as SetTokens

IFINDEX, TYPE, PROTO, AS, METRIC, WEIGHT, STATUS = 7, 8, 9, 11, 12, 13, 17
ACTIVE, NOT_IN_SERVICE, NOT_READY, GO, WAIT, DESTROY = map(integer, range(1, 7))
REJECT, LOCAL, REMOTE, BLACKHOLE = 2, 3, 4, 5
NETMGMT = 3
ADDR_TABLE, NEIGH_TABLE = routes.IP + (34, 1), routes.IP + (35, 1)
ZERO4, ZERO6 = "0.0.0.0", "::"
DST, DST6 = "10.50.0.0/16", "2001:db8:50::/48"
NOWHERE = ("10.99.0.0/16", "192.0.2.1")  # no link leads to that gateway


def gateway(link, last, version=4):
    """A neighbour's address on link wN."""
    return f"10.0.{link}.{last}" if version == 4 else f"2001:db8:{link}::{last}"


class Routes(Set):
    """w0 to w2 have 10.0.N.1/24 and 2001:db8:N::1/64, down0 is down."""

    pairs = 3

    def setUp(self):
        self.lab = self.make_lab()
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        routes.plug(self.lab, self.pairs)
        self.lab.ip("link add down0 type ifb")
        self.lab.tokens = list(self.tokens)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client(community="private")
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}

    configure = SetTokens.configure

    # names and varbinds

    def index(self, dst, hop=None, zone=None, policy=(0, 0)):
        """dst/length, next hop; a link-local address has the zone of that link."""
        address, _, length = dst.partition("/")
        number = self.indexes[zone] if zone else 0
        return (inet(address, number) + (int(length), len(policy)) + tuple(policy) +
                (inet(hop, number) if hop else NO_HOP))

    def at(self, column, *index, **how):
        return TABLE + (column,) + self.index(*index, **how)

    def new(self, dst, hop=None, link=None, kind=None, metric=None, zone=None):
        """Varbinds that create a row, its status the last one."""
        index = self.index(dst, hop, zone)
        said = [(IFINDEX, self.indexes[link] if link else None), (TYPE, kind),
                (METRIC, metric)]
        return [(TABLE + (column,) + index, integer(number)) for column, number in said
                if number is not None] + [(TABLE + (STATUS,) + index, GO)]

    def gone(self, dst, hop=None, zone=None, policy=(0, 0)):
        return (self.at(STATUS, dst, hop, zone, policy), DESTROY)

    # looks

    def routes(self, dst, version=None):
        """What ip says of a destination in table main, details included."""
        version = version or (6 if ":" in dst else 4)
        found = json.loads(self.lab.ip(f"-j -d -{version} route show table main").stdout)
        short = {"0.0.0.0/0": "default", "::/0": "default"}.get(dst, dst)
        host = dst.removesuffix("/128" if version == 6 else "/32")
        return [route for route in found if route["dst"] in (short, host)]

    def hops(self, dst):
        """[(gateway or None, link, weight)] of the one route to a destination."""
        found, = self.routes(dst)
        return [(hop.get("gateway") or hop.get("via", {}).get("host"), hop.get("dev"),
                 hop.get("weight", 1)) for hop in found.get("nexthops", [found])]

    def there(self, dst, hop=None, link=None, kind=None, metric=None, zone=None, weight=-1):
        """A GET says that there is such a row at once, and the table is the kernel's."""
        names = [self.at(column, dst, hop, zone) for column in
                 (IFINDEX, TYPE, PROTO, AS, METRIC, WEIGHT, 14, 15, 16, STATUS)]
        kind = kind or (REMOTE if hop and hop not in (ZERO4, ZERO6) else LOCAL)
        if metric is None:
            metric = 1024 if ":" in dst else 0
        wanted = [self.indexes[link] if link else 0, kind, NETMGMT, 0, metric, weight,
                  -1, -1, -1, 1]
        self.assertEqual([value.value for value in self.client.get(*names)], wanted,
                         (dst, hop))
        self.check((dst, hop))

    def absent(self, dst, hop=None, zone=None):
        self.assertEqual(self.client.get(self.at(STATUS, dst, hop, zone))[0],
                         snmp.NO_INSTANCE)
        self.check((dst, hop))

    def state(self):
        """All that these SETs may change. The order of rivals, and that of the next hops of
        an IPv6 route, does not count; nor do the local routes of IPv6, which follow the
        addresses a moment later."""
        found = []
        ipv4, ipv6, links, objects, neighbours = self.lab.outputs(
            "ip -j -d -N -4 route show table all", "ip -j -d -N -6 route show table all",
            "ip -j addr show", "ip nexthop show", "ip neigh show nud permanent")
        for family, text in (("-4", ipv4), ("-6", ipv6)):
            for route in json.loads(text):
                if family == "-6" and "nexthops" in route:
                    route["nexthops"].sort(key=lambda hop: json.dumps(hop, sort_keys=True))
                if not route["dst"].startswith(("fe80", "ff00")) and not (
                        family == "-6" and str(route.get("table")) in ("255", "local")):
                    found.append(family + json.dumps(route, sort_keys=True))
        addresses = [json.dumps([link["ifname"], address], sort_keys=True)
                     for link in json.loads(links) for address in link["addr_info"]]
        return {"routes": sorted(found), "addresses": sorted(addresses),
                "nexthops": objects.splitlines(),
                "neighbours": sorted(neighbours.splitlines())}

    def same_state(self, before, said=""):
        now = self.state()
        for what, was in before.items():
            if now[what] != was:
                have, must = collections.Counter(now[what]), collections.Counter(was)
                self.fail("\n".join(map(str, (said, "too many:", *(have - must), "missing:",
                                              *(must - have)))))

    def fails(self, status, *varbinds, index=1):
        """Refused before anything was tried."""
        before, lines = self.state(), len(self.lines())
        self.refused(status, *varbinds, index=index)
        self.same_state(before, varbinds)
        self.assertEqual(len(self.lines()), lines, varbinds)

    def late(self, *varbinds):
        """They are done, and undone when the kernel refuses the last one."""
        before, lines = self.state(), len(self.lines())
        self.refused(snmp.COMMIT_FAILED, *varbinds, *self.new(*NOWHERE),
                     index=len(varbinds) + 1)
        self.assertGreater(len(self.lines()), lines, "nothing had been done")
        self.assertIn("undone", self.daemon.text())
        self.assertNotIn("undo has failed", self.daemon.text())
        self.assertNotIn("is not back", self.daemon.text())
        self.same_state(before, varbinds)
        self.check(varbinds)


class Create(Routes):
    def create_and_destroy(self, dst, hop=None, link=None, on=None, kind=None, zone=None,
                           hop_is=None):
        """@link is said, @on is what comes of it."""
        with self.subTest(dst=dst, hop=hop, link=link, kind=kind):
            self.client.set(*self.new(dst, hop, link, kind, zone=zone))
            self.there(dst, hop, on, kind, zone=zone)
            found, = self.routes(dst)
            self.assertEqual(found["protocol"], "static")
            self.client.set(self.gone(dst, hop, zone))
            self.assertEqual(self.routes(dst), [])
            self.absent(dst, hop, zone)

    def test_by_gateway(self):
        for dst, version in ((DST, 4), (DST6, 6), ("10.50.1.1/32", 4),
                             ("2001:db8:50::1/128", 6), ("0.0.0.0/0", 4), ("::/0", 6)):
            hop = gateway(1, 2, version)
            self.create_and_destroy(dst, hop, "w1", "w1")
            self.create_and_destroy(dst, hop, None, "w1")
            self.create_and_destroy(dst, hop, "w1", "w1", REMOTE)

    def test_by_a_link_local_gateway(self):
        for dst in (DST6, "::/0"):
            self.create_and_destroy(dst, "fe80::2", "w1", "w1", zone="w1")

    def test_by_device(self):
        for dst in (DST, DST6, "0.0.0.0/0", "::/0", "10.50.1.1/32"):
            self.create_and_destroy(dst, None, "w1", "w1")
            self.create_and_destroy(dst, None, "w1", "w1", LOCAL)

    def test_ipv4_via_ipv6(self):
        for dst in (DST, "0.0.0.0/0"):
            self.create_and_destroy(dst, gateway(1, 2, 6), "w1", "w1")
            self.create_and_destroy(dst, gateway(1, 2, 6), None, "w1")
            self.create_and_destroy(dst, "fe80::2", "w1", "w1", zone="w1")

    def test_leads_nowhere(self):
        for dst, kind in itertools.product((DST, DST6, "0.0.0.0/0", "::/0"),
                                           (BLACKHOLE, REJECT)):
            self.create_and_destroy(dst, kind=kind)
        for dst in (DST, DST6):
            self.client.set(*self.new(dst, kind=REJECT))
            self.assertEqual(self.routes(dst)[0]["type"], "unreachable")
            self.client.set(self.gone(dst))
            self.client.set(*self.new(dst, kind=BLACKHOLE))
            self.assertEqual(self.routes(dst)[0]["type"], "blackhole")

    def test_link_local_destination(self):
        self.client.set(*self.new("fe80:5::/64", link="w1", zone="w1"))
        self.there("fe80:5::/64", link="w1", zone="w1")
        self.client.set(self.gone("fe80:5::/64", zone="w1"))
        self.absent("fe80:5::/64", zone="w1")

    def test_scope(self):
        self.client.set(*self.new(DST, link="w0"), *self.new("10.51.0.0/16", "10.0.0.2"))
        self.assertEqual([self.routes(dst)[0]["scope"] for dst in (DST, "10.51.0.0/16")],
                         ["link", "global"])

    def test_metrics(self):
        for dst, hop, said in itertools.product(
                (DST, DST6), (True, False), (-1, 0, 7, 2147483647)):
            hop = gateway(0, 2, 6 if dst == DST6 else 4) if hop else None
            metric = said if said > 0 else 1024 if dst == DST6 else 0
            with self.subTest(dst=dst, hop=hop, metric=said):
                self.client.set(*self.new(dst, hop, "w0", metric=said))
                self.there(dst, hop, "w0", metric=metric)
                self.assertEqual(self.routes(dst)[0].get("metric", 0), metric)
                self.client.set(self.gone(dst, hop))
                self.absent(dst, hop)
        for said in (-2, -2**31):
            self.fails(snmp.WRONG_VALUE, (self.at(METRIC, DST), integer(said)),
                       *self.new(DST, link="w0"))

    def test_any_order(self):
        varbinds = self.new(DST, "10.0.0.2", "w0", REMOTE, 7)
        for order in itertools.permutations(varbinds):
            self.client.set(*order)
            self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 1)])
            self.assertEqual(self.client.value(self.at(METRIC, DST, "10.0.0.2")), 7)
            self.client.set(self.gone(DST, "10.0.0.2"))
            self.assertEqual(self.routes(DST), [])
        self.check()

    def test_all_columns(self):
        index = self.index(DST6, gateway(0, 2, 6))
        more = [(TABLE + (AS,) + index, snmp.Value(snmp.GAUGE32, 0))] + [
            (TABLE + (column,) + index, integer(-1)) for column in range(13, 17)]
        self.client.set(*more, *self.new(DST6, gateway(0, 2, 6), "w0", REMOTE, 5))
        self.there(DST6, gateway(0, 2, 6), "w0", metric=5)

    def test_policies_of_no_route(self):
        number = self.indexes["w0"]
        for policy in ((), (0,), (1,), (0, 1), (1, 0), (0, 0, 0), (0, 0, 254),
                       (0, 0, 255, 0, 5, number), (0, 0, 100, 0, 5, number),
                       (0, 0, 254, 256, 5, number), (0, 1, 254, 0, 5, number),
                       (0, 0, 254, 0, 5, number, 1), (0, 0, 254, 0, 5, number, 48) + (0,) * 16):
            for hop in (None, "10.0.0.2"):
                index = self.index(DST, hop, policy=policy)
                self.fails(snmp.NO_CREATION, (TABLE + (STATUS,) + index, GO),
                           (TABLE + (IFINDEX,) + index, integer(number)))
        for policy in ((0, 0, 254, 1, 5, number), (0, 0, 254, 0, 0, number),
                       (0, 0, 254, 0, 5, number, 0) + (0,) * 16,
                       (0, 0, 254, 0, 5, number, 129) + (0,) * 16,
                       (0, 0, 254, 0, 5, number, 48) + (256,) * 16):
            index = self.index(DST6, "2001:db8::2", policy=policy)
            self.fails(snmp.NO_CREATION, (TABLE + (STATUS,) + index, GO))

    def test_several_in_one_pdu(self):
        rows = [(f"10.{50 + n}.0.0/16", f"10.0.{n % 3}.2", f"w{n % 3}") for n in range(8)]
        self.client.set(*[varbind for row in rows for varbind in self.new(*row)])
        for row in rows:
            self.there(*row)
        self.client.set(*[self.gone(dst, hop) for dst, hop, _ in rows])
        for dst, hop, _ in rows:
            self.absent(dst, hop)

    def test_next_hop_over_another_route_of_the_pdu(self):
        """In the order of the PDU; and the other way round the kernel refuses it."""
        first, second = self.new(DST, link="w0"), self.new("10.60.0.0/16", "10.50.0.9", "w0")
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, *second, *first, index=2)
        self.same_state(before)
        self.client.set(*first, *second)
        self.there(DST, link="w0")
        self.there("10.60.0.0/16", "10.50.0.9", "w0")


class Multipath(Routes):
    def test_join_ipv4(self):
        """It keeps what the route has, and the weights of the others."""
        self.lab.ip("route add", [DST], "src 10.0.0.1 mtu 1400 advmss 1300 proto boot "
                    "nexthop via 10.0.0.2 dev w0 weight 3 nexthop via 10.0.1.2 dev w1")
        self.client.set(*self.new(DST, "10.0.2.2", "w2"))
        self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 3), ("10.0.1.2", "w1", 1),
                                          ("10.0.2.2", "w2", 1)])
        self.client.set(*self.new(DST, "10.0.2.3", "w2"))
        self.assertEqual(self.hops(DST)[3:], [("10.0.2.3", "w2", 1)])
        self.keeps("boot", prefsrc="10.0.0.1", metrics=[{"mtu": 1400, "advmss": 1300}])
        self.check()
        for hop in ("10.0.1.2", "10.0.0.2", "10.0.2.2"):
            self.client.set(self.gone(DST, hop))
            self.keeps("boot", prefsrc="10.0.0.1", metrics=[{"mtu": 1400, "advmss": 1300}])
            self.check()
        self.assertEqual(self.hops(DST), [("10.0.2.3", "w2", 1)])
        self.client.set(self.gone(DST, "10.0.2.3"))
        self.assertEqual(self.routes(DST), [])

    def keeps(self, protocol, **more):
        found, = self.routes(DST)
        self.assertEqual((found["protocol"], {key: found.get(key) for key in more}),
                         (protocol, more))

    def test_join_a_single_one(self):
        self.lab.ip("route add", [DST], "via 10.0.0.2 src 10.0.0.1 mtu 1400 metric 5")
        self.client.set(*self.new(DST, "10.0.1.2", "w1", metric=5))
        self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 1), ("10.0.1.2", "w1", 1)])
        self.keeps("boot", prefsrc="10.0.0.1", metrics=[{"mtu": 1400}], metric=5)
        self.there(DST, "10.0.1.2", "w1", metric=5, weight=1)

    def test_join_onlink(self):
        """A next hop that nothing leads to stays as it is."""
        self.lab.ip("route add", [DST], "via 192.0.2.9 dev w0 onlink")
        self.client.set(*self.new(DST, "10.0.1.2", "w1"))
        self.client.set(*self.new(DST, "10.0.2.2", "w2"))
        self.assertEqual([hop[0] for hop in self.hops(DST)],
                         ["192.0.2.9", "10.0.1.2", "10.0.2.2"])
        self.assertIn("onlink", self.routes(DST)[0]["nexthops"][0]["flags"])
        self.client.set(self.gone(DST, "10.0.2.2"))
        self.client.set(self.gone(DST, "10.0.1.2"))
        self.assertIn("onlink", self.routes(DST)[0]["flags"])
        self.check()

    def test_join_with_tos(self):
        """What is created has none, so another route comes of it."""
        self.lab.ip("route add", [DST], "via 10.0.0.2 tos 8")
        self.client.set(*self.new(DST, "10.0.1.2", "w1"))
        self.assertEqual(len(self.routes(DST)), 2)
        self.there(DST, "10.0.1.2", "w1")

    def test_join_ipv4_by_device_and_via_ipv6(self):
        self.client.set(*self.new(DST, "10.0.0.2", "w0"))
        self.client.set(*self.new(DST, gateway(1, 2, 6), "w1"))
        self.client.set(*self.new(DST, "fe80::2", "w2", zone="w2"))
        self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 1), ("2001:db8:1::2", "w1", 1),
                                          ("fe80::2", "w2", 1)])
        self.check()
        self.client.set(self.gone(DST, gateway(1, 2, 6)))
        self.client.set(self.gone(DST, "10.0.0.2"))
        self.assertEqual(self.hops(DST), [("fe80::2", "w2", 1)])
        self.client.set(self.gone(DST, "fe80::2", "w2"))
        self.assertEqual(self.routes(DST), [])
        self.check()

    def test_join_needs_ifindex(self):
        """Of IPv4; and what joins has the metric of the others."""
        self.client.set(*self.new(DST, "10.0.0.2"))
        self.fails(snmp.INCONSISTENT_VALUE, *self.new(DST, "10.0.1.2"))
        self.client.set(*self.new(DST, "10.0.1.2", metric=9))
        self.assertEqual(len(self.routes(DST)), 2)
        self.check()

    def test_join_ipv6(self):
        self.lab.ip("-6 route add", [DST6], "proto boot nexthop via 2001:db8:0::2 weight 3 "
                    "nexthop via 2001:db8:1::2")
        self.client.set(*self.new(DST6, gateway(2, 2, 6), "w2"))
        self.client.set(*self.new(DST6, gateway(2, 3, 6)))
        self.assertEqual(sorted(self.hops(DST6)), [
            ("2001:db8:1::2", "w1", 1), ("2001:db8:2::2", "w2", 1),
            ("2001:db8:2::3", "w2", 1), ("2001:db8::2", "w0", 3)])
        self.check()

    def test_leave_in_any_order(self):
        for version, dst in ((4, DST), (6, DST6)):
            hops = [(gateway(n, 2, version), f"w{n}") for n in range(3)]
            for order in itertools.permutations(hops):
                with self.subTest(order=order):
                    self.leave(dst, hops, order)

    def leave(self, dst, hops, order):
        for hop, link in hops:
            self.client.set(*self.new(dst, hop, link))
        left = {str(routes.ipaddress.ip_address(hop)): link for hop, link in hops}
        for hop, _ in order:
            self.assertEqual({way: link for way, link, _ in self.hops(dst)}, left)
            self.check()
            self.client.set(self.gone(dst, hop))
            del left[str(routes.ipaddress.ip_address(hop))]
        self.assertEqual(self.routes(dst), [])
        self.check()

    def test_several_in_one_pdu(self):
        """All hops of a route at once; then two leave while one comes."""
        for version, dst in ((4, DST), (6, DST6)):
            hops = [(gateway(n, 2, version), f"w{n}") for n in range(3)]
            with self.subTest(version=version):
                self.client.set(*[varbind for hop in hops
                                  for varbind in self.new(dst, *hop)])
                self.assertEqual(len(self.hops(dst)), 3)
                self.check()
                new = gateway(1, 9, version)
                self.client.set(self.gone(dst, hops[0][0]), self.gone(dst, hops[1][0]),
                                *self.new(dst, new, "w1"))
                self.assertEqual({link for _, link, _ in self.hops(dst)}, {"w1", "w2"})
                self.there(dst, new, "w1", weight=1)
                self.client.set(self.gone(dst, hops[2][0]), self.gone(dst, new))
                self.assertEqual(self.routes(dst), [])
                self.check()

    def test_all_leave_and_another_one_comes(self):
        """In one PDU, of one destination and metric."""
        for version, dst in ((4, DST), (6, DST6)):
            with self.subTest(version=version):
                old, new = gateway(0, 2, version), gateway(1, 2, version)
                self.client.set(*self.new(dst, old, "w0"))
                self.client.set(*self.new(dst, new, "w1"), self.gone(dst, old))
                self.there(dst, new, "w1")
                self.absent(dst, old)

    def each_alone(self, lines):
        """Destroys the rows of lines one after the other, at random: nothing else goes."""
        seed = int(os.environ.get("SEED", random.randrange(2**32)))
        print(f"SEED={seed}")
        choice = random.Random(seed)
        old = self.keys(Kernel(self.lab).rows())
        self.lab.batch(lines)
        while True:
            found = self.check()
            before = Kernel(self.lab).rows()
            mine = sorted((view, policy) for view, policy in found
                          if self.key(view) not in {self.key(one.view) for one in
                                                    self.old_rows})
            if not mine:
                break
            view, policy = choice.choice(mine)
            index = view.dst + (view.plen, len(policy)) + policy + view.hop
            self.client.set((TABLE + (STATUS,) + index, DESTROY))
            went = self.keys(before) - self.keys(Kernel(self.lab).rows())
            self.assertEqual(sum(went.values()), 1, (view, policy, went))
            (table, tos, metric, key), = went
            self.assertEqual(key, self.key(view))
            if policy != (0, 0):
                self.assertEqual(policy[2:5], (table, tos, metric))
        self.assertEqual(self.keys(Kernel(self.lab).rows()), old)

    @staticmethod
    def key(view):
        return view.dst, view.plen, view.hop, view.ifindex, view.type, view.metric1

    def keys(self, wanted):
        return collections.Counter(
            (one.table, one.tos, one.metric, self.key(one.view)) for one in wanted)

    def setUp(self):
        super().setUp()
        self.old_rows = Kernel(self.lab).rows()

    def test_rivals_ipv4(self):
        self.each_alone([
            f"route add {DST} via 10.0.0.2", f"route add {DST} via 10.0.0.2 metric 5",
            f"route add {DST} via 10.0.0.2 tos 8", f"route append {DST} via 10.0.1.2",
            f"route append {DST} via 10.0.0.2 proto static src 10.0.1.1",
            f"route append {DST} via 10.0.0.2 mtu 1400",
            f"route add {DST} dev w2 metric 6", f"route add unreachable {DST} metric 7",
            f"route append blackhole {DST} metric 7",
            f"route add {DST} metric 8 nexthop via 10.0.0.2 nexthop via 10.0.1.2",
            f"route add {DST} via 10.0.0.2 table 253",
            "route add 10.50.0.0/17 via 10.0.0.2"])

    def test_rivals_of_equal_next_hops_ipv4(self):
        """Appended: they differ by protocol, preferred source or MTU only."""
        self.each_alone([
            f"route append {DST} via 10.0.0.2 proto static",
            f"route append {DST} via 10.0.0.2 proto boot",
            f"route append {DST} via 10.0.0.2 proto boot mtu 1400",
            f"route append {DST} via 10.0.0.2 proto boot mtu 1300",
            f"route append {DST} via 10.0.0.2 proto boot src 10.0.1.1",
            f"route append {DST} via 10.0.0.2 proto boot src 10.0.2.1"])

    def test_rivals_ipv6(self):
        self.each_alone([
            f"route add {DST6} via 2001:db8:0::2", f"route append {DST6} via 2001:db8:1::2",
            f"route add {DST6} via 2001:db8:0::2 metric 5",
            f"route append {DST6} via 2001:db8:0::3 metric 5",
            f"route add {DST6} dev w2 metric 6",
            f"route add blackhole {DST6} metric 7",
            f"route add unreachable {DST6} metric 8",
            f"route add {DST6} via 2001:db8:0::2 table 253",
            "route add 2001:db8:50::/49 via 2001:db8:0::2"])

    def test_leave_of_an_appended_rival(self):
        """Of two routes of several next hops the second one is meant."""
        for hop in ("10.0.0.3", "10.0.1.3", "10.0.0.2", "10.0.1.2"):
            with self.subTest(hop=hop):
                self.lab.batch([
                    f"route append {DST} nexthop via 10.0.0.2 nexthop via 10.0.1.2",
                    f"route append {DST} nexthop via 10.0.0.3 nexthop via 10.0.1.3"])
                self.check()
                before = self.keys(Kernel(self.lab).rows())
                try:
                    self.client.set(self.gone(DST, hop))
                    went = before - self.keys(Kernel(self.lab).rows())
                    self.assertEqual([key[3][2] for key in went], [inet(hop, 0)])
                except snmp.Refused as refused:
                    self.assertEqual(refused.status, snmp.INCONSISTENT_VALUE)
                    self.assertEqual(before, self.keys(Kernel(self.lab).rows()))
                finally:
                    self.lab.ip("route flush exact", [DST])

    def test_ipv6_device_beside_gateways(self):
        """The kernel could take another one."""
        self.lab.batch([f"route add {DST6} via 2001:db8:0::2 dev w0",
                        f"route append {DST6} via 2001:db8:1::2 dev w1",
                        f"route append {DST6} dev w0"])
        self.fails(snmp.INCONSISTENT_VALUE, self.gone(DST6))
        self.client.set(self.gone(DST6, gateway(0, 2, 6)))
        self.fails(snmp.INCONSISTENT_VALUE, self.gone(DST6))
        self.client.set(self.gone(DST6, gateway(1, 2, 6)))
        self.client.set(self.gone(DST6))
        self.assertEqual(self.routes(DST6), [])
        self.check()


class Refusals(Routes):
    def test_status(self):
        link = (self.at(IFINDEX, DST), integer(self.indexes["w0"]))
        for status in (NOT_READY, integer(0), integer(7)):
            self.fails(snmp.WRONG_VALUE, (self.at(STATUS, DST), status))
            self.fails(snmp.WRONG_VALUE, link, (self.at(STATUS, DST), status), index=2)
        for status in (ACTIVE, NOT_IN_SERVICE):
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(STATUS, DST), status))
        self.client.set(*self.new(DST, link="w0"))
        for status in (NOT_READY, integer(0), integer(7)):
            self.fails(snmp.WRONG_VALUE, (self.at(STATUS, DST), status))
        for status in (GO, WAIT):
            self.fails(snmp.INCONSISTENT_VALUE, (self.at(STATUS, DST), status))
        self.client.set((self.at(STATUS, DST), ACTIVE))
        self.there(DST, link="w0")

    def test_an_active_row_is_not_modified(self):
        for dst, hop in ((DST, "10.0.0.2"), (DST6, gateway(0, 2, 6)), ("10.60.0.0/16", None)):
            self.client.set(*self.new(dst, hop, "w0", metric=7))
            for column, number in ((IFINDEX, self.indexes["w0"]), (METRIC, 8), (METRIC, 7),
                                   (TYPE, REMOTE if hop else LOCAL), (TYPE, BLACKHOLE),
                                   (WEIGHT, -1), (14, -1), (15, -1), (16, -1)):
                varbind = (self.at(column, dst, hop), integer(number))
                self.fails(snmp.INCONSISTENT_VALUE, varbind)
                self.fails(snmp.INCONSISTENT_VALUE, (self.at(STATUS, dst, hop), ACTIVE),
                           varbind, index=2)
            self.fails(snmp.INCONSISTENT_VALUE,
                       (self.at(AS, dst, hop), snmp.Value(snmp.GAUGE32, 0)))
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst, hop, "w0"), index=2)
        self.check()

    def test_existing_with_another_metric(self):
        """{ 0 0 } is taken."""
        self.client.set(*self.new(DST, "10.0.0.2", "w0", metric=7))
        self.fails(snmp.INCONSISTENT_VALUE, *self.new(DST, "10.0.0.2", metric=8), index=2)

    def test_a_column_alone(self):
        for column, number in ((IFINDEX, self.indexes["w0"]), (TYPE, REMOTE), (METRIC, 5),
                               (WEIGHT, -1)):
            self.fails(snmp.INCONSISTENT_NAME,
                       (self.at(column, DST, "10.0.0.2"), integer(number)))
        self.fails(snmp.INCONSISTENT_NAME, *self.new(DST, link="w0"),
                   (self.at(METRIC, "10.60.0.0/16"), integer(5)), index=3)

    def test_destroy_of_a_missing_row(self):
        before = self.state()
        for dst, hop in ((DST, None), (DST, "10.0.0.2"), (DST6, gateway(0, 2, 6))):
            self.client.set(self.gone(dst, hop))
        self.client.set(*[self.gone(dst) for dst in (DST, DST6)],
                        *self.new(DST, "10.0.0.2", "w0"))
        self.client.set(self.gone(DST, "10.0.0.2"))
        self.same_state(before)
        self.assertEqual(len(self.lines()), 2, self.lines())

    def test_host_bits(self):
        for dst, hop in (("10.50.0.1/16", "10.0.0.2"), ("10.50.128.0/16", None),
                         ("2001:db8:50::1/48", gateway(0, 2, 6)), ("0.0.0.1/0", "10.0.0.2"),
                         ("2001:db8:50::/43", None)):
            self.fails(snmp.INCONSISTENT_NAME, *self.new(dst, hop, "w0"))

    def test_multicast(self):
        for dst, hop in (("224.0.0.0/4", None), ("239.1.0.0/16", "10.0.0.2"),
                         ("ff05::/16", None), ("ff0e::/32", gateway(0, 2, 6))):
            self.fails(snmp.NO_CREATION, *self.new(dst, hop, "w0"))
        for dst, hop in ((DST, "224.0.0.9"), (DST6, "ff05::2")):
            self.fails(snmp.INCONSISTENT_NAME, *self.new(dst, hop, "w0"))

    def test_families(self):
        self.fails(snmp.INCONSISTENT_NAME, *self.new(DST6, "10.0.0.2", "w0"))

    def test_prefix_too_long(self):
        for dst in ("10.50.0.0/33", "10.50.0.0/4294967295", "10.50.0.0/256",
                    "10.50.0.0/272", "2001:db8:50::/129", "2001:db8:50::/304"):
            self.fails(snmp.NO_CREATION, *self.new(dst, link="w0"))

    def test_malformed(self):
        dst, hop, policy = (1, 4, 10, 50, 0, 0), (1, 4, 10, 0, 0, 2), (2, 0, 0)
        whole = dst + (16,) + policy + hop
        zone = (0, 0, 0, self.indexes["w0"])
        local = (254, 128) + 13 * (0,) + (2,)
        globe = (32, 1, 13, 184) + 11 * (0,) + (2,)
        bad = [whole[:n] for n in range(len(whole))]
        bad += [whole + (0,), whole + (1, 4), dst + (16,) + policy + (0, 0, 0),
                dst + (16,) + policy + (0, 4, 10, 0, 0, 2),
                dst + (16,) + policy + (0, 1, 0), dst + (16,) + policy + (1, 0),
                dst + (16,) + policy + (1, 16) + globe,
                dst + (16,) + policy + (2, 4, 10, 0, 0, 2),
                dst + (16,) + policy + (1, 4, 10, 0, 0, 256),
                dst + (16,) + policy + (1, 4, 10, 0, 0, 2**32 - 1),
                dst + (16,) + policy + (3, 8, 10, 0, 0, 2) + zone,
                dst + (16,) + policy + (16, 3, 119, 119, 119),
                dst + (16,) + policy + (1, 4, 0, 0, 0, 0),
                dst + (16,) + policy + (2, 16) + 16 * (0,),
                dst + (16,) + policy + (2, 16) + local,  # without its zone
                dst + (16,) + policy + (4, 20) + globe + zone,  # with one it has not
                (0, 0, 0) + policy + hop, (16, 1, 119, 16) + policy + hop,
                (1, 4, 10, 50, 0, 256, 16) + policy + hop,
                (1, 5, 10, 50, 0, 0, 0, 16) + policy + hop,
                (3, 8, 10, 50, 0, 0) + zone + (16,) + policy + hop,
                (1, 4, 10, 50, 0, 0, 16, 2**32 - 1, 0, 0) + hop,
                (2, 16) + local + (128,) + policy + NO_HOP,
                (4, 20) + globe + zone + (128,) + policy + NO_HOP,
                whole + 90 * (0,)]
        for index in bad:
            if len(index) + len(TABLE) < 127:
                with self.subTest(index=index):
                    self.fails(snmp.NO_CREATION, (TABLE + (STATUS,) + index, GO),
                               (TABLE + (IFINDEX,) + index, integer(self.indexes["w0"])))

    def test_type_and_next_hop(self):
        for dst, hop, link, kind in (
                (DST, "10.0.0.2", "w0", LOCAL), (DST, "10.0.0.2", None, BLACKHOLE),
                (DST, "10.0.0.2", None, REJECT), (DST, None, "w0", REMOTE),
                (DST, None, None, LOCAL), (DST, None, None, REMOTE),
                (DST, None, "w0", BLACKHOLE), (DST, None, "w0", REJECT),
                (DST6, gateway(0, 2, 6), "w0", LOCAL), (DST6, gateway(0, 2, 6), None, REJECT),
                (DST6, None, "w0", REMOTE), (DST6, None, "w0", BLACKHOLE)):
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst, hop, link, kind),
                       index=2 if link else 1)
        for dst in (DST, DST6):  # to where?
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst))

    def test_zone_of_the_destination(self):
        """The row that was asked for would not be there."""
        for hop, link in ((None, "w1"), ("2001:db8:1::2", "w1"), ("2001:db8:1::2", None),
                          ("2001:db8:0::2", None)):
            index = inet("fe80:5::", self.indexes["w0"]) + (64, 2, 0, 0) + (
                inet(hop, 0) if hop else NO_HOP)
            varbinds = [(TABLE + (STATUS,) + index, GO)]
            if link:
                varbinds.append((TABLE + (IFINDEX,) + index, integer(self.indexes[link])))
            self.fails(snmp.INCONSISTENT_VALUE, *varbinds, index=len(varbinds))

    def test_zone_of_the_next_hop(self):
        for dst in (DST, DST6):
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst, "fe80::2", "w1", zone="w0"))
            self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst, "fe80::2", zone="w0"))

    def test_own_address_as_next_hop(self):
        for dst, hop, link in ((DST, "10.0.0.1", "w0"), (DST, "10.0.1.1", "w0"),
                               (DST, "127.0.0.1", "w0"), (DST, "10.0.0.1", None),
                               (DST6, "2001:db8:0::1", "w0"), (DST6, "::1", "w0"),
                               (DST, "2001:db8:0::1", "w0")):
            self.fails(snmp.INCONSISTENT_NAME, *self.new(dst, hop, link))

    def test_interfaces(self):
        """Unknown or down."""
        for dst, hop in ((DST, None), (DST, "10.0.0.2"), (DST6, None),
                         (DST6, gateway(0, 2, 6))):
            for number in (9999, self.indexes["down0"], 2**31 - 1):
                self.fails(snmp.INCONSISTENT_VALUE,
                           (self.at(IFINDEX, dst, hop), integer(number)),
                           (self.at(STATUS, dst, hop), GO))
            self.fails(snmp.WRONG_VALUE, (self.at(IFINDEX, dst, hop), integer(-1)),
                       (self.at(STATUS, dst, hop), GO))

    def test_wrong_values(self):
        status = (self.at(STATUS, DST, "10.0.0.2"), GO)

        def at(column):
            return self.at(column, DST, "10.0.0.2")
        for column, number in ((TYPE, 1), (TYPE, 6), (TYPE, 0), (TYPE, -1), (WEIGHT, 1),
                               (WEIGHT, 0), (14, 5), (15, 0), (16, -2), (METRIC, -2)):
            self.fails(snmp.WRONG_VALUE, (at(column), integer(number)), status)
            self.fails(snmp.WRONG_VALUE, status, (at(column), integer(number)), index=2)
        for number in (1, 65000, 2**32 - 1):
            self.fails(snmp.WRONG_VALUE, (at(AS), snmp.Value(snmp.GAUGE32, number)), status)
        for column, value in ((AS, integer(0)), (TYPE, snmp.octets(b"4")),
                              (STATUS, snmp.Value(snmp.GAUGE32, 4))):
            self.fails(snmp.WRONG_TYPE, (at(column), value))
        for column in (PROTO, 10):
            self.fails(snmp.NOT_WRITABLE, (at(column), integer(3)), status)

    def test_not_to_be_destroyed(self):
        """The kernel's, those of router advertisements and of nexthop objects."""
        self.lab.batch([
            f"route add {DST} via 10.0.0.2 proto kernel",
            f"route add {DST6} via 2001:db8:0::2 proto ra",
            "nexthop add id 5 via 10.0.0.2 dev w0", "nexthop add id 6 group 5",
            "nexthop add id 7 via 2001:db8:0::2 dev w0", "route add 10.61.0.0/16 nhid 5",
            "route add 10.62.0.0/16 nhid 6", "route add 2001:db8:62::/48 nhid 7"])
        for dst, hop in ((DST, "10.0.0.2"), (DST6, gateway(0, 2, 6)), ("10.0.0.0/24", None),
                         ("2001:db8:0::/64", None), ("10.61.0.0/16", "10.0.0.2"),
                         ("10.62.0.0/16", "10.0.0.2"),
                         ("2001:db8:62::/48", gateway(0, 2, 6))):
            self.fails(snmp.INCONSISTENT_VALUE, self.gone(dst, hop))
        self.configure("netmibdForeignRoutes yes")
        for dst, hop in ((DST, "10.0.0.2"), (DST6, gateway(0, 2, 6)),
                         ("10.61.0.0/16", "10.0.0.2")):
            self.fails(snmp.INCONSISTENT_VALUE, self.gone(dst, hop))
        self.check()

    def test_not_to_be_joined(self):
        """What could not be destroyed is not changed by a next hop either."""
        self.lab.batch([
            f"route add {DST} via 10.0.0.2 proto kernel",
            "nexthop add id 5 via 10.0.0.2 dev w0", "route add 10.61.0.0/16 nhid 5",
            "route add 10.62.0.0/16 via 10.0.0.2 proto bgp",
            "route add blackhole 10.63.0.0/16"])
        for dst, hop in ((DST, "10.0.1.2"), ("10.61.0.0/16", "10.0.1.2"),
                         ("10.62.0.0/16", "10.0.1.2"), ("10.63.0.0/16", "10.0.1.2")):
            with self.subTest(dst=dst):
                self.fails(snmp.INCONSISTENT_VALUE, *self.new(dst, hop, "w1"), index=2)
        with self.subTest("the route to a link's own prefix"):
            self.fails(snmp.INCONSISTENT_VALUE, *self.new("10.0.0.0/24", "10.0.1.2", "w1"),
                       index=2)
        self.check()

    def test_appended_rivals(self):
        """Which one of them would it join?"""
        self.lab.batch([f"route append {DST} via 10.0.0.2", f"route append {DST} via 10.0.0.3"])
        self.fails(snmp.INCONSISTENT_VALUE, *self.new(DST, "10.0.1.2", "w1"), index=2)
        self.client.set(*self.new(DST, "10.0.1.2", "w1", metric=5))
        self.there(DST, "10.0.1.2", "w1", metric=5)

    def test_the_kernel_refuses(self):
        for number, (dst, hop, link) in enumerate((
                (*NOWHERE, None), (DST, "10.0.1.2", "w0"), (DST6, "2001:db8:99::1", None),
                (DST6, gateway(1, 2, 6), "w0"), (DST, "2001:db8:99::1", "w0")), 1):
            before = self.state()
            self.refused(snmp.COMMIT_FAILED, *self.new(dst, hop, link),
                         index=2 if link else 1)
            self.same_state(before)
            lines = [line for line in self.daemon.text().splitlines()
                     if "the kernel refuses" in line]
            self.assertEqual(len(lines), number)
            self.assertIn(f"route {dst} via {routes.ipaddress.ip_address(hop)}", lines[-1])
            # what IPv6 says may be no more than the error
            self.assertRegex(lines[-1], ": (Network is unreach|No route|Invalid)" if ":" in hop
                             else r": (Network is unreach|No route|Invalid).*: [A-Z]")
        self.assertEqual(self.lines(), [])
        self.check()


class Tokens(Routes):
    def test_foreign_routes(self):
        rows = ((DST, "10.0.0.2", "bgp"), (DST6, gateway(0, 2, 6), "ospf"),
                ("10.60.0.0/16", None, "dhcp"), ("10.61.0.0/16", "10.0.0.2", "77"))
        for dst, hop, protocol in rows:
            way = f"via {hop} dev w0" if hop else "dev w0"
            self.lab.ip("route add", [dst], way, "proto", [protocol])
        for dst, hop, _ in rows:
            self.fails(snmp.INCONSISTENT_VALUE, self.gone(dst, hop))
        self.configure("netmibdForeignRoutes yes")
        for dst, hop, _ in rows:
            self.client.set(self.gone(dst, hop))
            self.absent(dst, hop)

    def test_one_s_own(self):
        """static, boot and redirect are not foreign."""
        for number, protocol in enumerate(("static", "boot", "redirect")):
            for dst, hop in ((f"10.{60 + number}.0.0/16", "10.0.0.2"),
                             (f"2001:db8:{60 + number}::/48", gateway(0, 2, 6))):
                self.lab.ip("route add", [dst], "via", [hop], "proto", [protocol])
                self.client.set(self.gone(dst, hop))
                self.absent(dst, hop)

    def test_protect(self):
        self.client.set(*self.new(DST, "10.0.0.2", "w0"), *self.new(DST6, link="w0"),
                        *self.new("10.60.0.0/16", "10.0.1.2", "w1"),
                        *self.new("10.61.0.0/16", kind=BLACKHOLE))
        self.client.set(*self.new(DST, "10.0.1.2", "w1"))
        self.configure("netmibdProtect w0")
        self.fails(snmp.INCONSISTENT_VALUE, self.gone(DST, "10.0.0.2"))
        self.fails(snmp.INCONSISTENT_VALUE, self.gone(DST6))
        self.fails(snmp.INCONSISTENT_VALUE, self.gone("10.60.0.0/16", "10.0.1.2"),
                   self.gone(DST6), index=2)
        self.client.set(self.gone(DST, "10.0.1.2"), self.gone("10.60.0.0/16", "10.0.1.2"),
                        self.gone("10.61.0.0/16"))
        self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 1)])
        self.client.set(*self.new("10.62.0.0/16", "10.0.0.2", "w0"))
        self.there("10.62.0.0/16", "10.0.0.2", "w0")

    def test_off_and_dry_run(self):
        self.client.set(*self.new(DST, "10.0.0.2", "w0"))
        self.configure("netmibdWrite off")
        self.fails(snmp.NOT_WRITABLE, *self.new(DST6, link="w0"))
        self.fails(snmp.NOT_WRITABLE, self.gone(DST, "10.0.0.2"))
        self.configure("netmibdWrite dry-run")
        before = self.state()
        self.client.set(*self.new(DST6, link="w0"), self.gone(DST, "10.0.0.2"),
                        *self.new(DST, "10.0.1.2", "w1"))
        self.same_state(before)
        self.assertRegex("\n".join(self.lines()),
                         r"dry run: route 10\.50\.0\.0/16 via 10.*gone")
        self.check()

    def test_connected_next_hop_zero(self):
        self.configure("netmibdConnectedNextHop zero")
        self.lab.ip("route add 10.70.0.0/16 dev w1")
        for dst, zero in ((DST, ZERO4), (DST6, ZERO6), ("0.0.0.0/0", ZERO4), ("::/0", ZERO6)):
            for link, kind in (("w0", None), (None, BLACKHOLE)):
                self.client.set(*self.new(dst, zero, link, kind))
                self.there_zero(dst, zero, link, kind)
                self.fails(snmp.INCONSISTENT_VALUE, self.new(dst, zero, "w0")[-1])
                self.client.set(self.gone(dst, zero))
                self.assertEqual(self.routes(dst), [])
            self.fails(snmp.NO_CREATION, *self.new(dst, None, "w0"))
        self.client.set(self.gone("10.70.0.0/16", ZERO4))
        self.assertEqual(self.routes("10.70.0.0/16"), [])
        self.client.set(*self.new(DST, "10.0.0.2", "w0"))
        self.there_zero(DST, "10.0.0.2", "w0", None)

    def there_zero(self, dst, hop, link, kind):
        """As there(), without the look at the whole table, which expects empty ones."""
        wanted = [self.indexes[link] if link else 0,
                  kind or (LOCAL if hop in (ZERO4, ZERO6) else REMOTE), NETMGMT, 1]
        self.assertEqual([value.value for value in self.client.get(*[
            self.at(column, dst, hop) for column in (IFINDEX, TYPE, PROTO, STATUS)])], wanted)
        self.assertEqual(len(self.routes(dst)), 1)


class Undo(Routes):
    """What is done before the kernel refuses something is undone."""

    def test_create(self):
        for row in ((DST, "10.0.0.2", "w0"), (DST, "10.0.0.2"), (DST, None, "w0"),
                    (DST, None, None, BLACKHOLE), (DST, None, None, REJECT),
                    (DST, gateway(0, 2, 6), "w0"), (DST6, gateway(0, 2, 6), "w0"),
                    (DST6, gateway(0, 2, 6)), (DST6, None, "w0"),
                    (DST6, None, None, BLACKHOLE), (DST6, None, None, REJECT),
                    ("0.0.0.0/0", "10.0.0.2", "w0"), ("::/0", gateway(0, 2, 6), "w0"),
                    (DST, "10.0.0.2", "w0", None, 7), (DST6, None, "w0", None, 7)):
            with self.subTest(row=row):
                self.late(*self.new(*row))

    def test_create_beside_others(self):
        """Undoing it does not hit those."""
        self.lab.batch([
            f"route add {DST} via 10.0.0.2 metric 5", f"route add {DST} via 10.0.0.2 tos 8",
            f"route add {DST6} via 2001:db8:0::2 metric 5",
            f"route add {DST6} dev w0 metric 6"])
        self.late(*self.new(DST, "10.0.1.2", "w1"))
        self.late(*self.new(DST6, gateway(1, 2, 6), "w1"))

    def test_create_an_ipv6_device_route_beside_others(self):
        self.lab.batch([f"route add {DST6} via 2001:db8:0::2 dev w0",
                        f"route append {DST6} via 2001:db8:0::3 dev w0"])
        self.late(*self.new(DST6, link="w0"))
        self.late(*self.new(DST6, link="w1"))
        self.late(*self.new(DST6, kind=BLACKHOLE))

    def test_join(self):
        self.lab.batch([
            f"route add {DST} via 10.0.0.2 src 10.0.0.1 mtu 1400 proto boot",
            "route add 10.60.0.0/16 src 10.0.0.1 mtu 1300 nexthop via 10.0.0.2 weight 3 "
            "nexthop via 10.0.1.2 weight 5",
            "route add 10.61.0.0/16 via 192.0.2.9 dev w0 onlink",
            f"route add {DST6} via 2001:db8:0::2 src 2001:db8:0::1 mtu 1400",
            "route add 2001:db8:60::/48 mtu 1300 nexthop via 2001:db8:0::2 weight 3 "
            "nexthop via 2001:db8:1::2 weight 5"])
        for dst in (DST, "10.60.0.0/16", "10.61.0.0/16"):
            self.late(*self.new(dst, "10.0.2.2", "w2"))
            self.late(*self.new(dst, gateway(2, 2, 6), "w2"))
        for dst in (DST6, "2001:db8:60::/48"):
            self.late(*self.new(dst, gateway(2, 2, 6), "w2"))

    def test_leave(self):
        self.lab.batch([
            f"route add {DST} src 10.0.0.1 mtu 1300 nexthop via 10.0.0.2 weight 3 "
            "nexthop via 10.0.1.2 weight 5 nexthop dev w2",
            "route add 10.60.0.0/16 proto static nexthop via 192.0.2.9 dev w0 onlink "
            "nexthop via inet6 2001:db8:1::2",
            f"route add {DST6} mtu 1300 src 2001:db8:0::1 nexthop via 2001:db8:0::2 "
            "nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2"])
        for hop in ("10.0.0.2", "10.0.1.2", None):
            with self.subTest(hop=hop):
                self.late(self.gone(DST, hop))
        self.late(self.gone("10.60.0.0/16", "192.0.2.9"))
        self.late(self.gone("10.60.0.0/16", gateway(1, 2, 6)))
        for link in range(3):
            with self.subTest(link=link):
                self.late(self.gone(DST6, gateway(link, 2, 6)))

    def test_leave_with_weights_ipv6(self):
        self.lab.ip(f"route add {DST6} nexthop via 2001:db8:0::2 weight 3 "
                    "nexthop via 2001:db8:1::2 weight 5")
        for link in range(2):
            with self.subTest(link=link):
                self.late(self.gone(DST6, gateway(link, 2, 6)))

    def test_leave_of_all(self):
        for version, dst in ((4, DST), (6, DST6)):
            hops = [gateway(link, 2, version) for link in range(3)]
            self.lab.ip("route add", [dst], "mtu 1300", *[f"nexthop via {hop}" for hop in hops])
            for order in itertools.permutations(hops):
                with self.subTest(order=order):
                    self.late(*[self.gone(dst, hop) for hop in order])

    def test_destroy(self):
        for version, dst, way in (
                (4, DST, "via 10.0.0.2"), (4, DST, "via 10.0.0.2 src 10.0.1.1 mtu 1400"),
                (4, DST, "dev w0"), (4, DST, "dev w0 src 10.0.1.1 proto static metric 9"),
                (4, DST, "via 192.0.2.9 dev w0 onlink"), (4, DST, "via 10.0.0.2 tos 8"),
                (4, DST, "via inet6 2001:db8:0::2 dev w0 mtu 1300"),
                (4, DST, "via 10.0.0.2 realm 3/4 advmss 1000 window 9000"),
                (6, DST6, "via 2001:db8:0::2"), (6, DST6, "dev w0 metric 9"),
                (6, DST6, "via 2001:db8:0::2 src 2001:db8:1::1 mtu 1400 hoplimit 9"),
                (6, DST6, "via 2001:db8:0::2 pref high proto static"),
                (6, DST6, "via 2001:db8:99::1 dev w0 onlink")):
            with self.subTest(way=way):
                self.lab.ip("route add", [dst], way)
                (view, policy), = [(view, policy) for view, policy in self.check()
                                   if view[:2] == self.prefix(dst)]
                self.late((TABLE + (STATUS,) + view.dst + (view.plen, len(policy)) +
                           policy + view.hop, DESTROY))
                self.lab.ip(f"-{version} route flush exact", [dst])

    @staticmethod
    def prefix(dst):
        address, _, length = dst.partition("/")
        return inet(address, 0), int(length)

    def test_destroy_what_leads_nowhere(self):
        for dst, kind in itertools.product((DST, DST6), (
                "blackhole", "unreachable", "prohibit")):
            with self.subTest(dst=dst, kind=kind):
                self.lab.ip("route add", [kind], [dst], "metric 9")
                self.late(self.gone(dst))
                self.client.set(self.gone(dst))
                self.assertEqual(self.routes(dst), [])

    def test_destroy_of_rivals(self):
        self.lab.batch([
            f"route append {DST} via 10.0.0.2", f"route append {DST} via 10.0.1.2 mtu 1400",
            f"route append {DST} via 10.0.2.2", f"route add {DST} via 10.0.0.3 tos 8",
            f"route add {DST} metric 8 nexthop via 10.0.0.4 nexthop via 10.0.1.4"])
        for hop in ("10.0.0.2", "10.0.1.2", "10.0.2.2", "10.0.0.3", "10.0.0.4", "10.0.1.4"):
            with self.subTest(hop=hop):
                self.late(self.gone(DST, hop))

    def test_leave_of_rivals(self):
        """The route that is left is not the first one of its rivals."""
        self.lab.batch([
            f"route append {DST} nexthop via 10.0.0.2 nexthop via 10.0.1.2",
            f"route append {DST} nexthop via 10.0.0.3 nexthop via 10.0.1.3",
            f"route append {DST} via 10.0.2.4"])
        self.late(self.gone(DST, "10.0.2.4"))
        for hop in ("10.0.0.2", "10.0.0.3", "10.0.1.3"):
            with self.subTest(hop=hop):
                self.refused(snmp.INCONSISTENT_VALUE, self.gone(DST, hop))

    def test_many(self):
        self.lab.batch([f"route add {DST} via 10.0.0.2 src 10.0.0.1 mtu 1400",
                        f"route add {DST6} via 2001:db8:0::2 mtu 1400",
                        "route add blackhole 10.61.0.0/16"])
        self.late(self.gone("10.61.0.0/16"), self.gone(DST6, gateway(0, 2, 6)),
                  self.gone(DST),
                  self.gone(DST, "10.0.0.2"))
        before = self.state()
        varbinds = [*self.new("10.62.0.0/16", "10.0.1.2", "w1"), self.gone("10.61.0.0/16"),
                    *self.new(DST, "10.0.1.2", "w1"), *self.new(DST6, gateway(1, 2, 6)),
                    *self.new("2001:db8:62::/48", link="w2")]
        self.refused(snmp.COMMIT_FAILED, *varbinds, *self.new(*NOWHERE),
                     index=len(varbinds) + 1)
        self.same_state(before)
        self.client.set(*varbinds)
        self.assertEqual(self.hops(DST), [("10.0.0.2", "w0", 1), ("10.0.1.2", "w1", 1)])
        self.check()

    def test_again_and_again_without_a_leak(self):
        self.lab.batch([f"route add {DST} mtu 1300 nexthop via 10.0.0.2 nexthop via 10.0.1.2"])

        def once():
            self.late(self.gone(DST, "10.0.0.2"), *self.new(DST6, link="w0"))
        once()
        fds = self.daemon.fds()
        for _ in range(5):
            once()
        self.assertEqual(self.daemon.fds(), fds)


    def test_beside_a_next_hop_that_is_dead(self):
        """The kernel would refuse a route that has stayed, if it were told again."""
        at = ADDR_TABLE + (10,)
        self.lab.batch(["addr add 10.0.0.77/24 dev w0", "addr add 10.4.0.1/24 dev down0",
                        "addr add 2001:db8::77/64 dev w0 nodad",
                        "route add 10.60.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2",
                        "route add 2001:db8:60::/48 nexthop via 2001:db8::2 dev w0 "
                        "nexthop via 2001:db8:1::2 dev w1", "link set w1 down"])
        for address in ("10.0.0.77", "2001:db8::77"):
            self.late((at + inet(address, 0), DESTROY))


class Together(Routes):
    """An address, a neighbour and a route that need each other in one PDU."""

    def varbinds(self, address, hop, dst):
        link, index = integer(self.indexes["w1"]), (self.indexes["w1"],)
        at, near = inet(address, 0), index + inet(hop, 0)
        return [*self.new(dst, hop, "w1"),
                (NEIGH_TABLE + (4,) + near, snmp.octets(bytes([2, 0, 0, 0, 0, 9]))),
                (NEIGH_TABLE + (8,) + near, GO),
                (ADDR_TABLE + (3,) + at, link), (ADDR_TABLE + (10,) + at, GO)]

    def all_or_none(self, version, dst, address, hop):
        with self.subTest(version=version):
            varbinds = self.varbinds(address.split("/")[0], hop, dst)
            before = self.state()
            self.refused(snmp.COMMIT_FAILED, *varbinds, *self.new(*NOWHERE), index=7)
            self.same_state(before)
            self.client.set(*varbinds)
            self.there(dst, hop, "w1")
            self.assertIn(f" {address} ", self.lab.ip("addr show dev w1").stdout)
            self.assertRegex(self.lab.ip("neigh show dev w1 nud permanent").stdout,
                             f"{hop} lladdr 02:00:00:00:00:09 PERMANENT")

    def test_address_route_neighbour(self):
        self.all_or_none(4, DST, "10.0.1.9/24", "10.0.1.77")
        self.all_or_none(6, DST6, "2001:db8:1::9/64", "2001:db8:1::77")


class Leaving(Routes):
    """It is told to leave when a request of the master's has just come."""

    def test_leaving_with_a_request_at_hand(self):
        for number in range(5):
            with self.subTest(number=number):
                self.daemon.send(signal.SIGSTOP)
                with self.assertRaises(snmp.Timeout):
                    self.client.set(*self.new(DST, link="w0"), timeout=0.1)
                self.daemon.send(signal.SIGTERM)
                try:
                    self.leave()
                finally:
                    self.daemon = self.lab.start(self.mode)
                    self.client.set(self.gone(DST))

    def leave(self):
        self.daemon.send(signal.SIGCONT)
        self.lab.processes.remove(self.daemon)
        self.assertEqual(self.daemon.wait(), 0, self.daemon.text())


class Random(Routes):
    """Rows at random; the kernel is asked after each PDU."""

    HOPS = [(link, last) for link in range(3) for last in (2, 3)]
    WITH_HOPS = ["10.60.0.0/16", "10.60.0.0/17", "0.0.0.0/0",
                 "2001:db8:60::/48", "2001:db8:60::/49", "::/0"]
    WITHOUT = ["10.61.0.0/16", "2001:db8:61::/48"]

    def row(self, choice):
        """(dst, hop, link, kind, metric), sometimes of no sense."""
        metric = choice.choice([None, None, -1, 0, 7, 7, 9])
        if choice.random() < 0.2:
            link, kind = choice.choice([("w0", None), ("w1", LOCAL), (None, BLACKHOLE),
                                        (None, REJECT), (None, None)])
            return choice.choice(self.WITHOUT), None, link, kind, metric
        dst = choice.choice(self.WITH_HOPS)
        link, last = choice.choice(self.HOPS)
        hop = gateway(link, last, 6 if ":" in dst else 4)
        if choice.random() < 0.05:
            hop = gateway(8, last, 6 if ":" in dst else 4)  # nowhere
        return dst, hop, f"w{link}" if choice.random() < 0.8 else None, None, metric

    def pdu(self, choice, found):
        """The varbinds, [View] that are to come, [View] that are to go; one row once."""
        indexes, varbinds, come, go = set(), [], [], []
        there = {self.tail(view, policy): view for view, policy in found}
        mine = sorted(tail for tail, view in there.items() if view.proto == NETMGMT)
        for _ in range(choice.randint(1, 4)):
            if mine and choice.random() < 0.45:
                tail = choice.choice(mine)
                if tail not in indexes:
                    varbinds.append((TABLE + (STATUS,) + tail, DESTROY))
                    go.append(there[tail])
            else:
                row = self.row(choice)
                tail = self.index(row[0], row[1])
                if tail not in indexes:
                    new = self.new(*row)
                    choice.shuffle(new)
                    varbinds += new
                    come.append(self.view(*row))
            indexes.add(tail)
        return varbinds, come, go

    @staticmethod
    def tail(view, policy):
        return view.dst + (view.plen, len(policy)) + policy + view.hop

    def view(self, dst, hop, link, kind, metric):
        """What must come of it, without the weight."""
        address, _, length = dst.partition("/")
        if hop and not link:
            link = "w" + (hop.split(".")[2] if ":" not in dst else hop.split(":")[2])
        if metric in (None, -1, 0):
            metric = 1024 if ":" in dst else 0
        return View(inet(address, 0), int(length), inet(hop, 0) if hop else NO_HOP,
                    self.indexes.get(link, 0), kind or (REMOTE if hop else LOCAL), NETMGMT,
                    metric, None)

    @staticmethod
    def bare(views):
        return collections.Counter(view._replace(metric2=None) for view in views)

    def test_random(self):
        seed = int(os.environ.get("SEED", random.randrange(2**32)))
        print(f"SEED={seed}")
        choice, outcomes = random.Random(seed), collections.Counter()
        found = self.check()
        for number in range(100):
            said = f"SEED={seed}, PDU {number}"
            varbinds, come, go = self.pdu(choice, found)
            before = self.state()
            old = self.bare(one.view for one in Kernel(self.lab).rows())
            try:
                self.client.set(*varbinds)
            except snmp.Refused as refused:
                outcomes[refused.status] += 1
                self.assertIn(refused.status, (snmp.INCONSISTENT_VALUE, snmp.COMMIT_FAILED),
                              said)
                self.same_state(before, said)
            else:
                outcomes[0] += 1
                now = self.bare(one.view for one in Kernel(self.lab).rows())
                wanted = old - self.bare(go) + self.bare(come)
                self.assertEqual(now, wanted, (said, varbinds))
            found = self.check(said)
        self.assertNotIn("undo has failed", self.daemon.text(), f"SEED={seed}")
        self.assertGreater(outcomes[0], 20, f"SEED={seed} {outcomes}")
        print(outcomes)


def both(case):
    """Its two modes."""
    for mode in ("standalone", "agentx"):
        name = {"standalone": "Standalone", "agentx": "AgentX"}[mode] + case.__name__
        made = type(name, (case, routes.Truth), {"mode": mode, "__module__": __name__})
        if lab.SANITIZED and mode == "agentx" and case is not Leaving:
            made = lab.unittest.skip("the same edits are made in standalone mode")(made)
        yield name, made


for _case in (Create, Multipath, Refusals, Tokens, Undo, Together, Leaving, Random):
    globals().update(both(_case))
