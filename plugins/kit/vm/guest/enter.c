/*
 * Runs a program inside another system of this machine, one below /opt/suites. It is the interpreter of two-line scripts:
 *
 *     #!/opt/suites/enter trixie
 *
 * so the kernel starts it as: enter trixie SCRIPT ARGUMENTS... There, the same path as SCRIPT's is the real program (or a link that leads to it: one in a
 * virtual environment that was made by it), the working directory and the environment are the same, and so are /home, /work, /tmp and more: see init.pl.
 * It belongs to root and is set-user-ID, because only root may change the root folder; what it starts runs as whoever called it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *what, int code)
{
    fprintf(stderr, "terrarium: %s: %s\n", what, strerror(errno));
    return code;
}

/* The environment as it was given: the C library takes TMPDIR, LD_LIBRARY_PATH and others away from a set-user-ID program. */
static char **given_environment(void)
{
    size_t size = 0, room = 1 << 16, count = 0;
    char *text = malloc(room + 1);
    int file = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
    ssize_t got;
    if (file < 0 || text == NULL) return NULL;
    while ((got = read(file, text + size, room - size)) > 0) {
        size += (size_t)got;
        if (size == room && (text = realloc(text, (room *= 2) + 1)) == NULL) return NULL;
    }
    close(file);
    if (got < 0) return NULL;
    text[size] = 0;
    for (size_t i = 0; i < size; i++) count += text[i] == 0;
    char **list = calloc(count + 2, sizeof *list);
    if (list == NULL) return NULL;
    count = 0;
    for (size_t at = 0; at < size; at += strlen(text + at) + 1) list[count++] = text + at;
    return list;
}

static int is_name(const char *name)
{
    return name[0] != 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

int main(int argc, char **argv)
{
    char root[128], cwd[PATH_MAX];
    if (argc < 3 || !is_name(argv[1]) || strlen(argv[1]) > 64) {
        fprintf(stderr, "terrarium: enter SYSTEM PROGRAM [ARGUMENT...]\n");
        return 126;
    }
    char **environment = given_environment();
    if (environment == NULL) return fail("/proc/self/environ", 126);
    snprintf(root, sizeof root, "/opt/suites/%s", argv[1]);
    if (getcwd(cwd, sizeof cwd) == NULL) return fail("the working directory", 126);
    if (chroot(root) != 0) return fail(root, 126);
    if (setgid(getgid()) != 0 || setuid(getuid()) != 0) return fail("the user", 126);
    if (chdir(cwd) != 0) return fail(cwd, 126);
    const char *dash = strrchr(argv[1], '-');
    if (dash != NULL && strcmp(dash, "-i386") == 0 && personality(PER_LINUX32) < 0) return fail("32 bits", 126);
    execve(argv[2], argv + 2, environment);
    return fail(argv[2], errno == ENOENT ? 127 : 126);
}
