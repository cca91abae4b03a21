"""Two managers at once, and `ip` changing the same rows meanwhile: the loser gets an honest
error, a PDU is done as a whole or not, nobody sees half a row, and at the end the tables
are what `ip` says."""

import os
import random
import re
import threading
import time

import lab
import mib
import routes
import snmp
from routes import TABLE, inet
from snmp import integer, octets
from test_addresses import ADDR_TABLE, NEIGH_TABLE, Truth
from test_set import DOWN, UP, Set
from test_set_routes import gateway

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
SECONDS = 10
LINKS = 3
GO, DESTROY = integer(4), integer(6)
DESTINATIONS = ["10.60.0.0/16", "10.61.0.0/16", "2001:db8:60::/48", "2001:db8:61::/48"]
HONEST = {snmp.INCONSISTENT_VALUE, snmp.INCONSISTENT_NAME, snmp.COMMIT_FAILED}


def mac(number):
    return bytes([2, 0, 0, 0, 0, number])


class Actor(threading.Thread):
    """Acts until the time is over; .trouble is what went wrong, .seen what happened."""

    def __init__(self, test, name):
        super().__init__(daemon=True, name=name)
        self.test, self.roll = test, random.Random(f"{SEED} {name}")
        self.trouble, self.seen = None, {}
        self.enough = threading.Event()

    def count(self, what):
        self.seen[what] = self.seen.get(what, 0) + 1

    def run(self):
        try:
            while not self.enough.is_set():
                self.act()
        except Exception as error:  # told by the test
            self.trouble = f"{self.name}: {error!r}"

    # what they contend for

    def link(self):
        return self.roll.randrange(LINKS)

    def address(self):
        link, last = self.link(), self.roll.randrange(10, 13)
        return self.roll.choice([f"10.0.{link}.{last}", f"2001:db8:{link}::{last}"]), link

    def route(self):
        dst, link = self.roll.choice(DESTINATIONS), self.link()
        return dst, gateway(link, self.roll.choice([2, 3]), 6 if ":" in dst else 4), link

    def neighbour(self):
        link = self.link()
        return gateway(link, self.roll.randrange(2, 6), self.roll.choice([4, 6])), link


class Manager(Actor):
    """SETs of some rows and the alias of a link that nobody else changes, which is called
    as the manager is, and tells whether the PDU was done."""

    def __init__(self, test, name):
        super().__init__(test, name)
        self.client = test.lab.client(community="private")
        self.alias = mib.cell("ifAlias", test.indexes[name])
        self.turn = 0

    def rows(self):
        """Varbinds of one thing, and how its row is called."""
        draw, comes = self.roll.random(), self.roll.random() < 0.6
        numbers = self.test.indexes
        if draw < 0.25:
            text, link = self.address()
            at = inet(text, 0)
            if not comes:
                return [(ADDR_TABLE + (10,) + at, DESTROY)]
            return [(ADDR_TABLE + (3,) + at, integer(numbers[f"w{link}"])),
                    (ADDR_TABLE + (10,) + at, GO)]
        if draw < 0.65:
            dst, hop, link = self.route()
            address, _, length = dst.partition("/")
            at = inet(address, 0) + (int(length), 2, 0, 0) + inet(hop, 0)
            if not comes:
                return [(TABLE + (17,) + at, DESTROY)]
            return [(TABLE + (7,) + at, integer(numbers[f"w{link}"])), (TABLE + (17,) + at, GO)]
        if draw < 0.85:
            text, link = self.neighbour()
            at = (numbers[f"w{link}"],) + inet(text, 0)
            if not comes:
                return [(NEIGH_TABLE + (8,) + at, DESTROY)]
            return [(NEIGH_TABLE + (4,) + at, octets(mac(self.roll.randrange(9)))),
                    (NEIGH_TABLE + (8,) + at, GO)]
        if draw < 0.95:
            return [(mib.cell("ifAlias", numbers[f"w{self.link()}"]),
                     octets(self.roll.choice([b"one", b"two", b""])))]
        return [(mib.cell("ifAdminStatus", numbers["w2"]), UP if comes else DOWN)]

    def pdu(self):
        varbinds, names = [], set()
        for _ in range(self.roll.randint(1, 3)):
            varbinds += [(name, value) for name, value in self.rows() if name not in names]
            names.update(name for name, _ in varbinds)
        self.turn += 1
        varbinds.insert(self.roll.randrange(len(varbinds) + 1),
                        (self.alias, octets(b"%d" % self.turn)))
        return varbinds

    def act(self):
        before, varbinds = self.client.value(self.alias), self.pdu()
        wanted = b"%d" % self.turn
        try:
            self.client.set(*varbinds)
            self.count(0)
        except snmp.Refused as refused:
            self.count(refused.status)
            if refused.status == snmp.UNDO_FAILED:
                return  # somebody was faster, and the manager knows
            wanted = before
            if refused.status not in HONEST or not 1 <= refused.index <= len(varbinds):
                raise AssertionError(f"{refused.status} {refused.index} {varbinds}") from None
        got = self.client.value(self.alias)
        if got != wanted:
            raise AssertionError(f"{got} is not {wanted} after {varbinds}")


class Administrator(Actor):
    """`ip` on the same things."""

    def line(self):
        draw, roll = self.roll.random(), self.roll
        if draw < 0.3:
            text, link = self.address()
            length = 64 if ":" in text else 24
            return f"addr {roll.choice(['add', 'del'])} {text}/{length} dev w{link}"
        if draw < 0.6:
            dst, hop, link = self.route()
            verb = roll.choice(["add", "append", "replace", "del", "del"])
            return f"route {verb} {dst} via {hop} dev w{link}"
        if draw < 0.85:
            text, link = self.neighbour()
            if roll.random() < 0.4:
                return f"neigh del {text} dev w{link}"
            lladdr = ":".join(f"{octet:02x}" for octet in mac(roll.randrange(9)))
            return f"neigh replace {text} lladdr {lladdr} dev w{link} nud permanent"
        if draw < 0.97:
            return f"link set w{self.link()} alias {roll.choice(['three', 'four'])}"
        return f"link set w2 {roll.choice(['up', 'up', 'down'])}"

    def act(self):
        self.test.lab.batch([self.line() for _ in range(20)], check=False)
        self.count("batches")
        time.sleep(self.roll.random() * 0.02)


class Reader(Actor):
    """A row, all of its columns in one PDU: there, or not there."""

    def __init__(self, test, name):
        super().__init__(test, name)
        self.client = test.lab.client()

    def act(self):
        if self.roll.random() < 0.5:
            at = inet(self.address()[0], 0)
            columns = [ADDR_TABLE + (n,) + at for n in range(3, 12)]
        else:
            dst, hop, _ = self.route()
            address, _, length = dst.partition("/")
            at = inet(address, 0) + (int(length), 2, 0, 0) + inet(hop, 0)
            columns = [TABLE + (n,) + at for n in range(7, 18)]
        got = self.client.get(*columns)
        there = {not value.exception for value in got}
        if len(there) != 1:
            raise AssertionError(f"half a row: {snmp.show(columns[0])} {got}")
        self.count(f"rows {there.pop()}")


class Rivals(Set):
    check_addresses = Truth.check_addresses
    check_old_addresses = Truth.check_old_addresses
    check_neighbours = Truth.check_neighbours

    def setUp(self):
        self.lab = self.make_lab()
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        routes.plug(self.lab, LINKS)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        self.indexes = {link["ifname"]: n for n, link in self.lab.links().items()}

    def equal_to_ip(self):
        """All of it; the kernel ages neighbours, and looks for duplicates, meanwhile."""
        try:
            self.check_all(f"SEED={SEED}")
            self.check_addresses()
            self.check_neighbours()
            links = self.lab.links()
            for column, key in (("ifAlias", "ifalias"), ("ifAdminStatus", "flags")):
                shown = mib.column(self.client, column)
                for number, link in links.items():
                    wanted = (link.get(key, "").encode() if column == "ifAlias" else
                              1 if "UP" in link[key] else 2)
                    self.assertEqual(shown[number], wanted, (column, link["ifname"]))
        except AssertionError as error:
            self.difference = error
            return False
        return True

    def test_managers_and_ip(self):
        self.contend(SECONDS, Administrator(self, "ip"))

    def test_managers(self):
        """Nothing comes between a commit and its undo, so that always succeeds."""
        for manager in self.contend(SECONDS / 2):
            self.assertNotIn(snmp.UNDO_FAILED, manager.seen, f"SEED={SEED}")

    def contend(self, seconds, *others):
        print(f"SEED={SEED}")
        actors = [Manager(self, "x0"), Manager(self, "x1"), *others, Reader(self, "reader")]
        for actor in actors:
            actor.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end and not any(actor.trouble for actor in actors):
            time.sleep(0.1)
        for actor in actors:
            actor.enough.set()
        for actor in actors:
            actor.join(30 * lab.PATIENCE)
            print(actor.name, actor.seen)
        print("\n".join(re.findall(r".*undo(?:: | has failed).*", self.daemon.text())))
        self.assertEqual([actor.trouble for actor in actors if actor.trouble], [],
                         f"SEED={SEED}")
        self.assertTrue(self.daemon.running())
        for manager in actors[:2]:
            refused = sum(number for status, number in manager.seen.items() if status)
            self.assertGreater(manager.seen.get(0, 0), 5, manager.seen)
            self.assertGreater(refused, 5, manager.seen)
        lab.wait_until(lambda: routes.carriers_at_rest(self.lab), 10, "carriers at rest")
        try:
            lab.wait_until(self.equal_to_ip, 3, "equal", 0.2)
        except AssertionError:
            raise self.difference from None
        return actors[:2]


class StandaloneRivals(Rivals, routes.Truth):
    mode = "standalone"


class AgentXRivals(Rivals, routes.Truth):
    mode = "agentx"
