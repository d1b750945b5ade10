/* SPDX-License-Identifier: MIT */
/* The options of programs that decode what devices send. */
#include "decode/decode_options.h"

#include <string.h>

#include "base/options.h"
#include "decode/decode.h"

bool
eg_decode_options_given(const struct eg_decode_config *c)
{
	return c->now || c->key != NULL || c->auth_key != NULL || c->counters != NULL ||
	    c->prefix != NULL || c->sensor != NULL || c->sensor_path != NULL || c->sensor_tag != NULL ||
	    c->time_path != NULL || c->time_unit != NULL || c->zone != NULL || c->values > 0;
}

void
eg_decode_options_unit(void *to, char *text)
{
	struct eg_decode_config *config = to;

	if (strcmp(text, "s") != 0 && strcmp(text, "ms") != 0 && strcmp(text, "us") != 0 &&
	    strcmp(text, "ns") != 0)
		eg_usage("--time-unit: is none of: s ms us ns");
	config->time_unit = text;
}

void
eg_decode_options_value(void *to, char *path)
{
	struct eg_decode_config *config = to;

	if (config->values == EG_DECODE_VALUES)
		eg_usage("--value: at most %d of them", EG_DECODE_VALUES);
	config->value[config->values++] = path;
}
