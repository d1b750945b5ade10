/* SPDX-License-Identifier: MIT */
#include "base/output_queue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/loop.h"

int
eg_output_queue_add(struct eg_output_queue *q, const char *text, size_t len, struct eg_error *e)
{
	if (!eg_buf_grow(&q->text, &q->room, q->len + len, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	if (len > 0)
		memcpy(q->text + q->len, text, len);
	q->len += len;
	return 0;
}

static uint64_t
lines_in(const char *text, size_t len)
{
	uint64_t n = 0;

	for (const char *end = text + len; (text = memchr(text, '\n', (size_t)(end - text))) != NULL;
	    text++)
		n++;
	return n;
}

int
eg_output_queue_write(struct eg_output_queue *q, struct eg_loop *l)
{
	int rc = eg_rejects_sync(&l->rejects, &l->error);
	ssize_t n;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	n = eg_output_write(&q->out, q->text, q->len, &l->error);
	if (n <= 0)
		return n < 0 ? -1 : 0;
	l->metrics.out += lines_in(q->text, (size_t)n);
	q->begun = q->text[n - 1] != '\n';
	q->len -= (size_t)n;
	memmove(q->text, q->text + n, q->len);
	return 0;
}

void
eg_output_queue_end(struct eg_output_queue *q)
{
	if (q->begun)
		eg_output_end_line(&q->out, q->text, q->len);
}

void
eg_output_queue_free(struct eg_output_queue *q)
{
	free(q->text);
	q->text = NULL;
}
