#!/usr/bin/python3
"""Runs all tests: the unit tests, the layers, the MIB modules, the system tests.

    tests/run.py [-v] [PATTERN ...]

One line per test with its time, what a failed one printed, and as the last line the
count. PATTERN picks tests: a part of a name, or with * and ? all of it; -v shows what
the tests print also when they pass. B is the folder of the build (build); SANITIZED=1
says that it was built with the sanitizers. Exit status 1 if anything failed.
"""

import contextlib
import fnmatch
import importlib
import io
import os
import re
import subprocess
import sys
import time
import traceback
import unittest

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "system"))
os.environ.setdefault("B", "build")

import lab  # noqa: E402  (it reads B)

counts = {"passed": 0, "failed": 0, "skipped": 0}


def tell(result, name, seconds, reason=""):
    print(f"{result:7} {seconds:7.2f} s  {name}{': ' + reason if reason else ''}",
          flush=True)


def indent(text):
    return "".join("    " + line + "\n" for line in text.rstrip().split("\n"))


def finish(result, name, seconds, reason="", output=""):
    counts[result] += 1
    tell(result, name, seconds, reason)
    if output.strip() and (result == "failed" or "-v" in sys.argv):
        print(indent(output), end="", flush=True)


# Programs

def run_program(argv, env=None):
    begin = time.monotonic()
    try:
        done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, env=env,
                              stderr=subprocess.STDOUT, errors="replace", timeout=600)
        return done.returncode, done.stdout, time.monotonic() - begin
    except subprocess.TimeoutExpired as late:
        return -1, f"{late}\n{late.stdout or ''}", time.monotonic() - begin


def run_script(path):
    name = os.path.relpath(path, ROOT)
    if not os.path.exists(path):
        return
    status, output, seconds = run_program([path])
    if status == 77:
        finish("skipped", name, seconds, output.strip().split("\n")[-1])
    else:
        finish("failed" if status else "passed", name, seconds, "", output)


def run_unit(path):
    """CUnit tells of each test; the numbers of its summary are the ones that count."""
    name = os.path.relpath(path, ROOT)
    if not os.access(path, os.X_OK):
        finish("skipped", name, 0, "not built")
        return
    status, output, seconds = run_program([path])
    row = re.search(r"^\s*tests\s+\d+\s+(\d+)\s+(\d+)\s+(\d+)", output, re.M)
    ran, passed, failed = map(int, row.groups()) if row else (0, 0, 0)
    if not failed and (status or not ran):
        failed = 1  # it died, or told nothing
    counts["passed"] += passed
    counts["failed"] += failed
    tell("failed" if failed else "passed", name, seconds, f"{ran} tests, {failed} failed")
    if failed or "-v" in sys.argv:
        print(indent(output), end="", flush=True)


# System tests

class Result(unittest.TestResult):
    """Tells of each test when it ends."""

    def __init__(self):
        super().__init__()
        self.begin, self.subtests = 0.0, []

    def startTest(self, test):
        super().startTest(test)
        self.begin, self.subtests = time.monotonic(), []
        self.outcome = ("passed", "", "")
        self.capture = io.StringIO()
        self.redirect = contextlib.redirect_stdout(self.capture)
        self.redirect.__enter__()

    def stopTest(self, test):
        super().stopTest(test)
        self.redirect.__exit__(None, None, None)
        result, reason, text = self.outcome
        finish(result, name_of(test), time.monotonic() - self.begin, reason,
               self.capture.getvalue() + text)

    def _trouble(self, test, error):
        text = self._exc_info_to_string(error, test)  # without unittest's own frames
        if self._testing(test):
            self.outcome = ("failed", "", self.outcome[2] + text)
        else:  # setUpClass and the like
            finish("failed", str(test), 0, "", text)

    def _testing(self, test):
        return getattr(self, "current", None) is test

    def addError(self, test, err):
        self._trouble(test, err)

    def addFailure(self, test, err):
        self._trouble(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self._trouble(test, err)
            self.outcome = ("failed", "", self.outcome[2] + f"in {subtest}\n\n")

    def addSkip(self, test, reason):
        if self._testing(test):
            if self.outcome[0] != "failed":
                self.outcome = ("skipped", reason, "")
        else:
            finish("skipped", str(test), 0, reason)


class Case(Result):
    def startTest(self, test):
        self.current = test
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.current = None


def name_of(test):
    return test.id()


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


def wanted(name, patterns):
    return not patterns or any(
        fnmatch.fnmatch(name, p) if set("*?") & set(p) else p in name for p in patterns)


def run_system(patterns):
    reason = lab.unavailable()
    for file in sorted(os.listdir(os.path.join(TESTS, "system"))):
        if not re.fullmatch(r"test_\w+\.py", file):
            continue
        name = file[:-3]
        try:
            module = importlib.import_module(name)
        except Exception:  # whatever it is, it is a failure of that module
            finish("failed", name, 0, "", traceback.format_exc())
            continue
        loaded = unittest.defaultTestLoader.loadTestsFromModule(module)
        tests = [test for test in flatten(loaded) if wanted(name_of(test), patterns)]
        if reason:
            for test in tests:
                finish("skipped", name_of(test), 0, reason)
        else:
            unittest.TestSuite(tests).run(Case())


def main():
    patterns = [arg for arg in sys.argv[1:] if arg != "-v"]
    if any(p.startswith("-") for p in patterns):
        print(__doc__)
        return 2
    lab.guard()
    build = os.path.join(ROOT, os.environ["B"])
    if wanted("unit", patterns):
        run_unit(os.path.join(build, "unit"))
    for script in ("layers.sh", "mibs.sh"):
        if wanted(script, patterns):
            run_script(os.path.join(TESTS, script))
    run_system(patterns)
    print(", ".join(f"{number} {what}" for what, number in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
