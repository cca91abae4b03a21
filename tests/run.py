#!/usr/bin/python3
"""Runs all tests: the unit tests, the layers, the MIB modules, the system tests.

    tests/run.py [-v] [-b] [-j N] [PATTERN ...]

One line per test with its time, what a failed one printed, the ten slowest, and as the
last line the count. PATTERN picks tests: a part of a name, or with * and ? all of it; -v
shows what the tests print also when they pass. B is the folder of the build (build);
SANITIZED=1 says that it was built with the sanitizers; VALGRIND=1 runs netmibd by valgrind. Exit status 1 if anything failed.

The system tests are dealt out to N processes (2), each of which has network namespaces of
its own: test by test, but for classes whose tests share a lab (setUpClass). Those that are
marked by @lab.alone measure time, or are such a load that others would be late; they run
one by one when all others are through. -j 1: everything one by one. -b: only those that
can run beside others.
"""

import contextlib
import ctypes
import fnmatch
import getopt
import importlib
import io
import itertools
import json
import os
import re
import select
import signal
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

PR_SET_PDEATHSIG = 1
SLOWEST = 10

verbose = False
counts = {"passed": 0, "failed": 0, "skipped": 0}
times = []
outlet = None  # in a process beside: where what finish() is told goes


def indent(text):
    return "".join("    " + line + "\n" for line in text.rstrip().split("\n"))


def finish(result, name, seconds, reason="", output="", number=None):
    """A test has ended. number: {result: how many}, if the line stands for several."""
    if outlet:
        print(json.dumps([result, name, seconds, reason, output, number]), file=outlet,
              flush=True)
        return
    for what, count in (number or {result: 1}).items():
        counts[what] += count
    times.append((seconds, name))
    text = f"{result:7} {seconds:7.2f} s  {name}{': ' + reason if reason else ''}\n"
    if output.strip() and (result == "failed" or verbose):
        text += indent(output)
    print(text, end="", flush=True)


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
    finish("failed" if failed else "passed", name, seconds,
           f"{ran} tests, {failed} failed", output, {"passed": passed, "failed": failed})


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


def system_tests(patterns):
    """Lists of the tests that run in one go: one, or those of a class that shares a lab."""
    for file in sorted(os.listdir(os.path.join(TESTS, "system"))):
        if not re.fullmatch(r"test_\w+\.py", file):
            continue
        try:
            module = importlib.import_module(file[:-3])
        except Exception:  # whatever it is, it is a failure of that module
            finish("failed", file[:-3], 0, "", traceback.format_exc())
            continue
        loaded = unittest.defaultTestLoader.loadTestsFromModule(module)
        tests = [test for test in flatten(loaded) if wanted(name_of(test), patterns)]
        for kind, group in itertools.groupby(tests, type):
            if kind.setUpClass.__func__ is unittest.TestCase.setUpClass.__func__:
                yield from ([test] for test in group)
            else:
                yield list(group)


def run_tests(tests):
    unittest.TestSuite(tests).run(Case())


def is_alone(test):
    return getattr(test, "alone", False) or getattr(
        getattr(test, test._testMethodName), "alone", False)


class Job:
    """What is run in one go, by one process."""

    def __init__(self, name, function, *arguments):
        self.name, self.function, self.arguments = name, function, arguments

    def __call__(self):
        self.function(*self.arguments)


def jobs_of(patterns):
    """What can run beside other tests, and what cannot."""
    beside, alone = [], []
    build = os.path.join(ROOT, os.environ["B"])
    if wanted("unit", patterns):
        beside.append(Job("unit", run_unit, os.path.join(build, "unit")))
    for script in ("layers.sh", "mibs.sh"):
        if wanted(script, patterns):
            beside.append(Job(script, run_script, os.path.join(TESTS, script)))
    reason = lab.unavailable()
    for tests in system_tests(patterns):
        if reason:
            for test in tests:
                finish("skipped", name_of(test), 0, reason)
        else:
            where = alone if any(map(is_alone, tests)) else beside
            where.append(Job(name_of(tests[0]), run_tests, tests))
    return beside, alone


# Beside each other

class Worker:
    """A process that runs the jobs whose numbers it is told, one at a time, until it is
    told an empty line. It tells of each test, and of a job's end by an empty line."""

    def __init__(self, jobs):
        orders, self.orders = os.pipe()
        self.told, tells = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            self._serve(jobs, orders, tells)
        os.close(orders)
        os.close(tells)
        self.jobs, self.job, self.rest = jobs, None, b""

    @staticmethod
    def _serve(jobs, orders, tells):
        global outlet
        status = 1
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            outlet = os.fdopen(tells, "w")
            for line in os.fdopen(orders):
                if not line.strip():
                    break
                jobs[int(line)]()
                print(file=outlet, flush=True)
            status = 0
        except (KeyboardInterrupt, SystemExit):
            pass
        except BaseException:
            traceback.print_exc()
        finally:
            lab.close_all()
            sys.stdout.flush()
            os._exit(status)

    def order(self, number):
        self.job = number
        os.write(self.orders, f"{'' if number is None else number}\n".encode())

    def hear(self):
        """Takes what it says now. False: its job has ended, or (.job) it itself."""
        said = os.read(self.told, 65536)
        *lines, self.rest = (self.rest + said).split(b"\n")
        for line in lines:
            if not line:
                self.job = None
                return False
            finish(*json.loads(line))
        if not said:
            finish("failed", self.jobs[self.job].name, 0, "its process has ended")
        return bool(said)

    def end(self, number):
        """Ends it, by a signal if that is not 0."""
        if number:
            os.kill(self.pid, number)
        else:
            self.order(None)
        os.close(self.orders)
        os.close(self.told)
        os.waitpid(self.pid, 0)


def run_beside(jobs, number):
    left = list(range(len(jobs)))
    workers = {}
    try:
        while left or workers:
            while left and len(workers) < number:
                worker = Worker(jobs)
                workers[worker.told] = worker
                worker.order(left.pop(0))
            for told in select.select(list(workers), [], [])[0]:
                worker = workers[told]
                if worker.hear():
                    continue
                if worker.job is None and left:
                    worker.order(left.pop(0))
                else:
                    del workers[told]
                    worker.end(signal.SIGKILL if worker.job is not None else 0)
    finally:
        for worker in workers.values():
            worker.end(signal.SIGTERM)


def main():
    global verbose
    try:
        options, patterns = getopt.gnu_getopt(sys.argv[1:], "bvj:")
        number = int(dict(options).get("-j", 2))
        if number < 1:
            raise ValueError
    except (getopt.GetoptError, ValueError):
        print(__doc__)
        return 2
    verbose = ("-v", "") in options
    lab.guard()
    beside, alone = jobs_of(patterns)
    if ("-b", "") in options:
        alone = []
    if number > 1:
        run_beside(beside, number)
    else:
        alone = beside + alone
    for job in alone:
        job()
    if len(times) > SLOWEST:
        print("\nslowest:")
        for seconds, name in sorted(times, reverse=True)[:SLOWEST]:
            print(f"        {seconds:7.2f} s  {name}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
