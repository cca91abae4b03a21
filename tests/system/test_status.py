"""nmdStatus of NETMIBD-MIB, and netmibd --status: the figures are those of what was done, and
the socket is safe."""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import stat
import time

import lab
import mib
import snmp

NMD = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2863, 1)
SYS_UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
(VERSION, MODE, UP_TIME, LINKS, ADDRESSES, NEIGHBORS, ROUTES, EVENTS, LAST_RESYNC, REQUESTS,
 NOTIFY_SENT, NOTIFY_HELD, SESSIONS, SESSION_TIME) = [NMD + (7, n, 0) for n in range(1, 15)]
LAST_ERROR_TEXT = NMD + (1, 9, 0)
ADDRESS_TABLE = (1, 3, 6, 1, 2, 1, 4, 34, 1)
NEIGHBOUR_TABLE = (1, 3, 6, 1, 2, 1, 4, 35, 1)
ROUTE_NUMBER = (1, 3, 6, 1, 2, 1, 4, 24, 6, 0)
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
PATH = "/run/netmibd/status"
NOT_RUNNING = 3


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat") as file:
        return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13]))


class Base(lab.Test):
    mode = "standalone"

    def setUp(self):
        self.lab = self.make_lab()
        self.client = self.lab.client()
        self.writer = self.lab.client(community="private")

    def status(self, *more, by=()):
        return self.lab.run([*by, lab.NETMIBD, "--status", *more], check=False)

    def json(self, *more):
        done = self.status("--json", *more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def refuses(self, code, word, *more, by=()):
        done = self.status(*more, by=by)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(word, done.stderr)


class Figures(Base):
    """Of the daemon, whatever it is."""

    def setUp(self):
        super().setUp()
        self.daemon = self.lab.start(self.mode)

    def test_the_agent(self):
        said = self.json()
        self.assertEqual(said["pid"], self.daemon.pid)
        version = self.lab.run([lab.NETMIBD, "-V"]).stdout.strip()
        self.assertEqual(f"netmibd {said['version']}, Net-SNMP {said['net_snmp']}", version)
        self.assertEqual(self.client.value(VERSION), said["version"].encode())
        self.assertEqual(said["mode"], {"agentx": "subagent"}.get(self.mode, self.mode))
        self.assertEqual(self.client.value(MODE), 1 if self.mode == "agentx" else 2)
        self.assertEqual(said["store"], {
            "file": self.lab.path("state/netmibd-set.conf"), "error": None})
        self.assertEqual((said["sets"]["mode"], said["sets"]["cap_net_admin"]), ("on", True))

    def test_up_time(self):
        with open(f"/proc/{self.daemon.pid}/stat") as file:
            began = int(file.read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
        found, now = self.client.value(UP_TIME), time.clock_gettime(time.CLOCK_BOOTTIME)
        self.assertLessEqual(found / 100, now - began)
        self.assertGreater(found / 100, now - began - 1 * lab.PATIENCE)
        self.assertLessEqual(abs(self.json()["uptime_seconds"] - found // 100), 1)

    def test_rows_and_events(self):
        before = self.json()
        self.lab.batch(["link add n0 type ifb", "link set n0 up", "addr add 192.0.2.1/24 dev n0",
                        "neigh add 192.0.2.9 lladdr 2:0:0:0:0:9 dev n0",
                        "route add 198.51.100.0/24 via 192.0.2.9"])
        after = self.json()
        self.assertTrue(after["mirror"]["ready"])
        self.assertEqual(after["mirror"]["state"], "synced")
        for name in ("links", "neighbours"):
            self.assertGreater(after["mirror"][name], before["mirror"][name], name)
        self.assertGreaterEqual(after["events"]["read"], before["events"]["read"] + 5)
        shown = after["mirror"]
        self.assertEqual([self.client.value(at) for at in (LINKS, ADDRESSES, NEIGHBORS, ROUTES)],
                         [shown[name] for name in ("links", "addresses", "neighbours", "routes")])
        self.assertEqual(shown["links"], self.client.value(mib.IF_NUMBER))
        self.assertEqual(shown["routes"], self.client.value(ROUTE_NUMBER))
        self.assertEqual(shown["addresses"], len(self.client.walk(ADDRESS_TABLE + (3,))))
        self.assertEqual(shown["neighbours"], 1)
        self.assertEqual(len(self.client.walk(NEIGHBOUR_TABLE + (4,))), 1)
        self.assertGreaterEqual(self.client.value(EVENTS), after["events"]["read"])

    def test_requests_and_sets(self):
        self.lab.ip("link add n0 type ifb")
        alias = mib.cell("ifAlias", self.lab.index("n0"))
        before = self.json()
        self.writer.set((alias, snmp.octets(b"a")))
        # a master makes several PDUs of it, one for each phase
        self.assertEqual(self.json()["requests"], before["requests"] + 1)
        self.client.get(alias, LINKS)
        self.client.get(LINKS)
        with self.assertRaises(snmp.Refused):
            self.writer.set((alias, snmp.octets(b"b")), (LINKS, snmp.integer(1)))
        after = self.json()
        if self.mode == "standalone":  # a master makes one PDU of several, and several of one
            self.assertEqual(after["requests"] - before["requests"], 4)
            self.assertEqual(self.client.value(REQUESTS), after["requests"] + 1)
        else:
            self.assertGreaterEqual(after["requests"] - before["requests"], 3)
        self.assertEqual(after["sets"]["done"], before["sets"]["done"] + 1)
        with self.assertRaises(snmp.Refused):
            self.writer.set((alias, snmp.octets(b"c" * 65)))
        self.assertIn(self.json()["sets"]["last_error_seconds_ago"], (0, 1))
        self.assertEqual(self.json()["sets"]["last_error"].encode(),
                         self.client.value(LAST_ERROR_TEXT))
        self.assertGreater(self.json()["sets"]["failed"], before["sets"]["failed"])

    def test_notifications(self):
        before = self.json()["notifications"]
        self.assertEqual((before["sent"], before["held_back"]), (0, 0))
        self.lab.ip("link add n0 type ifb")
        self.lab.ip("link set n0 up")
        lab.wait_until(lambda: self.json()["notifications"]["sent"], 5, "linkUp is sent")
        for _ in range(4):  # that is damped
            self.lab.ip("link set n0 down")
            self.lab.ip("link set n0 up")
        said = self.json()["notifications"]
        self.assertEqual(said["types"]["link"]["sent"], said["sent"])
        self.assertEqual(said["types"]["link"]["held_back"], said["held_back"])
        self.assertGreater(said["held_back"], 0)
        self.assertTrue(said["types"]["link"]["enabled"])
        self.assertFalse(said["types"]["interfaceAdded"]["enabled"])
        self.assertEqual(self.client.value(NOTIFY_SENT), said["sent"])
        self.assertEqual(self.client.value(NOTIFY_HELD), said["held_back"])

    def test_text(self):
        """It says the same, but for what has changed meanwhile."""
        said = self.json()
        lines = self.status().stdout.splitlines()
        for line in lines:
            self.assertEqual(line, line.rstrip())
        self.assertIn(f"pid                         {self.daemon.pid}", lines)
        self.assertIn("events", lines)
        self.assertIn(f"  links                     {said['mirror']['links']}", lines)
        self.assertIn("  last resync seconds ago   -", lines)
        self.assertIn("    interfaceAdded          enabled no, sent 0, held back 0", lines)
        self.assertEqual(len(lines), len(said) + sum(
            len(value) for value in said.values() if isinstance(value, dict)) + len(
                said["notifications"]["types"]))

    def test_many_at_once(self):
        """None of them reads; nothing is kept of them, and nobody waits."""
        sockets, fds = [], self.daemon.fds()
        path = f"/proc/{self.daemon.pid}/root{PATH}"
        for _ in range(100):
            sockets.append(socket.socket(socket.AF_UNIX))
            self.addCleanup(sockets[-1].close)
            sockets[-1].connect(path)  # waits while others do
            sockets[-1].settimeout(5 * lab.PATIENCE)
        self.assertEqual(self.client.value(LINKS), self.json()["mirror"]["links"])
        self.assertEqual(self.daemon.fds(), fds)
        for sock in sockets:  # and each has his answer
            with sock.makefile() as file:
                self.assertEqual(json.load(file)["pid"], self.daemon.pid)


class Configured(Base):
    def test_what_cannot_be_kept(self):
        os.symlink("elsewhere", self.lab.path("state/netmibd-set.conf"))
        self.lab.start("standalone")
        self.assertEqual(self.json()["store"]["error"], "it is a symbolic link")

    def test_what_cannot_be_written(self):
        """An error comes, and goes when it is written again."""
        self.lab.start("standalone")
        self.lab.ip("link add n0 type ifb")
        alias, file = mib.cell("ifAlias", self.lab.index("n0")), self.json()["store"]["file"]
        os.mkfifo(file)
        self.writer.set((alias, snmp.octets(b"a")))
        self.assertEqual(self.json()["store"]["error"], "others may write it, or it is no file")
        os.unlink(file)
        self.writer.set((alias, snmp.octets(b"b")))
        self.assertIsNone(self.json()["store"]["error"])

    def test_without_a_master(self):
        self.lab.configure("agentx")
        daemon = lab.Netmibd(self.lab, self.lab.arguments("agentx"))
        lab.wait_until(lambda: "is ready" in daemon.text(), 10, "it is ready")
        said = self.json()
        self.assertTrue(said["mirror"]["ready"])
        self.assertEqual(
            [said["agentx"][name] for name in ("socket", "connected", "sessions")],
            [self.lab.master_socket, False, 0])
        self.assertIn(said["agentx"]["since_seconds"], (0, 1))

    def test_tokens(self):
        for mode in ("off", "dry-run"):
            self.lab.tokens = ["netmibdPersist off", f"netmibdWrite {mode}"]
            daemon = self.lab.start("standalone")
            said = self.json()
            self.assertEqual((said["store"], said["sets"]["mode"]), (None, mode))
            daemon.stop()


class AgentXFigures(Figures):
    mode = "agentx"

    def test_sessions(self):
        said = self.json()["agentx"]
        self.assertEqual((said["socket"], said["connected"], said["sessions"]),
                         (self.lab.master_socket, True, 1))
        self.assertEqual(self.client.value(SESSIONS), 1)
        self.lab.snmpd.stop()
        away = lab.wait_until(lambda: (a := self.json()["agentx"]) and not a["connected"] and a,
                              5, "it is without a master")
        self.assertEqual((away["socket"], away["sessions"]), (self.lab.master_socket, 1))
        self.lab.start_snmpd()
        lab.wait_until(lambda: self.lab.answers(self.client, SESSIONS), 10, "it is back")
        began, now = self.client.get(SESSION_TIME, SYS_UP_TIME)
        self.assertLessEqual(began.value, now.value)
        self.assertGreater(began.value, 0)
        self.assertEqual(self.client.value(SESSIONS), 2)
        said = self.json()["agentx"]
        self.assertEqual((said["connected"], said["sessions"]), (True, 2))


@lab.alone
class Losses(Base):
    def test_losses(self):
        self.lab.tokens = ["netmibdEventBuffer 64"]
        daemon = self.lab.start("standalone")
        self.assertEqual(self.client.value(LAST_RESYNC), 0)
        self.assertIsNone(self.json()["events"]["last_resync_seconds_ago"])
        before = self.client.value(SYS_UP_TIME)
        daemon.send(signal.SIGSTOP)
        try:
            self.lab.batch([f"link add group 7 name o{n} type ifb" for n in range(150)])
        finally:
            daemon.send(signal.SIGCONT)
        events = lab.wait_until(lambda: (e := self.json()["events"])["resyncs"] and e, 10,
                                "all is read again")
        self.assertEqual(events["losses"], daemon.report()["lost"])
        self.assertIn(events["last_resync_seconds_ago"], (0, 1))
        self.assertGreaterEqual(self.client.value(LAST_RESYNC), before)
        self.assertLessEqual(self.client.value(LAST_RESYNC), self.client.value(SYS_UP_TIME))
        self.lab.ip("link del group 7")


class Socket(Base):
    def start(self, *more, log=None):
        daemon = self.lab.start("standalone", *more)
        if log:
            self.assertIn(log, daemon.text())
        return daemon

    @contextlib.contextmanager
    def opened(self):
        """The file of the socket and its folder, for everybody."""
        os.chmod(self.path, 0o666)
        os.chmod(os.path.dirname(self.path), 0o755)
        os.chmod(self.lab.directory, 0o755)
        try:
            yield
        finally:
            os.chmod(self.lab.directory, 0o700)

    def setUp(self):
        super().setUp()
        self.path = self.lab.path("folder/status")
        self.at = ["-S", self.path]

    def test_default_place(self):
        self.refuses(NOT_RUNNING, "not running")
        daemon = self.start()
        self.assertEqual(self.json()["pid"], daemon.pid)
        daemon.stop()
        self.refuses(NOT_RUNNING, "not running")

    def test_modes(self):
        daemon = self.start(*self.at)
        for path, kind, mode in ((self.path, stat.S_ISSOCK, 0o600),
                                 (os.path.dirname(self.path), stat.S_ISDIR, 0o700)):
            found = os.lstat(path)
            self.assertTrue(kind(found.st_mode), path)
            self.assertEqual((stat.S_IMODE(found.st_mode), found.st_uid), (mode, os.geteuid()))
        daemon.stop()
        self.assertFalse(os.path.lexists(self.path))

    def test_others_are_refused(self):
        daemon = self.start(*self.at)
        ask = NOBODY + ["/usr/bin/python3", "-c", "import socket, sys; s = socket.socket(socket.AF_UNIX)\n"
                        "s.connect(sys.argv[1]); print(len(s.recv(99)))", self.path]
        self.assertIn("PermissionError", self.lab.run(ask, check=False).stderr)
        with self.opened():  # the kernel lets them in, and the daemon does not
            self.assertEqual(self.lab.run(ask).stdout, "0\n")
            self.assertIn("uid 65534 has asked for the status: refused", daemon.text())
        self.assertEqual(self.json(*self.at)["pid"], daemon.pid)

    def test_daemon_of_another_user(self):
        """He and root may ask."""
        program = shutil.copy(lab.NETMIBD, self.lab.directory)
        self.lab.configure("standalone")
        os.chmod(self.lab.directory, 0o755)
        self.addCleanup(os.chmod, self.lab.directory, 0o700)
        os.mkdir(os.path.dirname(self.path), 0o700)
        for path in (self.lab.path("state"), os.path.dirname(self.path)):
            os.chown(path, 65534, 65534)
        daemon = lab.Process(self.lab, "netmibd", [
            *NOBODY, program, *self.lab.arguments("standalone"), *self.at])
        self.lab.wait_ready(daemon)
        said = self.json(*self.at)
        self.assertEqual((said["pid"], said["sets"]["cap_net_admin"]), (daemon.pid, False))
        self.assertEqual(os.lstat(self.path).st_uid, 65534)
        done = self.lab.run([*NOBODY, program, "--status", "--json", *self.at])
        self.assertEqual(json.loads(done.stdout)["pid"], daemon.pid)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(os.listdir(os.path.dirname(self.path)), [])

    def test_no_descriptor_left(self):
        """It does not spin while somebody waits, and answers him later."""
        daemon = self.start(*self.at)
        used = {int(fd) for fd in os.listdir(f"/proc/{daemon.pid}/fd")}
        free = next(fd for fd in range(1024) if fd not in used)
        limits = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (free, limits[1]))
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.path)
            before = cpu_ticks(daemon.pid)
            time.sleep(0.5)
            self.assertLess(cpu_ticks(daemon.pid) - before, 10)
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, limits)
            sock.settimeout(3 * lab.PATIENCE)
            with sock.makefile() as file:
                self.assertEqual(json.load(file)["pid"], daemon.pid)

    def test_stale_socket(self):
        daemon = self.start(*self.at)
        daemon.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(self.path))
        self.refuses(NOT_RUNNING, "not running", *self.at)
        daemon = self.start(*self.at)
        self.assertEqual(self.json(*self.at)["pid"], daemon.pid)

    def test_second_daemon(self):
        first = self.start(*self.at)
        second = lab.Netmibd(self.lab, [
            "--standalone=udp:127.0.0.1:1999", "-f", "-C", "-c", self.lab.config, "-Le", *self.at])
        lab.wait_until(lambda: "is ready" in second.text(), 10, "the second one is ready")
        self.assertIn("another netmibd listens there", second.text())
        self.assertEqual(self.json(*self.at)["pid"], first.pid)
        second.stop()
        self.assertEqual(self.json(*self.at)["pid"], first.pid)

    def test_not_ours_any_more(self):
        """What stands in its place at the end is left there."""
        daemon = self.start(*self.at)
        os.unlink(self.path)
        with open(self.path, "w"):
            pass
        daemon.stop()
        self.assertTrue(os.path.isfile(self.path))

    def test_what_is_no_socket(self):
        os.mkdir(os.path.dirname(self.path))
        victim = self.lab.write("victim", "text")
        other = self.lab.path("socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(other)
            for make in (lambda: os.symlink(victim, self.path),
                         lambda: os.symlink(other, self.path),
                         lambda: os.symlink("/nonexistent", self.path),
                         lambda: os.link(victim, self.path), lambda: os.mkfifo(self.path)):
                make()
                before = os.lstat(self.path)
                self.start(*self.at, log="it is there, and is no socket").stop()
                self.assertEqual(os.lstat(self.path).st_ino, before.st_ino)
                self.assertTrue(os.path.exists(other))
                os.unlink(self.path)
        with open(victim) as file:
            self.assertEqual(file.read(), "text")

    def test_folders(self):
        folder = os.path.dirname(self.path)
        for mode, owner in ((0o777, 0), (0o1777, 0), (0o770, 0), (0o700, 65534)):
            os.mkdir(folder)
            os.chmod(folder, mode)
            os.chown(folder, owner, -1)
            self.start(*self.at, log="others may write its folder").stop()
            self.assertEqual(os.listdir(folder), [])
            os.rmdir(folder)
        os.symlink(self.lab.path("etc"), folder)
        self.start(*self.at, log=self.path).stop()
        self.assertEqual(os.listdir(folder), [])
        os.unlink(folder)
        self.start("-S", self.lab.path("no/such/status"), log="no/such/status: No such").stop()

    def test_none(self):
        daemon = self.start("-S", "none")
        self.refuses(NOT_RUNNING, "not running")
        self.assertNotIn("--status", daemon.text())

    def test_command_line(self):
        for path in ("status", "", "/run/", "/" + 120 * "x"):
            self.refuses(1, "absolute path", "-S", path)
        done = self.lab.run([lab.NETMIBD, "--json"], check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--status", done.stderr)

    def test_strange_answers(self):
        """Somebody else listens there."""
        path = self.lab.path("listener")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(8)
            for answer, word in ((b"", "refused"), (b'{"pid": 1', "no sense"), (b"[]", "no sense"),
                                 (b'{"a": "\xff"}', "no sense"), (70000 * b" ", "too long")):
                child = os.fork()
                if child == 0:
                    made, _ = listener.accept()
                    with contextlib.suppress(OSError):
                        made.sendall(answer)
                    os._exit(0)
                self.refuses(1, word, "-S", path)
                os.waitpid(child, 0)

    def test_no_escape_reaches_the_terminal(self):
        path = self.lab.path("listener")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            child = os.fork()
            if child == 0:
                made, _ = listener.accept()
                made.sendall(json.dumps({"version": "a\x1b[31mb\u009b"}).encode())
                os._exit(0)
            self.assertEqual(self.status("-S", path).stdout,
                             "version                     a?[31mb??\n")
            os.waitpid(child, 0)
