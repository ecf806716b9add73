/* What a freshly forked process inherits. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

/*
 * Closes everything but 0, 1, 2 and `fd`, and returns what `fd` is now. A helper or a child that hangs before its exec
 * must not hold the other execs' pipes open.
 */
int keep_only_standard_and(int fd);
/* Closes every descriptor from `first` on. */
void close_from(unsigned first);

#endif
