/* The SCSI answers a probe reads, from bytes to struct probe_lun. Knows no transport. The
 * bytes come from a stranger: every length in them is checked against what really came. */
#ifndef BACKENDS_SCSI_H
#define BACKENDS_SCSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "engine/probe.h"

enum { SCSI_CDB = 16 };

/* Commands, as 16-byte CDBs (unused bytes zero) with `alloc` bytes of room for the answer. */
void scsi_inquiry_cdb(unsigned char cdb[SCSI_CDB], int page, uint16_t alloc); /* page < 0: standard */
void scsi_capacity_cdb(unsigned char cdb[SCSI_CDB], uint32_t alloc);
void scsi_pr_in_cdb(unsigned char cdb[SCSI_CDB], unsigned action, uint16_t alloc);
void scsi_luns_cdb(unsigned char cdb[SCSI_CDB], uint32_t alloc);
void scsi_read_cdb(unsigned char cdb[SCSI_CDB], uint64_t block, uint32_t blocks);
/* Length a CDB has by its operation code: 6, 10, 12 or 16. */
int scsi_cdb_size(const unsigned char cdb[SCSI_CDB]);

/* Parsers. false = too short to mean anything; the LUN is then left as it was. */
bool scsi_inquiry_parse(struct probe_lun *lun, const unsigned char *p, size_t n, bool *ret_is_disk);
bool scsi_pages_has(const unsigned char *p, size_t n, unsigned page);
bool scsi_serial_parse(struct probe_lun *lun, const unsigned char *p, size_t n);
bool scsi_names_parse(struct probe_lun *lun, const unsigned char *p, size_t n);
bool scsi_capacity16_parse(struct probe_lun *lun, const unsigned char *p, size_t n);
bool scsi_capacity10_parse(struct probe_lun *lun, const unsigned char *p, size_t n);
bool scsi_pr_keys_parse(struct probe_pr *pr, const unsigned char *p, size_t n);
bool scsi_pr_holder_parse(struct probe_pr *pr, const unsigned char *p, size_t n);
bool scsi_pr_types_parse(struct probe_pr *pr, const unsigned char *p, size_t n);
/* LUN numbers of REPORT LUNS into numbers[max]; returns how many there are (may be > max).
 * Numbers of addressing methods other than peripheral and flat are left out. */
size_t scsi_luns_parse(const unsigned char *p, size_t n, unsigned *numbers, size_t max);

/* Fills wwid and scsi_id from names[], vendor and product. */
void scsi_identity(struct probe_lun *lun);

#endif
