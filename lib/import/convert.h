/* SPDX-License-Identifier: MIT */
/* Parses options whose argument is text, and checks which options fit together. */
#ifndef EG_IMPORT_CONVERT_H
#define EG_IMPORT_CONVERT_H

#include "import/import.h"

/* Adds the conversion `FROM:TO`, such as kWh:Wh, to the values, as a power of ten. by_name: only
 * to values whose name ends with _FROM; the name then ends with _to. The new names are never
 * freed. Returns NULL, or the fault of text (static storage). */
const char *eg_import_unit(struct eg_import_options *o, const char *text, bool by_name);

/* Adds the factor in text, a power of ten such as 1000 or 0.001. Returns as eg_import_unit does. */
const char *eg_import_scale(struct eg_import_options *o, const char *text);

/* Adds the condition `COLUMN=TEXT` or `COLUMN!=TEXT`. text is split in place; the caller owns
 * it. Returns as eg_import_unit does. */
const char *eg_import_where(struct eg_import_options *o, char *text);

/* Set the delimiter, and the separator of thousands. Return as eg_import_unit does. */
const char *eg_import_delimiter(struct eg_import_options *o, const char *text);
const char *eg_import_thousands(struct eg_import_options *o, const char *text);

/* Returns NULL, or the reason why the options do not fit together (static storage). */
const char *eg_import_check(const struct eg_import_options *o);

#endif
