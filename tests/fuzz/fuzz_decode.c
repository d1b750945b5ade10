/* SPDX-License-Identifier: MIT */
/* Fuzzes the decoders: what they write must be records, all of a message or none.
 *
 * The first byte chooses the format, the rest is the topic, a newline, and the body.
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/decode */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/diag.h"
#include "decode/decode.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FORMATS = 23 };

#define KEY_FILE "/tmp/eg-fuzz-decode-key"

static const struct eg_decode_config configs[FORMATS] = {
	{ .format = "shelly1" },
	{ .format = "shelly2" },
	{ .format = "tasmota", .zone = "Europe/Rome" },
	{ .format = "zigbee2mqtt", .zone = "America/New_York" },
	{ .format = "dsmr" },
	{ .format = "iec62056-21", .zone = "Europe/Berlin" },
	{ .format = "senml" },
	{ .format = "json", .sensor_path = ".id", .time_path = ".t", .value = { ".v", "w=.a[-1].w" },
	    .values = 2 },
	{ .format = "json", .now = true, .time_path = ".t", .time_unit = "ms", .prefix = "p#",
	    .value = { "w=.v" }, .values = 1 },
	{ .format = "dsmr", .now = true, .sensor = "m", .zone = "Europe/Helsinki" },
	{ .format = "sml" },
	{ .format = "tic" },
	{ .format = "influx", .prefix = "p/" },
	{ .format = "influx-csv" },
	{ .format = "homewizard" },
	{ .format = "fronius" },
	{ .format = "opendtu", .sensor = "roof" },
	{ .format = "solaredge", .zone = "Europe/Rome" },
	{ .format = "enphase", .now = true },
	{ .format = "wmbusmeters" },
	{ .format = "home-assistant" },
	{ .format = "dlms" },
	{ .format = "dlms", .key = KEY_FILE, .auth_key = KEY_FILE, .now = true },
};

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
check(const struct eg_decoded *d)
{
	const char *at = d->len > 0 ? d->lines : "", *end = at + d->len;
	struct eg_record r;
	uint64_t n = 0;

	if (d->reason != NULL) {
		require(*d->reason != '\0' && d->len == 0);
		return;
	}
	for (; at < end; n++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		require(nl != NULL && !eg_line_skipped(at, (size_t)(nl - at)));
		require(eg_record_parse(at, (size_t)(nl - at), &r) == EG_FAULT_NONE);
		at = nl + 1;
	}
	require(n == d->records);
}

/* A frame of SML around the bytes, with the checksum that it needs: no fuzzer finds that. */
static const char *
seal(const char *bytes, size_t len, size_t *sealed)
{
	static char text[70000];
	unsigned crc = 0xffff;
	size_t n = 8 + len;

	memcpy(text, "\x1b\x1b\x1b\x1b\1\1\1\1", 8);
	memcpy(text + 8, bytes, len);
	memcpy(text + n, "\x1b\x1b\x1b\x1b\x1a\0", 6);
	n += 6;
	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)text[i];
		for (int k = 0; k < 8; k++)
			crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x8408 : crc >> 1;
	}
	text[n++] = (char)(~crc & 0xff);
	text[n++] = (char)(~crc >> 8 & 0xff);
	*sealed = n;
	return text;
}

/* The bytes encrypted and sealed with the key: what is inside has to be taken apart, too. Where
 * the first byte is odd, they are left as they are: a message with a wrong tag. */
static const char *
encrypt(const char *bytes, size_t len, size_t *sealed)
{
	static unsigned char text[70000];
	unsigned char aad[17] = { 0x30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	const unsigned char head[] = { 0xdb, 8, 'f', 'u', 'z', 'z', 'f', 'u', 'z', 'z', 0x83, 0,
		(unsigned char)((len + 17) >> 8), (unsigned char)(len + 17), 0x30, 0, 0, 0, 1 };
	unsigned char iv[12] = { 'f', 'u', 'z', 'z', 'f', 'u', 'z', 'z', 0, 0, 0, 1 };
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	memcpy(text, head, sizeof(head));
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, aad + 1, iv);
	EVP_EncryptUpdate(c, NULL, &n, aad, 17);
	EVP_EncryptUpdate(c, text + sizeof(head), &n, (const unsigned char *)bytes, (int)len);
	EVP_EncryptFinal_ex(c, iv, &n);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 12, text + sizeof(head) + len);
	EVP_CIPHER_CTX_free(c);
	*sealed = sizeof(head) + len + 12;
	return (const char *)text;
}

static void
write_key(void)
{
	FILE *f = fopen(KEY_FILE, "w");

	require(f != NULL && fputs("0102030405060708090a0b0c0d0e0f10", f) >= 0 && fclose(f) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct eg_decode *decoders[FORMATS];
	const char *text = (const char *)data + 1, *nl;
	struct eg_decode_message m = { .arrived = INT64_C(1730000000123456789) };
	struct eg_error e = { 0 };
	struct eg_decoded d;
	size_t i;

	if (size < 1 || (nl = memchr(text, '\n', size - 1)) == NULL)
		return 0;
	i = data[0] % FORMATS;
	if (decoders[i] == NULL && configs[i].key != NULL)
		write_key();
	if (decoders[i] == NULL)
		decoders[i] = eg_decode_new(&configs[i], true, &e);
	require(decoders[i] != NULL);
	m.topic = text;
	m.topic_len = (size_t)(nl - text);
	m.body = nl + 1;
	m.len = size - 2 - m.topic_len;
	if (strcmp(configs[i].format, "sml") == 0 && m.len < 65536)
		m.body = seal(m.body, m.len, &m.len);
	if (configs[i].key != NULL && m.len > 0 && m.len < 65000 && (*m.body & 1) == 0)
		m.body = encrypt(m.body + 1, m.len - 1, &m.len);
	m.again = true; /* the counter is always the same */
	require(eg_decode_message(decoders[i], &m, &d, &e) == 0);
	check(&d);
	return 0;
}
