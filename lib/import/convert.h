/* SPDX-License-Identifier: MIT */
/* Options that are texts, and which of them go together. */
#ifndef EG_IMPORT_CONVERT_H
#define EG_IMPORT_CONVERT_H

#include "import/import.h"

/* Adds the power of ten of `FROM:TO`, as kWh:Wh, to the values. by_name: only to those whose
 * name ends in _FROM, which then ends in _to. The names made are never freed. Returns NULL, or
 * what is wrong with text: static storage. */
const char *eg_import_unit(struct eg_import_options *o, const char *text, bool by_name);

/* Adds the power of ten that text is, as 1000 or 0.001. Returns as eg_import_unit. */
const char *eg_import_scale(struct eg_import_options *o, const char *text);

/* Adds the condition of `COLUMN=TEXT` or `COLUMN!=TEXT`; text is cut into its parts and stays the
 * caller's. Returns as eg_import_unit. */
const char *eg_import_where(struct eg_import_options *o, char *text);

/* Set the delimiter, and the mark between thousands. Return as eg_import_unit. */
const char *eg_import_delimiter(struct eg_import_options *o, const char *text);
const char *eg_import_thousands(struct eg_import_options *o, const char *text);

/* Returns NULL, or which options exclude or need each other: static storage. */
const char *eg_import_check(const struct eg_import_options *o);

#endif
