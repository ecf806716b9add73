#define _GNU_SOURCE
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

bool tty_open(uint16_t rows, uint16_t cols, int *master, int *slave) {
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0) return false;
    unlockpt(*master);
    *slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*slave < 0) {
        int error = errno;
        close(*master);
        errno = error;
        return false;
    }
    struct winsize size = {.ws_row = rows, .ws_col = cols};
    ioctl(*master, TIOCSWINSZ, &size);
    struct termios modes;
    if (tcgetattr(*slave, &modes) == 0) {
        modes.c_iflag |= IUTF8; /* so that erase takes a whole character */
        tcsetattr(*slave, TCSANOW, &modes);
    }
    return true;
}
