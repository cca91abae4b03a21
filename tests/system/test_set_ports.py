"""SET of ifStackTable: what a port of a bridge loses when it leaves, and that all of it comes
back when the PDU is undone."""

import json

import agentx
import lab
import mib
import snmp
from snmp import integer
from test_set import DOWN, UP, Set

DESTROY = integer(6)
MINE, TOLD, LEARNED = "02:00:00:00:00:77", "02:00:00:00:00:78", "02:00:00:00:00:79"
# what is set of pa, the port; and that it is the backup of another one
SETTINGS = """link set br0 up
link set br0 type bridge mcast_igmp_version 3
link set pb up
link set va master br0
link set pa type bridge_slave cost 42 priority 5 learning off isolated on guard on
link set pa type bridge_slave flood off mcast_flood off hairpin on mcast_router 2
link set pa type bridge_slave mcast_to_unicast on group_fwd_mask 8 backup_port va
link set va type bridge_slave backup_port pa""".splitlines()
ENTRIES = f"""fdb add {MINE} dev pa master static
fdb add {TOLD} dev pa master extern_learn
fdb add {LEARNED} dev pa master dynamic
fdb add {LEARNED[:-1]}a dev pa master static sticky
fdb add {LEARNED[:-1]}b dev va master static
mdb add dev br0 port pa grp 239.1.1.1 permanent
mdb add dev br0 port pa grp 239.1.1.2 src 192.0.2.1 permanent
mdb add dev br0 port pa grp ff05::77 permanent
mdb add dev br0 port pa grp 239.1.1.3 temp
mdb add dev br0 port va grp 239.1.1.4 permanent""".splitlines()
# what spanning tree and the bridge make of a port when it comes
OF_THE_BRIDGE = ("state", "id", "no", "designated_port", "hold_timer", "message_age_timer",
                 "forward_delay_timer", "topology_change_ack", "bridge_id", "root_id")


class Ports(Set):
    """In both modes."""

    def setUp(self):
        super().setUp()
        self.lab.batch(SETTINGS)
        self.lab.write("entries", "\n".join(ENTRIES))
        self.lab.run(["bridge", "-batch", self.lab.path("entries")])
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        lab.wait_until(lambda: self.client.value(mib.IF_STACK + (1, 3, self.indexes["br0"],
                                                                self.indexes["va"])) == 1,
                       5, "va is a port")

    def row(self, higher, lower):
        return mib.IF_STACK + (1, 3, self.indexes[higher], self.indexes[lower])

    def ports(self):
        """What is set of them, without what comes by itself; and their entries, without what
        the bridge has learned."""
        links, fdb, mdb = map(json.loads, self.lab.outputs(
            "ip -j -d link show master br0", "bridge -j -d fdb show br br0",
            "bridge -j -d mdb show dev br0"))
        settings = {link["ifname"]: {
            name: value for name, value in link["linkinfo"]["info_slave_data"].items()
            if name not in OF_THE_BRIDGE} for link in links if link}
        entries = sorted(json.dumps(entry, sort_keys=True) for entry in fdb
                         if "master" in entry and (entry["state"] or entry["flags"]))
        groups = sorted(json.dumps(entry, sort_keys=True) for entry in mdb[0]["mdb"]
                        if entry["state"] == "permanent")
        return {"settings": settings, "entries": entries, "groups": groups}

    def all_there(self, ports):
        """So that nothing is compared with nothing."""
        self.assertEqual(ports["settings"]["pa"]["cost"], 42)
        self.assertEqual(ports["settings"]["va"]["backup_port"], "pa")
        self.assertEqual(sum("pa" in group for group in ports["groups"]), 3, ports["groups"])
        for mac in (MINE, TOLD):
            self.assertTrue(any(mac in entry for entry in ports["entries"]), ports["entries"])

    def test_undo_of_a_port_that_leaves(self):
        before = self.ports()
        self.all_there(before)
        self.refused(snmp.COMMIT_FAILED, (self.row("br0", "pa"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.assertEqual(self.ports(), before)
        self.assertNotIn("is not back", self.daemon.text())

    def test_undo_of_both_of_a_pair(self):
        """Each is the other one's backup: the first one back has to wait for the second."""
        before = self.ports()
        self.refused(snmp.COMMIT_FAILED, (self.row("br0", "pa"), DESTROY),
                     (self.row("br0", "va"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=3)
        self.assertEqual(self.ports(), before)
        self.assertNotIn("is not back", self.daemon.text())

    def test_what_cannot_come_back(self):
        """The bridge is down, and takes no multicast entries: the log says what is left."""
        self.lab.ip("link set br0 down")
        self.refused(snmp.UNDO_FAILED, (self.row("br0", "pa"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=1)
        self.assertIn("undo: a port's multicast entry is not back", self.daemon.text())
        self.assertEqual(self.ports()["settings"]["pa"]["cost"], 42)


class StandalonePorts(Ports, lab.Test):
    mode = "standalone"


class AgentXPorts(Ports, lab.Test):
    mode = "agentx"

    def test_another_subagent_fails(self):
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        before = self.ports()
        self.refused(snmp.COMMIT_FAILED, (self.row("br0", "pa"), DESTROY),
                     (self.cell("ifAdminStatus", "pa"), DOWN), other, index=3)
        self.assertEqual(self.ports(), before)
        self.all_there(before)
