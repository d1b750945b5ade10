/* SPDX-License-Identifier: MIT */
/* Records that wait to be written. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "import/parts.h"
#include "record/record.h"

enum { TEXT_HIGH = 64 * 1024, RECORD_MAX = EG_SENSOR_MAX + EG_TIME_SIZE + EG_VALUE_MAX + 3 };

int
eg_import_reserve(struct eg_import *m, struct eg_error *e)
{
	if (m->len + RECORD_MAX > m->room && !eg_buf_grow(&m->text, &m->room, m->len + RECORD_MAX, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	return 0;
}

size_t
eg_import_time_text(struct eg_import *m, int64_t ns)
{
	const int64_t day_ns = 86400 * EG_NS_PER_S;
	unsigned clock;

	if (m->day_ns == INT64_MIN || ns < m->day_ns || ns >= m->day_ns + day_ns ||
	    (ns - m->day_ns) % EG_NS_PER_S != 0) {
		m->day_ns = ns - ns % day_ns - (ns % day_ns < 0 ? day_ns : 0);
		return eg_time_format(ns, m->time);
	}
	clock = (unsigned)((ns - m->day_ns) / EG_NS_PER_S);
	for (char *o = m->time + 17; o > m->time + 10; o -= 3, clock /= 60) {
		o[0] = (char)('0' + clock % 60 / 10);
		o[1] = (char)('0' + clock % 10);
	}
	m->time[19] = '\0';
	return 19;
}

int
eg_import_flush(struct eg_import *m, bool always, struct eg_error *e)
{
	size_t len = m->len;

	if (!always && len < TEXT_HIGH)
		return 0;
	m->len = 0;
	/* Rows refused earlier must be on disk before later records are written. */
	if (eg_rejects_wait(m->rejects, e) != 0)
		return -1;
	if (len > 0 && m->out->write(m->out->ctx, m->text, len, e) != 0)
		return -1;
	m->n.written = m->n.records;
	return 0;
}
