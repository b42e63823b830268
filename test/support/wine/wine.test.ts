import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wineMissing } from './root.ts';
import { startWindows, type TestWindows } from './windows.ts';

const missing = wineMissing();

/** That the place where Windows' layers are tested is what they are told it is. */
describe.skipIf(missing !== null)(`a Windows for tests${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let windows: TestWindows;
  beforeAll(async () => {
    windows = await startWindows();
  }, 300_000);
  afterAll(async () => {
    await windows?.close();
  });

  test('runs a Windows program with the very arguments', async () => {
    const words = ['', ' ', 'a b', '"', String.raw`\"`, String.raw`a\\`, 'ü☃😀', '%PATH%', '^&|<>'];
    const { output, exitCode } = await windows.run([String.raw`C:\Python311\python.exe`, ...words]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(output.toString())).toMatchObject({ argv: [String.raw`C:\Python311\python.exe`, ...words], folder: String.raw`C:\users\ci` });
  });

  test('shows nothing of the environment of the tests', async () => {
    const { output } = await windows.run([String.raw`C:\Python311\python.exe`], { TERRARIUM_X: 'ü', TERRARIUM_STANDIN_EXIT: '7' });
    const { environment } = JSON.parse(output.toString());
    expect(environment).toMatchObject({ TERRARIUM_X: 'ü', USERPROFILE: String.raw`C:\users\ci` });
    expect(environment).not.toHaveProperty('VITEST');
  });

  test('runs C# with .NET, job objects and all', async () => {
    const source = join(windows.driveC, 'hello.cs');
    await writeFile(source, CSHARP);
    await windows.compile([source], String.raw`C:\hello\hello.dll`);
    const { output, exitCode, errors } = await windows.run([String.raw`C:\dotnet\dotnet.exe`, String.raw`C:\hello\hello.dll`, 'a b']);
    expect({ exitCode, output: output.toString(), errors: errors.toString() }).toEqual({ exitCode: 7, output: 'a b job\r\n', errors: '' });
  });

  test('ends a program that crashes, without a debugger', async () => {
    expect(await windows.run(['winedbg.exe', '--help'])).toMatchObject({ exitCode: 53, output: Buffer.alloc(0) });
    const source = join(windows.driveC, 'crash.cs');
    await writeFile(source, CRASH);
    await windows.compile([source], String.raw`C:\hello\crash.dll`);
    const { exitCode, errors } = await windows.run([String.raw`C:\dotnet\dotnet.exe`, String.raw`C:\hello\crash.dll`]);
    expect({ exitCode, errors: errors.toString() }).toEqual({ exitCode: expect.any(Number), errors: expect.stringContaining('AccessViolation') });
    expect(exitCode).not.toBe(0);
    expect((await windows.run(['tasklist.exe'])).output.toString().toLowerCase()).not.toContain('dotnet');
  });

  function ssh(program: 'ssh' | 'sftp', words: readonly string[], first: readonly string[] = []): Promise<{ code: unknown; output: string }> {
    const { host, port, user, privateKeyFile } = windows.sshd;
    const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', `Port=${port}`].flatMap((one) => [
      '-o',
      one,
    ]);
    return new Promise((resolve) => {
      const args = [...first, '-F', 'none', '-i', privateKeyFile, ...options, `${user}@${host}`, ...words];
      execFile(program, args, (error, output, errors) => resolve({ code: error?.code ?? 0, output: output + errors }));
    });
  }

  test.each([
    ['echo "a  b" c^&d', 0, '"a  b" c&d\r\n'],
    ['exit 3', 3, ''],
    ['exit /b 7', 7, ''],
    ['cd', 0, 'C:\\users\\ci\r\n'],
    ['echo %USERNAME%&& exit 4', 4, 'ci\r\n'],
    [String.raw`"C:\Python311\python.exe" "a b" | findstr /c:"\"a b\""`, 0, expect.stringContaining('"a b"')],
  ])('lets cmd read the line %j of a client', async (line, code, output) => {
    expect(await ssh('ssh', [line])).toEqual({ code, output });
  });

  test('takes lines in any script', async () => {
    const { output } = await ssh('ssh', [String.raw`C:\Python311\python.exe ü☃😀`]);
    expect(JSON.parse(output)).toMatchObject({ argv: [String.raw`C:\Python311\python.exe`, 'ü☃😀'] });
  });

  test('ends what a command has left behind, as OpenSSH does there', async () => {
    const { output } = await ssh('ssh', [String.raw`start /b ping.exe -n 600 127.0.0.1 >nul& tasklist.exe`]);
    expect(output.toLowerCase()).toContain('ping.exe');
    expect((await windows.run(['tasklist.exe'])).output.toString().toLowerCase()).not.toContain('ping.exe');
  });

  test('has SFTP with drive letters', async () => {
    const batch = join(windows.driveC, 'batch');
    await writeFile(batch, 'pwd\nput /etc/os-release ü.txt\nls /C:/users/ci/\n');
    const { code, output } = await ssh('sftp', [], ['-b', batch]);
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('/C:/users/ci') });
    expect(await readFile(windows.outside(String.raw`C:\users\ci\ü.txt`), 'utf8')).toContain('Debian');
  });

  test('says what the compiler says', async () => {
    const source = join(windows.driveC, 'wrong.cs');
    await writeFile(source, 'class Wrong {');
    await expect(windows.compile([source], String.raw`C:\hello\wrong.dll`)).rejects.toThrow('error CS1525');
  });
});

const CSHARP = `using System; using System.Diagnostics; using System.Runtime.InteropServices;
static class Hello {
    [DllImport("kernel32.dll", CharSet = CharSet.Unicode)] static extern IntPtr CreateJobObjectW(IntPtr attributes, string name);
    static int Main(string[] arguments) {
        Console.WriteLine(arguments[0] + (CreateJobObjectW(IntPtr.Zero, null) == IntPtr.Zero ? "" : " job"));
        using (var child = Process.Start(new ProcessStartInfo("cmd.exe", "/c exit 7") { UseShellExecute = false })) { child.WaitForExit(); return child.ExitCode; }
    }
}
`;

/** Reads where there is no memory, which no program can catch. */
const CRASH = 'static class Crash { static int Main() { return System.Runtime.InteropServices.Marshal.ReadInt32(new System.IntPtr(1 << 30)); } }';
