"""Every object of every row against what `ip -j -d -s link`, `ip maddr` and `bridge fdb`
say, on a namespace with one of each kind that this kernel can make."""

import socket
import time

import lab
import mib
import snmp

LINKS = [
    "link add br0 type bridge",
    "link add p0 type veth peer name p0b", "link add p1 type ifb",
    "link set p0 master br0", "link set p1 master br0",
    "link add mv0 link v0 type macvlan mode bridge",
    "link add mt0 link v0 type macvtap mode vepa",
    "link add vx0 type vxlan id 10 dstport 4789 dev v0 remote 192.0.2.2",
    "link add vx1 type vxlan id 11 dstport 4790 dev lo group 239.1.1.1",
    "link add vx2 type vxlan id 12 dstport 4791 local 192.0.2.1",
    "link add if0 type ifb", "link add if1 type ifb", "link add br1 type bridge",
    "link add c0 type veth peer name c1",
    "tuntap add dev tun0 mode tun", "tuntap add dev tap0 mode tap",
    "tuntap add dev tun1 mode tun", "link set tap0 master br1",
    "link set v0 alias toward-the-other-room", "link set if0 alias x",
    "link set if0 mtu 68", "link set v0 mtu 9000", "link set c0 mtu 65535",
    "link set v0 up", "link set br0 up", "link set br1 up", "link set p0 up",
    "link set p0b up", "link set p1 up", "link set mv0 up", "link set vx0 up",
    "link set vx1 up", "link set if0 up", "link set c0 up", "link set tun0 up",
    "link set tap0 up", "link set if1 promisc on",
    "addr add 192.0.2.1/24 dev v0",
    "link set if1 txqueuelen 77",
]


def build(here, there):
    """All kinds, some up and some down; v0's peer v1 is in the other namespace."""
    here.ip("link add v0 type veth peer name v1 netns", [str(there.pid)])
    there.batch(["link set v1 mtu 9000", "link set v1 up", "addr add 192.0.2.2/24 dev v1"])
    here.batch(LINKS)


class Objects:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.there = cls.make_class_lab()
        cls.lab = cls.make_class_lab()
        build(cls.lab, cls.there)
        cls.lab.tokens = ["netmibdCounterMaxAge 10"]
        cls.daemon = cls.lab.start(cls.mode)
        cls.client = cls.lab.client()
        time.sleep(1.2)  # until IPv6's first messages are through

    def settled(self, look):
        """look() until the links before and after are the same; (links, result)."""
        for _ in range(10):
            before = self.lab.links()
            result = look()
            after = self.lab.links()
            if mib.essence(before) == mib.essence(after):
                return after, result
        self.fail("the links do not come to rest")

    def test_ifNumber(self):
        links, number = self.settled(lambda: self.client.get(mib.IF_NUMBER)[0])
        self.assertEqual(number, snmp.Value(snmp.INTEGER, len(links)))

    def test_rows_have_all_41_columns(self):
        links, found = self.settled(
            lambda: {**self.client.walk(mib.IF_TABLE), **self.client.walk(mib.IF_XTABLE)})
        wanted = {mib.cell(column, index) for column in mib.COLUMNS for index in links}
        self.assertEqual(set(found), wanted)

    def test_syntax_of_every_column(self):
        found = {**self.client.walk(mib.IF_TABLE), **self.client.walk(mib.IF_XTABLE)}
        for column, at in mib.COLUMNS.items():
            tags = {value.tag for name, value in found.items() if name[:len(at)] == at}
            self.assertEqual(tags, {mib.TAGS[column]}, column)

    def check_columns(self, *columns):
        links, found = self.settled(
            lambda: {**self.client.walk(mib.IF_TABLE), **self.client.walk(mib.IF_XTABLE)})
        for index, link in links.items():
            wanted = mib.row(self.lab, links, index)
            for column in columns:
                self.assertEqual(found[mib.cell(column, index)].value, wanted[column],
                                 f"{column} of {link['ifname']}: {link}")

    def test_names(self):
        self.check_columns("ifIndex", "ifDescr", "ifName", "ifAlias")

    def test_ifType(self):
        self.check_columns("ifType")

    def test_ifMtu(self):
        self.check_columns("ifMtu")

    def test_speed(self):
        self.check_columns("ifSpeed", "ifHighSpeed")

    def test_ifPhysAddress(self):
        self.check_columns("ifPhysAddress")

    def test_ifPhysAddress_of_loopback_and_tun_is_empty(self):
        for name in ("lo", "tun0"):
            value = self.client.get(mib.cell("ifPhysAddress", self.lab.index(name)))[0]
            self.assertEqual(value, snmp.Value(snmp.OCTETS, b""), name)

    def test_status(self):
        self.check_columns("ifAdminStatus", "ifOperStatus")

    def test_status_of_the_well_known(self):
        links = {link["ifname"]: index for index, link in self.lab.links().items()}
        wanted = {"lo": 1, "v0": 1, "mv0": 1, "mt0": 2, "vx0": 1, "vx1": 1, "vx2": 2,
                  "if0": 1, "if1": 2, "tun0": 2, "tun1": 2, "p0": 1, "c1": 2,
                  "c0": 2}  # c0: peer down, but nothing lies below it
        for name, status in wanted.items():
            self.assertEqual(
                self.client.value(mib.cell("ifOperStatus", links[name])), status, name)

    def test_promiscuous_and_connector(self):
        self.check_columns("ifPromiscuousMode", "ifConnectorPresent")

    def test_bridge_ports_are_promiscuous(self):
        for name, wanted in (("p0", 1), ("p1", 1), ("br0", 2), ("if1", 1), ("if0", 2)):
            self.assertEqual(self.client.value(
                mib.cell("ifPromiscuousMode", self.lab.index(name))), wanted, name)

    def test_ifLinkUpDownTrapEnable(self):
        self.check_columns("ifLinkUpDownTrapEnable")

    def test_ifSpecific(self):
        self.check_columns("ifSpecific")

    def test_times_are_not_after_now(self):
        for column in ("ifLastChange", "ifCounterDiscontinuityTime"):
            found = self.client.walk(mib.COLUMNS[column])
            uptime = self.client.value(mib.SYS_UPTIME)
            for name, value in found.items():
                self.assertLessEqual(value.value, uptime + 1, snmp.show(name))

    def test_ifCounterDiscontinuityTime_is_0(self):
        found = self.client.walk(mib.COLUMNS["ifCounterDiscontinuityTime"])
        self.assertEqual({value.value for value in found.values()}, {0})

    def traffic(self):
        """Datagrams both ways, and multicast, over v0 and v1; also on lo."""
        here = self.lab.socket(socket.AF_INET, socket.SOCK_DGRAM)
        there = self.there.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for number in range(20):
            here.sendto(bytes(10 + number), ("192.0.2.2", 9))
            there.sendto(bytes(100 + number), ("192.0.2.1", 9))
            there.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                             socket.inet_aton("192.0.2.2"))
            there.sendto(bytes(50), ("224.0.0.1", 9))
            here.sendto(bytes(10), ("127.0.0.1", 9))

    def test_counters(self):
        for _ in range(3):
            self.traffic()
            before = self.lab.links()
            time.sleep(0.05)  # older than the samples' greatest age
            found = {**self.client.walk(mib.IF_TABLE), **self.client.walk(mib.IF_XTABLE)}
            after = self.lab.links()
            for index in before:
                low, high = mib.counters(before[index]), mib.counters(after[index])
                for column in mib.COUNTERS:
                    value = found[mib.cell(column, index)].value
                    self.assertTrue(
                        low[column] <= value <= high[column],
                        f"{column} of {before[index]['ifname']}: "
                        f"{low[column]} <= {value} <= {high[column]}")
        v0, mv0 = self.lab.index("v0"), self.lab.index("mv0")
        self.assertGreaterEqual(found[mib.cell("ifInUcastPkts", v0)].value, 60)
        self.assertGreater(found[mib.cell("ifInMulticastPkts", mv0)].value, 0)

    def test_ifStackTable(self):
        links, found = self.settled(lambda: self.client.walk(mib.IF_STACK))
        self.assertEqual(sorted(name[-2:] for name in found), sorted(mib.stack(links)))
        self.assertEqual({name[:-2] for name in found}, {mib.IF_STACK + (1, 3)})
        self.assertEqual(set(found.values()), {snmp.Value(snmp.INTEGER, 1)})

    def test_ifStackTable_knows_the_relations(self):
        index = {link["ifname"]: number for number, link in self.lab.links().items()}
        found = {name[-2:] for name in self.client.walk(mib.IF_STACK)}
        for higher, lower in (("br0", "p0"), ("br0", "p1"), ("br1", "tap0"),
                              ("mv0", "v0"), ("mt0", "v0"), ("vx0", "v0"), ("vx1", "lo")):
            self.assertIn((index[higher], index[lower]), found)
        for name in ("v0", "c0", "c1", "p0b", "vx2", "if0"):
            self.assertIn((index[name], 0), found, name)
        self.assertNotIn((index["c0"], index["c1"]), found)

    def test_ifInvStackTable_is_the_same_set(self):
        _, both = self.settled(lambda: (self.client.walk(mib.IF_STACK),
                                        self.client.walk(mib.IF_INV_STACK)))
        stack, inverted = both
        self.assertEqual({name[-2:][::-1] for name in inverted},
                         {name[-2:] for name in stack})
        self.assertEqual({name[:-2] for name in inverted}, {mib.IF_INV_STACK + (1, 1)})
        self.assertEqual(set(inverted.values()), {snmp.Value(snmp.INTEGER, 1)})

    def test_ifRcvAddressTable(self):
        for _ in range(5):
            before = mib.rcv_addresses(self.lab, self.lab.links())
            time.sleep(0.05)
            found = self.client.walk(mib.IF_RCV)
            if before == mib.rcv_addresses(self.lab, self.lab.links()):
                break
        status, kinds = {}, {}
        for name, value in found.items():
            column, index, length = name[10:13]
            address = bytes(name[13:])
            self.assertEqual(len(address), length, snmp.show(name))
            {2: status, 3: kinds}[column][index, address] = value.value
        self.assertEqual(kinds, before)
        self.assertEqual(status, {key: 1 for key in before})

    def test_last_changes_are_0_at_the_start(self):
        self.assertEqual(self.client.value(mib.IF_TABLE_LAST_CHANGE), 0)
        self.assertEqual(self.client.value(mib.IF_STACK_LAST_CHANGE), 0)
        found = self.client.walk(mib.COLUMNS["ifLastChange"])
        self.assertEqual({value.value for value in found.values()}, {0})


class StandaloneObjects(Objects, lab.Test):
    mode = "standalone"


class AgentXObjects(Objects, lab.Test):
    mode = "agentx"
