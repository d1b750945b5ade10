/* SPDX-License-Identifier: MIT */
/* Shared by the verbs of a store: their operands and their output. */
#include "store/store_verb_io.h"

#include <string.h>

#include "base/number.h"
#include "base/wait.h"
#include "record/time_arg.h"

int
eg_verb_flush(struct eg_verb *r)
{
	size_t done = 0;

	while (done < r->len && !r->out.gone) {
		ssize_t n = eg_output_write(&r->out, r->buf + done, r->len - done, &r->e);
		struct pollfd p = { .fd = r->out.fd, .events = POLLOUT };

		if (n < 0)
			return -1;
		done += (size_t)n;
		/* Only a part was written, or nothing to a full pipe. */
		if (n == 0 && !r->out.gone && eg_wait_fds(&p, 1, INT64_MAX))
			(void)eg_output_hung_up(&r->out, p.revents & (short)~POLLOUT);
	}
	r->len = 0;
	return r->out.gone ? 1 : 0;
}

int
eg_verb_print(void *ctx, const char *text, size_t len, struct eg_error *e)
{
	struct eg_verb *r = ctx;
	int rc = 0;

	(void)e; /* e is the same as r->e */
	if (r->len + len > sizeof(r->buf))
		rc = eg_verb_flush(r);
	if (rc == 0) {
		memcpy(r->buf + r->len, text, len);
		r->len += len;
	}
	return rc;
}

void
eg_verb_print_text(struct eg_verb *r, const char *text)
{
	(void)eg_verb_print(r, text, strlen(text), &r->e);
}

int
eg_verb_key(struct eg_verb *r, const char *key, char buf[EG_STORE_KEY_SIZE], struct eg_record *rec)
{
	char q[EG_QUOTE_MAX];
	enum eg_fault fault = eg_store_key_parse(key, strlen(key), buf, rec);

	if (fault == EG_FAULT_NONE)
		return 0;
	return eg_fail(&r->e, EG_USAGE, "%s is not a key sensor:timestamp: %s",
	    eg_quote(key, strlen(key), q), eg_fault_text(fault));
}

int
eg_verb_time(struct eg_verb *r, const char *text, int64_t *ns)
{
	char q[EG_QUOTE_MAX];

	if (eg_time_arg_parse(text, r->now, ns))
		return 0;
	return eg_fail(&r->e, EG_USAGE,
	    "%s is not a time: 2026-11-23T14:18:36, 2026-11-23, -7d and now are",
	    eg_quote(text, strlen(text), q));
}

bool
eg_verb_open(struct eg_verb *r, enum eg_store_mode mode)
{
	r->store = eg_store_open(r->path, mode, r->keep_ns, &r->e);
	return r->store != NULL;
}

bool
eg_verb_fed(const struct eg_verb *r)
{
	return r->args == 1 && strcmp(r->arg[0], "-") == 0;
}

bool
eg_verb_ns(const char *text, size_t len, int64_t *ns)
{
	char number[EG_VALUE_MAX + 1];

	if (len > EG_VALUE_MAX)
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	return eg_int_parse(number, 0, EG_WHEN_MAX - 1, ns) == EG_NUMBER_OK;
}
