/* SPDX-License-Identifier: MIT */
/* What bench-energy.sh compares with: hours of W by the value on the left, from records on
 * standard input that are sorted by sensor, have two decimals and are not checked. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "bare_line.h"

#define HOUR 3600

struct hour {
	char sensor[EG_SENSOR_MAX];
	size_t len;
	int64_t begin, sum; /* 0.01 W times seconds */
	int64_t at, value;  /* of the last reading, 0.01 W */
};

static void
put(const struct hour *h)
{
	/* A millionth of a kWh has 360 of them; half to even. */
	int64_t n = h->sum / 360, rest = h->sum % 360;
	struct eg_date d = eg_day_date(h->begin / 86400);
	char text[32];
	int len;

	n += rest > 180 || (rest == 180 && n % 2 == 1);
	len = snprintf(text, sizeof(text), "%" PRId64 ".%06" PRId64, n / 1000000, n % 1000000);
	while (text[len - 1] == '0')
		len--;
	len -= text[len - 1] == '.';
	printf("%.*s_kwh:%04d-%02d-%02dT%02d:00:00:%.*s\n", (int)h->len, h->sensor, d.year, d.month,
	    d.day, (int)(h->begin % 86400 / HOUR), len, text);
}

static void
take(struct hour *h, const char *line, size_t len, int64_t at, int64_t value)
{
	if (h->len != len || memcmp(h->sensor, line, len) != 0) {
		if (h->len > 0 && h->sum > 0)
			put(h);
		*h = (struct hour){ .len = len, .begin = at / HOUR * HOUR };
		memcpy(h->sensor, line, len);
	} else if (at - h->begin < HOUR) {
		h->sum += h->value * (at - h->at);
	} else {
		h->sum += h->value * (h->begin + HOUR - h->at);
		put(h);
		h->sum = h->value * (at - h->begin - HOUR);
		h->begin = at / HOUR * HOUR;
	}
	h->at = at;
	h->value = value;
}

int
main(void)
{
	static char text[1 << 17];
	static struct hour h;
	struct day day = { "0000000000", 0 };
	size_t held = 0, n;

	(void)bare; /* of bare_line.h, for another benchmark */
	while ((n = fread(text + held, 1, sizeof(text) - held - PAD, stdin)) > 0) {
		const char *p = text, *end = memrchr(text, '\n', held + n);

		while (end != NULL && p < end) {
			const char *line = p, *colon = memchr(p, ':', (size_t)(end - p));
			int64_t at = 0, value = 0;

			p = read_time(colon + 1, &day, &at);
			for (p++; *p != '\n'; p++)
				value = *p == '.' ? value : value * 10 + (*p - '0');
			p++;
			take(&h, line, (size_t)(colon - line), at, value);
		}
		held = (size_t)(text + held + n - p);
		memmove(text, p, held);
	}
	if (h.len > 0 && h.sum > 0)
		put(&h);
	return 0;
}
