"""The soak of the bench, for some seconds: links come and go by dozens while four walk, one
asks and one sets. tests/bench/soak.py does the same for as long as one likes."""

import importlib.util
import os

import lab

SECONDS = float(os.environ.get("SOAK_SECONDS", "4"))
RATE = 300
GROWTH = 1.2  # of memory, while it is still warming up


def soak_of_the_bench():
    """Not by its folder, which has a lab.py of its own."""
    path = os.path.join(lab.ROOT, "tests", "bench", "soak.py")
    spec = importlib.util.spec_from_file_location("soak", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lab.alone
class Soak(lab.Test):
    def soak(self, mode):
        soak = soak_of_the_bench()
        laboratory = self.make_lab(ipv6=False)
        laboratory.tokens = soak.TOKENS
        run = soak.Soak(laboratory, laboratory.start(mode), RATE, growth=GROWTH)
        found = run.run(SECONDS * lab.PATIENCE, print, SECONDS * lab.PATIENCE / 2)
        self.assertEqual(found, [])
        for worker in run.workers:
            self.assertGreater(worker.steps, 0, worker.step.__name__)

    def test_standalone(self):
        self.soak("standalone")

    def test_agentx(self):
        self.soak("agentx")
