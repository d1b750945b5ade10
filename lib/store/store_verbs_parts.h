/* SPDX-License-Identifier: MIT */
/* One function per verb of a store; failures are stored in r->e. */
#ifndef EG_STORE_VERBS_PARTS_H
#define EG_STORE_VERBS_PARTS_H

#include "store/store_verb_io.h"

void eg_verb_get(struct eg_verb *r);
void eg_verb_range(struct eg_verb *r);
void eg_verb_dump(struct eg_verb *r);
void eg_verb_sensors(struct eg_verb *r);
void eg_verb_stat(struct eg_verb *r);
void eg_verb_check(struct eg_verb *r);
void eg_verb_backup(struct eg_verb *r);
void eg_verb_digest(struct eg_verb *r);
void eg_verb_identity(struct eg_verb *r);

void eg_verb_delete(struct eg_verb *r);
void eg_verb_evict(struct eg_verb *r);
void eg_verb_merge(struct eg_verb *r);
void eg_verb_expire(struct eg_verb *r);

#endif
