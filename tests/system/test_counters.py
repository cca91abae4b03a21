"""Counters on demand: samples no older than said, one sample for all columns of a row in
a PDU, and few questions to the kernel."""

import socket
import threading
import time

import lab
import mib


class Traffic:
    """Datagrams out of v0, which come in on v1."""

    def __init__(self, laboratory):
        self.sock = laboratory.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.enough, self.thread = threading.Event(), None

    @staticmethod
    def build(laboratory):
        laboratory.batch(
            ["link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
             "addr add 192.0.2.1/24 dev v0",
             "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0"])
        return laboratory.index("v0")

    def send(self, number=1, size=100):
        for _ in range(number):
            self.sock.sendto(bytes(size), ("192.0.2.2", 9))

    def flow(self):
        while not self.enough.wait(0.0005):
            self.send(3)

    def __enter__(self):
        self.thread = threading.Thread(target=self.flow, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.enough.set()
        self.thread.join()


@lab.alone
class Counters:
    """In both modes; mode says which."""

    def prepare(self, *tokens):
        self.lab = self.make_lab(ipv6=False)
        self.v0 = Traffic.build(self.lab)
        self.lab.tokens = list(tokens)
        self.daemon = self.lab.start(self.mode)
        self.client = self.lab.client()

    def read(self):
        return self.client.value(mib.cell("ifHCOutOctets", self.v0))

    def kernel(self):
        return self.lab.links()[self.v0]["stats64"]["tx"]["bytes"]

    def test_samples_age(self):
        self.prepare("netmibdCounterMaxAge 300")
        traffic = Traffic(self.lab)
        same = 0
        for _ in range(10):
            traffic.send(5)
            time.sleep(0.35)
            begin = time.monotonic()
            first = self.read()
            self.assertEqual(first, self.kernel())
            traffic.send(5)
            second = self.read()
            if time.monotonic() - begin < 0.25:
                same += 1
                self.assertEqual(second, first, "within the greatest age")
            if same == 3:
                return
        self.skipTest("this machine is too slow to ask twice within 300 ms")

    def test_counters_advance_after_the_default_age(self):
        self.prepare()
        traffic = Traffic(self.lab)
        for _ in range(2):
            traffic.send(5)
            time.sleep(1.05)
            self.assertEqual(self.read(), self.kernel())

    def test_low_32_bits_of_the_same_sample(self):
        self.prepare("netmibdCounterMaxAge 10")
        names = []
        for low, high in mib.HIGH.items():
            names += [mib.cell(low, self.v0), mib.cell(high, self.v0),
                      mib.cell(low, self.v0)]
        names += [mib.cell("ifOutOctets", self.v0)]
        seen = set()
        with Traffic(self.lab):
            for _ in range(200):
                values = [v.value for v in self.client.get(*names)]
                for at in range(0, len(values) - 1, 3):
                    low, high, again = values[at:at + 3]
                    self.assertEqual((low, again), (high & 0xffffffff,) * 2)
                at = names.index(mib.cell("ifOutOctets", self.v0))
                self.assertEqual(values[-1], values[at])
                seen.add(values[at])
                time.sleep(0.003)
        self.assertGreater(len(seen), 20, "the counters did not move")

    def test_octets_and_packets_are_of_one_sample(self):
        """All datagrams are of one size, so octets / packets is known exactly."""
        self.prepare("netmibdCounterMaxAge 10")
        names = [mib.cell("ifHCOutOctets", self.v0), mib.cell("ifHCOutUcastPkts", self.v0)]
        start = [v.value for v in self.client.get(*names)]
        with Traffic(self.lab):
            for _ in range(100):
                now = [v.value for v in self.client.get(*names)]
                self.assertEqual(now[0] - start[0], (now[1] - start[1]) * 142)
                time.sleep(0.003)

    def test_one_request_for_a_poll_of_40_columns(self):
        self.prepare("netmibdCounterMaxAge 300")
        cells = [mib.cell(c, self.v0) for c in mib.COLUMNS if c != "ifOutQLen"]
        self.client.get(*cells)  # the speed is asked for once
        for _ in range(3):
            time.sleep(0.35)
            before = self.daemon.report()["requests"]
            self.client.get(*cells)
            self.assertEqual(self.daemon.report()["requests"] - before, 1)
        time.sleep(0.35)
        before = self.daemon.report()["requests"]
        self.client.get(*cells, mib.cell("ifOutQLen", self.v0))
        self.assertLessEqual(self.daemon.report()["requests"] - before, 2)

    def walk_of_300_links(self, *more):
        self.prepare()
        self.lab.batch([f"link add w{n} type ifb" for n in range(300)])
        self.lab.batch([f"link set w{n} {how}" for how in more for n in range(300)])
        # ifb has no speed: the first time each may be asked whether it has one
        for name, most in (("first", 450), ("second", 120)):
            time.sleep(1.1)
            before = self.daemon.report()["requests"]
            self.client.walk(mib.IF_TABLE)
            self.client.walk(mib.IF_XTABLE)
            asked = self.daemon.report()["requests"] - before
            print(f"{name} walk: {asked} requests")
            self.assertLess(asked, most, name)

    def test_few_requests_for_a_walk_of_300_links(self):
        self.walk_of_300_links("up")

    def test_few_requests_for_a_walk_of_300_links_that_are_down(self):
        self.walk_of_300_links()

    def test_no_request_without_a_question_for_counters(self):
        self.prepare()
        before = self.daemon.report()["requests"]
        for column in ("ifName", "ifMtu", "ifOperStatus", "ifAlias", "ifLastChange"):
            self.client.get(mib.cell(column, self.v0))
            self.client.next(mib.cell(column, self.v0 - 1))
        self.client.walk(mib.IF_INV_STACK)
        self.assertEqual(self.daemon.report()["requests"], before)


class StandaloneCounters(Counters, lab.Test):
    mode = "standalone"


class AgentXCounters(Counters, lab.Test):
    mode = "agentx"
