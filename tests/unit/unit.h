/*
 * What the unit tests share: the suites, a seeded random generator, netlink messages
 * built by hand, and a mirror with one link of every kind.
 */
#ifndef NETMIBD_TESTS_UNIT_H
#define NETMIBD_TESTS_UNIT_H

#include "../../agent/kernel/procstats.h"
#include "../../agent/mirror/mirror.h"
#include "../../tables/tables.h"

#include <CUnit/CUnit.h>
#include <netlink/msg.h>
#include <stdint.h>

void suite_set(void);
void suite_engine(void);
void suite_group(void);
void suite_edit(void);
void suite_draft(void);
void suite_inet(void);
void suite_addr(void);
void suite_route(void);
void suite_route_model(void);
void suite_router(void);
void suite_mirror(void);
void suite_stack(void);
void suite_sweep(void);
void suite_decode(void);
void suite_decode_addr(void);
void suite_decode_route(void);
void suite_procstats(void);
void suite_ipstats(void);
void suite_decode_ipif(void);
void suite_ipif(void);
void suite_routes(void);
void suite_reader(void);
void suite_session(void);
void suite_deed(void);
void suite_tables(void);
void suite_facts(void);
void suite_kept(void);
void suite_restore(void);
void suite_notices(void);
void suite_notify(void);

/* Random numbers from SEED (environment) or the time; the seed is printed at the start.
 */
uint32_t pick(uint32_t below);

/* Makes an empty folder beside the test program and writes its path to @path, which has
 * room for PATH_MAX octets. The caller removes it. */
void make_folder(char *path);

/* Runs @test in a process of its own: it may leave threads, limits and files behind. */
void run_alone(void (*test)(void));

/* A link message in the making. */
struct built {
	const char *name, *kind;
	uint32_t ifindex, mtu, master, link, flags;
	uint32_t min_mtu, max_mtu; /* 0: no attribute */
	uint16_t arphrd;
	uint8_t operstate;
	bool other_netns; /* IFLA_LINK_NETNSID */
	int lower_attr;	  /* in IFLA_INFO_DATA: the attribute that names the lower link */
	uint32_t lower;
	const char *alias, *parent, *bus;
	uint32_t promiscuity;
	uint8_t address[32], address_len;
	uint8_t permanent[6]; /* zeros: none */
};

/* RTM_NEWLINK (or @type) as the kernel would send it; nlmsg_free() it. */
struct nl_msg *build_link(int type, const struct built *what);

/* An address or neighbour message in the making; addresses as inet_pton(3) reads them. */
struct built_addr {
	uint32_t ifindex;
	const char *address, *local, *broadcast, *anycast;
	uint8_t length, proto;
	uint32_t flags;
	uint32_t preferred, valid; /* 0: for ever */
	uint32_t created, changed;
};

struct built_neigh {
	uint32_t ifindex;
	const char *address;
	uint8_t lladdr[32], lladdr_len;
	uint16_t state;
	uint8_t flags;
	uint32_t age;
};

/* RTM_NEWADDR, RTM_NEWANYCAST, RTM_NEWNEIGH or @type, likewise. */
struct nl_msg *build_addr(int type, const struct built_addr *what);
struct nl_msg *build_neigh(int type, const struct built_neigh *what);

/* A mirror, synced, with one link of every kind and known counters, as of @now with the
 * clock frozen there; mirror_free() it and thaw the clock. */
struct mirror *fixture_mirror(uint64_t now);
extern struct options unit_options;

/* What /proc says in the fixture, parsed, and put into the mirror at @now. */
extern const char *const proc_texts[N_PROC_FILES];
void fixture_readings(struct ip_reading *v4, struct ip_reading *v6);
void fixture_ip(struct ip_node *node, uint64_t now);

/* A message about IP interfaces in the making. */
struct built_ip {
	uint32_t ifindex;
	bool v4, v6; /* are they there? */
	bool disabled, forwarding, forwarding4, no_eui64;
	uint32_t retrans_time; /* 0: 1000 */
	uint8_t token[16];
};

/* RTM_NEWLINK as the kernel would send it, of family AF_UNSPEC or AF_INET6 (@v6_only). */
struct nl_msg *build_ip_link(const struct built_ip *what, bool v6_only);

/* Gives the links of the fixture IP interfaces, with all that is read on demand. */
void fixture_ipifs(struct mirror *mirror, uint64_t now);

/* The first lines of /proc/net/dev_snmp6 of a link; @n is in every number. */
void build_dev_snmp6(char *text, size_t size, uint32_t ifindex, unsigned int n);

/* A plain link for mirror tests. */
struct link_info plain_link(uint32_t ifindex, const char *name);

#endif
