/*
 * What the administrator can set, in one plain struct: filled by main.c (flags) and by
 * agentx/config.c (netmibd.conf, which is read again on SIGHUP), read by the layer named
 * beside each field. The defaults are those of options_init().
 */
#ifndef NETMIBD_BASE_OPTIONS_H
#define NETMIBD_BASE_OPTIONS_H

#include "inet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ifType for the interfaces called @name, or of the kind @name. */
struct type_override {
	bool by_kind;
	char name[20];
	int32_t if_type;
};

enum write_mode {
	WRITE_ON,
	WRITE_OFF,
	WRITE_DRY_RUN, /* all is checked, nothing is done */
};

/* How much is told, and how fast; times in ms. */
struct notify_limits {
	unsigned int penalty;	/* of each notice */
	unsigned int half_life; /* after which it is half of that */
	unsigned int suppress;	/* with more of it nothing is told, */
	unsigned int reuse;	/* until it is down to that: */
	unsigned int ceiling;	/* no later than so long after the last notice */
	unsigned int rate;	/* notices per second, of all */
	unsigned int burst;
	unsigned int window; /* after which is said how much was held back */
};

/* Routes that are told when they come and go: those to @prefix/@plen or to a part of it,
 * or any; of that protocol of the kernel's, or any. */
struct notify_route {
	struct inet prefix;
	uint8_t plen, proto;
	bool any, any_proto;
};

struct options {
	bool follow_master;		 /* agentx: stay on the master's CPU */
	unsigned int counter_max_age_ms; /* kernel: how old an answered counter may be */
	unsigned int event_buffer;	 /* kernel: octets of the event socket's buffer */
	bool descr_device;		 /* tables: ifDescr names the parent device too */
	/* tables: the next hop of a route without a gateway is 0.0.0.0 or ::, not empty
	 */
	bool connected_next_hop_zero;
	bool foreign_routes;   /* tables: SETs may touch what routing daemons have made */
	bool persist;	       /* main: what was set is kept over restarts */
	enum write_mode write; /* kernel: what becomes of SETs */
	bool link_down_says_old;     /* tables: ifOperStatus in linkDown is the old one */
	struct notify_limits notify; /* engine */
	struct notify_route *notify_routes; /* tables */
	size_t n_notify_routes;
	struct type_override *overrides; /* tables: in the order of the file */
	size_t n_overrides;
	char (*protected)[16]; /* tables: the names of links that no SET may cut off */
	size_t n_protected;
};

/* Adds a name, cut to 15 octets as a link's name is. */
void options_protect(struct options *options, const char *name);

/* Adds a filter: "PREFIX[/LENGTH]|any [proto NUMBER]". False: it is none. */
bool options_notify_routes(struct options *options, const char *text);

/* Is a link of that name protected? */
bool options_protects(const struct options *options, const char *name);

/* Frees what @options points to. */
void options_free(struct options *options);

/* Fills in the defaults; frees what an earlier reading left in @options. */
void options_init(struct options *options);

/* Adds a rule; of several that match, the first one counts. */
void options_override_type(
	struct options *options, bool by_kind, const char *name, int32_t if_type);

#endif
