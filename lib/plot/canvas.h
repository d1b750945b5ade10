/* SPDX-License-Identifier: MIT */
/* Dots in characters: Braille patterns of 2 by 4 (U+2800 to U+28FF). */
#ifndef EG_PLOT_CANVAS_H
#define EG_PLOT_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

/* Dots count from 0 at the bottom left. */
struct eg_canvas {
	int columns, rows;   /* characters; dots: twice as many across, four times as many up */
	unsigned char *cell; /* the dots of a character, a bit each */
};

/* Prepares an empty canvas. False: out of memory. */
bool eg_canvas_open(struct eg_canvas *c, int columns, int rows);
void eg_canvas_close(struct eg_canvas *c);

/* Sets a dot. One that is outside is left out. */
void eg_canvas_dot(struct eg_canvas *c, int x, int y);

/* Sets the dots between two, and both. Both lie inside. */
void eg_canvas_line(struct eg_canvas *c, int x0, int y0, int x1, int y1);

/* Writes a row of characters, the top one is 0, without blanks at its end. */
void eg_canvas_put(const struct eg_canvas *c, int row, FILE *out);

#endif
