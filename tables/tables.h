/*
 * The list of all tables, and what the table files share. A table file includes this and
 * nothing of the kernel's or Net-SNMP's; see README.md for how to add one.
 */
#ifndef NETMIBD_TABLES_TABLES_H
#define NETMIBD_TABLES_TABLES_H

#include "../agent/engine/table.h"
#include "../agent/mirror/mirror.h"

/* Every table that is served, in the order of their roots; ends with NULL. */
extern const struct table *const all_tables[];

extern const struct table ifNumber_table;
extern const struct table ifTable_table;
extern const struct table atTable_table;
extern const struct table ipScalars_table;
extern const struct table ipAddrTable_table;
extern const struct table ipRouteTable_table;
extern const struct table ipNetToMediaTable_table;
extern const struct table ipCidrRouteNumber_table;
extern const struct table ipCidrRouteTable_table;
extern const struct table inetCidrRouteNumber_table;
extern const struct table inetCidrRouteTable_table;
extern const struct table inetCidrRouteDiscards_table;
extern const struct table ipv4InterfaceTableLastChange_table;
extern const struct table ipv4InterfaceTable_table;
extern const struct table ipv6InterfaceTableLastChange_table;
extern const struct table ipv6InterfaceTable_table;
extern const struct table ipSystemStatsTable_table;
extern const struct table ipIfStatsTableLastChange_table;
extern const struct table ipIfStatsTable_table;
extern const struct table ipAddressPrefixTable_table;
extern const struct table ipAddressTable_table;
extern const struct table ipNetToPhysicalTable_table;
extern const struct table ipv6ScopeZoneIndexTable_table;
extern const struct table ipDefaultRouterTable_table;
extern const struct table icmpScalars_table;
extern const struct table icmpStatsTable_table;
extern const struct table icmpMsgStatsTable_table;
extern const struct table ifXTable_table;
extern const struct table ifStackTable_table;
extern const struct table ifRcvAddressTable_table;
extern const struct table ifTableLastChange_table;
extern const struct table ifStackLastChange_table;
extern const struct table ifInvStackTable_table;
extern const struct table nmdSet_table;
extern const struct table nmdIfTable_table;
extern const struct table nmdIpAddrTable_table;
extern const struct table nmdRouteTable_table;
extern const struct table nmdNotify_table;
extern const struct table nmdNotifyTable_table;
extern const struct table nmdStatus_table;

/* TruthValue (RFC 2579). */
enum truth_value {
	TRUTH_TRUE = 1,
	TRUTH_FALSE = 2,
};

/* ifRcvAddressType */
enum if_rcv_address_type {
	RCV_ADDRESS_OTHER = 1,
	RCV_ADDRESS_VOLATILE = 2,
};

/* ifAdminStatus; testing(3) is none of Linux's. */
enum if_admin_status {
	ADMIN_UP = 1,
	ADMIN_DOWN = 2,
};

/* ipForwarding, ipv6IpForwarding: forwarding(1), notForwarding(2). */
enum ip_forwarding {
	FORWARDING_YES = 1,
	FORWARDING_NO = 2,
};

/* ipv4InterfaceEnableStatus, ipv6InterfaceEnableStatus. */
enum ip_interface_enable_status {
	IP_STATUS_UP = 1,
	IP_STATUS_DOWN = 2,
};

static inline struct mirror *
mirror_of(const struct query *query)
{
	return query->source;
}

/* For struct table: rows and refresh of the tables whose rows are links. */
const struct set *link_rows(const struct query *query);
void link_refresh(const struct query *query, const void *row, uint32_t needs);

/* The same for what is the node's own: refresh of scalars, whose row is the mirror, and
 * prepare of the tables whose rows are IP and ICMP counters. */
void node_refresh(const struct query *query, const void *row, uint32_t needs);
void ip_counters_prepare(const struct query *query);
/* The same for tables whose rows are IP interfaces (struct ipif). */
const struct set *ipv6if_rows(const struct query *query);
void ipif_prepare(const struct query *query);
void ipif_refresh(const struct query *query, const void *row, uint32_t needs);

/* A getter: active(1), the RowStatus of every row that the kernel has. */
bool get_row_active(const struct query *query, const void *row, struct value *value);

/* Getters of what Linux has nothing to say of: 0, and zeroDotZero (RFC 2578). */
bool get_zero(const struct query *query, const void *row, struct value *value);
bool get_zero_dot_zero(const struct query *query, const void *row, struct value *value);

/* For struct table: prepare of the tables whose rows are the stack. */
void stack_prepare(const struct query *query);

/* A DisplayString of @text: what is no printable NVT ASCII is shown as '?', one for a
 * multi-octet UTF-8 character and one for an octet that is part of none. It ends after
 * @max octets (at most 255). */
void value_set_display(struct value *value, const char *text, size_t max);

/* ifType (IANAifType) of a link: section "ifType" of the README has the order of
 * decision. */
int32_t ifType_of(const struct link_info *info, const struct options *options);

#endif
