"""The manual pages and the completions name all that there is."""

import os
import re
import shutil
import subprocess
import unittest

import lab


def read(name):
    with open(os.path.join(lab.ROOT, name)) as file:
        return file.read()


def plain(page):
    """A manual page's words: what is a flag in it has its hyphens."""
    return re.sub(r"Fl -", "--", re.sub(r"Fl (?=\w)", "-", page.replace(r"\-", "-")))


@unittest.skipUnless(os.access(lab.NETMIBD, os.X_OK), "netmibd is not built")
class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        usage = subprocess.run([lab.NETMIBD, "--help"], capture_output=True, text=True,
                               env=lab.environment(), check=True).stdout
        lines = "\n".join(line for line in usage.splitlines() if re.match(r" +-", line))
        cls.options = set(re.findall(r"(?<![\w-])--?\w[\w-]*", lines))
        assert {"--check", "--socket", "-x", "-h"} <= cls.options, usage

    def assert_names(self, text, options):
        words = set(re.findall(r"(?<![\w-])--?\w[\w-]*", text))
        self.assertEqual(options - words, set())

    def test_manual(self):
        items = re.findall(r"^\.(?:It|Op|Nm|Pq) .*", read("agent/netmibd.8"), re.M)
        self.assert_names(plain("\n".join(i for i in items if i.startswith(".It"))),
                          self.options)

    def test_bash_file(self):
        self.assert_names(read("completion/netmibd.bash"), self.options)

    def test_zsh_file(self):
        self.assert_names(read("completion/_netmibd"), self.options)

    def complete(self, *words):
        """What bash offers for the last of words."""
        script = ('. completion/netmibd.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '_netmibd; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", "netmibd", *words],
                              cwd=lab.ROOT, capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_bash(self):
        self.assertLessEqual(self.options, self.complete(""))
        self.assertEqual(self.complete("--che"), {"--check"})
        self.assertEqual(self.complete("-D", "m"), {"mirror"})
        self.assertEqual(self.complete("-L", "s"), {"s", "sd", "su", "sl0"})
        self.assertIn("agent/netmibd.8", self.complete("-c", "agent/netm"))
        self.assertEqual(self.complete("--pidfile", "=", "LICEN"), {"LICENSE"})
        self.assertIn("root", self.complete("-u", "roo"))
        self.assertIn("udp:127.0.0.1:161", self.complete("--check", "="))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        subprocess.run(["zsh", "-n", "completion/_netmibd"], cwd=lab.ROOT, check=True)


class Tokens(unittest.TestCase):
    def test_manual(self):
        """Each token of ours has an item, and each item is a token."""
        table = read("agent/agentx/config.c").split("own_tokens[] = {")[1].split("};")[0]
        known = set(re.findall(r'\{ "(\w+)"', table))
        items = set(re.findall(r"^\.It Ic (netmibd\w+)", read("agent/netmibd.conf.5"), re.M))
        self.assertGreater(len(known), 10)
        self.assertEqual(known, items)
