"""What netmibd.conf says of notifications, and that SIGHUP changes it: damping, rate,
window, and the ifOperStatus in linkDown, as snmptrapd receives them."""

import signal
import time

import lab
import mib
import traps
from test_notices import NAMES

UP, DOWN, UNKNOWN = 1, 2, 4


class Base:
    def setUp(self):
        why = traps.unavailable()
        if why:
            self.skipTest(why)
        self.lab = self.make_lab(ipv6=False)
        self.lab.batch([f"link add x{n} type ifb" for n in range(6)])
        self.receiver = traps.Receiver(self.lab)
        self.receiver.sink(self.mode)

    def start(self, *tokens):
        self.lab.tokens = list(tokens)
        self.daemon = self.lab.start(self.mode)

    def reread(self, *tokens):
        self.lab.tokens = list(tokens)
        self.lab.configure(self.mode)
        seen = len(self.daemon.text())
        self.daemon.send(signal.SIGHUP)
        lab.wait_until(lambda: "configuration read again" in self.daemon.text()[seen:], 5,
                       "the file is read again")

    def flap(self, name, times):
        """Each change is an event of its own."""
        for n in range(times):
            self.lab.ip(f"link set {name} {'down' if n % 2 else 'up'}")

    def links(self, found):
        """The (name, ifOperStatus) of those of links."""
        return [(NAMES[notice.name], value) for notice in found for at, value in
                notice.varbinds if at[:-1] == mib.cell("ifOperStatus", 1)[:-1]]

    def test_damping(self):
        window = "netmibdNotifyWindow 3600"
        self.start(window)
        self.flap("x0", 6)
        self.assertEqual([name for name, _ in self.links(self.receiver.take(2))],
                         ["linkUp", "linkDown"])
        time.sleep(0.3)
        self.assertEqual(self.receiver.new(), [])
        self.reread("netmibdNotifyDamping off", window)
        self.flap("x1", 12)
        found = self.links(self.receiver.take(12))
        self.assertEqual([name for name, _ in found], ["linkUp", "linkDown"] * 6)
        # on again, and held back for a second at most
        self.reread("netmibdNotifyDamping 1000 1 1500 1000 1", window)
        self.flap("x2", 6)
        found = self.links(self.receiver.take(2, seconds=10))
        self.assertEqual([name for name, _ in found], ["linkUp", "linkDown"])
        time.sleep(0.3)
        self.assertEqual(self.receiver.new(), [])

    def test_rate_and_window(self):
        self.start("netmibdNotifyRate 1 2", "netmibdNotifyWindow 1")
        begin = time.monotonic()
        # of x4 only the latest waits
        self.lab.batch([f"link set x{n} up" for n in range(5)] + ["link set x4 down"])
        found = self.receiver.take(2)
        rest = self.receiver.take(3, seconds=20)
        self.assertGreater(time.monotonic() - begin, 1.5)
        names = [NAMES[notice.name] for notice in found + rest]
        self.assertEqual(names.count("linkUp"), 4)
        self.assertEqual(names.count("NotifySummary"), 1)
        self.assertEqual(names.count("linkDown"), 0)
        last = self.receiver.take(1, seconds=10)
        self.assertEqual([name for name, _ in self.links(last)], ["linkDown"])
        self.reread("netmibdNotifyRate 1000 1000")
        self.flap("x5", 1)
        self.receiver.take(1)

    def test_linkDown_status(self):
        self.start()
        self.flap("x0", 2)
        (_, up), down = self.links(self.receiver.take(2))
        self.assertEqual(down, ("linkDown", DOWN))
        self.reread("netmibdLinkDownStatus old")
        self.flap("x1", 2)
        found = self.links(self.receiver.take(2))
        self.assertEqual(found, [("linkUp", up), ("linkDown", up)])
        self.assertIn(up, (UP, UNKNOWN))
        self.reread("netmibdLinkDownStatus new")
        self.flap("x2", 2)
        self.assertEqual(self.links(self.receiver.take(2))[1], ("linkDown", DOWN))


class AgentX(Base, lab.Test):
    mode = "agentx"


class Standalone(Base, lab.Test):
    mode = "standalone"
