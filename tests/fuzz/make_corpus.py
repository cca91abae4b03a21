#!/usr/bin/python3
"""Makes the seeds of the fuzz targets: what this kernel sends (links, addresses, neighbours,
statistics, address filters), routes and nexthop objects that it may be unable to have,
OIDs around real instances, SETs, files of what is kept, answers to requests. Needs no root.
The result is in tests/fuzz/corpus/ and committed; run it again to add what another kernel
says. Files that are called by a hash were found by libFuzzer (-merge=1)."""
import os
import socket
import struct
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300


def ask(message_type, body, protocol=0):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    sock.settimeout(2)
    sock.bind((0, 0))
    sock.send(struct.pack("=IHHII", 16 + len(body), message_type,
                          NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
    answers = []
    while True:
        data = sock.recv(65536)
        answers.append(data)
        kind = struct.unpack_from("=H", data, 4)[0]
        if kind in (2, 3) or b"\x03\x00" == data[-16:-14]:
            break
        if len(answers) > 50:
            break
    sock.close()
    return answers


def store(target, name, data):
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    with open(os.path.join(HERE, target, name), "wb") as file:
        file.write(data)


def proc_texts():
    """Seeds of procstats: an octet for the file, then what this kernel says, whole and
    without its last third, and lines that no kernel writes."""
    for number, name in enumerate(("snmp", "netstat", "snmp6")):
        try:
            with open(f"/proc/thread-self/net/{name}", "rb") as file:
                text = file.read()
        except FileNotFoundError:
            continue
        store("procstats", name, bytes([number]) + text)
        store("procstats", f"{name}-cut", bytes([number]) + text[:len(text) * 2 // 3])
    for name, text in {
            "fewer": "Ip: InReceives InDelivers\nIp: 1\n",
            "more": "Ip: InReceives\nIp: 1 2\n",
            "twice": "Ip: InReceives\nIp: 1\nIp: InReceives\nIp: 2\n",
            "large": "Ip: InReceives\nIp: 18446744073709551616\n",
            "types": "IcmpMsg: InType0 OutType255 InType256\nIcmpMsg: 1 2 3\n",
            "lone": "Ip: InReceives\nIcmp: InMsgs\nIcmp: -5\n"}.items():
        store("procstats", name, b"\0" + text.encode() + b"Tcp: RtoMin\nTcp: 200\n")
    store("procstats", "list", b"\2Icmp6InType1 \t5\nIp6InOctets x\nUdp6InErrors 0\n")


def attr(kind, data, nested=False):
    length = 4 + len(data)
    return struct.pack("=HH", length, kind | (0x8000 if nested else 0)) + data + \
        bytes(-length % 4)


def u32(kind, number):
    return attr(kind, struct.pack("=I", number))


def hop(ifindex, attrs=b"", length=None, flags=0, hops=0):
    """A struct rtnexthop; its length may be a lie."""
    return struct.pack("=HBBi", 8 + len(attrs) if length is None else length,
                       flags, hops, ifindex) + attrs


def message(kind, *parts):
    body = b"".join(parts)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body + \
        bytes(-len(body) % 4)


def encapsulation(kind, data):
    """RTA_ENCAP, RTA_ENCAP_TYPE"""
    return attr(22, data) + attr(21, struct.pack("=H", kind))


def route_seeds():
    """Routes that this kernel may be unable to have, and next hops that none sends."""
    v4 = struct.pack("=BBBBBBBBI", 2, 24, 0, 0, 254, 4, 0, 1, 0) + attr(1, b"\x0a\1\2\0")
    v6 = struct.pack("=BBBBBBBBI", 10, 48, 32, 0, 254, 4, 0, 1, 0) + \
        attr(1, b"\x20\1\x0d\xb8" + bytes(12)) + attr(2, b"\x20\2" + bytes(14))
    default = struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 254, 3, 0, 1, 0)
    gateway = attr(5, b"\x0a\0\0\2")
    gateway6 = attr(5, b"\xfe\x80" + bytes(13) + b"\1")
    via6 = attr(18, struct.pack("=H", 10) + b"\xfe\x80" + bytes(13) + b"\1")
    mpls = encapsulation(1, attr(1, struct.pack(">II", 100 << 12, 200 << 12 | 256)) +
                         attr(2, b"\x40"))
    segments = b"".join(b"\x20\1\x0d\xb8" + bytes(11) + bytes([n]) for n in (1, 2))
    srv6 = encapsulation(5, attr(1, struct.pack("=iBBBBBBH", 1, 41, 4, 4, 1, 1, 0, 0) +
                                 segments))
    local = encapsulation(7, u32(1, 1) + attr(10, attr(2, bytes(8)) + attr(3, bytes(8))))
    metrics = attr(8, u32(2, 1400) + attr(16, b"cubic\0"))
    cache = attr(12, struct.pack("=IIiIIIII", 0, 0, 6000, 0, 0, 0, 0, 0))
    return {
        "mpls": v4 + gateway + u32(4, 3) + mpls,
        "srv6": v6 + u32(4, 3) + srv6,
        "srv6-local": v6 + u32(4, 3) + local,
        "mpls-hops": v4 + attr(9, hop(3, gateway + mpls) + hop(4, via6 + mpls)),
        "via": default + via6 + u32(4, 3),
        "metrics": v4 + gateway + u32(4, 3) + metrics + attr(7, b"\x0a\0\0\1") + u32(11, 7),
        "expires": v6 + gateway6 + u32(4, 3) + cache + attr(20, b"\1"),
        "blackhole": v6[:7] + b"\6" + v6[8:] + u32(4, 1),
        "table": v4 + u32(15, 1000) + u32(6, 4278198272) + gateway + u32(4, 3),
        "hops": v4 + attr(9, hop(3, gateway, hops=9) + hop(4, gateway, flags=1) + hop(5)),
        "hops6": v6 + attr(9, hop(3, gateway6) + hop(4, gateway6, hops=255)),
        "object": v4 + u32(30, 9),
        "object-hops": v4 + u32(30, 9) + attr(9, hop(3, gateway) + hop(4, gateway)),
        "object6": v6 + u32(30, 9) + u32(4, 3),
        "hops-4000": default + attr(9, b"".join(hop(n + 1) for n in range(4000))),
        "hops-none": v4 + attr(9, b""),
        "hops-0": v4 + attr(9, hop(3, length=0)),
        "hops-7": v4 + attr(9, hop(3, length=7) + hop(4)),
        "hops-odd": v4 + attr(9, hop(3, attr(20, b"\1")[:5]) + bytes(3) + hop(4)),
        "hops-unpadded": v4 + attr(9, hop(3, attr(20, b"\1")[:5])),
        "hops-long": v4 + attr(9, hop(3) + hop(4, gateway, length=17)),
        "hops-huge": v4 + attr(9, hop(3) + hop(4, gateway, length=65532)),
        "hops-cut": v4 + attr(9, hop(3, gateway) + hop(4)[:6]),
    }


def nexthop_seeds():
    head = struct.pack("=BBBBI", 2, 0, 4, 0, 0)
    gateway = attr(6, b"\x0a\0\0\2")

    def group(*weights):
        return attr(2, b"".join(struct.pack("=IH2x", n + 1, weight)
                                for n, weight in enumerate(weights)))

    return {
        "plain": head + u32(1, 1) + u32(5, 3) + gateway,
        "blackhole": head + u32(1, 2) + attr(4, b""),
        "v6": b"\x0a" + head[1:] + u32(1, 3) + u32(5, 3) +
              attr(6, b"\xfe\x80" + bytes(14)),
        "group": bytes(8) + u32(1, 9) + group(0, 255),
        "group-heavy": bytes(8) + u32(1, 9) + group(511, 65535),
        "group-4000": bytes(8) + u32(1, 9) + group(*[n % 256 for n in range(4000)]),
        "group-odd": bytes(8) + u32(1, 9) + attr(2, bytes(9)),
        "group-fdb": bytes(8) + u32(1, 9) + group(0) + attr(11, b""),
        "mpls": head + u32(1, 4) + u32(5, 3) + gateway + attr(8, u32(1, 100)) +
                attr(7, struct.pack("=H", 1)),
    }


def fib():
    """A seed for each of them, as an event; and most of those that are whole in one dump."""
    routes = {name: message(24, body) for name, body in route_seeds().items()}
    nexthops = {name: message(104, body) for name, body in nexthop_seeds().items()}
    for name, data in routes.items():
        store("decode", f"route-{name}", b"\0" + data)
    for name, data in nexthops.items():
        store("decode", f"nexthop-{name}", b"\0" + data)
    store("decode", "fib-all", b"\3" + b"".join(
        data for seeds in (nexthops, routes) for name, data in seeds.items()
        if name.count("-") == 0))
    store("decode", "fib-gone", b"\0" + nexthops["plain"] + routes["mpls"] +
          message(25, route_seeds()["mpls"]) + message(105, nexthop_seeds()["plain"]))


def ports():
    """What is said of port 7 of bridge 5: its VLANs, an entry, multicast entries."""
    link = struct.pack("=BxHiII", 7, 0, 7, 0, 0) + u32(10, 5)
    vlans = b"".join(attr(2, struct.pack("=HH", flags, vlan))
                     for flags, vlan in ((6, 10), (8, 20), (16, 22)))
    tunnel = attr(3, u32(1, 200) + attr(2, struct.pack("=H", 20)), nested=True)
    store("decode", "port-vlans", b"\0" + message(16, link, attr(26, vlans + tunnel)))
    store("decode", "port-entry", b"\0" + message(
        28, struct.pack("=BxxxiHBB", 7, 7, 0x40, 0, 0), attr(2, bytes([2, 0, 0, 0, 0, 9])),
        u32(9, 5), attr(5, struct.pack("=H", 21))))

    def group(more, vlan=20, address=1):
        entry = struct.pack("=IBBH4s12x", 7, 1, 0, vlan, bytes([239, 1, 1, address]))
        return attr(1, entry + b"\x08\0\0\0" + u32(1, 0) + more)

    def byte(kind, value):
        return attr(kind, bytes([value]))
    source = attr(4, bytes([192, 0, 2, 1]))
    sources = attr(2, attr(1, attr(1, bytes([192, 0, 2, 1])) + u32(2, 0)))
    store("decode", "port-groups", b"\0" + message(
        86, struct.pack("=BxxxI", 7, 5), attr(1, attr(1, group(source + byte(3, 1)) + group(
            sources + byte(3, 1) + byte(5, 11))) + attr(1, group(b"", 99, 2)))))


# SETs: tests/fuzz/txn.c says what the octets mean.

(IF, SCALARS, MEDIA, ROUTE, IPV6IF, ADDRESS, NEIGHBOUR, IFX, STACK, RCVADDR, AT, IPROUTE,
 CIDR, NMDIF, NMDADDRESS) = range(15)
LIKELY, SAME_ROW = 5, 0x90


def value_how(octets):
    """6 octets have no length."""
    return 0 if not octets else 0x20 if len(octets) == 6 else 0x60


def varbind(table, column, index, value, octets=b"", how=LIKELY):
    """A varbind that begins a row: of a column that can be written, counted from 0."""
    return bytes([how, table, column, *index, value_how(octets), value]) + octets


def more(column, value, octets=b""):
    """Another column of the same row."""
    return bytes([SAME_ROW, column, value_how(octets), value]) + octets


def sets():
    lladdr = bytes([2, 0, 0, 0, 5, 5])
    parts = {  # number of varbinds, and those
        "route": (2, varbind(ROUTE, 8, (3, 2, 9), 4) + more(0, 2)),
        "route-joins": (2, varbind(ROUTE, 8, (1, 0, 10), 4) + more(0, 2)),
        "route-leaves": (1, varbind(ROUTE, 8, (1, 0, 9), 6)),
        "route-reject": (2, varbind(ROUTE, 8, (0x13, 3), 4) + more(1, 2)),
        "route-v6": (2, varbind(ROUTE, 8, (8, 3, 9), 4) + more(0, 2)),
        "route-v6-metric": (3, varbind(ROUTE, 8, (8, 3, 0x49), 4) + more(0, 2) + more(3, 5)),
        "address": (2, varbind(ADDRESS, 3, (1, 77), 4) + more(0, 2)),
        "address-moves": (1, varbind(ADDRESS, 0, (1, 2), 3)),
        "address-deprecated": (1, varbind(ADDRESS, 2, (1, 2), 2)),
        "address-gone": (1, varbind(ADDRESS, 3, (0, 1), 6)),
        "address-v6": (2, varbind(ADDRESS, 3, (0, 77), 4) + more(0, 3)),
        "neighbour": (2, varbind(NEIGHBOUR, 2, (2, 1, 33), 4) + more(0, 6, lladdr)),
        "neighbour-v6": (2, varbind(NEIGHBOUR, 2, (3, 0, 33), 4) + more(0, 6, lladdr)),
        "neighbour-gone": (1, varbind(NEIGHBOUR, 2, (2, 1, 9), 6)),
        "media": (2, varbind(MEDIA, 3, (2, 34), 4) + more(1, 6, lladdr)),
        "media-gone": (1, varbind(MEDIA, 3, (2, 9), 2)),
        "link": (3, varbind(IFX, 2, (2,), 6, b"abcdef") + varbind(IFX, 1, (2,), 1) +
                 varbind(IF, 0, (2,), 2)),
        "alias": (1, varbind(IFX, 2, (3,), 5, b"alias")),
        "traps": (2, varbind(IFX, 0, (3,), 2) + varbind(IFX, 1, (3,), 1)),
        "mtu": (2, varbind(NMDIF, 0, (3,), 130)[:-2] + b"\x10\x82" + more(1, 1)),
        "at-gone": (1, bytes([LIKELY, AT, 0, 2, 9, 0x60, 0])),
        "iproute-gone": (1, bytes([0, IPROUTE, 0, 0, 0, 2])),
        "cidr": (2, varbind(CIDR, 9, (1, 2, 9), 4) + more(0, 2)),
        "cidr-gone": (1, bytes([0, CIDR, 9, 1, 0, 6])),
        "route-long": (2, varbind(ROUTE, 8, (0x23, 2, 0x2c, 0, 9), 4) + more(0, 2)),
        "route-long-no-link": (1, varbind(ROUTE, 8, (0x23, 2, 0x0c, 0, 9), 4)),
        "route-long-v6": (2, varbind(ROUTE, 8, (0x28, 7, 0xa8, 5, 9), 4) + more(0, 2)),
        "anycast": (3, varbind(ADDRESS, 3, (0, 77), 4) + more(0, 2) + more(1, 2)),
        "address-length": (3, varbind(ADDRESS, 3, (1, 77), 4) + more(0, 2) +
                           bytes([SAME_ROW, 0, 0x10, 134])),
        "ipv6if": (2, varbind(IPV6IF, 1, (3,), 1) + varbind(IPV6IF, 0, (3,), 2)),
        "scalars": (4, b"".join(varbind(SCALARS, n, (), v)
                                for n, v in enumerate((1, 9, 1, 9)))),
        "lock": (1, varbind(SCALARS, 4, (), 7)),
        "stack": (1, varbind(STACK, 0, (4, 3), 4)),
        "stack-leaves": (1, varbind(STACK, 0, (4, 5), 6)),
        "rcvaddr": (2, varbind(RCVADDR, 0, (3, 99), 4) + more(1, 2)),
        "raw": (1, bytes([1, ROUTE, 8, 5, 1, 4, 10, 0, 0, 0, 4])),
    }
    for name in ("link", "scalars", "ipv6if", "route", "address-gone"):  # and all of some
        parts[f"{name}-with-all"] = tuple(map(
            lambda a, b, c: a + b + c, parts["lock"], parts[name], parts["neighbour"]))
    for name, (number, varbinds) in parts.items():
        quiet = bytes(number)  # nobody meddles while they are checked
        for what, (wish, undo) in {"done": (0, 0), "refused": (2, 0), "kept": (2, 1)}.items():
            store("txn", f"{name}-{what}",
                  bytes([0, wish, undo, number - 1]) + varbinds + quiet)
        store("txn", f"{name}-undone",
              bytes([4, 0, 0, number - 1]) + varbinds + quiet + bytes([1, 2, 2, 3, 3, 4]))


def pdu(*varbinds, phases=(1, 2, 4)):
    """One PDU, whole: nobody meddles, and 8 phases."""
    return bytes([len(varbinds) - 1]) + b"".join(varbinds) + bytes(len(varbinds)) + \
        bytes(phases) + bytes([4] * (8 - len(phases)))


def rows_out_of_service():
    """Several PDUs, each a time after the one before: none, 1, 100, 299, 300, 301 s."""
    lladdr = bytes([2, 0, 0, 0, 5, 5])
    undone = (1, 2, 3, 3)
    rows = {  # table, column of the RowStatus, index, what it needs
        "route": (ROUTE, 8, (3, 2, 9), (0, 2)),
        "route-long": (ROUTE, 8, (0x23, 2, 0x2c, 0, 9), (0, 2)),
        "route-v6": (ROUTE, 8, (8, 3, 9), (0, 2)),
        "cidr": (CIDR, 9, (1, 2, 9), (0, 2)),
        "address": (ADDRESS, 3, (1, 77), (0, 2)),
        "neighbour": (NEIGHBOUR, 2, (2, 1, 33), (0, 6, lladdr)),
    }
    there = {
        "route": (ROUTE, 8, (1, 0, 9), (3, 5)),
        "cidr": (CIDR, 9, (0, 0, 9), (4, 5)),
        "address": (ADDRESS, 3, (0, 1), (0, 3)),
        "neighbour": (NEIGHBOUR, 2, (2, 1, 9), (0, 6, lladdr)),
    }
    for name, (table, status, index, needs) in rows.items():
        wait = varbind(table, status, index, 5)
        active = varbind(table, status, index, 1)
        value = varbind(table, needs[0], index, *needs[1:])
        gone = varbind(table, status, index, 6)
        for what, pdus in {
                "wait": ((wait,), (value,), (active,)), "wait-gone": ((wait,), (gone,)),
                "wait-ready": ((wait, more(*needs)), (active,), (active,))}.items():
            for time in (0, 3, 4):
                store("txn", f"draft-{name}-{what}-{time}", bytes(3) + bytes([time]).join(
                    pdu(*varbinds) for varbinds in pdus))
        store("txn", f"draft-{name}-undone", bytes([4, 0, 0]) + pdu(wait) + b"\0" +
              pdu(value, active, phases=undone) + b"\1" + pdu(active, value, phases=undone))
        store("txn", f"draft-{name}-refused", bytes([0, 1, 0]) + pdu(wait) + b"\0" +
              pdu(value, active) + b"\0" + pdu(active))
        store("txn", f"draft-{name}-full", bytes([0, 0xf0, 0]) + pdu(wait))
    for name, (table, status, index, other) in there.items():
        out = varbind(table, status, index, 2)
        value = varbind(table, other[0], index, *other[1:])
        active = varbind(table, status, index, 1)
        for what, data in {
                "out": pdu(out) + b"\0" + pdu(value) + b"\0" + pdu(active),
                "out-undone": pdu(out, phases=undone) + b"\0" + pdu(value),
                "out-again": pdu(out) + b"\3" + pdu(value, active, phases=undone) +
                             b"\1" + pdu(active)}.items():
            store("txn", f"draft-{name}-{what}", bytes(3) + data)
    # ipNetToMediaTable makes a neighbour that is out of service in the other one: hidden
    lladdr_of = varbind(MEDIA, 1, (2, 33), 6, lladdr)
    store("txn", "draft-hidden", bytes(3) + pdu(varbind(NEIGHBOUR, 2, (2, 1, 33), 5)) + b"\0" +
          pdu(varbind(MEDIA, 3, (2, 33), 4), lladdr_of) + b"\0" +
          pdu(varbind(NEIGHBOUR, 2, (2, 1, 33), 1)))


def lines_of_the_store():
    """Files of what is kept: an octet, how many lines are no part of the transaction that
    is undone; then lines that are good, and lines that are nearly."""
    route = b"table 254 tos 0 metric 0 type 1 proto 4 scope 0"
    good = {
        "switches": b"forwarding 1\ndefault-ttl 255\nforwarding6-all 0\nhop-limit6 1\n",
        "notify": b"notify 32767\nnotify 0\n",
        "alias": b'alias eth0 02:00:00:00:00:01 "a \\"b\\" \\\\ c"\nalias 0x0a0b - ""\n',
        "link": b"traps eth0 - 0\nipv6 eth0 - 1\nforwarding6 eth0 - 0\n",
        "address": b"address eth0 - 192.0.2.1/24 peer 192.0.2.9 preferred 0\n"
                   b"address eth0 - 2001:db8::1/64 peer 2001:db8::1 preferred 1\n",
        "route": b'route "" - 10.9.0.0/16 via - ' + route + b"\n"
                 b"route eth0 - ::/0 via fe80::1 " + route +
                 b" weight 2 from 2001:db8::/32 policy 1\n"
                 b"route eth0 - 10.0.0.0/8 via 192.0.2.2 " + route + b" policy 1\n",
        "comment": b"# netmibd 1\n\n \t\r\nforwarding 1",
        "bad": b'alias "a\nalias a"b\n0x1\ntraps eth0 - 2\naddress e - 1.2.3.4 peer\n',
    }
    good["all"] = b"".join(good[name] for name in sorted(good))
    for name, text in good.items():
        store("kept", name, b"\0" + text)
        gone = b"".join(b"gone " + line + b"\n" for line in text.split(b"\n"))
        store("kept", f"{name}-gone", bytes([text.count(b"\n")]) + text + gone + text)


def told():
    """Limits as the configuration has them, and what happens: see tests/fuzz/notify.c."""
    usual = bytes([100, 4, 200, 100, 19, 9 + 20 * 5, 4])
    odd = bytes([255, 19, 0, 0, 59, 0, 0])
    tell, forget, wait, refuse, go_on = 0x01, 0x71, 0xbf, 0xe0, 0xc0
    for name, limits in {"usual": usual, "odd": odd, "undamped": b"\0" + usual[1:]}.items():
        for what, octets in {
                "flaps": [tell, tell | 0x20] * 8 + [wait] + [tell],
                "refused": [refuse, tell, tell | 0x20, wait, tell, go_on, wait],
                "gone": [tell, tell | 0x20, forget, tell | 0x40, 0x61, wait, forget],
                "released": [tell, tell | 0x20, tell, 0x61, tell | 0x40, 0x61],
                "many": [n << 5 | thing for n in range(3) for thing in range(6)] * 3,
        }.items():
            store("notify", f"{name}-{what}", limits + bytes(octets))


def answers(datagrams):
    """Seeds of channel: what is asked, and what this kernel has sent to such a question;
    then its words on an error, of which the last one lacks its end."""
    def framed(*parts):
        return b"".join(struct.pack("<H", len(part)) + part for part in parts)

    def verdict(error, words=b"", cut=0):
        body = struct.pack("=i", error) + bytes(16) + (attr(1, words) if words else b"")
        flags = 0x300 if words else 0x100  # NLM_F_CAPPED, NLM_F_ACK_TLVS
        data = struct.pack("=IHHII", 16 + len(body), 2, flags, 1, 0) + body
        return data[:len(data) - cut]

    done = struct.pack("=IHHIIi", 20, 3, 2, 1, 0, 0)
    interrupted = struct.pack("=IHHIIi", 20, 3, 0x12, 1, 0, 0)
    for how in range(6):
        for name in ("addrs", "routes", "neighs", "nexthops"):
            data = datagrams.get(name, done)[:3000]
            store("channel", f"{name}-{how}", bytes([how]) + framed(data, done))
        store("channel", f"interrupted-{how}", bytes([how]) + framed(interrupted))
        store("channel", f"errors-{how}", bytes([how]) + framed(
            verdict(-95), verdict(-22, b"no\0"), verdict(0), verdict(-1, b"cut", 2)))


def filters():
    store("options", "routes", b"any\nany proto 186\n10.0.0.0/8 proto 4\n"
          b"2001:db8::/32\n0.0.0.0/0\n10.0.0.1/8\n::1\nany proto 256\nany metric 1\n")


def main():
    requests = {
        "links": (18, struct.pack("=BBHiII", 0, 0, 0, 0, 0, 0)),
        "stats": (94, struct.pack("=BBHII", 0, 0, 0, 0, 1)),
        "qdiscs": (38, struct.pack("=BBHiIII", 0, 0, 0, 0, 0, 0, 0)),
        "fdb": (30, struct.pack("=BBHiHBB", 7, 0, 0, 0, 0, 0, 0)),
        "addrs": (22, struct.pack("=BBBBI", 0, 0, 0, 0, 0)),
        "anycasts": (62, struct.pack("=BBBBI", 10, 0, 0, 0, 0)),
        "neighs": (30, struct.pack("=BBHiHBB", 0, 0, 0, 0, 0, 0, 0)),
        "ipv6-links": (18, struct.pack("=BBHiII", 10, 0, 0, 0, 0, 0)),
        "routes": (26, struct.pack("=BBBBBBBBI", 0, 0, 0, 0, 254, 0, 0, 0, 0)),
        "netconf": (82, struct.pack("=B", 10)),
        "neightbl": (66, struct.pack("=BBH", 0, 0, 0)),
        "nexthops": (106, struct.pack("=BBBBI", 0, 0, 0, 0, 0)),
    }
    first = {}
    for name, (kind, body) in requests.items():
        for number, data in enumerate(ask(kind, body)[:2]):
            first.setdefault(name, data)
            at = 0
            while at + 16 <= len(data):  # a seed for each message, and one for all
                length = struct.unpack_from("=I", data, at)[0]
                if length < 16:
                    break
                if number == 0:
                    store("decode", f"{name}-{at}", b"\0" + data[at:at + length])
                at += (length + 3) & ~3
            store("decode", f"{name}-all-{number}", b"\3" + data)
    fib()
    ports()
    proc_texts()
    for table in range(8):
        store("seek", f"root-{table}", bytes([table, 1, 3, 6, 1, 2, 1, 2]))
        store("seek", f"first-{table}", bytes([0x80 | table, 1, 1]))
        store("seek", f"pair-{table}", bytes([0x80 | table, 3, 1, 3]))
        store("seek", f"huge-{table}", bytes([0x80 | table, 2, 255, 253, 254]))
        store("seek", f"long-{table}", bytes([0x80 | table, 2, 2, 6] + [40] * 120))
    sets()
    rows_out_of_service()
    lines_of_the_store()
    told()
    answers(first)
    filters()
    store("procfs", "ether", b"2    eth0            1     0     333300000001\n")
    store("procfs", "infiniband",
          b"7    ib0             1     0     00ffffffff12401bffff000000000000ffffffff\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
