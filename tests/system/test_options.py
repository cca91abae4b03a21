"""The command line, netmibd.conf and the signals."""

import os
import re
import signal
import socket
import time

import lab
import mib
import snmp


class CommandLine(lab.Test):
    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.configure("standalone")

    def netmibd(self, *args, timeout=10):
        return self.lab.run([lab.NETMIBD, *args], check=False, timeout=timeout)

    def refused(self, *args):
        """Starts with args, which must end it with status 1; what it said."""
        done = self.netmibd(*args)
        self.assertEqual(done.returncode, 1, (args, done.stdout, done.stderr))
        self.assertFalse(lab.REPORTS.search(done.stderr), done.stderr)
        with self.lab.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", lab.PORT))  # nobody listens there
        return done.stderr + done.stdout

    def standalone(self, *args):
        return [f"--standalone={lab.ADDRESS}", "-f", "-C", "-c", self.lab.config, "-Le",
                *args]

    def test_help(self):
        for option in ("-h", "--help"):
            done = self.netmibd(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for word in ("--standalone", "--socket", "--foreground", "--config",
                         "--no-default-config", "--log", "--debug", "--pidfile",
                         "--status-socket", "--status", "--json", "--user", "--version", "--help"):
                self.assertIn(word, done.stdout)

    def test_version(self):
        for option in ("-V", "--version"):
            done = self.netmibd(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"^netmibd \d+\.\d+\.\d+.*5\.\d+")

    def test_a_file_that_is_not_there(self):
        said = self.refused("-f", "-C", "-c", "/nonexistent/netmibd.conf", "-Le",
                            f"--standalone={lab.ADDRESS}")
        self.assertIn("/nonexistent/netmibd.conf", said)

    def test_address_replaces_agentaddress(self):
        self.lab.tokens = ["agentaddress udp:127.0.0.1:1999"]
        daemon = self.lab.start("standalone")
        sockets = self.lab.run(["ss", "-lunH"]).stdout
        self.assertIn(f"127.0.0.1:{lab.PORT}", sockets)
        self.assertNotIn(":1999", sockets)
        daemon.stop()

    def test_unknown_flags(self):
        for option in ("-Z", "--nonsense", "-q", "--standalon3"):
            said = self.refused(*self.standalone(option))
            self.assertIn(option.lstrip("-"), said)

    def test_option_without_its_argument(self):
        for option in ("-c", "-x", "-p", "-u", "-L", "-D", "--config", "--socket"):
            self.assertTrue(self.refused("-f", option))

    def test_stray_argument(self):
        self.assertIn("stray", self.refused(*self.standalone("stray")))

    def test_bad_log_option(self):
        self.assertIn("-Lz", self.refused("-f", "-Lz"))

    def test_bad_address(self):
        for address in ("udp:300.1.1.1:1161", "nonsense:1", "udp:127.0.0.1:99999999"):
            said = self.refused(f"--standalone={address}", "-f", "-C", "-c",
                                self.lab.config, "-Le")
            self.assertIn(address, said)

    def test_busy_port(self):
        self.lab.start("standalone")
        done = self.netmibd(*self.standalone())
        self.assertEqual(done.returncode, 1)
        self.assertIn("1161", done.stderr)

    def test_long_forms(self):
        pid_file = self.lab.path("pid")
        daemon = lab.Netmibd(self.lab, [
            "--standalone=" + lab.ADDRESS, "--foreground", "--config", self.lab.config,
            "--no-default-config", "--log", "e", "--debug", "mirror", "--pidfile",
            pid_file])
        self.lab.wait_ready(daemon)
        with open(pid_file) as file:
            self.assertEqual(int(file.read()), daemon.pid)
        self.lab.ip("link add n0 type ifb")
        client = self.lab.client()
        self.assertEqual(client.value(mib.IF_NUMBER), 2)
        self.assertIn("n0: new", daemon.text())
        daemon.stop()
        self.assertFalse(os.path.exists(pid_file), "the pid file is left behind")

    def test_short_standalone_with_address(self):
        daemon = lab.Netmibd(self.lab, ["-s" + lab.ADDRESS, "-f", "-C", "-c",
                                        self.lab.config, "-Le"])
        self.lab.wait_ready(daemon)

    def test_pid_file_that_cannot_be_written(self):
        said = self.refused(*self.standalone("-p", self.lab.path("no/such/folder/pid")))
        self.assertIn("no/such/folder/pid", said)

    def test_daemon(self):
        """Without -f the command returns, and a daemon with the pid of the file is left."""
        pid_file, log = self.lab.path("pid"), self.lab.path("log")
        begin = time.monotonic()
        done = self.netmibd(f"--standalone={lab.ADDRESS}", "-C", "-c", self.lab.config,
                            "-Lf", log, "-p", pid_file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(time.monotonic() - begin, 5 * lab.PATIENCE)
        client = self.lab.client()
        lab.wait_until(lambda: os.path.exists(pid_file) and self.lab.attached(client), 10,
                       "the daemon answers")
        with open(pid_file) as file:
            pid = int(file.read())
        try:
            self.assertEqual(os.path.realpath(f"/proc/{pid}/exe"),
                             os.path.realpath(lab.NETMIBD))
            self.assertNotEqual(os.getsid(pid), os.getsid(0))
            self.assertEqual(os.readlink(f"/proc/{pid}/cwd"), "/")
        finally:
            os.kill(pid, signal.SIGTERM)
        lab.wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 10, "the daemon leaves")
        self.assertFalse(os.path.exists(pid_file))
        with open(log) as file:
            text = file.read()
        self.assertIn("is ready", text)
        self.assertFalse(lab.REPORTS.search(text), text)

    def test_SIGINT_is_a_clean_end(self):
        self.lab.start("standalone").stop(signal.SIGINT)


class Configuration(lab.Test):
    def setUp(self):
        self.lab = self.make_lab(ipv6=False)

    def refused(self, line, mode="standalone"):
        """netmibd must not start with this as line 3 of its file; what it said."""
        self.lab.access = ["rocommunity public"]
        self.lab.tokens = ["# a comment", line]
        if mode == "agentx":
            self.lab.tokens.insert(0, "")
        self.lab.configure(mode)
        daemon = lab.Process(self.lab, "refused", [lab.NETMIBD] + self.lab.arguments(mode))
        try:
            status = daemon.wait(3)
        except AssertionError:
            self.fail(f"it starts with {line!r}: {daemon.text()}")
        finally:
            self.lab.processes.remove(daemon)
        said = daemon.text()
        self.assertEqual(status, 1, (line, said))
        self.assertIn(self.lab.config, said, line)
        self.assertRegex(said, r"line 3\b", line)
        return said

    def test_unknown_tokens(self):
        for mode in ("standalone", "agentx"):
            for token in ("netmibdNonsense 1", "rocomunity public", "netmibdIfTypes a 6"):
                self.assertIn(token.split()[0], self.refused(token, mode))

    def test_bad_values(self):
        for line in ("netmibdFollowMaster perhaps", "netmibdCounterMaxAge 9",
                     "netmibdCounterMaxAge 60001", "netmibdCounterMaxAge -1",
                     "netmibdCounterMaxAge 1s", "netmibdCounterMaxAge 18446744073709551716",
                     "netmibdEventBuffer 63", "netmibdEventBuffer 1048577",
                     "netmibdEventBuffer many", "netmibdIfDescr vendor",
                     "netmibdConnectedNextHop none", "netmibdConnectedNextHop zero 1",
                     "netmibdIfType eth0", "netmibdIfType eth0 x",
                     "netmibdIfType eth0 0", "netmibdIfType kind: 6",
                     "netmibdIfType eth0 2147483648", "netmibdIfType eth0 6 7",
                     "netmibdWrite perhaps", "netmibdWrite on off",
                     "netmibdLinkDownStatus both", "netmibdLinkDownStatus new old",
                     "netmibdNotifyDamping on", "netmibdNotifyDamping off off",
                     "netmibdNotifyDamping 1000 5 2000 1000",
                     "netmibdNotifyDamping 1000 5 2000 1000 20 1",
                     "netmibdNotifyDamping 0 5 2000 1000 20",
                     "netmibdNotifyDamping 1000001 5 2000 1000 20",
                     "netmibdNotifyDamping 1000 0 2000 1000 20",
                     "netmibdNotifyDamping 1000 3601 2000 1000 20",
                     "netmibdNotifyDamping 1000 5 1000 1001 20",
                     "netmibdNotifyDamping 1000 5 2000 0 20",
                     "netmibdNotifyDamping 1000 5 2000 1000 3601",
                     "netmibdNotifyDamping 1000 5s 2000 1000 20",
                     "netmibdNotifyDamping -1000 5 2000 1000 20",
                     "netmibdNotifyRate 10", "netmibdNotifyRate 10 50 1",
                     "netmibdNotifyRate 0 50", "netmibdNotifyRate 10 0",
                     "netmibdNotifyRate 10001 50", "netmibdNotifyRate 10 10001",
                     "netmibdNotifyRate 18446744073709551626 50",
                     "netmibdNotifyWindow 0", "netmibdNotifyWindow 3601",
                     "netmibdNotifyWindow 5 5", "netmibdNotifyWindow soon",
                     "netmibdWrite dry run", "netmibdProtect waytoolongforalink",
                     "netmibdNotifyRoutes 10.0.0.1/8", "netmibdNotifyRoutes any proto bgp"):
            self.assertIn(line.split()[0], self.refused(line))

    def test_tokens_without_a_value(self):
        for line in ("netmibdFollowMaster", "netmibdCounterMaxAge", "netmibdEventBuffer",
                     "netmibdIfDescr", "netmibdIfType", "netmibdConnectedNextHop",
                     "netmibdWrite", "netmibdProtect", "netmibdLinkDownStatus",
                     "netmibdNotifyDamping", "netmibdNotifyRate", "netmibdNotifyWindow"):
            self.assertIn(line, self.refused(line))

    def test_bad_value_in_agentx_mode(self):
        self.refused("netmibdCounterMaxAge 9", "agentx")

    def test_good_values(self):
        self.lab.tokens = [
            "netmibdFollowMaster yes", "netmibdFollowMaster no", "netmibdCounterMaxAge 10",
            "netmibdCounterMaxAge 60000", "netmibdEventBuffer 64", "netmibdIfDescr device",
            "netmibdIfDescr name", "netmibdConnectedNextHop zero",
            "netmibdNotifyRoutes any", "netmibdNotifyRoutes 2001:db8::/32 proto 186",
            "netmibdWrite off", "netmibdWrite dry-run", "netmibdWrite on",
            "netmibdProtect lo", "netmibdProtect eth0 eth1\teth2",
            "netmibdLinkDownStatus old", "netmibdLinkDownStatus New",
            "netmibdNotifyDamping off", "netmibdNotifyDamping OFF",
            "netmibdNotifyDamping 1 1 1 1 1",
            "netmibdNotifyDamping 1000000 3600 1000000\t1000000  3600",
            "netmibdNotifyRate 1 1", "netmibdNotifyRate 10000 10000",
            "netmibdNotifyWindow 1", "netmibdNotifyWindow 3600",
            "netmibdConnectedNextHop empty", "netmibdIfType a 2147483647",
            "NETMIBDIFTYPE lo 25",
            "   netmibdIfType   kind:ifb\t 24  ", "", "# comment"]
        for mode in ("standalone", "agentx"):
            daemon = self.lab.start(mode)
            client = self.lab.client()
            self.assertEqual(client.value(mib.cell("ifType", 1)), 25)
            daemon.stop()

    def test_ifType_rules(self):
        self.lab.batch(["link add x0 type ifb", "link add x1 type ifb",
                        "link add br0 type bridge"])
        # "the first one that fits counts"
        self.lab.tokens = ["netmibdIfType nobody 7", "netmibdIfType x1 6",
                           "netmibdIfType kind:ifb 24", "netmibdIfType x0 9"]
        self.lab.start("standalone")
        found = mib.column(self.lab.client(), "ifType")
        self.assertEqual([found[self.lab.index(n)] for n in ("lo", "x0", "x1", "br0")],
                         [24, 24, 6, 209])

    def test_one_file_serves_both_modes(self):
        """Access control tokens do nothing in a subagent, but must not stop it."""
        self.lab.start_snmpd()
        self.lab.tokens = ["rocommunity public", "rouser somebody noauth",
                           "view v included .1", "rocommunity other default -V v",
                           'createUser somebody MD5 "long enough password"',
                           "com2sec s default c", "group g v2c s",
                           'access g "" any noauth exact v none none']
        daemon = self.lab.start("agentx")
        self.assertTrue(daemon.running())

    def test_tokens_of_Net_SNMP(self):
        """What snmpd.conf(5) and snmp.conf(5) have for an agent is not unknown."""
        for token in ("rouser u noauth", "com2sec s default c", "view v included .1",
                      "rocommunity6 c", "sysContact me", "sysLocation here", "sysName n",
                      "engineID 12345", "engineIDType 3", "exactEngineID 0x8000000001020304",
                      "agentaddress udp:127.0.0.1:1163", "agentXPingInterval 2",
                      "agentXSocket " + self.lab.master_socket, "agentXTimeout 2",
                      "agentXRetries 2", "maxGetbulkRepeats 10", "maxGetbulkResponses 10",
                      "authtrapenable 2", "sysServices 72",
                      'createUser u SHA "long enough password"'):
            with self.subTest(token):
                self.lab.tokens = [token]
                self.lab.start("standalone").stop()

    def test_second_start_with_the_state_the_first_one_saved(self):
        """SNMPv3's engine boots go to a file of the persistent directory."""
        for _ in range(3):
            self.lab.start("standalone").stop()

    def test_snmpv3(self):
        self.lab.access = ['createUser reader SHA "long enough password"',
                           "rouser reader auth", "rocommunity public"]
        self.lab.start("standalone")
        done = self.lab.run(["snmpget", "-v3", "-l", "authNoPriv", "-u", "reader", "-a",
                             "SHA", "-A", "long enough password", "-On", lab.ADDRESS,
                             snmp.show(mib.IF_NUMBER)])
        self.assertIn("INTEGER: 1", done.stdout)
        done = self.lab.run(["snmpget", "-v3", "-l", "authNoPriv", "-u", "reader", "-a",
                             "SHA", "-A", "the wrong password", "-On", lab.ADDRESS,
                             snmp.show(mib.IF_NUMBER)], check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_no_access_without_a_token(self):
        self.lab.access = []
        self.lab.start("standalone", wait=False)
        time.sleep(0.5)
        with self.assertRaises(snmp.Timeout):
            self.lab.client().get(mib.IF_NUMBER, timeout=0.3, retries=0)

    def test_default_files_are_not_read_with_C(self):
        with open(self.lab.path("etc/netmibd.conf"), "w") as file:
            file.write("netmibdNonsense\n")
        self.lab.start("standalone")

    def test_default_file_is_read_without_C(self):
        with open(self.lab.path("etc/netmibd.conf"), "w") as file:
            file.write("rocommunity public\nnetmibdIfType lo 77\n")
        daemon = lab.Netmibd(self.lab, [f"--standalone={lab.ADDRESS}", "-f", "-Le"])
        self.lab.wait_ready(daemon)
        self.assertEqual(self.lab.client().value(mib.cell("ifType", 1)), 77)

    def test_several_files(self):
        one = self.lab.write("one.conf", "rocommunity public\nnetmibdIfType lo 77\n")
        two = self.lab.write("two.conf", "netmibdIfType lo 78\nnetmibdIfType kind:ifb 9\n")
        self.lab.ip("link add x0 type ifb")
        daemon = lab.Netmibd(self.lab, [f"--standalone={lab.ADDRESS}", "-f", "-Le", "-C",
                                        "-c", f"{one},{two}"])
        self.lab.wait_ready(daemon)
        self.assertEqual(
            self.lab.client().value(mib.cell("ifType", self.lab.index("x0"))), 9)


class Reread:
    """SIGHUP, in both modes; mode says which."""

    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.ip("link add x0 type ifb")
        self.x0 = self.lab.index("x0")
        self.lab.tokens = ["netmibdIfType x0 100"]
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        self.see(100)

    def see(self, if_type):
        self.assertEqual(self.client.value(mib.cell("ifType", self.x0)), if_type)

    def hup(self, *tokens, done="configuration read again"):
        self.lab.tokens = list(tokens)
        self.lab.configure(self.mode)
        seen = len(self.daemon.text())
        self.daemon.send(signal.SIGHUP)
        lab.wait_until(lambda: done in self.daemon.text()[seen:], 5,
                       f"{done!r} in the log")
        return self.daemon.text()[seen:]

    def test_new_values(self):
        self.hup("netmibdIfType x0 101", "netmibdIfDescr device")
        self.see(101)
        # these devices have no parent, so the name is all there is to say
        self.assertEqual(self.client.value(mib.cell("ifDescr", self.x0)), b"x0")
        self.hup("netmibdIfType kind:ifb 102")
        self.see(102)
        self.hup()
        self.see(53)

    def test_unknown_token_changes_nothing(self):
        said = self.hup("netmibdIfType x0 101", "netmibdNonsense 1", done="left as")
        self.assertIn("netmibdNonsense", said)
        self.see(100)
        self.hup("netmibdIfType x0 103")
        self.see(103)

    def test_bad_value_changes_nothing(self):
        for bad in ("netmibdCounterMaxAge 1", "netmibdIfType x0", "netmibdIfDescr x",
                    "netmibdNotifyRate 0 0"):
            self.hup("netmibdIfType x0 101", bad, done="left as")
            self.see(100)
        self.hup("netmibdIfType x0 103")
        self.see(103)

    def test_many_times_without_a_leak(self):
        for _ in range(20):
            self.hup("netmibdIfType x0 101", "netmibdIfType kind:ifb 5")
        fds, size = self.daemon.fds(), self.daemon.status_kb("VmRSS")
        for _ in range(100):
            self.hup("netmibdIfType x0 101", "netmibdIfType kind:ifb 5")
        self.assertEqual(self.daemon.fds(), fds)
        if not lab.SANITIZED:
            self.assertLess(self.daemon.status_kb("VmRSS") - size, 500)
        self.see(101)

    def test_SIGUSR1(self):
        report = self.daemon.report()
        self.assertEqual(report["links"], 2)
        self.assertEqual(report["stack entries"], 4)
        self.assertEqual(report["state"], "synced")
        self.lab.ip("link add x1 type ifb")
        lab.wait_until(lambda: self.daemon.report()["events"] > report["events"], 5,
                       "events are counted", 0.05)
        text = self.daemon.text()
        for words in ("malformed", "lost 0 times", "resyncs", "interrupted", "on demand:"):
            self.assertIn(words, text)


class StandaloneReread(Reread, lab.Test):
    mode = "standalone"

    def test_access_control(self):
        self.lab.access = ["rocommunity another"]
        self.hup("netmibdIfType x0 101")
        with self.assertRaises(snmp.Timeout):
            self.client.get(mib.IF_NUMBER, timeout=0.3, retries=0)
        self.client = self.lab.client(community="another")
        self.see(101)

    def test_broken_file_leaves_access_control_as_it_was(self):
        self.lab.access = ["rocommunity another"]
        for bad in ("netmibdNonsense", "netmibdCounterMaxAge 1"):
            with self.subTest(bad):
                self.hup("netmibdIfType x0 101", bad, done="left as")
                self.client.timeout, self.client.retries = 0.5 * lab.PATIENCE, 0
                self.see(100)


class AgentXReread(Reread, lab.Test):
    mode = "agentx"

    def test_session_stays(self):
        connected = self.daemon.text().count("connected")
        for _ in range(5):
            self.hup("netmibdIfType x0 101")
            self.assertTrue(self.lab.attached(self.client))
            self.see(101)
        self.assertEqual(self.daemon.text().count("connected"), connected)
        self.assertFalse(re.search("disconnect", self.daemon.text()))
