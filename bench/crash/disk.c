/* Makes a disk fail: preloaded into a process, it lets the n-th write to files whose path begins with a prefix fail.

   CRASH_DISK_PREFIX  which files; nothing fails, and nothing is counted, without it
   CRASH_DISK_AT      which call fails, from 1; 0 for none
   CRASH_DISK_ERROR   ENOSPC or EIO
   CRASH_DISK_ON      1: every call from then on fails; 0: that call alone
   CRASH_DISK_COUNT   a file of 16 bytes: how many calls came, and how many failed (two numbers of 64 bits)

   The environment is read at the first call after the prefix was set, so a forked child can still set it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static struct { uint64_t calls, failed; } nowhere, *counted;
static char prefix[4096];
static size_t length;
static uint64_t fails_at;
static int error, from_then_on;

static int is_on(void)
{
    const char *asked, *text;
    int file;
    if (counted)
        return 1;
    asked = getenv("CRASH_DISK_PREFIX");
    if (!asked || !*asked || strlen(asked) >= sizeof prefix)
        return 0;
    strcpy(prefix, asked);
    length = strlen(prefix);
    text = getenv("CRASH_DISK_AT");
    fails_at = text ? strtoull(text, NULL, 10) : 0;
    text = getenv("CRASH_DISK_ERROR");
    error = text && !strcmp(text, "EIO") ? EIO : ENOSPC;
    text = getenv("CRASH_DISK_ON");
    from_then_on = text && *text == '1';
    counted = &nowhere;
    text = getenv("CRASH_DISK_COUNT");
    if (text && (file = open(text, O_RDWR)) >= 0) {
        void *shared = mmap(NULL, sizeof nowhere, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (shared != MAP_FAILED)
            counted = shared;
        close(file);
    }
    return 1;
}

static int fails(int file)
{
    char link[40], path[4096];
    ssize_t size;
    uint64_t number;
    if (!is_on())
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    size = readlink(link, path, sizeof path);
    if (size < (ssize_t)length || memcmp(path, prefix, length))
        return 0;
    number = __atomic_add_fetch(&counted->calls, 1, __ATOMIC_SEQ_CST);
    if (!fails_at || number < fails_at || (number > fails_at && !from_then_on))
        return 0;
    __atomic_add_fetch(&counted->failed, 1, __ATOMIC_SEQ_CST);
    errno = error;
    return 1;
}

#define FAILING(type, name, parameters, arguments)                      \
    type name parameters                                                \
    {                                                                   \
        static type (*real) parameters;                                 \
        if (!real)                                                      \
            real = (type (*) parameters)dlsym(RTLD_NEXT, #name);        \
        return fails(file) ? (type)-1 : real arguments;                 \
    }

FAILING(ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
FAILING(ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), (file, data, size, at))
FAILING(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at))
FAILING(int, fsync, (int file), (file))
FAILING(int, fdatasync, (int file), (file))
FAILING(int, ftruncate, (int file, off_t size), (file, size))
FAILING(int, ftruncate64, (int file, off64_t size), (file, size))
