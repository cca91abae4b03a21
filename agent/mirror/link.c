/*
 * Links: the pure functions on their structs. See link.h.
 */
#include "link.h"

#include <net/if_arp.h>
#include <string.h>

#ifndef ARPHRD_IP6GRE /* newer than glibc's copy of the list */
#define ARPHRD_IP6GRE 823
#endif
#ifndef ARPHRD_RAWIP
#define ARPHRD_RAWIP 519
#endif
#ifndef ARPHRD_NONE
#define ARPHRD_NONE 0xFFFE
#endif

uint32_t
link_info_diff(const struct link_info *a, const struct link_info *b)
{
	uint32_t fields = 0;

	if (strcmp(a->name, b->name) != 0)
		fields |= LINK_NAME;
	if (strcmp(a->alias, b->alias) != 0)
		fields |= LINK_ALIAS;
	if (a->mtu != b->mtu)
		fields |= LINK_MTU;
	if (lladdr_compare(&a->address, &b->address) != 0 ||
		lladdr_compare(&a->broadcast, &b->broadcast) != 0)
		fields |= LINK_ADDRESS;
	if (a->master != b->master || a->lower != b->lower)
		fields |= LINK_STACKING;
	if (a->up != b->up)
		fields |= LINK_ADMIN;
	if (a->promiscuity != b->promiscuity || a->promisc != b->promisc)
		fields |= LINK_PROMISC;
	if (a->arphrd != b->arphrd || a->operstate != b->operstate ||
		a->lower_up != b->lower_up || a->min_mtu != b->min_mtu ||
		a->max_mtu != b->max_mtu || strcmp(a->kind, b->kind) != 0 ||
		strcmp(a->devtype, b->devtype) != 0 ||
		strcmp(a->parent, b->parent) != 0 ||
		strcmp(a->parent_bus, b->parent_bus) != 0)
		fields |= LINK_OTHER;
	return fields;
}

bool
link_sends_traps(const struct link *link)
{
	/* "this object should have the value enabled(1) for interfaces which do not
	 * operate on 'top' of any other interface (as defined in the ifStackTable), and
	 * disabled(2) otherwise" */
	if (link->traps == LINK_TRAPS_DEFAULT)
		return link->n_lower == 0;
	return link->traps == LINK_TRAPS_ON;
}

enum link_oper
link_conclude(const struct link_info *info, bool has_lower)
{
	if (info->operstate == OPERSTATE_NOTPRESENT)
		return LINK_OPER_NOTPRESENT;
	if (!info->up) /* "If ifAdminStatus is down(2) then ifOperStatus should be down"
			*/
		return LINK_OPER_DOWN;
	switch (info->operstate) {
	case OPERSTATE_UP:
		return LINK_OPER_UP;
	case OPERSTATE_DORMANT:
		return LINK_OPER_DORMANT;
	case OPERSTATE_TESTING:
		return LINK_OPER_TESTING;
	case OPERSTATE_LOWERLAYERDOWN:
		/* A veth whose peer is down says so too, but nothing lies below it that a
		 * manager could see: for him it is down. */
		return has_lower ? LINK_OPER_LOWERDOWN : LINK_OPER_DOWN;
	case OPERSTATE_DOWN:
		return LINK_OPER_DOWN;
	case OPERSTATE_UNKNOWN:
		/* The driver does not manage it: "must be considered for user data". Not
		 * IFF_RUNNING, which is set for every unknown one (seen on 6.18: a bridge
		 * whose only port is down). */
		return info->lower_up ? LINK_OPER_UP : LINK_OPER_DOWN;
	default:
		return LINK_OPER_UNKNOWN;
	}
}

bool
link_has_lladdr(const struct link_info *info)
{
	switch (info->arphrd) {
	case ARPHRD_LOOPBACK:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
	case ARPHRD_PIMREG:
	case ARPHRD_PPP:
	case ARPHRD_RAWIP:
	case ARPHRD_NONE:
		return false;
	default:
		return info->address.len > 0;
	}
}

static uint64_t
minus(uint64_t total, uint64_t part)
{
	return total > part ? total - part : 0;
}

void
counters_conclude(struct counters *counters, const struct raw_counters *raw, bool has_mac,
	const struct counters *before)
{
	struct counters c = {
		.in_octets = raw->rx_bytes,
		.in_multicast = raw->multicast,
		.in_broadcast = has_mac ? raw->mac_rx_broadcast : 0,
		/* if_link.h: rx_dropped "should not include packets dropped by the device
		 * (rx_missed_errors)", which a manager wants to see all the same. */
		.in_discards = raw->rx_dropped + raw->rx_missed,
		.in_errors = raw->rx_errors,
		.out_octets = raw->tx_bytes,
		.out_multicast = has_mac ? raw->mac_tx_multicast : 0,
		.out_broadcast = has_mac ? raw->mac_tx_broadcast : 0,
		.out_discards = raw->tx_dropped,
		.out_errors = raw->tx_errors,
	};

	c.in_nonunicast = c.in_multicast + c.in_broadcast;
	c.out_nonunicast = c.out_multicast + c.out_broadcast;
	/* multicast may be counted in hardware and include what never reached the host,
	 * so the difference can shrink while every counter grows. */
	c.in_unicast = minus(raw->rx_packets, c.in_nonunicast);
	/* RFC 2863: "including those that were discarded or not sent" */
	c.out_unicast = minus(raw->tx_packets + raw->tx_dropped, c.out_nonunicast);
	if (before && c.in_unicast < before->in_unicast)
		c.in_unicast = before->in_unicast;
	if (before && c.out_unicast < before->out_unicast)
		c.out_unicast = before->out_unicast;
	*counters = c;
}

bool
counters_went_back(const struct raw_counters *before, const struct raw_counters *now)
{
	return now->rx_packets < before->rx_packets ||
	       now->tx_packets < before->tx_packets || now->rx_bytes < before->rx_bytes ||
	       now->tx_bytes < before->tx_bytes || now->rx_errors < before->rx_errors ||
	       now->tx_errors < before->tx_errors ||
	       now->rx_dropped < before->rx_dropped ||
	       now->tx_dropped < before->tx_dropped ||
	       now->multicast < before->multicast || now->rx_missed < before->rx_missed ||
	       now->mac_rx_multicast < before->mac_rx_multicast ||
	       now->mac_rx_broadcast < before->mac_rx_broadcast ||
	       now->mac_tx_multicast < before->mac_tx_multicast ||
	       now->mac_tx_broadcast < before->mac_tx_broadcast;
}
