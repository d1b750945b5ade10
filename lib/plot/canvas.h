/* SPDX-License-Identifier: MIT */
/* A canvas of dots, drawn with Braille characters of 2 by 4 dots (U+2800 to U+28FF). */
#ifndef EG_PLOT_CANVAS_H
#define EG_PLOT_CANVAS_H

#include <stdbool.h>
#include <stdio.h>

/* Dots count from 0, at the bottom left. */
struct eg_canvas {
	int columns, rows;   /* size in characters; it has twice as many dots across, four times
			      * as many up */
	unsigned char *cell; /* per character: its dots, one bit each */
};

/* Makes an empty canvas. Returns false if memory runs out. */
bool eg_canvas_open(struct eg_canvas *c, int columns, int rows);
void eg_canvas_close(struct eg_canvas *c);

/* Sets a dot; ignores one outside the canvas. */
void eg_canvas_dot(struct eg_canvas *c, int x, int y);

/* Draws a line between two dots, which must be inside the canvas. */
void eg_canvas_line(struct eg_canvas *c, int x0, int y0, int x1, int y1);

/* Writes a row of characters without blanks at its end; row 0 is the top. */
void eg_canvas_put(const struct eg_canvas *c, int row, FILE *out);

#endif
