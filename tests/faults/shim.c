/*
 * Stands between the program and the C library, to play what a test cannot do to a real machine. LD_PRELOAD brings it in.
 *
 * FSYNC_FAILS=PATH   while the file PATH exists, nothing reaches the disk: fsync and fdatasync fail with EIO
 * CLOCK_AHEAD=N      the wall clock is N seconds ahead (behind, if N is negative)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int disk_fails(void) {
    const char *path = getenv("FSYNC_FAILS");
    return path != NULL && access(path, F_OK) == 0;
}

static int fail(void) {
    errno = EIO;
    return -1;
}

int fsync(int fd) { return disk_fails() ? fail() : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return disk_fails() ? fail() : (int)syscall(SYS_fdatasync, fd); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    int outcome = (int)syscall(SYS_clock_gettime, clock, time);
    const char *ahead = getenv("CLOCK_AHEAD");
    if (outcome == 0 && clock == CLOCK_REALTIME && ahead != NULL)
        time->tv_sec += atol(ahead);
    return outcome;
}
