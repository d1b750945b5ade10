/* SPDX-License-Identifier: MIT */
/* The end of a program whose command line is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/options.h"

void
eg_usage(const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	eg_fatal("%s; see %s --help", text, eg_program());
	exit(EG_USAGE);
}
