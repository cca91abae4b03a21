"""NETMIBD-NAMES: Net-SNMP's programs read it without a word, and say by it what the facts of the
MIBs say, and what they say by the modules of the IETF."""

import csv
import os
import re
import subprocess
import sys

import lab
from test_objects import build

NAMES = os.path.join(lab.ROOT, "mibs", "names")
FACTS = os.path.join(lab.ROOT, "tests", "facts")
IETF = os.path.join(lab.SHARED, "mibcheck", "mibs")
OTHERS = (os.path.join(lab.ROOT, "mibs"),
          os.environ.get("NETSNMP_MIBDIR", "/usr/share/snmp/mibs"))  # NET-SNMP-MIB
MODULES = ["SNMPv2-MIB", "IF-MIB", "IF-INVERTED-STACK-MIB", "IP-MIB", "IP-FORWARD-MIB",
           "NETMIBD-MIB", "RFC1213-MIB"]
# What RFC1213-MIB alone has, and netmibd serves: atTable and ipRouteTable.
OLD = ("1.3.6.1.2.1.3.1", "1.3.6.1.2.1.4.21")
OURS = ["-M", NAMES, "-m", "ALL"]
# The first one to name an object is the one that is asked for it.
THEIRS = ["-M", ":".join((IETF,) + OTHERS), "-m", ":".join(MODULES + ["NETMIBD-CAPABILITIES"])]
AGENT = f"127.0.0.1:{lab.PORT}"
ROOTS = (".1.3.6.1.2.1", ".1.3.6.1.4.1.8072.9999.9999.2863")
ROUTES = [
    "addr add 2001:db8::1/64 dev v0 nodad", "route add default via 192.0.2.9",
    "route add 10.50.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 192.0.2.3",
    "route add 10.50.0.0/24 dev v0 proto bgp", "route add blackhole 10.52.0.0/16",
    "route add 2001:db8:50::/48 via 2001:db8::2",
    "neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev v0",
]

with_netsnmp = os.path.exists(os.path.join(OTHERS[1], "NET-SNMP-MIB.txt"))
needs_netsnmp = lab.unittest.skipUnless(with_netsnmp, "no MIB files of Net-SNMP")
needs_ietf = lab.unittest.skipUnless(
    with_netsnmp and os.path.isdir(IETF),
    "no MIB files in the shared folder" if with_netsnmp else "no MIB files of Net-SNMP")


def read(name):
    with open(os.path.join(FACTS, name + ".tsv"), newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def named_objects():
    """The lines of the facts that must be in the module."""
    lines = [line for module in MODULES[:-1] for line in read(module)]
    return lines + [line for line in read("RFC1213-MIB") if line["oid"].startswith(OLD)]


def run(*argv):
    """(status, output, errors)"""
    done = subprocess.run(argv, capture_output=True, text=True, env=lab.environment(),
                          cwd=lab.ROOT, timeout=60)
    return done.returncode, done.stdout, done.stderr


def translate(how, *args):
    """What snmptranslate prints; it must not complain."""
    status, output, errors = run("snmptranslate", *how, *args)
    assert status == 0 and errors == "", errors[:2000]
    return output


def descriptions(how, oids):
    """{OID: what Net-SNMP knows of the object}"""
    text = translate(how, "-Td", *("." + oid for oid in oids))
    found = {}
    # texts of the IETF's are of no interest
    text = re.sub(r'  (DESCRIPTION|REFERENCE)\t"[^"]*"\n', "", text)
    for name, body, path in re.findall(r"^[\w-]+::([\w-]+)\n(.*?)^::= \{(.*?)\}\n", text,
                                       re.M | re.S):
        oid = ".".join(re.findall(r"\((\d+)\)", path) + [path.split()[-1]])
        found[oid] = described(name, path, body)
    return found


def described(name, path, body):
    def clause(pattern):
        match = re.search(r"^  " + pattern, body, re.M | re.S)
        return " ".join(match.group(1).split()) if match else ""

    syntax, status = clause(r"SYNTAX\t([A-Z][\w ]*\w)"), clause(r"STATUS\t(\S+)")
    return {
        "name": name, "path": path, "tc": clause(r"-- TEXTUAL CONVENTION (\S+)"),
        # two spellings of one type (RFC 2578)
        "syntax": "INTEGER" if syntax == "Integer32" else syntax,
        "range": clause(r"SYNTAX\t[^\n({]*\(([^)]*)\)"),
        "enumeration": clause(r"SYNTAX\t[^\n({]*\{(.*?)\} "),
        "hint": clause(r'DISPLAY-HINT\t"(.*?)"'), "units": clause(r'UNITS\t\t"(.*?)"'),
        "access": clause(r"MAX-ACCESS\t(\S+)"),
        "status": "current" if status == "mandatory" else status,  # the word of SMIv1
        "index": clause(r"INDEX\t\t\{ (.*?) \}"), "augments": clause(r"AUGMENTS\t\{ (.*?) \}"),
        "objects": clause(r"OBJECTS\t\{ (.*?) \}"),
    }


def hint_of(line, conventions):
    """RFC1213-MIB has conventions of its own, the other modules take the same ones."""
    found = {c["module"] == "RFC1213-MIB": c["hint"] for c in conventions
             if c["convention"] == line["tc"]}
    return found.get(line["module"] == "RFC1213-MIB", found.get(False, ""))


def wanted(line, conventions):
    """What Net-SNMP is to know by the facts, but for the path."""
    ranges = [part.split("..") for part in line["range"].split("|") if part]
    notification = line["kind"] == "notification"
    augments = line["index"].startswith("augments:")
    return {
        "name": line["object"], "tc": line["tc"],
        "syntax": "INTEGER" if line["base"] == "Integer32" else line["base"],
        "range": " | ".join(low if low == high else f"{low}..{high}" for low, high in ranges),
        "enumeration": ", ".join(re.sub(r"=(-?\d+)$", r"(\1)", label)
                                 for label in line["enumeration"].split(",") if label),
        "hint": hint_of(line, conventions), "units": line["units"], "access": line["access"],
        "status": "" if notification else line["status"],
        "index": "" if augments else line["index"].replace(",", ", "),
        "augments": line["index"][len("augments:"):] if augments else "",
        "objects": line["objects"].replace(",", ", "),
    }


class MibNames(lab.unittest.TestCase):
    """Of the files alone."""

    maxDiff = None

    def test_made_from_the_facts(self):
        done = run(sys.executable, os.path.join(lab.ROOT, "mibs", "make_names.py"), "--check")
        self.assertEqual(done, (0, "", ""))

    @needs_ietf
    @lab.unittest.skipUnless(lab.tool("smidump"), "smidump is not installed")
    def test_facts_are_those_of_the_modules(self):
        status, output, errors = run(sys.executable, os.path.join(lab.ROOT, "tests", "facts.py"),
                                     "--check", IETF)
        self.assertEqual((status, errors), (0, ""), output)

    def test_no_warning(self):
        """The parser has two levels of warnings, and is told to replace, too."""
        for option in ("-Pw", "-PW", "-PR"):
            text = translate(OURS, option, "-Tp")
            self.assertIn("nmdIfKind", text)
            self.assertNotIn("anonymous", text)  # an OID on the way that has no name

    def test_stands_alone(self):
        with open(os.path.join(NAMES, "NETMIBD-NAMES.txt")) as file:
            words = set(re.sub(r"--.*", "", file.read()).split())
        self.assertEqual(words & {"IMPORTS", "FROM", "DESCRIPTION", "REFERENCE"}, set())
        self.assertEqual(os.listdir(NAMES), ["NETMIBD-NAMES.txt"])

    def test_says_what_the_facts_say(self):
        lines, conventions = named_objects(), read("conventions")
        self.assertGreater(len(lines), 500)
        found = descriptions(OURS, [line["oid"] for line in lines])
        for line in lines:
            got = dict(found[line["oid"]])
            got.pop("path")
            want = wanted(line, conventions)
            if line["object"] == "atPhysAddress":  # its PhysAddress has no hint: another one
                want["tc"] = ""
            self.assertEqual(got, want)

    @needs_ietf
    def test_says_what_the_modules_of_the_ietf_say(self):
        oids = [line["oid"] for line in named_objects()]
        ours, theirs = descriptions(OURS, oids), descriptions(THEIRS, oids)
        self.assertEqual(set(ours), set(oids))
        theirs["1.3.6.1.2.1.3.1.1.2"]["tc"] = ""  # atPhysAddress, as above
        for oid in oids:
            self.assertEqual(ours[oid], theirs[oid])

    @needs_ietf
    def test_beside_the_modules_of_the_ietf(self):
        """No word more than they get alone, and both names can be asked for, in either order."""
        def load(*folders):
            done = run("snmptranslate", "-M", ":".join(folders), "-m", "ALL", "-Pw", "-On",
                       "IF-MIB::ifDescr.7")
            self.assertEqual(done[:2], (0, ".1.3.6.1.2.1.2.2.1.2.7\n"), done[2])
            return done[2]
        alone = load(IETF)
        self.assertEqual(load(NAMES, IETF), alone)
        self.assertEqual(load(IETF, NAMES), alone)
        for folders in ((NAMES, IETF), (IETF, NAMES)):
            self.assertEqual(translate(["-M", ":".join(folders), "-m", "ALL"], "-On",
                                       "NETMIBD-NAMES::ifDescr.7"), ".1.3.6.1.2.1.2.2.1.2.7\n")

    @needs_netsnmp
    def test_beside_modules_that_cannot_be_read(self):
        """Debian has Net-SNMP's own modules, and NETMIBD-MIB, but none that they import."""
        more = os.pathsep.join(OTHERS + (NAMES,))
        self.assertEqual(translate(["-M", more, "-m", "NETMIBD-NAMES"], ".1.3.6.1.2.1.2.2.1.2.7"),
                         "NETMIBD-NAMES::ifDescr.7\n")
        status, output, errors = run("snmptranslate", "-M", more, "-m", "ALL", "-Td",
                                     ".1.3.6.1.4.1.8072.9999.9999.2863.1.2.1.5")
        self.assertEqual((status, output.split("\n")[0]), (0, "NETMIBD-NAMES::nmdIfKind"))
        self.assertIn('DISPLAY-HINT\t"255a"', output)
        self.assertNotIn("NETMIBD-NAMES.txt", errors)


@lab.unittest.skipUnless(lab.tool("snmptrapd"), "snmptrapd is not installed")
class MibNamesLive(lab.Test):
    """What a manager sees of a netmibd."""

    @classmethod
    def setUpClass(cls):
        cls.there = cls.make_class_lab()
        cls.lab = cls.make_class_lab()
        build(cls.lab, cls.there)
        cls.lab.batch(ROUTES)
        config = cls.lab.write("snmptrapd.conf", "disableAuthorization yes\n")
        cls.receiver = lab.Process(cls.lab, "snmptrapd", [
            "snmptrapd", "-f", "-C", "-c", config, "-Le", *OURS, "-Os", "-F", "%v\n",
            "udp:127.0.0.1:1162"])
        lab.wait_until(lambda: "NET-SNMP version" in cls.receiver.text(), 10, "snmptrapd listens")
        cls.lab.access.append("trap2sink udp:127.0.0.1:1162 public")
        cls.lab.start("standalone")

    def walk(self, how):
        """[(name, value)] of all that is served, without the modules' names."""
        lines = []
        for root in ROOTS:
            done = self.lab.run(["snmpbulkwalk", "-v2c", "-cpublic", "-Cr40", *how, AGENT, root])
            self.assertEqual(done.stderr, "")
            # a Hex-STRING can take several lines
            lines += re.split(r"\n(?=[\w-]+::)", done.stdout.rstrip("\n"))
        return [re.sub(r"[\w-]+::", "", line).split(" = ", 1) for line in lines]

    def test_walk(self):
        labels = {line["object"] for line in named_objects() if line["syntax"]}
        found = dict(self.walk(OURS))
        self.assertEqual({name.split(".")[0] for name in found} - labels, set())
        v0 = self.lab.index("v0")
        mac = [int(octet, 16) for octet in self.lab.links()[v0]["address"].split(":")]
        for name, value in {
                f"ifDescr.{v0}": "STRING: v0",
                f"ifType.{v0}": "INTEGER: propVirtual(53)",
                f"ifPhysAddress.{v0}": "STRING: " + ":".join(f"{octet:x}" for octet in mac),
                f"ifStackStatus.{v0}.0": "INTEGER: active(1)",
                f'ifRcvAddressType.{v0}."..^..."': "INTEGER: volatile(2)",  # 01:00:5e:00:00:01
                "ipReasmTimeout.0": "INTEGER: 30 seconds",
                'ipAddressIfIndex.ipv4."192.0.2.1"': f"INTEGER: {v0}",
                'ipAddressPrefix.ipv4."127.0.0.1"':
                    'OID: ipAddressPrefixOrigin.1.ipv4."127.0.0.0".8',
                'ipAddressOrigin.ipv6."20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01"':
                    "INTEGER: manual(2)",
                f'ipNetToPhysicalPhysAddress.{v0}.ipv4."192.0.2.7"': "STRING: 2:0:0:0:0:7",
                f"ipNetToMediaType.{v0}.192.0.2.7": "INTEGER: static(4)",
                'inetCidrRouteIfIndex.ipv4."10.50.0.0".16.2.0.0.ipv4."192.0.2.2"': f"INTEGER: {v0}",
                "ipCidrRouteProto.10.50.0.0.255.255.255.0.0.0.0.0.0": "INTEGER: bgp(14)",
                "nmdSetMode.0": "INTEGER: on(3)",
                f"nmdIfMtu.{v0}": "INTEGER: 9000 octets",
                f"nmdIfKind.{v0}": "STRING: veth",
                "nmdNotifyEnable.0":
                    "BITS: 82 8A link(0) addressDuplicate(6) defaultRoute(8) gateway(12) "
                    "summary(14) ",
        }.items():
            with self.subTest(name):
                self.assertEqual(found.get(name), value)

    @needs_ietf
    def test_walk_as_by_the_modules_of_the_ietf(self):
        def still(line):
            """Without what changes from one walk to the next."""
            name, value = line
            kind = value.split(":")[0]
            moving = kind.startswith("Counter") or kind in ("Timeticks", "Gauge32")
            return name, re.sub(r"\d+", "0", value) if moving else value
        for _ in range(20):  # IPv6's first messages may fall between the two
            ours, theirs = (list(map(still, self.walk(how))) for how in (OURS, THEIRS))
            if ours == theirs:
                break
        self.assertGreater(len(ours), 1000)
        self.assertEqual(set(ours) ^ set(theirs), set())
        self.assertEqual(ours, theirs)

    def test_set_and_table_by_name(self):
        index = self.lab.index("v0")
        done = self.lab.run(["snmpset", "-v2c", "-cprivate", *OURS, AGENT,
                             f"ifAlias.{index}", "=", "by name",
                             f"ifLinkUpDownTrapEnable.{index}", "=", "disabled"])
        self.assertEqual(done.stdout, f"NETMIBD-NAMES::ifAlias.{index} = STRING: by name\n"
                         f"NETMIBD-NAMES::ifLinkUpDownTrapEnable.{index} = INTEGER: disabled(2)\n")
        done = self.lab.run(["snmptable", "-v2c", "-cpublic", *OURS, "-Cf", ";", AGENT, "ifXTable"])
        head = done.stdout.split("\n")[2].split(";")
        self.assertEqual(head, [line["object"] for line in read("IF-MIB")
                                if line["oid"].startswith("1.3.6.1.2.1.31.1.1.1.")])

    def test_notification(self):
        self.lab.ip("route replace default via 192.0.2.8")
        text = lab.wait_until(
            lambda: re.search(r"^.*nmdDefaultRouteChanged.*$", self.receiver.text(), re.M), 5,
            "the notification").group()
        for part in ("snmpTrapOID.0 = OID: nmdDefaultRouteChanged",
                     "nmdAddressFamily.0 = INTEGER: ipv4(1)",
                     'inetCidrRouteProto.ipv4."0.0.0.0".0.2.0.0.ipv4."192.0.2.8" = '
                     "INTEGER: netmgmt(3)",
                     "nmdCause.0 = INTEGER: other(1)"):
            self.assertIn(part, text)
        self.assertNotIn("1.3.6.1", text)
