"""The guides in docs/: what they have of OIDs and files is what the facts say, and the programs of
Debian that they are about do by them what they say. Those programs are no package of the tests;
what is not installed is skipped."""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import lab
import snmp

DOCS = os.path.join(lab.ROOT, "docs")
FACTS = os.path.join(lab.ROOT, "tests", "facts")
EXPORTER = ("127.0.0.1", 9116)
NAMES = os.path.join(lab.ROOT, "mibs", "names")
# Scraped in vain: rows of IPv6 have no broadcasts.
NEVER = {f"1.3.6.1.2.1.4.31.3.1.{column}" for column in (42, 43, 44, 45)}
SYS_UPTIME = "1.3.6.1.2.1.1.3"
MODULES = ("netmibd", "netmibd_ip", "netmibd_routes")
LINKS = """link add va address 02:00:00:00:00:0a type veth peer name vb
link set va up
link set va alias moon
addr add 10.1.0.1/24 dev va
route add default via 10.1.0.2""".splitlines()


def document(name):
    with open(os.path.join(DOCS, name), encoding="ascii") as file:
        return file.read()


def facts():
    """{OID: the line of the newest module that has it}"""
    found = {}
    for name in ("RFC1213-MIB", "SNMPv2-MIB", "IF-MIB", "IF-INVERTED-STACK-MIB", "IP-MIB",
                 "IP-FORWARD-MIB", "NETMIBD-MIB"):
        with open(os.path.join(FACTS, name + ".tsv"), newline="") as file:
            for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                found[line["oid"]] = line
    return found


def skip_without(*programs):
    lost = [name for name in programs if not lab.tool(name)]
    return lab.unittest.skipIf(lost, f"{', '.join(lost)} not installed")


def has_perl(module):
    return bool(lab.tool("perl")) and subprocess.run(
        ["perl", f"-M{module}", "-e", "1"], capture_output=True).returncode == 0


def commands(name, first, end):
    """The lines of a guide from the one that begins like first to before the one like end."""
    text = document(name)
    return re.sub("^    ", "", text[text.index("    " + first):text.index("    " + end)],
                  flags=re.M)


class Files(lab.unittest.TestCase):
    def test_made(self):
        """As the facts say: whoever changes a MIB makes them anew."""
        for script in ("make_snmp_yml.py", "make_snmptt_conf.py"):
            with self.subTest(script):
                path = os.path.join(lab.ROOT, "mibs", script)
                done = subprocess.run([sys.executable, path, "--check"], capture_output=True,
                                      text=True)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_snmptt_covers(self):
        """Every notification, by its OID."""
        events = dict(re.findall(r"^EVENT (\w+) \.([\d.]+) ", document("snmptt.conf"), re.M))
        wanted = {line["object"]: oid for oid, line in facts().items()
                  if line["kind"] == "notification" and
                  line["module"] in ("IF-MIB", "NETMIBD-MIB")}
        self.assertEqual(events, wanted)
        self.assertGreater(len(events), 15)

    def test_zabbix(self):
        """Each OID is that of the object that stands in its row."""
        rows = re.findall(r"^\| .* \| ([\d.]+)\.(\{#SNMPINDEX\}|0) \| (\w+) \|",
                          document("zabbix-mrtg.md"), re.M)
        self.assertGreater(len(rows), 10)
        known = facts()
        for oid, instance, name in rows:
            with self.subTest(name):
                self.assertEqual(known[oid]["object"], name)
                self.assertEqual(known[oid]["kind"],
                                 "scalar" if instance == "0" else "column")


def parse_modules(text):
    """{module: (walked OIDs, {OID: metric})} of snmp.yml"""
    found = {}
    for module, body in re.findall(r"^(\w+):\n((?:  .*\n)+)", text, re.M):
        walk = re.search(r"  walk:\n((?:  - .*\n)+)", body).group(1)
        found[module] = (re.findall(r"- ([\d.]+)", walk), dict(
            reversed(pair) for pair in re.findall(
                r"^  - name: (\w+)\n    oid: ([\d.]+)$", body, re.M)))
    return found


class Scraped(lab.Test):
    def test_all(self):
        """What netmibd serves and is current is in one module, which walks it."""
        modules = parse_modules(document("snmp.yml"))
        self.assertEqual(tuple(modules), MODULES)
        known, test = facts(), self.make_lab()
        test.batch(LINKS + ["link add br0 type bridge", "link set vb master br0",
                            "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va"])
        sock = test.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.sendto(b"", ("127.0.0.1", 9))  # an ICMP message
        test.start("standalone")
        client = test.client()
        served = {}
        for root in ("1.3.6.1.2.1.2", "1.3.6.1.2.1.4", "1.3.6.1.2.1.5", "1.3.6.1.2.1.31",
                     "1.3.6.1.2.1.77", "1.3.6.1.4.1.8072.9999.9999.2863"):
            for name in client.walk(root):
                oid = snmp.show(name)[1:]
                while oid not in known:
                    oid = oid.rpartition(".")[0]
                served[oid] = known[oid]
        scraped = {oid for _, metrics in modules.values() for oid in metrics}
        self.assertEqual(scraped - set(served), NEVER | {SYS_UPTIME})
        for oid, line in served.items():
            if line["status"] != "current" or line["module"] == "RFC1213-MIB":
                continue
            with self.subTest(line["object"]):
                where = [(walk, metrics) for walk, metrics in modules.values()
                         if oid in metrics]
                self.assertEqual(len(where), 1)
                walk, metrics = where[0]
                self.assertEqual(metrics[oid], line["object"])
                self.assertTrue(any((oid + ".").startswith(root + ".") for root in walk))


@skip_without("prometheus-snmp-exporter")
class Prometheus(lab.Test):
    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.batch(LINKS + [
            "route add 10.5.0.0/16 via 10.1.0.2 metric 256",  # these differ in what the
            "route add 10.5.0.0/16 via 10.1.0.2 metric 512"])  # exporter does not see
        self.lab.ip("link set vb up")
        self.lab.start("standalone")
        sock = self.lab.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.sendto(bytes(100), ("10.1.0.255", 9))
        self.exporter = lab.Process(self.lab, "exporter", [
            "prometheus-snmp-exporter", "--config.file=docs/snmp.yml",
            "--web.listen-address=%s:%d" % EXPORTER])
        lab.wait_until(lambda: "Listening on" in self.exporter.text(), 10, "the exporter listens")

    def scrape(self, module):
        """{name: [(labels, value)]}"""
        with self.lab.inside():
            url = (f"http://{EXPORTER[0]}:{EXPORTER[1]}/snmp?module={module}"
                   f"&target={lab.ADDRESS[4:]}")
            with urllib.request.urlopen(url, timeout=10) as answer:
                text = answer.read().decode()
        found = {}
        for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.M):
            found.setdefault(name, []).append(
                (dict(re.findall(r'(\w+)="(.*?)"', labels)), float(value)))
        return found

    def test_values(self):
        metrics = self.scrape("netmibd")
        for link in self.lab.links().values():
            label = {"ifIndex": str(link["ifindex"]), "ifName": link["ifname"],
                     "ifAlias": "moon" if link["ifname"] == "va" else ""}
            if link["ifname"] == "va":
                # lo carries what the scrape itself sends
                counted = link["stats64"]["tx"]["bytes"]
                self.assertGreater(counted, link["stats64"]["rx"]["bytes"])
                self.assertIn((label, counted), metrics["ifHCOutOctets"])
            self.assertIn((label, link["mtu"]), metrics["ifMtu"])
            self.assertIn((dict(label, ifAdminStatus="up"), "UP" in link["flags"]),
                          metrics["ifAdminStatus"])
        self.assertIn(({"nmdNotifyEnable": "link"}, 1), metrics["nmdNotifyEnable"])

        metrics = self.scrape("netmibd_ip")
        self.assertIn(({"ipAddressAddr": "10.1.0.1", "ipAddressIfIndex": str(self.lab.index("va")),
                        "ifName": "va"}, 24), metrics["nmdIpAddrPrefixLength"])

        metrics = self.scrape("netmibd_routes")
        routes = json.loads(self.lab.ip("-j route show").stdout)
        found = {(labels["inetCidrRouteDest"], int(labels["inetCidrRoutePfxLen"]),
                  int(labels["inetCidrRouteMetric1"]), labels["ifName"])
                 for labels, _ in metrics["inetCidrRouteType_info"]}
        wanted = set()
        for route in routes:
            net, _, length = route["dst"].replace("default", "0.0.0.0/0").partition("/")
            wanted.add((net, int(length), route.get("metric", 0), route["dev"]))
        self.assertEqual(found, wanted)
        self.assertEqual(metrics["inetCidrRouteNumber"], [({}, len(routes))])


@skip_without("snmptt", "snmptrapd")
@lab.unittest.skipUnless(has_perl("Net::IP"), "libnet-ip-perl not installed")
class Snmptt(lab.Test):
    def test_lines(self):
        """The commands of the guide, as root with folders of its own, make these lines."""
        test = self.make_lab()
        test.batch(LINKS + ["link set vb up"])
        script = commands("traps.md", "cp docs/snmptt.conf", "systemctl restart snmptrapd")
        script = script.replace("/usr/local/share/netmibd/mibs", NAMES)
        copy = test.path("snmp")
        test.run(["sh", "-ec", f"chmod 755 {test.directory} && cp -a /etc/snmp {copy} && "
                  f"mount --bind {copy} /etc/snmp && mount -t tmpfs tt /var/log/snmptt\n" + script])
        receiver = lab.Process(test, "snmptrapd", [
            "env", "-u", "MIBS", "-u", "SNMPCONFPATH", "-u", "SNMP_PERSISTENT_DIR",
            "setpriv", "--reuid", "Debian-snmp", "--regid", "Debian-snmp", "--clear-groups",
            "snmptrapd", "-Lo", "-f", "udp:127.0.0.1:1162"])
        lab.wait_until(lambda: "NET-SNMP version" in receiver.text(), 10, "snmptrapd listens")
        test.access.append("trap2sink udp:127.0.0.1:1162 public")
        test.start("standalone")
        number = test.index("va")
        log = f"/proc/{test.pid}/root/var/log/snmptt/snmptt.log"  # in its mount namespace

        def logged(text):
            if not os.path.exists(log):
                return False
            with open(log) as file:
                return f" - {text}\n" in file.read()
        for command, text in (
                ("route replace default via 10.1.0.3",
                 f"default route of ipv4 is now 10.1.0.3 on {number}, "
                 f"was hex [0A 01 00 02 ] on {number}; cause other"),
                ("link set va down", f"link {number} is down: admin down, oper down"),
                ("addr show", f"no default route of ipv4 is left, was hex [0A 01 00 03 ] "
                              f"on {number}; cause interfaceDown")):
            test.ip(command)
            lab.wait_until(lambda: logged(text), 10, text)


@skip_without("mrtg", "cfgmaker")
class Mrtg(lab.Test):
    def test_rates(self):
        test, peer = self.make_lab(ipv6=False), self.make_lab(ipv6=False)
        test.batch(LINKS)
        # cfgmaker asks for the names of addresses, and waits for who does not answer
        hosts = test.write("hosts", "127.0.0.1 localhost\n10.1.0.1 moon\n")
        test.run(["mount", "--bind", hosts, "/etc/hosts"])
        test.ip(f"link set vb netns {peer.pid}")
        peer.batch(["link set vb up", "addr add 10.1.0.2/24 dev vb"])
        test.start("standalone")
        folder = test.path("mrtg")
        os.mkdir(folder)
        script = commands("zabbix-mrtg.md", "cfgmaker --global", "LANG=C mrtg")
        script = script.replace("/var/www/mrtg", folder).replace(
            "/etc/mrtg.cfg", folder + "/mrtg.cfg").replace(
            "public@192.0.2.1:::::2", f"public@{lab.ADDRESS[4:]}::::2")
        test.run(["sh", "-ec", script])
        begin = self.poll(test, folder)
        sock = test.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(200):
            sock.sendto(bytes(1000), ("10.1.0.2", 9))
        time.sleep(1.1)  # its clock has seconds
        end = self.poll(test, folder)
        self.assertEqual(end[0][1:3], [test.links()[test.index("va")]["stats64"][way]["bytes"]
                                       for way in ("rx", "tx")])
        seconds = end[0][0] - begin[0][0]
        self.assertGreaterEqual(seconds, 1)
        for column in (1, 2):
            rate = (end[0][column] - begin[0][column]) / seconds
            self.assertLessEqual(abs(end[1][column] - rate), 1)
        self.assertGreater(end[1][2], 200 * 1000 / seconds)
        with open(f"{folder}/127.0.0.1_va-day.png", "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")

    @staticmethod
    def poll(test, folder):
        """The first two lines of mrtg's log: the counters, the rates."""
        test.run(["env", "LANG=C", "mrtg", folder + "/mrtg.cfg"])
        with open(f"{folder}/127.0.0.1_va.log") as file:
            return [[int(word) for word in file.readline().split()] for _ in range(2)]
