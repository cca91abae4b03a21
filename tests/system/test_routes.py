"""Routes of every kind, one next hop a row: inetCidrRouteTable, ipCidrRouteTable and
ipRouteTable against `ip -j route`, after each change at once, and again when netmibd starts
on what is there."""

import ipaddress
import json
import time

import lab
import routes
import snmp

V4, V6 = "route {} 10.50.0.0/16 ", "route {} 2001:db8:50::/48 "
OBJECTS = ["nexthop add id 1 via 10.0.0.5 dev w0", "nexthop add id 2 via 10.0.1.5 dev w1",
           "nexthop add id 3 via 10.0.2.5 dev w2", "nexthop add id 4 blackhole",
           "nexthop add id 5 via 2001:db8::5 dev w0",
           "nexthop add id 6 via fe80::6 dev w1", "nexthop add id 7 dev w2",
           "nexthop add id 10 group 1,4/2,8", "nexthop add id 11 group 5/6",
           "nexthop add id 12 group 3", "nexthop add id 13 group 5,255/6,1"]
OVER_OBJECTS = [
    "route add 10.51.0.0/16 nhid 1", "route add 10.52.0.0/16 nhid 10",
    "route add 10.53.0.0/16 nhid 4", "route add 10.54.0.0/16 nhid 12",
    "route add 10.55.0.0/16 nhid 6", "route add 10.56.0.0/16 nhid 7",
    "route add 10.57.0.0/16 nhid 10 metric 5", "route add 10.57.0.0/16 nhid 10 metric 6",
    "route add 2001:db8:51::/48 nhid 5", "route add 2001:db8:52::/48 nhid 11",
    "route add 2001:db8:53::/48 nhid 13"]
OBJECT_CHANGES = [
    OBJECTS + OVER_OBJECTS,
    ["nexthop replace id 1 via 10.0.2.9 dev w2"], ["nexthop replace id 6 via fe80::7 dev w2"],
    ["nexthop replace id 10 group 1,9/2/3"], ["nexthop replace id 12 group 2,7"],
    ["nexthop replace id 11 group 6"], ["nexthop replace id 11 group 5,3/6,4"],
    ["nexthop replace id 7 via 10.0.2.7 dev w2"],
    ["route replace 10.51.0.0/16 nhid 2"], ["route replace 10.52.0.0/16 via 10.0.0.9"],
    ["route append 10.51.0.0/16 nhid 10"], ["route replace 2001:db8:52::/48 nhid 5"],
    ["route del 10.51.0.0/16 nhid 2"], ["route del 2001:db8:51::/48"]]


def steps(*lists):
    """A test of changes one after another; each is seen by the very next walk."""
    def test(self):
        self.start(self.mode)
        for number, lines in enumerate(lists):
            self.do([lines] if isinstance(lines, str) else lines)
            self.check_all(f"step {number}: {lines}")
        self.restarted()
    return test


class Comparison(lab.Test):
    """What the others rely on: a difference is seen."""

    def setUp(self):
        def wanted(octet, hop, ifindex, *more):
            view = routes.View((1, 4, 10, octet, 0, 0), 16, hop, ifindex, 4, 3, 0, -1)
            return routes.Wanted(view, *(more or (254, 0, 0, ())))
        hop = (1, 4, 10, 0, 0, 2)
        self.wanted = [wanted(1, hop, 3), wanted(1, hop, 3, 254, 0, 7, ()),
                       wanted(2, hop, 4), wanted(3, routes.NO_HOP, 4)]
        self.found = [(one.view, (0, 0)) for one in self.wanted]
        self.found[1] = (self.found[1][0], (0, 0, 254, 0, 7, 3))

    def seen(self, found):
        self.assertTrue(routes.differences(found, self.wanted), found)

    def test_differences_are_seen(self):
        self.assertEqual(routes.differences(self.found, self.wanted), [])
        for number, (view, policy) in enumerate(self.found):
            rest = self.found[:number] + self.found[number + 1:]
            self.seen(rest)
            self.seen(self.found + [(view, (0, 0, 254, 0, 0, view.ifindex))])
            for field in view._fields:
                other = {"dst": (1, 4, 10, 9, 9, 0), "hop": (1, 4, 10, 0, 0, 9)}.get(field, 99)
                self.seen(rest + [(view._replace(**{field: other}), policy)])
            for other in ((0,), (0, 0, 1), (0, 0, 100, 0, 0, view.ifindex),
                          (0, 0, 254, 0, 0, 99), (0, 0, 254, 0, 0, view.ifindex, 1, 1)):
                self.seen(rest + [(view, other)])
        self.seen([(self.found[0][0], (0, 0))] * 2 + self.found[2:])

    def test_policies_of_source_specific_routes(self):
        src = (48,) + 16 * (1,)
        self.wanted[3] = self.wanted[3]._replace(src=src)
        view = self.wanted[3].view
        long = (0, 0, 254, 0, 0, 4) + src
        for policy in (long, long + (1,)):
            self.assertEqual(
                routes.differences(self.found[:3] + [(view, policy)], self.wanted), [])
        for policy in ((0, 0), (0, 0, 254, 0, 0, 4), long[:-1], long + (1, 1)):
            self.seen(self.found[:3] + [(view, policy)])

    def test_an_index_with_octets_left_over_is_refused(self):
        good = (1, 4, 10, 0, 0, 0, 8, 2, 0, 0, 0, 0)
        self.assertEqual(routes.parse(good),
                         ((1, 4, 10, 0, 0, 0), 8, (0, 0), routes.NO_HOP))
        for bad in (good + (0,), good[:-1], good[:-2]):
            with self.assertRaises((AssertionError, IndexError)):
                routes.parse(bad)


class Kinds:
    """In both modes; mode says which."""

    def restarted(self):
        """The same by a dump instead of events; the first look is at the addresses'."""
        self.daemon.stop()
        self.daemon = self.lab.start(self.mode)
        found = self.check_all("after a start")
        self.one_default_policy(found)

    def one_default_policy(self, found):
        """Of the rows that have all but the policy in common, one has { 0 0 } from the
        start, but where all are source-specific."""
        groups = {}
        for view, policy in found:
            groups.setdefault((view.dst, view.plen, view.hop), []).append(policy)
        for group in groups.values():
            if any(len(policy) < 20 for policy in group):
                self.assertEqual(group.count((0, 0)), 1, group)

    test_nothing_but_addresses = steps([])
    test_connected = steps(
        ["route add 10.50.0.0/16 dev w0", "route add 10.50.0.0/16 dev w1 metric 7",
         "route add 2001:db8:50::/48 dev w0", "route append 2001:db8:50::/48 dev w1",
         "route add 10.51.0.1 dev w1", "route add 2001:db8:51::1 dev w1"])
    test_gateway = steps(
        ["route add default via 10.0.0.2", "route add ::/0 via 2001:db8::2",
         "route add 10.50.0.0/16 via 10.0.0.2", "route add 10.50.0.0/24 via 10.0.0.2",
         "route add 10.50.0.0/32 via 10.0.1.2", "route add 128.0.0.0/1 via 10.0.1.2",
         "route add 2001:db8:50::/48 via 2001:db8::2",
         "route add 2001:db8:50::/64 via 2001:db8:1::2",
         "route add 2001:db8:50::/128 via 2001:db8:1::2",
         "route add 8000::/1 via 2001:db8:1::2"])
    test_link_local_gateway = steps(
        ["route add 2001:db8:50::/48 via fe80::2 dev w0",
         "route add 2001:db8:51::/48 nexthop via fe80::2 dev w0 nexthop via fe80::2 dev w1",
         "route add ::/0 via fe80::2 dev w1"],
        "route append 2001:db8:50::/48 via fe80::2 dev w1")
    test_link_local_destination = steps(
        ["route add fe80:5::/32 dev w0", "route append fe80:5::/32 dev w1",
         "route add fea0::1 dev w1", "route add fe80:6::/32 via fe80::9 dev w2"],
        ["route del fe80::/64 dev w1", "route del fe80:5::/32 dev w0"])
    test_via_inet6 = steps(
        ["route add 10.50.0.0/16 via inet6 fe80::9 dev w0",
         "route add 10.51.0.0/16 via inet6 2001:db8::9 dev w0",
         "route add 10.52.0.0/16 nexthop via inet6 fe80::9 dev w0 weight 3 "
         "nexthop via 10.0.1.9 weight 2"], "route del 10.50.0.0/16")
    test_onlink = steps(
        ["route add 10.50.0.0/16 via 192.0.2.1 dev w0 onlink",
         "route add 2001:db8:50::/48 via 2001:db8:ffff::1 dev w1 onlink"])
    test_blackhole = steps(
        ["route add blackhole 10.50.0.0/16", "route add blackhole 2001:db8:50::/48"],
        ["route append blackhole 10.50.0.0/16 metric 9",
         "route add blackhole 2001:db8:50::/48 metric 9"],
        "route replace 10.50.0.0/16 via 10.0.0.2")
    test_unreachable = steps(
        ["route add unreachable 10.50.0.0/16", "route add unreachable 2001:db8:50::/48",
         "route add unreachable default metric 4278198272",
         "route add unreachable ::/0 metric 4278198272"])
    test_prohibit = steps(
        ["route add prohibit 10.50.0.0/16 proto bgp",
         "route add prohibit 2001:db8:50::/48 proto bgp"])
    test_local_in_main = steps(
        ["route add local 10.50.0.0/16 dev lo table main",
         "route add local 2001:db8:50::/48 dev lo table main"])
    test_hidden = steps(
        ["route add throw 10.50.0.0/16", "route add throw 2001:db8:50::/48",
         "route add broadcast 10.51.0.0/16 dev w0 table main",
         "route add 10.52.0.0/16 via 10.0.0.2 table 100",
         "route add 2001:db8:52::/48 via 2001:db8::2 table 100",
         "route add 10.53.0.0/16 via 10.0.0.2 table local",
         "route add multicast 239.1.0.0/16 dev w0 table main",
         "route add anycast 2001:db8:53::1 dev w0 table main",
         "route add multicast ff05::/16 dev w0 table main"],
        ["route replace 10.50.0.0/16 via 10.0.0.2",
         "route replace 2001:db8:50::/48 via 2001:db8::2"],
        ["route replace throw 10.50.0.0/16", "route replace throw 2001:db8:50::/48"])
    test_table_default = steps(
        ["route add 10.50.0.0/16 via 10.0.0.2 table default",
         "route add 2001:db8:50::/48 via 2001:db8::2 table default"],
        ["route add 10.50.0.0/16 via 10.0.0.2",
         "route add 2001:db8:50::/48 via 2001:db8::2"],
        ["route del 10.50.0.0/16 table default", "route del 2001:db8:50::/48"])
    test_cloned = steps(
        ["route add 10.50.0.0/16 via 10.0.0.2", "route get 10.50.0.9",
         "route get fibmatch 10.50.0.9", "route get 2001:db8::77"])
    test_ecmp = steps(
        V4.format("add") + "nexthop via 10.0.0.2 weight 3 nexthop via 10.0.1.2 weight 5",
        V4.format("replace") + "nexthop via 10.0.0.2 nexthop via 10.0.1.2 weight 256 "
        "nexthop via 10.0.2.2 weight 1",
        V4.format("append") + "nexthop via 10.0.0.2 nexthop via 10.0.1.2",
        V4.format("prepend") + "nexthop via 10.0.2.2 nexthop via 10.0.2.3",
        "route add 10.51.0.0/16 nexthop dev w0 nexthop dev w1 nexthop dev w2",
        V4.format("replace") + "nexthop via 10.0.2.2 weight 7",
        V4.format("del"), V4.format("del"), V4.format("del"))
    test_ipv6_ecmp = steps(
        V6.format("add") + "nexthop via 2001:db8::2 weight 4 nexthop via fe80::3 dev w1",
        V6.format("append") + "via 2001:db8:2::2",
        V6.format("append") + "nexthop via fe80::4 dev w0 weight 9 nexthop via fe80::5 dev w0",
        V6.format("del") + "via fe80::3 dev w1",
        V6.format("del") + "nexthop via fe80::4 dev w0 nexthop via 2001:db8::2",
        V6.format("del") + "via 2001:db8:2::2",  # one is left: it has no weight any more
        V6.format("append") + "via 2001:db8:2::3",
        V6.format("replace") + "nexthop via 2001:db8::8 nexthop via 2001:db8:1::8",
        V6.format("replace") + "via 2001:db8::9", V6.format("append") + "dev w1",
        V6.format("add") + "metric 9 nexthop via 2001:db8::2 nexthop via fe80::3 dev w1",
        V6.format("del"), V6.format("del"))
    test_nexthop_objects = steps(*OBJECT_CHANGES)
    test_nexthop_objects_by_id_only = steps("/net/ipv4/nexthop_compat_mode 0",
                                            *OBJECT_CHANGES)
    test_replace = steps(
        [V4.format("add") + "via 10.0.0.2", V6.format("add") + "via 2001:db8::2"],
        [V4.format("replace") + "via 10.0.1.2", V6.format("replace") + "via 2001:db8:1::2"],
        [V4.format("replace") + "dev w0", V6.format("replace") + "dev w0"],
        [V4.format("replace") + "via 10.0.1.2 proto ospf",
         V6.format("replace") + "via 2001:db8:1::2 proto ospf"],
        [V4.format("change") + "via 10.0.1.3", V6.format("change") + "via 2001:db8:1::3"],
        [V4.format("replace") + "via 10.0.1.3 mtu 1400",
         V6.format("replace") + "via 2001:db8:1::3 mtu 1400"],
        [V4.format("append") + "via 10.0.1.4", V6.format("append") + "via 2001:db8:1::4"],
        V4.format("replace") + "via 10.0.0.2",  # one of the two only
        V4.format("replace") + "nexthop via 10.0.0.3 nexthop via 10.0.1.3",
        "route replace unreachable 10.50.0.0/16",
        "route replace unreachable 2001:db8:50::/48")
    test_append_and_prepend = steps(
        V4.format("append") + "via 10.0.0.2", V4.format("append") + "via 10.0.0.3",
        V4.format("prepend") + "via 10.0.1.2", V4.format("append") + "dev w0",
        V4.format("prepend") + "dev w1", V4.format("append") + "via 10.0.0.9 tos 0x10",
        V4.format("del") + "via 10.0.0.3", V4.format("del") + "dev w0",
        V4.format("del"), V4.format("del"), V4.format("del") + "tos 0x10")
    test_equal_but_for_something = steps(
        *[V4.format("append") + "via 10.0.0.2 " + more for more in (
            "", "proto bgp", "mtu 1400", "mtu 1300", "src 10.0.1.1", "src 10.0.2.1",
            "realms 5", "proto bgp mtu 1400")],
        V4.format("del") + "proto bgp", V4.format("append") + "via 10.0.0.2 proto bgp",
        V4.format("del") + "src 10.0.1.1", V4.format("del") + "mtu 1300",
        V4.format("del"), V4.format("del"), V4.format("prepend") + "via 10.0.0.2 proto ospf")
    test_metric = steps(
        *[[V4.format("add") + f"via 10.0.0.2 metric {metric}",
           V6.format("add") + f"via 2001:db8::2 metric {metric}"]
          for metric in (200, 100, 300, 2147483647, 2147483648, 4294967294)],
        [V4.format("add") + "via 10.0.0.2", V6.format("add") + "via 2001:db8::2"],
        [V4.format("del") + "metric 200", V6.format("del") + "metric 200"],
        [V4.format("replace") + "via 10.0.1.2 metric 100",
         V6.format("replace") + "via 2001:db8:1::2 metric 100"],
        [V4.format("del"), V6.format("del") + "metric 1024"])
    test_largest_metric = steps(
        *[[V4.format("add") + f"via 10.0.0.2 metric {metric}",
           V6.format("add") + f"via 2001:db8::2 metric {metric}"]
          for metric in (1, 4294967295)])
    test_tos = steps(
        *[V4.format("add") + f"via 10.0.0.2 tos {tos}" for tos in ("0x08", "0x10", "0x1c")],
        V4.format("add") + "via 10.0.0.2", V4.format("del") + "tos 0x10")
    test_source_specific = steps(
        ["route add 2001:db8:50::/48 from 2001:db8:5::/48 via 2001:db8::2",
         "route add 2001:db8:51::/48 from 2001:db8:5::1 dev w0"],
        ["route add 2001:db8:50::/48 via 2001:db8::2",
         "route add 2001:db8:50::/48 from 2001:db8:6::/48 via 2001:db8::2",
         "route add 2001:db8:50::/48 from 2001:db8:5::/64 via 2001:db8::2",
         "route add 2001:db8:50::/48 from 2001:db8:5::/48 via 2001:db8::2 metric 7"],
        "route del 2001:db8:50::/48 from 2001:db8:5::/48 metric 1024",
        "route del 2001:db8:50::/48 metric 1024")
    test_protocols = steps(
        [f"route add 10.{100 + number}.0.0/16 via 10.0.0.2 proto {proto}"
         for number, proto in enumerate([*range(1, 20), 42, 99, *range(186, 193), 255])] +
        [f"route add 2001:db8:{number:x}::/48 via 2001:db8::2 proto {proto}"
         for number, proto in enumerate([1, 3, 4, 9, 11, 16, 42, 186, 187, 188, 189, 192, 250],
                                        0x60)])

    def test_columns_in_lockstep(self):
        """Columns side by side, as snmptable asks: each answer is one whole row."""
        self.start(self.mode, 3, lines=OBJECTS + OVER_OBJECTS)
        for table, wanted in ((routes.TABLE, routes.COLUMNS), (routes.OLD_TABLE, range(1, 17)),
                              (routes.ROUTE_TABLE, range(1, 14))):
            at, seen = [table + (column,) for column in wanted], []
            while True:
                got = [name for name, _ in self.client.next(*at)]
                tails = {name[len(table) + 1:] for name, column in zip(got, wanted)
                         if name[:len(table) + 1] == table + (column,)}
                if not tails:
                    break
                self.assertEqual(len(tails), 1, (table, got))
                self.assertEqual([name[len(table)] for name in got], list(wanted))
                seen += tails
                at = got
            self.assertEqual(seen, list(routes.rows(self.client, table, wanted)))
            self.assertGreater(len(seen), 8)

    def test_zero_for_connected(self):
        """netmibdConnectedNextHop zero: 0.0.0.0 and :: by the family of the destination."""
        self.start(self.mode, 3, "netmibdConnectedNextHop zero", lines=[
            "route add blackhole 10.50.0.0/16", "route add blackhole 2001:db8:50::/48",
            "route add default via 10.0.0.2", "route add fe80:5::/32 dev w0"])
        wanted, found = routes.Kernel(self.lab).rows(), routes.shown(self.client)
        zero = {1: (1, 4) + 4 * (0,), 2: (2, 16) + 16 * (0,), 4: (2, 16) + 16 * (0,)}
        wanted = [one._replace(view=one.view._replace(hop=zero[one.view.dst[0]]))
                  if one.view.hop == routes.NO_HOP else one for one in wanted]
        self.none(routes.differences(found, wanted), "zero")
        self.assertEqual(found, sorted(
            found, key=lambda row: (row[0].dst, row[0].plen, len(row[1]), row[1], row[0].hop)))

    def test_age(self):
        """Seconds since the route was last updated; no more than the agent knows."""
        self.start(self.mode)
        index = (1, 4, 10, 50, 0, 0, 16, 2, 0, 0, 1, 4, 10, 0, 0, 2)
        age = routes.TABLE + (10,) + index
        self.do(["route add 10.50.0.0/16 via 10.0.0.2"])
        self.assertIn(self.client.value(age), (0, 1))
        time.sleep(2.2)
        self.assertIn(self.client.value(age), (2, 3))
        self.do(["route add 10.51.0.0/16 via 10.0.0.2"])
        self.assertIn(self.client.value(age), (2, 3))
        self.do(["route replace 10.50.0.0/16 via 10.0.0.2 mtu 1400"])
        self.assertIn(self.client.value(age), (0, 1))

    def test_what_a_dump_passes_over(self):
        """A route between the next hops of another one is there, though `ip route` does not
        show it, also when all has been read again."""
        several = [f"nexthop via 2001:db8::{n}" for n in (2, 3, 4)]
        self.start(self.mode, 3, lines=[V6.format("add") + " ".join(several[:2])])
        self.do(["route append unreachable 2001:db8:50::/48",
                 V6.format("append") + several[2]])
        self.assertEqual(len(routes.Kernel(self.lab).rows()) + 1, len(self.check()))

        def shown():
            return [view.type for view, _ in self.check()
                    if view.dst[2:8] == tuple(routes.packed("2001:db8:50::")[:6])]
        self.assertEqual(sorted(shown()), [2, 4, 4, 4])
        confirmed = self.daemon.report()["confirmed"]
        self.do(["route add 10.60.0.0/16 via 10.0.0.2",  # with a rival: all is confirmed
                 "route append 10.60.0.0/16 via 10.0.0.3",
                 "route append 10.60.0.0/16 via 10.0.0.4",
                 "route replace 10.60.0.0/16 via 10.0.0.5"])
        lab.wait_until(lambda: self.daemon.report()["confirmed"] > confirmed, 10,
                       "all routes are confirmed")
        self.assertEqual(sorted(shown()), [2, 4, 4, 4])
        self.do([V6.format("del")])  # the first of them, which is all next hops
        self.assertEqual(shown(), [2])
        self.assertEqual(len(routes.Kernel(self.lab).rows()), len(self.check()))

    def test_discards(self):
        """Of IPv6; the kernel counts none of IPv4."""
        self.start(self.mode)
        with open(f"/proc/{self.daemon.pid}/net/rt6_stats") as file:
            wanted = int(file.read().split()[-1], 16)
        self.assertEqual(self.client.get(routes.DISCARDS)[0],
                         snmp.Value(snmp.COUNTER32, wanted))

    def test_policies_are_sticky(self):
        """No row's policy changes while its route lives, whatever others do."""
        self.start(self.mode, 3, "netmibdEventBuffer 64", lines=[
            f"{family} metric {metric}" for metric in (100, 200, 300)
            for family in (V4.format("add") + "via 10.0.0.2",
                           V6.format("add") + "via 2001:db8::2")])

        def mine():
            return {(view.dst, view.metric1): policy for view, policy in self.check()
                    if view.dst[2:5] == (10, 50, 0) or view.dst[2:8] == prefix}
        prefix = tuple(routes.packed("2001:db8:50::")[:6])
        first = mine()
        self.assertEqual(len(first), 6)
        owners = {at for at, policy in first.items() if policy == (0, 0)}
        self.assertEqual({metric for _, metric in owners}, {100}, first)
        self.do([V4.format("del") + "metric 100", V6.format("del") + "metric 100"])
        second = mine()
        self.assertEqual(second, {at: policy for at, policy in first.items()
                                  if at not in owners})
        for lines in ([V4.format("append") + "via 10.0.0.2 metric 100 mtu 1300",
                       V6.format("add") + "via 2001:db8::2 metric 100"],
                      [V4.format("prepend") + "via 10.0.0.2 metric 200 mtu 1400"],
                      ["link set x1 down"], ["link set w2 down"], ["link set w2 up"],
                      ["addr del 10.0.1.1/24 dev w1"]):
            self.do(lines)
            third = mine()
            self.assertEqual({at: third.get(at) for at in second if at[1] != 200},
                             {at: policy for at, policy in second.items() if at[1] != 200})
        # all of it is read again
        policies = routes.policies(self.check())
        self.daemon.send(lab.signal.SIGSTOP)
        self.do([f"route {verb} 10.60.{n // 256}.{n % 256} via 10.0.0.2"
                 for verb in ("add", "del") for n in range(3000)])
        self.daemon.send(lab.signal.SIGCONT)
        lab.wait_until(lambda: self.daemon.report()["state"] == "synced" and
                       self.daemon.report()["lost"] > 0, 10, "a resync")
        self.assertEqual(routes.policies(self.check()), policies)

    def test_default_routers_among_20000_routes(self):
        self.start(self.mode)
        self.do([f"route add 10.{64 + n // 256}.{n % 256}.0/24 via 10.0.{n % 3}.2"
                 for n in range(2000 if lab.SANITIZED else 20000)])
        for lines in (["route add default via 10.0.0.2"],
                      ["route add ::/0 via fe80::9 dev w1"],
                      ["route append default via 10.0.1.2"],
                      ["route replace default nexthop via 10.0.0.3 nexthop via 10.0.2.3"],
                      ["route append ::/0 via 2001:db8:2::3"],
                      ["route add default via 10.0.1.9 metric 9"],
                      ["route add default via 10.0.1.8 table 100"],
                      ["route add blackhole default metric 99"],
                      ["nexthop add id 1 via 10.0.1.7 dev w1",
                       "route add default nhid 1 metric 3"],
                      ["nexthop replace id 1 via 10.0.1.77 dev w1"], ["nexthop del id 1"],
                      ["link set w2 down"], ["addr flush dev w1 scope global"],
                      ["route del ::/0 via fe80::9 dev w1"], ["route flush default"]):
            self.do(lines, check=False)
            kernel, found = self.picture(self.routers, "exact", "default")
            self.assertEqual(found, {
                one.view.hop + (one.view.ifindex,) for one in kernel.rows()
                if one.view.type == 4 and one.table == routes.MAIN}, lines)

    def routers(self):
        return set(routes.rows(self.client, routes.ROUTERS, (4, 5)))

    def netstat(self, *how):
        """{(destination, gateway, flags, interface)} of snmpnetstat."""
        said = self.lab.run(["snmpnetstat", "-v2c", "-c", "public", "-Cn", "-Cr", *how,
                             f"127.0.0.1:{lab.PORT}"]).stdout
        return {tuple((line.split() + [""])[:4]) for line in said.splitlines()
                if "<U" in line}

    def netstat_lab(self, *tokens):
        """It ends at a link-local destination, of which it does not know the type."""
        self.start(self.mode, 3, *tokens, lines=[
            f"route del fe80::/64 dev {end}{n}" for end in "wx" for n in range(3)] + [
            "route add default via 10.0.0.2", "route add 10.50.0.0/16 via 10.0.0.3",
            "route add 10.50.0.0/24 nexthop via 10.0.1.4 nexthop via 10.0.2.4",
            "route add 10.51.0.1 via 10.0.1.5", "route add 10.52.0.0/16 dev w2",
            "route add ::/0 via 2001:db8::2", "route add 2001:db8:50::/48 dev w1",
            "route add 2001:db8:51::/48 via 2001:db8:1::3",
            "route add 2001:db8:52::1 via 2001:db8:2::4"])

    def test_snmpnetstat(self):
        """As `ip route` says it. It expects an address as the next hop of any route."""
        self.netstat_lab("netmibdConnectedNextHop zero")
        both = set()
        for version, how, none in ((4, "inet", "0.0.0.0"), (6, "inet6", "::")):
            wanted = set(self.as_netstat(version, none))
            self.assertEqual(self.netstat("-Cf", how), wanted)
            both |= wanted
        self.assertEqual(self.netstat(), both)

    def test_snmpnetstat_of_gateways(self):
        """In the form of RFC 4292, which it does not know, those it can show are right."""
        self.netstat_lab()
        wanted = {row for version in (4, 6) for row in self.as_netstat(version, "")
                  if row[1]}
        self.assertEqual({row for row in self.netstat() if "G" in row[2]}, wanted)

    def as_netstat(self, version, none):
        said = json.loads(self.lab.run(["ip", "-j", f"-{version}", "-N", "-d",
                                        "route"]).stdout)
        for route in said:
            name, _, length = route["dst"].partition("/")
            if name != "default" and ipaddress.ip_address(name).is_link_local:
                continue  # it shows no zones
            full = "32" if version == 4 else "128"
            host = name != "default" and (length or full) == full
            for hop in route.get("nexthops", [route]):
                flags = "<U" + "H" * host + "G" * ("gateway" in hop) + ">"
                dst = name if host or not length else route["dst"]
                yield dst, hop.get("gateway", none), flags, hop["dev"]


class StandaloneRoutes(Kinds, routes.Truth):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same mirror answers in standalone mode")
class AgentXRoutes(Kinds, routes.Truth):
    mode = "agentx"

    def test_walks_equal_those_of_standalone(self):
        """Beside a stock snmpd: no foreign row in or behind ours, and no other answer."""
        self.start("agentx", 3, lines=[
            "route add default via 10.0.0.2", "route add ::/0 via fe80::2 dev w0",
            "route add 10.50.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2",
            "route add blackhole 10.51.0.0/16", "route append 10.50.0.0/16 via 10.0.0.2",
            "route add 2001:db8:50::/48 from 2001:db8:5::/48 via 2001:db8::2"])
        alone = self.lab.client(port=1162)
        self.lab.configure("standalone")
        daemon = lab.Netmibd(self.lab, ["--standalone=udp:127.0.0.1:1162", "-f", "-C", "-c",
                                        self.lab.config, "-Le"])
        lab.wait_until(lambda: self.lab.answers(alone, routes.IP + (1, 0)) and
                       "is ready" in daemon.text(), 10, "the standalone one is ready")
        self.check_all()
        for root in routes.ROOTS:
            ours, theirs = self.client.walk(root), alone.walk(root)
            self.assertEqual(list(ours), list(theirs), root)
            self.assertTrue(ours, root)
            for name, value in ours.items():
                self.assertEqual(value.tag, theirs[name].tag)
                if not self.is_age(name):
                    self.assertEqual(value.value, theirs[name].value, snmp.show(name))
        daemon.stop()
        self.built_in_returns()

    @staticmethod
    def is_age(name):
        return any(name[:len(table) + 1] == table + (column,) for table, column in (
            (routes.TABLE, 10), (routes.OLD_TABLE, 8), (routes.ROUTE_TABLE, 10)))

    def built_in_returns(self):
        """Stock snmpd says local(2) as the protocol of each route."""
        at = routes.TABLE + (9, 1, 4, 0, 0, 0, 0, 0, 2, 0, 0, 1, 4, 10, 0, 0, 2)
        self.assertEqual(self.client.value(at), 3)
        self.daemon.stop()
        lab.wait_until(lambda: self.client.value(at) == 2, 10,
                       "the built-in answers are back")
        self.assertTrue(self.client.walk(routes.ROUTE_TABLE))
        self.daemon = self.lab.start("agentx")
        self.assertEqual(self.client.value(at), 3)
        self.check()
