/* SPDX-License-Identifier: MIT */
#include "modbus/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "modbus/map_parts.h"

/* Reads a setting of the whole device that is a number. */
static int
take_number(struct eg_modbus_map *m, const char *key, const char *text, struct eg_error *e)
{
	const struct {
		const char *key;
		uint64_t min, max;
		int *to;
	} rows[] = { { "unit", 0, 255, &m->unit }, { "limit", 1, EG_MODBUS_LIMIT, &m->limit },
		{ "gap", 0, EG_MODBUS_LIMIT - 1, &m->gap } };
	uint64_t value;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(key, rows[i].key) != 0)
			continue;
		if (!eg_modbus_number(text, rows[i].max, &value) || value < rows[i].min)
			return eg_config_wrong(&m->file, e, "%s: want a whole number from %llu to %llu", key,
			    (unsigned long long)rows[i].min, (unsigned long long)rows[i].max);
		*rows[i].to = (int)value;
	}
	return 0;
}

static bool
is_setting(const char *word)
{
	static const char *const words[] = { "name", "order", "unit", "limit", "gap" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static int
take_setting(struct eg_modbus_map *m, const char *key, char *rest, struct eg_error *e)
{
	const char *text = eg_config_word(&rest);

	if (text == NULL || *rest != '\0')
		return eg_config_wrong(&m->file, e, "%s: want one word behind it", key);
	if (strcmp(key, "name") == 0) {
		m->name = text;
		return eg_modbus_is_name(text) ? 0 : eg_config_wrong(&m->file, e,
		    "name: want at most %d letters, digits and _./-", EG_MODBUS_NAME_MAX);
	}
	if (strcmp(key, "order") == 0)
		return eg_modbus_order(text, &m->swap_words, &m->swap_bytes) ? 0 :
		    eg_config_wrong(&m->file, e, "order: want one of: abcd cdab badc dcba");
	return take_number(m, key, text, e);
}

static int
take_lines(struct eg_modbus_map *m, struct eg_error *e)
{
	char *rest, *word;
	int rc = 0;

	while (rc == 0 && (rest = eg_config_next(&m->file, e)) != NULL) {
		eg_config_cut_comment(rest);
		word = eg_config_word(&rest);
		rc = is_setting(word) ? take_setting(m, word, rest, e)
		    : eg_modbus_entry_parse(m, word, rest, e);
	}
	if (e->status == EG_OK && m->n == 0)
		eg_fail(e, EG_CONFIG, "'%s' names no register", m->file.path);
	for (size_t i = 0; i < m->n && e->status == EG_OK; i++)
		if (eg_modbus_width(m->entry[i].type) > m->limit)
			eg_fail(e, EG_CONFIG, "%s:%u: the value has more registers than the limit of %d",
			    m->file.path, m->entry[i].line, m->limit);
	if (e->status == EG_OK)
		return 0;
	eg_modbus_map_free(m);
	return -1;
}

int
eg_modbus_map_read(struct eg_modbus_map *m, const char *path, struct eg_error *e)
{
	*m = (struct eg_modbus_map){ .name = "modbus", .unit = 1, .limit = EG_MODBUS_LIMIT };
	return eg_config_open(&m->file, path, e) == 0 ? take_lines(m, e) : -1;
}

int
eg_modbus_map_parse(struct eg_modbus_map *m, const char *path, const char *text, size_t len,
    struct eg_error *e)
{
	*m = (struct eg_modbus_map){ .name = "modbus", .unit = 1, .limit = EG_MODBUS_LIMIT };
	return eg_config_copy(&m->file, path, text, len, e) == 0 ? take_lines(m, e) : -1;
}

void
eg_modbus_map_free(struct eg_modbus_map *m)
{
	free(m->entry);
	m->entry = NULL;
	eg_config_close(&m->file);
}
