"""A change is in the very next answer: when `ip link ...` has returned, one GET must show
it. And the times of changes: zero before the first one, right after it, and then still."""

import random
import socket
import time

import lab
import mib
import snmp

GONE = snmp.NO_INSTANCE


class Live:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.there = cls.make_class_lab()
        cls.lab = cls.make_class_lab()
        cls.lab.batch(["link add keep type ifb", "link add br0 type bridge"])
        cls.daemon = cls.lab.start(cls.mode)
        cls.client = cls.lab.client()

    def get(self, column, index):
        return self.client.get(mib.cell(column, index))[0]

    def make(self, name, kind="ifb", *more):
        self.lab.ip("link add name", [name], "type", kind, *more)
        index = self.lab.index(name)
        self.addCleanup(lambda: self.lab.ip("link del dev", [name], check=False))
        return index

    def see(self, column, index, value):
        self.assertEqual(self.get(column, index).value, value, column)

    def test_create(self):
        before = self.client.value(mib.IF_NUMBER)
        self.lab.ip("link add n0 type ifb")
        number = self.client.value(mib.IF_NUMBER)
        index = self.lab.index("n0")
        self.addCleanup(lambda: self.lab.ip("link del n0"))
        self.assertEqual(number, before + 1)
        self.see("ifName", index, b"n0")

    def test_delete(self):
        index = self.make("d0")
        cells = [mib.cell(column, index) for column in mib.COLUMNS]
        before = self.client.value(mib.IF_NUMBER)
        self.lab.ip("link del d0")
        self.assertEqual(set(self.client.get(*cells)), {GONE})
        self.assertEqual(self.client.value(mib.IF_NUMBER), before - 1)
        for root, part in ((mib.IF_STACK, slice(11, 13)), (mib.IF_RCV, slice(11, 12)),
                           (mib.IF_INV_STACK, slice(11, 13))):
            self.assertFalse([name for name in self.client.walk(root)
                              if index in name[part]], "rows of a deleted link")

    def test_alias(self):
        index = self.make("a0")
        self.lab.ip("link set a0 up")
        self.change_alias(index)

    def test_alias_of_a_link_that_is_down(self):
        """The kernel (seen on 6.18) tells nobody of it: no RTM_NEWLINK."""
        self.change_alias(self.make("a0"))

    def test_lower_link_of_a_tunnel_that_is_down(self):
        """The kernel tells nobody of this either."""
        first, second = self.make("s0"), self.make("s1")
        tunnel = self.make("t0", "vxlan", "id 5 remote 192.0.2.9 dstport 4789 dev s0")
        entries = [mib.IF_STACK + (1, 3, tunnel, lower) for lower in (first, second)]
        inverted = [mib.IF_INV_STACK + (1, 1, lower, tunnel) for lower in (first, second)]
        self.assertEqual([v.value for v in self.client.get(entries[0], inverted[0])], [1, 1])
        self.lab.ip("link set t0 type vxlan id 5 remote 192.0.2.9 dev s1")
        self.assertEqual([v.value for v in self.client.get(entries[1], inverted[1])], [1, 1])
        self.assertEqual(self.client.get(entries[0])[0], GONE)

    def change_alias(self, index):
        for alias in (b"first", b"second one", b"", b"x" * 64):
            self.lab.ip("link set a0 alias", [alias.decode()])
            self.see("ifAlias", index, alias)

    def test_mtu_a_hundred_times(self):
        index = self.make("m0")
        for mtu in range(1000, 1100):
            self.lab.ip("link set m0 mtu", [str(mtu)])
            self.see("ifMtu", index, mtu)

    def test_up_and_down(self):
        index = self.make("u0")
        for state, status in (("up", 1), ("down", 2), ("up", 1)):
            self.lab.ip("link set u0", state)
            self.see("ifAdminStatus", index, status)
            self.see("ifOperStatus", index, status)

    def test_carrier_of_a_veth(self):
        index = self.make("w0", "veth", "peer name w1")
        self.lab.ip("link set w0 up")
        self.see("ifOperStatus", index, 2)
        self.lab.ip("link set w1 up")
        lab.wait_until(lambda: self.get("ifOperStatus", index).value == 1, 2,
                       "w0 is up")  # the kernel reports carrier a moment later
        self.lab.ip("link set w1 down")
        lab.wait_until(lambda: self.get("ifOperStatus", index).value == 2, 2,
                       "w0 is down")
        self.see("ifAdminStatus", index, 1)

    def test_rename_while_up(self):
        index = self.make("o0", "veth", "peer name o1")
        self.lab.batch(["link set o0 up", "link set o1 up",
                        "addr add 10.1.1.1/24 dev o0",
                        "neigh add 10.1.1.2 lladdr 02:00:00:00:00:02 dev o0"])
        sock = self.lab.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.sendto(b"before", ("10.1.1.2", 9))
        before = self.get("ifHCOutOctets", index).value
        self.lab.ip("link set o0 name renamed0")
        self.see("ifName", index, b"renamed0")
        self.see("ifDescr", index, b"renamed0")
        self.see("ifOperStatus", index, 1)
        for _ in range(10):
            sock.sendto(bytes(1000), ("10.1.1.2", 9))
        time.sleep(1.1)
        self.assertGreaterEqual(self.get("ifHCOutOctets", index).value, before + 10000)
        self.lab.ip("link del renamed0")
        self.assertEqual(self.get("ifName", index), GONE)

    def test_move_to_another_namespace_and_back(self):
        index = self.make("mv", "veth", "peer name mvp")
        number = self.client.value(mib.IF_NUMBER)
        self.lab.ip("link set mv netns", [str(self.there.pid)])
        self.assertEqual(self.get("ifName", index), GONE)
        self.assertEqual(self.client.value(mib.IF_NUMBER), number - 1)
        self.there.ip("link set mv mtu 1400")
        self.there.ip("link set mv netns", [str(self.lab.pid)])
        back = self.lab.index("mv")
        self.see("ifName", back, b"mv")
        self.see("ifMtu", back, 1400)
        self.assertEqual(self.client.value(mib.IF_NUMBER), number)

    def test_address(self):
        index = self.make("l0", "veth", "peer name l1")
        for number in (1, 2):
            address = bytes((2, 0, 0, 0, 7, number))
            self.lab.ip("link set l0 address", [address.hex(":")])
            self.see("ifPhysAddress", index, address)
            own = [bytes(name[13:]) for name, value in
                   self.client.walk(mib.IF_RCV + (1, 3, index)).items()
                   if value.value == 1]
            self.assertEqual(own, [address, b"\xff" * 6])

    def test_promiscuous(self):
        index = self.make("pr0")
        self.see("ifPromiscuousMode", index, 2)
        self.lab.ip("link set pr0 promisc on")
        self.see("ifPromiscuousMode", index, 1)
        self.lab.ip("link set pr0 promisc off")
        self.see("ifPromiscuousMode", index, 2)

    def rows(self):
        stack = {name[-2:] for name in self.client.walk(mib.IF_STACK)}
        inverted = {name[-2:][::-1] for name in self.client.walk(mib.IF_INV_STACK)}
        self.assertEqual(stack, inverted)
        return stack

    def test_enslave_and_release(self):
        port, bridge = self.make("e0"), self.lab.index("br0")
        self.assertLessEqual({(0, port), (port, 0), (bridge, 0)}, self.rows())
        times = [self.client.value(mib.IF_STACK_LAST_CHANGE)]
        time.sleep(0.05)
        self.lab.ip("link set e0 master br0")
        times.append(self.client.value(mib.IF_STACK_LAST_CHANGE))
        rows = self.rows()
        self.assertLessEqual({(bridge, port), (0, bridge), (port, 0)}, rows)
        self.assertFalse({(0, port), (bridge, 0)} & rows)
        self.see("ifPromiscuousMode", port, 1)
        self.see("ifLinkUpDownTrapEnable", bridge, 2)
        time.sleep(0.05)
        self.lab.ip("link set e0 nomaster")
        times.append(self.client.value(mib.IF_STACK_LAST_CHANGE))
        self.assertLessEqual({(0, port), (bridge, 0)}, self.rows())
        self.assertNotIn((bridge, port), self.rows())
        self.see("ifLinkUpDownTrapEnable", bridge, 1)
        self.see("ifPromiscuousMode", port, 2)
        self.assertTrue(times[0] < times[1] < times[2], times)

    def test_lower_link_deleted(self):
        lower = self.make("lo0")
        upper = self.make("up0", "vxlan", "id 77 dstport 4790 remote 192.0.2.9 dev lo0")
        self.assertIn((upper, lower), self.rows())
        self.lab.ip("link del lo0")  # takes the vxlan with it
        self.assertFalse([row for row in self.rows() if lower in row])
        self.assertEqual(self.rows(), mib.stack(self.lab.links()))

    def test_oper_status_of_a_macvlan_follows_the_lower_link(self):
        self.make("ml0", "veth", "peer name mp0")
        self.lab.ip("link add mu0 link ml0 type macvlan mode bridge")
        upper = self.lab.index("mu0")
        self.lab.batch(["link set mp0 up", "link set ml0 up", "link set mu0 up"])
        for command, status in (("link set mp0 down", 7), ("link set mp0 up", 1),
                                ("link set ml0 down", 7), ("link set ml0 up", 1)):
            self.lab.ip(command)
            lab.wait_until(lambda: self.get("ifOperStatus", upper).value == status, 2,
                           f"mu0 has status {status} after {command}")

    def test_speed_of_a_bridge_is_not_stale(self):
        """It is that of its fastest port, or always 0; with no port it has none."""
        bridge = self.make("sb0", "bridge")
        self.make("sp0", "veth", "peer name sp1")
        self.lab.batch(["link set sb0 up", "link set sp0 up", "link set sp1 up"])
        for command, wanted in (("link set sb0 up", (0,)),
                                ("link set sp0 master sb0", (0, 10000)),
                                ("link set sp0 nomaster", (0,))):
            self.lab.ip(command)
            time.sleep(0.2)
            self.assertIn(self.get("ifHighSpeed", bridge).value, wanted, command)

    def test_everything_at_rest_equals_ip_link(self):
        links = self.lab.links()
        self.assertEqual(sorted(mib.column(self.client, "ifIndex")), sorted(links))
        for index in links:
            for column, value in mib.row(self.lab, links, index).items():
                self.see(column, index, value)


class StandaloneLive(Live, lab.Test):
    mode = "standalone"


class AgentXLive(Live, lab.Test):
    mode = "agentx"


@lab.alone
class Times:
    """TimeStamps, with a netmibd of its own for each test."""

    def setUp(self):
        self.lab = self.make_lab()
        self.lab.batch(["link add a0 type ifb", "link add br0 type bridge",
                        "link add c0 type veth peer name c1"])
        self.a0 = self.lab.index("a0")
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        time.sleep(0.3)  # so that no stamp is 0

    def stamp(self, name, *command):
        """The TimeStamp after a change: near to sysUpTime, and then always the same."""
        self.lab.ip(*command)
        uptime, value = [v.value for v in self.client.get(mib.SYS_UPTIME, name)]
        self.assertTrue(max(1, uptime - 100) <= value <= uptime + 1,
                        f"{value} at {uptime}")
        return value

    def stays(self, wanted, seconds=2.5):
        """Asks again and again, at odd moments: the value is always the same."""
        end, dice = time.monotonic() + seconds, random.Random(1)
        while True:
            values = dict(zip(wanted, [v.value for v in self.client.get(*wanted)]))
            self.assertEqual(values, wanted)
            if time.monotonic() > end:
                return
            time.sleep(dice.random() * 0.01)

    def test_zero_at_the_start_right_after_a_change_then_still(self):
        oper = mib.cell("ifLastChange", self.a0)
        names = (mib.IF_TABLE_LAST_CHANGE, oper, mib.IF_STACK_LAST_CHANGE)
        self.assertEqual([v.value for v in self.client.get(*names)], [0, 0, 0])
        changed = {oper: self.stamp(oper, "link set a0 up")}
        self.assertEqual(self.client.value(mib.IF_TABLE_LAST_CHANGE), 0)
        self.assertEqual(self.client.value(mib.IF_STACK_LAST_CHANGE), 0)
        time.sleep(0.3)
        changed[mib.IF_STACK_LAST_CHANGE] = self.stamp(
            mib.IF_STACK_LAST_CHANGE, "link set a0 master br0")
        self.assertEqual(self.client.value(mib.IF_TABLE_LAST_CHANGE), 0)
        time.sleep(0.3)
        changed[mib.IF_TABLE_LAST_CHANGE] = self.stamp(
            mib.IF_TABLE_LAST_CHANGE, "link add n0 type ifb")
        # a new link brings two rows of the stack
        changed[mib.IF_STACK_LAST_CHANGE] = self.client.value(mib.IF_STACK_LAST_CHANGE)
        self.assertLessEqual(
            abs(changed[mib.IF_STACK_LAST_CHANGE] - changed[mib.IF_TABLE_LAST_CHANGE]), 1)
        self.stays(changed)
        later = self.stamp(mib.IF_TABLE_LAST_CHANGE, "link del n0")
        self.assertGreater(later, changed[mib.IF_TABLE_LAST_CHANGE])

    def test_distance_of_two_stamps_is_that_of_the_changes(self):
        oper = mib.cell("ifLastChange", self.a0)
        start = time.monotonic()
        first = self.stamp(oper, "link set a0 up")
        time.sleep(1)
        second = self.stamp(oper, "link set a0 down")
        passed = (time.monotonic() - start) * 100
        self.assertTrue(98 <= second - first <= passed + 2, (first, second, passed))

    def test_other_changes_leave_them(self):
        oper = mib.cell("ifLastChange", self.a0)
        wanted = {oper: self.stamp(oper, "link set a0 up")}
        wanted[mib.IF_TABLE_LAST_CHANGE] = wanted[mib.IF_STACK_LAST_CHANGE] = 0
        for command in ("link set a0 alias x", "link set a0 mtu 1400",
                        "link set a0 name b0", "link set b0 promisc on",
                        "link set c0 address 02:00:00:00:00:99", "link set b0 up"):
            time.sleep(0.05)
            self.lab.ip(command)
            self.stays(wanted, 0)

    def test_admin_change_without_oper_change_leaves_ifLastChange(self):
        self.lab.ip("tuntap add dev t0 mode tun")
        t0 = self.lab.index("t0")
        first = self.client.value(mib.cell("ifLastChange", t0))
        time.sleep(0.1)
        self.lab.ip("link set t0 up")  # nobody is attached: no carrier
        self.assertEqual(self.client.value(mib.cell("ifOperStatus", t0)), 2)
        self.assertEqual(self.client.value(mib.cell("ifAdminStatus", t0)), 1)
        self.assertEqual(self.client.value(mib.cell("ifLastChange", t0)), first)

    def test_flap_between_two_polls_is_seen(self):
        oper = mib.cell("ifLastChange", self.a0)
        first = self.stamp(oper, "link set a0 up")
        time.sleep(0.2)
        self.lab.batch(["link set a0 down", "link set a0 up"])
        self.assertGreater(self.client.value(oper), first)
        self.assertEqual(self.client.value(mib.cell("ifOperStatus", self.a0)), 1)

    def test_ifindex_used_again_is_a_discontinuity(self):
        self.lab.ip("link add index 900 name x0 type ifb")
        cell = mib.cell("ifCounterDiscontinuityTime", 900)
        self.assertEqual(self.client.value(cell), 0)
        self.lab.ip("link del x0")
        self.assertEqual(self.client.get(cell)[0], GONE)
        stamp = self.stamp(cell, "link add index 900 name x1 type ifb")
        self.assertGreater(stamp, 0)
        self.stays({cell: stamp}, 0.5)
        self.lab.ip("link add index 901 name x2 type ifb")
        self.assertEqual(
            self.client.value(mib.cell("ifCounterDiscontinuityTime", 901)), 0)

    def test_ifindex_used_again_between_two_polls(self):
        """Gone and back before anybody asked: the counters begin at 0 again."""
        self.lab.ip("link add index 900 name x0 type ifb")
        cell = mib.cell("ifCounterDiscontinuityTime", 900)
        self.assertEqual(self.client.value(cell), 0)
        self.lab.batch(["link del x0", "link add index 900 name x0 type ifb"])
        self.assertGreater(self.client.value(cell), 0)

    def test_moved_away_and_back_with_the_same_ifindex(self):
        there = self.make_lab()
        self.lab.ip("link add index 700 name y0 type veth peer name y1")
        cell = mib.cell("ifCounterDiscontinuityTime", 700)
        self.assertEqual(self.client.value(cell), 0)
        self.lab.ip("link set y0 netns", [str(there.pid)])
        there.ip("link set y0 netns", [str(self.lab.pid)])
        index = self.lab.index("y0")
        if index != 700:
            self.skipTest("the kernel gave it another ifindex")
        self.assertGreater(self.client.value(cell), 0)


class StandaloneTimes(Times, lab.Test):
    mode = "standalone"


class AgentXTimes(Times, lab.Test):
    mode = "agentx"

    def test_sysUpTime_is_the_masters(self):
        """A netmibd that starts late gives times of snmpd's clock, not its own."""
        self.daemon.stop()
        time.sleep(1)
        self.lab.start(self.mode)
        oper = mib.cell("ifLastChange", self.a0)
        self.assertEqual(self.client.value(oper), 0)
        self.stays({oper: self.stamp(oper, "link set a0 up")}, 2)

    def test_times_are_reset_when_the_master_restarts(self):
        oper = mib.cell("ifLastChange", self.a0)
        self.stamp(oper, "link set a0 up")
        self.lab.snmpd.stop()
        self.lab.start_snmpd()
        lab.wait_until(lambda: self.lab.attached(self.client), 5, "netmibd is back")
        self.assertEqual(self.client.value(oper), 0)
        time.sleep(0.3)
        self.stays({oper: self.stamp(oper, "link set a0 down")}, 2)
