/* SPDX-License-Identifier: MIT */
/* The link layers around a DLMS APDU: HDLC, M-Bus, or none. */
#include "decode/dlms_link.h"

#include <string.h>

#include "base/crc16.h"

enum {
	FLAG = 0x7e,       /* HDLC: first and last byte of a frame */
	HDLC_LEAST = 9,    /* flags, format, two addresses, control, checksum */
	SEGMENTED = 0x08,  /* bit in the format: another frame follows */
	MBUS_START = 0x68, MBUS_STOP = 0x16,
	MBUS_FINAL = 0x10, /* bit in the control information: this is the last segment */
	MBUS_HEAD = 9,     /* start, length twice, start, C, A, CI, two transport addresses */
	GLO_CIPHERING = 0xdb,
	TITLE = 8,         /* bytes of a system title */
	GLO_MAX = 8192,    /* larger than any telegram of a meter */
};

bool
eg_dlms_length(const unsigned char **at, const unsigned char *end, size_t *len)
{
	size_t n;

	if (*at == end)
		return false;
	*len = *(*at)++;
	if (*len < 0x80)
		return true;
	n = *len & 0x7f;
	if (n == 0 || n > 3 || (size_t)(end - *at) < n)
		return false;
	for (*len = 0; n > 0; n--)
		*len = *len << 8 | *(*at)++;
	return true;
}

static bool
is_hdlc(const unsigned char *p, size_t len)
{
	return len >= 2 && p[0] == FLAG && (p[1] & 0xf0) == 0xa0;
}

static bool
is_mbus(const unsigned char *p, size_t len)
{
	return len >= 4 && p[0] == MBUS_START && p[1] == p[2] && p[3] == MBUS_START &&
	    p[1] > MBUS_HEAD - 4;
}

static bool
is_glo(const unsigned char *p, size_t len)
{
	return len >= 2 && p[0] == GLO_CIPHERING && p[1] == TITLE;
}

/* Whether the few bytes so far may be the beginning of a frame. */
static bool
may_begin(const unsigned char *p, size_t len)
{
	if (len == 1)
		return *p == FLAG || *p == MBUS_START || *p == GLO_CIPHERING;
	return *p == MBUS_START && len < 4 && (len < 3 || p[1] == p[2]);
}

const unsigned char *
eg_dlms_find(const unsigned char *p, const unsigned char *end)
{
	for (; p < end; p++) {
		size_t n = (size_t)(end - p);

		if (is_hdlc(p, n) || is_mbus(p, n) || is_glo(p, n) || may_begin(p, n))
			return p;
	}
	return end;
}

/* The length of the HDLC frame at p; 0 if its length field has not arrived. */
static size_t
hdlc_size(const unsigned char *p, size_t len)
{
	return len < 3 ? 0 : ((size_t)(p[1] & 7) << 8 | p[2]) + 2;
}

/* The start of the next HDLC frame after one of n bytes; two frames may share a flag. */
static size_t
hdlc_next(const unsigned char *p, size_t len, size_t n)
{
	return n < len && p[n] == FLAG ? n : n - 1;
}

static size_t
hdlc_extent(const unsigned char *p, size_t len, bool *broken)
{
	size_t at = 0;

	for (;;) {
		size_t n = hdlc_size(p + at, len - at);

		if (n == 0 || (n >= HDLC_LEAST && n > len - at))
			return 0;
		*broken = n < HDLC_LEAST || p[at + n - 1] != FLAG;
		if (*broken)
			return at + (n < HDLC_LEAST ? 2 : n);
		if ((p[at + 1] & SEGMENTED) == 0)
			return at + n;
		/* The byte after the flag shows whether the next frame shares it. */
		if (at + n == len)
			return 0;
		at = at + hdlc_next(p + at, len - at, n);
		if (len - at < 2)
			return 0;
		*broken = !is_hdlc(p + at, len - at);
		if (*broken)
			return at;
	}
}

static size_t
mbus_extent(const unsigned char *p, size_t len, bool *broken)
{
	size_t at = 0;

	for (;;) {
		size_t n;

		if (len - at < 4)
			return 0;
		*broken = !is_mbus(p + at, len - at);
		if (*broken)
			return at;
		n = p[at + 1] + (size_t)6;
		if (n > len - at)
			return 0;
		*broken = p[at + n - 1] != MBUS_STOP;
		if (*broken || (p[at + 6] & MBUS_FINAL) != 0)
			return at + n;
		at += n;
	}
}

static size_t
glo_extent(const unsigned char *p, size_t len, bool *broken)
{
	const unsigned char *at = p + 2 + TITLE;
	size_t n;

	if (len < 2 + TITLE + 4)
		return 0;
	*broken = !eg_dlms_length(&at, p + len, &n) || n > GLO_MAX;
	if (*broken)
		return (size_t)(at - p);
	n += (size_t)(at - p);
	return n <= len ? n : 0;
}

size_t
eg_dlms_extent(const unsigned char *p, size_t len, bool *broken)
{
	*broken = false;
	if (is_hdlc(p, len))
		return hdlc_extent(p, len, broken);
	if (is_mbus(p, len))
		return mbus_extent(p, len, broken);
	return is_glo(p, len) ? glo_extent(p, len, broken) : 0;
}

/* Moves *at past an HDLC address, whose last byte is odd. */
static bool
skip_address(const unsigned char **at, const unsigned char *end)
{
	for (int i = 0; i < 4 && *at < end; i++)
		if ((*(*at)++ & 1) != 0)
			return true;
	return false;
}

static bool
is_sealed(const unsigned char *from, const unsigned char *checksum)
{
	unsigned crc = eg_crc16(0x8408, 0xffff, from, (size_t)(checksum - from)) ^ 0xffff;

	return crc == (unsigned)(checksum[0] | checksum[1] << 8);
}

/* Appends the information field of the frame (n bytes at p) to out. In the first frame, the LLC
 * header e6 e7 00 precedes it. */
static const char *
hdlc_unwrap(const unsigned char *p, size_t n, unsigned char *out, size_t *out_len)
{
	const unsigned char *at = p + 3, *end = p + n - 3;

	if (!is_sealed(p + 1, end))
		return "the checksum of the HDLC frame is wrong";
	if (!skip_address(&at, end) || !skip_address(&at, end) || end - at < 3)
		return "the HDLC frame holds no message";
	at++;
	if (!is_sealed(p + 1, at))
		return "the checksum of the HDLC header is wrong";
	at += 2;
	if (*out_len == 0 && end - at >= 3 && at[0] == 0xe6 && (at[1] == 0xe7 || at[1] == 0xe6) &&
	    at[2] == 0)
		at += 3;
	memcpy(out + *out_len, at, (size_t)(end - at));
	*out_len += (size_t)(end - at);
	return NULL;
}

/* The same for an M-Bus frame. Segments are numbered from 0 to 15, then again from 0. */
static const char *
mbus_unwrap(const unsigned char *p, size_t n, unsigned segment, unsigned char *out, size_t *out_len)
{
	unsigned sum = 0;

	for (size_t i = 4; i < n - 2; i++)
		sum += p[i];
	if ((sum & 0xff) != p[n - 2])
		return "the checksum of the M-Bus frame is wrong";
	if (p[6] >= 0x20)
		return "the M-Bus frame holds no message of DLMS";
	if ((p[6] & 15) != (segment & 15))
		return "a segment of the message is missing";
	memcpy(out + *out_len, p + MBUS_HEAD, n - MBUS_HEAD - 2);
	*out_len += n - MBUS_HEAD - 2;
	return NULL;
}

const char *
eg_dlms_unwrap(const unsigned char *p, size_t len, unsigned char *out, size_t *out_len)
{
	bool broken, hdlc = is_hdlc(p, len);
	const char *why = NULL;
	size_t at = 0, n;

	*out_len = 0;
	if (!hdlc && !is_mbus(p, len)) {
		memcpy(out, p, len);
		*out_len = len;
		return NULL;
	}
	n = eg_dlms_extent(p, len, &broken);
	if (n == 0 || broken)
		return n == 0 ? "the message is cut short" : "a frame of the message is broken";
	if (n != len)
		return "something follows the message";
	for (unsigned segment = 0; at < len && why == NULL; segment++) {
		n = hdlc ? hdlc_size(p + at, len - at) : p[at + 1] + (size_t)6;
		why = hdlc ? hdlc_unwrap(p + at, n, out, out_len) : mbus_unwrap(p + at, n, segment, out,
		    out_len);
		at += hdlc && at + n < len ? hdlc_next(p + at, len - at, n) : n;
	}
	return why;
}
