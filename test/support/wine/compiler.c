/*
 * A stand-in for csc.exe of .NET Framework, which Wine has not: takes `/out:FILE` and sources, checks that these are there, and writes a program that runs C:\hand\hand.dll by .NET
 * Core (hand.c). What that is made of is compiled by the tests beforehand.
 */
#include <stdio.h>
#include <windows.h>

static int are_there(const WCHAR *pattern)
{
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(pattern, &found);

    if (search == INVALID_HANDLE_VALUE) {
        printf("error CS2001: Source file '%ls' could not be found\n", pattern);
        return 0;
    }
    FindClose(search);
    return 1;
}

int wmain(int argc, WCHAR **argv)
{
    const WCHAR *target = NULL;
    int sources = 0;

    for (int i = 1; i < argc; i++) {
        if (!wcsncmp(argv[i], L"/out:", 5))
            target = argv[i] + 5;
        else if (argv[i][0] != L'/') {
            if (!are_there(argv[i]))
                return 1;
            sources++;
        }
    }
    if (!target || !sources) {
        puts("fatal error CS2008: No inputs specified");
        return 1;
    }
    if (GetFileAttributesW(L"C:\\hand\\hand.dll") == INVALID_FILE_ATTRIBUTES) {
        puts("error CS0000: C:\\hand\\hand.dll is not there");
        return 1;
    }
    return CopyFileW(L"C:\\lab\\hand.exe", target, FALSE) ? 0 : 1;
}
