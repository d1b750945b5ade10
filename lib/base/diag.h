/* SPDX-License-Identifier: MIT */
/* Messages to the user, errors, and exit statuses. */
#ifndef EG_DIAG_H
#define EG_DIAG_H

#include <stddef.h>

/* Exit statuses, with the numbers of sysexits(3); energyguard(7) describes what each means for
 * records without a receipt. */
enum eg_status {
	EG_OK = 0,
	EG_USAGE = 64,     /* wrong usage; nothing was read */
	EG_REFUSED = 65,   /* ended normally; records without a receipt were refused for good */
	EG_BUG = 70,       /* a fault of ours, or memory ran out */
	EG_LOCAL_IO = 74,  /* disk or standard output */
	EG_TEMPORARY = 75, /* a peer is unreachable; records may be sent again */
	EG_CONFIG = 78,    /* trying again does not help until somebody changes the configuration */
};

/* An error, owned by the caller. status is EG_OK until it is set. */
struct eg_error {
	enum eg_status status;
	char text[320];
};

/* Fills *e unless it is already filled (the first error wins); returns -1. */
int eg_fail(struct eg_error *e, enum eg_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Names the program in front of every message; the string must stay alive. Call it before
 * anything is opened: it calls eg_descriptors_hold. */
void eg_diag_init(const char *program);

/* The name given to eg_diag_init. */
const char *eg_program(void);

/* Lets eg_info through when level is 1 or more. */
void eg_diag_verbose(int level);

/* Each prints one line on standard error, `program: level: text`, with one write(2). Control
 * characters become blanks; errno is kept. A line that standard error does not take within a
 * second is lost. eg_info prints with -v only; eg_note prints no level, for counters and
 * progress that the user asked for. */
void eg_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void eg_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints e->text as fatal and returns its status; EG_OK prints nothing. */
int eg_report(const struct eg_error *e);

/* Replaces, in place, each control character (U+0000 to U+001F, U+007F to U+009F) and each byte
 * that is no part of valid UTF-8 by the byte `with`. Returns the new length, which is never
 * larger. The result is valid UTF-8 without terminal escape sequences. */
size_t eg_text_clean(char *text, size_t len, char with);

#define EG_QUOTE_MAX 64

/* Copies at most 48 bytes of s into out as quoted text for a message, cleaned as by
 * eg_text_clean with '?'; a longer text ends in `...`. Returns out. */
const char *eg_quote(const char *s, size_t len, char out[EG_QUOTE_MAX]);

#endif
