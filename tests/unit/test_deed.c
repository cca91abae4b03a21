/*
 * What is remembered before a change that takes more with it, and how it is put back: a
 * port of a bridge or bond that leaves, and VLANs above a link that goes down; with a
 * kernel that says what no kernel here has, or lies.
 */
#include "fake_kernel.h"
#include "fixture_port.h"
#include "unit.h"

#include "../../agent/kernel/port.h"
#include "../../agent/kernel/wish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct fake_kernel fake;

/* What is asked of it, in words. */

__attribute__((format(printf, 3, 4))) static size_t
add(char *text, size_t len, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	len += (size_t)vsnprintf(text + len, 256 - len, format, args);
	va_end(args);
	return len;
}

static struct nlattr *
find(const struct nlmsghdr *msg, size_t head, int attribute)
{
	return nlmsg_find_attr((void *)(uintptr_t)msg, (int)head, attribute);
}

static void
tell_link(const struct nlmsghdr *msg, char *text)
{
	const struct ifinfomsg *head = nlmsg_data(msg);
	struct nlattr *info = find(msg, sizeof(*head), IFLA_LINKINFO), *attr, *data;
	size_t len = add(text, 0, "link %d", head->ifi_index);
	int left;

	if (find(msg, sizeof(*head), IFLA_MASTER))
		len = add(text, len, " in %u",
			nla_get_u32(find(msg, sizeof(*head), IFLA_MASTER)));
	if (head->ifi_change)
		len = add(text, len, head->ifi_flags & IFF_UP ? " up" : " down");
	if (!info)
		return;
	data = nla_find(nla_data(info), nla_len(info), IFLA_INFO_SLAVE_DATA);
	CU_ASSERT_PTR_NOT_NULL_FATAL(data);
	nla_for_each_nested (attr, data, left) {
		uint32_t value = nla_len(attr) == 1   ? nla_get_u8(attr)
				 : nla_len(attr) == 2 ? nla_get_u16(attr)
						      : nla_get_u32(attr);

		len = add(text, len, " %d=%u", nla_type(attr), value);
	}
}

static void
tell_vlans(const struct nlmsghdr *msg, char *text)
{
	const struct ifinfomsg *head = nlmsg_data(msg);
	struct nlattr *spec = find(msg, sizeof(*head), IFLA_AF_SPEC), *attr;
	size_t len = add(text, 0, msg->nlmsg_type == RTM_SETLINK ? "%d has" : "%d lacks",
		head->ifi_index);
	int left;

	CU_ASSERT_EQUAL(head->ifi_family, AF_BRIDGE);
	nla_for_each_nested (attr, spec, left) {
		const struct bridge_vlan_info *info = nla_data(attr);

		if (nla_type(attr) == IFLA_BRIDGE_VLAN_INFO)
			len = add(text, len, " %u/%u", info->vid, info->flags);
		else
			len = add(text, len, " tunnel");
	}
}

static void
tell_entry(const struct nlmsghdr *msg, char *text)
{
	const struct ndmsg *head = nlmsg_data(msg);
	struct nlattr *vlan = find(msg, sizeof(*head), NDA_VLAN);

	CU_ASSERT_EQUAL(head->ndm_family, AF_BRIDGE);
	CU_ASSERT_TRUE(head->ndm_flags & NTF_MASTER);
	CU_ASSERT_PTR_NULL(find(msg, sizeof(*head), NDA_MASTER));
	add(text, 0, "entry %s of %d/%u, state %x, flags %x",
		ether_ntoa(nla_data(find(msg, sizeof(*head), NDA_LLADDR))),
		head->ndm_ifindex, vlan ? nla_get_u16(vlan) : 0, head->ndm_state,
		head->ndm_flags);
}

static void
tell_group(const struct nlmsghdr *msg, char *text)
{
	const struct br_port_msg *head = nlmsg_data(msg);
	const struct br_mdb_entry *entry =
		nla_data(find(msg, sizeof(*head), MDBA_SET_ENTRY));
	struct nlattr *more = find(msg, sizeof(*head), MDBA_SET_ENTRY_ATTRS), *attr;
	size_t len =
		add(text, 0, "group .%u of %u/%u in %u", ntohl(entry->addr.u.ip4) & 0xff,
			entry->ifindex, entry->vid, head->ifindex);
	int left;

	CU_ASSERT_EQUAL(entry->flags, 0);
	if (!more)
		return;
	nla_for_each_nested (attr, more, left) {
		len = add(text, len, " %d", nla_type(attr));
	}
}

/* The next changes that were asked for are @expected, and no others. */
static void
asked(const char *const *expected)
{
	const struct nlmsghdr *msg;
	char text[256];

	for (; (msg = fake_change(&fake)); expected += *expected != NULL) {
		switch (msg->nlmsg_type) {
		case RTM_NEWLINK:
			tell_link(msg, text);
			break;
		case RTM_SETLINK:
		case RTM_DELLINK:
			tell_vlans(msg, text);
			break;
		case RTM_NEWNEIGH:
			tell_entry(msg, text);
			break;
		case RTM_NEWMDB:
			tell_group(msg, text);
			break;
		default:
			add(text, 0, "type %u", msg->nlmsg_type);
		}
		if (!*expected || strcmp(text, *expected) != 0)
			printf("\n  asked: %s\n  expected: %s\n", text,
				*expected ? *expected : "nothing");
		CU_ASSERT_PTR_NOT_NULL_FATAL(*expected);
		CU_ASSERT_STRING_EQUAL(text, *expected);
	}
	CU_ASSERT_PTR_NULL(*expected);
}

/* Wishes, with the fake for a kernel. */

static struct mirror *mirror;
static struct wishes wishes;

static void
put_link(uint32_t ifindex, const char *kind, uint32_t master, uint32_t lower, bool up)
{
	struct link_info info;
	char name[16];

	snprintf(name, sizeof(name), "l%u", ifindex);
	info = plain_link(ifindex, name);
	strcpy(info.kind, kind);
	info.master = master;
	info.lower = lower;
	info.up = up;
	mirror_put_link(mirror, &info, FROM_EVENT);
}

static void
begin(void)
{
	mirror = mirror_new(&unit_options);
	memset(&wishes, 0, sizeof(wishes));
	wishes.mirror = mirror;
	wishes.proc = "/proc";
	wishes.permitted = true;
	fake_open(&fake, &wishes.route);
}

static void
end(void)
{
	CU_ASSERT_EQUAL(wishes.route.sequence, fake.sequence);
	snapshot_forget(&wishes.left);
	fake_close(&fake, &wishes.route);
	mirror_free(mirror);
}

static void
a_port_comes_back(void)
{
	const struct setting now[] = { { IFLA_BRPORT_PRIORITY, 2, 32 },
		{ IFLA_BRPORT_COST, 4, 42 }, { IFLA_BRPORT_LEARNING, 1, 1 },
		{ IFLA_BRPORT_ISOLATED, 1, 0 }, { IFLA_BRPORT_MULTICAST_ROUTER, 1, 1 },
		{ 0 } };
	struct wish wish = { .what = WISH_LINK_MASTER, .ifindex = PORT };
	struct deed *deed;

	begin();
	put_link(BRIDGE, "bridge", 0, 0, true);
	put_link(PORT, "", BRIDGE, 0, true);
	say_all(&fake);
	fake_answer(&fake, 1, 0);
	CU_ASSERT_EQUAL_FATAL(wishes_fulfil(&wishes, &wish, &deed), 0);
	asked((const char *[]){ "link 7 in 0", NULL });

	fake_answer(&fake, 1, 0);
	fake_dump(&fake,
		(struct nl_msg *[]){ said_port(PORT, BRIDGE, "bridge", now), NULL });
	fake_answer(&fake, 1, 0);
	fake_dump(&fake,
		(struct nl_msg *[]){ said_port(OTHER, BRIDGE, "bridge", nothing), NULL });
	fake_answer(&fake, 15, 0);
	CU_ASSERT_EQUAL(wishes_undo(&wishes, deed), 0);
	CU_ASSERT_EQUAL(wishes_settle(&wishes), 0);
	asked((const char *[]){ "link 7 in 5",
		"link 7 2=5 8=0 33=1 48=11", /* neither a cost that is so nor the state */
		"link 8 34=7", "7 lacks 1/0",
		"entry 2:0:0:0:0:78 of 7/0, state 40, flags 44", "7 has 99/0",
		"entry 2:0:0:0:0:7a of 7/99, state 40, flags 4", "7 lacks 99/0",
		"7 has 10/6 20/8 22/16 tunnel",
		"entry 2:0:0:0:0:79 of 7/21, state 40, flags 4",
		"entry 2:0:0:0:0:7b of 7/10, state 2, flags 14",
		"group .1 of 7/20 in 5 2 3 4", "group .5 of 7/10 in 5", "7 has 99/0",
		"group .6 of 7/99 in 5", "7 lacks 99/0", "group .1 of 7/20 in 5 1",
		NULL });
	end();
}

static void
a_slave_of_a_bond_comes_back(void)
{
	const struct setting before[] = { { IFLA_BOND_SLAVE_STATE, 1, 1 },
		{ IFLA_BOND_SLAVE_QUEUE_ID, 2, 3 }, { IFLA_BOND_SLAVE_PRIO, 4, 7 },
		{ IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, 2, 1 }, { 0 } };
	struct wish wish = { .what = WISH_LINK_MASTER, .ifindex = PORT };
	struct deed *deed;

	begin();
	put_link(BRIDGE, "bond", 0, 0, true);
	put_link(PORT, "", BRIDGE, 0, true);
	fake_dump(&fake,
		(struct nl_msg *[]){ said_port(PORT, BRIDGE, "bond", before), NULL });
	fake_nothing(&fake, 7); /* what goes with it when it is taken down */
	fake_answer(&fake, 1, 0);
	CU_ASSERT_EQUAL_FATAL(wishes_fulfil(&wishes, &wish, &deed), 0);
	fake_answer(&fake, 1, 0);
	fake_dump(&fake,
		(struct nl_msg *[]){ said_port(PORT, BRIDGE, "bond", nothing), NULL });
	fake_answer(&fake, 1, 0);
	CU_ASSERT_EQUAL(wishes_undo(&wishes, deed), 0);
	asked((const char *[]){ "link 7 in 0", "link 7 in 5", "link 7 5=3 9=7", NULL });
	end();
}

/* What the kernel refuses is tried again, and then it is said. */
static void
a_port_does_not_come_back(void)
{
	struct wish wish = { .what = WISH_LINK_MASTER, .ifindex = PORT };
	struct deed *deed;

	begin();
	put_link(BRIDGE, "bridge", 0, 0, true);
	put_link(PORT, "", BRIDGE, 0, true);
	fake_dump(&fake,
		(struct nl_msg *[]){ said_port(PORT, BRIDGE, "bridge", nothing), NULL });
	fake_nothing(&fake, 1);
	fake_dump(&fake, (struct nl_msg *[]){ said(2), NULL });
	fake_dump(&fake, (struct nl_msg *[]){ said(3), NULL });
	fake_answer(&fake, 1, EOPNOTSUPP); /* no multicast snooping */
	fake_answer(&fake, 1, 0);
	CU_ASSERT_EQUAL_FATAL(wishes_fulfil(&wishes, &wish, &deed), 0);
	fake_answer(&fake, 2, 0);
	fake_answer(&fake, 10, EINVAL);
	CU_ASSERT_EQUAL(wishes_undo(&wishes, deed), 0);
	CU_ASSERT_EQUAL(wishes_settle(&wishes), -EIO);
	/* three rounds when it is undone, and each time that it is tried again */
	CU_ASSERT_EQUAL(wishes.route.sequence, fake.sequence);
	end();
}

/* VLANs 10 (up), 11 (down) and, on the first one, 12 above link 3; a macvlan. */
static void
vlans_come_back(void)
{
	struct wish wish = { .what = WISH_LINK_UP, .ifindex = 3 };
	const struct built_addr address = { .ifindex = 12,
		.address = "2001:db8::1",
		.length = 64,
		.flags = IFA_F_PERMANENT };
	struct deed *deed;

	begin();
	put_link(3, "", 0, 0, true);
	put_link(10, "vlan", 0, 3, true);
	put_link(11, "vlan", 0, 3, false);
	put_link(12, "vlan", 0, 10, true);
	put_link(13, "macvlan", 0, 3, true);
	put_link(14, "vlan", 0, 11, false);
	put_link(15, "vlan", 3, 0, true); /* in a link, not above it */
	fake_nothing(&fake, 14);	  /* of 3, 10 */
	fake_dump(&fake, (struct nl_msg *[]){ build_addr(RTM_NEWADDR, &address), NULL });
	fake_nothing(&fake, 6); /* and all else of 12 */
	fake_answer(&fake, 1, 0);
	CU_ASSERT_EQUAL_FATAL(wishes_fulfil(&wishes, &wish, &deed), 0);
	fake_answer(&fake, 5, 0);
	CU_ASSERT_EQUAL(wishes_undo(&wishes, deed), 0);
	asked((const char *[]){ "link 3 down", "link 3 up", "link 10 up", "link 12 up",
		"type 20" /* RTM_NEWADDR */, "link 11 down", NULL });
	end();
}

/* A kernel that lies. */

/* Has the port remembered, with @msg (freed) as the @n-th answer. */
static int
remember(size_t n, struct nl_msg *msg, size_t *kept)
{
	struct snapshot snapshot = { 0 };
	struct channel channel;
	int error;

	fake_open(&fake, &channel);
	for (size_t i = 0; i < 5; i++)
		fake_dump(&fake, (struct nl_msg *[]){ i == n ? msg : said(i), NULL });
	error = port_remember(&snapshot, &channel, PORT, BRIDGE);
	*kept = snapshot.len;
	snapshot_forget(&snapshot);
	fake_close(&fake, &channel);
	return error;
}

/* Where the last attribute of the @n-th answer, which says all that counts, begins. */
static uint32_t
last_attribute(size_t n, const struct nlmsghdr *msg)
{
	const size_t heads[] = { sizeof(struct ifinfomsg), sizeof(struct ifinfomsg),
		sizeof(struct ifinfomsg), sizeof(struct ndmsg),
		sizeof(struct br_port_msg) };
	struct nlattr *attr, *last = NULL;
	int left;

	nlmsg_for_each_attr(attr, (void *)(uintptr_t)msg, (int)heads[n], left)
	{
		last = attr;
	}
	return (uint32_t)((const char *)last - (const char *)msg);
}

static void
cut_messages(void)
{
	size_t kept;

	CU_ASSERT_EQUAL(remember(5, NULL, &kept), 0);
	for (size_t n = 0; n < 5; n++) {
		struct nl_msg *msg = said(n);
		uint32_t len = nlmsg_hdr(msg)->nlmsg_len;
		uint32_t last = last_attribute(n, nlmsg_hdr(msg));

		nlmsg_free(msg);
		for (uint32_t cut = NLMSG_HDRLEN; cut + 3 < len; cut++) {
			int error;

			msg = said(n);
			nlmsg_hdr(msg)->nlmsg_len = cut;
			error = remember(n, msg, &kept);
			/* Between two attributes nobody can tell. */
			CU_ASSERT_TRUE(error == -EBADMSG || error == -ENODEV ||
				       (error == 0 && cut <= last));
		}
	}
}

/* Each octet behind the header, one after another, is something else. */
static void
garbled_messages(void)
{
	const uint8_t others[] = { 0x00, 0x01, 0x80, 0xff };
	size_t kept;

	for (size_t n = 0; n < 5; n++) {
		struct nl_msg *msg = said(n);
		uint32_t len = nlmsg_hdr(msg)->nlmsg_len;

		nlmsg_free(msg);
		for (uint32_t at = NLMSG_HDRLEN; at < len; at++) {
			int error;

			msg = said(n);
			((uint8_t *)nlmsg_hdr(msg))[at] = others[pick(4)];
			error = remember(n, msg, &kept);
			CU_ASSERT_TRUE(
				error == 0 || error == -EBADMSG || error == -ENODEV);
		}
	}
}

/* One that cannot be read is not left out quietly. */
static void
short_attributes(void)
{
	struct br_port_msg head = { .family = AF_BRIDGE, .ifindex = BRIDGE };
	struct bridge_vlan_info vlan = { 0, 10 };
	struct ifinfomsg link = { .ifi_family = AF_BRIDGE, .ifi_index = PORT };
	struct nlattr *all, *one;
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETMDB, 0);
	size_t kept;

	nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
	all = nla_nest_start(msg, MDBA_MDB);
	one = nla_nest_start(msg, MDBA_MDB_ENTRY);
	nla_put(msg, MDBA_MDB_ENTRY_INFO, sizeof(struct br_mdb_entry) - 4, &fake.buffer);
	nla_nest_end(msg, one);
	nla_nest_end(msg, all);
	CU_ASSERT_EQUAL(remember(4, msg, &kept), -EBADMSG);

	msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	nlmsg_append(msg, &link, sizeof(link), NLMSG_ALIGNTO);
	nla_put_u32(msg, IFLA_MASTER, BRIDGE);
	all = nla_nest_start(msg, IFLA_AF_SPEC);
	nla_put(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(vlan) - 1, &vlan);
	nla_nest_end(msg, all);
	CU_ASSERT_EQUAL(remember(2, msg, &kept), -EBADMSG);

	/* one that runs over the end of what it is in */
	msg = said(0);
	all = find(nlmsg_hdr(msg), sizeof(link), IFLA_LINKINFO);
	one = nla_find(nla_data(all), nla_len(all), IFLA_INFO_SLAVE_DATA);
	((struct nlattr *)nla_data(one))->nla_len = (uint16_t)nla_len(one) + 1;
	CU_ASSERT_EQUAL(remember(0, msg, &kept), -EBADMSG);

	CU_ASSERT_EQUAL(
		remember(0, said_port(OTHER, BRIDGE, "bridge", nothing), &kept), -ENODEV);
}

void
suite_deed(void)
{
	CU_pSuite suite = CU_add_suite("deed", NULL, NULL);

	CU_ADD_TEST(suite, a_port_comes_back);
	CU_ADD_TEST(suite, a_slave_of_a_bond_comes_back);
	CU_ADD_TEST(suite, a_port_does_not_come_back);
	CU_ADD_TEST(suite, vlans_come_back);
	CU_ADD_TEST(suite, cut_messages);
	CU_ADD_TEST(suite, garbled_messages);
	CU_ADD_TEST(suite, short_attributes);
}
