"""Every object of the IP and ICMP statistics and the scalars of IP-MIB, against what /proc
says in the same namespace before and after. The router under test (here) stands between
two rooms (there, far), so that most counters have something to count."""

import socket
import struct
import time

import lab
import mib
import snmp

IP, ICMP = mib.MIB2 + (4,), mib.MIB2 + (5,)
SYSTEM_STATS, ICMP_STATS, ICMP_MSG = IP + (31, 1), ICMP + (29,), ICMP + (30,)
SPIN_LOCK = IP + (33, 0)

# ipSystemStatsTable: 32 bit column, 64 bit column or 0, names in IPv4's files, in IPv6's
SYSTEM = """3 4 InReceives Ip6InReceives
5 6 InOctets Ip6InOctets
7 0 InHdrErrors Ip6InHdrErrors
8 0 InNoRoutes Ip6InNoRoutes
9 0 InAddrErrors Ip6InAddrErrors
10 0 InUnknownProtos Ip6InUnknownProtos
11 0 InTruncatedPkts Ip6InTruncatedPkts
12 13 ForwDatagrams+InNoRoutes Ip6OutForwDatagrams+Ip6InNoRoutes
14 0 ReasmReqds Ip6ReasmReqds
15 0 ReasmOKs Ip6ReasmOKs
16 0 ReasmFails Ip6ReasmFails
17 0 InDiscards Ip6InDiscards
18 19 InDelivers Ip6InDelivers
20 21 OutRequests Ip6OutRequests
22 0 OutNoRoutes Ip6OutNoRoutes
23 24 ForwDatagrams Ip6OutForwDatagrams
25 0 OutDiscards Ip6OutDiscards
26 0 FragOKs+FragFails Ip6FragOKs+Ip6FragFails
27 0 FragOKs Ip6FragOKs
28 0 FragFails Ip6FragFails
29 0 FragCreates Ip6FragCreates
30 31 OutTransmits Ip6OutTransmits
32 33 OutOctets Ip6OutOctets
34 35 InMcastPkts Ip6InMcastPkts
36 37 InMcastOctets Ip6InMcastOctets
38 39 OutMcastPkts Ip6OutMcastPkts
40 41 OutMcastOctets Ip6OutMcastOctets
42 43 InBcastPkts -
44 45 OutBcastPkts -"""
SCALARS = """InReceives 3 InHdrErrors 4 InAddrErrors 5 ForwDatagrams 6 InUnknownProtos 7
InDiscards 8 InDelivers 9 OutRequests 10 OutDiscards 11 OutNoRoutes 12 ReasmReqds 14
ReasmOKs 15 ReasmFails 16 FragOKs 17 FragFails 18 FragCreates 19"""
ICMP_SCALARS = """InMsgs InErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs
InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps
OutMsgs OutErrors OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs OutRedirects
OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks OutAddrMaskReps"""
SWITCHES = {  # OID: sysctl, or the text of one and what is to be seen
    IP + (1, 0): "ipv4/ip_forward", IP + (2, 0): "ipv4/ip_default_ttl",
    IP + (13, 0): "ipv4/ipfrag_time", IP + (25, 0): "ipv6/conf/all/forwarding",
    IP + (26, 0): "ipv6/conf/all/hop_limit"}
FORWARDING = (IP + (1, 0), IP + (25, 0))
OURS = ([IP + (n,) for n in (*range(1, 20), 23, 25, 26)] +
        [SYSTEM_STATS] + [ICMP + (n,) for n in range(1, 31)])


def proc(laboratory):
    """{name: number}: "Ip.InReceives", "Icmp.InMsgs", "IcmpMsg.InType3", "Ip6InReceives"."""
    found = {}
    for file in ("snmp", "netstat"):
        lines = laboratory.run(["cat", f"/proc/net/{file}"]).stdout.splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            section = names.split(":")[0].replace("IpExt", "Ip")
            for name, value in zip(names.split()[1:], values.split()[1:]):
                found[f"{section}.{name}"] = int(value)
    for line in laboratory.run(["cat", "/proc/net/snmp6"]).stdout.splitlines():
        name, value = line.split()
        found[name] = int(value)
    return found


def total(numbers, names, prefix=""):
    return sum(numbers[prefix + name] for name in names.split("+"))


def wanted(numbers):
    """{OID: (tag, number)} of every counter, from what proc() found."""
    found = {IP + (23, 0): (snmp.COUNTER32, 0)}
    for line in SYSTEM.splitlines():
        low, high, names4, names6 = line.split()
        for version, names, prefix in ((1, names4, "Ip."), (2, names6, "")):
            if names == "-":
                continue
            number = total(numbers, names, prefix)
            found[SYSTEM_STATS + (1, int(low), version)] = snmp.COUNTER32, number
            if high != "0":
                found[SYSTEM_STATS + (1, int(high), version)] = snmp.COUNTER64, number
    scalars = SCALARS.split()
    for name, column in zip(scalars[::2], scalars[1::2]):
        found[IP + (int(column), 0)] = snmp.COUNTER32, numbers["Ip." + name]
    for column, name in enumerate(ICMP_SCALARS.split(), 1):
        found[ICMP + (column, 0)] = snmp.COUNTER32, numbers["Icmp." + name]
    for column, name in enumerate(("InMsgs", "InErrors", "OutMsgs", "OutErrors"), 2):
        for version, prefix in ((1, "Icmp."), (2, "Icmp6")):
            found[ICMP_STATS + (1, column, version)] = (snmp.COUNTER32,
                                                        numbers[prefix + name])
    for version, prefix in ((1, "IcmpMsg."), (2, "Icmp6")):
        for kind in range(256):
            both = [numbers.get(f"{prefix}{way}Type{kind}", 0) for way in ("In", "Out")]
            if any(both):
                for column, number in enumerate(both, 3):
                    found[ICMP_MSG + (1, column, version, kind)] = snmp.COUNTER32, number
    return found


def is_ours(name):
    return name == SPIN_LOCK or any(name[:len(root)] == root for root in OURS)


def checksum(data):
    words = sum(struct.unpack(f"!{len(data) // 2}H", data))
    words = (words >> 16) + (words & 0xffff)
    return ~(words + (words >> 16)) & 0xffff


def echo(kind, number):
    body = struct.pack("!BBHHH", kind, 0, 0, 77, number) + bytes(8)
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def build(here, there, far):
    """there 192.0.2.2 - 192.0.2.1 here 198.51.100.1 - 198.51.100.2 far, and the same in
    IPv6; far's link has a small MTU, so that here has to make fragments."""
    here.ip("link add v0 type veth peer name v1 netns", [str(there.pid)])
    here.ip("link add w0 type veth peer name w1 netns", [str(far.pid)])
    here.batch(["link set v0 up", "link set w0 mtu 1280", "link set w0 up",
                "addr add 192.0.2.1/24 brd + dev v0", "addr add 198.51.100.1/24 dev w0",
                "addr add 2001:db8:1::1/64 dev v0 nodad",
                "addr add 2001:db8:2::1/64 dev w0 nodad"])
    there.batch(["link set v1 up", "addr add 192.0.2.2/24 brd + dev v1",
                 "addr add 2001:db8:1::2/64 dev v1 nodad", "route add default via 192.0.2.1",
                 "route add default via 2001:db8:1::1"])
    far.batch(["link set w1 mtu 1280", "link set w1 up", "addr add 198.51.100.2/24 dev w1",
               "addr add 2001:db8:2::2/64 dev w1 nodad",
               "route add default via 198.51.100.1",
               "route add default via 2001:db8:2::1"])
    for name, number in (("ipv4/ip_forward", 1), ("ipv6/conf/all/forwarding", 1)):
        switch(here, name, number)


def switch(laboratory, name, number):
    laboratory.run(["sh", "-c", f"echo {number} >/proc/sys/net/{name}"])


def read_switch(laboratory, name):
    return int(laboratory.run(["cat", f"/proc/sys/net/{name}"]).stdout)


class Traffic:
    """A bit of everything from there, through and to here."""

    def __init__(self, here, there):
        self.here = here.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp = there.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp6 = there.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.raw = there.socket(socket.AF_INET, socket.SOCK_RAW, 253)
        self.ping = there.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.ping6 = there.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        for sock in (self.here, self.udp):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        # IP_MTU_DISCOVER, IP_PMTUDISC_DONT: the router may make fragments
        self.udp.setsockopt(socket.IPPROTO_IP, 10, 0)
        self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                            socket.inet_aton("192.0.2.2"))

    def send(self, number):
        for count in range(number):
            self.udp.sendto(bytes(10), ("198.51.100.2", 9))     # forwarded
            self.udp.sendto(bytes(1400), ("198.51.100.2", 9))   # and cut in two
            self.udp.sendto(bytes(4000), ("192.0.2.1", 9))      # put together again
            self.udp.sendto(bytes(10), ("203.0.113.1", 9))      # no route
            self.udp.sendto(bytes(10), ("224.0.0.1", 9))
            self.udp.sendto(bytes(10), ("192.0.2.255", 9))
            self.here.sendto(bytes(10), ("192.0.2.255", 9))
            self.raw.sendto(bytes(10), ("192.0.2.1", 0))        # unknown protocol
            self.ping.sendto(echo(8, count), ("192.0.2.1", 0))
            self.ping6.sendto(echo(128, count), ("2001:db8:1::1", 0))
            self.udp6.sendto(bytes(10), ("2001:db8:2::2", 9))
            self.udp6.sendto(bytes(10), ("2001:db8:99::1", 9))
            self.udp6.sendto(bytes(4000), ("2001:db8:1::1", 9))
            self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
            self.udp.sendto(bytes(10), ("198.51.100.2", 9))     # dies here
            self.udp.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)


class IpStats:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.there, cls.far = cls.make_class_lab(), cls.make_class_lab()
        cls.lab = cls.make_class_lab()
        build(cls.lab, cls.there, cls.far)
        cls.lab.tokens = ["netmibdCounterMaxAge 10"]
        cls.daemon = cls.lab.start(cls.mode)
        cls.client = cls.lab.client()
        cls.traffic = Traffic(cls.lab, cls.there)
        time.sleep(1.2)  # until IPv6's first messages are through
        cls.traffic.send(20)
        time.sleep(0.5)

    def walk(self):
        found = {**self.client.walk(IP), **self.client.walk(ICMP)}
        return {name: value for name, value in found.items() if is_ours(name)}

    def test_every_counter(self):
        for _ in range(3):
            self.traffic.send(2)
            before = wanted(proc(self.lab))
            time.sleep(0.05)  # older than the readings' greatest age
            found = self.walk()
            after = wanted(proc(self.lab))
            for name, (tag, low) in before.items():
                high = after[name][1]
                self.assertEqual(found[name].tag, tag, snmp.show(name))
                if high < 2**32:
                    self.assertTrue(low <= found[name].value <= high,
                                    f"{snmp.show(name)}: {low} <= {found[name]} <= {high}")
            rest = {name for name in set(found) - set(after) - set(SWITCHES)
                    if name[:-1] not in (SYSTEM_STATS + (1, 46), SYSTEM_STATS + (1, 47))}
            self.assertEqual(rest, {SPIN_LOCK} if SPIN_LOCK in found else set())

    def test_the_counters_have_something_to_count(self):
        found = self.walk()
        for column in (3, 5, 7, 8, 10, 12, 14, 15, 18, 20, 23, 26, 27, 29, 30, 32, 34, 36,
                       42, 44):
            self.assertGreaterEqual(found[SYSTEM_STATS + (1, column, 1)].value, 20, column)
        for column in (3, 5, 8, 12, 14, 15, 18, 20, 23, 30, 32, 34, 38):
            self.assertGreater(found[SYSTEM_STATS + (1, column, 2)].value, 3, column)

    def test_rows_and_columns(self):
        found = self.walk()
        columns = {1: set(), 2: set()}
        for name in found:
            if name[:len(SYSTEM_STATS)] == SYSTEM_STATS:
                columns[name[-1]].add(name[-2])
        self.assertEqual(columns[1], set(range(3, 48)))
        self.assertEqual(columns[2], set(range(3, 48)) - set(range(42, 46)))
        for version in (1, 2):
            self.assertEqual(found[SYSTEM_STATS + (1, 46, version)],
                             snmp.Value(snmp.TIMETICKS, 0))
            self.assertEqual(found[SYSTEM_STATS + (1, 47, version)],
                             snmp.Value(snmp.GAUGE32, 10))
        broadcast = self.client.get(SYSTEM_STATS + (1, 42, 2))[0]
        self.assertEqual(broadcast, snmp.NO_INSTANCE)

    def test_both_widths_are_one_reading(self):
        pairs = [tuple(map(int, line.split()[:2])) for line in SYSTEM.splitlines()
                 if line.split()[1] != "0"]
        for version in (1, 2):
            for low, high in pairs:
                if version == 2 and low in (42, 44):
                    continue
                small, large = self.client.get(SYSTEM_STATS + (1, low, version),
                                               SYSTEM_STATS + (1, high, version))
                self.assertEqual(small.value, large.value % 2**32)

    def test_deprecated_scalars_are_the_row_of_ipv4(self):
        for scalar, column in ((3, 3), (9, 18), (10, 20), (6, 23)):
            one, other = self.client.get(IP + (scalar, 0), SYSTEM_STATS + (1, column, 1))
            self.assertEqual(one, other)

    def echoes(self, version):
        """(requests in, replies out) that netmibd counts, or 0 where there is no row"""
        request, reply = ((8, 0), (128, 129))[version - 1]
        return [value.value or 0 for value in self.client.get(
            ICMP_MSG + (1, 3, version, request), ICMP_MSG + (1, 4, version, reply))]

    def test_a_ping_is_seen(self):
        for version, sock, kind, to in (
                (1, self.traffic.ping, 8, ("192.0.2.1", 0)),
                (2, self.traffic.ping6, 128, ("2001:db8:1::1", 0))):
            before = self.echoes(version)
            for number in range(5):
                sock.sendto(echo(kind, number), to)
            lab.wait_until(
                lambda: self.echoes(version) == [before[0] + 5, before[1] + 5], 2,
                f"five echoes of version {version} are counted")
            other = self.client.get(ICMP_MSG + (1, 4, version, kind))[0]
            self.assertEqual(other, snmp.Value(snmp.COUNTER32, 0))

    def test_a_type_comes_with_its_first_message(self):
        at = ICMP_MSG + (1, 3, 1, 99)
        if self.client.get(at)[0] == snmp.NO_INSTANCE:
            self.traffic.ping.sendto(echo(99, 1), ("192.0.2.1", 0))
            lab.wait_until(lambda: self.client.value(at) == 1, 2, "type 99 has a row")
        self.assertEqual(self.client.value(ICMP_MSG + (1, 4, 1, 99)), 0)

    def check_switch(self, name, number, seen):
        switch(self.lab, SWITCHES[name], number)
        self.assertEqual(self.client.get(name)[0], snmp.Value(snmp.INTEGER, seen), name)

    def test_switches_are_seen_at_once(self):
        old = {name: read_switch(self.lab, path) for name, path in SWITCHES.items()}
        try:
            for name in FORWARDING:
                for number, seen in ((0, 2), (1, 1), (0, 2)):
                    self.check_switch(name, number, seen)
            for ttl in (1, 255, 64):
                self.check_switch(IP + (2, 0), ttl, ttl)
            for seconds in (7, 30):
                self.check_switch(IP + (13, 0), seconds, seconds)
            for limit in (1, 255, 64):
                self.check_switch(IP + (26, 0), limit, limit)
        finally:
            for name, path in SWITCHES.items():
                switch(self.lab, path, old[name])

    def test_spin_lock(self):
        value = self.client.get(SPIN_LOCK)[0]
        self.assertEqual(value.tag, snmp.INTEGER)
        self.assertEqual(value, self.client.get(SPIN_LOCK)[0])

    def test_ipv6_switched_off_is_no_error(self):
        said = len(self.daemon.text())
        switch(self.lab, "ipv6/conf/all/disable_ipv6", 1)
        try:
            before = wanted(proc(self.lab))
            time.sleep(0.05)
            found = self.walk()
            after = wanted(proc(self.lab))
            for name, (_, low) in before.items():
                self.assertTrue(low <= found[name].value <= after[name][1],
                                snmp.show(name))
            self.assertEqual(self.daemon.text()[said:], "")
        finally:
            switch(self.lab, "ipv6/conf/all/disable_ipv6", 0)
            self.lab.batch(["addr add 2001:db8:1::1/64 dev v0 nodad",
                            "addr add 2001:db8:2::1/64 dev w0 nodad"])


class StandaloneIpStats(IpStats, lab.Test):
    mode = "standalone"


class AgentXIpStats(IpStats, lab.Test):
    mode = "agentx"


class BesideSnmpd(lab.Test):
    """A stock snmpd registers the groups whole and some scalars by themselves."""

    def setUp(self):
        self.lab = self.make_lab()
        self.daemon = self.lab.start("agentx")
        self.client = self.lab.client()

    def walk(self, client):
        found = {**client.walk(IP), **client.walk(ICMP)}
        return {name: value for name, value in found.items() if is_ours(name)}

    def test_walks_equal_those_of_standalone(self):
        alone = self.lab.client(port=1162)
        self.lab.configure("standalone")
        daemon = lab.Netmibd(self.lab, ["--standalone=udp:127.0.0.1:1162", "-f", "-C", "-c",
                                        self.lab.config, "-Le"])
        lab.wait_until(lambda: self.lab.answers(alone, IP + (1, 0)) and
                       "is ready" in daemon.text(), 10, "the standalone one is ready")
        time.sleep(1.2)
        ours, theirs = self.walk(self.client), self.walk(alone)
        self.assertEqual(list(ours), list(theirs))
        for name, value in ours.items():
            if name in SWITCHES:
                self.assertEqual(value, theirs[name], snmp.show(name))
            self.assertEqual(value.tag, theirs[name].tag, snmp.show(name))
        # nothing of snmpd's own in between, in the group that is ours alone
        self.assertEqual(list(self.client.walk(ICMP)), list(alone.walk(ICMP)))
        daemon.stop()

    def test_getnext_from_between_the_scalars(self):
        for before, after in (((), (1, 0)), ((1,), (1, 0)), ((1, 0), (2, 0)),
                              ((2, 0), (3, 0)), ((3, 7), (4, 0)), ((12, 0), (13, 0)),
                              ((25,), (25, 0)), ((25, 0), (26, 0))):
            self.assertEqual(self.client.next(IP + before)[0][0], IP + after)
        self.assertEqual(self.client.next(ICMP)[0][0], ICMP + (1, 0))
        self.assertEqual(self.client.next(ICMP + (26,))[0][0], ICMP + (26, 0))
        self.assertEqual(self.client.next(ICMP + (26, 0))[0][0], ICMP_STATS + (1, 2, 1))

    def built_in(self):
        """snmpd's own say 0 s and an age of a minute."""
        return self.client.value(IP + (13, 0)) == 0 and self.client.value(
            SYSTEM_STATS + (1, 47, 1)) == 60000

    def test_built_in_answers_return(self):
        self.assertEqual(self.client.value(IP + (13, 0)), 30)
        self.assertEqual(self.client.value(SYSTEM_STATS + (1, 47, 1)), 1000)
        self.daemon.stop()
        self.assertTrue(self.built_in())
        for name in (IP + (1, 0), IP + (3, 0), IP + (25, 0), ICMP + (1, 0),
                     ICMP_STATS + (1, 2, 1)):
            self.assertFalse(self.client.get(name)[0].exception, snmp.show(name))
        self.lab.start("agentx")
        self.assertFalse(self.built_in())


class Files(lab.Test):
    """The daemon with a folder of the test's own in the place of its /proc/net."""

    def setUp(self):
        self.lab = self.make_lab()
        self.lab.tokens = ["netmibdCounterMaxAge 10"]
        self.daemon = self.lab.start("standalone")
        self.client = self.lab.client()
        for file in ("snmp", "netstat", "snmp6"):
            self.put(file, self.lab.run(["cat", f"/proc/net/{file}"]).stdout)
        pid = self.daemon.pid
        self.lab.run(["mount", "--bind", self.lab.path(""), f"/proc/{pid}/task/{pid}/net"])
        self.said = len(self.daemon.text())

    def put(self, file, text):
        self.lab.write(file, text)
        time.sleep(0.05)

    def read(self, file):
        with open(self.lab.path(file)) as found:
            return found.read()

    def remove(self, file):
        self.lab.run(["rm", self.lab.path(file)])
        time.sleep(0.05)

    def lines(self):
        return self.daemon.text()[self.said:].splitlines()

    def versions(self):
        return {name[len(SYSTEM_STATS) + 2] for name in self.client.walk(SYSTEM_STATS)}

    def test_a_kernel_without_ipv6(self):
        self.assertEqual(self.versions(), {1, 2})
        self.remove("snmp6")
        for _ in range(3):
            self.assertEqual(self.versions(), {1})
            self.assertEqual({name[-1] for name in self.client.walk(ICMP_STATS)}, {1})
            self.assertFalse([name for name in self.client.walk(ICMP_MSG)
                              if name[len(ICMP_MSG) + 2] == 2])
            time.sleep(0.02)
        self.assertEqual(self.lines(), [])

    def test_a_file_that_is_missing(self):
        self.remove("netstat")
        for _ in range(3):
            columns = {name[-2] for name in self.client.walk(SYSTEM_STATS)
                       if name[-1] == 1}
            # what netstat has is absent, and what is made of it; nothing else
            self.assertEqual(columns, set(range(3, 48)) - {5, 6, 8, 11, 12, 13} -
                             set(range(32, 46)))
            time.sleep(0.02)
        self.assertEqual(len(self.lines()), 1, self.lines())
        self.assertIn("netstat", self.lines()[0])
        self.assertEqual(self.versions(), {1, 2})

    def test_a_file_that_is_cut_short(self):
        whole = self.read("snmp")
        self.put("snmp", whole[:whole.index("\nIcmp:") - 3])
        for _ in range(3):
            self.assertEqual(self.client.get(IP + (3, 0), ICMP + (1, 0)),
                             [snmp.NO_INSTANCE] * 2)
            self.assertIsNotNone(self.client.value(SYSTEM_STATS + (1, 6, 1)))
            time.sleep(0.02)
        self.assertEqual(len(self.lines()), 1, self.lines())
        self.put("snmp", whole)
        self.assertIsNotNone(self.client.value(IP + (3, 0)))
        self.assertEqual(len(self.lines()), 1, self.lines())

    def test_names_and_values_that_do_not_match(self):
        whole = self.read("snmp")
        self.put("snmp", whole.replace("Ip: Forwarding", "Ip: New Forwarding", 1))
        self.assertEqual(self.client.get(IP + (3, 0))[0], snmp.NO_INSTANCE)
        self.assertIsNotNone(self.client.value(ICMP + (1, 0)))
        self.assertEqual(len(self.lines()), 1, self.lines())
        # a column more, with its value, in front: by name all is as before
        first, second, rest = whole.split("\n", 2)
        numbers = dict(zip(first.split(), second.split()))
        self.put("snmp", first.replace("Ip:", "Ip: New", 1) + "\n" +
                 second.replace("Ip:", "Ip: 4711", 1) + "\n" + rest)
        self.assertEqual(self.client.value(IP + (3, 0)), int(numbers["InReceives"]))


class Restarts(lab.Test):
    def test_the_spin_lock_is_another_one_after_a_restart(self):
        laboratory = self.make_lab()
        seen = set()
        for _ in range(3):
            daemon = laboratory.start("standalone")
            client = laboratory.client()
            seen.add(client.value(SPIN_LOCK))
            client.close()
            daemon.stop()
        self.assertEqual(len(seen), 3)
