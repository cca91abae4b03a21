/*
 * ifTable (IF-MIB, RFC 2863): the network devices of the namespace, by ifIndex, which is
 * the kernel's. All 22 columns are in every row: clients that step through columns in
 * lockstep (snmptable, snmpstatus, snmpnetstat) break on a hole. What Linux has no source
 * for is 0 and stands in the capabilities statement.
 */
#include "edits.h"

#include <stdio.h>

enum if_oper_status {
	IF_OPER_STATUS_UP = 1,
	IF_OPER_STATUS_DOWN = 2,
	IF_OPER_STATUS_TESTING = 3,
	IF_OPER_STATUS_UNKNOWN = 4,
	IF_OPER_STATUS_DORMANT = 5,
	IF_OPER_STATUS_NOT_PRESENT = 6,
	IF_OPER_STATUS_LOWER_LAYER_DOWN = 7,
};

static bool
get_ifDescr(const struct query *query, const void *row, struct value *value)
{
	const struct link_info *info = &((const struct link *)row)->info;
	char text[80];

	if (mirror_of(query)->options->descr_device && info->parent[0]) {
		snprintf(text, sizeof(text), "%s (%s %s)", info->name, info->parent_bus,
			info->parent);
		value_set_display(value, text, 255);
	} else {
		/* NMSs use it as a key: the name is unique, a model's name is not. */
		value_set_display(value, info->name, 255);
	}
	return true;
}

static bool
get_ifType(const struct query *query, const void *row, struct value *value)
{
	const struct link *link = row;

	value->number = (uint64_t)ifType_of(&link->info, mirror_of(query)->options);
	return true;
}

static bool
get_ifSpeed(const struct query *query, const void *row, struct value *value)
{
	uint64_t speed = (uint64_t)((const struct link *)row)->speed * 1000000;

	(void)query;
	/* "If the bandwidth of the interface is greater than the maximum value reportable
	 * by this object then this object should report its maximum value" */
	value->number = speed > UINT32_MAX ? UINT32_MAX : speed;
	return true;
}

static bool
get_ifPhysAddress(const struct query *query, const void *row, struct value *value)
{
	const struct link_info *info = &((const struct link *)row)->info;

	(void)query;
	value_set_octets(value, info->address.bytes,
		link_has_lladdr(info) ? info->address.len : 0);
	return true;
}

static bool
get_ifAdminStatus(const struct query *query, const void *row, struct value *value)
{
	(void)query;
	value->number = ((const struct link *)row)->info.up ? ADMIN_UP : ADMIN_DOWN;
	return true;
}

static bool
get_ifOperStatus(const struct query *query, const void *row, struct value *value)
{
	static const uint8_t status[] = {
		[LINK_OPER_UNKNOWN] = IF_OPER_STATUS_UNKNOWN,
		[LINK_OPER_UP] = IF_OPER_STATUS_UP,
		[LINK_OPER_DOWN] = IF_OPER_STATUS_DOWN,
		[LINK_OPER_TESTING] = IF_OPER_STATUS_TESTING,
		[LINK_OPER_DORMANT] = IF_OPER_STATUS_DORMANT,
		[LINK_OPER_NOTPRESENT] = IF_OPER_STATUS_NOT_PRESENT,
		[LINK_OPER_LOWERDOWN] = IF_OPER_STATUS_LOWER_LAYER_DOWN,
	};

	(void)query;
	value->number = status[((const struct link *)row)->oper];
	return true;
}

static bool
get_ifLastChange(const struct query *query, const void *row, struct value *value)
{
	value->number = query_timestamp(query, ((const struct link *)row)->oper_since);
	return true;
}

#define COUNTER(id, name, member)                                                        \
	{                                                                                \
		id, name, SYNTAX_COUNTER32, READ_ONLY, FIELD(link, counters.member),     \
			.needs = NEED_COUNTERS                                           \
	}

static const struct column columns[] = {
	{ 1, "ifIndex", SYNTAX_INTEGER, READ_ONLY, FIELD(link, info.ifindex) },
	{ 2, "ifDescr", SYNTAX_OCTETS, READ_ONLY, .get = get_ifDescr },
	{ 3, "ifType", SYNTAX_INTEGER, READ_ONLY, .get = get_ifType },
	{ 4, "ifMtu", SYNTAX_INTEGER, READ_ONLY, FIELD(link, info.mtu) },
	{ 5, "ifSpeed", SYNTAX_GAUGE32, READ_ONLY, .get = get_ifSpeed,
		.needs = NEED_SPEED },
	{ 6, "ifPhysAddress", SYNTAX_OCTETS, READ_ONLY, .get = get_ifPhysAddress },
	{ 7, "ifAdminStatus", SYNTAX_INTEGER, READ_WRITE, .get = get_ifAdminStatus,
		.set = set_ifAdminStatus },
	{ 8, "ifOperStatus", SYNTAX_INTEGER, READ_ONLY, .get = get_ifOperStatus },
	{ 9, "ifLastChange", SYNTAX_TIMETICKS, READ_ONLY, .get = get_ifLastChange },
	COUNTER(10, "ifInOctets", in_octets),
	COUNTER(11, "ifInUcastPkts", in_unicast),
	COUNTER(12, "ifInNUcastPkts", in_nonunicast),
	COUNTER(13, "ifInDiscards", in_discards),
	COUNTER(14, "ifInErrors", in_errors),
	{ 15, "ifInUnknownProtos", SYNTAX_COUNTER32, READ_ONLY, .get = get_zero },
	COUNTER(16, "ifOutOctets", out_octets),
	COUNTER(17, "ifOutUcastPkts", out_unicast),
	COUNTER(18, "ifOutNUcastPkts", out_nonunicast),
	COUNTER(19, "ifOutDiscards", out_discards),
	COUNTER(20, "ifOutErrors", out_errors),
	{ 21, "ifOutQLen", SYNTAX_GAUGE32, READ_ONLY, FIELD(link, queue),
		.needs = NEED_QUEUE },
	{ 22, "ifSpecific", SYNTAX_OBJECT_ID, READ_ONLY, .get = get_zero_dot_zero },
};

static const struct index_part by_ifIndex[] = {
	{ INDEX_INTEGER, offsetof(struct link, info.ifindex) },
};

const struct table ifTable_table = {
	.name = "ifTable",
	.root = OID(1, 3, 6, 1, 2, 1, 2, 2),
	.entry = OID(1, 3, 6, 1, 2, 1, 2, 2, 1),
	.rows = link_rows,
	.refresh = link_refresh,
	INDEX(by_ifIndex),
	COLUMNS(columns),
	.edits = &link_edits,
};
