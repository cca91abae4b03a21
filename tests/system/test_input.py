"""Questions that no well-meaning client asks: the exact exceptions of GET, the right
successors of GETNEXT, whatever the sub-identifiers are."""

import bisect
import os
import random
import time

import lab
import mib
import snmp

MANY = (2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)


class Input:
    """In both modes; mode says which."""

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.make_class_lab(ipv6=False)
        cls.lab.batch(
            ["link add index 20 name gone type ifb", "link add index 5 name a5 type ifb",
             "link add index 9 name a9 type ifb", "link add index 300 name a300 type bridge", "link set a9 master a300",
             "link add index 70000 name a70000 type veth peer name p "
             "index 70001",
             "link add link a70000 name mv index 70002 type macvlan",
             "link set mv up", "link set a70000 up"])
        cls.vanished = 20
        cls.daemon = cls.lab.start(cls.mode)
        cls.client = cls.lab.client()
        cls.lab.ip("link del gone")
        time.sleep(0.5)
        cls.all = mib.walk_all(cls.client)
        cls.order = sorted(cls.all)

    def successor(self, asked):
        """The first instance of ours behind asked, or None if it lies in the next root."""
        at = bisect.bisect_right(self.order, asked)
        return self.order[at] if at < len(self.order) else None

    def check_next(self, asked):
        name, value = self.client.next(asked)[0]
        wanted = self.successor(asked)
        if wanted and self.foreign(asked, wanted):
            return  # rows of the master's own may lie in between
        if wanted is None:
            self.assertNotIn(name, self.all, snmp.show(asked))
        else:
            self.assertEqual(name, wanted, f"GETNEXT of {snmp.show(asked)}")
            self.assertEqual(value.tag, self.all[wanted].tag)

    @staticmethod
    def foreign(asked, wanted):
        return not any(asked[:7] == root and wanted[:7] == root for root in mib.ROOTS)

    def expect(self, wanted, *names):
        for name in names:
            self.assertEqual(self.client.get(name)[0], wanted, snmp.show(name))

    def test_get_of_every_instance(self):
        for at in range(0, len(self.order), 30):
            names = self.order[at:at + 30]
            for name, value in zip(names, self.client.get(*names)):
                self.assertEqual(value.tag, self.all[name].tag)
                if not mib.is_moving(name):
                    self.assertEqual(value, self.all[name], snmp.show(name))

    def test_get_of_a_missing_row(self):
        for column in (1, 2, 9, 10, 21, 22):
            self.expect(snmp.NO_INSTANCE, *(
                mib.IF_TABLE + (1, column, index)
                for index in (0, 2, 4, 6, 299, 301, self.vanished, 69999) + MANY))
        self.expect(snmp.NO_INSTANCE, *(
            mib.IF_XTABLE + (1, column, self.vanished) for column in range(1, 20)))

    def test_get_with_a_truncated_or_an_over_long_index(self):
        for column in (1, 10, 22):
            at = mib.IF_TABLE + (1, column)
            self.expect(snmp.NO_INSTANCE, at, at + (5, 0), at + (5, 5), at + (5, 0, 0, 0),
                        at + (5,) + (1,) * 100, at + (0, 5), at + (1, 2**32 - 1))
        at = mib.IF_STACK + (1, 3)
        self.expect(snmp.NO_INSTANCE, at, at + (300,), at + (300, 9, 0), at + (0,),
                    at + (9, 300), at + (0, 0), at + (2**32 - 1, 0))
        at = mib.IF_INV_STACK + (1, 1)
        self.expect(snmp.NO_INSTANCE, at, at + (9,), at + (9, 300, 0), at + (0, 0),
                    at + (300, 9))

    def test_get_of_a_wrong_receive_address(self):
        at = mib.IF_RCV + (1, 2)
        good = next(name for name in self.order if name[:12] == at + (5,))[11:]
        self.assertFalse(self.client.get(at + good)[0].exception)
        short, octets = good[:2], good[2:]
        self.expect(
            snmp.NO_INSTANCE, at, at + (5,), at + short, at + good[:-1], at + good + (0,),
            at + (5, 5) + octets, at + (5, 7) + octets, at + (5, 0), at + (5,) + octets,
            at + short + octets[:-1] + (256,), at + short + octets[:-1] + (2**32 - 1,),
            at + short + octets[:-1] + (octets[-1] + 256,), at + (5, 2**32 - 1) + octets,
            at + (4,) + good[1:])

    def test_get_of_columns_that_do_not_exist(self):
        for root, last in ((mib.IF_TABLE, 22), (mib.IF_XTABLE, 19)):
            self.expect(snmp.NO_OBJECT, *(
                root + (1, column, 5) for column in (0, last + 1, 100, 255, 256) + MANY))
            self.expect(snmp.NO_OBJECT, *(
                root + (1, column) for column in (0, last + 1) + MANY))
        self.expect(snmp.NO_OBJECT, mib.IF_STACK + (1, 4, 5, 0), mib.IF_RCV + (1, 4, 5, 0),
                    mib.IF_INV_STACK + (1, 2, 5, 0), mib.IF_INV_STACK + (1, 0, 5, 0))

    def test_get_of_columns_that_are_not_accessible(self):
        for name in (mib.IF_STACK + (1, 1, 300, 9), mib.IF_STACK + (1, 2, 300, 9),
                     mib.IF_RCV + (1, 1, 5, 0)):
            self.assertTrue(self.client.get(name)[0].exception)

    def test_get_of_tables_and_entries(self):
        for root in (mib.IF_TABLE, mib.IF_XTABLE, mib.IF_STACK, mib.IF_RCV,
                     mib.IF_INV_STACK):
            self.expect(snmp.NO_OBJECT, root, root + (1,), root + (0,), root + (2,),
                        root + (2, 1, 5), root + (0, 1, 5), root + (2**32 - 1, 1, 5))

    def test_get_of_scalars(self):
        for name in (mib.IF_NUMBER, mib.IF_TABLE_LAST_CHANGE, mib.IF_STACK_LAST_CHANGE):
            at = name[:-1]
            self.assertFalse(self.client.get(name)[0].exception)
            for wrong in (at, at + (1,), at + (0, 0), at + (0, 1), at + (2**32 - 1,)):
                self.assertTrue(self.client.get(wrong)[0].exception, snmp.show(wrong))
            self.expect(snmp.NO_INSTANCE, at + (1,), at + (0, 0))

    def test_next_of_every_instance(self):
        for name in self.order:
            self.check_next(name)

    def test_next_around_every_instance(self):
        step = max(1, len(self.order) // 60)
        for name in self.order[::step]:
            for asked in (name[:-1], name + (0,), name + (2**32 - 1,), name[:-2],
                          name[:-1] + (2**32 - 1,), name[:-1] + (2**31,),
                          name[:-1] + (name[-1] + 1,),
                          name[:-1] + (max(0, name[-1] - 1),)):
                self.check_next(asked)

    def test_next_from_strange_columns(self):
        for root in (mib.IF_TABLE, mib.IF_XTABLE, mib.IF_STACK, mib.IF_RCV,
                     mib.IF_INV_STACK):
            for tail in ((), (0,), (1,), (1, 0), (1, 0, 7), (1, 2**31), (1, 2**32 - 1),
                         (1, 2**32 - 1, 5), (1, 23, 5), (2,), (2, 1), (2**32 - 1,),
                         (0, 2**32 - 1), (1, 1, 0), (1, 1, 2**32 - 1), (1, 2, 2**31),
                         (1, 3) + (2**32 - 1,) * 50, (1, 2, 5) + (1,) * 100):
                self.check_next(root + tail)

    def test_next_of_128_sub_identifiers(self):
        for root in (mib.IF_TABLE, mib.IF_RCV, mib.IF_INV_STACK):
            for sub in (0, 1, 2**32 - 1):
                asked = root + (1, 2, 5)
                self.check_next(asked + (sub,) * (128 - len(asked)))

    def test_next_from_random_oids(self):
        print("SEED", SEED)
        dice = random.Random(SEED)
        for _ in range(400 if lab.SANITIZED else 2000):
            name = list(dice.choice(self.order))
            for _ in range(dice.randrange(1, 4)):
                place = dice.randrange(7, len(name) + 1)
                how = dice.randrange(4)
                if how == 0:
                    del name[place:]
                elif how == 1 and place < len(name):
                    name[place] = dice.choice(
                        (0, 1, 127, 128, 255, 256, 2**31 - 1, 2**31, 2**32 - 1,
                         dice.randrange(2**32), name[place] + 1, max(0, name[place] - 1)))
                elif how == 2 and len(name) < 120:
                    name.insert(place, dice.choice((0, 1, 2**32 - 1)))
                elif how == 3 and len(name) < 100:
                    name += [dice.randrange(2**32) for _ in range(dice.randrange(1, 20))]
            self.check_next(tuple(min(sub, 2**32 - 1) for sub in name))

    def test_bulk_from_random_oids(self):
        print("SEED", SEED)
        dice = random.Random(SEED)
        for _ in range(100 if lab.SANITIZED else 400):
            asked = [self.cut(dice) for _ in range(dice.randrange(1, 6))]
            first = dice.randrange(0, len(asked) + 1)
            repetitions = dice.randrange(0, 12)
            found = self.client.bulk(asked, repetitions, first)
            width = len(asked) - first
            self.assertEqual(len(found), first + repetitions * width)
            for at, (name, _) in enumerate(found):
                row = (at - first) // width if at >= first else 0
                source = (asked[at] if at < first else
                          asked[first + (at - first) % width] if row == 0 else
                          found[at - width][0])
                wanted = self.successor(source)
                if wanted and not self.foreign(source, wanted):
                    self.assertEqual(name, wanted, (asked, first, repetitions, at))

    def cut(self, dice):
        name = dice.choice(self.order)
        return name[:dice.randrange(7, len(name) + 1)]


class StandaloneInput(Input, lab.Test):
    mode = "standalone"


class AgentXInput(Input, lab.Test):
    mode = "agentx"


class Garbage(lab.Test):
    """Datagrams that are no SNMP: no answer, no harm."""

    def test_standalone_survives_random_datagrams(self):
        print("SEED", SEED)
        dice = random.Random(SEED)
        laboratory = self.make_lab()
        laboratory.start("standalone")
        client = laboratory.client()
        good = snmp.encode(snmp.V2C, b"public", snmp.GETBULK, 77, 0, 10,
                           [mib.IF_TABLE, mib.IF_RCV + (1, 2, 5, 6)])
        for number in range(300 if lab.SANITIZED else 1500):
            data = bytearray(good)
            for _ in range(dice.randrange(1, 5)):
                how = dice.randrange(3)
                if how == 0 and len(data) > 1:
                    del data[dice.randrange(len(data)):]
                elif how == 1 and data:
                    data[dice.randrange(len(data))] = dice.randrange(256)
                else:
                    data.insert(dice.randrange(len(data) + 1), dice.randrange(256))
            client.socket.sendto(bytes(data), client.address)
            if number % 50 == 0:
                self.still_there(laboratory)
        self.still_there(laboratory)

    def still_there(self, laboratory):
        client = laboratory.client()
        self.assertEqual(client.value(mib.cell("ifName", 1)), b"lo")
        client.close()
