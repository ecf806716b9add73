/* One epoll loop; every descriptor in it is edge-triggered, so whoever is told must remember until EAGAIN. */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

/* Lives inside a longer-lived structure: an event may still be under way when its descriptor is closed. */
struct source {
    void (*ready)(struct source *self, uint32_t events);
};

void loop_open(void);
bool loop_add(int fd, uint32_t events, struct source *source);
/* Before close: a child just forked may still hold the description, and with it the registration. */
void loop_remove(int fd);
/* Hands out what is ready; waits for something only when `wait`. */
void loop_turn(bool wait);

#endif
