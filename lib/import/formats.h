/* SPDX-License-Identifier: MIT */
/* Known exports: each is a name for a list of eg-import's options. */
#ifndef EG_FORMATS_H
#define EG_FORMATS_H

#include <stddef.h>

struct eg_import_format {
	const char *name;
	const char *what;    /* description for --help and guess */
	const char *options; /* long options without dashes, one per line: `time=Hour Start` */
	const char *meters;  /* lines of a file of meters for its sensors; NULL: sensors have no
			      * fixed names */
};

/* The last entry has name NULL. */
extern const struct eg_import_format eg_import_formats[];

/* The format with this name; NULL if there is none. */
const struct eg_import_format *eg_import_format_find(const char *name);

#endif
