"""Routes that die: the kernel does not announce the end of an IPv4 route whose link, address
or nexthop object goes. The next request tells the truth all the same, nothing else is gone,
and it is the truth still when netmibd has looked again."""

import time

import lab
import routes

OTHERS = ["route add 10.40.0.0/16 via 10.0.0.2", "route add 10.41.0.0/16 via 10.0.1.2",
          "route add 10.42.0.0/16 via 10.0.2.2", "route add 10.43.0.0/16 dev w1",
          "route add blackhole 10.44.0.0/16",
          "route add 10.45.0.0/16 via inet6 fe80::9 dev w1",
          "route add 10.46.0.0/16 via 192.0.2.1 dev w1 onlink",
          "route append 10.41.0.0/16 via 10.0.2.2", "route append 10.41.0.0/16 via 10.0.1.3",
          "route add default via 10.0.1.2", "route add ::/0 via fe80::2 dev w1",
          "route add 2001:db8:40::/48 via 2001:db8::2",
          "route add 2001:db8:41::/48 via 2001:db8:1::2",
          "route add 2001:db8:42::/48 dev w1", "route add fe80:5::/32 dev w1"]
MULTIPATH = ["route add 10.50.0.0/16 nexthop via 10.0.0.2 weight 2 "
             "nexthop via 10.0.1.2 weight 3",
             "route add 10.51.0.0/16 nexthop via 10.0.1.2 nexthop via 10.0.1.3",
             "route add 10.52.0.0/16 nexthop via 10.0.0.2 nexthop via inet6 fe80::9 dev w1",
             "route add 10.53.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 "
             "nexthop via 10.0.2.2",
             "route add 2001:db8:50::/48 nexthop via 2001:db8::2 nexthop via fe80::2 dev w1",
             "route add 2001:db8:51::/48 nexthop via 2001:db8:1::2 nexthop via fe80::2 dev w1",
             "route add 2001:db8:52::/48 nexthop via 2001:db8::2 "
             "nexthop via 2001:db8:1::2 weight 4 nexthop via 2001:db8:2::2"]
OBJECTS = ["nexthop add id 1 via 10.0.0.5 dev w0", "nexthop add id 2 via 10.0.1.5 dev w1",
           "nexthop add id 3 via 10.0.2.5 dev w2", "nexthop add id 4 blackhole",
           "nexthop add id 5 via 2001:db8::5 dev w0", "nexthop add id 6 via fe80::6 dev w1",
           "nexthop add id 7 via fe80::7 dev w2", "nexthop add id 10 group 1/2,2/3,3",
           "nexthop add id 11 group 5/6/7", "nexthop add id 12 group 2",
           "nexthop add id 13 group 6", "nexthop add id 14 group 1/2",
           "route add 10.60.0.0/16 nhid 1", "route add 10.61.0.0/16 nhid 2",
           "route add 10.62.0.0/16 nhid 10", "route add 10.63.0.0/16 nhid 12",
           "route add 10.64.0.0/16 nhid 6", "route add 10.65.0.0/16 nhid 4",
           "route add 10.66.0.0/16 nhid 14", "route append 10.61.0.0/16 nhid 10",
           "route append 10.61.0.0/16 via 10.0.0.9",
           "route add 2001:db8:60::/48 nhid 5", "route add 2001:db8:61::/48 nhid 6",
           "route add 2001:db8:62::/48 nhid 11", "route add 2001:db8:63::/48 nhid 13"]
BY_ID = ["/net/ipv4/nexthop_compat_mode 0"]
IGNORE = [f"/net/{family}/conf/all/ignore_routes_with_linkdown 1"
          for family in ("ipv4", "ipv6")]
BRIDGE = ["link add y0 type veth peer name y1", "link add br0 type bridge",
          "link set y0 master br0", "link set y0 up", "link set y1 up", "link set br0 up",
          "addr add 10.30.0.1/24 dev br0", "addr add 2001:db8:30::1/64 dev br0 nodad",
          "route add 10.54.0.0/16 via 10.30.0.2",
          "route add 10.55.0.0/16 nexthop via 10.30.0.2 nexthop via 10.0.0.2",
          "route add 2001:db8:54::/48 via 2001:db8:30::2"]
MACVLAN = ["link add mv0 link w1 type macvlan", "link set mv0 up",
           "addr add 10.31.0.1/24 dev mv0", "route add 10.54.0.0/16 via 10.31.0.2"]
AGAIN = ["addr replace 10.0.1.1/24 dev w1", "addr replace 2001:db8:1::1/64 dev w1 nodad"]

# name: what is there, and what happens then, one after another
DEATHS = {
    "link down": (OTHERS, ["link set w1 down"], ["link set w1 up"], AGAIN),
    "link down and up at once": (OTHERS + MULTIPATH, ["link set w1 down", "link set w1 up"]),
    "link deleted": (OTHERS + MULTIPATH + OBJECTS, ["link del w1"]),
    "link deleted, objects by id": (BY_ID + OTHERS + OBJECTS, ["link del w1"]),
    "links deleted in one go": (
        OTHERS + MULTIPATH + ["link set w0 group 7", "link set w1 group 7"],
        ["link del group 7"]),
    "link renamed": (OTHERS, ["link set w1 down", "link set w1 name r1", "link set r1 up"]),
    "last address removed": (OTHERS + MULTIPATH, ["addr del 10.0.1.1/24 dev w1"], AGAIN),
    "all addresses removed": (OTHERS + MULTIPATH, ["addr flush dev w1"], AGAIN),
    "one of two addresses removed": (
        OTHERS + ["addr add 10.33.0.1/24 dev w1", "route add 10.54.0.0/16 via 10.33.0.2",
                  "route add 10.55.0.0/16 nexthop via 10.33.0.2 nexthop via 10.0.0.2"],
        ["addr del 10.33.0.1/24 dev w1"]),
    "primary address removed": (
        OTHERS + ["addr add 10.0.1.7/24 dev w1", "addr add 10.0.1.8/24 dev w1"],
        ["addr del 10.0.1.1/24 dev w1"]),
    "primary address removed, promoted": (
        OTHERS + ["addr add 10.0.1.7/24 dev w1", "/net/ipv4/conf/all/promote_secondaries 1"],
        ["addr del 10.0.1.1/24 dev w1"], ["addr del 10.0.1.7/24 dev w1"]),
    "preferred source removed": (
        OTHERS + ["addr add 10.0.1.7/24 dev w1", "addr add 2001:db8:1::7/64 dev w1 nodad",
                  "route add 10.54.0.0/16 via 10.0.0.2 src 10.0.1.7",
                  "route append 10.54.0.0/16 via 10.0.0.2",
                  "route add 10.55.0.0/16 src 10.0.1.7 nexthop via 10.0.0.2 "
                  "nexthop via 10.0.2.2", "route add 10.56.0.0/16 dev w0 src 10.0.1.7",
                  "route add 10.57.0.0/16 via 10.0.0.2 src 10.0.2.1 table 100",
                  "route add 2001:db8:54::/48 via 2001:db8::2 src 2001:db8:1::7"],
        ["addr del 10.0.1.7/24 dev w1"], ["addr del 2001:db8:1::7/64 dev w1"],
        ["addr add 10.0.1.7/24 dev w1"]),
    "preferred source that stays on another link": (
        OTHERS + ["addr add 10.0.1.7/32 dev w1", "addr add 10.0.1.7/32 dev w2",
                  "route add 10.54.0.0/16 via 10.0.0.2 src 10.0.1.7"],
        ["addr del 10.0.1.7/32 dev w1"], ["addr del 10.0.1.7/32 dev w2"]),
    "object deleted": (OTHERS + OBJECTS, ["nexthop del id 1"], ["nexthop del id 6"],
                       ["nexthop del id 5", "nexthop del id 4"]),
    "object deleted, by id": (BY_ID + OTHERS + OBJECTS, ["nexthop del id 1"],
                              ["nexthop del id 6"], ["nexthop del id 5", "nexthop del id 4"]),
    "object deleted and made again": (
        OTHERS + OBJECTS, ["nexthop del id 1", "nexthop add id 1 via 10.0.0.6 dev w0"],
        ["route add 10.60.0.0/16 nhid 1"]),
    "member deleted": (OBJECTS, ["nexthop del id 2"], ["nexthop del id 3"],
                       ["nexthop del id 1"], ["nexthop del id 7"], ["nexthop del id 6"]),
    "member deleted, by id": (BY_ID + OBJECTS, ["nexthop del id 2"], ["nexthop del id 3"],
                              ["nexthop del id 1"], ["nexthop del id 7"],
                              ["nexthop del id 6"]),
    "group deleted": (OBJECTS, ["nexthop del id 10"], ["nexthop del id 11"],
                      ["nexthop flush"]),
    "group deleted, by id": (BY_ID + OBJECTS, ["nexthop del id 10"], ["nexthop del id 11"],
                             ["nexthop flush"]),
    "link of objects down": (OTHERS + OBJECTS, ["link set w1 down"], ["link set w1 up"]),
    "link of objects down, by id": (BY_ID + OTHERS + OBJECTS, ["link set w1 down"],
                                    ["link set w1 up"]),
    "carrier of objects lost": (OTHERS + OBJECTS, ["link set x1 down"], ["link set x1 up"]),
    "carrier of objects lost, by id": (BY_ID + OTHERS + OBJECTS, ["link set x1 down"],
                                       ["link set x1 up"]),
    "carrier lost": (OTHERS + MULTIPATH, ["link set x1 down"], ["link set x1 up"]),
    "carrier lost, such routes ignored": (IGNORE + OTHERS + MULTIPATH, ["link set x1 down"],
                                          ["link set x1 up"], ["link set x0 down"]),
    "routes without carrier ignored from now on": (
        OTHERS + MULTIPATH, ["link set x1 down"], IGNORE[:1], IGNORE[1:],
        ["/net/ipv4/conf/all/ignore_routes_with_linkdown 0"],
        ["/net/ipv6/conf/all/ignore_routes_with_linkdown 0"]),
    "one hop's link down": (MULTIPATH, ["link set w1 down"], ["link set w1 up"],
                            ["link set w0 down"], ["link set w1 down"], ["link set w2 down"]),
    "bridge without a port that works": (IGNORE + OTHERS + BRIDGE, ["link set y1 down"],
                                         ["link set y1 up"], ["link set y0 nomaster"]),
    "lower link down": (IGNORE + OTHERS + MACVLAN, ["link set x1 down"], ["link set x1 up"],
                        ["link set w1 down"]),
    "IPv6 switched off": (OTHERS + MULTIPATH, ["/net/ipv6/conf/w1/disable_ipv6 1"],
                          ["/net/ipv6/conf/w1/disable_ipv6 0"]),
    "MTU too small for IPv6": (OTHERS + MULTIPATH, ["link set w1 mtu 1200"],
                               ["link set w1 mtu 1500"]),
    "many flushed": (OTHERS + MULTIPATH, ["route flush root 10.40.0.0/13"],
                     ["route flush root 2001:db8:40::/43"], ["route flush table main"]),
}


@lab.alone
class Deaths:
    """In both modes; mode says which."""

    def look(self, said):
        """What follows is looked at even so."""
        try:
            self.check(said)
        except AssertionError as error:
            self.trouble.append(str(error))

    def happen(self, name):
        there, *events = DEATHS[name]
        self.trouble = []
        self.start(self.mode, 3, lines=there)
        lab.wait_until(lambda: routes.carriers_at_rest(self.lab), 10, "before", 0.05)
        self.look("before")
        for lines in events:
            self.do(lines)
            self.look(f"{lines}")
            if any(line.startswith("link") for line in lines):  # carriers come later
                lab.wait_until(lambda: routes.carriers_at_rest(self.lab), 10, lines, 0.05)
                self.look(f"{lines}, at rest")

    def test_what_dies_is_gone_at_once(self):
        """And all of it again when each has been looked at again."""
        later = []
        for name in DEATHS:
            with self.subTest(name):
                self.happen(name)
                later.append((name, self.lab, self.client, time.monotonic() + 3))
                self.none(self.trouble, name)
        for name, self.lab, self.client, due in later:
            with self.subTest(name + ", later"):
                time.sleep(max(0.0, due - time.monotonic()))
                self.check_all(f"{name}: after 3 s")


class StandaloneDeaths(Deaths, routes.Truth):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same mirror answers in standalone mode")
class AgentXDeaths(Deaths, routes.Truth):
    mode = "agentx"
