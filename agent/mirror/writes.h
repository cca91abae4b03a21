/*
 * What has become of SETs: the agent's own part of the mirror, for those who ask why the
 * last one has failed. Words come from whoever knows why, and belong to the transaction
 * that ends next.
 */
#ifndef NETMIBD_MIRROR_WRITES_H
#define NETMIBD_MIRROR_WRITES_H

#include <stdint.h>

struct writes {
	uint32_t done, failed, undone; /* transactions */
	uint32_t last;		       /* number of the last one that has ended */
	struct {		       /* the last one that has failed */
		uint32_t number;
		uint32_t status; /* error-status */
		uint32_t index;	 /* of the varbind; 0: none */
		uint64_t when;	 /* clock_now(); 0: never */
		char text[256];
	} failure;
	char words[256]; /* empty: nobody has said anything yet */
};

/* Somebody says why the transaction that is running fails; the first words count. */
void writes_say(struct writes *writes, const char *words);

/* Transaction @number has ended: all has been done and stays; or it has been undone, for
 * no reason of its own. */
void writes_note_done(struct writes *writes, uint32_t number);
void writes_note_undone(struct writes *writes, uint32_t number);

/* The same: it has failed, for varbind @index, with @status, and for the reason @text if
 * no words have been said. */
void writes_note_failure(struct writes *writes, uint32_t number, uint32_t status,
	uint32_t index, const char *text);

#endif
