/* SPDX-License-Identifier: MIT */
/* Known exports: each is a name for some options of eg-import. */
#ifndef EG_FORMATS_H
#define EG_FORMATS_H

#include <stddef.h>

struct eg_import_format {
	const char *name;
	const char *what;    /* for --help and guess */
	const char *options; /* long options without dashes, one a line: `time=Hour Start` */
	const char *meters;  /* lines of a file of meters for its sensors; NULL: they may be anything */
};

/* Ends with name NULL. */
extern const struct eg_import_format eg_import_formats[];

/* NULL: there is none of that name. */
const struct eg_import_format *eg_import_format_find(const char *name);

#endif
