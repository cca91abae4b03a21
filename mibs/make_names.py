#!/usr/bin/env python3
"""Write mibs/names/NETMIBD-NAMES.txt from tests/facts/: make_names.py [--check]

The module gives Net-SNMP's programs names, labels and the form of indexes for what netmibd serves,
where the IETF's modules are not installed. It stands alone: no IMPORTS, conventions are defined
inside, and its name is none of theirs. All of it is facts: there is no text in it. With --check
nothing is written: it fails when the file differs.
"""
import csv
import os
import re
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
FACTS = os.path.join(os.path.dirname(HERE), 'tests', 'facts')
OUT = os.path.join(HERE, 'names', 'NETMIBD-NAMES.txt')
WIDTH = 100
HARD_SPACE = '\0'

# RFC1213-MIB comes last: what a younger module defines is taken from that one.
MODULES = ('SNMPv2-MIB', 'IF-MIB', 'IF-INVERTED-STACK-MIB', 'IP-MIB', 'IP-FORWARD-MIB', 'NETMIBD-MIB',
           'RFC1213-MIB')
# Of RFC1213-MIB: tcp, udp and egp, which netmibd does not serve, and TCP-MIB and UDP-MIB know better.
LEFT_OUT = ('1.3.6.1.2.1.6.', '1.3.6.1.2.1.7.', '1.3.6.1.2.1.8.')
# Nodes that are values and not the way to an object: of RowPointer and its like, and of sysORID.
VALUES = ('0.0', '1.3.6.1.4.1.8072.9999.9999.2863.4.')
ROOTS = {'0': '0', '1': 'iso'}

HEAD = """\
NETMIBD-NAMES DEFINITIONS ::= BEGIN

-- Names for what netmibd serves, for programs of Net-SNMP, where nothing else is installed.
-- Made by make_names.py from the facts of these modules; do not edit:
-- %s
--
-- It is written for Net-SNMP's parser, which knows macros and base types without IMPORTS. Rows are
-- plain SEQUENCEs, since that parser warns of any other type that is no textual convention.

"""


class NamesError(Exception):
    pass


def key(oid):
    return [int(sub) for sub in oid.split('.')]


def read(name):
    with open(os.path.join(FACTS, name + '.tsv'), encoding='ascii', newline='') as file:
        return list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))


def objects():
    """The lines of the facts that make the module, by OID; one for each OID and each name."""
    found = {}
    for module in MODULES:
        for line in read(module):
            if not (module == 'RFC1213-MIB' and line['oid'].startswith(LEFT_OUT)):
                found.setdefault(line['oid'], line)
    lines = sorted(found.values(), key=lambda line: key(line['oid']))
    if len({line['object'] for line in lines}) != len(lines):
        raise NamesError('a name has two OIDs')
    return lines


class Conventions:
    """The textual conventions by name. One name can mean two things in two modules, here it cannot:
    objects of the older module are written without it."""

    def __init__(self, lines):
        self.by_module = {(c['module'], c['convention']): c for c in read('conventions')}
        self.by_name = {}
        for line in lines:
            if line.get('tc'):
                self.by_name.setdefault(line['tc'], self.meant(line))

    def meant(self, line):
        """What the convention of an object means in its own module."""
        name = line['tc']
        if (line['module'], name) in self.by_module:
            return self.by_module[line['module'], name]
        found = [c for (module, other), c in self.by_module.items() if other == name and module not in MODULES]
        found = found or [c for (module, other), c in self.by_module.items()
                          if other == name and module != 'RFC1213-MIB']
        if len(found) != 1:
            raise NamesError('%s: %d conventions of the name %s' % (line['object'], len(found), name))
        return found[0]

    def usable(self, line):
        return bool(line['tc']) and self.by_name[line['tc']] is self.meant(line)


def limits(base, fact):
    """The part of a SYNTAX clause behind the type."""
    if fact['enumeration']:
        return ' { %s }' % ', '.join('%s(%s)' % tuple(e.rsplit('=', 1)) for e in fact['enumeration'].split(','))
    if not fact['range']:
        return ''
    parts = [part.split('..') for part in fact['range'].split('|')]
    text = ' | '.join(low if low == high else '%s..%s' % (low, high) for low, high in parts)
    return ' (SIZE (%s))' % text if base == 'OCTET STRING' else ' (%s)' % text


def wrap(text):
    """Lines of at most WIDTH; short pairs of brackets stay in one."""
    text = re.sub(r'\(SIZE [^)]*\)\)|\([^)]*\)|\{ [\w-]+( \d+)* \}|::= ', lambda m: m[0].replace(' ', HARD_SPACE), text)
    return textwrap.fill(text, WIDTH, subsequent_indent='    ', break_long_words=False,
                         break_on_hyphens=False).replace(HARD_SPACE, ' ') + '\n'


def convention(name, fact):
    hint = 'DISPLAY-HINT "%s" ' % fact['hint'] if fact['hint'] else ''
    return wrap('%s ::= TEXTUAL-CONVENTION %sSTATUS %s SYNTAX %s%s' % (
        name, hint, fact['status'], fact['base'], limits(fact['base'], fact)))


def index(fact):
    if fact.startswith('augments:'):
        return ' AUGMENTS { %s }' % fact.split(':')[1]
    if not fact:
        return ''
    names = [('IMPLIED ' + name.rstrip('*')) if name.endswith('*') else name for name in fact.split(',')]
    return ' INDEX { %s }' % ', '.join(names)


def notification(line):
    return '%s NOTIFICATION-TYPE%s STATUS %s' % (
        line['object'], ' OBJECTS { %s }' % line['objects'].replace(',', ', ') if line['objects'] else '',
        line['status'])


class Module:
    def __init__(self):
        self.objects = objects()
        self.conventions = Conventions(self.objects)
        self.nodes = self.needed_nodes()
        self.names = {n['oid']: n['node'] for n in self.nodes}
        self.names.update((o['oid'], o['object']) for o in self.objects)
        self.names.update(ROOTS)

    def needed_nodes(self):
        """The nodes above objects, and those that are values."""
        above = {o['oid'][:i] for o in self.objects for i, c in enumerate(o['oid']) if c == '.'}
        found = {}
        for node in read('nodes'):
            if node['oid'] in above or node['oid'].startswith(VALUES):
                if found.setdefault(node['oid'], node)['node'] != node['node']:
                    raise NamesError('%s has two names' % node['oid'])
        return list(found.values())

    def place(self, oid):
        """::= { parent number }"""
        parent, numbers = oid, []
        while parent not in self.names or parent == oid:
            parent, number = parent.rsplit('.', 1)
            numbers.insert(0, number)
        return '::= { %s %s }' % (self.names[parent], ' '.join(numbers))

    def syntax(self, line):
        if line['kind'] == 'table':
            return 'SEQUENCE OF SEQUENCE'
        if line['kind'] == 'row':
            return 'SEQUENCE'
        if not self.conventions.usable(line):
            return line['base'] + limits(line['base'], line)
        meant = self.conventions.meant(line)
        same = all(meant[c] == line[c] for c in ('range', 'enumeration'))
        return line['tc'] + ('' if same else limits(line['base'], line))

    def object(self, line):
        if line['kind'] == 'notification':
            return notification(line)
        units = ' UNITS "%s"' % line['units'] if line['units'] else ''
        return '%s OBJECT-TYPE SYNTAX %s%s MAX-ACCESS %s STATUS %s%s' % (
            line['object'], self.syntax(line), units, line['access'], line['status'], index(line['index']))

    def text(self):
        parts = [HEAD % ', '.join(MODULES)]
        parts += [convention(name, fact) for name, fact in sorted(self.conventions.by_name.items())
                  if self.in_use(name)]
        parts.append('\n')
        every = [(n['oid'], '%s OBJECT IDENTIFIER' % n['node']) for n in self.nodes]
        every += [(o['oid'], self.object(o)) for o in self.objects]
        parts += [wrap('%s %s' % (text, self.place(oid))) for oid, text in sorted(every, key=lambda e: key(e[0]))]
        return ''.join(parts) + '\nEND\n'

    def in_use(self, name):
        return any(o['tc'] == name and self.conventions.usable(o) for o in self.objects)


def main(argv):
    if argv not in ([], ['--check']):
        print('usage: make_names.py [--check]', file=sys.stderr)
        return 2
    text = Module().text()
    if argv:
        with open(OUT, encoding='ascii', newline='') as file:
            if file.read() == text:
                return 0
        print('make_names.py: %s is not what the facts say' % os.path.basename(OUT), file=sys.stderr)
        return 1
    os.makedirs(os.path.dirname(OUT), exist_ok=True)
    with open(OUT, 'w', encoding='ascii', newline='\n') as file:
        file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
