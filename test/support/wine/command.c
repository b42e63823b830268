/*
 * What OpenSSH for Windows does with the command of a client, as its sources have it (contrib/win32/win32compat/w32-doexec.c): the line goes to the default shell as it came,
 * between two quotes, and the shell gets a job object that ends with it and lets children break away. The shell's exit code is ours.
 * The line is what the environment variable TERRARIUM_LINE says; no line is an interactive shell.
 */
#include <stdio.h>
#include <windows.h>

static WCHAR line[32768];
static WCHAR command[32768 + 64];

static int refuse(const char *what)
{
    fprintf(stderr, "%s: error %lu\n", what, GetLastError());
    return 255;
}

/* The only handle that lasts is the shell's own, so that the job ends with the shell and not with us. */
static BOOL bind_to_job(HANDLE process)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL), copy;

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK;
    return job && SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) && AssignProcessToJobObject(job, process) &&
           DuplicateHandle(GetCurrentProcess(), job, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) && CloseHandle(job);
}

int wmain(void)
{
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION shell;
    DWORD code, length = GetEnvironmentVariableW(L"TERRARIUM_LINE", line, 32768);
    const WCHAR *form = length ? L"\"C:\\windows\\system32\\cmd.exe\" /c \"%ls\"" : L"\"C:\\windows\\system32\\cmd.exe\"%ls";

    if (length >= 32768 || _snwprintf(command, sizeof command / sizeof *command, form, line) < 0)
        return refuse("the command is too long");
    SetEnvironmentVariableW(L"TERRARIUM_LINE", NULL);
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &shell))
        return refuse("the shell does not start");
    if (!bind_to_job(shell.hProcess)) {
        TerminateProcess(shell.hProcess, 255);
        return refuse("no job object");
    }
    WaitForSingleObject(shell.hProcess, INFINITE);
    GetExitCodeProcess(shell.hProcess, &code);
    return (int)code;
}
