"""SET of ifStackTable and ifRcvAddressTable: ports of a bridge, and addresses to receive
frames for."""

import lab
import mib
import snmp
from snmp import integer
from test_set import Set

STACK = mib.MIB2 + (31, 1, 2, 1, 3)
RECEIVE = mib.MIB2 + (31, 1, 4, 1)
CREATE, DESTROY = integer(4), integer(6)
UP, DOWN = integer(1), integer(2)
MAC = (2, 0, 0, 0, 0, 0x77)
TEXT = "02:00:00:00:00:77"


class Links(Set):
    """In both modes."""

    def set(self, *varbinds):
        self.client.set(*varbinds)

    def refused(self, status, *varbinds, index=1):
        with self.assertRaises(snmp.Refused) as caught:
            self.set(*varbinds)
        self.assertEqual((caught.exception.status, caught.exception.index), (status, index))

    def stack(self, higher, lower):
        ends = [self.indexes[name] if name else 0 for name in (higher, lower)]
        return STACK + tuple(ends)

    def receive(self, column, name, octets=MAC):
        return RECEIVE + (column, self.indexes[name], len(octets)) + tuple(octets)

    def exists(self, name):
        return not self.client.get(name)[0].exception

    def listed(self, name):
        return TEXT in self.lab.run(["bridge", "fdb", "show", "dev", name]).stdout

    def test_a_port_comes_and_goes(self):
        row = self.stack("br0", "va")
        self.set((row, CREATE))
        self.assertEqual(self.link("va")["master"], "br0")
        self.assertTrue(self.exists(row))
        self.refused(snmp.INCONSISTENT_VALUE, (row, CREATE))
        self.set((row, UP))  # active(1): it is
        self.set((row, DESTROY))
        self.assertNotIn("master", self.link("va"))
        self.assertFalse(self.exists(row))
        self.set((row, DESTROY))
        self.assertIn("the master of ifIndex", self.daemon.text())

    def test_what_cannot_be_a_port(self):
        for status, row, value in (
                (snmp.INCONSISTENT_VALUE, self.stack("va", "vb"), CREATE),  # no master
                (snmp.INCONSISTENT_VALUE, self.stack("x0", "va"), CREATE),
                (snmp.INCONSISTENT_NAME, self.stack("br0", "br0"), CREATE),
                (snmp.INCONSISTENT_NAME, STACK + (9999, self.indexes["va"]), CREATE),
                (snmp.NO_CREATION, self.stack("br0", None)[:-1], CREATE),
                (snmp.NO_CREATION, self.stack(None, "pa")[:-1] + (2**31,), CREATE),
                (snmp.INCONSISTENT_VALUE, self.stack("mu0", "x0"), DESTROY),  # was made so
                (snmp.INCONSISTENT_VALUE, self.stack(None, "br0"), DESTROY),
                (snmp.WRONG_VALUE, self.stack("br0", "va"), integer(5)),
                (snmp.WRONG_VALUE, self.stack("br0", "va"), integer(7))):
            with self.subTest(row=row, value=value):
                self.refused(status, (row, value))
        self.lab.ip("link add br1 type bridge")
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        self.refused(snmp.INCONSISTENT_VALUE, (self.stack("br1", "pa"), CREATE))
        self.assertEqual(self.link("pa")["master"], "br0")

    def test_undo_of_ports(self):
        """One comes, one goes, and the kernel refuses what comes last."""
        self.refused(snmp.COMMIT_FAILED, (self.stack("br0", "va"), CREATE),
                     (self.stack("br0", "pa"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=3)
        self.assertEqual(self.link("pa")["master"], "br0")
        self.assertNotIn("master", self.link("va"))

    def test_an_address_comes_and_goes(self):
        row = self.receive(2, "va")
        self.set((row, CREATE), (self.receive(3, "va"), integer(2)))
        self.assertTrue(self.listed("va"))
        self.assertEqual(self.client.value(self.receive(3, "va")), 2)
        self.refused(snmp.INCONSISTENT_VALUE, (row, CREATE))
        self.set((row, DESTROY))
        self.assertFalse(self.listed("va"))
        self.assertFalse(self.exists(row))
        self.set((row, DESTROY))

    def test_addresses_that_are_refused(self):
        own = tuple(int(octet, 16) for octet in self.link("va")["address"].split(":"))
        for status, row, value in (
                (snmp.INCONSISTENT_VALUE, self.receive(2, "va", own), DESTROY),
                (snmp.INCONSISTENT_VALUE, self.receive(2, "va", 6 * (255,)), DESTROY),
                (snmp.INCONSISTENT_VALUE, self.receive(3, "va", own), integer(2)),
                (snmp.INCONSISTENT_NAME, self.receive(2, "va", MAC[:5]), CREATE),
                (snmp.INCONSISTENT_NAME, self.receive(2, "br0"), CREATE),
                (snmp.INCONSISTENT_NAME, self.receive(3, "va"), integer(2)),
                (snmp.NO_CREATION, self.receive(2, "va") + (1,), CREATE),
                (snmp.NO_CREATION, self.receive(2, "va", MAC[:5] + (256,)), CREATE),
                (snmp.WRONG_VALUE, self.receive(3, "va", own), integer(1)),
                (snmp.WRONG_VALUE, self.receive(3, "va", own), integer(3)),
                (snmp.WRONG_VALUE, self.receive(2, "va"), integer(2))):
            with self.subTest(row=row, value=value):
                self.refused(status, (row, value))

    def test_undo_of_addresses(self):
        self.lab.run(["bridge", "fdb", "add", TEXT, "dev", "vb", "self", "permanent"])
        self.refused(snmp.COMMIT_FAILED, (self.receive(2, "va"), CREATE),
                     (self.receive(2, "vb"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=3)
        self.assertFalse(self.listed("va"))
        self.assertTrue(self.listed("vb"))


    def ipv6(self, column, name):
        return mib.MIB2 + (4, 30, 1, column, self.indexes[name])

    def test_ipv6_of_a_link(self):
        self.lab.ip("addr add 2001:db8:1::1/64 dev va nodad")
        status, forwarding = self.ipv6(5, "va"), self.ipv6(8, "va")
        self.set((status, DOWN), (forwarding, UP))
        self.assertEqual(self.sysctl("ipv6/conf/va/disable_ipv6"), 1)
        self.assertEqual(self.sysctl("ipv6/conf/va/forwarding"), 1)
        self.assertEqual([value.value for value in self.client.get(status, forwarding)], [2, 1])
        self.set((status, UP), (forwarding, DOWN))
        self.assertEqual([value.value for value in self.client.get(status, forwarding)], [1, 2])
        self.assertEqual(self.sysctl("ipv6/conf/va/disable_ipv6"), 0)
        self.refused(snmp.WRONG_VALUE, (status, integer(3)))
        self.refused(snmp.WRONG_VALUE, (forwarding, integer(0)))
        self.refused(snmp.NO_CREATION, (status[:-1] + (9999,), UP))
        self.refused(snmp.INCONSISTENT_VALUE, (self.ipv6(5, "lo"), DOWN))

    def test_undo_of_ipv6_switched_off(self):
        self.lab.batch(["addr add 2001:db8:1::1/64 dev va nodad",
                        "addr add 10.1.0.1/24 dev va",
                        "route add 2001:db8:9::/48 via 2001:db8:1::2",
                        "route add 10.9.0.0/16 via 10.1.0.2",
                        "route add 2001:db8:a::/48 dev va metric 7"])
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (self.ipv6(5, "va"), DOWN),
                     (self.ipv6(8, "va"), UP),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=3)
        self.assertEqual(self.sysctl("ipv6/conf/va/disable_ipv6"), 0)
        self.unchanged(before)


class StandaloneLinks(Links, lab.Test):
    mode = "standalone"


class AgentXLinks(Links, lab.Test):
    mode = "agentx"
