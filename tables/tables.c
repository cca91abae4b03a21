/*
 * The list of tables, and the helpers that several of them share. See tables.h.
 */
#include "tables.h"

#include "../agent/engine/edit.h"

const struct table *const all_tables[] = {
	&ifNumber_table,
	&ifTable_table,
	&atTable_table,
	&ipScalars_table,
	&ipAddrTable_table,
	&ipRouteTable_table,
	&ipNetToMediaTable_table,
	&ipCidrRouteNumber_table,
	&ipCidrRouteTable_table,
	&inetCidrRouteNumber_table,
	&inetCidrRouteTable_table,
	&inetCidrRouteDiscards_table,
	&ipv4InterfaceTableLastChange_table,
	&ipv4InterfaceTable_table,
	&ipv6InterfaceTableLastChange_table,
	&ipv6InterfaceTable_table,
	&ipSystemStatsTable_table,
	&ipIfStatsTableLastChange_table,
	&ipIfStatsTable_table,
	&ipAddressPrefixTable_table,
	&ipAddressTable_table,
	&ipNetToPhysicalTable_table,
	&ipv6ScopeZoneIndexTable_table,
	&ipDefaultRouterTable_table,
	&icmpScalars_table,
	&icmpStatsTable_table,
	&icmpMsgStatsTable_table,
	&ifXTable_table,
	&ifStackTable_table,
	&ifRcvAddressTable_table,
	&ifTableLastChange_table,
	&ifStackLastChange_table,
	&ifInvStackTable_table,
	&nmdSet_table,
	&nmdIfTable_table,
	&nmdIpAddrTable_table,
	&nmdRouteTable_table,
	&nmdNotify_table,
	&nmdNotifyTable_table,
	&nmdStatus_table,
	NULL,
};

const struct set *
link_rows(const struct query *query)
{
	return &mirror_of(query)->links;
}

void
link_refresh(const struct query *query, const void *row, uint32_t needs)
{
	const struct source *source = mirror_of(query)->source;
	const struct link *link = row;

	if (source)
		source->need(source->arg, link->info.ifindex, needs, query->now);
}

void
node_refresh(const struct query *query, const void *row, uint32_t needs)
{
	const struct source *source = mirror_of(query)->source;

	(void)row;
	if (source)
		source->need_node(source->arg, needs, query->now);
}

void
ip_counters_prepare(const struct query *query)
{
	node_refresh(query, NULL, NEED_IP_COUNTERS);
}

const struct set *
ipv6if_rows(const struct query *query)
{
	return &mirror_of(query)->ipv6ifs;
}

void
ipif_prepare(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	if (source)
		source->need(source->arg, 0, NEED_IPIF_ROWS, query->now);
}

void
ipif_refresh(const struct query *query, const void *row, uint32_t needs)
{
	const struct source *source = mirror_of(query)->source;
	const struct ipif *ipif = row;

	if (source)
		source->need(source->arg, ipif->ifindex, needs, query->now);
}

bool
get_row_active(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = ROW_STATUS_ACTIVE;
	return true;
}

bool
get_zero(const struct query *query, const void *row, struct value *value)
{
	(void)query, (void)row;
	value->number = 0;
	return true;
}

bool
get_zero_dot_zero(const struct query *query, const void *row, struct value *value)
{
	static const uint32_t zero_zero[] = { 0, 0 };

	(void)query, (void)row;
	value->oid = (struct oid){ zero_zero, N_ELEMENTS(zero_zero) };
	return true;
}

void
stack_prepare(const struct query *query)
{
	const struct source *source = mirror_of(query)->source;

	if (source)
		source->need_stack(source->arg, query->now);
}

/* How many octets follow @lead in a UTF-8 character (RFC 3629 section 4). */
static unsigned int
utf8_tail(unsigned char lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef)
		return 2;
	return lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
}

void
value_set_display(struct value *value, const char *text, size_t max)
{
	unsigned int tail = 0; /* octets that the present character may still have */
	size_t len = 0;

	for (; *text && len < max && len < 255; text++) {
		unsigned char c = (unsigned char)*text;

		if (tail && (c & 0xc0) == 0x80) {
			tail--;
			continue;
		}
		tail = utf8_tail(c);
		value->scratch[len++] = c >= 0x20 && c < 0x7f ? c : '?';
	}
	value_set_octets(value, value->scratch, len);
}
