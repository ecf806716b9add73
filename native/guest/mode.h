#ifndef MODE_H
#define MODE_H

#include <stdbool.h>

/* Serving an inherited descriptor as an ordinary process: whatever would change the machine is refused. */
extern bool hosted;

#endif
