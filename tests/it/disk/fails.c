/* Makes the disk fail: while the file that DISK_FAILS names exists, nothing is synchronised any more,
 * and whoever asks is told so, as after an error of the device. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(void) {
    const char *name = getenv("DISK_FAILS");
    return name != NULL && access(name, F_OK) == 0;
}

int fsync(int file) {
    if (fails()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    if (fails()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}
