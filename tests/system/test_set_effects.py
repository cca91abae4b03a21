"""What a SET does besides what it says: to other addresses, routes, links, and to what is
protected; and that all of it comes back when the PDU is undone."""

import os
import re

import lab
import mib
import snmp
from snmp import integer
from test_addresses import ADDR_TABLE, inet
from test_set import FORWARDING6, UP, Set

IP = mib.MIB2 + (4,)
GO, DESTROY = integer(4), integer(6)
NMD = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1)
TEXT = NMD + (1, 9, 0)


class Effects(Set):
    def late(self, *varbinds):
        """Done, then undone: the kernel refuses the last one."""
        self.refused(snmp.COMMIT_FAILED, *varbinds, (self.cell("ifAdminStatus", "mr0"), UP),
                     index=len(varbinds) + 1)

    def stacked(self, higher, lower):
        return mib.IF_STACK + (1, 3, self.indexes[higher], self.indexes[lower])

    def show(self, what):
        return self.lab.ip(what).stdout

    def test_an_address_with_two_lengths(self):
        """The one that is shown is the one that is set."""
        self.lab.batch(["addr add 10.5.0.1/16 dev va",
                        "addr add 10.5.0.1/32 dev va valid_lft 900 preferred_lft 800"])
        index = inet("10.5.0.1")
        lifetimes = [(NMD + (3, 1, 3) + index, snmp.Value(snmp.GAUGE32, 300)),
                     (NMD + (3, 1, 2) + index, snmp.Value(snmp.GAUGE32, 200))]

        def valid():
            found = re.findall(r"10\.5\.0\.1/(\d+)[^\n]*\n\s*valid_lft (\w+)",
                               self.show("addr show dev va"))
            return {length: life for length, life in found}
        self.late(*lifetimes)
        self.assertEqual(valid()["16"], "forever")
        self.client.set(*lifetimes)
        self.assertEqual(valid()["16"], "forever")
        self.assertLessEqual(int(valid()["32"].removesuffix("sec")), 300)

    def test_forwarding_of_all_and_of_one(self):
        one = IP + (30, 1, 8, self.indexes["va"])
        for before in (0, 1):
            for order in (1, -1):
                with self.subTest(before=before, order=order):
                    self.sysctl("ipv6/conf/all/forwarding", 0)
                    self.sysctl("ipv6/conf/va/forwarding", before)
                    self.client.set(*[(FORWARDING6, integer(1)), (one, integer(2))][::order])
                    self.assertEqual([self.sysctl(f"ipv6/conf/{name}/forwarding")
                                      for name in ("all", "va", "vb")], [1, 0, 1])

    def test_sources_of_ipv6_routes(self):
        self.lab.batch(["addr add 2001:db8:7::1/64 dev va nodad",
                        "addr add 2001:db8:7::2/64 dev va nodad",
                        "route add 2001:db8:8::/48 via 2001:db8:7::9 dev va src 2001:db8:7::2",
                        "route add 2001:db8:9::/48 dev va src 2001:db8:7::2 table 100"])
        before = [self.show("-6 route show 2001:db8:8::/48"), self.show("-6 route show table 100")]
        self.late((ADDR_TABLE + (10,) + inet("2001:db8:7::2"), DESTROY))
        self.assertEqual([self.show("-6 route show 2001:db8:8::/48"),
                          self.show("-6 route show table 100")], before)
        self.assertIn("src 2001:db8:7::2", before[0])

    def test_a_small_port(self):
        self.lab.batch(["link set pa nomaster", "link set br0 up",
                        "addr add 2001:db8:7::1/64 dev br0 nodad", "link set vb mtu 1000"])
        self.refused(snmp.INCONSISTENT_VALUE, (self.stacked("br0", "vb"), GO))
        self.assertIn("2001:db8:7::1", self.show("addr show dev br0"))

    def test_groups(self):
        self.lab.ip("addr add 2001:db8:7::1/64 dev va nodad")
        before = self.show("maddr show dev va")
        for octets in (b"\x33\x33\0\0\0\1", b"\x33\x33\xff\0\0\1", b"\1\0\x5e\0\0\1"):
            self.refused(snmp.INCONSISTENT_VALUE,
                         (mib.IF_RCV + (1, 2, self.indexes["va"], 6) + tuple(octets), DESTROY))
        self.assertEqual(self.show("maddr show dev va"), before)

    def test_an_anycast_address_and_the_mtu(self):
        if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (6, 16):
            self.skipTest("this kernel does not announce anycast addresses (before 6.16)")
        self.lab.ip("addr add 2001:db8:7::1/64 dev va nodad")
        at = inet("2001:db8:7::55")
        self.client.set((ADDR_TABLE + (4,) + at, integer(2)),
                        (ADDR_TABLE + (3,) + at, integer(self.indexes["va"])),
                        (ADDR_TABLE + (10,) + at, GO))
        self.late((NMD + (2, 1, 1, self.indexes["va"]), integer(1000)))
        self.assertEqual(self.client.value(ADDR_TABLE + (4,) + at), 2)
        self.assertIn("20010db8000700000000000000000055",
                      self.lab.run(["cat", "/proc/thread-self/net/anycast6"]).stdout)


class Protected(Set):
    tokens = ["netmibdProtect va br0"]

    stacked = Effects.stacked

    def test_a_port_that_would_change_its_mtu(self):
        self.lab.batch(["link set br0 up", "link set vb mtu 1400"])
        self.refused(snmp.INCONSISTENT_VALUE, (self.stacked("br0", "vb"), GO))
        self.refused(snmp.INCONSISTENT_VALUE,
                     (NMD + (2, 1, 1, self.indexes["pa"]), integer(1400)))
        self.assertEqual(self.link("br0")["mtu"], 1500)

    def test_a_source_of_its_routes(self):
        self.lab.batch(["addr add 10.5.0.1/24 dev va", "addr add 10.6.0.6/32 dev x0",
                        "route add default via 10.5.0.9 dev va src 10.6.0.6"])
        self.refused(snmp.INCONSISTENT_VALUE,
                     (ADDR_TABLE + (10,) + inet("10.6.0.6"), DESTROY))
        self.assertIn("src 10.6.0.6", self.lab.ip("route show").stdout)

    def test_receive_addresses(self):
        self.refused(snmp.INCONSISTENT_VALUE, (
            mib.IF_RCV + (1, 2, self.indexes["va"], 6, 1, 2, 3, 4, 5, 6), GO))


class StandaloneEffects(Effects, lab.Test):
    mode = "standalone"


@lab.unittest.skipIf(lab.SANITIZED, "the same edits are made in standalone mode")
class AgentXEffects(Effects, lab.Test):
    mode = "agentx"


class StandaloneProtected(Protected, lab.Test):
    mode = "standalone"
