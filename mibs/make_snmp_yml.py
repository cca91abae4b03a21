#!/usr/bin/env python3
"""Write docs/snmp.yml from tests/facts/: make_snmp_yml.py [--check]

The file is for Prometheus's snmp_exporter (the format of 0.21, Debian 12) and has a module for each
thing that may be scraped at a rate of its own. What is deprecated is left out: it is the same once
more. With --check nothing is written: it fails when the file differs.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True

import make_names  # noqa: E402  (without leaving a __pycache__ here)

OUT = os.path.join(os.path.dirname(HERE), 'docs', 'snmp.yml')
NMD = '1.3.6.1.4.1.8072.9999.9999.2863.1'
UPTIME = '1.3.6.1.2.1.1.3'
IF_NAME, IF_ALIAS = '1.3.6.1.2.1.31.1.1.1.1', '1.3.6.1.2.1.31.1.1.1.18'

# A module: what it walks. Each object is in the first module that walks it.
MODULES = {
    'netmibd': ('1.3.6.1.2.1.2', '1.3.6.1.2.1.31.1', '1.3.6.1.2.1.77.1', NMD + '.2',
                '1.3.6.1.2.1.4.31', '1.3.6.1.2.1.5.29', '1.3.6.1.2.1.5.30', NMD + '.1', NMD + '.5',
                NMD + '.7'),
    'netmibd_ip': ('1.3.6.1.2.1.4.1', '1.3.6.1.2.1.4.2', '1.3.6.1.2.1.4.13', '1.3.6.1.2.1.4.25',
                   '1.3.6.1.2.1.4.26', '1.3.6.1.2.1.4.27', '1.3.6.1.2.1.4.28', '1.3.6.1.2.1.4.29',
                   '1.3.6.1.2.1.4.30', '1.3.6.1.2.1.4.32', '1.3.6.1.2.1.4.33', '1.3.6.1.2.1.4.34',
                   '1.3.6.1.2.1.4.35', '1.3.6.1.2.1.4.36', '1.3.6.1.2.1.4.37', NMD + '.3'),
    'netmibd_routes': ('1.3.6.1.2.1.4.24.6', '1.3.6.1.2.1.4.24.7', '1.3.6.1.2.1.4.24.8', NMD + '.4'),
}
# What nobody serves.
LEFT_OUT = ('ifTestTable', 'ipv6RouterAdvertTable', 'ipv6RouterAdvertSpinLock')

# Enumerations that one looks at over time: a series for each state, 1 for the present one. All
# others are a series with the label of the present one.
STATES = ('ifAdminStatus', 'ifOperStatus')

TYPES = {'Counter32': 'counter', 'Counter64': 'counter', 'IpAddress': 'InetAddressIPv4',
         'OCTET STRING': 'OctetString', 'OBJECT IDENTIFIER': 'OctetString'}
CONVENTIONS = {'DisplayString': 'DisplayString', 'PhysAddress': 'PhysAddress48'}

# Labels of a table beside its index: (label, labels it is looked up by, object, type). The exporter
# does as they stand, so the ifIndex of a route comes before the name that is looked up by it.
LOOKUPS = {
    'ifStackTable': (('ifNameHigher', 'ifStackHigherLayer', 'ifName'),
                     ('ifNameLower', 'ifStackLowerLayer', 'ifName')),
    'ifInvStackTable': (('ifNameLower', 'ifStackLowerLayer', 'ifName'),
                        ('ifNameHigher', 'ifStackHigherLayer', 'ifName')),
    'ipAddressTable': (('ipAddressIfIndex', 'ipAddressAddr', 'ipAddressIfIndex'),
                       ('ifName', 'ipAddressIfIndex', 'ifName')),
    # A policy is an OID, of which the exporter shows the low octet of each number; with the table,
    # the TOS and the metric beside it no two routes have the same labels.
    'inetCidrRouteTable': tuple(
        (name, 'inetCidrRouteDest inetCidrRoutePfxLen inetCidrRoutePolicy inetCidrRouteNextHop', name)
        for name in ('inetCidrRouteIfIndex', 'inetCidrRouteMetric1', 'nmdRouteKernelTable',
                     'nmdRouteTos')) + (('ifName', 'inetCidrRouteIfIndex', 'ifName'), ),
}

HEAD = """\
# netmibd for Prometheus's snmp_exporter 0.21, see prometheus.md. Made by make_snmp_yml.py from the
# facts of the MIBs; do not edit.
"""


class Facts:
    def __init__(self):
        self.objects = make_names.read_objects()
        self.by_oid = {o['oid']: o for o in self.objects}
        self.by_name = {o['object']: o for o in self.objects}

    def table_of(self, column):
        return self.by_oid[column['oid'].rsplit('.', 2)[0]]['object']

    def row_of(self, column):
        """The row that has the INDEX of a column: its own or the one that it augments."""
        row = self.by_oid[column['oid'].rsplit('.', 1)[0]]
        while row['index'].startswith('augments:'):
            row = self.by_name[row['index'].split(':')[1]]
        return row

    def served(self):
        """All that can be read, is not deprecated, and not of a module that all others replace."""
        return [o for o in self.objects
                if o['kind'] in ('scalar', 'column') and o['access'].startswith('read-') and
                o['status'] == 'current' and o['module'] != make_names.OLD and
                (self.table_of(o) if o['kind'] == 'column' else o['object']) not in LEFT_OUT]


def below(oid, roots):
    return any((oid + '.').startswith(root + '.') for root in roots)


def metric_type(fact):
    if fact['base'] == 'BITS':
        return 'Bits'
    if fact['enumeration']:
        return 'EnumAsStateSet' if fact['object'] in STATES else 'EnumAsInfo'
    return CONVENTIONS.get(fact['tc']) or TYPES.get(fact['syntax'], 'gauge')


def enum_values(fact):
    pairs = [label.rsplit('=', 1) for label in fact['enumeration'].split(',')]
    return '{%s}' % ', '.join("%s: '%s'" % (number, name) for name, number in pairs)


def index_lines(facts, row):
    """The labels that the INDEX of a row makes. InetAddressType and InetAddress make one."""
    lines = []
    for name in row['index'].rstrip('*').split(','):
        fact = facts.by_name[name]
        if fact['tc'] == 'InetAddressType':
            continue
        if fact['tc'] == 'InetAddress':
            kind = 'InetAddress'
        elif fact['syntax'] in ('OCTET STRING', 'OBJECT IDENTIFIER'):
            kind = 'OctetString'      # the length first; PhysAddress48 has none
        else:
            kind = TYPES.get(fact['syntax'], 'gauge')
        lines.append('    - {labelname: %s, type: %s}' % (name, kind))
    return lines


def lookups_of(facts, row):
    table = facts.table_of({'oid': row['oid'] + '.0'})
    if table in LOOKUPS:
        return LOOKUPS[table]
    found = []
    for name in row['index'].rstrip('*').split(','):
        if facts.by_name[name]['tc'] == 'InterfaceIndex':
            found.append(('ifName', name, 'ifName'))
            if name == 'ifIndex':
                found.append(('ifAlias', name, 'ifAlias'))
    return tuple(found)


def lookup_lines(facts, row):
    lines = []
    for label, sources, name in lookups_of(facts, row):
        fact = facts.by_name[name]
        kind = CONVENTIONS.get(fact['tc']) or TYPES.get(fact['syntax'], 'gauge')
        lines.append('    - {labels: [%s], labelname: %s, oid: %s, type: %s}' % (
            ', '.join(sources.split()), label, fact['oid'], kind))
    return lines


def shared(what, lines, name, seen):
    """A list that the columns of a table have in common is written at the first of them."""
    if not lines:
        return []
    if (what, name) in seen:
        return ['    %s: *%s_%s' % (what, name, what)]
    seen.add((what, name))
    return ['    %s: &%s_%s' % (what, name, what)] + lines


def metric_lines(facts, fact, module, seen):
    kind = metric_type(fact)
    units = ', ' + fact['units'] if fact['units'] else ''
    lines = ['  - name: ' + fact['object'], '    oid: ' + fact['oid'], '    type: ' + kind,
             '    help: %s::%s%s' % (fact['module'], fact['object'], units)]
    if fact['kind'] == 'column':
        row = facts.row_of(fact)
        name = '%s_%s' % (module, row['object'])
        lines += shared('indexes', index_lines(facts, row), name, seen)
        lines += shared('lookups', lookup_lines(facts, row), name, seen)
    if fact['enumeration']:
        lines.append('    enum_values: ' + enum_values(fact))
    return lines


def file_text():
    facts = Facts()
    left, lines, seen = facts.served(), [], set()
    for module, roots in MODULES.items():
        mine = [fact for fact in left if below(fact['oid'], roots)]
        left = [fact for fact in left if fact not in mine]
        looked_up = {facts.by_name[name]['oid'] for fact in mine if fact['kind'] == 'column'
                     for _, _, name in lookups_of(facts, facts.row_of(fact))}
        more = [oid for oid in sorted(looked_up, key=make_names.key) if not below(oid, roots)]
        lines += ['', module + ':', '  walk:'] + ['  - ' + oid for oid in list(roots) + more]
        lines += ['  get:', '  - %s.0' % UPTIME, '  metrics:']
        for fact in [facts.by_oid[UPTIME]] + mine:
            lines += metric_lines(facts, fact, module, seen)
    strays = [fact['object'] for fact in left if not re.match('sys|snmp', fact['object'])]
    if strays:
        raise make_names.NamesError('in no module: ' + ', '.join(strays))
    return HEAD + '\n'.join(lines) + '\n'


if __name__ == '__main__':
    sys.exit(make_names.main(sys.argv[1:], OUT, file_text))
