"""What breaks around netmibd: its master in the middle of a request, the socket of its master,
the kernel's socket, files and memory that run out, the clock. It goes on, or leaves with a
word and a status, and a start tells the truth again.

See test_storm for lost events, test_persist for disks that are full or read-only, test_agentx
for masters that go, come and hang, test_set for one that is killed in the middle of a commit."""

import os
import random
import re
import resource
import shutil
import signal
import socket
import time
import unittest

import lab
import mib
import snmp
from snmp import integer, octets
from test_persist import Base
from test_set import TTL, Set

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
ROUTES_OF_MEMORY = 40000  # 96 octets each: more than there is room for
YEARS = 10 * 365 * 86400


def limit(daemon, what, number):
    """Sets a soft limit; the hard one stays, so that it can be raised again."""
    _, hard = resource.prlimit(daemon.pid, what)
    resource.prlimit(daemon.pid, what, (number, hard))


class MasterInTheMiddle(Set, lab.Test):
    """The master has asked, and is dead before it is answered."""

    mode = "agentx"

    def ask_and_kill(self, kind, name, value=None):
        """netmibd stands still meanwhile: the question waits in its socket."""
        self.daemon.send(signal.SIGSTOP)
        question = snmp.encode(snmp.V2C, b"private", kind, 1, 0, 5 * (kind == snmp.GETBULK), [name],
                               value and [value])
        self.client.socket.sendto(question, self.client.address)
        lab.wait_until(self.waiting, 5, "the question is at netmibd's socket")
        self.lab.snmpd.stop(signal.SIGKILL)
        self.daemon.send(signal.SIGCONT)

    def waiting(self):
        """Octets wait in a connection to the master."""
        found = self.lab.run(["ss", "-x", "-H", "-n"]).stdout
        return any(int(line.split()[2]) > 0 for line in found.splitlines()
                   if line.startswith("u_str"))

    def back(self):
        self.lab.start_snmpd()
        lab.wait_until(lambda: self.lab.attached(self.client), 15, "netmibd is back")
        self.assertTrue(self.daemon.running())

    def test_get(self):
        for kind in (snmp.GET, snmp.GETNEXT, snmp.GETBULK):
            self.ask_and_kill(kind, mib.cell("ifName", 1))
            self.back()
            self.assertEqual(self.client.value(mib.cell("ifName", 1)), b"lo")

    def test_set(self):
        """It has come to TestSet, and no further: nothing may have been done."""
        alias = self.cell("ifAlias", "va")
        self.ask_and_kill(snmp.SET, alias, octets(b"half"))
        self.back()
        self.assertNotIn("ifalias", self.link("va"))
        self.done((alias, octets(b"whole")))
        self.assertEqual(self.link("va")["ifalias"], "whole")


class KilledInTheMiddle(Base, lab.Test):
    """netmibd dies while it is setting: what was answered is on the disk and comes back."""

    mode = "standalone"

    def test_kill(self):
        print("SEED", SEED)
        dice, answered = random.Random(SEED), []
        for turn in range(6):
            self.set_until_killed(turn, dice.uniform(0.0, 0.08), answered)
            if self.file():
                self.assertTrue(self.file().endswith("\n"))
            self.lab.run(["sh", "-c", "ip route flush proto static"])
            self.begin()
            self.soon(lambda: {r[1] for r in self.routes()} >= set(answered),
                      "what was answered is back")
            self.assertFalse(re.search("makes no sense|cut short", self.daemon.text()))
        self.assertGreater(len(answered), 10, "it was killed before it did anything")

    def set_until_killed(self, turn, seconds, answered):
        """SETs without a pause; the last one has no answer."""
        end = time.monotonic() + seconds
        for number in range(250):
            names = [f"10.{100 + turn}.{number}.{16 * n}/28" for n in range(4)]
            varbinds = [v for name in names for v in self.new_route(name, "10.1.0.2", "va")]
            if time.monotonic() > end:
                break
            self.client.set(*varbinds)
            answered += names
        client = self.client
        client.socket.sendto(snmp.encode(
            snmp.V2C, b"private", snmp.SET, 5, 0, 0, [n for n, _ in varbinds],
            [v for _, v in varbinds]), client.address)
        time.sleep(seconds / 40)  # it may be anywhere
        self.end()


class AgentXSocket(lab.Test):
    """The master's socket is taken away and put back; the master is where it was."""

    def setUp(self):
        self.lab = self.make_lab()
        self.lab.ip("link add br0 type bridge")
        self.daemon = self.lab.start("agentx")
        self.client = self.lab.client()

    def back(self):
        lab.wait_until(lambda: self.lab.attached(self.client), 10, "netmibd is back")
        self.assertEqual(self.client.value(mib.cell("ifType", self.lab.index("br0"))), 209)
        self.assertTrue(self.daemon.running())

    def test_removed(self):
        """Who is connected stays so, and finds the next socket of that name."""
        os.unlink(self.lab.master_socket)
        self.back()
        self.lab.snmpd.stop()
        self.lab.start_snmpd()
        self.back()

    def test_something_else(self):
        """A file, a folder, a socket where nobody answers, nothing at all."""
        path = self.lab.master_socket

        def mute():
            self.mute = socket.socket(socket.AF_UNIX)
            self.addCleanup(self.mute.close)
            self.mute.bind(path)

        self.lab.snmpd.stop()
        os.unlink(path)
        for make in (lambda: self.lab.write("master", "no socket\n"), lambda: os.mkdir(path),
                     mute, lambda: None):
            make()
            time.sleep(0.3)
            self.assertTrue(self.daemon.running())
            if os.path.isdir(path):
                os.rmdir(path)
            elif os.path.lexists(path):
                os.unlink(path)
        self.lab.start_snmpd()
        self.back()

    def test_folder(self):
        folder = self.lab.path("folder")
        os.mkdir(folder)
        self.daemon.stop()
        self.lab.snmpd.stop()
        old, self.lab.master_socket = self.lab.master_socket, folder + "/master"
        with open(self.lab.master_config) as file:
            text = file.read().replace(old, self.lab.master_socket)
        self.lab.write("snmpd.conf", text)
        self.daemon = self.lab.start("agentx")
        self.back()
        shutil.rmtree(folder)
        self.lab.snmpd.stop()
        time.sleep(0.3)
        os.mkdir(folder)
        self.lab.start_snmpd()
        self.back()


class FilesOfASubagent(Set, lab.Test):
    mode = "agentx"

    def test_files(self):
        """None can be opened: what is known is answered, and a SET is refused."""
        self.no_files()
        names = mib.column(self.client, "ifName")
        self.client.walk(mib.MIB2)
        alias = self.cell("ifAlias", "va")
        self.refused(snmp.COMMIT_FAILED, (alias, octets(b"first")))
        self.assertNotIn("ifalias", self.link("va"))
        self.lab.ip("link set va mtu 1234")
        self.assertEqual(self.client.value(self.cell("ifMtu", "va")), 1234)
        self.files()
        self.done((alias, octets(b"second")))
        before = self.daemon.fds()
        self.no_files()  # but for the socket of SETs, which is there now
        self.done((alias, octets(b"third")))
        self.assertEqual(self.link("va")["ifalias"], "third")
        self.assertRegex(self.daemon.text(), "cannot be kept: .*: Too many open files")
        self.files()
        self.done((TTL, integer(70)))
        self.assertIn("is kept again", self.daemon.text())
        self.client.walk(mib.MIB2)
        self.assertEqual(mib.column(self.client, "ifName"), names)
        self.assertEqual(self.daemon.fds(), before)

    def no_files(self):
        limit(self.daemon, resource.RLIMIT_NOFILE, self.daemon.fds())

    def files(self):
        limit(self.daemon, resource.RLIMIT_NOFILE, 1024)


class Limits(Set, lab.Test):
    mode = "standalone"

    def test_files(self):
        """Net-SNMP opens hosts.deny for each datagram, and refuses all who might stand in it:
        nobody is let in by mistake, and nothing is left of that when files can be had."""
        before = self.daemon.fds()
        limit(self.daemon, resource.RLIMIT_NOFILE, before)
        self.lab.ip("link set va mtu 1234")
        self.assertIsNone(self.lab.answers(self.client, mib.IF_NUMBER))
        self.assertIn("REFUSED", self.daemon.text())
        limit(self.daemon, resource.RLIMIT_NOFILE, 1024)
        self.assertEqual(self.client.value(self.cell("ifMtu", "va")), 1234)
        self.assertEqual(self.daemon.fds(), before)

    @unittest.skipIf(lab.SANITIZED, "AddressSanitizer takes what it likes")
    def test_memory(self):
        """There is none: it leaves with a word, and a start knows all."""
        limit(self.daemon, resource.RLIMIT_DATA, (self.daemon.status_kb("VmData") + 512) << 10)
        self.lab.batch([f"route add 10.{n >> 16}.{n >> 8 & 255}.{n & 255}/32 dev va"
                        for n in range(ROUTES_OF_MEMORY)])
        self.assertEqual(self.daemon.wait(), 1)
        self.lab.processes.remove(self.daemon)
        self.assertIn("out of memory: leaving; a restart reads all state again",
                      self.daemon.text())
        self.daemon = self.lab.start(self.mode)
        self.assertEqual(self.client.value(mib.MIB2 + (4, 24, 3, 0)), ROUTES_OF_MEMORY)


@unittest.skipIf(lab.SANITIZED, "the sanitizers want to be loaded first")
class Preloaded(lab.Test):
    """With what faults.c puts between netmibd and the C library."""

    def begin(self, mode):
        if not lab.tool("gcc"):
            self.skipTest("gcc is not installed")
        self.lab = self.make_lab()
        library = self.lab.path("faults.so")
        self.lab.run(["gcc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-o", library,
                      "tests/system/faults.c", "-ldl"])
        if mode == "agentx":
            self.lab.start_snmpd()
        self.lab.configure(mode)
        self.daemon = lab.Process(self.lab, "netmibd", [
            "env", "LD_PRELOAD=" + library, "FAULTS=" + self.lab.directory,
            lab.NETMIBD] + self.lab.arguments(mode))
        self.lab.wait_ready(self.daemon)
        self.client = self.lab.client()

    def test_event_socket_is_closed(self):
        """Nothing would be true any more: it leaves, and whoever watches starts it again."""
        self.begin("standalone")
        self.lab.write("close", "")
        self.lab.ip("link add x0 type ifb")
        self.assertEqual(self.daemon.wait(5), 1)
        self.lab.processes.remove(self.daemon)
        said = self.daemon.text()
        self.assertIn("event socket: Bad file descriptor: leaving", said)
        self.assertLess(len(said.splitlines()), 20, said)
        self.lab.start("standalone")
        self.assertIn(b"x0", mib.column(self.client, "ifName").values())

    def test_clock(self):
        """The wall clock jumps, ten years ahead and back again: times and timers do not."""
        self.begin("agentx")
        last = 0
        for number, seconds in enumerate((YEARS, -YEARS, 0)):
            self.lab.write("clock", str(seconds))
            self.lab.ip(f"link add x{number} type ifb")
            self.lab.ip(f"link set x{number} up")
            changed, now = (value.value for value in self.client.get(
                mib.IF_TABLE_LAST_CHANGE, mib.SYS_UPTIME))
            self.assertLessEqual(last, changed)
            self.assertLessEqual(changed, now + 2)
            self.assertLess(now - changed, 100 * lab.PATIENCE)
            last = changed
            self.assertIn(f"x{number}".encode(), mib.column(self.client, "ifName").values())
        self.lab.write("clock", str(-YEARS))
        self.lab.snmpd.stop()
        self.lab.start_snmpd()
        lab.wait_until(lambda: self.lab.attached(self.client), 5, "it is back in time")
