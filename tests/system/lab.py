"""The laboratory: network namespaces, and the agents that the tests start in them.

A Lab is a network and mount namespace without a name, held by a process that ends when
its standard input does: whatever way the tests end, nothing stays behind. Every process
started in it dies with the tests' own, too (setpriv --pdeathsig).

Every netmibd that a Lab started is checked when it is stopped, at the latest by
Lab.close(): it must still be running, leave with status 0 on SIGTERM, and its log must be
free of sanitizers' reports.
"""

import atexit
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import snmp

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
NETMIBD = os.path.join(BUILD, "netmibd")
SHARED = os.path.normpath(os.path.join(ROOT, "..", "shared"))
VALGRIND = os.environ.get("VALGRIND") == "1"
SANITIZED = os.environ.get("SANITIZED") == "1" or VALGRIND  # slow, and large
PATIENCE = 20 if VALGRIND else 6 if SANITIZED else 1  # factor on times that are waited at most
CHECKED = ["valgrind", "--quiet", "--vgdb=no", "--leak-check=full", "--show-leak-kinds=definite",
           "--errors-for-leak-kinds=definite", "--error-exitcode=99"] if VALGRIND else []
PORT = 1161
ADDRESS = f"udp:127.0.0.1:{PORT}"
SNMPD_MODULES = "-smux,mteTrigger,mteTriggerConf"  # as Debian's snmpd.service has it
CLONE_NEWNET = 0x40000000
REPORTS = re.compile(r"ERROR: AddressSanitizer|runtime error|LeakSanitizer|^==\d+== ", re.M)
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

libc = ctypes.CDLL(None, use_errno=True)
labs = []


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def tool(name):
    return shutil.which(name, path=PATH)


def unavailable():
    """Why no system test can run here, or None."""
    if os.geteuid() != 0:
        return "must be root"
    for name in ("ip", "bridge", "nsenter", "unshare", "setpriv", "snmpd", "snmpwalk"):
        if not tool(name):
            return f"{name} is not installed"
    if not os.access(NETMIBD, os.X_OK):
        return "netmibd is not built"
    probe = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c",
         "mount -t sysfs sysfs /sys && ip link add nm0 type veth peer name nm1"],
        capture_output=True, text=True, env=environment())
    if probe.returncode:
        return "no network namespace: " + probe.stderr.strip()
    return None


def environment(**more):
    env = dict(os.environ, PATH=PATH, LC_ALL="C", MIBS="", **more)
    for name in ("MIBDIRS", "SNMPCONFPATH", "SNMP_PERSISTENT_FILE"):
        if name not in more:
            env.pop(name, None)
    return env


def wait_until(condition, seconds, what, pause=0.02):
    """Waits for a true value of condition() and returns it."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds * PATIENCE:g} s: {what}")
        time.sleep(pause)


class Process:
    """A process in a Lab. What it writes goes to .output (file), see text()."""

    def __init__(self, lab, name, argv):
        lab.count += 1
        self.lab, self.name = lab, name
        self.output = lab.path(f"{name}.{lab.count}.log")
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                lab.entered(["setpriv", "--pdeathsig", "KILL"] + argv),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT,
                env=lab.environment())
        self.pid = self.process.pid
        lab.processes.append(self)

    def running(self):
        return self.process.poll() is None

    def send(self, number):
        if self.running():
            self.process.send_signal(number)

    def wait(self, seconds=10):
        """The exit status; kills what does not leave by itself."""
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"{self.name} had not left after {seconds * PATIENCE} s\n" +
                self.text()[-2000:]) from None

    def stop(self, number=signal.SIGTERM):
        if self in self.lab.processes:
            self.lab.processes.remove(self)
        self.send(signal.SIGCONT)
        self.send(number)
        return self.wait()

    def text(self):
        with open(self.output, errors="replace") as file:
            return file.read()

    def status_kb(self, field):
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(rf"^{field}:\s+(\d+) kB", file.read(), re.M).group(1))

    def fds(self):
        """How many it has open, but for those that it opens for a moment."""
        counts = []
        for _ in range(5):
            counts.append(len(os.listdir(f"/proc/{self.pid}/fd")))
            time.sleep(0.02)
        return min(counts)


class Netmibd(Process):
    def __init__(self, lab, argv):
        super().__init__(lab, "netmibd", CHECKED + [NETMIBD] + argv)

    def stop(self, number=signal.SIGTERM):
        early = self.process.poll()
        status = super().stop(number)
        report = REPORTS.search(self.text())
        if report:
            raise AssertionError("sanitizer's report in the log:\n" + self.text())
        if early is not None:
            raise AssertionError(
                f"netmibd had ended by itself, status {early}\n{self.text()[-2000:]}")
        wanted = -number if number == signal.SIGKILL else 0
        if status != wanted:
            raise AssertionError(f"netmibd left with status {status} on signal "
                                 f"{number}\n{self.text()[-2000:]}")
        return status

    def report(self):
        """Sends SIGUSR1 and returns the numbers of the lines that it logs."""
        seen = len(self.text())
        self.send(signal.SIGUSR1)
        text = wait_until(lambda: re.search(r"on demand: .*\n", t := self.text()[seen:]) and t,
                          5, "the log lines of SIGUSR1")
        found = {name: int(number) for number, name in re.findall(
            r"(\d+) (links|stack entries|receive addresses|events|malformed|resyncs|"
            r"dumps interrupted|requests)", text)}
        found["confirmed"] = int(re.search(r"confirmed (\d+) times", text).group(1))
        found["lost"] = int(re.search(r"lost (\d+) times", text).group(1))
        found["state"] = re.search(r"mirror: (\w+)", text).group(1)
        return found


class Lab:
    """One namespace with what runs in it."""

    def __init__(self, ipv6=True):
        self.processes, self.sockets, self.count = [], [], 0
        self.closed = False
        self.directory = tempfile.mkdtemp(prefix=f"netmibd-test.{os.getpid()}.")
        labs.append(self)
        self.snmpd = None
        # /run: where the daemons of several labs would meet
        script = ("mount -t sysfs sysfs /sys && mount -t tmpfs -o mode=755 tmpfs /run && "
                  "ip link set lo up && echo ready && exec cat")
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c",
             script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        self.pid = self.holder.pid
        if self.holder.stdout.readline() != b"ready\n":
            self.close()
            raise OSError("cannot make a network namespace")
        if not ipv6:
            self.run(["sh", "-c",
                      "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"])
        os.mkdir(self.path("etc"))
        os.mkdir(self.path("state"))
        self.config = self.path("netmibd.conf")
        self.access, self.tokens = ["rocommunity public", "rwcommunity private"], []
        self.master_socket = self.path("master")
        self.master_config = self.write(
            "snmpd.conf", "rocommunity public\nrwcommunity private\n"
            "dontLogTCPWrappersConnects yes\n"
            f"master agentx\nagentXSocket {self.master_socket}\n")

    # ground

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def environment(self, **more):
        return environment(SNMPCONFPATH=self.path("etc"),
                           SNMP_PERSISTENT_DIR=self.path("state"), **more)

    def entered(self, argv):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net",
                f"--mount=/proc/{self.pid}/ns/mnt", f"--wd={ROOT}"] + argv

    @contextlib.contextmanager
    def inside(self):
        """What this thread makes meanwhile, sockets and processes, is of that network."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        other = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            _check(libc.setns(other, CLONE_NEWNET), "setns")
            try:
                yield
            finally:
                _check(libc.setns(own, CLONE_NEWNET), "setns back")
        finally:
            os.close(own)
            os.close(other)

    def run(self, argv, check=True, timeout=60, sysfs=None, **env):
        """Runs a program in the namespace; a CompletedProcess of text. Without its sysfs
        that takes half as long; ip and bridge do not look at it."""
        direct = argv[0] in ("ip", "bridge") if sysfs is None else not sysfs
        with self.inside() if direct else contextlib.nullcontext():
            done = subprocess.run(argv if direct else self.entered(argv),
                                  capture_output=True, errors="replace",
                                  stdin=subprocess.DEVNULL, cwd=ROOT,
                                  timeout=timeout * PATIENCE, env=self.environment(**env))
        if check and done.returncode:
            raise AssertionError(f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def outputs(self, *commands):
        """What each of some commands of the shell prints. One process that runs them all is
        several times as fast as one for each."""
        script = "".join(f"{command} || exit\nprintf '\\0'\n" for command in commands)
        *found, rest = self.run(["sh", "-c", script], sysfs=False).stdout.split("\0")
        assert len(found) == len(commands) and not rest, (commands, rest)
        return found

    def ip(self, *words, check=True):
        """lab.ip("link add a type ifb"); a list is taken word by word."""
        argv = [w for word in words for w in (word.split() if isinstance(word, str)
                                              else word)]
        return self.run(["ip"] + argv, check=check)

    def batch(self, lines, check=True, timeout=120):
        self.write("batch", "\n".join(lines) + "\n")
        force = [] if check else ["-force"]
        return self.run(["ip"] + force + ["-batch", self.path("batch")], check=check,
                        timeout=timeout)

    def links(self):
        """{ifindex: what `ip -j -d -s -s link` says}"""
        got = json.loads(self.run(["ip", "-j", "-d", "-s", "-s", "link"]).stdout)
        return {link["ifindex"]: link for link in got if link}

    def index(self, name):
        return json.loads(self.ip("-j link show dev", [name]).stdout)[0]["ifindex"]

    def socket(self, *args):
        """A socket of that namespace, to be used from here."""
        with self.inside():
            made = socket.socket(*args)
        self.sockets.append(made)
        return made

    def client(self, version=snmp.V2C, community="public", port=PORT):
        sock = self.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client = snmp.Client(sock, ("127.0.0.1", port), community, version)
        client.timeout = 2.0 * PATIENCE
        return client

    # agents

    def configure(self, mode):
        """Writes netmibd.conf: .tokens, and .access if netmibd is asked itself."""
        lines = (self.access if mode == "standalone" else []) + self.tokens
        self.write("netmibd.conf", "\n".join(lines) + "\n")

    def start_snmpd(self, wait=True):
        self.snmpd = Process(self, "snmpd", [
            "snmpd", "-f", "-C", "-c", self.master_config, "-Le", "-I", SNMPD_MODULES,
            ADDRESS])
        if wait:
            client = self.client()
            wait_until(lambda: self.answers(client, "1.3.6.1.2.1.1.3.0"), 10,
                       "snmpd answers")
            client.close()
        return self.snmpd

    @staticmethod
    def answers(client, *names):
        """The values of names if all of them are there now, else None."""
        try:
            # what was sent before it listens is lost: asked again soon
            values = client.get(*names, timeout=0.1 * PATIENCE, retries=0)
        except (snmp.Timeout, snmp.Refused):
            return None
        return None if any(v.exception for v in values) else values

    def arguments(self, mode):
        how = [f"--standalone={ADDRESS}"] if mode == "standalone" else [
            "-x", self.master_socket]
        return how + ["-f", "-C", "-c", self.config, "-Le"]

    def start(self, mode, *more, wait=True):
        """Starts netmibd, and snmpd before it if it needs one; waits until it is ready."""
        if mode == "agentx" and not (self.snmpd and self.snmpd.running()):
            self.start_snmpd()
        self.configure(mode)
        daemon = Netmibd(self, self.arguments(mode) + list(more))
        if wait:
            self.wait_ready(daemon)
        return daemon

    def attached(self, client):
        """True if netmibd stands in the agent's sysORTable: that is registered last."""
        try:
            at = (1, 3, 6, 1, 2, 1, 1, 9, 1, 3)
            found = client.bulk([at], 30, timeout=0.5 * PATIENCE, retries=0)
        except (snmp.Timeout, snmp.Refused):
            return False
        return any(name[:len(at)] == at and b"netmibd" in value.value
                   for name, value in found if value.tag == snmp.OCTETS)

    def wait_ready(self, daemon, seconds=15):
        client = self.client()

        def ready():
            if not daemon.running():
                raise AssertionError("netmibd does not start:\n" + daemon.text())
            return "is ready" in daemon.text() and self.attached(client)
        wait_until(ready, seconds, "netmibd is ready", 0.01)
        client.close()

    def close(self):
        """Ends everything; raises if a netmibd did not behave."""
        if self.closed:
            return
        self.closed = True
        trouble = []
        for process in reversed(self.processes[:]):
            try:
                process.stop()
            except AssertionError as error:
                trouble.append(str(error))
        for sock in self.sockets:
            sock.close()
        self.holder.stdin.close()
        self.holder.wait(10)
        self.holder.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        labs.remove(self)
        if trouble:
            raise AssertionError("\n".join(trouble))


def close_all():
    for lab in labs[:]:
        try:
            lab.close()
        except (AssertionError, OSError) as error:
            print(error, file=sys.stderr)


def _leave(number, _):
    sys.exit(128 + number)


def guard():
    """Clears away when this process ends, also by a signal."""
    atexit.register(close_all)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)


def alone(what):
    """Marks a class or a method of tests that must not run beside others (tests/run.py):
    it measures time, or is such a load that others would be late."""
    what.alone = True
    return what


class Test(unittest.TestCase):
    """A test with a lab of its own for each method, or one for the class (shared)."""

    maxDiff = None

    def make_lab(self, **how):
        lab = Lab(**how)
        self.addCleanup(lab.close)
        return lab

    @classmethod
    def make_class_lab(cls, **how):
        lab = Lab(**how)
        cls.addClassCleanup(lab.close)
        return lab
