/* SPDX-License-Identifier: MIT */
/* The options of programs that decode what devices send. */
#include "decode/decode_options.h"

#include <string.h>

#include "base/options.h"
#include "decode/decode.h"

static const char *
check_name(const char *option, const char *text)
{
	if (*text == '\0')
		eg_usage("--%s: is empty", option);
	return text;
}

static const char *
check_unit(const char *text)
{
	if (strcmp(text, "s") != 0 && strcmp(text, "ms") != 0 && strcmp(text, "us") != 0 &&
	    strcmp(text, "ns") != 0)
		eg_usage("--time-unit: '%s' is not s, ms, us or ns", text);
	return text;
}

bool
eg_decode_option(struct eg_decode_config *config, int c, const char *arg)
{
	switch (c) {
	case EG_OPT_NOW:
		config->now = true;
		return true;
	case EG_OPT_PREFIX:
		config->prefix = arg;
		return true;
	case EG_OPT_SENSOR:
		config->sensor = check_name("sensor", arg);
		return true;
	case EG_OPT_SENSOR_PATH:
		config->sensor_path = arg;
		return true;
	case EG_OPT_TIME_PATH:
		config->time_path = arg;
		return true;
	case EG_OPT_TIME_UNIT:
		config->time_unit = check_unit(arg);
		return true;
	case EG_OPT_TZ:
		config->zone = arg;
		return true;
	case EG_OPT_VALUE:
		if (config->values == EG_DECODE_VALUES)
			eg_usage("--value: at most %d of them", EG_DECODE_VALUES);
		config->value[config->values++] = arg;
		return true;
	default:
		return false;
	}
}
