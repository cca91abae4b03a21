"""The objects under test by name, and what they must be: a second opinion on the mapping
from Linux to IF-MIB, made from what `ip` and `bridge` print and not from netmibd's code.
"""

import array
import fcntl
import json
import socket
import struct

from snmp import (COUNTER32, COUNTER64, GAUGE32, INTEGER, OBJECT_ID, OCTETS, TIMETICKS,
                  Value)

MIB2 = (1, 3, 6, 1, 2, 1)
SYS_UPTIME = MIB2 + (1, 3, 0)
SYS_OR_DESCR = MIB2 + (1, 9, 1, 3)
IF_NUMBER = MIB2 + (2, 1, 0)
IF_TABLE = MIB2 + (2, 2)
IF_XTABLE = MIB2 + (31, 1, 1)
IF_STACK = MIB2 + (31, 1, 2)
IF_RCV = MIB2 + (31, 1, 4)
IF_TABLE_LAST_CHANGE = MIB2 + (31, 1, 5, 0)
IF_STACK_LAST_CHANGE = MIB2 + (31, 1, 6, 0)
IF_INV_STACK = MIB2 + (77, 1, 1)
ROOTS = (MIB2 + (2,), MIB2 + (31,), MIB2 + (77,))

_IF = """ifIndex:i ifDescr:s ifType:i ifMtu:i ifSpeed:g ifPhysAddress:s ifAdminStatus:i
ifOperStatus:i ifLastChange:t ifInOctets:c ifInUcastPkts:c ifInNUcastPkts:c
ifInDiscards:c ifInErrors:c ifInUnknownProtos:c ifOutOctets:c ifOutUcastPkts:c
ifOutNUcastPkts:c ifOutDiscards:c ifOutErrors:c ifOutQLen:g ifSpecific:o"""
_IFX = """ifName:s ifInMulticastPkts:c ifInBroadcastPkts:c ifOutMulticastPkts:c
ifOutBroadcastPkts:c ifHCInOctets:C ifHCInUcastPkts:C ifHCInMulticastPkts:C
ifHCInBroadcastPkts:C ifHCOutOctets:C ifHCOutUcastPkts:C ifHCOutMulticastPkts:C
ifHCOutBroadcastPkts:C ifLinkUpDownTrapEnable:i ifHighSpeed:g ifPromiscuousMode:i
ifConnectorPresent:i ifAlias:s ifCounterDiscontinuityTime:t"""
_TAGS = {"i": INTEGER, "s": OCTETS, "g": GAUGE32, "t": TIMETICKS, "c": COUNTER32,
         "C": COUNTER64, "o": OBJECT_ID}

COLUMNS, TAGS = {}, {}  # name -> OID of the column, name -> tag
for _root, _names in ((IF_TABLE, _IF), (IF_XTABLE, _IFX)):
    for _number, _item in enumerate(_names.split(), 1):
        _name, _tag = _item.split(":")
        COLUMNS[_name], TAGS[_name] = _root + (1, _number), _TAGS[_tag]
COUNTERS = [name for name, tag in TAGS.items() if tag in (COUNTER32, COUNTER64)]

# Counter32 -> its Counter64 (ifInNUcastPkts and ifOutNUcastPkts have none)
HIGH = {"ifInOctets": "ifHCInOctets", "ifInUcastPkts": "ifHCInUcastPkts",
        "ifOutOctets": "ifHCOutOctets", "ifOutUcastPkts": "ifHCOutUcastPkts",
        "ifInMulticastPkts": "ifHCInMulticastPkts",
        "ifInBroadcastPkts": "ifHCInBroadcastPkts",
        "ifOutMulticastPkts": "ifHCOutMulticastPkts",
        "ifOutBroadcastPkts": "ifHCOutBroadcastPkts"}


def cell(column, index):
    return COLUMNS[column] + (index,)


def is_moving(name):
    """True for a value that may differ between two looks at one state: a counter, the
    queue's length."""
    return any(name[:len(COLUMNS[c])] == COLUMNS[c] for c in COUNTERS + ["ifOutQLen"])


def octets(text):
    return bytes.fromhex(text.replace(":", ""))


# ifTable and ifXTable

TYPES = {"bridge": 209, "veth": 53, "ifb": 53, "macvlan": 53, "macvtap": 53, "tun": 53,
         "vxlan": 131}


def kind(link):
    return link.get("linkinfo", {}).get("info_kind", "")


def essence(links):
    """What matters of links, without what always moves (counters, a bridge's timers)."""
    return {index: [link.get(key) for key in (
                "ifname", "flags", "mtu", "operstate", "master", "link", "link_netnsid",
                "address", "broadcast", "promiscuity", "ifalias")]
            for index, link in links.items()}


def if_type(link):
    if kind(link):
        return TYPES[kind(link)]
    return {"loopback": 24, "ether": 6}[link["link_type"]]


def oper_status(link, has_lower):
    state, up = link["operstate"], "UP" in link["flags"]
    if state == "NOTPRESENT":
        return 6
    if not up:
        return 2
    if state == "LOWERLAYERDOWN":
        return 7 if has_lower else 2
    if state == "UNKNOWN":
        return 1 if "LOWER_UP" in link["flags"] else 2
    return {"UP": 1, "DORMANT": 5, "TESTING": 3, "DOWN": 2}[state]


def speed(lab, name):
    """Mb/s by the old ethtool request; 0 when the driver tells none."""
    request = array.array("B", struct.pack("=I", 1) + bytes(40))  # ETHTOOL_GSET
    ifreq = struct.pack("@16sP", name.encode(), request.buffer_info()[0]) + bytes(16)
    with lab.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            fcntl.ioctl(sock, 0x8946, ifreq)  # SIOCETHTOOL
        except OSError:
            return 0
    low, = struct.unpack_from("=H", request, 12)
    high, = struct.unpack_from("=H", request, 28)
    found = high << 16 | low
    return 0 if found in (0xffff, 0xffffffff) else found


def counters(link):
    """{column: value} from the kernel's counters. None of these devices tells more."""
    rx, tx = link["stats64"]["rx"], link["stats64"]["tx"]
    high = {
        "ifHCInOctets": rx["bytes"], "ifHCOutOctets": tx["bytes"],
        "ifHCInUcastPkts": rx["packets"] - rx["multicast"],
        "ifHCOutUcastPkts": tx["packets"] + tx["dropped"],
        "ifHCInMulticastPkts": rx["multicast"], "ifHCInBroadcastPkts": 0,
        "ifHCOutMulticastPkts": 0, "ifHCOutBroadcastPkts": 0,
    }
    low = {name: high[of] for name, of in HIGH.items()}
    return {**high, **low, "ifInNUcastPkts": rx["multicast"], "ifOutNUcastPkts": 0,
            "ifInDiscards": rx["dropped"] + rx.get("missed_errors", 0),
            "ifInErrors": rx["errors"], "ifInUnknownProtos": 0,
            "ifOutDiscards": tx["dropped"], "ifOutErrors": tx["errors"]}


def display(raw, most):
    """Printable ASCII as it is, every other character as one question mark."""
    text = bytearray()
    for octet in raw:
        if len(text) == most:
            break
        if 0x20 <= octet < 0x7f:
            text.append(octet)
        elif octet & 0xc0 != 0x80:
            text += b"?"
    return bytes(text)


def row(lab, links, index):
    """{column: value} of everything but counters and times of link index."""
    link = links[index]
    has_lower = any(lower for higher, lower in stack(links) if higher == index)
    mega = speed(lab, link["ifname"])
    physical = octets(link.get("address", "")) if link["link_type"] == "ether" else b""
    return {
        "ifIndex": index, "ifDescr": display(link["ifname"].encode(), 255),
        "ifType": if_type(link), "ifMtu": link["mtu"],
        "ifSpeed": min(mega * 1000000, 2**32 - 1), "ifPhysAddress": physical,
        "ifAdminStatus": 1 if "UP" in link["flags"] else 2,
        "ifOperStatus": oper_status(link, has_lower), "ifSpecific": (0, 0),
        "ifName": display(link["ifname"].encode(), 255),
        "ifLinkUpDownTrapEnable": 2 if has_lower else 1, "ifHighSpeed": mega,
        "ifPromiscuousMode": 1 if link["promiscuity"] else 2,
        "ifConnectorPresent": 1 if link.get("parentdev") and not kind(link) else 2,
        "ifAlias": display(link.get("ifalias", "").encode(), 64),
    }


# ifStackTable and ifRcvAddressTable

def stack(links):
    """{(higher, lower)} with the rows of 0."""
    index = {link["ifname"]: number for number, link in links.items()}
    pairs = set()
    for number, link in links.items():
        if "master" in link:
            pairs.add((index[link["master"]], number))
        below = None
        if kind(link) in ("macvlan", "macvtap"):
            below = link.get("link")
        elif kind(link) == "vxlan":
            below = link["linkinfo"]["info_data"].get("link")
        if below in index and "link_netnsid" not in link:
            pairs.add((number, index[below]))
    higher, lower = {h for h, _ in pairs}, {low for _, low in pairs}
    return (pairs | {(number, 0) for number in links if number not in higher} |
            {(0, number) for number in links if number not in lower})


def rcv_addresses(lab, links):
    """{(ifindex, address): ifRcvAddressType}"""
    found, index = {}, {link["ifname"]: number for number, link in links.items()}
    for entry in json.loads(lab.run(["bridge", "-j", "fdb", "show"]).stdout):
        if "self" in entry["flags"] and "dst" not in entry:
            found[index[entry["ifname"]], octets(entry["mac"])] = 2
    for entry in json.loads(lab.run(["ip", "-j", "maddr"]).stdout):
        for address in entry["maddr"]:
            if "link" in address:
                found[entry["ifindex"], octets(address["link"])] = 2
    for number, link in links.items():
        if link["link_type"] == "ether":
            found[number, octets(link["address"])] = 1
            found[number, octets(link["broadcast"])] = 1
    return found


def walk_all(client):
    """The walks of all that netmibd serves, as one dict."""
    found = {}
    for root in ROOTS:
        found.update(client.walk(root))
    return found


def column(client, name):
    """{ifIndex: plain value} of a column of ifTable or ifXTable."""
    return {at[-1]: value.value for at, value in client.walk(COLUMNS[name]).items()}
