"""make demo: what it shows is there, and nothing of it is left, whatever way it ends."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import uuid

import lab

DEMO = os.path.join(lab.ROOT, "demo", "demo.sh")
README = os.path.join(lab.ROOT, "README.md")
SHOWN = [r"^ifName\.2 = STRING: uplink$", r"^ifOperStatus\.2 = INTEGER: up\(1\)$",
         r'^inetCidrRouteProto\.ipv4\."0\.0\.0\.0"\.0\S* = INTEGER: netmgmt\(3\)$',
         r"^    alias to the core$", r"^10\.0\.0\.0/8 via 192\.0\.2\.2 dev uplink ",
         r"^TRAP sysUpTime", r"^     snmpTrapOID\.0 = OID: linkDown$",
         r"^     ifName\.2 = STRING: uplink$", r"^ifOperStatus\.2 = INTEGER: down\(2\)$",
         r"nothing is left behind\.$"]


class Demo(lab.unittest.TestCase):
    def setUp(self):
        if not lab.tool("snmptrapd"):
            self.skipTest("snmptrapd is not installed")
        self.mark = f"NETMIBD_TEST={uuid.uuid4()}"
        self.links = self.host_links()
        self.addCleanup(self.check_nothing_left)

    def environment(self, **more):
        name, value = self.mark.split("=")
        # what is set for Net-SNMP's programs must not disturb it
        return dict(os.environ, PATH=lab.PATH, MIBS="NO-SUCH-MIB", **{name: value}, **more)

    @staticmethod
    def host_links():
        return subprocess.run(["ip", "-br", "link"], capture_output=True, check=True,
                              env=lab.environment()).stdout

    def left(self):
        """Processes of the demo: they have inherited its mark."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if self.mark.encode() in file.read():
                        found.append(pid)
            except OSError:
                pass  # it has ended
        return found

    def named(self, *names):
        """How many of its processes have one of these names, and write to its own folders."""
        count = 0
        for pid in self.left():
            with open(f"/proc/{pid}/comm") as comm, open(f"/proc/{pid}/mounts") as mounts:
                if comm.read().strip() in names:
                    mounted = re.findall(r"^demo (\S+) tmpfs ", mounts.read(), re.M)
                    count += mounted == ["/mnt", "/run"]
        return count

    def check_nothing_left(self):
        lab.wait_until(lambda: not self.left(), 2, "the demo's processes have ended")
        self.assertEqual(self.links, self.host_links())
        with open("/proc/self/mounts") as file:
            self.assertNotIn("demo /mnt", file.read())

    def test_shows(self):
        done = subprocess.run([DEMO], capture_output=True, text=True, timeout=60,
                              env=self.environment(DEMO_PACE="0"))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        at = 0
        for pattern in SHOWN:  # in this order
            match = re.compile(pattern, re.M).search(done.stdout, at)
            self.assertTrue(match, f"no {pattern} in\n{done.stdout[at:]}")
            at = match.start()
        self.check_readme(done.stdout)

    def check_readme(self, shown):
        """What the README shows of it is real: its lines, in their order."""
        def lines(text):
            return [re.sub(r"\(\d+\) \S+$", "(...)", line.rstrip()) for line in text.split("\n")]
        with open(README) as file:
            block = re.search(r"^`make demo` shows [^`]*?\n\n((?:    .*\n|\n)+)", file.read(),
                              re.M).group(1)
        left = iter(lines(shown))
        claimed = [line for line in lines(re.sub("^    ", "", block, flags=re.M)) if line]
        self.assertGreater(len(claimed), 10)
        for line in claimed:
            self.assertIn(line, left)  # takes what is before it, too

    @contextlib.contextmanager
    def running(self):
        """The demo, when all its daemons run, at a pause that does not end by itself."""
        with subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True, start_new_session=True,
                              env=self.environment(DEMO_PACE="600")) as demo:
            try:
                self.assertEqual(demo.stdout.readline(), "\n")
                yield demo
            finally:
                demo.kill()

    def test_interrupted(self):
        """Ctrl-C: the terminal sends SIGINT to all of them."""
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name), self.running() as demo:
                self.assertEqual(self.named("netmibd", "snmpd", "snmptrapd"), 3)
                os.killpg(demo.pid, number)
                self.assertEqual(demo.wait(5), 128 + number)
                lab.wait_until(lambda: not self.left(), 2, "all have ended")

    def test_killed(self):
        """kill -9 leaves nothing either."""
        with self.running() as demo:
            demo.kill()
            self.assertEqual(demo.wait(5), -signal.SIGKILL)

    def test_colours(self):
        """On a terminal, unless NO_COLOR is set."""
        for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            with self.subTest(**more):
                text = self.on_terminal(more)
                self.assertEqual(("\x1b[31mTRAP" in text, "\x1b" in text), (coloured, coloured))

    def on_terminal(self, more):
        terminal, end = pty.openpty()
        with subprocess.Popen([DEMO], stdout=end, env=self.environment(DEMO_PACE="0", **more),
                              start_new_session=True) as demo:
            os.close(end)
            text = b""
            try:
                while got := os.read(terminal, 65536):
                    text += got
            except OSError:
                pass  # EIO: nobody holds the other end any more
            os.close(terminal)
            self.assertEqual(demo.wait(10), 0)
        return text.decode()
