/* The numbers of docs/guest-protocol.md. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#define PROTOCOL_VERSION 3
#define HELLO_MAGIC 0x58425644u /* "DVBX" */
#define PORT_NAME "org.devbox.guest"
/* Begins the lines that the host has written to the kernel's log to see where it is. */
#define LOG_MARK "devbox: mark "

#define FRAME_HEADER 12
#define FRAME_MAX_PAYLOAD 32756

#define MAX_EXECS 64
#define MAX_REQUESTS 64
#define MAX_EXEC_PAYLOAD (1u << 20)
#define MAX_CREDIT (1u << 30)
#define MAX_FILE_BYTES 32000
/* The disk for output in bulk: pieces of at most this many bytes, so many at a time. */
#define BULK_SLOT (1u << 20)
#define BULK_SLOTS 8u
#define RESUME_MIN_ENTROPY 32
#define RESUME_MAX_ENTROPY 512

enum host_frame {
    FRAME_EXEC = 0x01,
    FRAME_EXEC_PART,
    FRAME_STDIN,
    FRAME_STDIN_EOF,
    FRAME_SIGNAL,
    FRAME_RESIZE,
    FRAME_CREDIT,
    FRAME_MOUNT,
    FRAME_SYNC_CLOCK,
    FRAME_READ_FILE,
    FRAME_WRITE_FILE,
    FRAME_PING,
    FRAME_SHUTDOWN,
    FRAME_RESUME,
    FRAME_BULK_TAKEN,
    FRAME_VITALS,
};

enum guest_frame {
    FRAME_HELLO = 0x80,
    FRAME_STARTED,
    FRAME_STDOUT,
    FRAME_STDERR,
    FRAME_REPORT,
    FRAME_EXITED,
    FRAME_CLOSED,
    FRAME_FAILED,
    FRAME_STDIN_CREDIT,
    FRAME_STDIN_CLOSED,
    FRAME_REPLY,
    FRAME_UEVENT,
    FRAME_NOTE,
    FRAME_PROTOCOL_ERROR,
    FRAME_BULK,
};

enum exec_flag {
    EXEC_TTY = 1,
    EXEC_STDIN = 2,
    EXEC_REPORT = 4,
    EXEC_KEEP_LEFTOVERS = 8,
    EXEC_ALL_FLAGS = 15,
};

#define MOUNT_READ_ONLY 1

enum note_level { NOTE_WARNING = 4, NOTE_INFO = 6 };

#endif
