/*
 * A stand-in for a Windows Python: prints one line of JSON with all that it was started with, `{"argv", "commandLine", "folder", "environment"}`, and exits with the code in
 * TERRARIUM_STANDIN_EXIT. Where a file `answer` is beside it, and it is asked with -S what it is, it prints that file instead. Every UTF-16 unit that is no plain ASCII is escaped, so that nothing depends on a code page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void put_text(const WCHAR *text, size_t length)
{
    putchar('"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            printf("\\u%04x", text[i]);
        else
            putchar(text[i]);
    }
    putchar('"');
}

/* Names such as "=C:", where cmd keeps the current folder of a drive, begin with what ends the others. */
static void put_environment(void)
{
    WCHAR *block = GetEnvironmentStringsW();
    const char *comma = "";

    for (WCHAR *entry = block; *entry; entry += wcslen(entry) + 1) {
        WCHAR *sign = wcschr(entry + 1, L'=');
        if (!sign)
            continue;
        fputs(comma, stdout);
        put_text(entry, sign - entry);
        putchar(':');
        put_text(sign + 1, wcslen(sign + 1));
        comma = ",";
    }
    FreeEnvironmentStringsW(block);
}

/* Copies the file `answer` from the program's own folder to the output. */
static BOOL answered(void)
{
    static WCHAR path[32768];
    char line[1024];
    WCHAR *name;
    FILE *file;

    GetModuleFileNameW(NULL, path, 32760);
    name = wcsrchr(path, L'\\') + 1;
    wcscpy(name, L"answer");
    file = _wfopen(path, L"r");
    if (!file)
        return FALSE;
    while (fgets(line, sizeof line, file))
        fputs(line, stdout);
    fclose(file);
    return TRUE;
}

int wmain(int argc, WCHAR **argv)
{
    static WCHAR folder[32768];
    const char *exit_code = getenv("TERRARIUM_STANDIN_EXIT");

    for (int i = 1; i < argc; i++)
        if (!wcscmp(argv[i], L"-S") && answered())
            return 0;
    fputs("{\"argv\":[", stdout);
    for (int i = 0; i < argc; i++) {
        if (i)
            putchar(',');
        put_text(argv[i], wcslen(argv[i]));
    }
    fputs("],\"commandLine\":", stdout);
    put_text(GetCommandLineW(), wcslen(GetCommandLineW()));
    fputs(",\"folder\":", stdout);
    put_text(folder, GetCurrentDirectoryW(32768, folder));
    fputs(",\"environment\":{", stdout);
    put_environment();
    puts("}}");
    return exit_code ? (int)strtoul(exit_code, NULL, 0) : 0;
}
