/* SPDX-License-Identifier: MIT */
/* The topic of a sensor's messages, made of a template such as energyguard/%s. */
#include "mqtt/topic.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "mqtt/packet.h"

struct topic {
	char *out;
	size_t len; /* EG_MQTT_TOPIC_MAX + 1: the topic is too long */
};

static void
add_bytes(struct topic *t, const char *text, size_t n)
{
	if (n > EG_MQTT_TOPIC_MAX - (t->len < EG_MQTT_TOPIC_MAX ? t->len : EG_MQTT_TOPIC_MAX)) {
		t->len = EG_MQTT_TOPIC_MAX + 1;
		return;
	}
	memcpy(t->out + t->len, text, n);
	t->len += n;
}

/* Whether the character of n bytes is one of Unicode's noncharacters (section 23.7): U+FDD0 to
 * U+FDEF, and the last two of each plane. */
static bool
is_noncharacter(const char *text, size_t n)
{
	const unsigned char *b = (const unsigned char *)text;

	if (n == 3 && b[0] == 0xef && b[1] == 0xb7)
		return b[2] >= 0x90 && b[2] <= 0xaf;
	if (n < 3 || b[n - 2] != 0xbf || b[n - 1] < 0xbe)
		return false;
	return n == 3 ? b[0] == 0xef : (b[1] & 15) == 15;
}

/* Returns the number of bytes before the first one that may need an escape. */
static size_t
count_plain(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && p[n] >= ' ' && p[n] < 0x7f && p[n] != '+' && p[n] != '#' && p[n] != '$' &&
	    p[n] != '%')
		n++;
	return n;
}

static void
add_escaped(struct topic *t, struct eg_slice sensor)
{
	const char *end = sensor.s + sensor.len;

	for (const char *p = sensor.s; p < end;) {
		size_t n = count_plain(p, end);

		if (n > 0) {
			add_bytes(t, p, n);
			p += n;
			continue;
		}
		n = eg_utf8_len(p, end);
		if (n == 0 || strchr("+#$%", *p) != NULL || is_noncharacter(p, n)) {
			char code[4];

			n += n == 0;
			for (size_t i = 0; i < n; i++) {
				snprintf(code, sizeof(code), "%%%02X", (unsigned char)p[i]);
				add_bytes(t, code, 3);
			}
		} else {
			add_bytes(t, p, n);
		}
		p += n;
	}
}

const char *
eg_mqtt_template_fault(const char *template)
{
	const char *at = strchr(template, '%');

	if (at == NULL || at[1] != 's' || strchr(at + 1, '%') != NULL)
		return "needs one %s, which stands for the sensor";
	if (strlen(template) > EG_MQTT_TOPIC_MAX)
		return "has more than 255 bytes";
	if (*template == '$')
		return "begins with $, which brokers keep for themselves";
	return eg_mqtt_topic_fault(template, strlen(template));
}

const char *
eg_mqtt_topic(const char *template, struct eg_slice sensor, char out[EG_MQTT_TOPIC_MAX + 1],
    size_t *len)
{
	const char *at = strstr(template, "%s");
	struct topic t = { .out = out };
	int slashes = 0;

	add_bytes(&t, template, (size_t)(at - template));
	add_escaped(&t, sensor);
	add_bytes(&t, at + 2, strlen(at + 2));
	if (t.len > EG_MQTT_TOPIC_MAX)
		return "the topic has more than 255 bytes";
	for (size_t i = 0; i < t.len; i++)
		slashes += out[i] == '/';
	if (slashes >= EG_MQTT_LEVELS_MAX)
		return "the topic has more than 200 levels";
	out[t.len] = '\0';
	*len = t.len;
	return NULL;
}
