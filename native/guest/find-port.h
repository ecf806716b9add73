#ifndef FIND_PORT_H
#define FIND_PORT_H

/* Opens the virtio port named PORT_NAME, waiting for it and for the host to open its end. */
int find_port(void);

#endif
