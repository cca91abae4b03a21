/*
 * From the engine's values and OIDs to Net-SNMP's.
 */
#ifndef NETMIBD_AGENTX_VARBIND_H
#define NETMIBD_AGENTX_VARBIND_H

#include "../engine/value.h"
#include "netsnmp.h"

/* Copies an OID; @to has room for OID_MAX. Returns @len. */
size_t varbind_oid(oid *to, const uint32_t *from, size_t len);

/* Gives @var a copy of @value. */
void varbind_set(netsnmp_variable_list *var, const struct value *value);

#endif
