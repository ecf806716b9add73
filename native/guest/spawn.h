/* From a request to a process. */
#ifndef SPAWN_H
#define SPAWN_H

#include "exec-request.h"
#include "exec.h"

/* Opens the exec's streams and forks. What fails here is left in exec->failure; what fails in the child comes by the status pipe. */
void spawn(struct exec *exec, const struct exec_request *request);

#endif
