#!/usr/bin/env python3
"""Write mibs/names/NETMIBD-NAMES.txt from tests/facts/: make_names.py [--check]

The module gives Net-SNMP's programs names, labels and the form of indexes for what netmibd serves,
where the IETF's modules are not installed. It stands alone: nothing is imported, conventions are
defined inside, and its name is none of theirs. All of it is facts; there is no text in it. With
--check nothing is written: it fails when the file differs.
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
HARD_SPACE = '\0'           # one at which no line is broken

# An object that several modules define is as in the first of them.
OLD = 'RFC1213-MIB'
MODULES = ('SNMPv2-MIB', 'IF-MIB', 'IF-INVERTED-STACK-MIB', 'IP-MIB', 'IP-FORWARD-MIB',
           'NETMIBD-MIB', OLD)
# Of the old module: tcp, udp and egp. netmibd does not serve them, and two have younger modules.
LEFT_OUT = ('1.3.6.1.2.1.6.', '1.3.6.1.2.1.7.', '1.3.6.1.2.1.8.')
# What is a value, with all below it, and not the way to an object: zeroDotZero, netSnmpAgentOIDs
# (of sysObjectID) and netmibdCapabilities (of sysORID).
VALUES = ('0.0', '1.3.6.1.4.1.8072.3.2', '1.3.6.1.4.1.8072.9999.9999.2863.4')
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


# ---- what is in the module

def read_objects():
    """The lines of the facts, by OID; one for each OID and each name."""
    found = {}
    for module in MODULES:
        for line in read(module):
            if not (module == OLD and line['oid'].startswith(LEFT_OUT)):
                found.setdefault(line['oid'], line)
    if len({line['object'] for line in found.values()}) != len(found):
        raise NamesError('a name has two OIDs')
    return sorted(found.values(), key=lambda line: key(line['oid']))


def read_conventions(objects):
    """{name: line}; takes the name from those objects that mean another one by it: those of the
    old module have no hint, and here a name has one meaning."""
    lines = read('conventions')
    old = {line['convention'] for line in lines if line['module'] == OLD}
    young = {line['convention']: line for line in lines if line['module'] != OLD}
    if len(young) + len(old) != len(lines):
        raise NamesError('two younger modules define one convention')
    for line in objects:
        if line['module'] == OLD and line['tc'] in old:
            line['tc'] = ''
    return {name: young[name] for name in sorted({o['tc'] for o in objects} - {''})}


def read_nodes(objects):
    """The nodes above the objects and the values, and what is a value."""
    oids = [o['oid'] for o in objects] + [value + '.' for value in VALUES]
    above = {oid[:at] for oid in oids for at, c in enumerate(oid) if c == '.'}
    below = tuple(value + '.' for value in VALUES)
    found = {}
    for node in read('nodes'):
        if node['oid'] in above or node['oid'].startswith(below):
            if found.setdefault(node['oid'], node['node']) != node['node']:
                raise NamesError('%s has two names' % node['oid'])
    return found


# ---- how it is written

def wrap(text):
    """Lines of at most WIDTH; short brackets are not broken."""
    text = re.sub(r'\(SIZE \([^)]*\)\)|\([^)]*\)|(::= )?\{ [\w-]+( \d+)* \}',
                  lambda match: match[0].replace(' ', HARD_SPACE), text)
    text = textwrap.fill(text, WIDTH, subsequent_indent='    ', break_long_words=False,
                         break_on_hyphens=False)
    return text.replace(HARD_SPACE, ' ') + '\n'


def limited(name, fact):
    """A type with its enumeration or range, if there is one."""
    if fact['enumeration']:
        labels = [label.rsplit('=', 1) for label in fact['enumeration'].split(',')]
        return '%s { %s }' % (name, ', '.join('%s(%s)' % tuple(label) for label in labels))
    if not fact['range']:
        return name
    parts = [part.split('..') for part in fact['range'].split('|')]
    text = ' | '.join(low if low == high else '%s..%s' % (low, high) for low, high in parts)
    return name + (' (SIZE (%s))' if fact['base'] == 'OCTET STRING' else ' (%s)') % text


def convention(fact):
    hint = 'DISPLAY-HINT "%s" ' % fact['hint'] if fact['hint'] else ''
    return '%s ::= TEXTUAL-CONVENTION %sSTATUS %s SYNTAX %s' % (
        fact['convention'], hint, fact['status'], limited(fact['base'], fact))


def syntax(line, conventions):
    if line['kind'] == 'table':
        return 'SEQUENCE OF SEQUENCE'
    if line['kind'] == 'row':
        return 'SEQUENCE'
    if not line['tc']:
        return limited(line['base'], line)
    meant = conventions[line['tc']]
    refined = any(meant[column] != line[column] for column in ('range', 'enumeration'))
    return limited(line['tc'], line) if refined else line['tc']


def index(fact):
    if fact.startswith('augments:'):
        return ' AUGMENTS { %s }' % fact.split(':')[1]
    if not fact:
        return ''
    return ' INDEX { %s }' % re.sub(r'([\w-]+)\*', r'IMPLIED \1', fact.replace(',', ', '))


def definition(line, conventions):
    """An object or a notification, but for its place."""
    if line['kind'] == 'notification':
        carried = ' OBJECTS { %s }' % line['objects'].replace(',', ', ') if line['objects'] else ''
        return '%s NOTIFICATION-TYPE%s STATUS %s' % (line['object'], carried, line['status'])
    units = ' UNITS "%s"' % line['units'] if line['units'] else ''
    return '%s OBJECT-TYPE SYNTAX %s%s MAX-ACCESS %s STATUS %s%s' % (
        line['object'], syntax(line, conventions), units, line['access'], line['status'],
        index(line['index']))


def place(oid, names):
    """::= { the next named one above, numbers }"""
    parent, numbers = oid, []
    while not numbers or parent not in names:
        parent, number = parent.rsplit('.', 1)
        numbers.insert(0, number)
    return '::= { %s %s }' % (names[parent], ' '.join(numbers))


def module_text():
    objects = read_objects()
    conventions = read_conventions(objects)
    nodes = read_nodes(objects)
    names = {**ROOTS, **nodes, **{o['oid']: o['object'] for o in objects}}
    tree = {oid: '%s OBJECT IDENTIFIER' % name for oid, name in nodes.items()}
    tree.update((o['oid'], definition(o, conventions)) for o in objects)
    return ''.join(
        [HEAD % ', '.join(MODULES)] + [wrap(convention(c)) for c in conventions.values()] + ['\n'] +
        [wrap('%s %s' % (tree[oid], place(oid, names))) for oid in sorted(tree, key=key)] +
        ['\nEND\n'])


def main(argv, path, make):
    """Writes what make() says to path; with --check only compares. Returns the exit status."""
    name, script = os.path.basename(path), os.path.basename(sys.argv[0])
    if argv not in ([], ['--check']):
        print('usage: %s [--check]' % script, file=sys.stderr)
        return 2
    text = make()
    if argv:
        with open(path, encoding='ascii', newline='') as file:
            same = file.read() == text
        if not same:
            print('%s: %s is not what the facts say' % (script, name), file=sys.stderr)
        return 0 if same else 1
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='ascii', newline='\n') as file:
        file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], OUT, module_text))
