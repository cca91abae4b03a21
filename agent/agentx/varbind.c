/*
 * Values for Net-SNMP: see varbind.h.
 */
#include "varbind.h"

size_t
varbind_oid(oid *to, const uint32_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
	return len;
}

static void
set_number(netsnmp_variable_list *var, u_char type, uint64_t number)
{
	/* long holds them all: INTEGER sign-extended, the others up to 2^32 - 1 */
	long value = (long)number;

	snmp_set_var_typed_value(var, type, &value, sizeof(value));
}

static void
set_oid(netsnmp_variable_list *var, const struct oid *value)
{
	oid sub[OID_MAX];
	size_t len = varbind_oid(sub, value->sub, value->len);

	snmp_set_var_typed_value(var, ASN_OBJECT_ID, sub, len * sizeof(oid));
}

void
varbind_set(netsnmp_variable_list *var, const struct value *value)
{
	struct counter64 counter;

	switch (value->syntax) {
	case SYNTAX_INTEGER:
		set_number(var, ASN_INTEGER, value->number);
		break;
	case SYNTAX_GAUGE32:
		set_number(var, ASN_GAUGE, value->number);
		break;
	case SYNTAX_COUNTER32:
		set_number(var, ASN_COUNTER, value->number);
		break;
	case SYNTAX_TIMETICKS:
		set_number(var, ASN_TIMETICKS, value->number);
		break;
	case SYNTAX_COUNTER64:
		counter.high = (u_long)(value->number >> 32);
		counter.low = (u_long)(value->number & 0xffffffff);
		snmp_set_var_typed_value(var, ASN_COUNTER64, &counter, sizeof(counter));
		break;
	case SYNTAX_OCTETS:
		snmp_set_var_typed_value(
			var, ASN_OCTET_STR, value->octets.data, value->octets.len);
		break;
	case SYNTAX_OBJECT_ID:
		set_oid(var, &value->oid);
		break;
	case SYNTAX_IPADDRESS:
		snmp_set_var_typed_value(
			var, ASN_IPADDRESS, value->octets.data, value->octets.len);
		break;
	}
}
