/* A screen as a picture: SVG that needs nothing else and is readable on any page. */
#ifndef TUI_SVG_H
#define TUI_SVG_H

#include <stdio.h>

struct pane;

/* The cells of the pane, in the colours of the roles that were painted last. */
void svg_write(FILE *out, const struct pane *p, const char *title);

#endif
