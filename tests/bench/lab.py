"""The ground the bench stands on: a private network, processes, one SNMP GET.

enter() moves this process into network and mount namespaces of its own.  They have no
name, so nothing can be left behind: they go with the last process in them, and every
child is told to die with us.  leave() ends the children and deletes the links first,
because the kernel takes its time to clear away 10,000 of them.

Used by the benches.
"""

import ctypes
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
IP_LINK = "ip0"
ROUTE_LINK = "r0"
GATEWAYS = 200  # of each family, behind ROUTE_LINK
GROUP = 7  # all links that we make are of this group, to be deleted in one go

libc = ctypes.CDLL(None, use_errno=True)
children = []
workdir = None


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter():
    """Go into namespaces of our own, with an own /sys, lo up and a work directory."""
    global workdir
    _check(libc.unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare")
    _check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount /")
    _check(libc.mount(b"sysfs", b"/sys", b"sysfs", 0, None), "mount /sys")
    workdir = tempfile.mkdtemp(prefix="netmibd-bench.")
    set_link(socket.if_nametoindex("lo"), up=True)
    # thousands of links need no IPv6 address each
    with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as f:
        f.write("1")


def leave():
    """End what was started and clear away; may be called twice."""
    global workdir
    for child in reversed(children[:]):
        child.stop()
    if workdir:
        try:
            subprocess.run(["ip", "link", "delete", "group", str(GROUP)], timeout=60,
                           stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass
        shutil.rmtree(workdir, ignore_errors=True)
        workdir = None


def path(name):
    return os.path.join(workdir, name)


def grow(total):
    """Make links until there are TOTAL, lo included; the first one made is up."""
    have = len(socket.if_nameindex())
    if have >= total:
        return
    batch = path("links")
    with open(batch, "w") as f:
        for i in range(have, total):
            f.write(f"link add d{i} group {GROUP} type ifb\n")
    subprocess.run(["ip", "-batch", batch], check=True, timeout=180)
    set_link(socket.if_nametoindex("d1"), up=True)


def grow_ip(addresses, neighbours):
    """A link with so many addresses and neighbours."""
    subprocess.run(["ip", "link", "add", IP_LINK, "type", "veth", "peer", "name", "ip1"],
                   check=True)
    set_link(socket.if_nametoindex(IP_LINK), up=True)
    change_ip([f"addr add 10.{n >> 8}.{n & 255}.1/8 dev {IP_LINK}"
               for n in range(addresses)] + neighbour_lines(neighbours, 0))


def neighbour_lines(count, generation):
    return [f"neigh replace 11.{n >> 16}.{n >> 8 & 255}.{n & 255} lladdr "
            f"02:{generation:02x}:00:00:00:01 dev {IP_LINK} nud permanent"
            for n in range(count)]


def change_ip(lines):
    with open(path("ip"), "w") as f:
        f.write("\n".join(lines) + "\n")
    subprocess.run(["ip", "-batch", path("ip")], check=True, timeout=180)


def shrink_ip():
    subprocess.run(["ip", "link", "del", IP_LINK], check=True)


def grow_route_link():
    """A link to route over, the only one besides its peer; its index."""
    run = [f"link add {ROUTE_LINK} group {GROUP} type veth peer name r1",
           f"link set r1 group {GROUP} up", f"link set {ROUTE_LINK} up",
           f"addr add 10.9.0.1/16 dev {ROUTE_LINK}",
           f"addr add fd00:9::1/64 dev {ROUTE_LINK} nodad"]
    for line in run:
        if line.startswith("addr add fd"):
            with open(f"/proc/sys/net/ipv6/conf/{ROUTE_LINK}/disable_ipv6", "w") as f:
                f.write("0")
        subprocess.run(["ip", *line.split()], check=True)
    return socket.if_nametoindex(ROUTE_LINK)


def route(i, first="20.0.0.0"):
    """The I-th route of IPv4: destination (a /24) and gateway, as four octets each."""
    (base,) = struct.unpack(">I", socket.inet_aton(first))
    return (struct.pack(">I", base + i * 256),
            struct.pack(">I", 0x0a090002 + i % GATEWAYS))


def route_lines(verb, numbers, first="20.0.0.0"):
    for i in numbers:
        to, gateway = (socket.inet_ntoa(octets) for octets in route(i, first))
        yield f"route {verb} {to}/24 via {gateway} dev {ROUTE_LINK}"


def route6_lines(verb, numbers):
    for i in numbers:
        yield (f"route {verb} 2001:db8:{i >> 16:x}:{i & 65535:x}::/64 via "
               f"fd00:9::{2 + i % GATEWAYS:x} dev {ROUTE_LINK}")


def batch(name, lines):
    """A file for run_batch(), of many lines."""
    with open(path(name), "w") as f:
        f.writelines(line + "\n" for line in lines)
    return path(name)


def run_batch(name):
    """Lets ip do what the file says; the CPU time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ip", "-batch", name], check=True, timeout=180)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(getattr(after, what) - getattr(before, what)
               for what in ("ru_utime", "ru_stime"))


def count_routes():
    """How many routes the main table has of both families, by what ip prints."""
    return sum(subprocess.run(["ip", "-o", family, "route", "show", "table", "main"],
                              check=True, capture_output=True).stdout.count(b"\n")
               for family in ("-4", "-6"))


def set_route(index, to, gateway, there):
    """Adds or deletes a route of IPv4, a /24, and returns when the kernel has said so."""
    body = struct.pack("=BBBBBBBBI", 2, 24, 0, 0, 254, 4, 0, 1, 0)  # main, static
    for kind, octets in ((1, to), (4, struct.pack("=I", index)), (5, gateway)):
        body += struct.pack("=HH", 8, kind) + octets
    number, flags = (24, 0x605) if there else (25, 5)  # CREATE, EXCL; REQUEST, ACK
    _request(number, flags, body, "route")


def set_link(index, mtu=None, alias=None, up=None):
    """What `ip link set` does, and like it, return when the kernel has acknowledged."""
    attrs = b""
    if mtu is not None:
        attrs += struct.pack("=HHI", 8, 4, mtu)  # IFLA_MTU
    if alias is not None:
        text = alias.encode()
        attrs += struct.pack("=HH", 4 + len(text), 20) + text  # IFLA_IFALIAS
        attrs += bytes(-len(attrs) % 4)
    flags, change = (int(up), 1) if up is not None else (0, 0)  # IFF_UP
    info = struct.pack("=BxHiII", 0, 0, index, flags, change)
    _request(16, 5, info + attrs, f"link {index}")  # RTM_NEWLINK, ACK


def _request(number, flags, body, what):
    head = struct.pack("=IHHII", 16 + len(body), number, flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.settimeout(10)
        s.send(head + body)
        error = struct.unpack_from("=i", s.recv(8192), 16)[0]
    if error:
        raise OSError(-error, f"{what}: {os.strerror(-error)}")


class Child:
    """A process that ends when we do, on CPU if one is given, its output in NAME.log."""

    def __init__(self, name, argv, cpu=None):
        def prepare():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})

        # each start with an empty memory; snmpd rewrites files of that directory
        state = tempfile.mkdtemp(prefix="state.", dir=workdir)
        env = dict(os.environ, MIBS="", SNMPCONFPATH=state, SNMP_PERSISTENT_DIR=state,
                   LC_ALL="C")
        self.name = name
        with open(path(name + ".log"), "ab") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                preexec_fn=prepare)
        self.started = time.perf_counter()  # Popen returns when the exec is done
        self.pid = self.process.pid
        children.append(self)

    def stop(self, how=signal.SIGTERM):
        if self in children:
            children.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def check(self):
        if self.process.poll() is not None:
            with open(path(self.name + ".log"), errors="replace") as log:
                tail = log.read()[-300:].strip()
            raise RuntimeError(f"{self.name} ended, {self.process.returncode}: {tail}")

    def cpu_seconds(self):
        # the clock of a process, threads that have ended included (clock_getcpuclockid)
        return time.clock_gettime(~self.pid << 3 | 2)

    def rss(self, field="VmRSS"):
        """Resident memory in octets; VmHWM: the most it ever was."""
        with open(f"/proc/{self.pid}/status") as f:
            for line in f:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        return 0


def count_calls(children, seconds):
    """System calls of each child in so many seconds, counted by strace."""
    traces = {}
    for key, child in children.items():
        out = path(f"strace-{child.pid}")
        traces[key] = out, Child(
            "strace", ["strace", "-c", "-f", "-U", "calls,name", "-o", out, "-p",
                       str(child.pid)])
    time.sleep(seconds)
    counts = {}
    for key, (out, tracer) in traces.items():
        tracer.stop(signal.SIGINT)
        with open(out) as f:
            total = re.search(r"^\s*(\d+)\s+total", f.read(), re.M)
        counts[key] = int(total[1]) if total else 0
    return counts


def _tlv(tag, body):
    if len(body) > 127:
        return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body
    return bytes([tag, len(body)]) + body


def _encode_oid(text):
    numbers = [int(n) for n in text.strip(".").split(".")]
    out = bytearray([numbers[0] * 40 + numbers[1]])
    for n in numbers[2:]:
        part = [n & 0x7f]
        while n := n >> 7:
            part.append(0x80 | n & 0x7f)
        out += bytes(reversed(part))
    return bytes(out)


def _read_tlv(data, at):
    """The tag, the start and the end of the body of what stands at AT."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7f
        length, at = int.from_bytes(data[at:at + octets], "big"), at + octets
    return tag, at, at + length


class Getter:
    """SNMP v2c GETs of one instance, without a process for each."""

    def __init__(self, port, community="public"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.community = community.encode()
        self.number = 0x10000000
        self.answered = False  # the last GET has been, if only with an exception

    def close(self):
        self.socket.close()

    def get(self, oid, timeout=0.25):
        """An int, bytes, or None for no such object, no answer or no agent."""
        self.number += 1
        vb = _tlv(0x30, _tlv(6, _encode_oid(oid)) + b"\x05\x00")
        pdu = _tlv(0xa0, _tlv(2, struct.pack(">I", self.number)) +
                   b"\x02\x01\x00\x02\x01\x00" + _tlv(0x30, vb))
        deadline = time.perf_counter() + timeout
        self.answered = False
        try:
            self.socket.send(_tlv(0x30, b"\x02\x01\x01" + _tlv(4, self.community) + pdu))
            while (left := deadline - time.perf_counter()) > 0:
                self.socket.settimeout(left)
                number, value = self._parse(self.socket.recv(65536))
                if number == self.number:
                    self.answered = True
                    return value
        except (TimeoutError, ConnectionRefusedError):
            pass
        return None

    @staticmethod
    def _parse(data):
        _, at, _ = _read_tlv(data, 0)
        _, _, at = _read_tlv(data, at)  # version
        _, _, at = _read_tlv(data, at)  # community
        _, at, _ = _read_tlv(data, at)  # the PDU
        _, start, at = _read_tlv(data, at)
        number = int.from_bytes(data[start:at], "big")
        _, start, at = _read_tlv(data, at)
        if any(data[start:at]):
            return number, None  # an error status
        _, _, at = _read_tlv(data, at)
        _, at, _ = _read_tlv(data, at)  # the list, its one varbind, its OID
        _, at, _ = _read_tlv(data, at)
        _, _, at = _read_tlv(data, at)
        tag, start, end = _read_tlv(data, at)
        if tag == 4:
            return number, data[start:end]
        if tag in (2, 0x41, 0x42, 0x43, 0x46):
            return number, int.from_bytes(data[start:end], "big", signed=tag == 2)
        return number, None
