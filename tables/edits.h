/*
 * What the edits of all kinds have in common: wishes are fulfilled, logged, and undone or
 * kept with their edit. One PDU's edits are applied by rank: what is taken away before
 * what is added, and each before what depends on it.
 */
#ifndef NETMIBD_TABLES_EDITS_H
#define NETMIBD_TABLES_EDITS_H

#include "../agent/engine/edit.h"
#include "tables.h"

#define IPV6_MIN_MTU 1280 /* RFC 8200 section 5 */

enum edit_rank {
	RANK_ROUTE_GONE = 10,
	RANK_NEIGH_GONE = 15, /* the last address of a link takes them along */
	RANK_ADDR_GONE = 20,
	RANK_LEAVE = 35,
	RANK_LINK_DOWN = 40,
	RANK_OTHER = 50,
	RANK_FORWARDING = 52, /* that of all links overwrites that of one */
	RANK_ENSLAVE = 55,    /* some take only what is down */
	RANK_LINK_UP = 60,
	RANK_ADDR = 70,
	RANK_NEIGH = 80,
	RANK_ROUTE = 90,
	RANK_LOCK = 100,
};

/* What is to be done is logged as one line: @object of @instance (may be empty), from
 * what, to what. */
struct deed_name {
	const char *object, *instance, *from, *to;
};

/* ifLinkUpDownTrapEnable */
enum if_link_up_down_trap_enable {
	TRAPS_ENABLED = 1,
	TRAPS_DISABLED = 2,
};

/* Fulfils @wish as a part of @edit, which @field asks for; it is kept if it is lasting.
 * 0/-errno. */
int edit_fulfil(const struct query *query, struct edit *edit, unsigned int field,
	const struct wish *wish, const struct deed_name *name);

/* Logs what has been done, or what would be (a dry run). edit_fulfil() does. */
void edit_log(
	const struct query *query, const struct edit *edit, const struct deed_name *name);

/* For a wish that is fulfilled without the kernel, or was so already: keeps it, or
 * forgets it if it is not lasting. */
void edit_last(const struct query *query, const struct wish *wish);

/* For struct edit_kind: undo, settle and keep of edits that are made of such parts. An
 * apply() that fails on the way calls edit_abandon(). */
int edit_undo(const struct query *query, struct edit *edit);
void edit_abandon(const struct query *query, struct edit *edit);
int edit_settle(const struct query *query);
void edit_keep(const struct query *query, struct edit *edit);

/* The kinds: links; the node's switches and ipAddressSpinLock; neighbours; the stack; the
 * addresses that a link receives for; IPv6 on links; nmdNotifyEnable. */
extern const struct edit_kind link_edits, node_edits, neighbour_edits, stack_edits,
	rcvaddr_edits, ipv6if_edits, notify_edits;

/* Will @link be up, and IPv6 on @ipif be on, when the PDU of @edit has been done? */
bool link_will_be_up(const struct edit *edit, const struct link *link);
bool ipv6_will_be_on(const struct edit *edit, const struct ipif *ipif);

/* For struct table.make of the last two. */
bool make_ifStack(const struct query *query, const uint32_t *index, size_t len, void *to);
bool make_ifRcvAddress(
	const struct query *query, const uint32_t *index, size_t len, void *to);

/* Setters, by the names of the objects. */
enum set_status set_ipv6InterfaceEnableStatus(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipv6InterfaceForwarding(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ifRcvAddressType(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ifAdminStatus(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ifPromiscuousMode(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ifLinkUpDownTrapEnable(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ifAlias(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_nmdIfMtu(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_nmdIfIpv4Forwarding(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipForwarding(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipDefaultTTL(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipv6IpForwarding(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipv6IpDefaultHopLimit(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_ipAddressSpinLock(
	const struct query *query, struct edit *edit, const struct value *value);
enum set_status set_nmdNotifyEnable(
	const struct query *query, struct edit *edit, const struct value *value);

#endif
