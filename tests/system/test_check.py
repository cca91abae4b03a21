"""netmibd --check: each finding with real parts, and nothing that is wrong with a healthy
set-up."""

import os
import re
import socket

import agentx
import lab

MODULES = "-smux"  # with DISMAN, unlike Debian's unit


class Check(lab.Test):
    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.configure("agentx")
        self.lab.write("etc/snmp.conf", "defVersion 2c\ndefCommunity public\n")

    def check(self, *more, prefix=(), tokens=None):
        """Runs it; (status, what is right, noted, wrong, mended)."""
        if tokens is not None:
            self.lab.tokens = tokens
            self.lab.configure("agentx")
        done = self.lab.run(
            [*prefix, lab.NETMIBD, "-x", self.lab.master_socket, "-c", self.lab.config,
             f"--check={lab.ADDRESS}", *more], check=False, sysfs=True)
        self.assertFalse(lab.REPORTS.search(done.stderr), done.stderr)
        found = {kind: [] for kind in ("right", "note", "wrong", "mend")}
        for line in done.stdout.splitlines():
            kind, text = line.split(": ", 1)
            found[kind].append(text)
        self.assertEqual(len(found["wrong"]), len(found["mend"]), done.stdout)
        self.assertEqual(done.returncode, 1 if found["wrong"] else 0, done.stdout)
        return found

    def assert_wrong(self, found, wrong, mend):
        """One finding of that text, and the line that follows it."""
        places = [i for i, text in enumerate(found["wrong"]) if re.search(wrong, text)]
        self.assertEqual(len(places), 1, found)
        self.assertRegex(found["mend"][places[0]], mend)

    def lone(self, found, wrong, mend):
        self.assert_wrong(found, wrong, mend)
        self.assertEqual(len(found["wrong"]), 1, found)

    def test_healthy(self):
        self.lab.start("agentx")
        found = self.check()
        self.assertEqual(found["wrong"], [])
        for text in ("the configuration has no error", r"Linux \S+ is new enough",
                     r"netmibd runs \(process \d+\)", "has CAP_NET_ADMIN",
                     "what is set (is|will be) kept in", "an AgentX master answers",
                     f"the SNMP agent at {lab.ADDRESS} answers",
                     "what netmibd serves is to be seen", "no module of the master's shadows netmibd"):
            self.assertEqual(len([t for t in found["right"] if re.search(text, t)]), 1,
                             (text, found))

    def test_no_socket(self):
        self.lone(self.check(), "no AgentX socket at .*: snmpd does not run", "systemctl")

    def test_no_master(self):
        self.lab.master_config = self.lab.write("snmpd.conf", "rocommunity public\n")
        self.lab.start_snmpd()
        self.lone(self.check(), r"snmpd runs \(process \d+\), but there is no",
                  f"master agentx.*agentXSocket {self.lab.master_socket}")

    def test_nobody_listens(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(self.lab.master_socket)
        self.lone(self.check(), "nobody listens", "restart snmpd")

    def test_no_answer(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(self.lab.master_socket)
            sock.listen(5)
            self.lone(self.check(), "does not answer to AgentX", "restart snmpd")

    def nobody(self, *capabilities):
        os.chmod(self.lab.directory, 0o755)
        return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                *capabilities]

    def test_no_permission(self):
        os.chown(self.lab.path("state"), 65534, 65534)
        self.lab.start_snmpd()
        capable = self.nobody("--inh-caps=+net_admin", "--ambient-caps=+net_admin")
        os.chmod(self.lab.master_socket, 0o600)
        self.lone(self.check(prefix=capable), "user nobody has no permission to write",
                  "agentXPerms .* nobody")
        folder = self.lab.path("closed")
        os.mkdir(folder, 0o700)
        self.lab.master_socket = folder + "/master"
        self.lone(self.check(prefix=capable), "nobody has no permission to enter",
                  "agentXPerms .* nobody")

    def test_as_another_user(self):
        """-u: as the daemon would be, with its capability."""
        os.chown(self.lab.path("state"), 65534, 65534)
        os.chmod(self.lab.directory, 0o755)
        self.lab.start_snmpd()
        os.chmod(self.lab.master_socket, 0o600)
        self.lone(self.check("-u", "nobody"), "user nobody has no permission to write",
                  "agentXPerms .* nobody")

    def test_no_capability(self):
        """Nothing can be written, kept or buffered."""
        self.lab.start_snmpd()
        os.chmod(self.lab.master_socket, 0o666)
        found = self.check(prefix=self.nobody(), tokens=["netmibdEventBuffer 1048576"])
        self.assert_wrong(found, "no CAP_NET_ADMIN", "AmbientCapabilities=CAP_NET_ADMIN")
        self.assert_wrong(found, "nobody may not write to .*state", "chown nobody ")
        self.assert_wrong(found, "not the 1073741824 of netmibdEventBuffer",
                          "net.core.rmem_max=1073741824")
        found = self.check(prefix=self.nobody(), tokens=["netmibdWrite off",
                                                         "netmibdPersist off",
                                                         "netmibdEventBuffer 64"])
        self.assertEqual(found["wrong"], [])
        self.assertIn("netmibdWrite is off", "\n".join(found["note"]))

    def test_configuration(self):
        self.lab.start_snmpd()
        found = self.check(tokens=["netmibdWrite on", "netmibdWrite maybe", "nonsense 1"])
        self.assert_wrong(found, "netmibd.conf: line 2: netmibdWrite: on, off or dry-run",
                          r"netmibd.conf\(5\)")
        self.assert_wrong(found, 'netmibd.conf: line 3: unknown token "nonsense"',
                          r"netmibd.conf\(5\)")

    def test_kernel(self):
        self.lab.start_snmpd()
        self.lone(self.check(prefix=["setarch", "--uname-2.6"]), r"Linux 2\.6\S* is older "
                  r"than 5\.14", "linux-image")

    def test_store(self):
        self.lab.start_snmpd()
        store = self.lab.write("state/netmibd-set.conf", "")
        os.chmod(store, 0o666)
        self.lone(self.check(), f"others may write {store}", f"chmod 0600 {store}")
        os.unlink(store)
        os.symlink("/dev/null", store)
        self.lone(self.check(), f"{store} is no file", f"mv {store}")

    def test_two(self):
        self.lab.start("agentx")
        self.lab.start("agentx")
        self.lone(self.check(), "2 netmibds run", r"kill \d+")

    def master(self, access, *modules):
        self.lab.master_config = self.lab.write(
            "snmpd.conf", f"{access}\nmaster agentx\n"
            f"agentXSocket {self.lab.master_socket}\n" + "\n".join(modules) + "\n")

    def start_seen(self, access, *modules):
        """netmibd below a master that shows only a part of it."""
        self.master(access, *modules)
        self.lab.start_snmpd()
        self.lab.start("agentx")

    def test_view(self):
        self.start_seen("rocommunity public default -V some",
                        "view some included .1.3.6.1.2.1.1",
                        "view some included .1.3.6.1.2.1.2",
                        "view some included .1.3.6.1.4.1.8072")
        found = self.check()
        self.assert_wrong(found, "ipForwarding is not to be seen",
                          r"included \.1\.3\.6\.1\.2\.1\.4\"")
        self.assertNotIn("ifNumber", "\n".join(found["wrong"]))
        self.assertNotIn("NETMIBD-MIB", "\n".join(found["wrong"]))

    def test_shadow(self):
        """Another program's answers, at a better priority or for a part."""
        self.start_seen("rocommunity public",
                        "override 1.3.6.1.2.1.2.1.0 integer 4711")
        self.lone(self.check(), r"answers for \S*2\.1\.2\.1\.0 \(priority \d+\)",
                  "-I -.*line out of")

    def test_subagent(self):
        self.lab.start("agentx")
        stub = agentx.Stub(self.lab.master_socket, lab.snmp.oid("1.3.6.1.2.1.4.34.1.3"))
        self.addCleanup(stub.close)
        self.lone(self.check(), r"AgentX subagent \d+.* answers for \S*\.4\.34\.1\.3 "
                  r"\(priority 127\)", "stop that subagent")

    def test_better_priority(self):
        """At the same place; at a worse one it does no harm."""
        self.lab.start("agentx")
        for root, priority in (("1.3.6.1.2.1.4.34", 99), ("1.3.6.1.2.1.4.35", 101)):
            stub = agentx.Stub(self.lab.master_socket, lab.snmp.oid(root), priority)
            self.addCleanup(stub.close)
        self.lone(self.check(), r"answers for \S*\.4\.34 \(priority 99\)",
                  "stop that subagent")

    def test_version_3(self):
        self.lab.write("etc/snmp.conf", "defVersion 3\ndefSecurityName auditor\n"
                       "defSecurityLevel authPriv\ndefAuthType SHA\ndefPrivType AES\n"
                       "defPassphrase sesame-sesame\n")
        self.start_seen("rocommunity public",
                        "createUser auditor SHA sesame-sesame AES", "rouser auditor priv")
        found = self.check()
        self.assertEqual(found["wrong"], [])
        self.assertIn("what netmibd serves is to be seen", found["right"])

    def test_double_traps(self):
        self.master("rocommunity public", "iquerySecName internal", "rouser internal",
                    "linkUpDownNotifications yes")
        modules, lab.SNMPD_MODULES = lab.SNMPD_MODULES, MODULES
        try:
            self.lab.start_snmpd()
        finally:
            lab.SNMPD_MODULES = modules
        self.lone(self.check(), "linkUpDownNotifications", "linkUpDownNotifications no")

    def test_who_asks(self):
        self.lab.start_snmpd()
        self.lab.write("etc/snmp.conf", "defCommunity wrong\n")
        self.lone(self.check(), f"the SNMP agent at {lab.ADDRESS} does not answer",
                  "rocommunity")
        os.unlink(self.lab.path("etc/snmp.conf"))
        found = self.check()
        self.assertEqual(found["wrong"], [])
        self.assertIn("defCommunity", "\n".join(found["note"]))
