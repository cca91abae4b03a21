"""Addresses and neighbours: every row of every table against `ip -j addr` and `ip -j neigh`,
in both directions, at rest and after thousands of random changes."""

import ipaddress
import json
import os
import random
import re
import socket
import statistics
import struct
import time

import lab
import snmp

IP = (1, 3, 6, 1, 2, 1, 4)
ADDR_TABLE, PREFIX_TABLE, NEIGH_TABLE = IP + (34, 1), IP + (32, 1), IP + (35, 1)
OLD_ADDR, OLD_NEIGH, AT = IP + (20, 1), IP + (22, 1), (1, 3, 6, 1, 2, 1, 3, 1, 1)
ROOTS = (AT[:8], OLD_ADDR, OLD_NEIGH, PREFIX_TABLE, ADDR_TABLE, NEIGH_TABLE)
STATES = {"REACHABLE": 1, "STALE": 2, "DELAY": 3, "PROBE": 4, "FAILED": 5, "PERMANENT": 6, "NOARP": 6,
          "INCOMPLETE": 7}
JOIN_ANYCAST = 27  # linux/in6.h
SEED = int(os.environ.get("SEED", time.time_ns() % 1000000))


def rows(client, table, width):
    """{index: {column: value}} of a table; whole rows or an error."""
    found = {}
    for name, value in client.walk(table).items():
        at = len(table)
        found.setdefault(name[at + 1:], {})[name[at]] = value.value
    for index, row in found.items():
        assert len(row) == width, (index, row)
    return found


def packed(text):
    return ipaddress.ip_address(text).packed


def inet(text, zone=None):
    """The index of an address: type, length, octets."""
    octets = packed(text) + (b"" if zone is None else zone.to_bytes(4, "big"))
    return ({4: 1, 8: 3, 16: 2, 20: 4}[len(octets)], len(octets)) + tuple(octets)


def addresses(laboratory):
    """What `ip -j addr` says: (text, ifIndex, class, length, prefix) of each row."""
    found = []
    for link in json.loads(laboratory.run(["ip", "-j", "addr"]).stdout):
        for info in link.get("addr_info", []):
            if "local" not in info:
                continue  # an old ip says {} for what it has left out
            length, base = info["prefixlen"], info.get("address", info["local"])
            prefix = ipaddress.ip_network(f"{base}/{length}", strict=False)
            found.append((info["local"], link["ifindex"], 1, length, prefix, info))
            if "broadcast" in info:
                found.append((info["broadcast"], link["ifindex"], 3, length, prefix, info))
    return found


def shown(found):
    """{index: row} of ipAddressTable, by the rules of mirror/addr.h."""
    by_address = {}
    for row in found:
        by_address.setdefault(row[0], {}).setdefault(row[1], []).append(row)
    table = {}
    for text, links in by_address.items():
        shows = {ifindex: min(of_link, key=lambda row: (row[2], -row[3]))
                 for ifindex, of_link in links.items()}
        plain = min(shows, key=lambda ifindex: (shows[ifindex][2] == 3, ifindex))
        if ipaddress.ip_address(text).is_link_local and ":" in text:
            plain = None
        for ifindex, row in shows.items():
            table[inet(text, None if ifindex == plain else ifindex)] = row
    return table


def status(info, up):
    if info.get("dadfailed"):
        return 7
    if not up:
        return 4
    if info.get("tentative"):
        return 8 if info.get("optimistic") else 6
    return 2 if info.get("deprecated") else 1


def neighbours(laboratory):
    """{(ifIndex, address): entry} of `ip -j neigh`."""
    links, entries = map(json.loads, laboratory.outputs("ip -j link", "ip -j neigh"))
    numbers = {link["ifname"]: link["ifindex"] for link in links if link}
    return {(numbers[entry["dev"]], entry["dst"]): entry for entry in entries}


class Truth:
    """In both modes; mode says which."""

    def check_addresses(self):
        found, links = addresses(self.lab), self.lab.links()
        wanted = shown(found)
        table = rows(self.client, ADDR_TABLE, 9)
        anycast = {index for index, row in table.items() if row[4] == 2}
        self.assertEqual(set(table) - anycast, set(wanted), f"SEED={SEED}")
        for index, (text, ifindex, kind, length, prefix, info) in wanted.items():
            row = table[index]
            self.assertEqual((row[3], row[4]), (ifindex, kind), text)
            at = (ifindex,) + inet(str(prefix.network_address)) + (length,)
            self.assertEqual(row[5], PREFIX_TABLE + (5,) + at, text)
            up = links[ifindex]["operstate"] == "UP" or "LOOPBACK" in links[ifindex]["flags"]
            if kind == 1 and not info.get("tentative"):
                self.assertEqual(row[7], status(info, up), (text, info))
            self.assertEqual(row[10], 1)
        prefixes = rows(self.client, PREFIX_TABLE, 5)
        self.assertEqual(set(prefixes), {
            (ifindex,) + inet(str(prefix.network_address)) + (length,)
            for _, ifindex, kind, length, prefix, _ in found if kind == 1}, f"SEED={SEED}")
        for index in anycast:
            self.assertIn(table[index][5], {PREFIX_TABLE + (5,) + at for at in prefixes})
        self.check_old_addresses(wanted)

    def check_old_addresses(self, wanted):
        old = rows(self.client, OLD_ADDR, 5)
        plain = {tuple(packed(row[0])): row for index, row in wanted.items()
                 if index[0] == 1 and row[2] == 1}
        self.assertEqual(set(old), set(plain), f"SEED={SEED}")
        for index, (text, ifindex, _, length, _, info) in plain.items():
            mask = ipaddress.ip_network(f"0.0.0.0/{length}").netmask.packed
            low = packed(info["broadcast"])[3] & 1 if "broadcast" in info else 1
            self.assertEqual(old[index], {1: packed(text), 2: ifindex, 3: mask, 4: low,
                                          5: 65535})

    def check_neighbours(self):
        wanted = neighbours(self.lab)
        table = rows(self.client, NEIGH_TABLE, 5)
        self.assertEqual(set(table), {(ifindex,) + inet(text) for ifindex, text in wanted},
                         f"SEED={SEED}")
        old, at = rows(self.client, OLD_NEIGH, 4), rows(self.client, AT, 3)
        ipv4 = {key: entry for key, entry in wanted.items() if ":" not in key[1]}
        self.assertEqual(set(old), {(i,) + tuple(packed(text)) for i, text in ipv4})
        self.assertEqual(set(at), {(i, 1) + tuple(packed(text)) for i, text in ipv4})
        for (ifindex, text), entry in wanted.items():
            row = table[(ifindex,) + inet(text)]
            lladdr = bytes.fromhex(entry.get("lladdr", "").replace(":", ""))
            state = entry["state"][0]
            kind = {"PERMANENT": 4, "FAILED": 2, "NOARP": 1}.get(state, 3)
            self.assertEqual((row[4], row[6], row[7], row[8]),
                             (lladdr, kind, STATES[state], 1), (text, entry))
            if ":" not in text:
                octets = tuple(packed(text))
                self.assertEqual(old[(ifindex,) + octets],
                                 {1: ifindex, 2: lladdr, 3: packed(text), 4: kind})
                self.assertEqual(at[(ifindex, 1) + octets],
                                 {1: ifindex, 2: lladdr, 3: packed(text)})

    def check(self):
        self.check_addresses()
        self.check_neighbours()

    def one(self, name):
        return self.client.get(name)[0]

    def start(self, links):
        self.lab = self.make_lab()
        self.lab.batch([f"link add w{n} type veth peer name x{n}" for n in range(links // 2)] +
                       [f"link set {end}{n} up" for n in range(links // 2) for end in "wx"])
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()

    def test_every_kind(self):
        self.start(4)
        self.lab.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/w1/forwarding"])
        self.lab.batch([
            "addr add 10.0.0.1/24 brd + dev w0", "addr add 10.0.0.2/24 brd + dev w0",
            "addr add 10.0.0.1/16 dev w0", "addr add 10.0.0.1/24 dev x0",
            "addr add 10.0.0.1/32 dev x1", "addr add 10.0.0.255/32 dev x1", "addr add 192.0.2.1 peer 192.0.2.9/32 dev x1",
            "addr add 198.51.100.1/24 brd 198.51.100.0 dev x1 label x1:old",
            "addr add 10.9.0.1/24 valid_lft 500 preferred_lft 0 dev x1",
            "addr add 2001:db8::1/64 dev w1 nodad", "addr add 2001:db8::1/64 dev x1 nodad",
            "addr add 2001:db8::5/128 dev w1 nodad valid_lft 100 preferred_lft 50",
            "addr add 2001:db8:9::1 peer 2001:db8:9::2/128 dev w1 nodad",
            "addr add fe80::9/64 dev w0 nodad", "addr add fe80::9/64 dev w1 nodad",
            "neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev w0",
            "neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev w0 nud stale",
            "neigh add fe80::8 lladdr 02:00:00:00:00:08 dev w0 nud reachable",
            "neigh add fe80::8 lladdr 02:00:00:00:00:08 dev x1 nud stale",
            "neigh add proxy 10.0.0.99 dev w0", "neigh add 10.0.0.11 dev w0 nud failed",
            "neigh add 10.0.0.12 lladdr 02:00:00:00:00:12 dev w0 nud noarp",
            "neigh add 10.0.0.13 lladdr 02:00:00:00:00:13 dev w0 nud noarp extern_learn"])
        self.check()
        self.lab.ip("neigh change 10.0.0.7 lladdr 06:00:00:00:00:07 dev w0 nud stale")
        self.lab.ip("link set w0 down")
        self.check()
        self.lab.ip("link del w1")
        self.check()

    def test_anycast(self):
        self.start(2)
        self.lab.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/w0/forwarding"])
        self.lab.ip("addr add 2001:db8:7::1/64 dev w0 nodad")
        index = inet("2001:db8:7::")
        kind = self.one(ADDR_TABLE + (4,) + index)
        if kind.exception:
            self.skipTest("this kernel does not announce anycast addresses (before 6.16)")
        self.assertEqual(kind.value, 2)
        self.assertEqual(self.one(ADDR_TABLE + (3,) + index).value,
                         self.lab.index("w0"))
        self.lab.run(["sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/w0/forwarding"])
        self.assertTrue(self.one(ADDR_TABLE + (4,) + index).exception)
        self.check()

    def anycasts(self, sock=None):
        """The rows of class anycast, which are those that the kernel has; sock joins one
        on w0 before."""
        if sock:
            sock.setsockopt(socket.IPPROTO_IPV6, JOIN_ANYCAST,
                            packed("2001:db8::ac") + struct.pack("=I", self.lab.index("w0")))
        said = self.lab.run(["cat", "/proc/thread-self/net/anycast6"]).stdout
        wanted = {inet(str(ipaddress.IPv6Address(int(line.split()[2], 16))))
                  for line in said.splitlines()}
        found = {index for index, row in rows(self.client, ADDR_TABLE, 9).items()
                 if row[4] == 2}
        self.assertEqual(found, wanted)
        return wanted

    def test_anycast_goes_with_ipv6(self):
        """The kernel announces the address of a socket when it is joined and left only."""
        self.start(2)
        self.lab.ip("addr add 2001:db8::1/64 dev w0 nodad")
        family = (socket.AF_INET6, socket.SOCK_DGRAM)
        if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (6, 16):
            self.skipTest("this kernel does not announce anycast addresses (before 6.16)")
        self.assertTrue(self.anycasts(self.lab.socket(*family)))
        index = ADDR_TABLE + (4,) + inet("2001:db8::ac")
        self.lab.ip("link set w0 mtu 1000")
        self.assertTrue(self.one(index).exception)  # the first who asks
        self.assertFalse(self.anycasts())
        self.lab.ip("link set w0 mtu 1500")
        self.assertFalse(self.anycasts())
        self.lab.ip("addr add 2001:db8::1/64 dev w0 nodad")
        self.assertTrue(self.anycasts(self.lab.socket(*family)))
        # here nothing is to be announced: the kernel keeps it
        self.lab.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/w0/disable_ipv6"])
        self.assertTrue(self.anycasts())
        self.lab.run(["sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/w0/disable_ipv6"])
        # down, and both MTUs before somebody asks
        self.lab.batch(["link set w0 down", "link set w0 mtu 1000", "link set w0 mtu 1500"])
        self.assertFalse(self.anycasts())
        self.lab.batch(["link set w0 up", "addr add 2001:db8::1/64 dev w0 nodad"])
        self.assertTrue(self.anycasts(self.lab.socket(*family)))
        self.lab.ip("link del w0")
        self.assertFalse(self.anycasts())
        self.check()

    def test_stamps(self):
        self.start(2)
        time.sleep(0.3)
        before = self.one((1, 3, 6, 1, 2, 1, 1, 3, 0)).value
        self.lab.ip("addr add 10.0.0.1/24 dev w0")
        self.lab.ip("neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev w0")
        index, neigh = inet("10.0.0.1"), (self.lab.index("w0"),) + inet("10.0.0.7")
        created = self.one(ADDR_TABLE + (8,) + index).value
        after = self.one((1, 3, 6, 1, 2, 1, 1, 3, 0)).value
        self.assertTrue(before - 5 <= created <= after + 5, (before, created, after))
        self.assertEqual(self.one(ADDR_TABLE + (9,) + index).value, created)
        updated = self.one(NEIGH_TABLE + (5,) + neigh).value
        self.assertTrue(before - 5 <= updated <= after + 5, (before, updated, after))
        time.sleep(0.5)
        self.lab.ip("addr change 10.0.0.1/24 dev w0 valid_lft 100 preferred_lft 60")
        self.assertEqual(self.one(ADDR_TABLE + (8,) + index).value, created)
        self.assertGreater(self.one(ADDR_TABLE + (9,) + index).value, created + 30)
        prefix = (self.lab.index("w0"),) + inet("10.0.0.0") + (24,)
        self.assertIn(self.one(PREFIX_TABLE + (8,) + prefix).value, (58, 59, 60))
        valid = self.one(PREFIX_TABLE + (9,) + prefix).value
        self.assertIn(valid, (98, 99, 100))
        time.sleep(1.1)
        self.assertLess(self.one(PREFIX_TABLE + (9,) + prefix).value, valid)

    def test_states_without_events(self):
        """A neighbour that is asked for the first time is not announced."""
        self.start(2)
        self.lab.ip("addr add 10.0.0.1/24 dev w0")
        self.lab.run(["bash", "-c", "echo x >/dev/udp/10.0.0.33/9 || true"], check=False)
        index = (self.lab.index("w0"),) + inet("10.0.0.33")
        self.assertEqual(self.one(NEIGH_TABLE + (7,) + index).value, 7)
        self.assertEqual(self.one(NEIGH_TABLE + (4,) + index).value, b"")

    def test_columns_in_lockstep(self):
        """Columns side by side, as snmptable asks: each answer is one whole row."""
        self.start(2)
        self.lab.batch([f"addr add 10.0.{n}.1/24 brd + dev w0" for n in range(5)] +
                       [f"neigh add 10.0.0.{n} lladdr 02:00:00:00:00:01 dev w0"
                        for n in range(2, 7)])
        for table, wanted in ((ADDR_TABLE, range(3, 12)), (PREFIX_TABLE, range(5, 10)),
                              (NEIGH_TABLE, range(4, 9)), (OLD_ADDR, range(1, 6)),
                              (OLD_NEIGH, range(1, 5)), (AT, range(1, 4))):
            at, seen = [table + (column,) for column in wanted], 0
            while True:
                got = [name for name, _ in self.client.next(*at)]
                tails = {name[len(table) + 1:] for name, column in zip(got, wanted)
                         if name[:len(table) + 1] == table + (column,)}
                if not tails:
                    break
                self.assertEqual(len(tails), 1, (table, got))
                self.assertEqual([name[len(table)] for name in got], list(wanted))
                at, seen = got, seen + 1
            self.assertGreaterEqual(seen, 5, table)

    def test_snmpnetstat(self):
        self.start(2)
        self.lab.ip("addr add 10.7.7.1/24 dev w0")
        said = self.lab.run(["snmpnetstat", "-v2c", "-c", "public", "-Cn", "-Ci",
                             f"127.0.0.1:{lab.PORT}"]).stdout
        line = next(line for line in said.splitlines() if line.startswith("w0"))
        self.assertIn("10.7.7/24", line)
        self.assertIn("10.7.7.1", line)
        self.assertIn("127.0.0.1", said)

    def routers(self):
        """{(gateway, ifIndex): (lifetime, preference)} of ipDefaultRouterTable."""
        return {index: (row[4], row[5])
                for index, row in rows(self.client, IP + (37, 1), 2).items()}

    def test_default_routers(self):
        self.start(4)
        w0, w1 = self.lab.index("w0"), self.lab.index("w1")
        self.assertEqual(self.routers(), {})
        self.lab.batch(["addr add 10.0.0.1/24 dev w0", "addr add 10.0.1.1/24 dev w1",
                        "addr add 2001:db8::1/64 dev w0 nodad"])
        first, second = inet("10.0.0.254") + (w0,), inet("10.0.1.254") + (w1,)
        self.lab.ip("route add default nexthop via 10.0.0.254 nexthop via 10.0.1.254")
        self.assertEqual(self.routers(), {first: (65535, 0), second: (65535, 0)})
        self.lab.ip("route add default via 10.0.0.254 metric 50")
        self.lab.ip("route add default via 10.0.0.253 table 100")
        self.lab.ip("-6 route add default via fe80::9 dev w1 pref high")
        local = inet("fe80::9", w1) + (w1,)
        self.assertEqual(self.routers(), {first: (65535, 0), second: (65535, 0),
                                          local: (65535, 1)})
        # these go without an event of a route
        self.lab.ip("link set w1 down")
        self.assertEqual(self.routers(), {first: (65535, 0)})
        self.lab.ip("addr flush dev w0")
        self.assertEqual(self.routers(), {})
        self.lab.ip("addr add 10.0.0.1/24 dev w0")
        self.lab.ip("-6 route add default via fe80::8 dev w0 expires 600")
        (index, (lifetime, preference)), = self.routers().items()
        self.assertEqual((index, preference), (inet("fe80::8", w0) + (w0,), 0))
        self.assertIn(lifetime, (598, 599, 600))
        self.lab.ip("-6 route replace default via fe80::7 dev w0")
        self.assertEqual(self.routers(), {inet("fe80::7", w0) + (w0,): (65535, 0)})
        self.lab.ip("-6 route del default")
        self.lab.ip("nexthop add id 7 via 10.0.0.3 dev w0")
        self.lab.ip("route add default nhid 7")
        self.assertEqual(self.routers(), {inet("10.0.0.3") + (w0,): (65535, 0)})
        self.lab.ip("nexthop del id 7")
        self.assertEqual(self.routers(), {})

    @lab.alone
    def test_changes_are_visible_at_once(self):
        self.start(2)
        name = ADDR_TABLE + (3,) + inet("10.1.1.1")
        times = []
        for _ in range(40):
            self.lab.ip("addr add 10.1.1.1/24 dev w0")
            begin = time.monotonic()
            value = self.one(name)
            times.append(time.monotonic() - begin)
            self.assertFalse(value.exception)
            self.lab.ip("addr del 10.1.1.1/24 dev w0")
            self.assertTrue(self.one(name).exception)
        self.assertLess(statistics.median(times), 0.005 * lab.PATIENCE)

    def test_random_changes(self):
        """2,000 changes over 50 interfaces."""
        pick = random.Random(SEED)
        self.start(50)
        ends = [f"{end}{n}" for n in range(25) for end in "wx"]
        for _ in range(8):
            lines = []
            for _ in range(250):
                dev, verb = pick.choice(ends), pick.choice(["add", "add", "del"])
                host = pick.randint(1, 20)
                what = pick.randint(0, 9)
                if what < 4:
                    length = pick.choice([16, 24, 32])
                    brd = pick.choice(["", " brd +"]) if length < 31 and verb == "add" else ""
                    lines.append(f"addr {verb} 10.0.0.{host}/{length}{brd} dev {dev}")
                elif what < 6:
                    lines.append(f"addr {verb} 2001:db8::{host}/64 dev {dev}" +
                                 (" nodad" if verb == "add" else ""))
                elif what < 9:
                    to = pick.choice([f"10.0.0.{100 + host}", f"fe80::{host}"])
                    verb = {"add": "replace"}.get(verb, verb)
                    state = pick.choice(["stale", "permanent"])
                    more = f" lladdr 02:00:00:00:00:{host:02x} nud {state}"
                    lines.append(f"neigh {verb} {to} dev {dev}" +
                                 (more if verb == "replace" else ""))
                else:
                    lines.append(f"link set {dev} {pick.choice(['up', 'down', 'up'])}")
            self.lab.batch(lines, check=False)
            self.settled()

    def settled(self):
        """Duplicate address detection goes on while two pictures are taken: again, then."""
        for attempt in range(5):
            try:
                self.check()
                return
            except AssertionError:
                if attempt == 4:
                    raise
                time.sleep(1)

    def test_overrun(self):
        """Events that were lost: the mirror is read again and true."""
        self.lab = self.make_lab()
        self.lab.tokens = ["netmibdEventBuffer 64"]
        self.lab.batch(["link add w0 type veth peer name x0", "link set w0 up",
                        "link set x0 up"])
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        self.daemon.send(lab.signal.SIGSTOP)
        self.lab.batch([f"addr add 10.{a}.{b}.1/24 dev w0" for a in range(4)
                        for b in range(100)] +
                       [f"neigh add 10.0.0.{n} lladdr 02:00:00:00:00:01 dev w0"
                        for n in range(2, 200)])
        self.daemon.send(lab.signal.SIGCONT)
        lab.wait_until(lambda: self.daemon.report()["state"] == "synced" and
                       self.daemon.report()["resyncs"] > 0, 10, "a resync")
        self.assertGreater(self.daemon.report()["lost"], 0)
        self.settled()


class StandaloneTruth(Truth, lab.Test):
    mode = "standalone"


class AgentXTruth(Truth, lab.Test):
    mode = "agentx"

    def test_walks_equal_those_of_standalone(self):
        """Beside a stock snmpd: no foreign row in or behind ours."""
        self.start(2)
        self.lab.batch(["addr add 10.0.0.1/24 brd + dev w0", "addr add 10.0.0.1/24 dev x0",
                        "neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev w0",
                        "neigh add fe80::7 lladdr 02:00:00:00:00:07 dev w0"])
        alone = self.lab.client(port=1162)
        self.lab.configure("standalone")
        daemon = lab.Netmibd(self.lab, ["--standalone=udp:127.0.0.1:1162", "-f", "-C", "-c",
                                        self.lab.config, "-Le"])
        lab.wait_until(lambda: self.lab.answers(alone, IP + (1, 0)) and
                       "is ready" in daemon.text(), 10, "the standalone one is ready")
        time.sleep(2.5)  # the end of duplicate address detection
        for root in ROOTS:
            ours, theirs = self.client.walk(root), alone.walk(root)
            self.assertEqual(list(ours), list(theirs), root)
            self.assertTrue(ours, root)
            for name, value in ours.items():
                stamp = value.tag == 0x43  # the two have different sysUpTimes
                self.assertEqual(value.tag, theirs[name].tag)
                if not stamp:
                    self.assertEqual(value.value, theirs[name].value, snmp.show(name))
        daemon.stop()
        self.daemon.stop()
        self.assertTrue(lab.wait_until(lambda: self.client.walk(OLD_ADDR), 10,
                                       "the built-in answers are back"))
