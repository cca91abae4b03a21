/*
 * What is told, and when: see notify.h.
 */
#include "notify.h"

#include "../base/alloc.h"
#include "../base/clock.h"

#include <stdlib.h>
#include <string.h>

/* With how many things that are remembered no other one is, and no vital one either:
 * interfaces that come and go faster than they can be told must not fill the memory. */
#define SUBJECTS_MAX 20000
#define VITAL_MAX    100000

/* What is left of a penalty that is none any more. */
#define NO_PENALTY 50

/* A penalty that is more counts as this. */
#define PENALTY_MAX ((uint64_t)1 << 30)

/* How often things are looked at, in ms: at the most, for all of them are; when some wait
 * for their time; when all that can happen is that they are forgotten. */
#define LOOK_SOONEST 20
#define LOOK_SOON    100
#define LOOK_LATER   5000

/* The highest rate that counts, and the longest time without a notice, in ns: their
 * product must not overflow. */
#define RATE_MAX 1000000
#define LONG_AGO (3600 * NS_PER_S)

/* A thing, and what managers know of it. */
struct subject {
	struct set_node node;
	unsigned int topic;
	size_t len;
	uint8_t key[NOTIFY_KEY_MAX];
	uint32_t penalty;
	uint64_t at; /* when that was its penalty */
	bool suppressed;
	bool told; /* something, which said: */
	uint64_t told_state;
	uint64_t state;	       /* what the notice says */
	struct notice *notice; /* held back or waiting; NULL: neither */
	bool is_waiting;
	TAILQ_ENTRY(subject) waiting;
};

TAILQ_HEAD(subjects, subject);

struct notifier {
	const struct loop *loop;
	const struct notify_limits *limits;
	const struct notify_sink *sink;
	struct set subjects; /* by topic, key */
	struct subjects waiting;
	size_t n_waiting;
	uint64_t tokens;    /* in 1/1000, */
	uint64_t tokens_at; /* then */
	struct notify_counts counts;
	uint64_t window; /* its end; 0: nothing was held back */
	unsigned int timer;
	uint64_t timer_at;
	struct notice *summary; /* to be sent before anything else */
};

static int
by_topic_and_key(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;
	int order = set_order(x->topic, y->topic);

	if (!order)
		order = set_order((uint32_t)x->len, (uint32_t)y->len);
	return order ? order : memcmp(x->key, y->key, x->len);
}

struct notifier *
notifier_new(const struct loop *loop, const struct notify_limits *limits,
	const struct notify_sink *sink)
{
	struct notifier *notifier = xcalloc(1, sizeof(*notifier));

	notifier->loop = loop;
	notifier->limits = limits;
	notifier->sink = sink;
	set_init(&notifier->subjects, offsetof(struct subject, node), by_topic_and_key);
	TAILQ_INIT(&notifier->waiting);
	notifier->tokens = (uint64_t)limits->burst * 1000;
	notifier->tokens_at = clock_now();
	return notifier;
}

static void
stop_waiting(struct notifier *notifier, struct subject *subject)
{
	if (!subject->is_waiting)
		return;
	TAILQ_REMOVE(&notifier->waiting, subject, waiting);
	subject->is_waiting = false;
	notifier->n_waiting--;
}

static void
forget(struct notifier *notifier, struct subject *subject)
{
	stop_waiting(notifier, subject);
	set_remove(&notifier->subjects, subject);
	notice_free(subject->notice);
	free(subject);
}

void
notifier_free(struct notifier *notifier)
{
	struct subject *subject;

	if (notifier->timer)
		notifier->loop->cancel(notifier->timer);
	while ((subject = set_first(&notifier->subjects)))
		forget(notifier, subject);
	notice_free(notifier->summary);
	free(notifier);
}

static void look(void *arg);

static void
look_in(struct notifier *notifier, unsigned int ms)
{
	uint64_t at = clock_now() + ms * NS_PER_MS;

	if (notifier->timer && notifier->timer_at <= at)
		return;
	if (notifier->timer)
		notifier->loop->cancel(notifier->timer);
	notifier->timer = notifier->loop->after(ms, look, notifier);
	notifier->timer_at = at;
}

/* A notice that will not be sent. */
static void
hold_back(struct notifier *notifier, struct notice *notice, uint64_t now)
{
	if (!notice)
		return;
	notifier->counts.held[notice->what->type % NOTIFY_TYPES]++;
	notice_free(notice);
	if (!notifier->window)
		notifier->window = now + notifier->limits->window * NS_PER_MS;
	look_in(notifier, LOOK_SOON);
}

/* Damping. */

/* So much is down to where it can be told again after the ceiling: what penalty_now()
 * does, backwards. */
static uint64_t
most_penalty(const struct notify_limits *limits)
{
	uint64_t half = limits->half_life, halves, most;

	if (!half)
		return 0;
	halves = limits->ceiling / half;
	most = (uint64_t)limits->reuse << (halves < 16 ? halves : 16);
	most = most < PENALTY_MAX ? most : PENALTY_MAX;
	most = most * 2 * half / (2 * half - limits->ceiling % half);
	return most < PENALTY_MAX ? most : PENALTY_MAX;
}

static uint32_t
penalty_now(const struct notifier *notifier, const struct subject *subject, uint64_t now)
{
	uint64_t half = notifier->limits->half_life * NS_PER_MS;
	uint64_t gone = now - subject->at;
	uint64_t penalty = subject->penalty, most = most_penalty(notifier->limits);

	if (!half || gone / half > 31)
		return 0;
	/* The limits may have changed since. */
	penalty = (penalty < most ? penalty : most) >> gone / half;
	/* Within a half-life a straight line is near enough. */
	return (uint32_t)(penalty -
			  penalty * (gone % half / NS_PER_MS) / (2 * (half / NS_PER_MS)));
}

static void
add_penalty(const struct notifier *notifier, struct subject *subject, uint64_t now)
{
	const struct notify_limits *limits = notifier->limits;
	uint64_t penalty =
		(uint64_t)penalty_now(notifier, subject, now) + limits->penalty;

	subject->penalty = (uint32_t)(penalty < PENALTY_MAX ? penalty : PENALTY_MAX);
	subject->at = now;
	subject->suppressed |= penalty > limits->suppress;
}

static bool
is_suppressed(const struct notifier *notifier, struct subject *subject, uint64_t now)
{
	const struct notify_limits *limits = notifier->limits;

	/* Without a penalty nothing is damped, whatever is left of old ones. */
	if (!limits->penalty || penalty_now(notifier, subject, now) <= limits->reuse)
		subject->suppressed = false;
	return subject->suppressed;
}

/* The bucket. */

static bool
take_token(struct notifier *notifier, uint64_t now)
{
	const struct notify_limits *limits = notifier->limits;
	uint64_t gone = now - notifier->tokens_at, more;
	uint64_t rate = limits->rate < RATE_MAX ? limits->rate : RATE_MAX;

	gone = gone < LONG_AGO ? gone : LONG_AGO;
	more = gone * rate / NS_PER_MS;
	if (more) {
		notifier->tokens += more;
		/* What is not enough for 1/1000 yet must not get lost: when much happens
		 * this is called far more often. */
		notifier->tokens_at = now - gone * rate % NS_PER_MS / rate;
	}
	if (notifier->tokens > (uint64_t)limits->burst * 1000)
		notifier->tokens = (uint64_t)limits->burst * 1000;
	if (notifier->tokens < 1000)
		return false;
	notifier->tokens -= 1000;
	return true;
}

/* In how many ms there is one. */
static unsigned int
until_token(const struct notifier *notifier)
{
	uint64_t missing = 1000 - notifier->tokens, ms = LOOK_LATER;

	if (notifier->limits->rate)
		ms = missing / notifier->limits->rate + 1;
	if (ms < LOOK_SOONEST)
		return LOOK_SOONEST;
	return ms < LOOK_LATER ? (unsigned int)ms : LOOK_LATER;
}

/* Sending. */

/* False: nothing can be sent now. */
static bool
send_summary(struct notifier *notifier)
{
	unsigned int type;

	if (!notifier->summary)
		return true;
	type = notifier->summary->what->type % NOTIFY_TYPES;
	if (!notifier->sink->send(notifier->sink->arg, notifier->summary))
		return false;
	notifier->counts.sent[type]++;
	notifier->summary = NULL;
	if (notifier->window)
		look_in(notifier, LOOK_SOON);
	return true;
}

/* False: the sink cannot send now. */
static bool
send_one(struct notifier *notifier, struct subject *subject)
{
	/* One that waits has a notice.
	 * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	unsigned int type = subject->notice->what->type % NOTIFY_TYPES;

	if (!notifier->sink->send(notifier->sink->arg, subject->notice))
		return false;
	notifier->counts.sent[type]++;
	subject->told = true;
	subject->told_state = subject->state;
	subject->notice = NULL;
	stop_waiting(notifier, subject);
	return true;
}

static bool
is_wanted(const struct notifier *notifier, const struct notice *notice)
{
	const struct notify_sink *sink = notifier->sink;

	return !sink->wanted || sink->wanted(sink->arg, notice);
}

static void
flush(struct notifier *notifier, uint64_t now)
{
	struct subject *subject;

	if (!send_summary(notifier))
		return;
	while ((subject = TAILQ_FIRST(&notifier->waiting))) {
		if ((subject->told && subject->told_state == subject->state) ||
			!is_wanted(notifier, subject->notice)) {
			/* it is again as was told, or has been switched off meanwhile */
			stop_waiting(notifier, subject);
			hold_back(notifier, subject->notice, now);
			subject->notice = NULL;
			continue;
		}
		if (!take_token(notifier, now)) {
			look_in(notifier, until_token(notifier));
			return;
		}
		if (!send_one(notifier, subject)) {
			notifier->tokens += 1000;
			return;
		}
	}
}

static void
begin_waiting(struct notifier *notifier, struct subject *subject)
{
	if (subject->is_waiting)
		return;
	TAILQ_INSERT_TAIL(&notifier->waiting, subject, waiting);
	subject->is_waiting = true;
	notifier->n_waiting++;
}

static struct subject *
find(struct notifier *notifier, unsigned int topic, const void *key, size_t len)
{
	struct subject sought = { .topic = topic, .len = len };

	memcpy(sought.key, key, len);
	return set_find(&notifier->subjects, &sought);
}

static struct subject *
make(struct notifier *notifier, unsigned int topic, const void *key, size_t len,
	uint64_t now)
{
	struct subject *subject = xcalloc(1, sizeof(*subject));

	subject->topic = topic;
	subject->len = len;
	memcpy(subject->key, key, len);
	subject->at = now;
	set_insert(&notifier->subjects, subject);
	look_in(notifier, LOOK_LATER); /* which forgets it in time */
	return subject;
}

void
notify_tell(struct notifier *notifier, unsigned int topic, bool vital, const void *key,
	size_t len, uint64_t state, struct notice *notice)
{
	uint64_t now = clock_now();
	struct subject *subject;

	len = len < NOTIFY_KEY_MAX ? len : NOTIFY_KEY_MAX;
	subject = find(notifier, topic, key, len);
	if (!subject &&
		set_count(&notifier->subjects) >= (vital ? VITAL_MAX : SUBJECTS_MAX)) {
		hold_back(notifier, notice, now);
		return;
	}
	if (!subject)
		subject = make(notifier, topic, key, len, now);
	hold_back(notifier, subject->notice, now);
	subject->notice = notice;
	subject->state = state;
	add_penalty(notifier, subject, now);
	if (is_suppressed(notifier, subject, now)) {
		stop_waiting(notifier, subject);
		look_in(notifier, LOOK_SOON);
	} else {
		begin_waiting(notifier, subject);
	}
	flush(notifier, now);
}

void
notify_forget(struct notifier *notifier, unsigned int topic, const void *key, size_t len)
{
	struct subject *subject =
		find(notifier, topic, key, len < NOTIFY_KEY_MAX ? len : NOTIFY_KEY_MAX);

	if (!subject)
		return;
	hold_back(notifier, subject->notice, clock_now());
	subject->notice = NULL;
	forget(notifier, subject);
}

const struct notice *
notify_held(struct notifier *notifier, unsigned int topic, const void *key, size_t len)
{
	const struct subject *subject =
		find(notifier, topic, key, len < NOTIFY_KEY_MAX ? len : NOTIFY_KEY_MAX);

	return subject ? subject->notice : NULL;
}

void
notify_release(struct notifier *notifier, unsigned int topic, const void *key, size_t len)
{
	struct subject *subject =
		find(notifier, topic, key, len < NOTIFY_KEY_MAX ? len : NOTIFY_KEY_MAX);

	if (!subject || !subject->notice)
		return;
	/* It will never come back: without a master there would be more and more. */
	if (set_count(&notifier->subjects) >= SUBJECTS_MAX) {
		notify_forget(notifier, topic, key, len);
		return;
	}
	subject->suppressed = false;
	subject->penalty = 0;
	begin_waiting(notifier, subject);
	flush(notifier, clock_now());
}

void
notify_go_on(struct notifier *notifier)
{
	flush(notifier, clock_now());
}

/* Lets @subject be told again, or forgets it. True: it has to wait for its time. */
static bool
look_at(struct notifier *notifier, struct subject *subject, uint64_t now)
{
	if (is_suppressed(notifier, subject, now))
		return subject->notice != NULL;
	if (subject->notice)
		begin_waiting(notifier, subject);
	else if (penalty_now(notifier, subject, now) < NO_PENALTY)
		forget(notifier, subject);
	return false;
}

/* What time brings: things that are told again, or forgotten; the end of a window. */
static void
look(void *arg)
{
	struct notifier *notifier = arg;
	struct subject *subject, *next;
	uint64_t now = clock_now();
	bool soon = false;

	notifier->timer = 0;
	set_for_each (subject, next, &notifier->subjects)
		soon |= look_at(notifier, subject, now);
	/* One that could not be sent yet stays: it has counted what is in it. */
	if (notifier->window && notifier->window <= now && !notifier->summary) {
		notifier->window = 0;
		notifier->summary = notifier->sink->summary(notifier->sink->arg);
	}
	flush(notifier, now);
	if (soon || (notifier->window && !notifier->summary))
		look_in(notifier, LOOK_SOON);
	else if (set_count(&notifier->subjects))
		look_in(notifier, LOOK_LATER);
}

const struct notify_counts *
notify_counts(const struct notifier *notifier)
{
	return &notifier->counts;
}

size_t
notify_waiting(const struct notifier *notifier)
{
	return notifier->n_waiting;
}

size_t
notify_remembered(const struct notifier *notifier)
{
	return set_count(&notifier->subjects);
}
