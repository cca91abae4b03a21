"""The project's own judge of MIB conformance, in both modes."""

import json
import os
import sys

import lab
from test_objects import build

MIBCHECK = os.path.join(lab.SHARED, "mibcheck", "mibcheck.py")
MIBS = os.path.join(os.path.dirname(MIBCHECK), "mibs")
# Our own module, and what it imports from that the folder of mibcheck does not have.
OWN = [os.path.join(lab.ROOT, "mibs", "NETMIBD-MIB.txt"),
       os.path.join(os.environ.get("NETSNMP_MIBDIR", "/usr/share/snmp/mibs"),
                    "NET-SNMP-MIB.txt")]
MODULES = "IF-MIB,IF-INVERTED-STACK-MIB,IP-MIB,IP-FORWARD-MIB,RFC1213-MIB,NETMIBD-MIB"
# Those in which each object can be written that a manager may write.
WRITABLE = "IF-MIB,IF-INVERTED-STACK-MIB,IP-MIB,IP-FORWARD-MIB,NETMIBD-MIB"
# Of RFC1213-MIB: what no agent has any more, and what netmibd leaves to others.
ABSENT = ("egpInMsgs egpInErrors egpOutMsgs egpOutErrors egpAs tcpRtoAlgorithm tcpRtoMin "
          "tcpRtoMax tcpMaxConn tcpActiveOpens tcpPassiveOpens tcpAttemptFails "
          "tcpEstabResets tcpCurrEstab tcpInSegs tcpOutSegs tcpRetransSegs tcpInErrs "
          "tcpOutRsts udpInDatagrams udpNoPorts udpInErrors udpOutDatagrams").split()
ROUTES = [
    "addr add 2001:db8::1/64 dev v0 nodad", "route add default via 192.0.2.9",
    "route add default via 192.0.2.9 metric 100", "route add ::/0 via fe80::9 dev v0",
    "route add 10.50.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 192.0.2.3",
    "route append 10.50.0.0/16 via 192.0.2.2", "route add 10.50.0.0/24 dev v0 proto bgp",
    "route append 10.50.0.0/16 via 192.0.2.2 mtu 1400",
    "route add 10.51.0.0/16 via inet6 fe80::9 dev v0", "route add blackhole 10.52.0.0/16",
    "route add unreachable 10.53.0.0/16 metric 4278198272", "route add throw 10.54.0.0/16",
    "route add prohibit 10.55.0.0/16 proto ospf", "route add 10.56.0.1 via 192.0.2.2 tos 0x10",
    "route add 10.57.0.0/16 via 192.0.2.2 proto dhcp", "route add 10.58.0.0/16 dev if0",
    "route add 10.59.0.0/16 via 192.0.2.2 table 100",
    "route add 10.59.0.0/16 dev v0 table 253",
    "nexthop add id 1 via 192.0.2.7 dev v0", "nexthop add id 2 blackhole",
    "nexthop add id 3 group 1", "route add 10.60.0.0/16 nhid 1",
    "route add 10.61.0.0/16 nhid 2", "route add 10.62.0.0/16 nhid 3",
    "route add 2001:db8:50::/48 nexthop via fe80::2 dev v0 nexthop via 2001:db8::2 weight 9",
    "route add 2001:db8:51::/48 from 2001:db8:5::/48 via 2001:db8::2",
    "route add 2001:db8:51::/48 via 2001:db8::2 metric 7", "route add fe80:5::/32 dev v0",
    "route add blackhole 2001:db8:52::/48", "route add prohibit 2001:db8:53::1",
]


@lab.unittest.skipUnless(os.path.exists(MIBCHECK), "no mibcheck in the shared folder")
@lab.unittest.skipUnless(lab.tool("smidump"), "smidump is not installed")
@lab.unittest.skipIf(lab.SANITIZED, "it judges answers, and is slow enough with sanitizers "
                     "for the master to disconnect, when Net-SNMP's library leaks")
class MibCheck(lab.Test):
    def judge(self, mode, modules=MODULES, *how):
        here, there = self.make_lab(), self.make_lab()
        build(here, there)
        here.batch(ROUTES)
        with open(here.master_config, "a") as file:
            # One question has 2,600 names, which is too much for AgentX: without an answer
            # the master would close the session some seconds later, among other questions.
            file.write("agentXTimeout 60\n")
        here.start(mode)
        os.mkdir(here.path("mibs"))
        for name in [os.path.join(MIBS, name) for name in os.listdir(MIBS)] + OWN:
            os.symlink(name, here.path(os.path.join("mibs", os.path.basename(name))))
        done = here.run(
            [sys.executable, MIBCHECK, "--agent", f"127.0.0.1:{lab.PORT}", "--community",
             "public", "--modules", modules, *how, "--absent-ok", ",".join(ABSENT),
             "--mibdir", here.path("mibs"), "--include-deprecated", "--json", here.path("judged.json")], check=False,
            timeout=120)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(here.path("judged.json")) as file:
            judged = json.load(file)
        return judged["rows"]

    def judge_all(self, mode):
        rows = self.judge(mode)
        for table in ("inetCidrRouteTable", "ipCidrRouteTable", "ipRouteTable", "nmdRouteTable"):
            self.assertGreater(rows.get(table, 0), 10, table)

    def test_standalone(self):
        self.judge_all("standalone")

    def test_agentx(self):
        self.judge_all("agentx")

    def test_writing_standalone(self):
        self.judge("standalone", WRITABLE, "--write-community", "private")

    def test_writing_agentx(self):
        self.judge("agentx", WRITABLE, "--write-community", "private")
