"""What a port of a bridge loses when it leaves, and VLANs when the link below them goes down:
that all of it comes back when a SET is undone.

Where this machine's kernel has no VLANs, bonds, teams or vrfs these tests are skipped; the one
of Debian's package user-mode-linux (6.1), booted from hostfs, has them all."""

import json
import re

import agentx
import lab
import mib
import snmp
from snmp import integer
from test_set import DOWN, ROUTES, UP, Set

CREATE, DESTROY = integer(4), integer(6)
MINE, TOLD, LEARNED = "02:00:00:00:00:77", "02:00:00:00:00:78", "02:00:00:00:00:79"
# what is set of pa, the port; and that it is the backup of another one
SETTINGS = """link set br0 up
link set br0 type bridge mcast_igmp_version 3
link set pb up
link set va master br0
link set pa type bridge_slave cost 42 priority 5 learning off isolated on guard on
link set pa type bridge_slave flood off mcast_flood off hairpin on mcast_router 2
link set pa type bridge_slave mcast_to_unicast on group_fwd_mask 8 backup_port va
link set va type bridge_slave backup_port pa
link add br1 type bridge
link add br2 type bridge""".splitlines()
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
        lab.wait_until(lambda: not self.client.get(mib.cell(
            "ifIndex", self.indexes["br2"]))[0].exception, 5, "all of it is seen")

    def row(self, higher, lower):
        return mib.IF_STACK + (1, 3, self.indexes[higher], self.indexes[lower])

    def ports(self):
        """What is set of them, without what comes by itself; and their entries, without what
        the bridge has learned."""
        links, fdb, mdb = map(json.loads, self.lab.outputs(
            "ip -j -d link show master br0", "bridge -j -d fdb show br br0",
            "bridge -j -d mdb show dev br0"))
        own = [link["address"] for link in links]
        settings = {link["ifname"]: {
            name: value for name, value in link["linkinfo"]["info_slave_data"].items()
            if name not in OF_THE_BRIDGE} for link in links if link}
        entries = sorted(json.dumps(entry, sort_keys=True) for entry in fdb
                         if "master" in entry and entry["mac"] not in own and
                         (entry["state"] or entry["flags"]))
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

    def test_undo_of_a_move(self):
        out, into = (self.row("br0", "pa"), DESTROY), (self.row("br1", "pa"), CREATE)
        before = self.ports()
        for varbinds in ((out, into), (into, out)):
            self.refused(snmp.COMMIT_FAILED, *varbinds,
                         (self.cell("ifAdminStatus", "mr0"), UP), index=3)
            self.assertEqual(self.ports(), before)
        self.refused(snmp.INCONSISTENT_VALUE, out, into, (self.row("br2", "pa"), CREATE),
                     index=2)  # which one?
        self.client.set(into, out)
        self.assertEqual(self.link("pa")["master"], "br1")
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


    def test_undo_of_vlans_of_a_port(self):
        self.need("link set br0 type bridge vlan_filtering 1")
        self.lab.ip("link set pa type bridge_slave vlan_tunnel on")
        self.lab.write("vlans", "\n".join(
            ["vlan del vid 1 dev pa", f"fdb add {MINE[:-1]}0 dev pa master static",
             "vlan add vid 10 dev pa pvid untagged", "vlan add vid 20-22 dev pa",
             "vlan add vid 30 dev pa untagged", f"fdb add {MINE} dev pa master static vlan 21",
             "mdb add dev br0 port pa grp 239.1.1.9 permanent vid 20",
             "mdb add dev br0 port pa grp 239.1.1.9 src 192.0.2.1 permanent vid 22",
             "vlan del vid 22 dev pa",
             "vlan add dev pa vid 20-21 tunnel_info id 200-201"]))
        self.lab.run(["bridge", "-batch", self.lab.path("vlans")])

        def vlans():
            ports = self.ports()
            # without those that were made before the bridge looked at VLANs
            ports["groups"] = [group for group in ports["groups"] if '"vid"' in group]
            return [ports] + self.lab.outputs(
                "bridge -d vlan show", "bridge vlan tunnelshow")
        before = vlans()
        self.assertEqual(len(before[0]["groups"]), 2)
        self.assertIn("10 PVID Egress Untagged", before[1])
        self.assertIn("20-21    200-201", re.sub(" {5,}", "    ", before[2]))
        self.refused(snmp.COMMIT_FAILED, (self.row("br0", "pa"), DESTROY),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.assertEqual(vlans(), before)


class Vlans(Set):
    """In both modes."""

    def test_undo_of_down_below_vlans(self):
        self.need("link add link va name v10 type vlan id 10")
        self.lab.batch(
            ["link add link va name v20 type vlan id 20 loose_binding on",
             "link add link va name v30 type vlan id 30",
             "link add link v10 name v15 type vlan id 5",
             "link add link v10 name v16 type vlan id 6"] +
            [f"link set {name} up" for name in ("v10", "v20", "v15")] +
            ["link set vb down", "link set vb up"] +  # theirs is no unknown state any more
            [f"addr add {text} dev {name}" + " nodad" * (":" in text) for name, text in (
                ("v10", "10.10.0.1/24"), ("v10", "2001:db8:10::1/64"),
                ("v15", "10.15.0.1/24"), ("v15", "2001:db8:15::1/64"),
                ("v20", "2001:db8:20::1/64"), ("v30", "10.30.0.1/24"))] +
            ["route add 10.70.0.0/16 via 10.10.0.9", "route add 10.71.0.0/16 via 10.15.0.9",
             "route add 2001:db8:70::/48 via 2001:db8:10::9",
             "route add 2001:db8:71::/48 via 2001:db8:15::9",
             "neigh add 10.15.0.9 lladdr 02:00:00:00:00:09 dev v15 nud permanent"])
        lab.wait_until(lambda: self.client.value(mib.cell(
            "ifAdminStatus", self.lab.index("v15"))) == 1, 5, "they are there")

        def state():
            return [self.state()] + self.lab.outputs(
                "ip neigh show nud permanent", "ip -br link show up | cut -d' ' -f1 | sort")
        before = state()
        self.refused(snmp.COMMIT_FAILED, (self.cell("ifAdminStatus", "va"), DOWN),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        lab.wait_until(lambda: state() == before, 3, "the old state", 0.1)
        self.assertNotIn("is not back", self.daemon.text())


class OtherMasters(Set):
    """A bond, a team and a vrf take their ports down when these come or go."""

    def change(self, higher, lower, value):
        indexes = {link["ifname"]: n for n, link in self.lab.links().items()}
        row = mib.IF_STACK + (1, 3, indexes[higher], indexes[lower])
        lab.wait_until(lambda: not self.client.get(
            mib.cell("ifIndex", indexes[lower]))[0].exception, 5, "it is there")
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, (row, value),
                     (self.cell("ifAdminStatus", "mr0"), UP), index=2)
        self.unchanged(before)
        self.assertNotIn("is not back", self.daemon.text())

    def test_undo_of_a_port_of_a_bond(self):
        self.need("link add bond0 type bond mode active-backup")
        self.lab.batch(["link add sa type veth peer name sb", "link set sb up",
                        "link set bond0 up", "link set sa master bond0",
                        "link set sa type bond_slave queue_id 3 prio 7",
                        "addr add 10.20.0.1/24 dev bond0"])

        def slave():
            link, = json.loads(self.lab.ip("-j -d link show dev sa").stdout)
            data = link["linkinfo"]["info_slave_data"]
            return [data["queue_id"], data["prio"], link["flags"]]
        before = slave()
        self.assertEqual(before[:2], [3, 7])
        self.change("bond0", "sa", DESTROY)
        self.assertEqual(slave(), before)

    def test_undo_of_a_port_of_a_team(self):
        self.need("link add team0 type team")
        self.lab.batch(["link add sa type veth peer name sb", "link set sb up",
                        "link set team0 up", "link set sa master team0"])
        self.change("team0", "sa", DESTROY)

    def test_undo_of_a_vrf(self):
        self.need("link add vrf0 type vrf table 100")
        self.lab.batch(["link set vrf0 up"] + ROUTES)
        self.change("vrf0", "va", CREATE)
        self.lab.batch(["link set va master vrf0", "addr add 2001:db8:3::1/64 dev va nodad",
                        "route add 2001:db8:3:1::/64 via 2001:db8:3::9 vrf vrf0",
                        "route add 10.77.0.0/16 via 10.1.0.9 vrf vrf0"])
        self.change("vrf0", "va", DESTROY)


class StandaloneOtherMasters(OtherMasters, lab.Test):
    mode = "standalone"


class StandaloneVlans(Vlans, lab.Test):
    mode = "standalone"


class AgentXVlans(Vlans, lab.Test):
    mode = "agentx"


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
