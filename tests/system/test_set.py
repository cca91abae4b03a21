"""SET: what can be written, what is refused and why, and that all of a PDU happens or
nothing; against `ip`, the files of /proc/sys and the log."""

import json
import re
import signal

import agentx
import lab
import mib
import snmp
from snmp import integer, octets

IP = mib.MIB2 + (4,)
FORWARDING, TTL, FORWARDING6, HOP_LIMIT6, SPIN_LOCK = (
    IP + (number, 0) for number in (1, 2, 25, 26, 33))
FILES = {FORWARDING: "ipv4/ip_forward", TTL: "ipv4/ip_default_ttl",
         FORWARDING6: "ipv6/conf/all/forwarding", HOP_LIMIT6: "ipv6/conf/all/hop_limit"}
OF_EVERY_TYPE = [
    integer(1), octets(b"1"), snmp.Value(snmp.OBJECT_ID, (1, 3, 6)),
    snmp.Value(snmp.IP_ADDRESS, bytes([192, 0, 2, 1])), snmp.Value(snmp.GAUGE32, 1),
    snmp.Value(snmp.COUNTER32, 1), snmp.Value(snmp.TIMETICKS, 1),
    snmp.Value(snmp.COUNTER64, 1), snmp.Value(snmp.NULL, None)]
UP, DOWN, TRUE, FALSE = integer(1), integer(2), integer(1), integer(2)

# mu0 is up, so that the kernel refuses mr0, which has the same address (EADDRINUSE)
LINKS = """link add va type veth peer name vb
link set va up
link set vb up
link add x0 type ifb
link set x0 up
link add mu0 link x0 address 02:00:00:00:00:05 type macvlan
link add mr0 link x0 address 02:00:00:00:00:05 type macvlan
link set mu0 up
link add down0 type ifb
link add br0 type bridge
link add pa type veth peer name pb
link set pa master br0
link set pa up""".splitlines()

ROUTES = """addr add 10.1.0.1/24 dev va
addr add 10.1.5.1/24 dev va
addr add 2001:db8:1::1/64 dev va nodad
addr add 2001:db8:2::1/64 dev va nodad
route add 10.9.0.0/16 via 10.1.0.2 dev va metric 5 proto static
route add 10.9.0.0/16 via 10.1.0.3 dev va metric 6
route add 10.10.0.0/16 dev va src 10.1.5.1 table 100
route add default via 10.1.0.2 mtu 1400
route add unreachable 10.11.0.0/16
route add 2001:db8:9::/48 via 2001:db8:1::2 dev va metric 7 proto static
route add 2001:db8:a::/48 dev va table 100
route add 2001:db8:b::/48 via 2001:db8:9::5 dev va onlink
route add ::/0 via 2001:db8:1::2""".splitlines()


class Set:
    """Links and a daemon for each test."""

    tokens = []

    def setUp(self):
        self.lab = self.make_lab()
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.lab.batch(LINKS)
        self.lab.tokens = list(self.tokens)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client(community="private")
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}

    def need(self, words):
        """Runs ip; skips the test if this kernel cannot do that."""
        done = self.lab.ip(words, check=False)
        if "not supported" in done.stderr or "Unknown device type" in done.stderr:
            self.skipTest(f"this kernel has no such thing: {words}")
        self.assertEqual(done.returncode, 0, done.stderr)

    def cell(self, column, name):
        return mib.cell(column, self.indexes[name])

    def link(self, name):
        return self.lab.links()[self.indexes[name]]

    def sysctl(self, file, value=None):
        if value is not None:
            self.lab.run(["sh", "-c", f"echo {value} >/proc/sys/net/{file}"])
        return int(self.lab.run(["cat", f"/proc/sys/net/{file}"]).stdout)

    def conf(self, family, name):
        """{link: value} of the files conf/*/name"""
        text, = self.lab.outputs(f"grep -H . /proc/sys/net/{family}/conf/*/{name}")
        return {line.split("/")[6]: int(line.rpartition(":")[2])
                for line in text.splitlines()}

    def switches(self):
        """All files by which they are made, and the lock."""
        text, = self.lab.outputs("cd /proc/sys/net && grep -H . " + " ".join(
            list(FILES.values()) + ["ipv4/conf/*/forwarding", "ipv6/conf/*/forwarding",
                                    "ipv4/conf/*/accept_redirects",
                                    "ipv6/conf/*/hop_limit"]))
        return [text.splitlines(), self.client.value(SPIN_LOCK)]

    def state(self):
        """All that a SET may change, without link-local addresses, which the kernel makes
        when it likes, and without what hangs on them."""
        links, found, *tables = map(json.loads, self.lab.outputs(
            "ip -j -d link", "ip -j addr show", "ip -j -4 route show table all",
            "ip -j -6 route show table all"))
        links = mib.essence({link["ifindex"]: link for link in links if link})
        addresses = {}
        for link in found:
            addresses[link["ifname"]] = sorted(
                json.dumps(address, sort_keys=True) for address in link["addr_info"]
                if not address["local"].startswith("fe80"))
        routes = [  # their order counts
            json.dumps(route, sort_keys=True) for table in tables for route in table
            if route.get("table") != "local" and
            not route["dst"].startswith(("fe80", "ff00"))]
        return {"links": links, "addresses": addresses, "routes": routes,
                "switches": self.switches()}

    def unchanged(self, before):
        """The state is what it was, or is so again as soon as carriers have settled."""
        def same():
            return self.state() == before
        try:
            lab.wait_until(same, 3, "the old state", 0.1)
        except AssertionError:
            now = self.state()
            for what, was in before.items():
                self.assertEqual(now[what], was)

    def refused(self, status, *varbinds, index=1, client=None):
        with self.assertRaises(snmp.Refused) as caught:
            (client or self.client).set(*varbinds)
        self.assertEqual((caught.exception.status, caught.exception.index),
                         (status, index), varbinds)

    def done(self, *varbinds):
        """A SET that is done, and what a GET says right after it."""
        self.client.set(*varbinds)
        self.assertEqual(self.client.get(*[name for name, _ in varbinds]),
                         [value for _, value in varbinds])

    def lines(self):
        """The lines in the log that tell of changes."""
        return re.findall(r"^.*(?:->|dry run:).*$", self.daemon.text(), re.M)


class Values(Set):
    """Object by object."""

    def writable(self):
        return [(self.cell("ifAdminStatus", "down0"), snmp.INTEGER),
                (self.cell("ifPromiscuousMode", "down0"), snmp.INTEGER),
                (self.cell("ifAlias", "down0"), snmp.OCTETS),
                (self.cell("ifLinkUpDownTrapEnable", "down0"), snmp.INTEGER),
                (FORWARDING, snmp.INTEGER), (TTL, snmp.INTEGER),
                (FORWARDING6, snmp.INTEGER), (HOP_LIMIT6, snmp.INTEGER),
                (SPIN_LOCK, snmp.INTEGER)]

    def test_wrong_types(self):
        before = self.state()
        for name, tag in self.writable():
            for value in OF_EVERY_TYPE:
                if value.tag != tag:
                    with self.subTest(name=name, value=value):
                        self.refused(snmp.WRONG_TYPE, (name, value))
        self.assertEqual(self.state(), before)
        self.assertEqual(self.lines(), [])

    def test_wrong_numbers(self):
        before = self.state()
        ends = [-2**31, -1, 2**31 - 1]
        for name, bad in ((self.cell("ifAdminStatus", "va"), [0, 3, 4] + ends),
                          (self.cell("ifPromiscuousMode", "va"), [0, 3] + ends),
                          (FORWARDING, [0, 3] + ends), (FORWARDING6, [0, 3] + ends),
                          (TTL, [0, 256] + ends), (HOP_LIMIT6, [0, 256] + ends),
                          (SPIN_LOCK, ends[:2])):
            for number in bad:
                with self.subTest(name=name, number=number):
                    self.refused(snmp.WRONG_VALUE, (name, integer(number)))
        self.assertEqual(self.state(), before)

    def test_not_writable(self):
        before = self.state()
        x_table = mib.IF_XTABLE + (1,)
        for name, value in (
                (self.cell("ifMtu", "va"), integer(1400)),
                (self.cell("ifIndex", "va"), integer(77)),
                (self.cell("ifName", "va"), octets(b"new")),
                (self.cell("ifConnectorPresent", "va"), integer(2)),
                (x_table + (20, self.indexes["va"]), integer(1)),
                (x_table + (99, self.indexes["va"]), octets(b"")),
                (mib.IF_NUMBER, integer(3)), (IP + (13, 0), integer(3))):
            with self.subTest(name=name):
                self.refused(snmp.NOT_WRITABLE, (name, value))
        self.assertEqual(self.state(), before)

    def test_no_such_row(self):
        for index in (9999, 0, 2**31 - 1, 2**32 - 1):
            name = mib.cell("ifAlias", index)
            self.refused(snmp.NO_CREATION, (name, octets(b"x")))
            self.refused(snmp.WRONG_LENGTH, (name, octets(b"x" * 65)))
            self.refused(snmp.WRONG_TYPE, (name, integer(1)))
        self.refused(snmp.NO_CREATION, (self.cell("ifAlias", "va") + (1,), octets(b"x")))
        self.refused(snmp.WRONG_VALUE, (mib.cell("ifAdminStatus", 9999), integer(3)))
        self.refused(snmp.NO_CREATION, (TTL[:-1] + (1,), integer(3)))

    def test_ifAdminStatus(self):
        for name in ("down0", "va", "br0"):
            at = self.cell("ifAdminStatus", name)
            for value in (UP, DOWN, DOWN, UP, UP):
                self.done((at, value))
                self.assertEqual("UP" in self.link(name)["flags"], value == UP)

    def test_ifAdminStatus_that_the_kernel_refuses(self):
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAdminStatus", "mr0"), UP))
        self.assertIn("refuses", self.daemon.text())
        self.assertEqual(self.state(), before)
        self.assertEqual(self.client.value(self.cell("ifAdminStatus", "mr0")), 2)

    def test_loopback_stays_up(self):
        self.refused(snmp.INCONSISTENT_VALUE, (self.cell("ifAdminStatus", "lo"), DOWN))
        self.done((self.cell("ifAdminStatus", "lo"), UP))

    def test_ifAlias(self):
        texts = [b"a", b"", b"x" * 64, bytes(range(0x20, 0x60)), b" ~ \\ \" '", b"last"]
        for name in ("va", "down0"):
            for text in texts:
                self.done((self.cell("ifAlias", name), octets(text)))
                self.assertEqual(self.link(name).get("ifalias", ""), text.decode())

    def test_wrong_ifAlias(self):
        at = self.cell("ifAlias", "va")
        self.done((at, octets(b"old")))
        for text in (b"x" * 65, b"x" * 255, b"x" * 1000):
            self.refused(snmp.WRONG_LENGTH, (at, octets(text)))
        for octet in (0, 9, 10, 0x1f, 0x7f, 0x80, 0xc3, 0xff):
            for text in (bytes([octet]), bytes([octet]) + b"abc", b"abc" + bytes([octet])):
                self.refused(snmp.WRONG_VALUE, (at, octets(text)))
        self.assertEqual(self.link("va")["ifalias"], "old")

    def test_ifAlias_that_has_changed_in_silence(self):
        """A link that is down announces no alias; what netmibd knew is not the truth."""
        alias, admin = self.cell("ifAlias", "down0"), self.cell("ifAdminStatus", "down0")
        for varbinds in ([(alias, octets(b"one"))], [(admin, DOWN), (alias, octets(b"one"))]):
            self.done((alias, octets(b"one")))
            self.lab.ip("link set down0 alias two")
            self.done(*varbinds)
            self.assertEqual(self.link("down0")["ifalias"], "one")

    def test_ifPromiscuousMode(self):
        for name in ("va", "down0"):
            for value in (TRUE, TRUE, FALSE, FALSE, TRUE):
                self.done((self.cell("ifPromiscuousMode", name), value))
                self.assertEqual("PROMISC" in self.link(name)["flags"], value == TRUE)
                self.assertEqual(self.link(name)["promiscuity"], int(value == TRUE))

    def test_promiscuity_that_others_want(self):
        at = self.cell("ifPromiscuousMode", "pa")
        self.assertEqual(self.client.value(at), 1)
        self.refused(snmp.INCONSISTENT_VALUE, (at, FALSE))
        self.assertEqual(self.link("pa")["promiscuity"], 1)
        self.client.set((at, TRUE))
        self.assertEqual(self.client.value(at), 1)
        self.refused(snmp.INCONSISTENT_VALUE, (at, FALSE))
        self.lab.ip("link set pa nomaster")
        self.client.get(at)
        self.done((at, FALSE))
        self.assertEqual(self.link("pa")["promiscuity"], 0)

    def test_switches(self):
        for name, numbers in ((FORWARDING, (1, 2, 2, 1, 1, 2)),
                              (FORWARDING6, (1, 2, 2, 1, 1, 2)),
                              (TTL, (1, 255, 64, 64)), (HOP_LIMIT6, (1, 255, 64, 64))):
            for number in numbers:
                self.done((name, integer(number)))
                wanted = number % 2 if name in (FORWARDING, FORWARDING6) else number
                self.assertEqual(self.sysctl(FILES[name]), wanted, FILES[name])
        self.assertEqual(set(self.conf("ipv6", "hop_limit").values()), {64})

    def test_hop_limit_of_every_link(self):
        """It is its link's limit that a packet takes."""
        self.sysctl("ipv6/conf/va/hop_limit", 9)
        self.done((HOP_LIMIT6, integer(33)))
        self.assertEqual(set(self.conf("ipv6", "hop_limit").values()), {33})
        self.sysctl("ipv6/conf/va/hop_limit", 9)
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (HOP_LIMIT6, integer(34)),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.unchanged(before)

    def test_forwarding_overwrites(self):
        """What the kernel does with it: the same for every link, redirects the other way."""
        for name, family in ((FORWARDING, "ipv4"), (FORWARDING6, "ipv6")):
            for number in (1, 2):
                for link, value in (("va", 1), ("x0", 0), ("down0", 1)):
                    self.sysctl(f"{family}/conf/{link}/forwarding", value)
                self.done((name, integer(number)))
                self.assertEqual(set(self.conf(family, "forwarding").values()),
                                 {number % 2}, family)
                if family == "ipv4":
                    self.assertEqual(self.sysctl("ipv4/conf/all/accept_redirects"),
                                     int(number == 2))

    def test_forwarding_that_is_so_already(self):
        for name, family in ((FORWARDING, "ipv4"), (FORWARDING6, "ipv6")):
            for number in (1, 2):
                self.done((name, integer(number)))
                self.sysctl(f"{family}/conf/va/forwarding", 1)
                self.sysctl(f"{family}/conf/x0/forwarding", 0)
                before, lines = self.state(), self.lines()
                self.done((name, integer(number)))
                self.assertEqual(self.state(), before)
                self.assertEqual(self.lines(), lines)

    def test_ipAddressSpinLock(self):
        number = self.client.value(SPIN_LOCK)
        self.refused(snmp.INCONSISTENT_VALUE, (SPIN_LOCK, integer(number ^ 1)))
        self.refused(snmp.INCONSISTENT_VALUE, (SPIN_LOCK, integer(number + 2)))
        for _ in range(3):
            self.client.set((SPIN_LOCK, integer(number)))
            number += 1
            self.assertEqual(self.client.value(SPIN_LOCK), number)
            self.refused(snmp.INCONSISTENT_VALUE, (SPIN_LOCK, integer(number - 1)))

    def test_version_1(self):
        client = self.lab.client(snmp.V1, "private")
        alias = self.cell("ifAlias", "va")
        client.set((alias, octets(b"by v1")), (TTL, integer(99)))
        self.assertEqual(client.get(alias, TTL), [octets(b"by v1"), integer(99)])
        self.assertEqual((self.link("va")["ifalias"], self.sysctl(FILES[TTL])),
                         ("by v1", 99))
        good, before = (TTL, integer(98)), self.state()
        for status, bad in ((snmp.BAD_VALUE, (alias, integer(1))),
                            (snmp.BAD_VALUE, (alias, octets(b"x" * 65))),
                            (snmp.BAD_VALUE, (self.cell("ifAdminStatus", "va"), integer(3))),
                            (snmp.NO_SUCH_NAME, (self.cell("ifMtu", "va"), integer(1400))),
                            (snmp.NO_SUCH_NAME, (mib.cell("ifAlias", 999), octets(b"x"))),
                            (snmp.GEN_ERR, (self.cell("ifAdminStatus", "mr0"), UP))):
            with self.subTest(bad=bad):
                self.refused(status, good, bad, index=2, client=client)
        self.unchanged(before)

    def test_who_may_only_read(self):
        before = self.state()
        for version, status in ((snmp.V2C, snmp.NO_ACCESS), (snmp.V1, snmp.NO_SUCH_NAME)):
            client = self.lab.client(version)
            for name, tag in self.writable():
                value = integer(1) if tag == snmp.INTEGER else octets(b"x")
                self.refused(status, (name, value), client=client)
        self.assertEqual(self.state(), before)

    def test_log(self):
        """One line for each change, with what it was and what it is."""
        self.lab.ip("link set va alias before")
        steps = [(self.cell("ifAlias", "va"), octets(b"after"), "ifAlias.*va", "before",
                  "after"),
                 (self.cell("ifAdminStatus", "down0"), UP, "ifAdminStatus.*down0", "down",
                  "up"),
                 (self.cell("ifPromiscuousMode", "x0"), TRUE, "ifPromiscuousMode.*x0",
                  "false", "true"),
                 (TTL, integer(99), "ipDefaultTTL", "64", "99"),
                 (HOP_LIMIT6, integer(99), "ipv6IpDefaultHopLimit", "64", "99"),
                 (FORWARDING, integer(1), "ipForwarding", r"\S+", r"\S+"),
                 (FORWARDING6, integer(1), "ipv6IpForwarding", r"\S+", r"\S+")]
        for number, (name, value, what, old, new) in enumerate(steps, 1):
            for _ in range(2):  # it is so already: nothing more is said
                self.done((name, value))
                self.assertEqual(len(self.lines()), number, self.lines())
            self.assertRegex(self.lines()[-1], rf"\b{what}\b.*\b{old} -> {new}$")


class StandaloneValues(Values, lab.Test):
    mode = "standalone"


class AgentXValues(Values, lab.Test):
    mode = "agentx"


class Several(Set):
    """PDUs of several varbinds."""

    def good(self):
        return [(self.cell("ifAdminStatus", "down0"), UP),
                (self.cell("ifAlias", "va"), octets(b"new")),
                (TTL, integer(77)),
                (self.cell("ifPromiscuousMode", "va"), TRUE),
                (HOP_LIMIT6, integer(33))]

    def bad(self):
        return {snmp.WRONG_TYPE: (TTL, octets(b"1")),
                snmp.WRONG_LENGTH: (self.cell("ifAlias", "x0"), octets(b"x" * 65)),
                snmp.WRONG_VALUE: (self.cell("ifAdminStatus", "x0"), integer(3)),
                snmp.NOT_WRITABLE: (self.cell("ifMtu", "va"), integer(1400)),
                snmp.NO_CREATION: (mib.cell("ifAlias", 9999), octets(b"x")),
                snmp.INCONSISTENT_VALUE: (self.cell("ifPromiscuousMode", "pa"), FALSE),
                snmp.COMMIT_FAILED: (self.cell("ifAdminStatus", "mr0"), UP)}

    def test_the_one_that_is_wrong(self):
        before = self.state()
        for status, bad in self.bad().items():
            for count in (2, 5):
                for place in range(count):
                    varbinds = self.good()[:count - 1]
                    varbinds.insert(place, bad)
                    with self.subTest(status=status, place=place + 1, count=count):
                        self.refused(status, *varbinds, index=place + 1)
                        self.unchanged(before)

    def test_check_of_the_whole_names_the_varbind(self):
        """lo must stay up, which is seen when all varbinds are there."""
        before = self.state()
        self.refused(snmp.INCONSISTENT_VALUE, (TTL, integer(5)),
                     (self.cell("ifAdminStatus", "lo"), DOWN),
                     (self.cell("ifAlias", "lo"), octets(b"x")), index=2)
        self.refused(snmp.COMMIT_FAILED, (TTL, integer(5)),
                     (self.cell("ifAdminStatus", "mr0"), UP),
                     (self.cell("ifAlias", "mr0"), octets(b"x")), index=2)
        self.unchanged(before)

    def test_all(self):
        self.done(*self.good())
        va = self.link("va")
        self.assertEqual((va["ifalias"], va["promiscuity"]), ("new", 1))
        self.assertIn("UP", self.link("down0")["flags"])
        self.assertEqual((self.sysctl(FILES[TTL]), self.sysctl(FILES[HOP_LIMIT6])), (77, 33))
        self.assertEqual(len(self.lines()), 5, self.lines())

    def test_one_link_and_the_node(self):
        self.done((self.cell("ifAlias", "va"), octets(b"off")),
                  (self.cell("ifAdminStatus", "va"), DOWN), (TTL, integer(11)))
        va = self.link("va")
        self.assertEqual((va["ifalias"], "UP" in va["flags"], self.sysctl(FILES[TTL])),
                         ("off", False, 11))

    def test_many(self):
        """Sixty varbinds over twenty links, and all of it back."""
        names = [f"n{number}" for number in range(20)]
        self.lab.batch([f"link add {name} type ifb" for name in names])
        self.client.get(mib.IF_NUMBER)
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        before = self.state()
        varbinds = [(self.cell(column, name), value) for name in names
                    for column, value in (("ifAdminStatus", UP), ("ifAlias", octets(b"x")),
                                          ("ifPromiscuousMode", TRUE))]
        self.refused(snmp.COMMIT_FAILED, *varbinds,
                     (self.cell("ifAdminStatus", "mr0"), UP), index=61)
        self.unchanged(before)
        self.done(*varbinds)

    def late(self, *varbinds):
        """They are done, and undone when the kernel refuses the last one."""
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, *varbinds,
                     (self.cell("ifAdminStatus", "mr0"), UP), index=len(varbinds) + 1)
        self.assertIn("undone", self.daemon.text())
        self.assertNotIn("undo has failed", self.daemon.text())
        self.unchanged(before)
        names = [name for name, _ in varbinds]
        for name, value in zip(names, self.client.get(*names)):
            if name[:-1] == mib.COLUMNS["ifAdminStatus"]:
                flags = self.lab.links()[name[-1]]["flags"]
                self.assertEqual(value, UP if "UP" in flags else DOWN)

    def test_undo_of_down(self):
        self.lab.batch(ROUTES)
        self.late((self.cell("ifAdminStatus", "va"), DOWN))

    def test_undo_of_down_with_all_the_rest(self):
        self.lab.batch(ROUTES + ["link set va alias old", "link set va promisc on"])
        self.sysctl("ipv4/conf/x0/forwarding", 1)
        self.sysctl("ipv6/conf/vb/forwarding", 1)
        number = self.client.value(SPIN_LOCK)
        self.late((self.cell("ifAlias", "va"), octets(b"new")),
                  (self.cell("ifPromiscuousMode", "va"), FALSE),
                  (self.cell("ifAdminStatus", "va"), DOWN),
                  (self.cell("ifAdminStatus", "down0"), UP),
                  (FORWARDING, integer(1)), (FORWARDING6, integer(1)), (TTL, integer(9)),
                  (HOP_LIMIT6, integer(9)), (SPIN_LOCK, integer(number)))
        self.assertEqual(self.client.value(SPIN_LOCK), number)

    def test_undo_of_down_with_next_hops(self):
        """Routes of several next hops, of which one is over the link."""
        self.lab.batch(ROUTES + [
            "addr add 10.2.0.1/24 dev x0", "addr add 2001:db8:3::1/64 dev x0 nodad",
            "route add 10.20.0.0/16 nexthop via 10.1.0.2 weight 2 nexthop via 10.2.0.2",
            "route add 2001:db8:c::/48 nexthop via 2001:db8:1::2 weight 2 "
            "nexthop via 2001:db8:3::2"])
        self.late((self.cell("ifAdminStatus", "va"), DOWN))

    def test_undo_of_down_with_peers(self):
        """Addresses with a peer, without a route, and one that is deprecated."""
        self.lab.batch([
            "addr add 2001:db8:4::1 peer 2001:db8:4::2 dev va nodad",
            "addr add 2001:db8:5::1/64 dev va nodad noprefixroute",
            "addr add 2001:db8:6::1/64 dev va nodad preferred_lft 0",
            "addr add 10.4.0.1 peer 10.4.0.2/32 dev va",
            "route add 10.12.0.0/16 via 10.4.0.2 dev va"])
        self.late((self.cell("ifAdminStatus", "va"), DOWN))

    def test_undo_of_down_with_lifetime(self):
        """An address that somebody has given for a while is not lost either."""
        self.lab.ip("addr add 2001:db8:7::1/64 dev va nodad valid_lft 5000 "
                    "preferred_lft 4000")
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAdminStatus", "va"), DOWN),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.assertIn("2001:db8:7::1", self.lab.ip("-6 addr show dev va").stdout)

    def test_undo_of_down_with_attributes(self):
        self.lab.batch([
            "addr add 2001:db8:1::1/64 dev va nodad metric 77",
            "addr add 2001:db8:4::1/64 dev va nodad",
            "route add 2001:db8:a::/48 via 2001:db8:1::2 pref high mtu 1300 hoplimit 9",
            "route add 2001:db8:b::/48 dev va src 2001:db8:4::1 proto 77",
            "route append 2001:db8:a::/48 via 2001:db8:1::3",
            "route append 2001:db8:a::/48 via 2001:db8:1::4 metric 9",
            "addr add 10.1.0.1/24 dev va", "addr add 10.1.0.5/24 dev va",
            "route add 10.9.0.0/16 via 10.1.0.2 src 10.1.0.5 advmss 1000 window 9000",
            "route add 10.9.0.0/16 tos 8 via 10.1.0.2 realm 3/4",
            "route add 10.10.0.0/16 via inet6 2001:db8:1::9 dev va",
            "route add broadcast 10.12.0.0/16 dev va table 100"])
        self.late((self.cell("ifAdminStatus", "va"), DOWN))

    def test_undo_of_down_with_rivals(self):
        """Routes of one destination and metric are all there again; their order may be
        another one (netmibd(8))."""
        self.lab.batch([
            "addr add 10.1.0.1/24 dev va", "addr add 10.2.0.1/24 dev x0",
            "route append 10.9.0.0/16 via 10.1.0.2", "route append 10.9.0.0/16 via 10.2.0.2",
            "route append 10.9.0.0/16 via 10.1.0.3"])

        def rivals():
            return sorted(self.lab.ip("route show 10.9.0.0/16").stdout.splitlines())
        before = rivals()
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAdminStatus", "va"), DOWN),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.assertEqual(len(before), 3)
        self.assertEqual(rivals(), before)

    def test_undo_of_down_with_preferred_source(self):
        """A route over another link that prefers an address of this one."""
        self.lab.batch([
            "addr add 2001:db8:1::1/64 dev va nodad", "addr add 2001:db8:3::1/64 dev x0 nodad",
            "route add 2001:db8:d::/48 via 2001:db8:3::2 src 2001:db8:1::1"])
        self.late((self.cell("ifAdminStatus", "va"), DOWN))

    def test_undo_of_down_with_nexthop_objects(self):
        self.lab.batch([
            "addr add 10.1.0.1/24 dev va", "addr add 2001:db8:1::1/64 dev va nodad",
            "nexthop add id 5 via 10.1.0.2 dev va", "nexthop add id 6 group 5",
            "nexthop add id 7 via 2001:db8:1::2 dev va",
            "route add 10.9.0.0/16 nhid 5", "route add 10.10.0.0/16 nhid 6",
            "route add 2001:db8:9::/48 nhid 7"])
        before = self.lab.ip("nexthop show").stdout
        self.late((self.cell("ifAdminStatus", "va"), DOWN))
        self.assertEqual(self.lab.ip("nexthop show").stdout, before)

    def test_undo_of_down_with_neighbours(self):
        """Those that somebody has entered."""
        self.lab.batch([
            "addr add 10.1.0.1/24 dev va", "addr add 2001:db8:1::1/64 dev va nodad",
            "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add 2001:db8:1::9 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "neigh add proxy 10.1.0.10 dev va", "neigh add proxy 2001:db8:1::a dev va"])

        def neighbours():
            return [sorted(self.lab.ip(f"neigh show {what} dev va").stdout.splitlines())
                    for what in ("nud permanent", "proxy")]
        before = neighbours()
        self.late((self.cell("ifAdminStatus", "va"), DOWN))
        self.assertEqual(neighbours(), before)

    def test_undo_of_forwarding(self):
        self.sysctl("ipv4/conf/all/accept_redirects", 0)
        for link, value in (("va", 1), ("x0", 0), ("default", 1)):
            self.sysctl(f"ipv4/conf/{link}/forwarding", value)
        self.late((FORWARDING, integer(1)))
        for link, value in (("va", 1), ("x0", 0), ("default", 1)):
            self.sysctl(f"ipv6/conf/{link}/forwarding", value)
        self.late((FORWARDING6, integer(1)))
        self.client.set((FORWARDING, integer(1)), (FORWARDING6, integer(1)))
        for family in ("ipv4", "ipv6"):
            self.sysctl(f"{family}/conf/va/forwarding", 0)
        self.sysctl("ipv4/conf/all/accept_redirects", 1)
        self.late((FORWARDING, integer(2)), (FORWARDING6, integer(2)))

    def test_again_and_again_without_a_leak(self):
        self.lab.batch(ROUTES)

        def once():
            self.late((self.cell("ifAdminStatus", "va"), DOWN), (FORWARDING, integer(1)),
                      (self.cell("ifAlias", "va"), octets(b"new")))
        once()
        fds = self.daemon.fds()
        for _ in range(5):
            once()
        self.assertEqual(self.daemon.fds(), fds)


class StandaloneSeveral(Several, lab.Test):
    mode = "standalone"


class AgentXSeveral(Several, lab.Test):
    mode = "agentx"

    def all_of_it(self):
        number = self.client.value(SPIN_LOCK)
        self.lab.batch(ROUTES + ["link set va alias old"])
        return [(self.cell("ifAlias", "va"), octets(b"new")),
                (self.cell("ifAdminStatus", "va"), DOWN), (FORWARDING, integer(1)),
                (FORWARDING6, integer(1)), (SPIN_LOCK, integer(number))]

    def test_another_subagent_agrees(self):
        stub, other = agentx.another(self)
        self.client.set(*self.all_of_it(), other)
        lab.wait_until(lambda: stub.seen == ["test", "commit", "cleanup"], 5, "its phases")
        va = self.link("va")
        self.assertEqual((va["ifalias"], "UP" in va["flags"]), ("new", False))
        self.assertEqual(self.sysctl(FILES[FORWARDING]), 1)
        self.assertNotIn("undone", self.daemon.text())

    def test_another_subagent_fails_when_all_is_done(self):
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        for place in (5, 0, 2):
            varbinds = self.all_of_it() if place == 5 else varbinds[:5]
            before, lines = self.state(), len(self.lines())
            self.refused(snmp.COMMIT_FAILED, *varbinds[:place], other, *varbinds[place:],
                         index=place + 1)
            self.assertEqual(len(self.lines()) - lines, 4, self.lines())
            lab.wait_until(lambda: stub.seen[-3:] == ["test", "commit", "undo"], 5,
                           "its phases")
            self.unchanged(before)

    def test_master_goes_in_the_middle(self):
        """What has been done stays, and the daemon leaves as ever."""
        for again in (True, False):
            stub, other = agentx.another(self)
            stub.mute = True
            alias = self.cell("ifAlias", "va")
            with self.assertRaises(snmp.Timeout):
                self.client.set((alias, octets(b"new")), (TTL, integer(9)), other,
                                timeout=0.3)
            lab.wait_until(lambda: "commit" in stub.seen, 5, "it is told to commit")
            lab.wait_until(lambda: self.link("va").get("ifalias") == "new", 5, "it is done")
            self.lab.snmpd.stop(signal.SIGKILL)
            if again:
                self.lab.start_snmpd()
                lab.wait_until(lambda: self.lab.attached(self.client), 15, "it is back")
                self.assertEqual(self.client.get(alias, TTL), [octets(b"new"), integer(9)])
                self.done((alias, octets(b"newer")), (TTL, integer(64)))
        self.daemon.stop()

    def test_another_subagent_refuses_before(self):
        stub, other = agentx.another(self)
        stub.answers["test"] = snmp.WRONG_VALUE
        varbinds = self.all_of_it()
        before = self.state()
        self.refused(snmp.WRONG_VALUE, *varbinds, other, index=6)
        self.refused(snmp.WRONG_VALUE, other, *varbinds)
        self.assertEqual(self.state(), before)
        self.assertEqual(self.lines(), [])

    def test_another_subagent_is_not_told_to_commit(self):
        """What netmibd can foresee is found before anybody does anything."""
        stub, other = agentx.another(self)
        self.refused(snmp.INCONSISTENT_VALUE, other,
                     (self.cell("ifAdminStatus", "lo"), DOWN), index=2)
        lab.wait_until(lambda: stub.seen == ["test", "cleanup"], 5, "its phases")
        self.refused(snmp.COMMIT_FAILED, other, (self.cell("ifAdminStatus", "mr0"), UP),
                     index=2)
        lab.wait_until(lambda: stub.seen[-1] == "undo", 5, "it is told to undo")


class Tokens(Set):
    """netmibdWrite and netmibdProtect."""

    def configure(self, *tokens):
        self.lab.tokens = list(tokens)
        self.lab.configure(self.mode)
        seen = len(self.daemon.text())
        self.daemon.send(signal.SIGHUP)
        lab.wait_until(lambda: "read again" in self.daemon.text()[seen:], 5,
                       "the configuration is read again")

    def varbinds(self):
        return [(self.cell("ifAlias", "va"), octets(b"new")),
                (self.cell("ifAdminStatus", "va"), DOWN),
                (self.cell("ifPromiscuousMode", "x0"), TRUE), (TTL, integer(11)),
                (FORWARDING, integer(1))]

    def test_off(self):
        self.configure("netmibdWrite off")
        before = self.state()
        for varbind in self.varbinds():
            self.refused(snmp.NOT_WRITABLE, varbind)
        self.refused(snmp.NOT_WRITABLE, *self.varbinds())
        self.refused(snmp.NOT_WRITABLE,
                     (SPIN_LOCK, integer(self.client.value(SPIN_LOCK))))
        self.assertEqual(self.state(), before)
        self.assertEqual(self.lines(), [])
        self.configure("netmibdWrite on")
        self.done(*self.varbinds())

    def test_dry_run(self):
        self.configure("netmibdWrite dry-run")
        before = self.state()
        self.client.set(*self.varbinds())
        self.assertEqual(self.state(), before)
        text = "\n".join(line for line in self.lines() if "dry run" in line)
        for words in (r'alias "new"', r"\bdown\b", r"promisc\w* on", "ip_default_ttl.*11",
                      "ip_forward.*1"):
            self.assertRegex(text, words)
        self.refused(snmp.WRONG_VALUE, (TTL, integer(0)))
        self.refused(snmp.WRONG_TYPE, (TTL, octets(b"1")))
        self.refused(snmp.NOT_WRITABLE, (self.cell("ifMtu", "va"), integer(1400)))
        self.refused(snmp.INCONSISTENT_VALUE, (self.cell("ifAdminStatus", "lo"), DOWN))
        self.assertEqual(self.state(), before)
        self.configure()
        self.done(*self.varbinds())

    def test_without_the_capability(self):
        self.daemon.stop()
        daemon = lab.Process(self.lab, "netmibd", [
            "setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin",
            lab.NETMIBD] + self.lab.arguments(self.mode))
        self.lab.wait_ready(daemon)
        before = self.state()
        for varbind in self.varbinds():
            self.refused(snmp.NOT_WRITABLE, varbind)
        self.assertEqual(self.state(), before)
        self.assertIn("CAP_NET_ADMIN", daemon.text())

    def test_protect(self):
        self.lab.ip("link set br0 up")
        self.configure("netmibdProtect va x0", "netmibdProtect br0")
        for name in ("va", "x0", "br0"):
            at = self.cell("ifAdminStatus", name)
            self.refused(snmp.INCONSISTENT_VALUE, (TTL, integer(11)), (at, DOWN), index=2)
        self.assertEqual(self.sysctl(FILES[TTL]), 64)
        self.done((self.cell("ifAdminStatus", "va"), UP),
                  (self.cell("ifAlias", "va"), octets(b"x")))
        self.done((self.cell("ifAdminStatus", "br0"), UP),
                  (self.cell("ifAdminStatus", "vb"), DOWN))
        self.refused(snmp.INCONSISTENT_VALUE, (self.cell("ifAdminStatus", "br0"), DOWN))
        self.configure()
        self.done((self.cell("ifAdminStatus", "br0"), DOWN))


class StandaloneTokens(Tokens, lab.Test):
    mode = "standalone"


class AgentXTokens(Tokens, lab.Test):
    mode = "agentx"
