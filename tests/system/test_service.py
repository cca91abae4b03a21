"""As it is installed: netmibd.service and what it allows, beside Debian's own snmpd with its
own unit's command and configuration, and the snippet for it. There is no service manager in
here: what the unit asks of one is done by setpriv and mount, and its filter of system calls is
held against those that were made."""

import csv
import hashlib
import os
import pwd
import re
import shlex
import subprocess
import tempfile

import lab
import mib
import snmp
from snmp import integer, octets

DIST = os.path.join(lab.ROOT, "dist")
SNMPD_UNIT, SNMPD_CONF = "/lib/systemd/system/snmpd.service", "/etc/snmp/snmpd.conf"
USER = pwd.getpwnam("nobody")  # in the stead of the one that the package makes
CONFIGURATION = ["etc/snmp/netmibd.conf", "etc/snmp/snmpd.conf.d/netmibd.conf"]
SYSTEM = mib.MIB2 + (1,)
FORWARDING = mib.MIB2 + (4, 1, 0)


def read(path):
    with open(path) as file:
        return file.read()


def unit(text):
    """{setting: [value ...]} of a unit's text, in its order."""
    found = {}
    for line in text.splitlines():
        name, equal, value = line.partition("=")
        if equal and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


SERVICE = unit(read(os.path.join(DIST, "netmibd.service.in")))


def view():
    """The roots of the snippet's view."""
    return [snmp.oid(root) for root in re.findall(
        r"^view netmibd included \.(\S+)$", read(os.path.join(DIST, "snmpd.conf")), re.M)]


def stock_conf():
    """Debian's own snmpd.conf, or None if it is not there as it came."""
    known = subprocess.run(["dpkg-query", "-W", "-f", "${Conffiles}", "snmpd"],
                           capture_output=True, text=True)
    try:
        text = read(SNMPD_CONF)
    except OSError:
        return None
    digest = hashlib.md5(text.encode()).hexdigest()
    return text if f"{SNMPD_CONF} {digest}" in known.stdout else None


def filter_sets():
    """{set: system calls} as systemd knows them."""
    text = subprocess.run([lab.tool("systemd-analyze"), "syscall-filter", "--no-pager"],
                          capture_output=True, text=True, check=True).stdout
    sets, at = {}, None
    for line in text.splitlines():
        word = line.strip()
        if line.startswith("@"):
            at = sets.setdefault(word, set())
        elif at is not None and word and not word.startswith("#"):
            at.add(word)
    return sets


def members(sets, word):
    if not word.startswith("@"):
        return {word}
    return set().union(*(members(sets, one) for one in sets[word]))


def allowed_calls():
    """The system calls that the unit's SystemCallFilter leaves."""
    sets, found = filter_sets(), set()
    for value in SERVICE["SystemCallFilter"]:
        calls = set().union(*(members(sets, word) for word in value.lstrip("~").split()))
        found = found - calls if value.startswith("~") else found | calls
    return found | members(sets, "@default")


class Unit(lab.Test):
    def test_its_exposure(self):
        if not lab.tool("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        with open(self.make_lab().path("netmibd.service"), "w") as file:
            file.write(read(os.path.join(DIST, "netmibd.service.in")).replace(
                "@SBINDIR@", "/usr/sbin"))
        done = subprocess.run(
            [lab.tool("systemd-analyze"), "security", "--offline=true", "--no-pager",
             "--threshold=20", file.name], capture_output=True, text=True)
        self.assertIn("Overall exposure level", done.stdout, done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout)  # at most 2.0

    def test_one_version(self):
        version, = re.findall(r"^VERSION := (\S+)$", read(f"{lab.ROOT}/Makefile"), re.M)
        self.assertIn(f"netmibd {version},", subprocess.run(
            [lab.NETMIBD, "-V"], capture_output=True, text=True).stdout)
        self.assertTrue(read(f"{lab.ROOT}/debian/changelog").startswith(
            f"netmibd ({version}) "))
        self.assertIn(f"\n## {version}", read(f"{lab.ROOT}/NEWS.md"))
        self.assertEqual(set(re.findall(r'"netmibd (.*), on Linux"',
                                        read(f"{lab.ROOT}/mibs/NETMIBD-CAPABILITIES.txt"))),
                         {version})

    def test_the_package_is_built_with_all_libraries(self):
        def of(pattern, file):
            found = re.search(pattern, read(f"{lab.ROOT}/{file}"), re.M | re.S)[1]
            return set(re.findall(r"lib[\w.+-]+-dev", found)) - {"libc6-dev", "libcunit1-dev"}
        self.assertEqual(of(r"^PACKAGES :=(.*?[^\\])\n", "Makefile"),
                         of(r"^Build-Depends:(.*?)\n\S", "debian/control"))

    def test_nothing_is_outside_of_the_view(self):
        roots, left_out, seen = view(), set(), 0
        for module in ("IF-MIB", "IF-INVERTED-STACK-MIB", "IP-MIB", "IP-FORWARD-MIB",
                       "NETMIBD-MIB"):
            with open(f"{lab.ROOT}/tests/facts/{module}.tsv") as file:
                for fact in csv.DictReader(file, delimiter="\t"):
                    if fact["kind"] not in ("scalar", "table"):
                        continue
                    name, seen = snmp.oid(fact["oid"]), seen + 1
                    if not any(name[:len(root)] == root for root in roots):
                        left_out.add(fact["object"])
        self.assertEqual(left_out, set())
        self.assertGreater(seen, 50)


class Install(lab.Test):
    def make(self, target):
        # one of its own, not a part of the one that may have started us
        env = {name: value for name, value in os.environ.items() if "MAKE" not in name}
        done = subprocess.run(
            ["make", "-s", f"B={os.path.relpath(lab.BUILD, lab.ROOT)}", "PREFIX=/opt/nm",
             f"DESTDIR={self.root}", target], cwd=lab.ROOT, capture_output=True, text=True, env=env)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return sorted(os.path.relpath(os.path.join(folder, name), self.root)
                      for folder, _, names in os.walk(self.root) for name in names)

    def test_install_and_uninstall(self):
        self.root = self.enterContext(tempfile.TemporaryDirectory())
        there = self.make("install")
        for path in ("sbin/netmibd", "share/man/man8/netmibd.8", "share/doc/netmibd/NEWS.md",
                     "share/man/man5/netmibd.conf.5", "share/snmp/mibs/NETMIBD-MIB.txt",
                     "share/netmibd/mibs/NETMIBD-NAMES.txt", "lib/sysusers.d/netmibd.conf"):
            self.assertIn("opt/nm/" + path, there)
        service = unit(read(f"{self.root}/opt/nm/lib/systemd/system/netmibd.service"))
        self.assertEqual(service["ExecStart"], ["/opt/nm/sbin/netmibd -f -Lsd"])
        for path in CONFIGURATION:  # edited, it stays
            with open(f"{self.root}/{path}", "w") as file:
                file.write("# mine\n")
        self.assertEqual(self.make("install"), there)
        self.assertEqual(self.make("uninstall"), CONFIGURATION)
        for path in CONFIGURATION:
            self.assertEqual(read(f"{self.root}/{path}"), "# mine\n")


class Installed(lab.Test):
    """Both daemons as their units start them."""

    def setUp(self):
        conf = stock_conf()
        if not conf or not os.path.exists(SNMPD_UNIT):
            self.skipTest("not Debian's snmpd with its own configuration")
        self.lab = self.make_lab()
        os.chmod(self.lab.directory, 0o711)
        self.lab.environment = lab.environment  # the library's own folders
        self.install(conf)
        self.lab.run(["sh", "-e", "-c", f"""
            mount -t tmpfs -o mode=755 tmpfs /run
            install -d /run/agentx    # RuntimeDirectory= of snmpd.service
            install {lab.NETMIBD} /run/netmibd
            mount -t tmpfs -o mode=755 tmpfs /var/lib
            install -d -o Debian-snmp /var/lib/snmp
            install -d -o {USER.pw_name} -m 700 /var/lib/netmibd
            mount --bind {self.lab.path("snmp")} /etc/snmp"""])
        self.lab.batch(["link add va type veth peer name vb", "link set va up",
                        "addr add 10.1.0.1/24 dev va", "addr add 2001:db8::1/64 dev va nodad",
                        "neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev va",
                        "route add 10.9.0.0/16 via 10.1.0.9"])

    def install(self, conf):
        """/etc/snmp, with two of the lines that the snippet leaves to the administrator."""
        snippet = read(os.path.join(DIST, "snmpd.conf"))
        snippet, number = re.subn("(?m)^(agentXPerms .*) netmibd$", rf"\1 {USER.pw_name}",
                                  snippet)
        self.assertEqual(number, 1)
        os.makedirs(self.lab.path("snmp/snmpd.conf.d"))
        self.lab.write("snmp/snmpd.conf", conf)
        self.lab.write("snmp/netmibd.conf", read(os.path.join(DIST, "netmibd.conf")))
        self.lab.write("snmp/snmpd.conf.d/netmibd.conf",
                       snippet + "rocommunity see 127.0.0.1 -V netmibd\n"
                       "rwcommunity change 127.0.0.1 -V netmibd\n")

    def client(self, community):
        return self.lab.client(community=community, port=161)

    def read(self, path):
        """A file as it is in the namespace."""
        return self.lab.run(["cat", path]).stdout

    def start_snmpd(self, text):
        command = shlex.split(unit(text)["ExecStart"][-1])
        daemon = lab.Process(self.lab, "snmpd", command)
        lab.wait_until(lambda: self.lab.answers(self.client("public"), SYSTEM + (3, 0)), 10,
                       "snmpd answers")
        return daemon

    def start_netmibd(self, *before):
        """What the unit has done to a process: its user, capabilities, and file system."""
        has = {name: [word[len("CAP_"):].lower() for word in SERVICE[name][0].split()]
               for name in ("AmbientCapabilities", "CapabilityBoundingSet")}
        ambient, bounding = (",".join(["-all"] + [f"+{cap}" for cap in has[name]])
                             for name in has)
        daemon = lab.Netmibd.__new__(lab.Netmibd)
        lab.Process.__init__(daemon, self.lab, "netmibd", [
            "unshare", "--mount", "--propagation", "private", "sh", "-e", "-c",
            # ProtectSystem=strict: all but the StateDirectory
            "mount --bind /var/lib/netmibd /var/lib/netmibd\n"
            "for at in / /run /var/lib /etc/snmp; do mount -o remount,bind,ro $at; done\n"
            'umask 077; exec "$@"', "sh", *before, "setpriv", f"--reuid={USER.pw_uid}",
            f"--regid={USER.pw_gid}", "--clear-groups", f"--inh-caps={ambient}",
            f"--ambient-caps={ambient}", f"--bounding-set={bounding}", "--no-new-privs",
            "--pdeathsig", "KILL", "/run/netmibd", "-f", "-Le"])
        client = self.client("see")
        lab.wait_until(lambda: self.lab.attached(client), 10,
                       "netmibd is there:\n" + daemon.text())
        return daemon

    def test_all_of_the_view_is_served(self):
        snmpd = self.start_snmpd(read(SNMPD_UNIT))
        daemon = self.start_netmibd()
        client = self.client("see")
        for root in view():
            self.assertTrue(client.walk(root), root)
        self.assertEqual({name[:7] for name in self.client("public").walk(mib.MIB2)},
                         {SYSTEM, mib.MIB2 + (25,)})  # what it was
        self.assertEqual(daemon.text().count("connected"), 1, daemon.text())
        self.assertEqual(snmpd.text(), "")

    def test_it_sets_and_keeps(self):
        self.start_snmpd(read(SNMPD_UNIT))
        daemon = self.start_netmibd()
        client, index = self.client("change"), self.lab.index("va")
        client.set((mib.cell("ifAlias", index), octets(b"kept")), (FORWARDING, integer(1)))
        self.assertIn("kept", self.read("/var/lib/netmibd/netmibd-set.conf"))
        self.assertEqual(self.read("/proc/sys/net/ipv4/ip_forward"), "1\n")
        self.assertEqual(self.read("/sys/class/net/va/ifalias"), "kept\n")
        self.assertNotIn("error", daemon.text())

    def test_nobody_else_connects(self):
        self.start_snmpd(read(SNMPD_UNIT))
        connect = ["/usr/bin/python3", "-c", "import socket; socket.socket(socket.AF_UNIX)"
                   ".connect('/run/agentx/master')"]
        for user, answer in ((USER.pw_uid, ""), (1, "PermissionError"),
                             (pwd.getpwnam("Debian-snmp").pw_uid, "PermissionError")):
            said = self.lab.run(["setpriv", f"--reuid={user}", f"--regid={user}",
                                 "--clear-groups"] + connect, check=False).stderr
            self.assertIn(answer, said)
            self.assertEqual(bool(said), bool(answer), said)

    def test_snmpd_without_its_own_modules(self):
        self.start_snmpd(read(os.path.join(DIST, "snmpd.service.conf")))
        client = self.client("see")
        for root in view():
            self.assertEqual(bool(client.walk(root)), root == SYSTEM, root)
        self.start_netmibd()
        for root in view():
            self.assertTrue(client.walk(root), root)

    def test_what_the_unit_forbids_is_not_done(self):
        for name in ("strace", "systemd-analyze"):
            if not lab.tool(name):
                self.skipTest(f"{name} is not installed")
        if lab.SANITIZED:
            self.skipTest("the leak sanitizer does not work under strace")
        self.start_snmpd(read(SNMPD_UNIT))
        trace = "/var/lib/netmibd/trace"  # the one place that is not read-only
        daemon = self.start_netmibd("strace", "-D", "-f", "-o", trace)
        client, index = self.client("change"), self.lab.index("va")
        client.set((mib.cell("ifAlias", index), octets(b"kept")), (FORWARDING, integer(1)))
        ip = mib.MIB2 + (4,)
        for root in view() + [ip + (n,) for n in range(1, 40)] + [
                ip + (24, n) for n in range(3, 9)]:
            client.bulk([root], 5)  # every table, not every row: strace is slow
        self.lab.ip("link del va")
        daemon.report()
        daemon.stop()
        text = self.read(trace).partition('execve("/run/netmibd"')[2]
        calls = set(re.findall(r"^\d+ +(\w+)\(", text, re.M))
        self.assertIn("sched_setaffinity", calls)  # netmibdFollowMaster, whose filter is ours
        self.assertEqual(calls - allowed_calls(), set())
        families = set(re.findall(r"socket\((AF_\w+)", text))
        self.assertIn("AF_NETLINK", families)
        self.assertEqual(families - set(SERVICE["RestrictAddressFamilies"][0].split()), set())
        self.assertNotRegex(text, "PROT_WRITE.PROT_EXEC|CLONE_NEW|S_ISUID")
