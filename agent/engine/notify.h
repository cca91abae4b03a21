/*
 * Notifications: from "this has happened" to "send that", without a flood.
 *
 *	tables/		what a change means: a notice of a topic and an instance
 *	notify_tell()	damping, a bucket for all, a queue that coalesces
 *	the sink	sends, or says that it cannot now
 *
 * A topic is what one thing can be told about: of an interface that it is up or down.
 * Each (topic, instance) has a state, and there is one question: is its present state the
 * one that managers were told last? What is held back is replaced by what comes after it,
 * so that in the end the last one told is the true one, whatever was left out in between.
 *
 * Damping is that of interfaces on routers (RFC 2439, section 4): each notice adds to a
 * penalty that halves with time; above one limit nothing is told, until it is below
 * another.
 */
#ifndef NETMIBD_ENGINE_NOTIFY_H
#define NETMIBD_ENGINE_NOTIFY_H

#include "../base/loop.h"
#include "../base/options.h"
#include "table.h"

#include <bsd/sys/queue.h>

/* A notification as the MIB defines it. */
struct notification {
	const char *name;  /* verbatim from the MIB */
	struct oid oid;	   /* the value of snmpTrapOID.0 */
	unsigned int type; /* which counts what is held back, and by which it is switched
			    * on: below NOTIFY_TYPES */
};

#define NOTIFY_TYPES 32

/* A varbind with its value, which is kept. */
struct notice_varbind {
	STAILQ_ENTRY(notice_varbind) next;
	enum syntax syntax;
	uint64_t number;
	uint8_t *octets; /* of an octet string or an IpAddress */
	uint32_t *oid;	 /* the name, and behind it the value if that is an OID */
	size_t name_len, len;
};

STAILQ_HEAD(notice_varbinds, notice_varbind);

/* One that is to be sent. Its values are those of when it was made: the row may have gone
 * since. */
struct notice {
	const struct notification *what;
	uint32_t bits; /* whoever makes it may note what it is about */
	struct notice_varbinds varbinds;
};

struct notice *notice_new(const struct notification *what);
void notice_free(struct notice *notice);

/* Adds column @id of @row in @table (of a scalar: the source), as it is known: nothing is
 * made fresh. What has no value is left out. */
void notice_add(struct notice *notice, struct query *query, const struct table *table,
	uint32_t id, const void *row);

/* Adds an object that only notifications have, the instance 0 of @object. */
void notice_add_object(
	struct notice *notice, const struct oid *object, const struct value *value);

/* Who sends. */
struct notify_sink {
	/* Sends a notice, which is taken then. False: not now; notify_go_on() will be
	 * called. */
	bool (*send)(void *arg, struct notice *notice);
	/* Is it still wanted, just before it is sent? NULL: always. */
	bool (*wanted)(void *arg, const struct notice *notice);
	/* The end of a window in which something was held back: makes the notice that
	 * says so, or returns NULL. */
	struct notice *(*summary)(void *arg);
	void *arg;
};

struct notify_counts {
	uint64_t sent[NOTIFY_TYPES], held[NOTIFY_TYPES];
};

struct notifier;

/* One that tells nothing yet. @loop, @limits and @sink must outlive it; the limits may
 * change. */
struct notifier *notifier_new(const struct loop *loop, const struct notify_limits *limits,
	const struct notify_sink *sink);
void notifier_free(struct notifier *notifier);

/* @topic (any number) of the thing that @key names, of @len octets (up to
 * NOTIFY_KEY_MAX), is in state @state now, which @notice (taken) says. Of more than
 * 20000 things at once only those whose topic is @vital are told, up to 100000. */
#define NOTIFY_KEY_MAX 44
void notify_tell(struct notifier *notifier, unsigned int topic, bool vital,
	const void *key, size_t len, uint64_t state, struct notice *notice);

/* The thing is no more, and nobody needs to be told again what was held back of it. */
void notify_forget(
	struct notifier *notifier, unsigned int topic, const void *key, size_t len);

/* The notice about the thing that is held back or waits; NULL: there is none. */
const struct notice *notify_held(
	struct notifier *notifier, unsigned int topic, const void *key, size_t len);

/* The thing is about to go: what is held back of it is told at once, damped or not. It is
 * not vital any more. */
void notify_release(
	struct notifier *notifier, unsigned int topic, const void *key, size_t len);

/* The sink can send again. */
void notify_go_on(struct notifier *notifier);

/* What was sent and what was held back so far. */
const struct notify_counts *notify_counts(const struct notifier *notifier);

/* How many wait to be sent, and of how many things something is remembered. */
size_t notify_waiting(const struct notifier *notifier);
size_t notify_remembered(const struct notifier *notifier);

#endif
