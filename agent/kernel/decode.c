/*
 * Decoding, the common part and what is not about links: see decode.h.
 *
 * The attributes are checked against a policy of types and least sizes; types that are
 * not known are skipped, and what runs over its end makes the whole message malformed
 * (attr.h).
 */
#include "decode.h"

#include "attr.h"

#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

const struct nlmsghdr *
decode_next(const uint8_t **at, size_t *len, bool *cut)
{
	const struct nlmsghdr *msg = (const void *)*at;
	size_t step;

	if (*len == 0)
		return NULL;
	if (*len < sizeof(*msg) || msg->nlmsg_len < sizeof(*msg) ||
		msg->nlmsg_len > *len) {
		*cut = true;
		return NULL;
	}
	step = NLMSG_ALIGN(msg->nlmsg_len);
	if (step > *len) /* the last one need not be padded */
		step = *len;
	*at += step;
	*len -= step;
	return msg;
}

/* MAX_ERRNO of the kernel's. */
#define ERRNO_MAX 4095

int
decode_error(const struct nlmsghdr *msg)
{
	/* NLMSG_DATA() casts the const away */
	const struct nlmsgerr *error = (const void *)((const char *)msg + NLMSG_HDRLEN);

	if (msg->nlmsg_len < NLMSG_LENGTH(sizeof(error->error)))
		return -EBADMSG;
	/* what is no error would be taken for a length or a success by callers */
	return error->error <= 0 && error->error >= -ERRNO_MAX ? error->error : -EBADMSG;
}

void
decode_error_text(const struct nlmsghdr *msg, char *text, size_t size)
{
	const char *at = (const char *)msg + NLMSG_HDRLEN;
	size_t skip = sizeof(struct nlmsgerr);
	const struct nlattr *attr;

	text[0] = '\0';
	/* The request is repeated behind its header, but for what the socket declines. */
	if (msg->nlmsg_len >= NLMSG_LENGTH(skip) && !(msg->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(
			((const struct nlmsgerr *)(const void *)at)->msg.nlmsg_len -
			NLMSG_HDRLEN);
	if (!(msg->nlmsg_flags & NLM_F_ACK_TLVS) || msg->nlmsg_len < NLMSG_LENGTH(skip))
		return;
	attr = nla_find((const struct nlattr *)(const void *)(at + skip),
		(int)(msg->nlmsg_len - NLMSG_LENGTH(skip)), NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(text, attr, size);
}

enum decoded
decode_stats(const struct nlmsghdr *msg, uint32_t *ifindex, struct raw_counters *raw)
{
	static const struct nla_policy policy[IFLA_STATS_MAX + 1] = {
		/* the struct as of the first kernel that had the message (4.7) */
		[IFLA_STATS_LINK_64] = { .minlen = offsetof(struct rtnl_link_stats64,
						 rx_nohandler) },
	};
	struct nlattr *tb[IFLA_STATS_MAX + 1];
	struct rtnl_link_stats64 s = { 0 };
	const struct if_stats_msg *head =
		attr_parse(msg, sizeof(*head), tb, IFLA_STATS_MAX, policy);
	size_t len;

	if (!head)
		return DECODE_MALFORMED;
	if (msg->nlmsg_type != RTM_NEWSTATS || !tb[IFLA_STATS_LINK_64])
		return DECODE_IGNORED;
	len = (size_t)nla_len(tb[IFLA_STATS_LINK_64]);
	memcpy(&s, nla_data(tb[IFLA_STATS_LINK_64]), len < sizeof(s) ? len : sizeof(s));
	*ifindex = head->ifindex;
	raw->rx_packets = s.rx_packets;
	raw->tx_packets = s.tx_packets;
	raw->rx_bytes = s.rx_bytes;
	raw->tx_bytes = s.tx_bytes;
	raw->rx_errors = s.rx_errors;
	raw->tx_errors = s.tx_errors;
	raw->rx_dropped = s.rx_dropped;
	raw->tx_dropped = s.tx_dropped;
	raw->multicast = s.multicast;
	raw->rx_missed = s.rx_missed_errors;
	return DECODE_OK;
}

enum decoded
decode_qdisc(const struct nlmsghdr *msg, uint32_t *ifindex, uint32_t *queue)
{
	static const struct nla_policy policy[TCA_MAX + 1] = {
		[TCA_STATS] = { .minlen = sizeof(struct tc_stats) },
	};
	struct nlattr *tb[TCA_MAX + 1];
	const struct tcmsg *head = attr_parse(msg, sizeof(*head), tb, TCA_MAX, policy);
	struct tc_stats stats;

	if (!head)
		return DECODE_MALFORMED;
	if (msg->nlmsg_type != RTM_NEWQDISC || head->tcm_parent != TC_H_ROOT ||
		head->tcm_ifindex <= 0 || !tb[TCA_STATS])
		return DECODE_IGNORED;
	memcpy(&stats, nla_data(tb[TCA_STATS]), sizeof(stats));
	*ifindex = (uint32_t)head->tcm_ifindex;
	*queue = stats.qlen;
	return DECODE_OK;
}

enum decoded
decode_fdb(const struct nlmsghdr *msg, uint32_t *ifindex, struct lladdr *address)
{
	static const struct nla_policy policy[NDA_MAX + 1] = {
		[NDA_LLADDR] = { .minlen = 1 },
	};
	struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *head = attr_parse(msg, sizeof(*head), tb, NDA_MAX, policy);

	if (!head)
		return DECODE_MALFORMED;
	/* The default dump of a driver says NTF_SELF and NUD_PERMANENT of each entry of
	 * its unicast and multicast lists. A vxlan says NTF_SELF of its peers, too, but
	 * names where they are; a switch chip's learnt entries are not permanent. */
	if (msg->nlmsg_type != RTM_NEWNEIGH || head->ndm_family != AF_BRIDGE ||
		!(head->ndm_flags & NTF_SELF) || head->ndm_state != NUD_PERMANENT ||
		head->ndm_ifindex <= 0 || !tb[NDA_LLADDR] || tb[NDA_DST] || tb[NDA_VNI] ||
		tb[NDA_NH_ID])
		return DECODE_IGNORED;
	*ifindex = (uint32_t)head->ndm_ifindex;
	attr_lladdr(address, tb[NDA_LLADDR]);
	return DECODE_OK;
}

/* The device an ethtool reply is about; 0: it does not say. */
static uint32_t
ethtool_device(struct nlattr *header)
{
	static const struct nla_policy policy[ETHTOOL_A_HEADER_MAX + 1] = {
		[ETHTOOL_A_HEADER_DEV_INDEX] = { .type = NLA_U32 },
	};
	struct nlattr *tb[ETHTOOL_A_HEADER_MAX + 1];

	if (!header || !attr_nested(header, tb, ETHTOOL_A_HEADER_MAX, policy) ||
		!tb[ETHTOOL_A_HEADER_DEV_INDEX])
		return 0;
	return nla_get_u32(tb[ETHTOOL_A_HEADER_DEV_INDEX]);
}

enum decoded
decode_linkmodes(const struct nlmsghdr *msg, uint32_t *ifindex, uint32_t *speed)
{
	static const struct nla_policy policy[ETHTOOL_A_LINKMODES_MAX + 1] = {
		[ETHTOOL_A_LINKMODES_SPEED] = { .type = NLA_U32 },
	};
	struct nlattr *tb[ETHTOOL_A_LINKMODES_MAX + 1];
	const struct genlmsghdr *head =
		attr_parse(msg, sizeof(*head), tb, ETHTOOL_A_LINKMODES_MAX, policy);

	if (!head)
		return DECODE_MALFORMED;
	if (head->cmd != ETHTOOL_MSG_LINKMODES_GET_REPLY)
		return DECODE_IGNORED;
	*ifindex = ethtool_device(tb[ETHTOOL_A_LINKMODES_HEADER]);
	if (!*ifindex)
		return DECODE_MALFORMED;
	*speed = tb[ETHTOOL_A_LINKMODES_SPEED]
			 ? nla_get_u32(tb[ETHTOOL_A_LINKMODES_SPEED])
			 : 0;
	if (*speed == UINT32_MAX) /* SPEED_UNKNOWN */
		*speed = 0;
	return DECODE_OK;
}

/* One { type = number of the counter, value = u64 } of the group. */
static bool
take_mac_counter(struct raw_counters *raw, struct nlattr *stat)
{
	struct nlattr *counter = nla_data(stat);
	uint64_t *to = NULL;

	if (!nla_ok(counter, nla_len(stat)) || nla_len(counter) < (int)sizeof(*to))
		return false;
	switch (nla_type(counter)) {
	case ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST:
		to = &raw->mac_tx_multicast;
		break;
	case ETHTOOL_A_STATS_ETH_MAC_19_TX_BCAST:
		to = &raw->mac_tx_broadcast;
		break;
	case ETHTOOL_A_STATS_ETH_MAC_21_RX_MCAST:
		to = &raw->mac_rx_multicast;
		break;
	case ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST:
		to = &raw->mac_rx_broadcast;
		break;
	}
	if (to)
		memcpy(to, nla_data(counter), sizeof(*to));
	return to != NULL;
}

enum decoded
decode_eth_mac(const struct nlmsghdr *msg, uint32_t *ifindex, struct raw_counters *raw,
	bool *present)
{
	static const struct nla_policy group_policy[ETHTOOL_A_STATS_GRP_MAX + 1] = {
		[ETHTOOL_A_STATS_GRP_ID] = { .type = NLA_U32 },
	};
	struct nlattr *tb[ETHTOOL_A_STATS_MAX + 1], *group[ETHTOOL_A_STATS_GRP_MAX + 1];
	const struct genlmsghdr *head =
		attr_parse(msg, sizeof(*head), tb, ETHTOOL_A_STATS_MAX, NULL);
	struct nlattr *stat;
	int rest;

	*present = false;
	if (!head)
		return DECODE_MALFORMED;
	if (head->cmd != ETHTOOL_MSG_STATS_GET_REPLY)
		return DECODE_IGNORED;
	*ifindex = ethtool_device(tb[ETHTOOL_A_STATS_HEADER]);
	if (!*ifindex)
		return DECODE_MALFORMED;
	if (!tb[ETHTOOL_A_STATS_GRP])
		return DECODE_OK;
	if (!attr_nested(tb[ETHTOOL_A_STATS_GRP], group, ETHTOOL_A_STATS_GRP_MAX,
		    group_policy))
		return DECODE_MALFORMED;
	if (!group[ETHTOOL_A_STATS_GRP_ID] ||
		nla_get_u32(group[ETHTOOL_A_STATS_GRP_ID]) != ETHTOOL_STATS_ETH_MAC)
		return DECODE_IGNORED;
	nla_for_each_nested (stat, tb[ETHTOOL_A_STATS_GRP], rest) {
		if (nla_type(stat) == ETHTOOL_A_STATS_GRP_STAT &&
			take_mac_counter(raw, stat))
			*present = true;
	}
	return DECODE_OK;
}
