/* SPDX-License-Identifier: MIT */
/* Splits the bytes of a descriptor into messages of devices: JSON documents, telegrams, frames. */
#ifndef EG_FRAMING_H
#define EG_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/brackets.h"

struct eg_error;
struct eg_json_index;

/* How messages are separated. */
enum eg_framing_kind {
	EG_FRAMING_JSON,     /* JSON documents, or lines of other text */
	EG_FRAMING_LINES,    /* lines, except blank ones and those that begin with '#' */
	EG_FRAMING_ROWS,     /* all lines, also blank ones */
	EG_FRAMING_TELEGRAM, /* from a line that begins with '/' to one that begins with '!' */
	EG_FRAMING_TIC,      /* from STX to ETX */
	EG_FRAMING_DLMS,     /* HDLC or M-Bus frames, or an encrypted APDU */
	EG_FRAMING_SML,      /* from 1b1b1b1b 01010101 to 1b1b1b1b 1a and three bytes */
};

/* Zeroed but for fd, kind, topics and json before it is opened. */
struct eg_framing {
	int fd;
	enum eg_framing_kind kind;
	bool topics;    /* each line begins with an MQTT topic */
	struct eg_json_index *json; /* reads the documents, of which most are a line; NULL: none */
	char *buf;
	size_t start, scan, end; /* of what has been read: the document at hand, how far it
	                            was looked at */
	struct eg_brackets brackets; /* up to scan */
	uint64_t lineno; /* of what stands at start, from 1 */
	uint64_t odd;    /* the line that json did not read as one document; 0: none yet */
	bool eof, skipping;
	bool framed; /* a mark of TIC or SML was seen */
};

/* One of them, in the buffer until the next eg_framing_fill. */
struct eg_frame {
	const char *text;  /* as it came, for --rejects */
	size_t len;
	const char *topic; /* without topics: topic_len 0 */
	size_t topic_len;
	const char *body;
	size_t body_len;
	uint64_t lineno;    /* of its first line */
	const char *reason; /* NULL, or why it is none */
	bool read;          /* json has just read the body */
};

int eg_framing_open(struct eg_framing *d, struct eg_error *e);
void eg_framing_close(struct eg_framing *d);

/* One read(2), which blocks as the descriptor does; sets eof at the end. To be called
 * when eg_framing_next has nothing more. -1 on an I/O error. */
int eg_framing_fill(struct eg_framing *d, struct eg_error *e);

/* The next document, of EG_DECODE_MAX bytes at most, as soon as it is whole: JSON at its
 * last bracket, a telegram or frame at its mark, anything else at the end of its line. A line
 * end within JSON ends it all the same, so that nothing broken takes the next line with it.
 * False when there is none yet. */
bool eg_framing_next(struct eg_framing *d, struct eg_frame *out);

#endif
