#!/usr/bin/python3
"""Makes the seeds of the fuzz targets: what this kernel sends (links, addresses, neighbours,
statistics, address filters) and OIDs around real instances. Needs no root. The result is
in tests/fuzz/corpus/ and committed; run it again to add what another kernel says."""
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
    }
    for name, (kind, body) in requests.items():
        for number, data in enumerate(ask(kind, body)[:2]):
            at = 0
            while at + 16 <= len(data):  # a seed for each message, and one for all
                length = struct.unpack_from("=I", data, at)[0]
                if length < 16:
                    break
                if number == 0:
                    store("decode", f"{name}-{at}", b"\0" + data[at:at + length])
                at += (length + 3) & ~3
            store("decode", f"{name}-all-{number}", b"\3" + data)
    proc_texts()
    for table in range(8):
        store("seek", f"root-{table}", bytes([table, 1, 3, 6, 1, 2, 1, 2]))
        store("seek", f"first-{table}", bytes([0x80 | table, 1, 1]))
        store("seek", f"pair-{table}", bytes([0x80 | table, 3, 1, 3]))
        store("seek", f"huge-{table}", bytes([0x80 | table, 2, 255, 253, 254]))
        store("seek", f"long-{table}", bytes([0x80 | table, 2, 2, 6] + [40] * 120))
    store("procfs", "ether", b"2    eth0            1     0     333300000001\n")
    store("procfs", "infiniband",
          b"7    ib0             1     0     00ffffffff12401bffff000000000000ffffffff\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
