"""The project's own judge of MIB conformance, in both modes."""

import os
import sys

import lab
from test_objects import build

MIBCHECK = os.path.join(lab.SHARED, "mibcheck", "mibcheck.py")


@lab.unittest.skipUnless(os.path.exists(MIBCHECK), "no mibcheck in the shared folder")
@lab.unittest.skipUnless(lab.tool("smidump"), "smidump is not installed")
@lab.unittest.skipIf(lab.SANITIZED, "it judges answers, and is slow enough with sanitizers "
                     "for the master to disconnect, when Net-SNMP's library leaks")
class MibCheck(lab.Test):
    def judge(self, mode):
        here, there = self.make_lab(), self.make_lab()
        build(here, there)
        here.start(mode)
        done = here.run(
            [sys.executable, MIBCHECK, "--agent", f"127.0.0.1:{lab.PORT}", "--community",
             "public", "--modules", "IF-MIB,IF-INVERTED-STACK-MIB,IP-MIB",
             "--include-deprecated"], check=False, timeout=120)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_standalone(self):
        self.judge("standalone")

    def test_agentx(self):
        self.judge("agentx")
