"""Nothing polls: with no traffic and no change netmibd makes no system call, but for the
AgentX ping once a second."""

import re
import signal
import time

import lab


@lab.alone
@lab.unittest.skipUnless(lab.tool("strace"), "strace is not installed")
@lab.unittest.skipIf(lab.SANITIZED, "the sanitizers make system calls of their own")
class Idle(lab.Test):
    SECONDS = 6

    def trace(self, mode):
        laboratory = self.make_lab(ipv6=False)
        laboratory.batch([f"link add x{n} type ifb" for n in range(20)])
        daemon = laboratory.start(mode)
        client = laboratory.client()
        client.walk("1.3.6.1.2.1.2")
        client.walk("1.3.6.1.2.1.31")
        client.walk("1.3.6.1.2.1.4")
        client.walk("1.3.6.1.2.1.5")
        time.sleep(1.5)
        output = laboratory.path("strace")
        tracer = lab.Process(laboratory, "strace",
                             ["strace", "-f", "-ttt", "-o", output, "-p", str(daemon.pid)])
        lab.wait_until(lambda: "attached" in tracer.text() or not tracer.running(), 5,
                       "strace is attached")
        if not tracer.running():
            self.skipTest("strace: " + tracer.text().strip())
        time.sleep(self.SECONDS)
        tracer.stop(signal.SIGINT)
        with open(output) as file:
            lines = [line for line in file.read().splitlines() if line.strip()]
        print("\n".join(lines[:40]))
        return lines

    def test_standalone_makes_no_system_call(self):
        lines = self.trace("standalone")
        # the one that strace found it in, interrupted by strace itself
        self.assertLessEqual(len(lines), 2, "\n".join(lines[:60]))

    def test_agentx_only_pings(self):
        lines = self.trace("agentx")
        calls = [match.group(1) for line in lines
                 if (match := re.match(r"(?:\d+ +)?[\d.]+ (\w+)\(", line))]
        print(len(calls), "calls")
        self.assertLess(len(calls), 40 * self.SECONDS)
        # all of it is in one burst for each ping: nothing else wakes it
        times = sorted(float(match.group(1)) for line in lines
                       if (match := re.match(r"(?:\d+ +)?([\d.]+) ", line)))
        bursts = 1 + sum(b - a > 0.05 for a, b in zip(times, times[1:]))
        self.assertLessEqual(bursts, self.SECONDS + 2, times)
        pings = [line for line in lines if re.search(r"send(to|msg)\(", line)]
        self.assertLessEqual(len(pings), 2 * self.SECONDS + 2)
        self.assertGreaterEqual(len(pings), 2, "no ping is seen")
