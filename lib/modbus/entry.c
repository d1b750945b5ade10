/* SPDX-License-Identifier: MIT */
/* A line of a map: `NAME TABLE:ADDRESS TYPE UNIT [KEY=VALUE]...`. */
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/number.h"
#include "modbus/map_parts.h"
#include "modbus/value.h"

enum { SCALE_MAX = 18, FACTOR_MAX = 1000, ADDRESS_MAX = 65535, MODEL_MAX = 65534 };

/* Reads `MODEL,...:OFFSET`. */
static bool
parse_models(struct eg_modbus_entry *r, char *word)
{
	char *offset = strchr(word, ':'), *text;
	uint64_t number;

	if (offset == NULL)
		return false;
	*offset++ = '\0';
	while ((text = strsep(&word, ",")) != NULL) {
		if (r->models == EG_MODBUS_MODELS_MAX || !eg_modbus_number(text, MODEL_MAX, &number))
			return false;
		r->model[r->models++] = (uint16_t)number;
	}
	if (!eg_modbus_number(offset, ADDRESS_MAX, &number))
		return false;
	r->address = (int)number;
	return true;
}

static int
take_address(const struct eg_modbus_map *m, struct eg_modbus_entry *r, char *word,
    struct eg_error *e)
{
	const char *colon = strchr(word, ':');
	size_t len = colon != NULL ? (size_t)(colon - word) : 0;
	uint64_t address;

	r->table = EG_MODBUS_HOLDING;
	if (strncmp(word, "sunspec:", 8) == 0)
		return parse_models(r, word + 8) ? 0 : eg_config_wrong(&m->file, e,
		    "sunspec: want at most %d numbers of models with commas, a colon and an offset",
		    EG_MODBUS_MODELS_MAX);
	if (len == 7 && memcmp(word, "holding", len) == 0)
		r->table = EG_MODBUS_HOLDING;
	else if (len == 5 && memcmp(word, "input", len) == 0)
		r->table = EG_MODBUS_INPUT;
	else
		return eg_config_wrong(&m->file, e,
		    "want holding:ADDRESS, input:ADDRESS or sunspec:MODEL:OFFSET behind the name");
	if (!eg_modbus_number(colon + 1, ADDRESS_MAX, &address))
		return eg_config_wrong(&m->file, e, "the address of a register is 0 to %d", ADDRESS_MAX);
	r->address = (int)address;
	return 0;
}

static int
take_type(const struct eg_modbus_map *m, struct eg_modbus_entry *r, const char *word,
    struct eg_error *e)
{
	static const char *const types[EG_MODBUS_TYPES] = { "u16", "s16", "u32", "s32", "u64", "s64",
		"f32", "f64" };

	for (r->type = 0; r->type < EG_MODBUS_TYPES; r->type++)
		if (strcmp(word, types[r->type]) == 0)
			break;
	if (r->type == EG_MODBUS_TYPES)
		return eg_config_wrong(&m->file, e, "a type is one of: u16 s16 u32 s32 u64 s64 f32 f64");
	if (r->address + eg_modbus_width(r->type) - 1 > ADDRESS_MAX)
		return eg_config_wrong(&m->file, e, "the value ends behind register %d", ADDRESS_MAX);
	return 0;
}

static int
take_unit(const struct eg_modbus_map *m, struct eg_modbus_entry *r, const char *word,
    struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	r->unit = word;
	if (eg_modbus_unit(word) == NULL)
		return eg_config_wrong(&m->file, e, "%s is no unit that is known; without one write -",
		    eg_quote(word, strlen(word), q));
	return 0;
}

/* Reads a decimal into factor * 10^power. */
static bool
take_scale(struct eg_modbus_entry *r, const char *s)
{
	int64_t digits = 0;
	int power = 0;
	bool point = false;

	if (strlen(s) > SCALE_MAX || strpbrk(s, "eE") != NULL ||
	    eg_decimal_check(s, strlen(s)) != EG_NUMBER_OK)
		return false;
	r->negative = *s == '-';
	for (s += *s == '-' || *s == '+'; *s != '\0'; s++) {
		if (*s != '.')
			digits = digits * 10 + (*s - '0');
		power -= point && *s != '.';
		point = point || *s == '.';
	}
	for (; digits > 0 && digits % 10 == 0; power++)
		digits /= 10;
	r->factor = (int)(digits <= FACTOR_MAX ? digits : 0);
	r->power = power;
	return r->factor > 0;
}

static bool
take_nan(struct eg_modbus_entry *r, const char *s)
{
	int bits = 16 * eg_modbus_width(r->type);

	r->nan_rule = strcmp(s, "none") == 0 ? EG_MODBUS_NAN_NONE : EG_MODBUS_NAN_VALUE;
	return r->nan_rule == EG_MODBUS_NAN_NONE ||
	    eg_modbus_number(s, UINT64_MAX >> (64 - bits), &r->nan);
}

static bool
take_sf(struct eg_modbus_entry *r, const char *s)
{
	uint64_t address = 0;
	bool good = eg_modbus_number(s, ADDRESS_MAX, &address);

	r->sf = (int)address;
	return good;
}

static int
take_key(const struct eg_modbus_map *m, struct eg_modbus_entry *r, const char *word,
    struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	if (strncmp(word, "scale=", 6) == 0)
		return take_scale(r, word + 6) ? 0 : eg_config_wrong(&m->file, e,
		    "scale: want a decimal of at most three digits and zeros, as 0.1 or 1000");
	if (strncmp(word, "order=", 6) == 0)
		return eg_modbus_order(word + 6, &r->swap_words, &r->swap_bytes) ? 0 :
		    eg_config_wrong(&m->file, e, "order: want one of: abcd cdab badc dcba");
	if (strncmp(word, "nan=", 4) == 0)
		return take_nan(r, word + 4) ? 0 : eg_config_wrong(&m->file, e,
		    "nan: want none, or a raw value that the type holds, as 0x8000");
	if (strncmp(word, "sf=", 3) == 0)
		return take_sf(r, word + 3) ? 0 : eg_config_wrong(&m->file, e,
		    "sf: want the address of a register, 0 to %d", ADDRESS_MAX);
	return eg_config_wrong(&m->file, e, "%s is none of: scale= order= nan= sf=",
	    eg_quote(word, strlen(word), q));
}

static int
add_entry(struct eg_modbus_map *m, const struct eg_modbus_entry *r, struct eg_error *e)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entry[i].name, r->name) == 0)
			return eg_config_wrong(&m->file, e, "'%s' is in line %u already", r->name,
			    m->entry[i].line);
	if (m->n == EG_MODBUS_ENTRIES_MAX)
		return eg_config_wrong(&m->file, e, "more than %d values", EG_MODBUS_ENTRIES_MAX);
	if (!eg_buf_grow(&m->entry, &m->room, m->n + 1, sizeof(*m->entry)))
		return eg_fail(e, EG_BUG, "out of memory");
	m->entry[m->n++] = *r;
	m->sunspec = m->sunspec || r->models > 0;
	return 0;
}

int
eg_modbus_entry_parse(struct eg_modbus_map *m, const char *name, char *rest, struct eg_error *e)
{
	struct eg_modbus_entry r = { .name = name, .swap_words = m->swap_words,
		.swap_bytes = m->swap_bytes, .sf = EG_MODBUS_SF_NONE, .factor = 1, .line = m->file.line };
	char *address = eg_config_word(&rest);
	const char *type = eg_config_word(&rest), *unit = eg_config_word(&rest);
	const char *word;

	if (!eg_modbus_is_name(name))
		return eg_config_wrong(&m->file, e,
		    "the name of a sensor has at most %d letters, digits and _./-", EG_MODBUS_NAME_MAX);
	if (unit == NULL)
		return eg_config_wrong(&m->file, e, "want a name, a register, a type and a unit");
	if (take_address(m, &r, address, e) != 0 || take_type(m, &r, type, e) != 0 ||
	    take_unit(m, &r, unit, e) != 0)
		return -1;
	while ((word = eg_config_word(&rest)) != NULL)
		if (take_key(m, &r, word, e) != 0)
			return -1;
	return add_entry(m, &r, e);
}
