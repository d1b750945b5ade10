/* SPDX-License-Identifier: MIT */
/* Refuses rows, and whole files. */
#include <stdarg.h>
#include <stdio.h>

#include "import/parts.h"

int
eg_import_refuse(struct eg_import *m, uint64_t lineno, const char *raw, size_t len,
    const char *reason, struct eg_error *e)
{
	m->n.refused++;
	m->rejects->silent = *m->file_fault != '\0';
	/* A line that is too long has no text. */
	return eg_rejects_add(m->rejects, lineno, raw != NULL ? raw : "", len, reason, e);
}

void
eg_import_spoil(struct eg_import *m, uint64_t lineno, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->file_fault, sizeof(m->file_fault), fmt, ap);
	va_end(ap);
	eg_warn("%s:%llu: %s; its rows are refused", m->shown, (unsigned long long)lineno,
	    m->file_fault);
	m->n.unfit_files++;
}
