/*
 * Attribute helpers: see attr.h.
 */
#include "attr.h"

#include <string.h>

static bool
parse_whole(struct nlattr *head, int len, struct nlattr **tb, int max,
	const struct nla_policy *policy)
{
	struct nlattr *attr;
	int rest;

	nla_for_each_attr (attr, head, len, rest)
		;
	if (rest > 0)
		return false;
	return nla_parse(tb, max, head, len, policy) >= 0;
}

const void *
attr_parse(const struct nlmsghdr *msg, size_t header, struct nlattr **tb, int max,
	const struct nla_policy *policy)
{
	const uint8_t *payload = (const uint8_t *)msg + NLMSG_HDRLEN;
	size_t len = msg->nlmsg_len, aligned = NLMSG_ALIGN(header);

	if (len < NLMSG_HDRLEN + header)
		return NULL;
	len -= NLMSG_HDRLEN;
	len = len > aligned ? len - aligned : 0;
	/* libnl's prototype lacks the const; it does not write. */
	if (!parse_whole((struct nlattr *)(size_t)(payload + aligned), (int)len, tb, max,
		    policy))
		return NULL;
	return payload;
}

bool
attr_list(const uint8_t *at, size_t len, struct nlattr **tb, int max,
	const struct nla_policy *policy)
{
	return parse_whole((struct nlattr *)(size_t)at, (int)len, tb, max, policy);
}

bool
attr_nested(
	struct nlattr *nest, struct nlattr **tb, int max, const struct nla_policy *policy)
{
	return parse_whole(nla_data(nest), nla_len(nest), tb, max, policy);
}

void
attr_string(char *to, size_t size, struct nlattr *attr)
{
	if (attr)
		nla_strlcpy(to, attr, size);
}

void
attr_lladdr(struct lladdr *to, struct nlattr *attr)
{
	int len = attr ? nla_len(attr) : 0;

	if (len > LLADDR_MAX)
		len = LLADDR_MAX;
	to->len = (uint8_t)len;
	if (len)
		memcpy(to->bytes, nla_data(attr), (size_t)len);
}
