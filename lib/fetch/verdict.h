/* SPDX-License-Identifier: MIT */
/* What the answer of a device means. */
#ifndef EG_FETCH_VERDICT_H
#define EG_FETCH_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

struct eg_fetch_answer;

#define EG_FETCH_REASON 400

enum eg_fetch_meaning {
	EG_FETCH_BODY,      /* 200: there is a body to decode */
	EG_FETCH_UNCHANGED, /* 304 to a conditional request */
	EG_FETCH_MOVED,     /* a redirect that may be followed */
	EG_FETCH_FAILED,
};

struct eg_fetch_verdict {
	enum eg_fetch_meaning meaning;
	/* For EG_FETCH_FAILED: */
	enum eg_status status; /* EG_TEMPORARY: a later request may succeed; EG_CONFIG: a person
			        * has to correct it; EG_REFUSED: the answer cannot be used */
	int kind;              /* not 0; repeated failures of one kind are reported once */
	char reason[EG_FETCH_REASON]; /* text to print after the URL, such as "answers 404" */
};

/* Kinds of failure that the caller finds: a body that cannot be decoded, too many redirects. */
enum { EG_FETCH_KIND_BODY = 1, EG_FETCH_KIND_REDIRECT };

/* Decides what an answer means. url: the requested one; conditional: the request had a version. */
void eg_fetch_judge(const struct eg_fetch_answer *a, const char *url, bool conditional,
    struct eg_fetch_verdict *v);

#endif
