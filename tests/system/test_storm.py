"""Thousands of links made and deleted while somebody walks: every walk is in order, and at
the end the mirror is what `ip link` shows, also when the kernel's events overran."""

import os
import random
import threading
import time

import lab
import mib
import snmp

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)


class Walker(threading.Thread):
    """Walks all the time; .trouble is what went wrong."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.walks, self.trouble = client, 0, None
        self.enough = threading.Event()

    def run(self):
        roots = [mib.COLUMNS["ifName"], mib.IF_STACK, mib.COLUMNS["ifHCInOctets"],
                 mib.IF_INV_STACK, mib.IF_RCV + (1, 2), mib.COLUMNS["ifIndex"]]
        try:
            while not self.enough.is_set():
                self.client.walk(roots[self.walks % len(roots)], 30)
                self.walks += 1
        except Exception as error:  # told by the test
            self.trouble = repr(error)

    def stop(self):
        self.enough.set()
        self.join(30 * lab.PATIENCE)
        return self.trouble


def script(count, dice):
    """Lines for ip -batch: count links made, about half of them deleted on the way, most
    of those by hundreds (a deletion alone costs the kernel 10 ms), some renamed, enslaved
    or changed."""
    lines, alive, doomed = [], ["br0"], 0
    for made in range(count):
        if dice.random() < 0.5:
            lines.append(f"link add group 8 name d{made} type ifb")
            doomed += 1
        else:
            lines.append(f"link add group 7 name s{made} type ifb")
            alive.append(f"s{made}")
        draw, at = dice.random(), dice.randrange(len(alive))
        if doomed > 200 and draw < 0.05:
            lines.append("link del group 8")
            doomed = 0
        elif at == 0:
            continue
        elif draw < 0.08:
            lines.append("link del " + alive.pop(at))
        elif draw < 0.12:
            lines.append(f"link set {alive[at]} name r{made}")
            alive[at] = f"r{made}"
        elif draw < 0.15:
            lines.append(f"link set {alive[at]} master br0")
        elif draw < 0.2:
            lines.append(f"link set {alive[at]} mtu {dice.randrange(68, 1500)}")
    return lines


@lab.alone
class Storm(lab.Test):
    def weather(self, mode, count, *tokens):
        print("SEED", SEED)
        self.lab = self.make_lab(ipv6=False)
        self.addCleanup(self.clear)
        self.lab.ip("link add br0 group 7 type bridge")
        self.lab.tokens = list(tokens)
        self.daemon = self.lab.start(mode)
        self.client = self.lab.client()
        self.client.timeout = 5 * lab.PATIENCE
        walker = Walker(self.lab.client())
        walker.client.timeout = 5 * lab.PATIENCE
        walker.start()
        self.storm(count)
        trouble = walker.stop()
        self.assertIsNone(trouble, f"in walk {walker.walks}")
        print(f"{walker.walks} walks, {walker.client.silent} questions asked twice")
        self.settle()

    def storm(self, count):
        self.lab.batch(script(count, random.Random(SEED)), timeout=180)

    def clear(self):
        """In one go, and before the namespace is taken down: that is faster."""
        self.lab.ip("link del group 8", check=False)
        self.lab.ip("link del group 7", check=False)

    def settle(self):
        """Waits until the mirror is at rest and compares it, all columns, with the
        kernel's state."""
        lab.wait_until(lambda: self.daemon.report()["state"] == "synced", 20,
                       "the mirror is synced", 0.1)
        links = self.lab.links()
        names = {index: mib.display(link["ifname"].encode(), 255)
                 for index, link in links.items()}
        self.assertEqual(mib.column(self.client, "ifName"), names)
        self.assertEqual(self.client.value(mib.IF_NUMBER), len(links))
        self.assertEqual(mib.column(self.client, "ifMtu"),
                         {index: link["mtu"] for index, link in links.items()})
        self.assertEqual(mib.column(self.client, "ifAdminStatus"),
                         {index: 1 if "UP" in link["flags"] else 2
                          for index, link in links.items()})
        stack = mib.stack(links)
        self.assertEqual({name[-2:] for name in self.client.walk(mib.IF_STACK)}, stack)
        self.assertEqual({name[-2:][::-1] for name in self.client.walk(mib.IF_INV_STACK)},
                         stack)
        wanted = mib.rcv_addresses(self.lab, links)
        for _ in range(2):  # once they are read again, they do not change
            found = {(name[11], bytes(name[13:])): value.value
                     for name, value in self.client.walk(mib.IF_RCV + (1, 3)).items()}
            if found == wanted:
                break
            time.sleep(1.1)
        self.assertEqual(found, wanted)
        report = self.daemon.report()
        print(report)
        self.assertEqual(report["links"], len(links))
        self.assertEqual(report["malformed"], 0)
        self.assertEqual(report["receive addresses"], len(wanted))
        return report

    def test_3000_links_standalone(self):
        self.weather("standalone", 600 if lab.SANITIZED else 3000)

    def test_1500_links_agentx(self):
        self.weather("agentx", 300 if lab.SANITIZED else 1500)

    def test_overrun(self):
        """A buffer for some dozens of events: they are lost, the state is not."""
        self.weather("standalone", 600 if lab.SANITIZED else 2000,
                     "netmibdEventBuffer 64")
        self.overrun()
        report = self.settle()
        self.assertGreater(report["lost"], 0, "the event buffer did not overrun")
        self.assertGreater(report["resyncs"], 0)

    def overrun(self):
        """netmibd stands still while more happens than the buffer holds."""
        self.daemon.send(lab.signal.SIGSTOP)
        try:
            self.lab.batch([f"link add group 7 name o{n} type ifb" for n in range(150)] +
                           [f"link del o{n}" for n in range(0, 150, 2)] +
                           [f"link set o{n} mtu 777" for n in range(1, 150, 4)])
        finally:
            self.daemon.send(lab.signal.SIGCONT)

    def test_overrun_again_and_again(self):
        self.lab = self.make_lab(ipv6=False)
        self.addCleanup(self.clear)
        self.lab.tokens = ["netmibdEventBuffer 64"]
        self.daemon = self.lab.start("standalone")
        self.client = self.lab.client()
        for _ in range(5):
            self.overrun()
            report = self.settle()
            self.clear()
            self.settle()
        self.assertGreaterEqual(report["lost"], 5)

    def test_overrun_then_no_event_any_more(self):
        """Nothing may wait for a next event to notice the loss of the last ones."""
        self.lab = self.make_lab(ipv6=False)
        self.addCleanup(self.clear)
        self.lab.tokens = ["netmibdEventBuffer 64"]
        self.daemon = self.lab.start("standalone")
        self.client = self.lab.client()
        self.overrun()
        lab.wait_until(lambda: self.client.value(mib.IF_NUMBER) == len(self.lab.links()),
                       5, "the mirror is true again")

    def test_index_reused_during_a_storm(self):
        """The same ifindex again and again with another name and kind."""
        self.lab = self.make_lab(ipv6=False)
        self.daemon = self.lab.start("standalone")
        self.client = self.lab.client()
        lines = []
        for number in range(100):
            lines += [f"link add index 500 name q{number} type " +
                      ("ifb" if number % 2 else "bridge"), f"link del q{number}"]
        self.lab.batch(lines[:-1])
        self.assertEqual(self.client.value(mib.cell("ifName", 500)), b"q99")
        self.assertEqual(self.client.value(mib.cell("ifType", 500)), 53)
        self.assertGreater(
            self.client.value(mib.cell("ifCounterDiscontinuityTime", 500)), 0)

    def test_10000_links(self):
        self.weather("standalone", 1500 if lab.SANITIZED else 10000)
