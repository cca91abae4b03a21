"""The tables whose rows are IP interfaces, against sysctls, `ip` and /proc/net/dev_snmp6:
their rows and values, what moves their LastChange stamps, and what they cost."""

import json
import os
import socket
import time

import lab
import mib
import snmp
from test_objects import build

IP = mib.MIB2 + (4,)
V4_TABLE, V6_TABLE = IP + (28, 1), IP + (30, 1)
STATS_TABLE, ZONE_TABLE = IP + (31, 3, 1), IP + (36, 1)
STAMPS = (IP + (27, 0), IP + (29, 0), IP + (31, 2, 0))
ROOTS = (IP + (27,), IP + (28,), IP + (29,), IP + (30,), IP + (31, 2), IP + (31, 3),
         IP + (36,))
ENABLE, REACHABLE, RETRANS, FORWARDING = 5, 6, 7, 8

# column -> name in dev_snmp6, for what is no sum; the 32-bit ones
COUNTERS = {
    3: "InReceives", 5: "InOctets", 7: "InHdrErrors", 8: "InNoRoutes", 9: "InAddrErrors",
    10: "InUnknownProtos", 11: "InTruncatedPkts", 14: "ReasmReqds", 15: "ReasmOKs",
    16: "ReasmFails", 17: "InDiscards", 18: "InDelivers", 20: "OutRequests",
    23: "OutForwDatagrams", 25: "OutDiscards", 27: "FragOKs", 28: "FragFails",
    29: "FragCreates", 30: "OutTransmits", 32: "OutOctets", 34: "InMcastPkts",
    36: "InMcastOctets", 38: "OutMcastPkts", 40: "OutMcastOctets"}
HIGH = {3: 4, 5: 6, 18: 19, 20: 21, 23: 24, 30: 31, 32: 33, 34: 35, 36: 37, 38: 39, 40: 41}
ABSENT = {42, 43, 44, 45}  # in no row: see mibs/NETMIBD-CAPABILITIES.txt


def columns(client, entry):
    """{(column, index...): plain value}"""
    return {name[len(entry):]: value.value for name, value in client.walk(entry).items()}


class Kernel:
    """What the kernel has, by its files."""

    def __init__(self, laboratory):
        self.lab = laboratory

    def set(self, path, value):
        self.lab.run(["sh", "-c", f"echo {value} >/proc/sys/net/{path}"])

    def files(self, pattern):
        """{path: text} of files below /proc, as seen in the namespace."""
        text = self.lab.run(["sh", "-c", f"grep -r -H . {pattern} || true"]).stdout
        found = {}
        for line in text.splitlines():
            path, _, rest = line.partition(":")
            found.setdefault(path, []).append(rest)
        return found

    def sysctls(self, family, what, names):
        """{name: number} of the links that have that sysctl."""
        found = {path.split("/")[6]: int(lines[0]) for path, lines in self.files(
            f"/proc/sys/net/{family}/{what[0]}/*/{what[1]}").items()}
        return {name: found[name] for name in names if name in found}

    def identifiers(self):
        """{name: the low half of the link-local address}"""
        found = {}
        for link in json.loads(self.lab.ip("-j -6 addr show scope link").stdout):
            for address in link.get("addr_info", []):
                octets = socket.inet_pton(socket.AF_INET6, address["local"])
                found[link["ifname"]] = octets[8:]
        return found

    def settle(self):
        """Waits until every address has been found to be no duplicate."""
        lab.wait_until(lambda: self.identifiers() and not self.lab.ip(
            "-6 -o addr show tentative").stdout, 10, "no tentative address", 0.1)

    def counters(self):
        """{name: {counter: number}}"""
        found = {}
        for path, lines in self.files("/proc/net/dev_snmp6/").items():
            numbers = {name.removeprefix("Ip6"): int(number)
                       for name, number in (line.split() for line in lines)}
            found[os.path.basename(path)] = numbers
        return found


class Rows:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.there, cls.lab = cls.make_class_lab(), cls.make_class_lab()
        build(cls.lab, cls.there)
        cls.kernel = Kernel(cls.lab)
        cls.lab.ip("link set if1 mtu 1279")
        cls.lab.ip("link set vx2 addrgenmode none")
        cls.kernel.set("ipv6/conf/c1/disable_ipv6", 1)
        cls.kernel.set("ipv6/conf/br0/forwarding", 1)
        cls.kernel.set("ipv6/neigh/v0/base_reachable_time_ms", 20000)
        cls.kernel.set("ipv6/neigh/v0/retrans_time_ms", 2000)
        cls.kernel.set("ipv4/neigh/mv0/retrans_time_ms", 3000)
        cls.lab.tokens = ["netmibdCounterMaxAge 10"]
        cls.daemon = cls.lab.start(cls.mode)
        cls.client = cls.lab.client()
        cls.kernel.settle()

    def names(self):
        return {link["ifname"]: index for index, link in self.lab.links().items()}

    def expect(self, entry, column, wanted):
        """The column has exactly the values of {name: value}."""
        index = self.names()
        found = {key[1]: value for key, value in columns(self.client, entry).items()
                 if key[0] == column}
        self.assertEqual(found, {index[name]: value for name, value in wanted.items()})

    def sysctl(self, family, *what):
        return self.kernel.sysctls(family, what, self.names())

    def test_ipv4InterfaceTable(self):
        present = self.sysctl("ipv4", "conf", "forwarding")
        self.assertEqual(set(present), set(self.names()))
        self.expect(V4_TABLE, 2, {name: 65535 for name in present})
        self.expect(V4_TABLE, 3, {name: 1 for name in present})
        times = self.sysctl("ipv4", "neigh", "retrans_time_ms")
        self.assertEqual(times["mv0"], 3000)
        self.expect(V4_TABLE, 4, times)

    def test_ipv6InterfaceTable(self):
        off = self.sysctl("ipv6", "conf", "disable_ipv6")
        self.assertTrue({"if0", "if1"}.isdisjoint(off), "MTU 68 and 1279")
        self.assertIn("lo", off)
        self.expect(V6_TABLE, 2, {name: 65535 for name in off})
        self.expect(V6_TABLE, ENABLE, {name: 2 if o else 1 for name, o in off.items()})
        self.assertEqual(off["c1"], 1)
        times = self.sysctl("ipv6", "neigh", "base_reachable_time_ms")
        self.assertEqual(times["v0"], 20000)
        self.expect(V6_TABLE, REACHABLE, times)
        times = self.sysctl("ipv6", "neigh", "retrans_time_ms")
        self.assertEqual(times["v0"], 2000)
        self.expect(V6_TABLE, RETRANS, times)
        on = self.sysctl("ipv6", "conf", "forwarding")
        self.assertEqual(on["br0"], 1)
        self.expect(V6_TABLE, FORWARDING, {name: 1 if o else 2 for name, o in on.items()})

    def test_ipv6InterfaceIdentifier(self):
        local = self.kernel.identifiers()
        self.assertIn("v0", local)
        wanted = {}
        for link in self.lab.links().values():
            name = link["ifname"]
            octets = mib.octets(link.get("address", ""))
            if name not in self.sysctl("ipv6", "conf", "forwarding"):
                continue
            if name in local:
                wanted[name] = local[name]
            elif link["link_type"] == "ether" and link["inet6_addr_gen_mode"] == "eui64":
                wanted[name] = (bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" +
                                octets[3:])
            else:
                wanted[name] = b""
        self.assertEqual((wanted["lo"], wanted["tun0"], wanted["vx2"]), (b"",) * 3)
        self.expect(V6_TABLE, 3, wanted)

    def test_ipv6ScopeZoneIndexTable(self):
        index = self.names()
        present = self.sysctl("ipv6", "conf", "forwarding")
        self.expect(ZONE_TABLE, 2, {name: index[name] for name in present})
        for column in range(3, 14):
            self.expect(ZONE_TABLE, column, {name: 0 for name in present})

    def test_ipIfStatsTable_has_whole_rows_of_IPv6(self):
        index = self.names()
        wanted = {(column, 2, index[name]) for column in range(3, 48)
                  for name in self.sysctl("ipv6", "conf", "forwarding")
                  if column not in ABSENT | {22}}
        self.assertEqual(set(columns(self.client, STATS_TABLE)), wanted)

    def test_syntax(self):
        found = self.client.walk(STATS_TABLE)
        tags = {}
        for name, value in found.items():
            tags.setdefault(name[len(STATS_TABLE)], set()).add(value.tag)
        for column, kinds in tags.items():
            counter = (snmp.COUNTER64 if column in {13, *HIGH.values()}
                       else snmp.COUNTER32)
            wanted = {46: snmp.TIMETICKS, 47: snmp.GAUGE32}.get(column, counter)
            self.assertEqual(kinds, {wanted}, column)

    def traffic(self):
        sock = self.lab.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        index = self.names()
        for name in ("v0", "mv0", "br0"):
            for size in range(10):
                sock.sendto(bytes(100 + size), ("ff02::1", 9, 0, index[name]))

    def test_counters(self):
        index = self.names()
        for _ in range(3):
            self.traffic()
            before = self.kernel.counters()
            time.sleep(0.05)
            found = columns(self.client, STATS_TABLE)
            after = self.kernel.counters()
            self.assertEqual(set(before), set(self.sysctl("ipv6", "conf", "forwarding")))
            for name, low in before.items():
                for column, counter in COUNTERS.items():
                    for at in {column, HIGH.get(column, column)}:
                        value = found[at, 2, index[name]]
                        self.assertTrue(
                            low[counter] <= value <= after[name][counter],
                            f"{counter} of {name}: {low[counter]} <= {value} <= "
                            f"{after[name][counter]}")
                for column, a, b in ((26, "FragOKs", "FragFails"),
                                     (12, "OutForwDatagrams", "InNoRoutes"),
                                     (13, "OutForwDatagrams", "InNoRoutes")):
                    value = found[column, 2, index[name]]
                    self.assertLessEqual(low[a] + low[b], value)
                    self.assertLessEqual(value, after[name][a] + after[name][b])
        self.assertGreaterEqual(found[38, 2, index["v0"]], 30)
        self.assertGreater(found[34, 2, index["mv0"]], 0)

    def test_discontinuity_and_refresh_rate(self):
        found = columns(self.client, STATS_TABLE)
        self.assertEqual({v for key, v in found.items() if key[0] == 46}, {0})
        self.assertEqual({v for key, v in found.items() if key[0] == 47}, {10})

    def test_stamps_are_0_at_the_start(self):
        self.assertEqual([v.value for v in self.client.get(*STAMPS)], [0, 0, 0])

    def test_nothing_foreign_in_a_walk_of_all(self):
        """Whatever snmpd has of its own: of these roots, a walk of all of IP-MIB has
        what walks of each of them have, and GETNEXT behind a root leaves it."""
        each = {}
        for root in ROOTS:
            found = self.client.walk(root)
            self.assertTrue(found, snmp.show(root))
            each.update(found)
            name, _ = self.client.next(max(found))[0]
            self.assertNotEqual(name[:len(root)], root)
        walked = self.client.walk(IP)
        ours = {name for name in walked
                if any(name[:len(root)] == root for root in ROOTS)}
        self.assertEqual(ours, set(each))
        index, v4 = self.names(), self.sysctl("ipv4", "conf", "forwarding")
        v6 = self.sysctl("ipv6", "conf", "forwarding")
        wanted = set(STAMPS)
        wanted |= {V4_TABLE + (c, index[n]) for n in v4 for c in (2, 3, 4)}
        wanted |= {V6_TABLE + (c, index[n]) for n in v6 for c in (2, 3, 5, 6, 7, 8)}
        wanted |= {ZONE_TABLE + (c, index[n]) for n in v6 for c in range(2, 14)}
        wanted |= {STATS_TABLE + (c, 2, index[n]) for n in v6 for c in range(3, 48)
                   if c not in ABSENT | {22}}
        self.assertEqual(ours, wanted)


class Changes:
    """What happens to one veth pair and lo; in both modes."""

    def setUp(self):
        self.lab = self.make_lab()
        self.kernel = Kernel(self.lab)
        self.lab.batch(["link add v0 type veth peer name v1", "link set v0 up",
                        "link set v1 up", "link add i0 type ifb"])
        self.kernel.settle()
        self.lab.tokens = ["netmibdCounterMaxAge 10"]
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        lab.wait_until(lambda: self.client.value(mib.SYS_UPTIME) > 5, 5, "some uptime")
        self.v0, self.i0 = self.lab.index("v0"), self.lab.index("i0")
        self.stamps = self.read_stamps()

    def read_stamps(self):
        return [v.value for v in self.client.get(*STAMPS)]

    def v6(self, column, index):
        return self.client.value(V6_TABLE + (column, index))

    def moved(self, *wanted):
        """The stamps of wanted ("4", "6", "s") have moved to now, the others have not."""
        time.sleep(0.03)  # no reading is fresh
        now = self.read_stamps()
        uptime = self.client.value(mib.SYS_UPTIME)
        found = [name for name, a, b in zip("46s", self.stamps, now) if a != b]
        self.assertEqual(found, list(wanted))
        for name, stamp in zip("46s", now):
            if name in wanted:
                self.assertLessEqual(stamp, uptime + 1)
                self.assertGreater(stamp, uptime - 100 * lab.PATIENCE)
        self.stamps = now
        time.sleep(0.03)  # the next stamp is another one

    def test_enable_status_at_the_next_request(self):
        for index, name in ((self.v0, "v0"), (self.i0, "i0"), (1, "lo")):
            for off in (1, 0, 1, 0):
                self.kernel.set(f"ipv6/conf/{name}/disable_ipv6", off)
                self.assertEqual(self.v6(ENABLE, index), 2 if off else 1, name)
                if name == "i0":  # it has no addresses, and so no other change with it
                    self.moved("6")
        self.kernel.set("ipv6/conf/all/disable_ipv6", 1)
        found = columns(self.client, V6_TABLE)
        self.assertEqual({v for key, v in found.items() if key[0] == ENABLE}, {2})
        self.assertEqual(len([key for key in found if key[0] == ENABLE]), 4)

    def test_forwarding(self):
        for on in (1, 0):
            self.kernel.set("ipv6/conf/i0/forwarding", on)
            self.assertEqual(self.v6(FORWARDING, self.i0), 1 if on else 2)
            self.moved("6")
        self.kernel.set("ipv6/conf/all/forwarding", 1)
        found = columns(self.client, V6_TABLE)
        self.assertEqual({v for key, v in found.items() if key[0] == FORWARDING}, {1})
        self.moved("6")
        self.kernel.set("ipv4/conf/all/forwarding", 1)
        self.kernel.set("ipv6/conf/default/forwarding", 0)
        self.moved()

    def test_small_mtu(self):
        for name, index in (("v0", self.v0), ("i0", self.i0)):
            self.lab.ip("link set", name, "mtu 1279")
            self.assertIsNone(self.v6(2, index))
            self.assertIsNone(self.client.value(STATS_TABLE + (3, 2, index)))
            self.assertIsNone(self.client.value(ZONE_TABLE + (2, index)))
            self.assertEqual(self.client.value(V4_TABLE + (3, index)), 1)
            self.moved("6", "s")
            self.lab.ip("link set", name, "mtu 1280")
            self.assertEqual(self.v6(2, index), 65535)
            self.assertEqual(self.v6(ENABLE, index), 1)
            self.assertNotEqual(self.v6(3, index), b"")
            if name == "i0":  # v0 gets its address a moment later
                self.moved("6", "s")
            self.assertGreater(self.client.value(STATS_TABLE + (46, 2, index)), 0)
            self.kernel.settle()
            self.stamps = self.read_stamps()

    def test_small_mtu_of_loopback(self):
        self.lab.ip("link set lo mtu 1000")  # it keeps IPv6
        self.assertEqual(self.v6(ENABLE, 1), 1)
        self.moved()
        self.lab.batch(["link set lo mtu 67", "link set lo mtu 65536",
                        "addr add 127.0.0.1/8 dev lo"])  # it had lost that
        self.assertEqual(self.client.value(V4_TABLE + (3, 1)), 1)
        self.moved("4")

    def test_links_come_and_go(self):
        self.lab.ip("link add n0 type ifb")
        index = self.lab.index("n0")
        self.assertEqual(self.v6(ENABLE, index), 1)
        self.assertEqual(self.client.value(STATS_TABLE + (46, 2, index)), 0)
        self.moved("4", "6", "s")
        self.lab.ip("link del n0")
        self.assertIsNone(self.v6(ENABLE, index))
        self.assertIsNone(self.client.value(V4_TABLE + (3, index)))
        self.moved("4", "6", "s")
        self.lab.ip("link add n0 index", str(index), "type ifb")
        self.assertGreater(self.client.value(STATS_TABLE + (46, 2, index)), 0)
        self.moved("4", "6", "s")

    def test_what_is_no_change(self):
        for line in ("link set i0 name j0", "link set i0 name i0 down",
                     "link set v0 mtu 1400", "link set v1 alias x",
                     "link set v0 promisc on",
                     "addr add 192.0.2.1/24 dev v0", "addr add 2001:db8::1/64 dev v0 nodad",
                     "addr add fe80::1/64 dev v0 nodad", "addr del fe80::1/64 dev v0",
                     "link set v0 down", "link set v0 up"):
            with self.subTest(line):
                self.lab.ip(line, check=False)
                time.sleep(0.1)
                self.moved()
        self.kernel.set("ipv4/neigh/v0/retrans_time_ms", 500)
        time.sleep(0.03)
        self.assertEqual(self.client.value(V4_TABLE + (4, self.v0)), 500)
        self.moved()

    def test_renaming_shows_nothing(self):
        for _ in range(5):
            for old, new in (("i0", "j0"), ("j0", "i0")):
                self.lab.ip("link set", old, "name", new)
                self.assertEqual(self.v6(ENABLE, self.i0), 1)
                self.assertEqual(self.client.value(STATS_TABLE + (3, 2, self.i0)), 0)
                self.moved()

    def test_neighbour_times(self):
        self.kernel.set("ipv6/neigh/v0/base_reachable_time_ms", 5000)
        time.sleep(0.03)
        self.assertEqual(self.v6(REACHABLE, self.v0), 5000)
        self.moved("6")
        self.kernel.set("ipv6/neigh/v0/retrans_time_ms", 500)  # has an event
        self.assertEqual(self.v6(RETRANS, self.v0), 500)
        self.moved("6")
        self.lab.ip("ntable change name ndisc_cache dev v0 retrans 600")  # no event
        self.moved("6")
        self.assertEqual(self.v6(RETRANS, self.v0), 600)

    def test_identifier(self):
        eui64 = self.v6(3, self.v0)
        self.assertEqual(eui64, self.kernel.identifiers()["v0"])
        self.lab.ip("addr add fe80::7/64 dev v0 nodad")
        self.assertEqual(self.v6(3, self.v0), eui64)
        self.moved()
        self.lab.ip("-6 addr del", self.local("v0", "fe80::7"), "dev v0")
        self.assertEqual(self.v6(3, self.v0), bytes(7) + b"\7")
        self.moved("6")
        self.lab.ip("addr del fe80::7/64 dev v0")
        self.assertEqual(self.v6(3, self.v0), eui64)  # would be made of it
        self.moved("6")
        self.lab.ip("token set ::42 dev v0")
        self.assertEqual(self.v6(3, self.v0), bytes(7) + b"\x42")
        self.moved("6")

    def local(self, name, other):
        """The link-local address that is not other, with its length."""
        found = json.loads(self.lab.ip("-j -6 addr show scope link dev", name).stdout)
        for address in found[0]["addr_info"]:
            if address["local"] != other:
                return f"{address['local']}/{address['prefixlen']}"
        return self.fail("no link-local address")

    def test_random_identifier(self):
        self.lab.batch(["link set v0 down", "link set v0 addrgenmode random"])
        time.sleep(0.03)
        self.assertEqual(self.v6(3, self.v0), b"")
        self.moved("6")
        self.lab.ip("link set v0 up")
        lab.wait_until(lambda: "v0" in self.kernel.identifiers(), 10, "v0 has an address")
        self.kernel.settle()
        self.assertEqual(self.v6(3, self.v0), self.kernel.identifiers()["v0"])

    def test_low_half_of_the_same_sample(self):
        cells = []
        for low, high in HIGH.items():
            cells += [STATS_TABLE + (low, 2, self.v0), STATS_TABLE + (high, 2, self.v0)]
        sock = self.lab.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        seen = set()
        for _ in range(50):
            for _ in range(5):
                sock.sendto(bytes(100), ("ff02::1", 9, 0, self.v0))
            values = [v.value for v in self.client.get(*cells)]
            for at in range(0, len(values), 2):
                self.assertEqual(values[at], values[at + 1] & 0xffffffff)
            seen.add(values[-1])
            time.sleep(0.01)
        self.assertGreater(len(seen), 20, "the counters did not move")

    def test_churn(self):
        """Links that come, go and change while somebody walks; then all is true."""
        names = [f"w{n}" for n in range(60)]
        for _ in range(3):
            self.lab.batch([f"link add {name} type ifb" for name in names])
            columns(self.client, V6_TABLE)
            self.lab.batch([f"link set {name} mtu {1000 if n % 2 else 1400}"
                            for n, name in enumerate(names)])
            columns(self.client, STATS_TABLE)
            self.lab.batch([f"link set {name} name x{name}" for name in names[::3]])
            present = self.kernel.sysctls("ipv6", ("conf", "disable_ipv6"), {
                link["ifname"] for link in self.lab.links().values()})
            index = {link["ifname"]: i for i, link in self.lab.links().items()}
            self.assertEqual({key[1] for key in columns(self.client, V6_TABLE)},
                             {index[name] for name in present})
            self.assertEqual({key[1] for key in columns(self.client, V4_TABLE)},
                             set(index.values()))
            self.lab.batch([f"link del {name}" for name in index
                            if name.lstrip("x") in names])
        self.assertEqual({key[1] for key in columns(self.client, V6_TABLE)},
                         set(self.lab.links()))
        self.assertEqual(self.daemon.report()["malformed"], 0)

    def test_without_ipv6(self):
        """Only lo keeps its row of IPv6, whatever its MTU; and nothing complains."""
        self.lab.batch([f"link set {name} mtu 1000" for name in ("v0", "v1", "i0")])
        self.assertEqual({key[1] for key in columns(self.client, V6_TABLE)}, {1})
        self.assertEqual({key[2] for key in columns(self.client, STATS_TABLE)}, {1})
        self.lab.ip("link add n0 mtu 1000 type ifb")
        self.assertEqual({key[1] for key in columns(self.client, ZONE_TABLE)}, {1})
        self.assertNotRegex(self.daemon.text(), "failed|malformed|counters of")


class Cost:
    """Requests to the kernel."""

    def prepare(self, links, age):
        self.lab = self.make_lab(ipv6=False)
        self.lab.batch([f"link add w{n} type ifb" for n in range(links)])
        self.lab.tokens = [f"netmibdCounterMaxAge {age}"]
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        self.index = self.lab.index("w0")

    def asked(self, ask):
        before = self.daemon.report()["requests"]
        ask()
        return self.daemon.report()["requests"] - before

    def test_of_one_row(self):
        self.prepare(20, 30000)
        state = V6_TABLE + (ENABLE, self.index)
        row = [V6_TABLE + (c, self.index) for c in (2, 3, 5, 6, 7, 8)]
        counters = [STATS_TABLE + (c, 2, self.index) for c in list(COUNTERS) + [46, 47]]
        self.assertEqual(self.asked(lambda: self.client.get(state)), 1)
        for _ in range(3):
            self.assertEqual(self.asked(lambda: self.client.get(state)), 1)
        self.assertEqual(self.asked(lambda: self.client.get(*row)), 2)
        self.assertEqual(self.asked(lambda: self.client.get(*row)), 1)
        self.assertEqual(self.asked(lambda: self.client.get(*counters)), 1)
        self.assertEqual(self.asked(lambda: self.client.get(*counters)), 0)
        # its last GETBULK goes on to the default routers, once
        self.assertLessEqual(self.asked(lambda: self.client.walk(ZONE_TABLE)), 2)
        self.assertEqual(self.asked(lambda: self.client.walk(ZONE_TABLE)), 0)
        self.assertEqual(self.asked(lambda: self.client.get(*STAMPS)), 1)
        self.assertEqual(self.asked(lambda: self.client.get(*STAMPS)), 0)
        self.assertEqual(self.asked(lambda: self.client.walk(V4_TABLE)), 0)

    def test_of_a_walk(self):
        self.prepare(300, 30000)
        rows = len(self.lab.links())
        asked = self.asked(lambda: self.client.walk(STATS_TABLE))
        self.assertLessEqual(asked, rows + 2)
        # the last GETBULK goes on to the neighbours, which are asked for with each request
        self.assertLessEqual(self.asked(lambda: self.client.walk(STATS_TABLE)), 1)
        asked = self.asked(lambda: self.client.walk(V6_TABLE))
        # ipv6InterfaceEnableStatus: each GETBULK of 40 asks for 31 rows, then by a dump for
        # all; over AgentX each row is asked by itself
        self.assertLessEqual(asked, 40 + rows)


for mode in ("standalone", "agentx"):
    for kind in (Rows, Changes, Cost):
        name = ("Standalone" if mode == "standalone" else "AgentX") + "Ipif" + kind.__name__
        globals()[name] = type(name, (kind, lab.Test),
                               {"mode": mode, "__module__": __name__})
del mode, kind, name
