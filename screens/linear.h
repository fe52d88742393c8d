/* The screens as sentences and numbered questions, for screen readers, serial lines and logs. */
#ifndef SCREENS_LINEAR_H
#define SCREENS_LINEAR_H

#include "screens/wizard.h"

/* From the first question to the last; reads stdin, writes stdout. An exit code. */
int linear_main(const struct wizard_setup *setup);

#endif
