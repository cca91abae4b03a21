"""Beside a stock snmpd with all its modules: netmibd's answers stand in for the built-in
ones and go when it goes; snmpd may be restarted, killed or stopped at any time."""

import os
import signal
import time

import lab
import mib
import snmp

RESTARTS = int(os.environ.get("RESTARTS", "10"))  # of snmpd, in a row
BACK = 3.0  # seconds until netmibd is attached again
TIMES = [mib.COLUMNS["ifLastChange"], mib.COLUMNS["ifCounterDiscontinuityTime"],
         mib.IF_TABLE_LAST_CHANGE, mib.IF_STACK_LAST_CHANGE]


def moves(name):
    return mib.is_moving(name) or any(name[:len(t)] == t for t in TIMES)


class BesideSnmpd(lab.Test):
    """One snmpd and one netmibd for all; nothing is restarted."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.make_class_lab()
        cls.lab.batch(
            ["link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
             "link add br0 type bridge", "link set br0 up",
             "link add mv0 link v0 type macvlan", "link add x0 type ifb",
             "link set x0 master br0", "link set x0 alias seen-by-all",
             "link add vx0 type vxlan id 1 dstport 4789 dev v0", "link set vx0 up",
             "addr add 192.0.2.1/24 dev v0"])
        cls.lab.start("agentx")
        cls.client = cls.lab.client()
        cls.alone = cls.lab.client(port=1162)
        cls.lab.configure("standalone")
        daemon = lab.Netmibd(cls.lab, ["--standalone=udp:127.0.0.1:1162", "-f", "-C", "-c",
                                       cls.lab.config, "-Le"])
        lab.wait_until(lambda: cls.lab.answers(cls.alone, mib.IF_NUMBER) and
                       "is ready" in daemon.text(), 10, "the standalone one is ready")
        time.sleep(1.2)

    def test_walks_equal_those_of_standalone(self):
        for root in mib.ROOTS:
            for _ in range(3):
                ours, alone = self.client.walk(root), self.alone.walk(root)
                if set(ours) == set(alone):
                    break
            self.assertEqual(list(ours), list(alone), snmp.show(root))
            for name, value in ours.items():
                if moves(name):
                    self.assertEqual(value.tag, alone[name].tag, snmp.show(name))
                else:
                    self.assertEqual(value, alone[name], snmp.show(name))

    def test_nothing_foreign_in_between(self):
        links = self.lab.links()
        cells = {mib.cell(column, index) for column in mib.COLUMNS for index in links}
        scalars = {mib.IF_NUMBER, mib.IF_TABLE_LAST_CHANGE, mib.IF_STACK_LAST_CHANGE}
        found = set(self.client.walk(mib.ROOTS[0])) | set(self.client.walk(mib.ROOTS[1]))
        rest = {name for name in found - cells - scalars
                if name[:9] not in (mib.IF_STACK, mib.IF_RCV)}
        self.assertEqual(rest, set())
        self.assertLessEqual(cells | scalars, found)

    def test_routes_are_ours(self):
        """snmpd registers the instance of inetCidrRouteNumber; it counts other routes."""
        forward = mib.MIB2 + (4, 24)
        number, discards, table = forward + (6, 0), forward + (8, 0), forward + (7,)
        rows = self.client.walk(table + (1, 7))
        self.assertEqual(self.client.value(number), len(rows))
        self.assertEqual(self.client.value(number), self.alone.value(number))
        self.assertEqual(self.client.get(discards)[0].tag, snmp.COUNTER32)
        self.assertEqual(self.client.next(forward + (5,))[0][0], number)
        self.assertEqual(self.client.next(forward + (6,))[0][0], number)
        self.assertEqual(set(self.client.walk(table)), set(self.alone.walk(table)))
        self.assertEqual(set(self.client.walk(mib.MIB2 + (4, 21))),
                         set(self.alone.walk(mib.MIB2 + (4, 21))))

    def test_after_the_last_row_comes_what_the_master_has_next(self):
        for root, beyond in ((mib.ROOTS[0], mib.MIB2 + (3,)),
                             (mib.ROOTS[1], mib.MIB2 + (32,)),
                             (mib.ROOTS[2], mib.MIB2 + (78,))):
            last = list(self.client.walk(root))[-1]
            name, value = self.client.next(last)[0]
            self.assertTrue(value == snmp.END or name >= beyond, snmp.show(name))
            expected = self.client.next(beyond)[0]
            self.assertEqual(name if value != snmp.END else None,
                             expected[0] if expected[1] != snmp.END else None)

    def test_walk_of_the_whole_agent_is_increasing(self):
        found = self.client.walk("1.3.6.1")
        self.assertGreater(len(found), 1000)
        for root in mib.ROOTS:
            self.assertLessEqual(set(self.client.walk(root)), set(found))

    def test_sysORTable_names_netmibd(self):
        self.assertTrue(self.lab.attached(self.client))
        self.assertTrue(self.lab.attached(self.alone))
        ours = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 4)
        for client in (self.client, self.alone):
            found = [value.value for value in client.walk((1, 3, 6, 1, 2, 1, 1, 9, 1, 2)).values()
                     if value.value[:len(ours)] == ours]
            self.assertCountEqual(found, [ours + (number,) for number in (1, 2, 3, 4)])

    def test_what_stock_snmpd_gets_wrong(self):
        index = self.lab.index("br0")
        self.assertEqual(self.client.value(mib.cell("ifType", index)), 209)
        self.assertEqual(self.client.value(mib.cell("ifConnectorPresent", index)), 2)
        self.assertEqual(self.client.value(mib.cell("ifAlias", self.lab.index("x0"))),
                         b"seen-by-all")


class Restarts(lab.Test):
    """Each test has an snmpd and a netmibd of its own."""

    def setUp(self):
        self.lab = self.make_lab()
        self.lab.batch(["link add x0 type ifb", "link set x0 up alias mine",
                        "link add br0 type bridge"])
        self.x0, self.br0 = self.lab.index("x0"), self.lab.index("br0")
        self.daemon = self.lab.start("agentx")
        self.client = self.lab.client()
        self.assertTrue(self.ours())

    def ours(self):
        """Are netmibd's answers there? The built-in says ifType 6 for a bridge."""
        try:
            values = self.client.get(mib.cell("ifType", self.br0),
                                     mib.IF_STACK_LAST_CHANGE, timeout=0.3, retries=0)
        except (snmp.Timeout, snmp.Refused):
            return False
        return values[0].value == 209 and not values[1].exception

    def built_in(self):
        try:
            values = self.client.get(mib.cell("ifType", self.br0),
                                     mib.IF_STACK_LAST_CHANGE, timeout=0.3, retries=0)
        except (snmp.Timeout, snmp.Refused):
            return False
        return values[0].value == 6 and values[1].exception

    def assertBack(self, since, what):
        """netmibd answers again BACK seconds after its master came back at the latest."""
        lab.wait_until(self.ours, 30, f"netmibd answers after {what}")
        took = time.monotonic() - since
        self.assertTrue(lab.wait_until(lambda: self.lab.attached(self.client), 3,
                                       "netmibd stands in sysORTable"))
        self.assertLessEqual(took, BACK * lab.PATIENCE, f"seconds until back after {what}")
        self.assertTrue(self.daemon.running())
        self.assertEqual(self.client.value(mib.cell("ifAlias", self.x0)), b"mine")

    def test_built_in_answers_return_on_SIGTERM(self):
        self.daemon.stop()
        self.assertTrue(self.built_in(), "at once")
        self.assertFalse(self.lab.attached(self.client))
        self.assertFalse(self.client.walk(mib.IF_STACK))
        self.lab.start("agentx")
        self.assertTrue(self.ours())

    def test_built_in_answers_return_on_kill_9(self):
        self.daemon.stop(signal.SIGKILL)
        lab.wait_until(self.built_in, 1, "the built-in answers are back")
        self.assertFalse(self.lab.attached(self.client))
        self.lab.start("agentx")
        self.assertTrue(self.ours())

    def test_netmibd_killed_in_the_middle_of_walks(self):
        for _ in range(4):
            for _ in range(20):
                self.client.bulk([mib.IF_TABLE], 50)
            self.daemon.stop(signal.SIGKILL)
            self.assertIsNotNone(self.client.value(mib.SYS_UPTIME))
            self.assertTrue(self.lab.snmpd.running())
            self.daemon = self.lab.start("agentx")
        self.assertTrue(self.ours())

    def test_snmpd_restarted(self):
        self.lab.snmpd.stop()
        self.lab.start_snmpd()
        self.assertBack(time.monotonic(), "a restart")

    def test_snmpd_killed(self):
        self.lab.snmpd.stop(signal.SIGKILL)
        self.lab.start_snmpd()
        self.assertBack(time.monotonic(), "kill -9")

    def test_snmpd_away_for_5_seconds(self):
        self.lab.snmpd.stop()
        time.sleep(5)
        self.assertTrue(self.daemon.running())
        self.lab.ip("link set x0 mtu 1234")  # and the mirror goes on
        self.lab.start_snmpd()
        self.assertBack(time.monotonic(), "5 s without a master")
        self.assertEqual(self.client.value(mib.cell("ifMtu", self.x0)), 1234)

    def test_snmpd_frozen_for_8_seconds(self):
        self.lab.snmpd.send(signal.SIGSTOP)
        time.sleep(4)
        self.lab.ip("link set x0 mtu 1234")
        time.sleep(4)
        self.lab.snmpd.send(signal.SIGCONT)
        self.assertBack(time.monotonic(), "a freeze of 8 s")
        self.assertEqual(self.client.value(mib.cell("ifMtu", self.x0)), 1234)

    def test_netmibd_leaves_while_snmpd_is_frozen(self):
        """SIGTERM must not wait for ever for an answer to the Close."""
        self.lab.snmpd.send(signal.SIGSTOP)
        time.sleep(0.2)
        self.daemon.stop()
        self.lab.snmpd.send(signal.SIGCONT)
        lab.wait_until(self.built_in, 10, "the built-in answers are back")

    def test_netmibd_leaves_without_a_master(self):
        self.lab.snmpd.stop()
        time.sleep(0.5)
        self.daemon.stop()

    def test_netmibd_started_before_snmpd(self):
        self.daemon.stop()
        self.lab.snmpd.stop()
        self.daemon = lab.Netmibd(self.lab, self.lab.arguments("agentx"))
        time.sleep(2)
        self.assertTrue(self.daemon.running(), self.daemon.text())
        self.lab.start_snmpd()
        self.assertBack(time.monotonic(), "the first start of snmpd")

    def test_nothing_grows_over_restarts(self):
        sizes = []
        for number in range(RESTARTS):
            self.lab.snmpd.stop(signal.SIGKILL if number % 2 else signal.SIGTERM)
            self.lab.start_snmpd()
            lab.wait_until(self.ours, 5, "netmibd is back")
            for root in mib.ROOTS:
                self.client.walk(root)
            sizes.append((self.daemon.status_kb("VmRSS"), self.daemon.fds()))
        self.assertEqual({fds for _, fds in sizes}, {sizes[0][1]}, sizes)
        if not lab.SANITIZED:  # they keep freed memory for a while
            self.assertLess(sizes[-1][0] - sizes[1][0], 300, sizes)


@lab.alone
class Ready(lab.Test):
    """Ready means ready: never a part of the rows."""

    LINKS = 200 if lab.SANITIZED else 500

    def start_and_poll(self, mode):
        laboratory = self.make_lab(ipv6=False)
        laboratory.batch([f"link add r{n} type ifb" for n in range(self.LINKS)])
        last = laboratory.index(f"r{self.LINKS - 1}")
        if mode == "agentx":
            laboratory.start_snmpd()
        client = laboratory.client()
        laboratory.start(mode, wait=False)
        names = (mib.IF_NUMBER, mib.IF_STACK + (1, 3, 0, last), mib.cell("ifMtu", last),
                 mib.cell("ifHCInOctets", last), mib.IF_INV_STACK + (1, 1, last, 0),
                 mib.IF_STACK_LAST_CHANGE)
        seen, end = [], time.monotonic() + 10 * lab.PATIENCE
        while time.monotonic() < end and len(seen) < 100000:
            try:
                values = client.get(*names, timeout=0.02, retries=0)
            except snmp.Timeout:
                continue
            seen.append(values)
            if len(seen) % 20 == 0 and laboratory.attached(client):
                seen.append(client.get(*names))  # the last one may have been too early
                break
        self.check(mode, seen, laboratory)

    def check(self, mode, seen, laboratory):
        self.assertTrue(seen)
        number = len(laboratory.links())
        ours = 0
        for values in seen:
            if values[0].exception:
                continue
            self.assertEqual(values[0].value, number, values)
        for column in (1, 4, 5):  # objects that the built-in modules do not have
            there = [not values[column].exception for values in seen]
            ours += there[-1]
            self.assertEqual(there, sorted(there), "an object came and went")
        self.assertEqual(ours, 3)
        print(f"{len(seen)} answers, {sum(v[1].exception for v in seen)} of them before "
              "netmibd's rows were there")

    def test_agentx(self):
        self.start_and_poll("agentx")

    def test_standalone(self):
        self.start_and_poll("standalone")
