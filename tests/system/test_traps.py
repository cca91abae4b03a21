"""Notifications on their way: linkUp and linkDown as they are provoked in the kernel, in
all the versions of SNMP, through a master that is slow, stopped or gone, and in a storm. In
the end the last one that snmptrapd has received of an interface is what the kernel says."""

import os
import random
import signal
import threading
import time

import agentx
import lab
import mib
import traps
from snmp import integer
from test_notices import NAMES, Base

TRAP_ENABLE = "ifLinkUpDownTrapEnable"
ENABLED, DISABLED = 1, 2
LOWER_DOWN = 7


class LinkTraps(Base):
    def test_admin_status(self):
        self.lab.ip("link set va down")
        self.expect(("linkDown", self.link("va", 2, 2)))
        self.lab.ip("link set va alias uplink")
        self.lab.ip("link set va up")
        wanted = self.link("va", 1, 1)
        wanted[4] = (mib.cell("ifAlias", self.indexes["va"]), b"uplink")
        self.expect(("linkUp", wanted))

    def test_start_with_some_down(self):
        """Nothing is told of what was there at the start, up or down, nor when it is
        started again; and what has changed meanwhile is what there is now."""
        self.peer.ip("link set vb down")
        self.receiver.take(1)
        self.daemon.stop()
        self.lab.ip("link set x0 down")
        self.daemon = self.lab.start(self.mode)
        self.quiet(0.5)
        self.lab.ip("link set x0 up")
        self.expect(("linkUp", self.link("x0", 1, 1)))

    def test_delete_of_one_that_is_up(self):
        self.lab.ip("link del va")
        self.expect(("linkDown", self.link("va", 2, 2)))
        self.lab.ip("link set x0 down")
        self.expect(("linkDown", self.link("x0", 2, 2)))
        self.lab.ip("link del x0")  # of one that is down nothing more
        self.quiet()

    def test_moved_out_of_the_namespace(self):
        """For managers that is a link that goes: down first."""
        self.lab.ip(f"link set va netns {self.peer.pid}")
        self.expect(("linkDown", self.link("va", 2, 2)))

    def test_trap_enable(self):
        at = mib.cell(TRAP_ENABLE, self.indexes["va"])
        self.assertEqual(self.client.value(at), ENABLED)
        self.client.set((at, integer(DISABLED)))
        self.peer.ip("link set vb down")
        self.quiet()
        self.client.set((at, integer(ENABLED)))
        self.quiet()  # the switch is no event
        self.peer.ip("link set vb up")
        self.expect(("linkUp", self.link("va", 1, 1)))

    def test_stacked(self):
        """What is on top of another link is silent unless asked for."""
        self.lab.batch(["link add mv0 link va type macvlan", "link set mv0 up"])
        self.indexes["mv0"] = self.lab.index("mv0")
        at = mib.cell(TRAP_ENABLE, self.indexes["mv0"])
        self.assertEqual(self.client.value(at), DISABLED)
        self.quiet()
        self.peer.ip("link set vb down")
        self.expect(("linkDown", self.link("va", 1, 2)))
        self.client.set((at, integer(ENABLED)))
        self.peer.ip("link set vb up")
        found = self.receiver.take(2)
        self.assertCountEqual(
            [(NAMES[notice.name], notice.varbinds) for notice in found],
            [("linkUp", self.link("va", 1, 1)), ("linkUp", self.link("mv0", 1, 1))])
        self.client.set((at, integer(DISABLED)))
        self.lab.ip("link del mv0")
        self.quiet()

    def test_stacked_lower_layer_down(self):
        self.lab.batch(["link add mv0 link va type macvlan", "link set mv0 up"])
        self.indexes["mv0"] = self.lab.index("mv0")
        self.client.set((mib.cell(TRAP_ENABLE, self.indexes["mv0"]), integer(ENABLED)))
        self.peer.ip("link set vb down")
        found = self.receiver.take(2)
        self.assertCountEqual(
            [(NAMES[notice.name], notice.varbinds) for notice in found],
            [("linkDown", self.link("va", 1, 2)),
             ("linkDown", self.link("mv0", 1, LOWER_DOWN))])


class Resync(Base):
    """Events are lost, among those of links that come and go."""

    tokens = ["netmibdEventBuffer 64"]

    def lose(self, *lines):
        self.daemon.send(signal.SIGSTOP)
        try:
            self.lab.batch([f"link add group 7 name o{n} type ifb" for n in range(150)] +
                           ["link del group 7", *lines])
        finally:
            self.daemon.send(signal.SIGCONT)
        lab.wait_until(lambda: self.daemon.report()["resyncs"] > 0, 10, "a resync", 0.1)
        lab.wait_until(lambda: self.daemon.report()["state"] == "synced", 10, "synced", 0.1)

    def test_all_unchanged(self):
        self.lose()
        self.quiet(1)
        self.peer.ip("link set vb down")
        self.expect(("linkDown", self.link("va", 1, 2)))

    def test_one_is_down_and_one_was(self):
        """It is told what differs: not what has come and passed."""
        self.lose("link set va down", "link set va up", "link set x0 down")
        lab.wait_until(lambda: self.lab.links()[self.indexes["va"]]["operstate"] == "UP", 5,
                       "it is up again")
        self.expect(("linkDown", self.link("x0", 2, 2)))

    def test_one_is_gone(self):
        """Nobody has seen it go down; that is told all the same."""
        self.lose("link del x0")
        self.expect(("linkDown", self.link("x0", 1, 2)))


# SNMPv3: the traps are under the engine of who sends, the informs under the receiver's

ENGINE = "0x8000000001020304"
USERS = f"""createUser -e {ENGINE} sender SHA authentic-1 AES privately-1
createUser informer SHA authentic-2 AES privately-2
"""
V3 = ("-v 3 -l authPriv -u {} -a SHA -A authentic-{} -x AES -X privately-{}")
SINKS = {  # how it comes: the line
    "TRAP, SNMP v1, community one": "trapsink {} one",
    "TRAP2, SNMP v2c, community two": "trap2sink {} two",
    "INFORM, SNMP v2c, community three": "informsink {} three",
    "TRAP2, SNMP v3, user sender": "trapsess " + V3.format("sender", 1, 1) +
        f" -e {ENGINE} {{}}",
    "INFORM, SNMP v3, user informer": "trapsess -Ci " + V3.format("informer", 2, 2) +
        " {}",
}


class Versions(Base):
    """All at once, each from a line of its own."""

    def make_receiver(self):
        receiver = traps.Receiver(self.lab, config=USERS)
        for line in (f"exactEngineID {ENGINE}", *SINKS.values()):
            receiver.sink(self.mode, line)
        return receiver

    def test_each(self):
        for number, (change, oper, name) in enumerate((("down", 2, "linkDown"),
                                                       ("up", 1, "linkUp"))):
            self.peer.ip(f"link set vb {change}")
            self.receiver.take(len(SINKS), 10)
            came = self.receiver.messages()[number * len(SINKS):]
            self.assertCountEqual([message.how.split(", context")[0] for message in came],
                                  list(SINKS))
            for message in came:
                self.assertEqual(message.notice.varbinds, self.link("va", 1, oper),
                                 message.how)
                if "v1" in message.how:
                    generic = {"linkDown": "2", "linkUp": "3"}[name]
                    self.assertEqual((message.generic, message.specific), (generic, "0"))
                else:
                    self.assertEqual(NAMES[message.notice.name], name)
        self.quiet(1.5)  # an inform that was answered does not come again


# ---- storms ---------------------------------------------------------------------------

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
PAIRS = 60
MEMORY = 8192  # kB that netmibd may grow by
TOLD = 90  # s in which all is told
# With the defaults, a storm is over when the tests are: 20 s of damping, 10 a second.
QUICK = ("netmibdNotifyDamping 1000 1 2000 1000 4", "netmibdNotifyRate 100 100")


class Prober(threading.Thread):
    """Does a thing again and again; .worst is the longest time that it took, and .trouble
    what went wrong."""

    def __init__(self, what, pause=0.05):
        super().__init__(daemon=True)
        self.what, self.pause = what, pause
        self.worst, self.times, self.trouble = 0.0, 0, None
        self.enough = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.enough.wait(self.pause):
                begin = time.monotonic()
                self.what()
                self.worst = max(self.worst, time.monotonic() - begin)
                self.times += 1
        except Exception as error:  # told by the test
            self.trouble = repr(error)

    def stop(self):
        self.enough.set()
        self.join(60 * lab.PATIENCE)
        return self.trouble


class Weather:
    """Pairs of veth that go up and down; all are up at the start."""

    pairs = PAIRS

    def setUp(self):
        why = traps.unavailable()
        if why:
            self.skipTest(why)
        print("SEED", SEED)
        self.dice = random.Random(SEED)
        self.lab = self.make_lab(ipv6=False)
        self.lab.tokens += QUICK
        self.addCleanup(self.lab.ip, "link del group 7", check=False)
        self.lab.batch([line for n in range(self.pairs) for line in (
            f"link add a{n} group 7 type veth peer name b{n}", f"link set a{n} up",
            f"link set b{n} up")])
        self.receiver = traps.Receiver(self.lab)
        self.receiver.sink(self.mode)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()
        self.before = self.daemon.status_kb("VmRSS")
        self.started = {at: True for at in self.kernel()}

    def flap(self, seconds):
        """So long, and as often as the kernel can."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.lab.batch([
                f"link set {self.dice.choice('ab')}{self.dice.randrange(self.pairs)} "
                f"{self.dice.choice(('up', 'down'))}" for _ in range(20)])

    def kernel(self):
        """{ifindex: is it up}, of the veths."""
        return {at: "LOWER_UP" in link["flags"] and "UP" in link["flags"]
                for at, link in self.lab.links().items() if link["ifname"][0] in "ab"}

    def told(self):
        """What managers believe: what has been told last, else what was there."""
        known = dict(self.started)
        for notice in self.receiver.all():
            at = notice.varbinds[0][1]
            if NAMES.get(notice.name) in ("linkUp", "linkDown"):
                known[at] = NAMES[notice.name] == "linkUp"
        return known

    def settle(self):
        """In the end all is told; then the agent answers, and netmibd has not grown."""
        wanted = self.kernel()
        try:
            lab.wait_until(lambda: self.told() == wanted, TOLD, "the final states", 0.2)
        except AssertionError as error:
            known = self.told()
            wrong = {at: up for at, up in wanted.items() if known.get(at) != up}
            raise AssertionError(f"{error}: not told {wrong}; of {len(wanted)}, "
                                 f"{len(self.receiver.all())} notices") from None
        print(f"{len(self.receiver.all())} notices")
        self.assertEqual(mib.column(self.client, "ifOperStatus").keys() & wanted.keys(),
                         wanted.keys())
        if not lab.SANITIZED:
            self.assertLess(self.daemon.status_kb("VmRSS"), self.before + MEMORY)

    def usr1(self):
        """netmibd's loop turns: SIGUSR1 is answered."""
        seen = os.path.getsize(self.daemon.output)
        self.daemon.send(signal.SIGUSR1)

        def answered():
            with open(self.daemon.output, "rb") as file:
                file.seek(seen)
                return b"on demand" in file.read()
        lab.wait_until(answered, 30, "the answer to SIGUSR1", 0.002)


class Master(Weather):
    mode = "agentx"

    def test_stopped(self):
        """For longer than netmibd is patient; who waits for a ping is blocked for 6 s."""
        self.flap(1)
        events = self.daemon.report()["events"]
        prober = Prober(self.usr1)
        self.lab.snmpd.send(signal.SIGSTOP)
        try:
            self.flap(8)
        finally:
            self.lab.snmpd.send(signal.SIGCONT)
        self.assertIsNone(prober.stop())
        print(f"netmibd was blocked for {prober.worst:.2f} s at most, of {prober.times}")
        self.assertLess(prober.worst, 2 * lab.PATIENCE)
        self.assertGreater(self.daemon.report()["events"], events)
        self.settle()


    def test_killed(self):
        """With notices under way; and a new one comes. What was sent to the old one and
        lost is told by the new one."""
        for _ in range(2):
            self.flap(1.5)
            self.lab.snmpd.stop(signal.SIGKILL)
            self.flap(1.5)
            self.lab.start_snmpd()
        self.flap(1)
        lab.wait_until(lambda: self.lab.attached(self.client), 15, "attached again", 0.2)
        self.settle()

    def test_away(self):
        """For a while there is none; each link is told once, as it is then."""
        self.lab.snmpd.stop()
        prober = Prober(self.usr1)
        indexes = [self.lab.index(name) for name in ("a0", "a1", "a2", "b1")]
        self.lab.batch(["link set a0 down", "link set a0 up", "link set a1 down",
                        "link set a2 down"])
        time.sleep(1)
        self.lab.ip("link set a2 up")
        time.sleep(2)
        self.assertIsNone(prober.stop())
        self.assertLess(prober.worst, 2 * lab.PATIENCE)
        self.lab.start_snmpd()
        self.settle()
        found = [notice.varbinds[0][1] for notice in self.receiver.all()]
        self.assertIn(indexes[1], found)
        self.assertIn(indexes[3], found)
        time.sleep(3)
        self.assertEqual(self.told(), self.kernel())
        self.assertEqual(len(found), len(set(found)))


class NoMaster(lab.Test):
    def test_at_the_start(self):
        """What happens before there is a first master is told when it has come."""
        why = traps.unavailable()
        if why:
            self.skipTest(why)
        lab_ = self.make_lab(ipv6=False)
        lab_.batch(["link add x0 type ifb", "link add x1 type ifb", "link set x0 up"])
        receiver = traps.Receiver(lab_)
        receiver.sink("agentx")
        lab_.configure("agentx")
        daemon = lab.Netmibd(lab_, lab_.arguments("agentx"))
        lab.wait_until(lambda: "is ready" in daemon.text(), 10, "netmibd is ready")
        lab_.ip("link set x0 down")
        time.sleep(1)
        lab_.start_snmpd()
        found, = receiver.take(1, 15)
        self.assertEqual((NAMES[found.name], found.varbinds[0][1]),
                         ("linkDown", lab_.index("x0")))
        time.sleep(0.5)
        self.assertEqual(receiver.new(), [])


class Scripted(lab.Test):
    """A master that does as it is told."""

    LINKS = 80

    def setUp(self):
        self.lab = self.make_lab(ipv6=False)
        self.lab.batch([line for n in range(self.LINKS) for line in (
            f"link add x{n} group 7 type ifb", f"link set x{n} up")])
        self.master = agentx.Master(self.lab.master_socket)
        self.addCleanup(self.master.close)
        self.lab.configure("agentx")
        self.daemon = lab.Netmibd(self.lab, self.lab.arguments("agentx"))
        lab.wait_until(lambda: "is ready" in self.daemon.text(), 10, "netmibd is ready")

    def notices(self):
        return self.master.kinds(agentx.NOTIFY)

    def down(self, numbers):
        self.lab.batch([f"link set x{n} down" for n in numbers])

    def await_notices(self, count, seconds=10):
        lab.wait_until(lambda: len(self.notices()) >= count, seconds, f"{count} notices")
        time.sleep(0.3)
        self.assertEqual(len(self.notices()), count)

    def test_few_are_under_way(self):
        """No answer to a notification, but to the pings: 32 are sent, the rest waits."""
        self.master.mute.add(agentx.NOTIFY)
        self.down(range(40))
        self.await_notices(32)
        time.sleep(8)  # for longer than a ping is waited for
        self.assertEqual(self.master.sessions, 1)
        self.assertEqual(len(self.notices()), 32)
        self.assertEqual(self.daemon.report()["state"], "synced")
        self.master.mute.clear()
        self.master.errors[agentx.PING] = agentx.NOT_OPEN  # it has to begin anew
        lab.wait_until(lambda: self.master.sessions == 2, 10, "a new session")
        self.master.errors.clear()
        self.await_notices(72)
        bodies = [[body for session, body in self.notices() if session == number]
                  for number in (1, 2)]
        self.assertEqual(len(bodies[1]), 40)  # those again, and the others
        self.assertEqual(len(set(bodies[1])), 40)

    def test_refused_is_not_told_again(self):
        self.master.errors[agentx.NOTIFY] = 5
        self.down(range(3))
        self.await_notices(3)
        self.down(range(3, 40))
        self.await_notices(40)
        self.assertEqual(self.master.sessions, 1)

    def test_session_is_not_known(self):
        """What was answered by notOpen is sent in the next session."""
        self.master.errors[agentx.NOTIFY] = self.master.errors[agentx.PING] = agentx.NOT_OPEN
        self.down(range(2))
        lab.wait_until(lambda: len(self.notices()) >= 2, 5, "two notices")
        lab.wait_until(lambda: self.master.sessions >= 2, 10, "a new session")
        self.master.errors.clear()
        last = lab.wait_until(lambda: [
            body for session, body in self.notices() if session == self.master.sessions][1:],
            10, "they come again")
        self.assertEqual(len(last), 1)

    def test_hangs(self):
        """Nothing is read any more: it is left, and asked for on one connection only."""
        self.master.deaf.set()
        self.down(range(5))
        prober = Prober(self.daemon.report)
        time.sleep(12)
        self.assertIsNone(prober.stop())
        self.assertLess(prober.worst, 2 * lab.PATIENCE)
        self.assertIn("does not answer", self.daemon.text())
        self.assertLessEqual(len(self.master.sockets), 3)  # the listener, two of netmibd
        answered = len(self.notices())  # what it had read before it went deaf
        self.master.deaf.clear()
        lab.wait_until(lambda: self.master.sessions == 2, 10, "a new session")
        lab.wait_until(lambda: len([1 for session, _ in self.notices()
                                    if session == 2]) >= 5 - answered,
                       10, "those that were not answered are told again")
        self.assertEqual(len({body for _, body in self.notices()}), 5)


class Storm(Weather):
    pairs = 150

    def test_storm(self):
        """snmpd answers for its own objects all the time, and netmibd for its own."""
        uptime = self.lab.client()
        own = Prober(lambda: uptime.get(mib.SYS_UPTIME))
        ours = self.lab.client()
        name = mib.cell("ifOperStatus", self.lab.index("a0"))
        served = Prober(lambda: ours.get(name))
        self.flap(10)
        for prober in (own, served):
            self.assertIsNone(prober.stop())
        print(f"the longest GET took {own.worst:.2f} s, of netmibd {served.worst:.2f} s; of "
              f"{own.times}, {served.times}")
        self.assertEqual(uptime.silent, 0)
        self.settle()


@lab.alone
class MasterTest(Master, lab.Test):
    pass


def both(base):
    """The tests in both modes."""
    for mode in ("standalone", "agentx"):
        name = base.__name__ + mode.capitalize()
        made = type(name, (base, lab.Test), {"mode": mode, "__module__": __name__})
        if getattr(base, "alone", False):
            made = lab.alone(made)
        globals()[name] = made


for case in (LinkTraps, lab.alone(Resync), Versions, lab.alone(Storm)):
    both(case)
