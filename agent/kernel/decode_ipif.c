/*
 * IP interfaces: see decode_ipif.h.
 */
#include "decode_ipif.h"

#include "attr.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static uint32_t
config(struct nlattr *array, unsigned int at)
{
	uint32_t number;

	memcpy(&number, (const uint8_t *)nla_data(array) + at * sizeof(number),
		sizeof(number));
	return number;
}

static bool
take_ipv6(struct ipif_said *said, struct nlattr *block)
{
	static const struct nla_policy policy[IFLA_INET6_MAX + 1] = {
		[IFLA_INET6_CONF] = { .minlen = (DEVCONF_DISABLE_IPV6 + 1) *
						sizeof(uint32_t) },
		[IFLA_INET6_CACHEINFO] = { .minlen = sizeof(struct ifla_cacheinfo) },
		[IFLA_INET6_TOKEN] = { .minlen = 16 },
		[IFLA_INET6_ADDR_GEN_MODE] = { .type = NLA_U8 },
	};
	struct nlattr *tb[IFLA_INET6_MAX + 1];
	struct ifla_cacheinfo cache;
	struct ipif_info *info = &said->info;

	if (!attr_nested(block, tb, IFLA_INET6_MAX, policy) || !tb[IFLA_INET6_CONF] ||
		!tb[IFLA_INET6_CACHEINFO])
		return false;
	memcpy(&cache, nla_data(tb[IFLA_INET6_CACHEINFO]), sizeof(cache));
	info->reasm_max = cache.max_reasm_len;
	info->retrans_time = cache.retrans_time;
	info->forwarding = config(tb[IFLA_INET6_CONF], DEVCONF_FORWARDING) != 0;
	info->disabled = config(tb[IFLA_INET6_CONF], DEVCONF_DISABLE_IPV6) != 0;
	info->eui64 = !tb[IFLA_INET6_ADDR_GEN_MODE] ||
		      nla_get_u8(tb[IFLA_INET6_ADDR_GEN_MODE]) == IN6_ADDR_GEN_MODE_EUI64;
	if (tb[IFLA_INET6_TOKEN])
		memcpy(info->token, (const uint8_t *)nla_data(tb[IFLA_INET6_TOKEN]) + 8,
			IDENTIFIER_LEN);
	said->v6 = IPIF_PRESENT;
	return true;
}

static bool
take_ipv4(struct ipif_said *said, struct nlattr *block)
{
	static const struct nla_policy policy[IFLA_INET_MAX + 1] = {
		[IFLA_INET_CONF] = { .minlen =
					     IPV4_DEVCONF_FORWARDING * sizeof(uint32_t) },
	};
	struct nlattr *tb[IFLA_INET_MAX + 1];

	if (!attr_nested(block, tb, IFLA_INET_MAX, policy))
		return false;
	said->has_forwarding4 = tb[IFLA_INET_CONF] != NULL;
	/* numbered from 1 */
	said->forwarding4 = said->has_forwarding4 &&
			    config(tb[IFLA_INET_CONF], IPV4_DEVCONF_FORWARDING - 1) != 0;
	return true;
}

/* IFLA_AF_SPEC: one nested attribute for each family that is there, and as its type. */
static bool
take_families(struct ipif_said *said, struct nlattr *families)
{
	struct nlattr *tb[AF_INET6 + 1];

	if (!attr_nested(families, tb, AF_INET6, NULL))
		return false;
	said->v4 = tb[AF_INET] ? IPIF_PRESENT : IPIF_ABSENT;
	said->v6 = IPIF_ABSENT;
	return (!tb[AF_INET] || take_ipv4(said, tb[AF_INET])) &&
	       (!tb[AF_INET6] || take_ipv6(said, tb[AF_INET6]));
}

static enum decoded
decode_link_blocks(const struct nlmsghdr *msg, struct ipif_said *said)
{
	struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *head = attr_parse(msg, sizeof(*head), tb, IFLA_MAX, NULL);

	if (!head)
		return DECODE_MALFORMED;
	if (head->ifi_family == AF_UNSPEC
			? msg->nlmsg_type == RTM_DELLINK || !tb[IFLA_AF_SPEC]
			: head->ifi_family != AF_INET6)
		return DECODE_IGNORED;
	if (head->ifi_index <= 0)
		return DECODE_MALFORMED;
	said->ifindex = (uint32_t)head->ifi_index;
	if (head->ifi_family == AF_UNSPEC)
		return take_families(said, tb[IFLA_AF_SPEC]) ? DECODE_OK
							     : DECODE_MALFORMED;
	if (msg->nlmsg_type == RTM_DELLINK) {
		said->v6 = IPIF_DOUBTED;
		return DECODE_OK;
	}
	return tb[IFLA_PROTINFO] && take_ipv6(said, tb[IFLA_PROTINFO]) ? DECODE_OK
								       : DECODE_MALFORMED;
}

static enum decoded
decode_netconf(const struct nlmsghdr *msg, struct ipif_said *said)
{
	static const struct nla_policy policy[NETCONFA_MAX + 1] = {
		[NETCONFA_IFINDEX] = { .type = NLA_U32 },
		[NETCONFA_FORWARDING] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NETCONFA_MAX + 1];
	const struct netconfmsg *head =
		attr_parse(msg, sizeof(*head), tb, NETCONFA_MAX, policy);
	uint8_t word = msg->nlmsg_type == RTM_NEWNETCONF ? IPIF_NAMED : IPIF_DOUBTED;
	int32_t ifindex;

	if (!head)
		return DECODE_MALFORMED;
	if (head->ncm_family != AF_INET && head->ncm_family != AF_INET6)
		return DECODE_IGNORED;
	if (!tb[NETCONFA_IFINDEX])
		return DECODE_MALFORMED;
	ifindex = (int32_t)nla_get_u32(tb[NETCONFA_IFINDEX]);
	if (ifindex <= 0) /* all links, or those to come */
		return DECODE_IGNORED;
	said->ifindex = (uint32_t)ifindex;
	*(head->ncm_family == AF_INET ? &said->v4 : &said->v6) = word;
	if (tb[NETCONFA_FORWARDING] && head->ncm_family == AF_INET) {
		said->has_forwarding4 = true;
		said->forwarding4 = nla_get_u32(tb[NETCONFA_FORWARDING]) != 0;
	} else if (tb[NETCONFA_FORWARDING]) {
		said->has_forwarding = true;
		said->info.forwarding = nla_get_u32(tb[NETCONFA_FORWARDING]) != 0;
	}
	return DECODE_OK;
}

enum decoded
decode_ipif(const struct nlmsghdr *msg, struct ipif_said *said)
{
	memset(said, 0, sizeof(*said));
	switch (msg->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return decode_link_blocks(msg, said);
	case RTM_NEWNETCONF:
	case RTM_DELNETCONF:
		return decode_netconf(msg, said);
	default:
		return DECODE_IGNORED;
	}
}

bool
decode_ignores_linkdown(const struct nlmsghdr *msg, uint32_t *ifindex)
{
	static const struct nla_policy policy[NETCONFA_MAX + 1] = {
		[NETCONFA_IFINDEX] = { .type = NLA_U32 },
	};
	struct nlattr *tb[NETCONFA_MAX + 1];
	const struct netconfmsg *head =
		attr_parse(msg, sizeof(*head), tb, NETCONFA_MAX, policy);
	int32_t number;

	if (!head || msg->nlmsg_type != RTM_NEWNETCONF || !tb[NETCONFA_IFINDEX] ||
		!tb[NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN])
		return false;
	number = (int32_t)nla_get_u32(tb[NETCONFA_IFINDEX]);
	*ifindex = number > 0 ? (uint32_t)number : 0;
	return true;
}

/* A number of ms, which the kernel keeps in fewer bits than it says it in. */
static uint32_t
milliseconds(struct nlattr *attr)
{
	uint64_t number = 0;

	if (attr)
		memcpy(&number, nla_data(attr), sizeof(number));
	return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

enum decoded
decode_neigh_parms(const struct nlmsghdr *msg, struct neigh_parms *parms)
{
	static const struct nla_policy policy[NDTPA_MAX + 1] = {
		[NDTPA_IFINDEX] = { .type = NLA_U32 },
		[NDTPA_BASE_REACHABLE_TIME] = { .minlen = sizeof(uint64_t) },
		[NDTPA_RETRANS_TIME] = { .minlen = sizeof(uint64_t) },
	};
	struct nlattr *tb[NDTA_MAX + 1], *nested[NDTPA_MAX + 1];
	const struct ndtmsg *head;

	if (msg->nlmsg_type != RTM_NEWNEIGHTBL)
		return DECODE_IGNORED;
	head = attr_parse(msg, sizeof(*head), tb, NDTA_MAX, NULL);
	if (!head || (tb[NDTA_PARMS] &&
			     !attr_nested(tb[NDTA_PARMS], nested, NDTPA_MAX, policy)))
		return DECODE_MALFORMED;
	if ((head->ndtm_family != AF_INET && head->ndtm_family != AF_INET6) ||
		!tb[NDTA_PARMS] || !nested[NDTPA_IFINDEX])
		return DECODE_IGNORED;
	parms->ifindex = nla_get_u32(nested[NDTPA_IFINDEX]);
	if (!nested[NDTPA_BASE_REACHABLE_TIME] || !nested[NDTPA_RETRANS_TIME] ||
		!parms->ifindex || parms->ifindex > INT32_MAX)
		return DECODE_MALFORMED;
	parms->version = head->ndtm_family == AF_INET ? IP_V4 : IP_V6;
	parms->base_reachable_time = milliseconds(nested[NDTPA_BASE_REACHABLE_TIME]);
	parms->retrans_time = milliseconds(nested[NDTPA_RETRANS_TIME]);
	return DECODE_OK;
}
