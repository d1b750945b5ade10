/* SPDX-License-Identifier: MIT */
/* Records that wait to be written. */
#include <stdlib.h>

#include "base/buf.h"
#include "import/parts.h"
#include "record/record.h"

enum { TEXT_HIGH = 64 * 1024, RECORD_MAX = EG_SENSOR_MAX + EG_TIME_SIZE + EG_VALUE_MAX + 3 };

int
eg_import_reserve(struct eg_import *m, struct eg_error *e)
{
	if (!eg_buf_grow(&m->text, &m->room, m->len + RECORD_MAX, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	return 0;
}

int
eg_import_flush(struct eg_import *m, bool always, struct eg_error *e)
{
	size_t len = m->len;

	if (!always && len < TEXT_HIGH)
		return 0;
	m->len = 0;
	/* Rows refused earlier must be on disk before later records are written. */
	if (len > 0 && eg_rejects_wait(m->rejects, e) != 0)
		return -1;
	return len > 0 ? m->out->write(m->out->ctx, m->text, len, e) : 0;
}
