/* What every workload is made of. */
#ifndef DEVBOX_WORKLOAD_H
#define DEVBOX_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The workload ran, and something in it was not as it must be. */
#define EXIT_CHECK_FAILED 1
/* EX_USAGE */
#define EXIT_BAD_USAGE 64
/* EX_OSERR: a thread or a process could not be made. */
#define EXIT_SYSTEM 71

struct workload {
	const char *name;
	const char *summary;
	/* argv[0] is the workload's name. Returns the exit code. */
	int (*run)(int argc, char **argv);
};

int run_demo(int argc, char **argv);
int run_spin(int argc, char **argv);
int run_pingpong(int argc, char **argv);
int run_forkstorm(int argc, char **argv);
int run_deadline(int argc, char **argv);
int run_classes(int argc, char **argv);
int run_simple(int argc, char **argv);
int run_many(int argc, char **argv);
int run_busy(int argc, char **argv);
int run_departed(int argc, char **argv);
int run_departed_many(int argc, char **argv);
/* Not a load: becomes the program in its arguments, in the class that the loaded scheduler has (scheduling-class.h). */
int run_in_class(int argc, char **argv);
int run_departed_race(int argc, char **argv);

/* `typed` as one of `names` was most likely meant; NULL when none is close. */
const char *nearest_name(const char *typed, const char *const *names, size_t count);

/* Prints to stderr and exits with EXIT_SYSTEM; `error` is an errno. */
void die(int error, const char *what) __attribute__((noreturn));

#endif
