"""Rows out of service: createAndWait, notInService and what comes after it, in the four
tables that have such rows, against the state table of RFC 2579 and `ip`; long policies of
inetCidrRouteTable; SET of ipCidrRouteTable, ipRouteType and atPhysAddress."""

import collections
import ipaddress
import itertools
import json
import os
import random

import agentx
import lab
import routes
import snmp
from snmp import integer, octets
from test_addresses import ADDR_TABLE, AT as AT_TABLE, NEIGH_TABLE, OLD_NEIGH, inet, packed
from test_set_rows import (ACTIVE, DEPRECATED, DESTROY, DYNAMIC, GO, INVALID, NOT_IN_SERVICE,
                           NOT_READY, PREFERRED, STATIC, UNICAST, VOLATILE, WAIT, Rows, mac,
                           text_of)

TABLE, OLD_TABLE, ROUTE_TABLE = routes.TABLE, routes.OLD_TABLE, routes.ROUTE_TABLE
IF_STACK_STATUS, IF_RCV_STATUS = (1, 3, 6, 1, 2, 1, 31, 1, 2, 1, 3), (1, 3, 6, 1, 2, 1, 31, 1, 4, 1, 2)
NONE = (0, 0)  # a next hop of type unknown
GAUGE0, OID0 = snmp.Value(snmp.GAUGE32, 0), snmp.Value(snmp.OBJECT_ID, (0, 0))
REJECT, LOCAL, REMOTE, BLACKHOLE = map(integer, (2, 3, 4, 5))
MINUS = integer(-1)
DST, DST6 = "10.50.0.0/16", "2001:db8:50::/48"


class Row:
    """A row that tests make: where it is, what it needs, and what it has of itself."""

    def __init__(self, name, table, status, index, needed, defaults, other, look, drop):
        self.name, self.table, self.status, self.index = name, table, status, tuple(index)
        self.needed, self.defaults, self.other = needed, defaults, other
        self.look = look  # what the kernel says of it; None: it has no such row
        self.drop = drop  # words for `ip` that take it from the kernel

    def at(self, column):
        return self.table + (column,) + self.index

    def say(self, values):
        return [(self.at(column), value) for column, value in values.items()]

    def set(self, status):
        return (self.at(self.status), status)

    def __repr__(self):
        return self.name


class Held(Rows):
    """The links of test_set_rows: va has 10.1.0.1/24 and 2001:db8:1::1/64."""

    def setUp(self):
        super().setUp()
        self.made = [
            self.address("10.1.0.9"), self.address("2001:db8:1::9"),
            self.address("fe80::9", "va"), self.neighbour("10.1.0.8"),
            self.neighbour("2001:db8:1::8"), self.route(DST), self.route(DST6),
            self.route("10.51.0.0/16", "10.1.0.2"), self.route("2001:db8:51::/48", "fe80::2"),
            self.old_route("10.52.0.0/16"), self.old_route("10.53.0.0/16", "10.1.0.2", 8)]

    # rows

    def address(self, text, zone=None):
        return Row(f"address {text}", ADDR_TABLE, 10, inet(text, zone and self.indexes[zone]),
                   {3: self.number("va")}, {4: UNICAST, 7: PREFERRED, 11: VOLATILE},
                   {7: DEPRECATED}, lambda: self.look_at_address(text),
                   f"addr flush to {text}")

    def look_at_address(self, text):
        found = self.of(text)
        return found and {3: self.number(found[0][0]), "length": found[0][1],
                          7: DEPRECATED if found[0][3].get("deprecated") else PREFERRED}

    def neighbour(self, text, link="va"):
        return Row(f"neighbour {text}", NEIGH_TABLE, 8, (self.indexes[link],) + inet(text),
                   {4: mac(9)}, {6: STATIC}, {6: DYNAMIC},
                   lambda: self.look_at_neighbour(text, link), f"neigh del {text} dev {link}")

    def look_at_neighbour(self, text, link):
        found = json.loads(self.lab.ip("-j neigh show dev", [link]).stdout)
        for entry in found:
            if entry["dst"] == text:
                return {4: octets(bytes.fromhex(entry.get("lladdr", "").replace(":", ""))),
                        6: STATIC if entry["state"] == ["PERMANENT"] else DYNAMIC}
        return None

    def route(self, dst, hop=None, policy=(0, 0)):
        address, _, length = dst.partition("/")
        zone = self.indexes["va"]
        index = (routes.inet(address, zone) + (int(length), len(policy)) + tuple(policy) +
                 (routes.inet(hop, zone) if hop else NONE))
        metric = integer(1024 if ":" in dst else 0)
        return Row(f"route {dst} via {hop}", TABLE, 17, index,
                   {} if hop and not hop.startswith("fe80") else {7: self.number("va")},
                   {7: integer(0), 11: GAUGE0, 12: metric, 13: MINUS, 14: MINUS, 15: MINUS,
                    16: MINUS}, {12: integer(5)}, lambda: self.look_at_route(dst, 7, 12),
                   f"-{6 if ':' in dst else 4} route flush exact {dst}")

    def old_route(self, dst, hop=None, tos=0):
        network = ipaddress.ip_network(dst)
        index = (tuple(network.network_address.packed) + tuple(network.netmask.packed) +
                 (tos,) + tuple(packed(hop or "0.0.0.0")))
        return Row(f"ipCidrRoute {dst} tos {tos} via {hop}", OLD_TABLE, 16, index,
                   {} if hop else {5: self.number("va")},
                   {5: integer(0), 9: OID0, 10: integer(0), 11: integer(0), 12: MINUS,
                    13: MINUS, 14: MINUS, 15: MINUS}, {11: integer(5)},
                   lambda: self.look_at_route(dst, 5, 11, tos), f"route flush exact {dst}")

    def routes(self, dst, table="main"):
        version = 6 if ":" in dst else 4
        text = self.lab.ip(f"-j -d -N -{version} route show table {table}").stdout
        return [route for route in json.loads(text) if route["dst"] == dst]

    def look_at_route(self, dst, ifindex, metric, tos=0):
        found = [route for route in self.routes(dst) if int(route.get("tos", "0"), 0) == tos]
        if not found:
            return None
        return {ifindex: integer(self.indexes.get(found[0].get("dev"), 0)),
                metric: integer(found[0].get("metric", 0))}

    # looks

    def shows(self, row, values):
        """A GET of all columns: those, and no other one, of a row out of service."""
        columns = range(1, 18)
        got = self.client.get(*[row.at(column) for column in columns])
        found = {column: value for column, value in zip(columns, got) if not value.exception}
        self.assertEqual(found, values, row)

    def held(self):
        """{name: value} of all rows out of service, as walks tell them."""
        found = {}
        for table, status in ((ADDR_TABLE, 10), (NEIGH_TABLE, 8), (TABLE, 17), (OLD_TABLE, 16)):
            walk = self.client.walk(table)
            out = {name[len(table) + 1:] for name, value in walk.items()
                   if name[len(table)] == status and value in (NOT_IN_SERVICE, NOT_READY)}
            found.update({name: value for name, value in walk.items()
                          if name[len(table) + 1:] in out})
        return found

    def state(self):
        state = super().state()
        found = [json.loads(route) for route in state["routes"]]
        for route in found:  # of IPv6 the order of next hops does not count
            if ":" in route["dst"] and "nexthops" in route:
                route["nexthops"].sort(key=lambda hop: hop["dev"])
        return {**state, "routes": found, "held": self.held()}

    def late(self, *varbinds):
        """Done, and undone, when the kernel refuses the last one."""
        before = self.state()
        self.refused(snmp.COMMIT_FAILED, *varbinds, *self.the_kernel_refuses(),
                     index=len(varbinds) + 1)
        self.unchanged(before)
        self.assertNotIn("undo has failed", self.daemon.text())
        self.assertNotIn("is not back", self.daemon.text())

    def status_of(self, row):
        return self.client.get(row.at(row.status))[0]


class States(Held):
    # What comes of a value of the status in the states A to D of RFC 2579, without and with
    # all that is needed in the same PDU: the state that follows, or inconsistentValue (v),
    # wrongValue (w), inconsistentName (n).
    ACTIONS = {4: ("vvvv", "Dvvv"), 5: ("Bvvv", "Cvvv"), 1: ("vvDD", "vDDD"),
               2: ("vvCC", "vCCC"), 6: ("AAAA", "AAAA"), 3: ("wwww", "wwww"),
               0: ("wwww", "wwww"), 7: ("wwww", "wwww"), -1: ("wwww", "wwww")}
    ERRORS = {"v": snmp.INCONSISTENT_VALUE, "w": snmp.WRONG_VALUE, "n": snmp.INCONSISTENT_NAME}

    def enter(self, row, state):
        self.client.set(row.set(DESTROY))
        if state == "B":
            self.client.set(row.set(WAIT))
        elif state == "C":
            self.client.set(row.set(WAIT), *row.say(row.needed))
        elif state == "D":
            self.client.set(row.set(GO), *row.say(row.needed))
        self.is_in(row, state)

    def is_in(self, row, state):
        wanted = {"A": snmp.NO_INSTANCE, "B": NOT_READY, "C": NOT_IN_SERVICE, "D": ACTIVE}
        self.assertEqual(self.status_of(row), wanted[state], row)
        self.assertEqual(bool(row.look()), state == "D", row)

    def act(self, row, state, varbinds, wanted):
        with self.subTest(row=row, state=state, varbinds=varbinds, wanted=wanted):
            self.enter(row, state)
            try:
                self.client.set(*varbinds)
            except snmp.Refused as refused:
                self.assertEqual(refused.status, self.ERRORS.get(wanted))
                self.is_in(row, state)
            else:
                self.assertNotIn(wanted, self.ERRORS)
                self.is_in(row, wanted)

    def test_states(self):
        for row in self.made:
            states = "ABCD" if row.needed else "ACD"  # one that needs nothing is ready
            for (status, (alone, complete)), state in itertools.product(
                    self.ACTIONS.items(), states):
                place, said = "ABCD".index(state), [row.set(integer(status))]
                needed = row.say(row.needed)
                if "route" in row.name.lower() and state == "D" and status == 1:
                    needed = []  # "cannot be modified when the status is marked as active"
                if row.needed:
                    self.act(row, state, said, alone[place])
                for order in ([needed + said, said + needed] if needed else [said]):
                    self.act(row, state, order, complete[place])
            self.client.set(row.set(DESTROY))

    def test_other_columns(self):
        for row in self.made:
            other, needed = row.say(row.other), row.say(row.needed)
            fixed = "v" if "route" in row.name.lower() else "D"
            for state, wanted in (("A", "n"), ("C", "C"), ("D", fixed)):
                self.act(row, state, other, wanted)
            if row.needed:
                self.act(row, "B", other, "B")
                self.act(row, "B", needed, "C")
                self.act(row, "B", needed + other, "C")
            self.client.set(row.set(DESTROY))

    def test_columns(self):
        """Those that have been said or have a default, and no other one."""
        for row in self.made:
            with self.subTest(row=row):
                begin = dict(row.defaults, **{})
                status = NOT_READY if row.needed else NOT_IN_SERVICE
                self.client.set(row.set(WAIT))
                self.shows(row, {**begin, row.status: status})
                self.client.set(*row.say(row.other))
                self.shows(row, {**begin, **row.other, row.status: status})
                if row.needed:
                    self.client.set(*row.say(row.needed))
                self.shows(row, {**begin, **row.other, **row.needed,
                                 row.status: NOT_IN_SERVICE})
                self.assertIsNone(row.look() or None)
        walked = self.held()  # walks are in order, or fail
        for row in self.made:
            for column, value in {**row.defaults, **row.other, **row.needed,
                                  row.status: NOT_IN_SERVICE}.items():
                name = row.at(column)
                self.assertEqual(walked[name], value)
                if name[-1]:  # right behind a place where there is nothing
                    before = name[:-1] + (name[-1] - 1, 2**31 - 1)
                    self.assertEqual(self.client.next(before), [(name, value)])
                    self.assertEqual(self.client.bulk([before], 1), [(name, value)])
        self.client.set(*[row.set(ACTIVE) for row in self.made])
        self.assertEqual(self.held(), {})
        for row in self.made:
            seen = row.look()
            for column, value in {**row.needed, **row.other}.items():
                self.assertEqual(seen[column], value, row)

    def test_bad_values(self):
        """What is said of a row out of service is held against its syntax and range."""
        for row in self.made:
            self.client.set(row.set(WAIT))
        before = self.held()
        for row in self.made:
            for column, value in row.defaults.items():
                if value.tag == snmp.INTEGER:
                    self.refused(snmp.WRONG_VALUE, (row.at(column), integer(-5)))
                self.refused(snmp.WRONG_TYPE,
                             (row.at(column), snmp.Value(snmp.IP_ADDRESS, bytes(4))))
        self.assertEqual(self.held(), before)

    def test_undo(self):
        """Rows out of service are as they were when the kernel refuses the last row."""
        for row in self.made:
            with self.subTest(row=row):
                needed = row.say(row.needed)
                self.late(row.set(WAIT), *row.say(row.other))
                self.client.set(row.set(WAIT), *row.say(row.other))
                if row.needed:
                    self.late(*needed)
                    self.late(*needed, row.set(NOT_IN_SERVICE))
                self.late(*needed, row.set(ACTIVE))
                self.late(row.set(DESTROY))
                self.client.set(*needed, row.set(ACTIVE))
                self.late(row.set(NOT_IN_SERVICE))
                self.late(row.set(NOT_IN_SERVICE), *row.say({
                    column: row.defaults[column] for column in row.other}))
                self.client.set(row.set(NOT_IN_SERVICE))
                self.late(row.set(ACTIVE))
                self.late(row.set(DESTROY))
                self.client.set(row.set(DESTROY))

    def test_all_in_one(self):
        """All of them out of service and in again in one PDU."""
        self.client.set(*[varbind for row in self.made
                          for varbind in (row.set(GO), *row.say({**row.other, **row.needed}))])
        seen = [row.look() for row in self.made]
        self.assertTrue(all(seen))
        self.late(*[row.set(NOT_IN_SERVICE) for row in self.made])
        self.client.set(*[row.set(NOT_IN_SERVICE) for row in self.made])
        self.assertFalse(any(row.look() for row in self.made))
        self.late(*[row.set(ACTIVE) for row in self.made])
        self.client.set(*[row.set(ACTIVE) for row in self.made])
        self.assertEqual([row.look() for row in self.made], seen)

    def test_others(self):
        """Tables whose rows are never out of service."""
        pair = (self.indexes["va"], self.indexes["vb"])
        stack = IF_STACK_STATUS + pair
        rcv = IF_RCV_STATUS + (self.indexes["va"], 6, 2, 0, 0, 0, 0, 9)
        for name in (stack, rcv):
            for status in (WAIT, NOT_IN_SERVICE, NOT_READY):
                self.refused(snmp.WRONG_VALUE, (name, status))
        self.assertEqual(self.held(), {})

    def test_contradictions(self):
        """ipNetToPhysicalType invalid(2) with a RowStatus that wants the row."""
        row = self.neighbour("10.1.0.8")
        for state, status in itertools.product("ABCD", (ACTIVE, NOT_IN_SERVICE, GO, WAIT)):
            for order in (1, -1):
                varbinds = [row.set(status), (row.at(6), INVALID), (row.at(4), mac(9))]
                self.act(row, state, varbinds[::order], "v")


class AgentXTogether(Held, lab.Test):
    mode = "agentx"

    def test_another_subagent_fails(self):
        """When all has been done: all is undone, rows out of service as well."""
        stub, other = agentx.another(self)
        stub.answers["commit"] = snmp.COMMIT_FAILED
        for row in self.made[::2]:
            self.client.set(row.set(WAIT), *row.say({**row.needed, **row.other}))
        for row in self.made[1::4]:
            self.client.set(row.set(GO), *row.say(row.needed))
        changes = [row.set(ACTIVE) for row in self.made[::4]]
        changes += [row.set(DESTROY) for row in self.made[2::4]]
        changes += [row.set(NOT_IN_SERVICE) for row in self.made[1::4]]
        changes += [row.set(WAIT) for row in self.made[3::4]]
        self.assertEqual(len(changes), len(self.made))
        for place in (len(changes), 0, 4):
            before = self.state()
            self.refused(snmp.COMMIT_FAILED, *changes[:place], other,
                         *changes[place:], index=place + 1)
            self.unchanged(before)
        stub.answers.clear()
        self.client.set(*changes, other)
        for row in self.made[::4]:
            self.assertEqual(self.status_of(row), ACTIVE)


class OutAndBack(Held):
    """Rows that somebody else has made are taken out of service, and come back."""

    def out_and_back(self, row, look, gone, meanwhile=(), columns=None):
        before = look()
        self.assertNotEqual(before, gone)
        self.client.set(row.set(NOT_IN_SERVICE))
        self.assertEqual(look(), gone)
        self.assertEqual(self.status_of(row), NOT_IN_SERVICE)
        for column, value in (columns or {}).items():
            self.assertEqual(self.client.get(row.at(column)), [value], (row, column))
        if meanwhile:
            self.client.set(*meanwhile)
            self.assertEqual(look(), gone)
        self.client.set(row.set(ACTIVE))
        self.assertEqual(self.held(), {})
        if not meanwhile:
            self.assertEqual(look(), before)

    def look_at(self, text):
        return [{key: info.get(key) for key in ("local", "address", "prefixlen", "broadcast",
                                                "scope", "deprecated")}
                for info in (row[3] for row in self.of(text))]

    def test_addresses(self):
        self.lab.batch(["addr add 10.4.0.1/29 brd + dev va", "addr add 10.5.0.1/32 dev va",
                        "addr add 10.6.0.1 peer 10.7.0.1/20 dev va",
                        "addr add 10.8.0.1/24 brd + dev va preferred_lft 0",
                        "addr add 2001:db8:4::1/80 dev va nodad",
                        "addr add 2001:db8:5::1/64 dev va nodad preferred_lft 0"])
        for text in ("10.4.0.1", "10.5.0.1", "10.6.0.1", "10.8.0.1", "2001:db8:4::1",
                     "2001:db8:5::1"):
            with self.subTest(text=text):
                row = self.address(text)
                old = text in ("10.8.0.1", "2001:db8:5::1")
                self.out_and_back(row, lambda text=text: self.look_at(text), [],
                                  columns={7: DEPRECATED if old else PREFERRED})
                self.late(row.set(NOT_IN_SERVICE))
        self.check_addresses()

    def test_address_goes_elsewhere_meanwhile(self):
        row = self.address("10.1.0.9")
        self.client.set(row.set(GO), *row.say(row.needed))
        self.client.set(row.set(NOT_IN_SERVICE), (row.at(3), self.number("wa")))
        self.assertEqual(self.of("10.1.0.9"), [])
        self.client.set((row.at(7), DEPRECATED))
        self.client.set(row.set(ACTIVE))
        self.assertEqual([one[:2] for one in self.of("10.1.0.9")], [("wa", 32)])
        self.assertTrue(self.of("10.1.0.9")[0][3]["deprecated"])

    def test_neighbours(self):
        for text, how in (("10.1.0.9", "nud permanent"), ("10.1.0.9", "nud reachable"),
                          ("10.1.0.9", "nud stale"),
                          ("fe80::9", "nud reachable router"),
                          ("2001:db8:1::9", "nud permanent router")):
            with self.subTest(text=text, how=how):
                self.lab.ip(f"neigh replace {text} lladdr 02:00:00:00:00:07 dev va {how}")
                row = self.neighbour(text)

                def look(text=text):
                    return [(entry["lladdr"], entry["state"] == ["PERMANENT"], "router" in entry)
                            for entry in json.loads(self.lab.ip("-j neigh show dev va").stdout)
                            if entry["dst"] == text]
                self.out_and_back(row, look, [], columns={4: mac(7)})
                self.late(row.set(NOT_IN_SERVICE))
                self.out_and_back(row, look, [], [(row.at(4), mac(8)), (row.at(6), STATIC)])
                self.assertEqual(look(), [(text_of(mac(8)), True, "router" in how)])
                self.client.set(row.set(DESTROY))

    def test_neighbour_without_an_address(self):
        """Its row cannot be whole: it has no link-layer address."""
        self.lab.ip("neigh add 10.1.0.9 dev va nud failed")
        row = self.neighbour("10.1.0.9")
        self.refused(snmp.INCONSISTENT_VALUE, row.set(NOT_IN_SERVICE))
        self.client.set(row.set(NOT_IN_SERVICE), (row.at(4), mac(9)))
        self.assertIsNone(row.look())
        self.client.set(row.set(ACTIVE))
        self.assertEqual(row.look()[4], mac(9))

    def look_at_kernel(self, dst):
        keys = ("type", "gateway", "dev", "protocol", "scope", "metric", "tos", "nexthops", "pref")
        return [{key: route.get(key) for key in keys} for route in self.routes(dst)]

    def test_routes(self):
        for dst, how, hop, metric in (
                (DST, "via 10.1.0.2", "10.1.0.2", 0), (DST, "dev va", None, 0),
                (DST, "via 10.1.0.2 metric 9 proto static", "10.1.0.2", 9),
                (DST, "dev va proto static metric 7", None, 7),
                (DST6, "via 2001:db8:1::2", "2001:db8:1::2", 1024),
                (DST6, "dev va metric 9 proto static", None, 9),
                (DST6, "via fe80::2 dev va metric 5", "fe80::2", 5)):
            with self.subTest(dst=dst, how=how):
                self.lab.ip("route add", [dst], how)
                row = self.route(dst, hop)
                self.out_and_back(row, lambda dst=dst: self.look_at_kernel(dst), [],
                                  columns={7: self.number("va"), 12: integer(metric),
                                           8: REMOTE if hop else LOCAL})
                self.late(row.set(NOT_IN_SERVICE))
                self.out_and_back(row, lambda dst=dst: self.look_at_kernel(dst), [],
                                  [(row.at(12), integer(77))])
                self.assertEqual(self.routes(dst)[0]["metric"], 77)
                self.client.set(row.set(DESTROY))

    def test_routes_that_lead_nowhere(self):
        for dst, (name, kind) in itertools.product((DST, DST6), (
                ("blackhole", BLACKHOLE), ("unreachable", REJECT), ("prohibit", REJECT))):
            with self.subTest(dst=dst, kind=name):
                self.lab.ip("route add", [name], [dst], "metric 9")
                row = self.route(dst)
                self.out_and_back(row, lambda dst=dst: self.look_at_kernel(dst), [],
                                  columns={8: kind, 12: integer(9)})
                self.client.set(row.set(DESTROY))

    def test_one_of_several_next_hops(self):
        self.lab.batch([
            f"route add {DST} nexthop via 10.1.0.2 weight 3 nexthop via 10.2.0.2 weight 5",
            f"route add {DST6} nexthop via 2001:db8:1::2 weight 3 "
            "nexthop via 2001:db8:2::2 weight 5"])
        for dst, hop, other in ((DST, "10.1.0.2", "10.2.0.2"),
                                (DST6, "2001:db8:1::2", "2001:db8:2::2")):
            with self.subTest(dst=dst):
                row = self.route(dst, hop)

                def hops():
                    found, = self.routes(dst)
                    return {hop["gateway"]: hop.get("weight", 1)
                            for hop in found.get("nexthops", [found])}
                self.late(row.set(NOT_IN_SERVICE))
                self.client.set(row.set(NOT_IN_SERVICE))
                self.assertEqual(list(hops()), [other])
                self.assertEqual(self.client.get(row.at(13)), [integer(3)])
                self.client.set(row.set(ACTIVE))
                self.assertEqual(hops()[hop], 3)
                self.assertEqual(set(hops()), {hop, other})


class Hidden(Held):
    """The kernel gets a row of itself where one is out of service."""

    def hide(self, row, values, line):
        self.client.set(row.set(WAIT), *row.say(values))
        self.lab.ip(line)
        self.assertEqual(self.status_of(row), ACTIVE)

    def test_neighbour(self):
        row = self.neighbour("10.1.0.9")
        self.hide(row, {4: mac(9), 6: STATIC},
                  "neigh add 10.1.0.9 lladdr 02:00:00:00:00:07 dev va nud reachable")
        self.assertEqual(self.client.get(row.at(4), row.at(6)), [mac(7), DYNAMIC])
        self.lab.ip("neigh del 10.1.0.9 dev va")  # and then it is there again
        self.shows(row, {4: mac(9), 6: STATIC, 8: NOT_IN_SERVICE})
        self.lab.ip("neigh add 10.1.0.9 lladdr 02:00:00:00:00:07 dev va nud reachable")
        self.late(row.set(ACTIVE))
        self.assertEqual(row.look(), {4: mac(7), 6: DYNAMIC})
        self.client.set(row.set(ACTIVE))
        self.assertEqual(row.look(), {4: mac(9), 6: STATIC})
        self.lab.ip("neigh del 10.1.0.9 dev va")
        self.assertEqual(self.status_of(row), snmp.NO_INSTANCE)

    def test_what_the_pdu_says_counts(self):
        for order in (1, -1):
            row = self.neighbour("10.1.0.9")
            self.hide(row, {4: mac(9), 6: STATIC},
                      "neigh add 10.1.0.9 lladdr 02:00:00:00:00:07 dev va nud reachable")
            self.client.set(*[row.set(ACTIVE), (row.at(4), mac(6))][::order])
            self.assertEqual(row.look(), {4: mac(6), 6: DYNAMIC})
            self.client.set(row.set(DESTROY))
            self.assertEqual(self.status_of(row), snmp.NO_INSTANCE)

    def test_destroy_takes_both(self):
        for row, values, line in (
                (self.neighbour("10.1.0.9"), {4: mac(9)},
                 "neigh add 10.1.0.9 lladdr 02:00:00:00:00:07 dev va nud reachable"),
                (self.address("10.1.0.9"), {3: self.number("wa")}, "addr add 10.1.0.9/24 dev va"),
                (self.route(DST), {7: self.number("wa")}, f"route add {DST} dev va")):
            with self.subTest(row=row):
                self.hide(row, values, line)
                self.late(row.set(DESTROY))
                self.client.set(row.set(DESTROY))
                self.assertFalse(row.look())
                self.assertEqual(self.status_of(row), snmp.NO_INSTANCE)

    def test_address(self):
        row = self.address("10.1.0.9")
        self.hide(row, {3: self.number("wa"), 7: DEPRECATED}, "addr add 10.1.0.9/24 dev va")
        self.late(row.set(ACTIVE))
        self.client.set(row.set(ACTIVE))
        self.assertEqual(self.held(), {})
        self.assertEqual(row.look(), {3: self.number("wa"), "length": 32, 7: DEPRECATED})

    def test_address_of_the_kernel(self):
        """It is nobody's but the kernel's, whatever has been said before it was there."""
        self.lab.batch(["addr del ::1/128 dev lo"])
        row = self.address("::1")
        self.client.set(row.set(WAIT), (row.at(3), self.number("lo")), (row.at(7), DEPRECATED))
        self.lab.ip("addr add ::1/128 dev lo")
        lab.wait_until(lambda: "tentative" not in self.lab.ip("addr show dev lo").stdout, 5,
                       "::1 can be used")
        before = self.lab.ip("addr show dev lo").stdout
        self.assertEqual(self.status_of(row), ACTIVE)
        for varbinds in ([row.set(ACTIVE)], [(row.at(7), DEPRECATED), row.set(ACTIVE)],
                         [row.set(ACTIVE), (row.at(7), DEPRECATED)]):
            with self.assertRaises(snmp.Refused):
                self.client.set(*varbinds)
            self.assertEqual(self.lab.ip("addr show dev lo").stdout, before)

    def test_route(self):
        """It cannot be modified as long as it is active."""
        row = self.route(DST, "10.1.0.2")
        self.hide(row, {12: integer(9)}, f"route add {DST} via 10.1.0.2")
        self.refused(snmp.INCONSISTENT_VALUE, row.set(ACTIVE))
        self.assertEqual(row.look(), {7: self.number("va"), 12: integer(0)})
        self.client.set(row.set(NOT_IN_SERVICE))  # which takes its place
        self.assertEqual(self.client.get(row.at(12)), [integer(0)])
        self.client.set(row.set(ACTIVE))


class Refusals(Held):
    def test_active_fails(self):
        """What is wrong is found when it is to become active, and the row is kept."""
        self.lab.ip("link add gone0 type ifb")
        links, down = self.lab.links(), self.indexes["down0"]
        number = next(index for index, link in links.items() if link["ifname"] == "gone0")
        self.lab.ip("link del gone0")
        near = NEIGH_TABLE + (8, number) + inet("10.1.0.9")
        self.client.set((near, WAIT), (near[:9] + (4,) + near[10:], mac(9)))
        for row, column, bad in ((self.address("10.1.0.9"), 3, (number,)),
                                 (self.address("127.0.0.9"), 3, (self.indexes["va"],)),
                                 (self.address("10.1.0.255"), 3, ()),
                                 (self.route(DST), 7, (number, down)),
                                 (self.route(DST6), 7, (number, down)),
                                 (self.old_route("10.52.0.0/16"), 5, (number, down))):
            for link in bad:
                self.client.set(row.set(WAIT), (row.at(column), integer(link)))
                self.fails(snmp.INCONSISTENT_VALUE, row.set(ACTIVE))
                self.assertEqual(self.status_of(row), NOT_IN_SERVICE)
                self.client.set(row.set(DESTROY))
        with self.assertRaises(snmp.Refused):
            self.client.set((near, ACTIVE))
        self.assertEqual(self.client.get(near), [NOT_IN_SERVICE])

    def test_not_ours(self):
        """What cannot be destroyed cannot be taken out of service."""
        self.lab.batch([f"route add {DST} via 10.1.0.2 proto kernel",
                        f"route add {DST6} via 2001:db8:1::2 proto ra",
                        "route add 10.51.0.0/16 via 10.1.0.2 proto bird",
                        "nexthop add id 9 via 10.1.0.2 dev va",
                        "route add 10.54.0.0/16 nhid 9"])
        for row, status in (
                (self.address("127.0.0.1"), snmp.NOT_WRITABLE),
                (self.address("::1"), snmp.NOT_WRITABLE),
                (self.address("10.1.0.255"), snmp.NOT_WRITABLE),
                (self.route(DST, "10.1.0.2"), snmp.INCONSISTENT_VALUE),
                (self.route(DST6, "2001:db8:1::2"), snmp.INCONSISTENT_VALUE),
                (self.route("10.51.0.0/16", "10.1.0.2"), snmp.INCONSISTENT_VALUE),
                (self.route("10.54.0.0/16", "10.1.0.2"), snmp.INCONSISTENT_VALUE),
                (self.route("10.1.0.0/24"), snmp.INCONSISTENT_VALUE),
                (self.old_route("10.1.0.0/24"), snmp.INCONSISTENT_VALUE),
                (self.old_route(DST, "10.1.0.2"), snmp.INCONSISTENT_VALUE)):
            with self.subTest(row=row):
                self.assertEqual(self.status_of(row), ACTIVE)
                self.fails(status, row.set(NOT_IN_SERVICE))
                self.fails(status, row.set(DESTROY))
        self.configure("netmibdForeignRoutes yes")
        for row in (self.route(DST, "10.1.0.2"), self.route(DST6, "2001:db8:1::2"),
                    self.route("10.54.0.0/16", "10.1.0.2")):
            self.fails(snmp.INCONSISTENT_VALUE, row.set(NOT_IN_SERVICE))
        row = self.route("10.51.0.0/16", "10.1.0.2")
        self.client.set(row.set(NOT_IN_SERVICE))
        self.client.set(row.set(ACTIVE))
        self.assertEqual(self.routes("10.51.0.0/16")[0]["protocol"], "12")  # as it was: bird

    def test_protected(self):
        self.lab.batch(["addr add 10.1.0.9/24 dev va", f"route add {DST} via 10.1.0.2",
                        f"route add {DST6} dev va"])
        self.configure("netmibdProtect va")
        for row in (self.address("10.1.0.9"), self.address("2001:db8:1::1"),
                    self.route(DST, "10.1.0.2"), self.route(DST6),
                    self.old_route(DST, "10.1.0.2")):
            with self.subTest(row=row):
                self.assertEqual(self.status_of(row), ACTIVE)
                self.fails(snmp.INCONSISTENT_VALUE, row.set(NOT_IN_SERVICE))

    def test_indexes_of_no_row(self):
        for name in (ADDR_TABLE + (10,) + inet("224.0.0.1"), ADDR_TABLE + (10,) + inet("fe80::9"),
                     NEIGH_TABLE + (8, self.indexes["va"]) + inet("224.0.0.1"),
                     NEIGH_TABLE + (8, 0) + inet("10.1.0.9"),
                     TABLE + (17, 1, 4, 10, 50, 0, 0, 33, 2, 0, 0, 0, 0),
                     OLD_TABLE + (16, 10, 50, 0, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0),
                     OLD_TABLE + (16, 10, 50, 0, 0, 255, 255, 0, 0, 256, 0, 0, 0, 0)):
            self.fails(snmp.NO_CREATION, (name, WAIT))

    def test_destination_beyond_its_length(self):
        """"An inconsistentName error must be returned on SET or CREATE requests" (RFC 4292)."""
        for row in (self.route("10.50.0.0/16"), self.route("2001:db8:50::/48")):
            index = list(row.index)
            index[index[1] + 1] = 1
            name = TABLE + (17,) + tuple(index)
            self.fails(snmp.INCONSISTENT_NAME, (name, GO), (TABLE + (7,) + tuple(index),
                                                            self.number("va")))
            self.fails(snmp.INCONSISTENT_NAME, (name, WAIT))
        self.fails(snmp.INCONSISTENT_NAME,
                   (OLD_TABLE + (16, 10, 50, 0, 1, 255, 255, 0, 0, 0, 0, 0, 0, 0), WAIT))

    def test_write_off(self):
        row = self.neighbour("10.1.0.9")
        self.client.set(row.set(WAIT))
        self.configure("netmibdWrite off")
        self.refused(snmp.NOT_WRITABLE, row.set(DESTROY))
        self.refused(snmp.NOT_WRITABLE, self.neighbour("10.1.0.8").set(WAIT))
        self.assertEqual(self.status_of(row), NOT_READY)

    def test_dry_run(self):
        self.configure("netmibdWrite dry-run")
        state = super().state()
        self.lab.ip("neigh add 10.1.0.7 lladdr 02:00:00:00:00:07 dev va nud permanent")
        for row in self.made:
            self.client.set(row.set(WAIT), *row.say(row.needed))
            self.shows(row, {**row.defaults, **row.needed, row.status: NOT_IN_SERVICE})
            self.client.set(row.set(ACTIVE))
            self.assertFalse(row.look(), row)
        self.client.set(self.neighbour("10.1.0.7").set(NOT_IN_SERVICE))
        self.assertTrue(self.neighbour("10.1.0.7").look())
        self.lab.ip("neigh del 10.1.0.7 dev va")
        now = super().state()
        self.assertEqual({**now, "held": 0}, {**state, "held": 0})

    def test_limit(self):
        def row(number):
            return self.neighbour(f"10.1.{number // 200 + 1}.{number % 200 + 1}")
        for first in range(0, 1000, 25):
            self.client.set(*[row(number).set(WAIT) for number in range(first, first + 25)])
        self.refused(snmp.RESOURCE_UNAVAILABLE, row(1000).set(WAIT))
        self.lab.ip(f"route add {DST} via 10.1.0.2")
        route = self.route(DST, "10.1.0.2")
        self.refused(snmp.RESOURCE_UNAVAILABLE, route.set(NOT_IN_SERVICE))
        self.assertTrue(route.look())
        self.assertEqual(len(self.held()), 2000)
        self.client.set((row(0).at(4), mac(9)))
        self.client.set(row(1).set(DESTROY), row(2).set(DESTROY))
        self.refused(snmp.RESOURCE_UNAVAILABLE, *[row(number).set(WAIT)
                                                  for number in (1, 2, 1000)], index=3)
        self.client.set(route.set(NOT_IN_SERVICE), row(1).set(WAIT))


class Policies(Held):
    """{ 0 0 table tos metric ifIndex }, and with a source."""

    def long(self, dst, hop=None, tos=0, metric=5, link="va", source=None, table=254):
        policy = (0, 0, table, tos, metric, self.indexes[link])
        if source:
            network = ipaddress.ip_network(source)
            policy += (network.prefixlen,) + tuple(network.network_address.packed)
        return self.route(dst, hop, policy)

    def test_create(self):
        for dst, hop, more in (
                (DST, None, {}), (DST, "10.1.0.2", {}), (DST, "10.1.0.2", {"tos": 8}),
                (DST, None, {"tos": 16, "metric": 0}), (DST6, None, {}),
                (DST6, "2001:db8:1::2", {}), (DST6, "fe80::2", {}),
                (DST6, "2001:db8:1::2", {"source": "2001:db8:77::/48"}),
                (DST6, None, {"source": "2001:db8:78::1/128"})):
            with self.subTest(dst=dst, hop=hop, more=more):
                row = self.long(dst, hop, **more)
                metric = more.get("metric", 5)
                self.late(row.set(GO))
                self.client.set(row.set(GO))
                self.assertEqual(self.status_of(row), ACTIVE)
                self.assertEqual(self.client.get(row.at(7), row.at(12)),
                                 [self.number("va"), integer(metric)])
                found, = self.routes(dst)
                self.assertEqual((found.get("metric", 0), int(found.get("tos", "0"), 0)),
                                 (metric, more.get("tos", 0)))
                if "source" in more:
                    self.assertEqual(found["from"], more["source"].removesuffix("/128"))
                self.late(row.set(DESTROY))
                self.assertEqual(self.status_of(row), ACTIVE)  # at the same index
                self.late(row.set(NOT_IN_SERVICE))
                self.client.set(row.set(NOT_IN_SERVICE))
                self.assertEqual(self.routes(dst), [])
                self.assertEqual(self.status_of(row), NOT_IN_SERVICE)
                self.client.set(row.set(ACTIVE))
                self.assertEqual(self.status_of(row), ACTIVE)
                self.assertEqual(len(self.routes(dst)), 1)
                self.client.set(row.set(DESTROY))
                self.assertEqual(self.routes(dst), [])

    def test_default_table(self):
        row = self.long(DST, table=253)
        self.client.set(row.set(GO))
        self.assertEqual(self.status_of(row), ACTIVE)
        self.assertEqual(len(self.routes(DST, "default")), 1)
        self.late(row.set(DESTROY))
        self.client.set(row.set(DESTROY))
        self.assertEqual(self.routes(DST, "default"), [])

    def test_columns_agree(self):
        row = self.long(DST, "10.1.0.2")
        for values in ({7: self.number("wa")}, {7: integer(0)}, {12: integer(6)},
                       {12: integer(0)}):
            for order in (1, -1):
                varbinds = [*row.say(values), row.set(GO)][::order]
                self.fails(snmp.INCONSISTENT_VALUE, *varbinds, index=1 if order > 0 else 2)
            self.client.set(row.set(WAIT))
            self.refused(snmp.INCONSISTENT_VALUE, *row.say(values))
            self.client.set(row.set(DESTROY))
        self.client.set(row.set(GO), *row.say({7: self.number("va"), 12: integer(5)}))
        self.assertEqual(self.status_of(row), ACTIVE)

    def test_twice(self):
        """A route that is there with another policy, in either direction."""
        for first, second in itertools.permutations((
                (self.route(DST, "10.1.0.2"), {7: self.number("va"), 12: integer(5)}),
                (self.long(DST, "10.1.0.2"), {})), 2):
            self.client.set(first[0].set(GO), *first[0].say(first[1]))
            self.refused(snmp.INCONSISTENT_VALUE, second[0].set(GO),
                         *second[0].say(second[1]))
            self.client.set(second[0].set(WAIT), *second[0].say(second[1]))
            self.refused(snmp.INCONSISTENT_VALUE, second[0].set(ACTIVE))
            self.client.set(first[0].set(DESTROY), second[0].set(DESTROY))
            self.assertEqual(self.routes(DST), [])

    def test_the_wish_is_over(self):
        """A route of somebody else's has { 0 0 }, though one like it was asked for with a
        long policy before."""
        row = self.long(DST, "10.1.0.2")
        self.client.set(row.set(GO))
        self.lab.batch([f"route del {DST} metric 5", f"route add {DST} via 10.1.0.2 metric 5"])
        self.assertEqual(self.status_of(self.route(DST, "10.1.0.2")), ACTIVE)
        self.assertEqual(self.status_of(row), snmp.NO_INSTANCE)

    def test_sources(self):
        """Of several that differ in their sources exactly one goes and comes back."""
        self.lab.batch([f"route add {DST6} via 2001:db8:1::2 metric 5"] + [
            f"route add {DST6} from 2001:db8:{n}::/48 via 2001:db8:1::2 metric 5"
            for n in (77, 78)])
        for row in (self.long(DST6, "2001:db8:1::2", source="2001:db8:77::/48"),
                    self.route(DST6, "2001:db8:1::2")):
            before = self.routes(DST6)
            self.assertEqual(self.status_of(row), ACTIVE)
            self.late(row.set(DESTROY))
            self.client.set(row.set(DESTROY))
            self.assertEqual(len(self.routes(DST6)), len(before) - 1)
            self.assertEqual([route for route in self.routes(DST6) if route not in before], [])
        self.assertEqual([route.get("from") for route in self.routes(DST6)],
                         ["2001:db8:78::/48"])


class OlderTables(Held):
    """ipCidrRouteTable, ipRouteTable, atTable."""

    def test_create(self):
        for hop, tos, kind in itertools.product((None, "10.1.0.2"), (0, 8), (True, False)):
            with self.subTest(hop=hop, tos=tos):
                row = self.old_route(DST, hop, tos)
                more = {6: REMOTE if hop else LOCAL, 9: OID0, 10: integer(0), 11: integer(7),
                        12: MINUS, 13: MINUS, 14: MINUS, 15: MINUS} if kind else {}
                varbinds = [row.set(GO), *row.say({**row.needed, **more})]
                self.late(*varbinds)
                self.client.set(*varbinds)
                found, = self.routes(DST)
                self.assertEqual((found.get("gateway"), int(found.get("tos", "0"), 0),
                                  found.get("metric", 0)), (hop, tos, 7 if kind else 0))
                self.assertEqual(self.client.get(*[row.at(column) for column in (5, 6, 7, 11)]), [
                    self.number("va"), REMOTE if hop else LOCAL, integer(3),
                    integer(7 if kind else 0)])
                self.late(row.set(DESTROY))
                self.client.set(row.set(DESTROY))
                self.assertEqual(self.routes(DST), [])

    def test_values(self):
        row = self.old_route(DST)
        go = [row.set(GO), *row.say(row.needed)]
        for column, bad in ((6, (0, 1, 5, 6, -1)), (10, (1, -1)), (11, (-2,)),
                            (12, (0, 5)), (13, (0,)), (14, (1,)), (15, (-2,)),
                            (16, (0, 3, 7))):
            for number in bad:
                with self.subTest(column=column, number=number):
                    self.fails(snmp.WRONG_VALUE, (row.at(column), integer(number)), *go)
        for value in ((0, 1), (1, 3, 6), (2, 0), (1, 3, 6, 1, 4, 1, 8072)):
            self.fails(snmp.WRONG_VALUE, (row.at(9), snmp.Value(snmp.OBJECT_ID, value)), *go)
        for column in (1, 2, 3, 4, 7, 8, 17):
            self.fails(snmp.NOT_WRITABLE, (row.at(column), integer(1)), *go)
        for mask in ((255, 0, 255, 0), (0, 0, 0, 1), (255, 255, 0, 1), (127, 0, 0, 0)):
            index = (10, 50, 0, 0) + mask + (0, 0, 0, 0, 0)
            for status in (GO, WAIT, ACTIVE, DESTROY):
                self.fails(snmp.NO_CREATION, (OLD_TABLE + (16,) + index, status))

    def test_one_row_in_both_tables(self):
        """In one PDU they are one edit, in any order."""
        new, old = self.route(DST, "10.1.0.2"), self.old_route(DST, "10.1.0.2")
        parts = [new.set(GO), (new.at(7), self.number("va")), (old.at(11), integer(9))]
        for varbinds in itertools.permutations(parts):
            self.client.set(*varbinds)
            found, = self.routes(DST)
            self.assertEqual((found["metric"], found["dev"]), (9, "va"))
            self.client.set(new.set(DESTROY), old.set(DESTROY))
            self.assertEqual(self.routes(DST), [])
        for varbinds in ([new.set(GO), old.set(WAIT)], [old.set(WAIT), new.set(GO)]):
            self.refused(snmp.INCONSISTENT_VALUE, *varbinds, index=2)
        self.assertEqual(self.held(), {})

    def test_out_of_service_in_one_table(self):
        """Where it has been said; it becomes active in both."""
        new, old = self.route(DST, "10.1.0.2"), self.old_route(DST, "10.1.0.2")
        for first, second in ((new, old), (old, new)):
            self.client.set(new.set(GO))
            self.client.set(first.set(NOT_IN_SERVICE))
            self.assertEqual(self.routes(DST), [])
            self.assertEqual([self.status_of(row) for row in (first, second)],
                             [NOT_IN_SERVICE, snmp.NO_INSTANCE])
            self.client.set(first.set(ACTIVE))
            self.assertEqual([self.status_of(row) for row in (first, second)], [ACTIVE] * 2)
            self.client.set(second.set(DESTROY))
            self.assertEqual(self.held(), {})

    def test_both_tables_say_something_of_a_row_out_of_service(self):
        """It is out of service in one of them."""
        self.both_tables_say_something(1)

    def test_both_tables_say_something_in_the_other_order(self):
        self.both_tables_say_something(-1)

    def both_tables_say_something(self, order):
        new, old = self.route(DST, "10.1.0.2"), self.old_route(DST, "10.1.0.2")
        for first, metric, other in ((new, 12, (old.at(11), integer(9))),
                                     (old, 11, (new.at(12), integer(9)))):
            self.client.set(first.set(WAIT), (first.at(metric), integer(5)))
            self.client.set(*[first.set(ACTIVE), other][::order])
            self.assertEqual([route["metric"] for route in self.routes(DST)], [9])
            self.client.set(first.set(DESTROY))
            self.assertEqual((self.routes(DST), self.held()), ([], {}))

    def test_the_other_table_destroys_what_hides_it(self):
        """What was said of it out of service does not come back."""
        new, old = self.route(DST, "10.1.0.2"), self.old_route(DST, "10.1.0.2")
        for first, second in ((new, old), (old, new)):
            self.client.set(first.set(WAIT))
            self.lab.ip(f"route add {DST} via 10.1.0.2")
            self.late(second.set(DESTROY))
            self.client.set(second.set(DESTROY))
            self.assertEqual((self.routes(DST), self.held()), ([], {}))

    def test_the_other_table_creates_it(self):
        """Then it is active; what was said of it out of service is hidden."""
        new, old = self.route(DST, "10.1.0.2"), self.old_route(DST, "10.1.0.2")
        for first, second in ((new, old), (old, new)):
            self.client.set(first.set(WAIT))
            self.late(second.set(GO))
            self.client.set(second.set(GO))
            self.assertEqual([self.status_of(row) for row in (first, second)], [ACTIVE] * 2)
            self.client.set(first.set(DESTROY))
            self.assertEqual((self.routes(DST), self.held()), ([], {}))

    def test_old_neighbours(self):
        """ipNetToMediaTable knows no RowStatus: what it makes is there at once."""
        row = self.neighbour("10.1.0.9")
        index = (self.indexes["va"],) + tuple(packed("10.1.0.9"))
        lladdr, kind = (OLD_NEIGH + (column,) + index for column in (2, 4))
        self.client.set(row.set(WAIT), (row.at(4), mac(9)))
        self.assertEqual(self.client.get(lladdr, kind), [snmp.NO_INSTANCE] * 2)
        self.client.set((lladdr, mac(7)), (kind, DYNAMIC))
        self.assertEqual(row.look(), {4: mac(7), 6: DYNAMIC})
        self.client.set(row.set(NOT_IN_SERVICE))
        self.assertEqual(self.client.get(lladdr, row.at(4)), [snmp.NO_INSTANCE, mac(7)])
        self.client.set(row.set(ACTIVE), (lladdr, mac(6)))
        self.assertEqual(row.look(), {4: mac(6), 6: DYNAMIC})
        self.client.set((kind, INVALID))
        self.assertFalse(row.look())

    def test_ip_route_type(self):
        self.lab.batch([f"route add {DST} nexthop via 10.1.0.2 nexthop via 10.2.0.2",
                        "route add 10.51.0.0/16 via 10.1.0.2 proto kernel"])
        name = ROUTE_TABLE + (8, 10, 50, 0, 0)
        hop = ROUTE_TABLE + (7, 10, 50, 0, 0)
        for number in (1, 3, 4):
            self.fails(snmp.INCONSISTENT_VALUE, (name, integer(number)))
        for number in (0, 5, -1):
            self.fails(snmp.WRONG_VALUE, (name, integer(number)))
        self.fails(snmp.INCONSISTENT_VALUE, (ROUTE_TABLE + (8, 10, 51, 0, 0), integer(2)))
        for status in (snmp.NO_CREATION,):
            self.fails(status, (ROUTE_TABLE + (8, 10, 59, 0, 0), integer(2)))
        self.late((name, integer(2)))
        left = {"10.1.0.2", "10.2.0.2"}
        while left:  # the one that is shown goes, then the other one
            shown = self.client.value(hop)
            left.remove(str(ipaddress.ip_address(shown)))
            self.client.set((name, integer(2)))
            self.assertEqual({one["gateway"] for one in self.routes(DST)}, left)
        self.assertEqual(self.client.get(name), [snmp.NO_INSTANCE])

    def test_at_phys_address(self):
        self.lab.ip("neigh add 10.1.0.9 lladdr 02:00:00:00:00:07 dev va nud permanent")
        name = AT_TABLE + (2, self.indexes["va"], 1) + tuple(packed("10.1.0.9"))
        row = self.neighbour("10.1.0.9")
        self.done((name, mac(9)))
        self.assertEqual(row.look(), {4: mac(9), 6: STATIC})
        for bad in (b"1", b"12345", b"1234567", bytes(32)):
            self.fails(snmp.WRONG_LENGTH, (name, octets(bad)))
        self.late((name, octets(b"")))
        self.late((name, mac(8)))
        self.client.set((name, octets(b"")))
        self.assertIsNone(row.look())
        self.assertEqual(self.client.get(name), [snmp.NO_INSTANCE])
        self.refused(snmp.NO_CREATION, (name, mac(9)))


class Model:
    """What a row must be: RFC 2579, and what its table says of its columns."""

    def __init__(self, row, kind, choices):
        self.row, self.kind, self.choices = row, kind, choices
        self.state, self.said = "A", {}
        old = row.table == OLD_TABLE
        leads = row.index[-4:] != (0, 0, 0, 0) if old else row.index[-2:] != NONE
        self.concluded = {6 if old else 8: REMOTE if leads else LOCAL,
                          5 if old else 7: choices[5 if old else 7][0]} if kind == "route" else {}

    def ready(self, said):
        return all(column in said and said[column] != integer(0) for column in self.row.needed)

    def pick(self, choice):
        """(RowStatus or None, {column: value})"""
        status = choice.choice([None, None, ACTIVE, ACTIVE, NOT_IN_SERVICE, GO, WAIT, DESTROY])
        return status, {column: choice.choice(values) for column, values in
                        self.choices.items() if choice.random() < 0.5}

    def follow(self, status, columns):
        """(error or None, state, said) after that."""
        bad = (snmp.INCONSISTENT_VALUE, self.state, self.said)
        said = {**(self.said if self.state != "A" else {}), **columns}
        if 3 in columns and columns[3] != self.said.get(3):
            said["length"] = None
        if status == DESTROY:
            return None, "A", {}
        if status is None and self.state == "A":
            return (snmp.INCONSISTENT_NAME,) + bad[1:]
        if status in (GO, WAIT) and self.state != "A":
            return bad
        if status in (ACTIVE, NOT_IN_SERVICE) and self.state == "A":
            return bad
        if self.state == "D" and self.kind == "route" and columns and status != NOT_IN_SERVICE:
            return bad
        active = status in (GO, ACTIVE) or (status is None and self.state == "D")
        if not self.ready(said) and (active or status == NOT_IN_SERVICE):
            return bad
        if active and self.kind == "route":  # what follows from the next hop
            said = {**self.concluded, **said}
        if active and self.kind == "address" and said.get("length") is None:
            on_va = said[3] == self.choices[3][0]
            v4 = self.row.index[0] == 1
            said["length"] = (24 if v4 else 64) if on_va else (32 if v4 else 128)
        return None, "D" if active else "C" if self.ready(said) else "B", said

    def shown(self):
        """What a GET says of the columns that can be said."""
        return {**self.row.defaults, **{column: value for column, value in self.said.items()
                                        if column != "length"}}


class Random(Held):
    def models(self):
        va, wa = self.number("va"), self.number("wa")
        address = {3: [va, va, wa], 7: [PREFERRED, DEPRECATED], 11: [VOLATILE]}
        lladdr = {4: [mac(8), mac(9)], 6: [STATIC, DYNAMIC]}
        metrics = [integer(5), integer(7)]
        made = [("address", address), ("address", address), None, ("neighbour", lladdr),
                ("neighbour", lladdr), ("route", {7: [va, wa], 12: metrics}),
                ("route", {7: [va, wa], 12: metrics}), ("route", {7: [va], 12: metrics}),
                ("route", {7: [va], 12: metrics}), ("route", {5: [va, wa], 11: metrics}),
                ("route", {5: [va], 11: metrics})]
        return [Model(row, *how) for row, how in zip(self.made, made) if how]

    def compare(self, models, message):
        for model in models:
            row, shown = model.row, model.shown()
            wanted = {"A": snmp.NO_INSTANCE, "B": NOT_READY, "C": NOT_IN_SERVICE, "D": ACTIVE}
            self.assertEqual(self.status_of(row), wanted[model.state], (message, row))
            seen = row.look() or None
            if model.state != "D":
                self.assertIsNone(seen, (message, row))
            if model.state in "BC":
                columns = {**shown, row.status: wanted[model.state]}
                self.shows(row, columns)
            if model.state == "D":
                for column, value in seen.items():
                    if column not in (5, 7) or model.kind != "route" or row.needed:
                        self.assertEqual(value, {**shown, **model.said}[column],
                                         (message, row, column))

    def one(self, choice, models, message):
        chosen = choice.sample(models, choice.randint(1, 3))
        varbinds, follows = [], {}
        for model in chosen:
            status, columns = model.pick(choice)
            mine = model.row.say(columns) + ([model.row.set(status)] if status else [])
            if mine:
                follows[model] = model.follow(status, columns)
                varbinds += [(model, varbind) for varbind in mine]
        choice.shuffle(varbinds)
        if not varbinds:
            return "nothing"
        refuse = self.the_kernel_refuses() if choice.random() < 0.15 else []
        errors = {model: follow[0] for model, follow in follows.items() if follow[0]}
        said = (message, [varbind for _, varbind in varbinds], errors)
        try:
            self.client.set(*[varbind for _, varbind in varbinds], *refuse)
        except snmp.Refused as refused:
            if refuse and not errors:
                self.assertEqual((refused.status, refused.index),
                                 (snmp.COMMIT_FAILED, len(varbinds) + 1), said)
                return "undone"
            blamed = varbinds[refused.index - 1][0] if refused.index <= len(varbinds) else None
            self.assertEqual(refused.status, errors.get(blamed), said)
            return f"error {refused.status}"
        self.assertFalse(errors or refuse, said)
        for model, (_, state, columns) in follows.items():
            model.state, model.said = state, columns if state != "A" else {}
        return "done"

    def test_random(self):
        seed = int(os.environ.get("SEED", random.randrange(2**32)))
        print(f"SEED={seed}")
        choice, models = random.Random(seed), self.models()
        outcomes = collections.Counter()
        for number in range(200):
            message = f"SEED={seed}, PDU {number}"
            there = [model for model in models if model.state == "D"]
            if there and choice.random() < 0.1:  # somebody else takes one away
                gone = choice.choice(there)
                self.lab.ip(gone.row.drop)
                gone.state, gone.said = "A", {}
            outcomes[self.one(choice, models, message)] += 1
            self.compare(models, message)
            if number % 20 == 0:
                walked = {name for name, value in self.held().items()}
                self.assertEqual({model.row.at(model.row.status) in walked for model in models
                                  if model.state in "BC"} - {True}, set(), message)
        self.assertNotIn("undo has failed", self.daemon.text(), f"SEED={seed}")
        self.assertGreater(outcomes["done"], 5, f"SEED={seed} {outcomes}")
        print(dict(outcomes))


def both(case):
    """Its two modes."""
    for mode in ("standalone", "agentx"):
        name = {"standalone": "Standalone", "agentx": "AgentX"}[mode] + case.__name__
        made = type(name, (case, lab.Test), {"mode": mode, "__module__": __name__})
        if lab.SANITIZED and mode == "agentx":
            made = lab.unittest.skip("the same edits are made in standalone mode")(made)
        yield name, made


for _case in (States, OutAndBack, Hidden, Refusals, Policies, OlderTables, Random):
    globals().update(both(_case))
