"""Routes: what the tables must show, made from what `ip -j route` and `ip -j nexthop` print
and not from netmibd's code; what an agent shows; and how the two differ.

What is compared of a row is a View. The policy, which only tells rows apart, is none of it:
differences() sees that each is one the row may have.
"""

import collections
import ipaddress
import json
import time

import lab
import snmp

IP = (1, 3, 6, 1, 2, 1, 4)
FORWARD = IP + (24,)
NUMBER, DISCARDS, TABLE = FORWARD + (6, 0), FORWARD + (8, 0), FORWARD + (7, 1)
OLD_NUMBER, OLD_TABLE = FORWARD + (3, 0), FORWARD + (4, 1)
ROUTE_TABLE = IP + (21, 1)
ROUTERS = IP + (37, 1)
ROOTS = (IP + (21,), FORWARD, IP + (37,))
UNICAST, LOCAL, BLACKHOLE, UNREACHABLE, PROHIBIT = "1", "2", "6", "7", "8"
SHOWN = {UNICAST, LOCAL, BLACKHOLE, UNREACHABLE, PROHIBIT}
MAIN, DEFAULT = 254, 253
# rtm_protocol -> IANAipRouteProtocol; others are other(1)
PROTOCOLS = {1: 4, 2: 2, 3: 3, 4: 3, 16: 19, 186: 14, 187: 9, 188: 13, 189: 8, 192: 16}
COLUMNS = range(7, 18)
COMPARED = (7, 8, 9, 12, 13)  # ifIndex, type, protocol, metrics 1 and 2
NO_HOP = (0, 0)
LARGEST = 2**31 - 1

View = collections.namedtuple(
    "View", "dst plen hop ifindex type proto metric1 metric2")
# A row as the kernel has it: what it must look like, and what its policy may name.
Wanted = collections.namedtuple("Wanted", "view table tos metric src")
Index = collections.namedtuple("Index", "dst plen policy hop")


def packed(text):
    return ipaddress.ip_address(text).packed


def inet(text, zone):
    """An address in an index: type, length, octets; a link-local one with its zone."""
    address = ipaddress.ip_address(text)
    octets = address.packed
    if address.version == 6 and address.is_link_local:
        octets += zone.to_bytes(4, "big")
    return ({4: 1, 16: 2, 20: 4}[len(octets)], len(octets)) + tuple(octets)


def text_of(address):
    """(type, length, octets ...) for a message."""
    octets = bytes(address[2:])
    if not octets:
        return "-"
    plain = str(ipaddress.ip_address(octets[:len(octets) // 16 * 16 or 4]))
    return plain + (f"%{int.from_bytes(octets[16:], 'big')}" if len(octets) == 20 else "")


def show(view):
    return (f"{text_of(view.dst)}/{view.plen} via {text_of(view.hop)} if {view.ifindex} "
            f"type {view.type} proto {view.proto} metrics {view.metric1} {view.metric2}")


# What the kernel has

class Torn(AssertionError):
    """The columns of a table do not have the same rows: it changed meanwhile."""


class Kernel:
    """One picture of the namespace's routes in the tables that are shown."""

    def __init__(self, laboratory, *which):
        """@which: words for `ip route show`; else all routes."""
        links, objects, *found = (json.loads(text or "[]") for text in laboratory.outputs(
            "ip -j link", "ip -j nexthop", *(
                f"ip -j -{version} -N -d route show table all {' '.join(which)}"
                for version in (4, 6))))
        self.links = {link["ifname"]: link["ifindex"] for link in links if link}
        self.objects = {entry["id"]: entry for entry in objects}
        self.routes = [(version, route) for version, several in zip((4, 6), found)
                       for route in several if int(route["table"]) in (MAIN, DEFAULT)]

    def __eq__(self, other):
        return (self.links, self.objects, self.routes) == (
            other.links, other.objects, other.routes)

    def hops(self, route):
        """The next hops of a route: what `ip` calls them, in an object or with the route."""
        if "nexthops" in route:
            return route["nexthops"]
        if "nhid" not in route or {"gateway", "via", "dev"} & set(route):
            return [route]
        entry = self.objects[route["nhid"]]
        if "group" in entry:
            return [dict(self.objects[member["id"]], weight=member.get("weight", 1))
                    for member in entry["group"]]
        return [entry]

    def row(self, version, route, hop, alone):
        """Wanted of one next hop."""
        reject = route["type"] not in (UNICAST, LOCAL)
        ifindex = 0 if reject or "dev" not in hop else self.links[hop["dev"]]
        gateway = hop.get("gateway") or hop.get("via", {}).get("host")
        any_address = "0.0.0.0/0" if version == 4 else "::/0"
        dst = ipaddress.ip_network(route["dst"].replace("default", any_address))
        kind = {BLACKHOLE: 5, UNREACHABLE: 2, PROHIBIT: 2}.get(
            route["type"], 4 if gateway else 3)
        metric = route.get("metric", 0)
        view = View(
            inet(str(dst.network_address), ifindex), dst.prefixlen,
            inet(gateway, ifindex) if gateway else NO_HOP, ifindex, kind,
            PROTOCOLS.get(int(route["protocol"]), 1), min(metric, LARGEST),
            -1 if alone else hop.get("weight", 1))
        src = ipaddress.ip_network(route["from"]) if "from" in route else None
        return Wanted(view, int(route["table"]), int(route.get("tos", "0"), 0), metric,
                      (src.prefixlen,) + tuple(src.network_address.packed) if src else ())

    def rows(self):
        """Wanted of each next hop that is neither dead nor of a route that is hidden. A
        replacing IPv6 route can make two that are equal (6.18): they are one, the first."""
        rows, seen = [], set()
        for version, route in self.routes:
            hops = self.hops(route)
            mine = [self.row(version, route, hop, len(hops) == 1) for hop in hops]
            keys = [(route.get("nhid"), row.view.dst, row.view.plen, row.view.hop,
                     row.view.ifindex, row.table, row.metric, row.src) for row in mine]
            rows += [row for hop, row, key in zip(hops, mine, keys)
                     if route["type"] in SHOWN and "dead" not in hop.get("flags", [])
                     and (version == 4 or key not in seen)]
            seen.update(keys)
        return rows


# What an agent shows

def parse(tail):
    """The Index that stands behind a column of inetCidrRouteTable."""
    parts, at = [], 0
    for lead in (2, 1, 1, 2):  # how many numbers there are, the last one may be a length
        end = at + lead
        if lead == 2 or len(parts) == 2:
            end += tail[end - 1]
        parts.append(tuple(tail[at:end]))
        at = end
    dst, (plen,), policy, hop = parts
    assert at == len(tail) and len(dst) > 2, tail
    return Index(dst, plen, policy[1:], hop)


def rows(client, table, columns):
    """{index: {column: value}} of a table; whole rows or Torn."""
    found, width = {}, len(table)
    for name, value in client.walk(table).items():
        found.setdefault(name[width + 1:], {})[name[width]] = value.value
    for index, row in found.items():
        if sorted(row) != list(columns):
            raise Torn(index, row)
    return found


def shown(client):
    """[(View, policy)] of inetCidrRouteTable, by the strict client, all of its columns."""
    found = []
    for tail, row in rows(client, TABLE, COLUMNS).items():
        # NextHopAS, metrics 3 to 5, active(1)
        assert [row[n] for n in (11, 14, 15, 16, 17)] == [0, -1, -1, -1, 1], (tail, row)
        assert row[10] >= 0, (tail, row)
        found.append(_entry(parse(tail), [row[n] for n in COMPARED]))
    return found


def _entry(index, values):
    return View(index.dst, index.plen, index.hop, *values), index.policy


def column_of(laboratory, name, port=lab.PORT):
    """{index as text: value as text} by snmpbulkwalk, which is fast and ends with an error
    when the order is not increasing."""
    root = snmp.show(name)
    done = laboratory.run(["snmpbulkwalk", "-v2c", "-c", "public", "-t10", "-Cr50", "-Oenq",
                           f"127.0.0.1:{port}", root], timeout=300)
    found = {}
    for line in done.stdout.splitlines():
        if not line.startswith(root + "."):
            continue  # "No Such Instance" and the like
        index, _, value = line[len(root) + 1:].partition(" ")
        assert index not in found, f"{line} twice"
        found[index] = value
    return found


def shown_fast(laboratory, port=lab.PORT):
    """[(View, policy)] of a large table: only what is compared."""
    columns = [column_of(laboratory, TABLE + (n,), port) for n in COMPARED]
    for other in columns[1:]:
        if list(columns[0]) != list(other):
            raise Torn(sorted(set(columns[0]) ^ set(other))[:5])
    return [_entry(parse(snmp.oid(index)), [int(column[index]) for column in columns])
            for index in columns[0]]


def policies(found):
    """{(dst, plen, hop, policy): View}; the index of a row is its name."""
    return {(view.dst, view.plen, view.hop, policy): view for view, policy in found}


# How they differ

def _policy_is_right(policy, ifindex, candidates):
    """May a row with one of the candidates' keys have that policy?"""
    for one in candidates:
        long = (0, 0, one.table, one.tos, one.metric, ifindex) + one.src
        if policy == (0, 0) and not one.src:
            return True
        if policy[:len(long)] == long and len(policy) - len(long) in (0, 1):
            return True
    return False


def passed_over(view, wanted):
    """May the kernel have a row like that and not name it in a dump? It does not name an
    IPv6 route that stands between the next hops of another one (6.18)."""
    return view.dst[0] in (2, 4) and view.metric2 == -1 and any(
        one.view[:2] == view[:2] and one.metric == view.metric1 and one.view.metric2 != -1
        for one in wanted)


def differences(found, wanted, most=12):
    """Lines that say how [(View, policy)] is not what [Wanted] demands; empty: it is."""
    lines = []
    have = collections.Counter(view for view, _ in found)
    must = collections.Counter(one.view for one in wanted)
    for view, number in sorted((must - have).items()):
        lines.append(f"missing {number}: {show(view)}")
    for view, number in sorted((have - must).items()):
        if not passed_over(view, wanted):
            lines.append(f"too many {number}: {show(view)}")
    if len(policies(found)) != len(found):
        lines.append("rows share an index")
    candidates = collections.defaultdict(list)
    for one in wanted:
        candidates[one.view].append(one)
    for view, policy in found:
        if view in candidates and not _policy_is_right(
                policy, view.ifindex, candidates[view]) and not passed_over(view, wanted):
            lines.append(f"policy {policy}: {show(view)}")
    return lines[:most] + ([f"and {len(lines) - most} more"] if len(lines) > most else [])


# The deprecated tables

def old_rows(wanted):
    """{(dest, mask, tos, next hop): the rows of lowest metric} of ipCidrRouteTable, which
    has one row for them. It knows IPv4 only, and table main."""
    found = collections.defaultdict(list)
    for one in wanted:
        view = one.view
        if view.dst[0] == 1 and one.table == MAIN and view.hop[0] in (0, 1):
            mask = ipaddress.ip_network(f"0.0.0.0/{view.plen}").netmask.packed
            found[view.dst[2:] + tuple(mask) + (one.tos,) +
                  (view.hop[2:] or 4 * (0,))].append(one)
    return {index: _lowest(several) for index, several in found.items()}


def _lowest(several):
    lowest = min(one.metric for one in several)
    return [one for one in several if one.metric == lowest]


def in_default_table(wanted):
    """Destinations of which table default has routes: the old tables may show them."""
    return {one.view.dst[2:] for one in wanted if one.table == DEFAULT}


def _old_content(view):
    """IfIndex, type, protocol, metric: there is no blackhole(5), and no dhcp(19)."""
    return (view.ifindex, 2 if view.type == 5 else view.type,
            {19: 3}.get(view.proto, view.proto), view.metric1)


def old_differences(client, wanted):
    """As differences(), of ipCidrRouteTable and ipCidrRouteNumber."""
    found, must = rows(client, OLD_TABLE, range(1, 17)), old_rows(wanted)
    aside, lines = in_default_table(wanted), []
    number = client.value(OLD_NUMBER)
    if number != len(found):
        lines.append(f"ipCidrRouteNumber is {number}, of {len(found)} rows")
    for index in sorted(set(found) ^ set(must)):
        if index[:4] not in aside:
            lines.append(f"ipCidr {'missing' if index in must else 'too many'}: {index}")
    for index in sorted(set(found) & set(must)):
        row, like = found[index], [_old_content(one.view) for one in must[index]]
        if index[:4] not in aside and (row[5], row[6], row[7], row[11]) not in like:
            lines.append(f"ipCidr {index} is {row}, not one of {like}")
        if (row[1], row[2], row[3], row[4]) != (
                bytes(index[:4]), bytes(index[4:8]), index[8], bytes(index[9:])):
            lines.append(f"ipCidr {index}: its index columns are {row}")
        if (row[9], row[10], row[14], row[15], row[16]) != ((0, 0), 0, -1, -1, 1):
            lines.append(f"ipCidr {index}: {row}")
    return lines


def _route_content(index, view, own):
    """IfIndex, metric, next hop, type, protocol, mask: direct(3) over an own address, or
    indirect(4), or other(1); ciscoEigrp(16) and dhcp(19) are younger."""
    mine = own.get(view.ifindex, set()) or {bytes(4)}
    return [(view.ifindex, view.metric1, hop, {3: 3, 4: 4}.get(view.type, 1),
             {19: 3, 16: 1}.get(view.proto, view.proto), bytes(index[4:8]))
            for hop in (mine if view.hop == NO_HOP else {bytes(index[9:])})]


def route_differences(client, wanted, own):
    """As differences(), of ipRouteTable: one row for each destination, of lowest metric.
    @own: {ifindex: {own addresses}}."""
    found, must, lines = rows(client, ROUTE_TABLE, range(1, 14)), {}, []
    for index, several in old_rows(wanted).items():
        must.setdefault(index[:4], []).extend((index, one) for one in several)
    aside = in_default_table(wanted)
    for dest in sorted((set(found) ^ set(must)) - aside):
        lines.append(f"ipRoute {'missing' if dest in must else 'too many'}: {dest}")
    for dest in sorted((set(found) & set(must)) - aside):
        row = found[dest]
        lowest = min(one.metric for _, one in must[dest])
        like = [content for index, one in must[dest] if one.metric == lowest
                for content in _route_content(index, one.view, own)]
        if (row[2], row[3], row[7], row[8], row[9], row[11]) not in like:
            lines.append(f"ipRoute {dest} is {row}, not one of {like}")
        if (row[1], row[13]) != (bytes(dest), (0, 0)):
            lines.append(f"ipRoute {dest}: {row}")
    return lines


def own_addresses(laboratory):
    """{ifindex: {octets of its IPv4 addresses}}"""
    found = collections.defaultdict(set)
    for link in json.loads(laboratory.run(["ip", "-j", "-4", "addr"]).stdout):
        for info in link.get("addr_info", []):
            if "local" in info:
                found[link["ifindex"]].add(packed(info["local"]))
    return found


# A laboratory of veths

def plug(laboratory, pairs, addresses=True):
    """Pairs wN - xN, up and at rest; wN has 10.0.N.1/24 and 2001:db8:N::1/64."""
    ends = [f"{end}{n}" for n in range(pairs) for end in "wx"]
    laboratory.batch([f"link add w{n} type veth peer name x{n}" for n in range(pairs)] +
                     [f"link set {end} up" for end in ends])
    if addresses:
        laboratory.batch(address_lines(pairs))
    lab.wait_until(lambda: at_rest(laboratory, 2 * pairs), 10, "the links are at rest", 0.05)


def address_lines(pairs):
    return [f"addr add {address} dev w{n}" for n in range(pairs)
            for address in (f"10.0.{n}.1/24", f"2001:db8:{n:x}::1/64 nodad")]


def carriers_at_rest(laboratory):
    """Has each link the state that its peer, its lower link or its ports give it? The
    kernel works at that for up to a second."""
    links = laboratory.links().values()
    named = {link["ifname"]: link for link in links}
    for link in links:
        kind = link.get("linkinfo", {}).get("info_kind")
        other = named.get(link.get("link"))
        ports = [port for port in links if port.get("master") == link["ifname"]]
        if "UP" not in link["flags"] or not (other or ports):
            continue
        up = ("UP" in other["flags"] if kind == "veth" else
              any(below["operstate"] == "UP" for below in [other] * bool(other) + ports))
        if up != (link["operstate"] == "UP"):
            return False
    return True


def at_rest(laboratory, links):
    """All up, and each with its fe80::/64: what comes late has come."""
    up = sum(link["operstate"] == "UP" for link in laboratory.links().values())
    local = laboratory.ip("-6 -o route show fe80::/64").stdout.count("fe80::/64")
    return up == links == local


class Truth(lab.Test):
    """What the tests of routes have in common; .lab, .daemon, .client."""

    def start(self, mode, pairs=3, *tokens, lines=()):
        self.lab = self.make_lab()
        self.lab.tokens = list(tokens)
        plug(self.lab, pairs)
        self.do(lines)
        self.daemon = self.lab.start(mode)
        self.client = self.lab.client()

    def do(self, lines, check=True):
        """Lines for `ip -batch`; one that begins with a slash is a sysctl: its path below
        /proc/sys and the value."""
        lines, some = list(lines), []
        while lines:
            line = lines.pop(0)
            if not line.startswith("/"):
                some.append(line)
            if some and (not lines or line.startswith("/")):
                self.lab.batch(some, check=check)
                some = []
            if line.startswith("/"):
                path, value = line.split(" ")
                self.lab.run(["sh", "-c", f"echo {value} >/proc/sys{path}"])

    def told(self):
        """The kernel has told what it has done to links: it does both while it holds the
        lock that a change of a link waits for, and its routes can be seen in between."""
        self.lab.ip("link set lo mtu 65536")  # as it is

    def picture(self, look, *which):
        """(Kernel, look()) with nothing changed by the kernel itself meanwhile. A row may
        go in the middle of one walk, when all has been read again."""
        patience = 3
        for _ in range(20):
            before, torn = Kernel(self.lab, *which), None
            self.told()
            try:
                seen = look()
            except Torn as error:
                torn = error
            if before == Kernel(self.lab, *which):
                if not torn:
                    return before, seen
                patience -= 1
                if not patience:
                    raise torn
        raise AssertionError("the kernel's routes do not come to rest")

    def none(self, lines, said):
        """No such lines."""
        if lines:
            self.fail("\n".join([said, *lines]))

    def check(self, said=""):
        """The very next walk is true."""
        kernel, found = self.picture(lambda: shown(self.client))
        wanted = kernel.rows()
        self.none(differences(found, wanted), said)
        # with those that are passed over, or without, when all has been read again
        self.assertIn(self.client.value(NUMBER), {len(found), len(wanted)}, said)
        return found

    def check_all(self, said=""):
        """And the deprecated tables, too."""
        found = self.check(said)
        wanted, own = Kernel(self.lab).rows(), own_addresses(self.lab)
        self.none(old_differences(self.client, wanted), said)
        self.none(route_differences(self.client, wanted, own), said)
        return found

    def checkpoint(self, seconds=3, said=""):
        """True for thousands of routes, after so many seconds for what has to be confirmed;
        returns whether it was at the first look, and the rows."""
        end, looks = time.monotonic() + seconds * lab.PATIENCE, 0
        while True:
            looks += 1
            try:
                kernel, found = self.picture(lambda: shown_fast(self.lab))
                wanted = kernel.rows()
                trouble = differences(found, wanted)
                if not trouble and self.client.value(NUMBER) not in {len(found), len(wanted)}:
                    trouble = ["inetCidrRouteNumber"]
            except Torn as torn:
                trouble = [repr(torn)]
            if not trouble:
                return looks == 1, found
            if time.monotonic() > end:
                self.none(trouble, said)
            time.sleep(0.2)
