/* The words of the field and ways out, for the help of the screens and of the sentences. */
#ifndef SCREENS_GUIDE_H
#define SCREENS_GUIDE_H

struct guide_entry {
	const char *title, *text; /* N_(); a NULL title ends the list */
};

extern const struct guide_entry guide_words[];
extern const struct guide_entry guide_stuck[];
extern const struct guide_entry guide_signs[]; /* beside the chapters; their titles are not translated */

#endif
