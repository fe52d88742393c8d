/* One practice machine: its overlay disk and keys, its QEMU process, its power. Blocks. */
#ifndef BACKENDS_MACHINE_H
#define BACKENDS_MACHINE_H

#include <sys/types.h>
#include "backends/site.h"

/* The process that runs it; 0 = it is off. Another program's pid is never taken for it. */
pid_t machine_pid(const struct site *s, const struct lab_machine *m);
/* Seconds since its power was switched on. */
int64_t machine_up_s(const struct site *s, const struct lab_machine *m);
/* Makes what is missing of keys and an empty overlay on this image. */
int machine_make(struct site *s, struct lab_machine *m, const char *image, struct err *err);
/* Switches the power on: returns once QEMU runs, long before the system answers. */
int machine_start(struct site *s, struct lab_machine *m, const char *accel, struct err *err);
/* Presses Ctrl-Alt-Del, which shuts the system down. */
int machine_button(const struct site *s, const struct lab_machine *m, struct err *err);
/* Presses the reset button. */
/* Its processors stand still until it is thawed; it does not notice. */
int machine_freeze(const struct site *s, const struct lab_machine *m, bool thaw, struct err *err);
int machine_reset(const struct site *s, const struct lab_machine *m, struct err *err);
/* Cuts the power. 0 when it is off, also when it was. */
int machine_cut(const struct site *s, const struct lab_machine *m, struct err *err);
/* true when it is off within the time. */
bool machine_wait_off(const struct site *s, const struct lab_machine *m, int limit_ms);
/* Pulls the cable of a card (its carrier goes), or plugs it. */
int machine_card_set(const struct site *s, const struct lab_machine *m, size_t card, bool cut,
		     struct err *err);
/* Removes its disk; its keys stay, so that it is known again. */
int machine_erase(const struct site *s, const struct lab_machine *m, struct err *err);

#endif
