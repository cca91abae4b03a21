"""Real clients, as users run them, and the batches that management systems send."""

import os
import re
import time

import lab
import mib
import snmp
from test_objects import build

MIBS = os.path.join(lab.SHARED, "mibcheck", "mibs")
AGENT = f"127.0.0.1:{lab.PORT}"


class Clients:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.there = cls.make_class_lab(ipv6=False)
        cls.lab = cls.make_class_lab(ipv6=False)
        build(cls.lab, cls.there)
        cls.lab.start(cls.mode)
        cls.client = cls.lab.client()
        time.sleep(1)
        cls.links = cls.lab.links()
        cls.names = {link["ifname"] for link in cls.links.values()}

    def tool(self, name, version, *args):
        done = self.lab.run([name, f"-v{version}", "-c", "public", *args])
        self.assertNotIn("Timeout", done.stderr)
        return done.stdout

    def lines(self, text):
        """{oid: rest of the line} of a walk printed with -On"""
        found = {}
        for line in text.splitlines():
            name, _, value = line.partition(" = ")
            if name.startswith("."):
                found[snmp.oid(name)] = value
        return found

    def check_walk(self, tool, version, *options):
        for root in mib.ROOTS:
            text = self.tool(tool, version, "-On", *options, AGENT, snmp.show(root))
            found, wanted = self.lines(text), self.client.walk(root)
            if version == "1":
                wanted = {name: value for name, value in wanted.items()
                          if value.tag != snmp.COUNTER64}
            self.assertEqual(list(found), list(wanted))
            for name, value in wanted.items():
                if value.tag == snmp.INTEGER:
                    self.assertRegex(found[name], rf"INTEGER: {value.value}$")

    def test_snmpwalk_v1_skips_Counter64(self):
        self.check_walk("snmpwalk", "1")

    def test_snmpwalk_v2c(self):
        self.check_walk("snmpwalk", "2c")

    def test_snmpbulkwalk(self):
        self.check_walk("snmpbulkwalk", "2c", "-Cr50")

    def test_v1_get_of_a_Counter64_is_noSuchName(self):
        client = self.lab.client(version=snmp.V1)
        with self.assertRaises(snmp.Refused) as caught:
            client.get(mib.cell("ifMtu", 1), mib.cell("ifHCInOctets", 1))
        self.assertEqual((caught.exception.status, caught.exception.index),
                         (snmp.NO_SUCH_NAME, 2))

    def test_v1_next_goes_over_Counter64(self):
        client = self.lab.client(version=snmp.V1)
        last = max(self.links)
        name, _ = client.next(mib.cell("ifOutBroadcastPkts", last))[0]
        self.assertEqual(name, mib.cell("ifLinkUpDownTrapEnable", min(self.links)))

    @lab.unittest.skipUnless(os.path.isdir(MIBS), "no MIB files in the shared folder")
    def test_snmptable(self):
        for table, columns in (("ifTable", 22), ("ifXTable", 19)):
            for how in (["-CB"], [], ["-Ci"]):
                text = self.tool("snmptable", "2c", *how, "-Cf", "|", "-m", "IF-MIB",
                                 "-M", MIBS, AGENT, f"IF-MIB::{table}")
                rows = [line.split("|") for line in text.splitlines() if "|" in line]
                self.assertEqual(len(rows), 1 + len(self.links), text)
                for row in rows:
                    self.assertEqual(len(row), columns + (how == ["-Ci"]), row)
                    self.assertNotIn("?", row)
                place = 1 if table == "ifTable" else 0
                place += how == ["-Ci"]
                self.assertEqual({row[place] for row in rows[1:]}, self.names)

    def test_snmpstatus(self):
        for version in ("1", "2c"):
            text = self.tool("snmpstatus", version, AGENT)
            match = re.search(r"Interfaces: (\d+), Recv/Trans packets: (\d+)/(\d+)", text)
            self.assertTrue(match, text)
            self.assertEqual(int(match.group(1)), len(self.links))
            down = sum(self.client.value(mib.cell("ifOperStatus", index)) != 1
                       for index in self.links)
            self.assertIn(f"{down} interfaces are down!", text)
            received = sum(link["stats64"]["rx"]["packets"]
                           for link in self.links.values())
            self.assertGreaterEqual(int(match.group(2)), received)

    def test_snmpnetstat(self):
        text = self.tool("snmpnetstat", "2c", "-Ci", "-Cn", AGENT)
        found = {}
        for line in text.splitlines()[1:]:
            words = line.split()
            if words:
                found.setdefault(words[0], words)
        self.assertEqual(set(found), self.names, text)
        for link in self.links.values():
            words = found[link["ifname"]]
            self.assertEqual(int(words[1]), link["mtu"], text)
            self.assertGreaterEqual(int(words[-5]), link["stats64"]["rx"]["packets"])
            self.assertGreaterEqual(int(words[-3]), link["stats64"]["tx"]["packets"])

    def test_get_of_50_varbinds(self):
        cells = [mib.cell(column, index) for index in sorted(self.links)[:3]
                 for column in mib.COLUMNS][:48] + [mib.IF_NUMBER, mib.SYS_UPTIME]
        mixed = cells[::2] + cells[1::2]
        values = self.client.get(*mixed)
        for name, value in zip(mixed, values):
            self.assertFalse(value.exception, snmp.show(name))
            if not mib.is_moving(name) and name != mib.SYS_UPTIME:
                self.assertEqual(value, self.client.get(name)[0], snmp.show(name))

    def test_get_of_50_varbinds_with_holes(self):
        cells = []
        for index in (1, 99999):
            cells += [mib.cell(column, index) for column in list(mib.COLUMNS)[:24]]
        for name, value in zip(cells, self.client.get(*cells)):
            self.assertEqual(value == snmp.NO_INSTANCE, name[-1] == 99999)

    def test_bulk_of_16_columns_side_by_side(self):
        columns = list(mib.COLUMNS)[:10] + list(mib.COLUMNS)[-6:]
        order = sorted(self.links)
        self.client.timeout = 5 * lab.PATIENCE
        found = self.client.bulk([mib.COLUMNS[c] for c in columns], 6)
        self.assertGreaterEqual(len(found), 16 * 6)
        for at, (name, value) in enumerate(found[:16 * 6]):
            self.assertEqual(name, mib.cell(columns[at % 16], order[at // 16]))
            self.assertEqual(value.tag, mib.TAGS[columns[at % 16]])

    def test_bulk_over_the_end_of_the_columns(self):
        """Every column goes on into the next one, side by side."""
        order = sorted(self.links)
        columns = ["ifIndex", "ifDescr", "ifHCInOctets"]
        number = len(order) + 3
        found = self.client.bulk([mib.COLUMNS[c] for c in columns], number)
        after = {"ifIndex": "ifDescr", "ifDescr": "ifType",
                 "ifHCInOctets": "ifHCInUcastPkts"}
        for at, (name, _) in enumerate(found):
            row, column = at // 3, columns[at % 3]
            wanted = (mib.cell(column, order[row]) if row < len(order) else
                      mib.cell(after[column], order[row - len(order)]))
            self.assertEqual(name, wanted)

    def test_bulk_with_nonrepeaters(self):
        found = self.client.bulk([mib.SYS_UPTIME[:-1], mib.IF_NUMBER[:-1],
                                  mib.COLUMNS["ifName"]], 3, nonrepeaters=2)
        order = sorted(self.links)
        self.assertEqual([name for name, _ in found],
                         [mib.SYS_UPTIME, mib.IF_NUMBER] +
                         [mib.cell("ifName", index) for index in order[:3]])

    def test_bulk_without_repetitions(self):
        self.assertEqual(self.client.bulk([mib.COLUMNS["ifName"]], 0), [])
        found = self.client.bulk([mib.IF_NUMBER[:-1], mib.COLUMNS["ifName"]], 0, 1)
        self.assertEqual([name for name, _ in found], [mib.IF_NUMBER])

    def test_bulk_of_1000_repetitions(self):
        """As many as fit, at least one, in order and without a hole."""
        found = [name for name, _ in self.client.bulk([mib.COLUMNS["ifIndex"]], 1000,
                                                      timeout=10 * lab.PATIENCE)]
        walked = list(mib.walk_all(self.client))
        self.assertGreater(len(found), 20)
        number = min(len(found), len([n for n in walked if n[:7] == mib.ROOTS[0]]) - 1)
        begin = walked.index(mib.cell("ifIndex", min(self.links)))
        self.assertEqual(found[:number], walked[begin:begin + number])

    def test_walk_in_lockstep_with_next(self):
        """All columns of both tables in one GETNEXT, row by row, as snmptable -CB does."""
        at = list(mib.COLUMNS.values())
        for index in sorted(self.links):
            at = [name for name, _ in self.client.next(*at)]
            self.assertEqual(at, [mib.cell(column, index) for column in mib.COLUMNS])


class StandaloneClients(Clients, lab.Test):
    mode = "standalone"


class AgentXClients(Clients, lab.Test):
    mode = "agentx"
