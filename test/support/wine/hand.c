/* What the stand-in of the compiler makes: runs C:\hand\hand.dll by .NET Core with its own arguments, handles and exit code. */
#include <stdio.h>
#include <windows.h>

static WCHAR line[32768];

int wmain(void)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION made;
    const WCHAR *arguments = wcschr(GetCommandLineW(), L' ');
    DWORD code;

    _snwprintf(line, 32767, L"C:\\dotnet\\dotnet.exe C:\\hand\\hand.dll%ls", arguments ? arguments : L"");
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &made))
        return 255;
    WaitForSingleObject(made.hProcess, INFINITE);
    GetExitCodeProcess(made.hProcess, &code);
    return (int)code;
}
