"""Peers that mean harm: on the wire, at the AgentX socket, and other users at the files. What
they do is refused, and netmibd answers as before. docs/threat-model.md says who may do what."""

import os
import random
import signal
import socket
import struct
import time

import agentx
import lab
import mib
import snmp

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
GROWTH = 2048  # kB that a peer may make netmibd grow by
NOBODY = 65534
IF_INDEX = mib.COLUMNS["ifIndex"]
GIVE_UP = 2.5  # seconds until netmibd asks its master again, at most


class PidFile(lab.Test):
    """It is written by root, and its number is killed by root."""

    def setUp(self):
        self.lab = self.make_lab()
        self.lab.configure("standalone")
        self.path = self.lab.path("pid")

    def begin(self):
        return lab.Netmibd(self.lab, self.lab.arguments("standalone") + ["-p", self.path])

    def refused(self, said):
        daemon = self.begin()
        self.assertEqual(daemon.wait(), 1)
        self.lab.processes.remove(daemon)
        self.assertIn(self.path + ": " + said, daemon.text())

    def test_symbolic_link(self):
        other = self.lab.write("other", "precious\n")
        os.symlink(other, self.path)
        self.refused("it is a symbolic link")
        with open(other) as file:
            self.assertEqual(file.read(), "precious\n")
        self.assertTrue(os.path.islink(self.path), "what is not ours is not removed")

    def test_what_others_may_write(self):
        for mode, owner, said in ((0o666, 0, "others may write it"),
                                  (0o644, NOBODY, "others may write it")):
            self.lab.write("pid", "1\n")
            os.chmod(self.path, mode)
            os.chown(self.path, owner, owner)
            self.refused(said)
            with open(self.path) as file:
                self.assertEqual(file.read(), "1\n")

    def test_pipe(self):
        """Nobody reads it: it must not wait for him."""
        os.mkfifo(self.path, 0o600)
        self.refused("it is no file")

    def test_one_that_was_left_behind(self):
        self.lab.write("pid", "123456789 and more\n")
        daemon = self.begin()
        self.lab.wait_ready(daemon)
        with open(self.path) as file:
            self.assertEqual(file.read(), f"{daemon.pid}\n")
        self.assertEqual(os.stat(self.path).st_mode & 0o7777, 0o644)
