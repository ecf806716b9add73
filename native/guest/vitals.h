/* What the host wants to know of the guest after each test, without a fork. */
#ifndef VITALS_H
#define VITALS_H

#include <stdint.h>

void vitals_reply(uint32_t id);

#endif
