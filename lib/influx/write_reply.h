/* SPDX-License-Identifier: MIT */
/* What a database answered to a write, and what that means for the records. */
#ifndef EG_WRITE_REPLY_H
#define EG_WRITE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EG_WRITE_REPLY_REASON 200

struct eg_write_reply {
	long status;            /* of HTTP; 0: no whole answer came, see error */
	char error[160];        /* why not */
	bool hopeless;          /* ... and trying again will not help (a certificate) */
	bool victoria;          /* VictoriaMetrics answered */
	int64_t retry_after_ms; /* what the server asks for; 0: nothing */
	char type[48];          /* Content-Type */
	char location[120];     /* of a redirect */
	char version[48];       /* X-Influxdb-Version, or empty */
	char body[4096];        /* its beginning */
	size_t len;
};

enum eg_verdict {
	EG_VERDICT_WRITTEN, /* all of it is safe */
	EG_VERDICT_AGAIN,   /* nobody knows, or nothing was: send the same again */
	EG_VERDICT_SPLIT,   /* something in it is refused: send it in halves */
	EG_VERDICT_SMALLER, /* the same, and send less at once from now on */
	EG_VERDICT_STOP,    /* address, token, bucket or permission is wrong */
};

/* Judges a; v1: the address is that of the v1 API. reason says it in words, to
 * stand behind the server's address; empty for WRITTEN. What the server quotes of
 * the records is left out, so that refusals of the same kind have the same reason. */
enum eg_verdict eg_write_reply_judge(const struct eg_write_reply *a, bool v1, char reason[EG_WRITE_REPLY_REASON]);

#endif
