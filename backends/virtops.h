/* VMs as libvirt sees them, by the helper bascule-virt over a connection forwarded through SSH:
 * neither libvirt's own ssh nor its host keys are needed. */
#ifndef BACKENDS_VIRTOPS_H
#define BACKENDS_VIRTOPS_H

#include "engine/virt.h"

extern const struct virt_ops virt_libvirt;

/* The same of any libvirt URI ("test:///default"), by this helper; NULL = the one in libexec. */
struct virt *virt_follow_uri(struct loop *l, const struct virt_spec *spec, const char *helper,
			     const char *uri, struct err *err);

#endif
