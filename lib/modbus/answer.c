/* SPDX-License-Identifier: MIT */
#include "modbus/answer.h"

enum { HEADER = 6, BODY = 3, CRC = 2, EXCEPTION_BIT = 0x80 };

static unsigned
word_at(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void
put_word(uint8_t *p, unsigned value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

void
eg_modbus_request_put(const struct eg_modbus_request *q, uint8_t out[EG_MODBUS_REQUEST_SIZE])
{
	put_word(out, q->id);
	put_word(out + 2, 0);
	put_word(out + 4, EG_MODBUS_REQUEST_SIZE - HEADER);
	out[6] = (uint8_t)q->unit;
	out[7] = (uint8_t)q->table;
	put_word(out + 8, (unsigned)q->start);
	put_word(out + 10, (unsigned)q->count);
}

size_t
eg_modbus_tcp_size(const uint8_t *frame, size_t len)
{
	return len < HEADER ? HEADER : HEADER + (size_t)word_at(frame + 4);
}

size_t
eg_modbus_line_size(const uint8_t *frame, size_t len)
{
	if (len < BODY)
		return BODY;
	return (frame[1] & EXCEPTION_BIT) != 0 ? BODY + CRC : BODY + (size_t)frame[2] + CRC;
}

/* Checks unit, function and lengths: [unit function count data] or [unit function code]. */
static const char *
check_body(const struct eg_modbus_request *q, const uint8_t *p, size_t len, uint16_t *reg,
    int *exception)
{
	*exception = 0;
	if (len < BODY)
		return "an answer that is too short";
	if (p[0] != q->unit)
		return "an answer of another unit";
	if (p[1] == (q->table | EXCEPTION_BIT) && p[2] != 0 && len == BODY) {
		*exception = p[2];
		return NULL;
	}
	if (p[1] != q->table)
		return "an answer to another function";
	if (p[2] != 2 * q->count || len != BODY + (size_t)p[2])
		return "an answer with a wrong number of registers";
	for (int i = 0; i < q->count; i++)
		reg[i] = (uint16_t)word_at(p + BODY + 2 * i);
	return NULL;
}

const char *
eg_modbus_answer(const struct eg_modbus_request *q, bool tcp, const uint8_t *frame, size_t len,
    uint16_t *reg, int *exception)
{
	if (!tcp)
		return len < CRC ? "an answer that is too short" : check_body(q, frame, len - CRC, reg,
		    exception);
	if (len < HEADER)
		return "an answer that is too short";
	if (word_at(frame) != q->id)
		return "an answer to another request";
	if (word_at(frame + 2) != 0)
		return "an answer that is not Modbus";
	if (word_at(frame + 4) != len - HEADER)
		return "an answer of a wrong length";
	return check_body(q, frame + HEADER, len - HEADER, reg, exception);
}

bool
eg_modbus_lasting(int exception)
{
	return exception >= 1 && exception <= 3;
}

const char *
eg_modbus_exception(int code)
{
	static const char *const texts[] = { "unknown", "illegal function", "illegal data address",
		"illegal data value", "device failure", "acknowledge", "device busy", "unknown",
		"memory parity error", "unknown", "gateway path unavailable",
		"gateway target failed to respond" };
	size_t n = sizeof(texts) / sizeof(texts[0]);

	return texts[code > 0 && (size_t)code < n ? code : 0];
}
