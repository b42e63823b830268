import { describe, expect, test } from 'vitest';
import { commandLine, quoteArgument } from './command-line.ts';

describe('a command line', () => {
  test.each([
    ['', '""'],
    ['a b', '"a b"'],
    ['"', String.raw`"\""`],
    ['/c', '/c'],
    [String.raw`a\b\\`, String.raw`a\b\\`],
    [String.raw`a \b`, String.raw`"a \b"`],
    [String.raw`a\\"b`, String.raw`"a\\\\\"b"`],
    ['it ends\\', String.raw`"it ends\\"`],
    ['%PATH%', '%PATH%'],
    ['a\nb', '"a\nb"'],
  ])('has %j as %s', (word, quoted) => {
    expect(quoteArgument(word)).toBe(quoted);
  });

  test('has the name of the program between quotes, in which backslashes are backslashes', () => {
    expect(commandLine(['C:\\Program Files\\x\\', 'y'])).toBe('"C:\\Program Files\\x\\" y');
  });

  test.each([
    [[], 'argv is empty'],
    [['', 'a'], 'argv is empty'],
    [['a\0b'], 'NUL'],
    [['a', '\ud800'], 'Unicode'],
    [['a"b'], 'a quote'],
    [['x.BAT'], 'batch file'],
    [['C:\\x\\y.cmd. .'], 'batch file'],
    [['x.cmd::$DATA'], 'batch file'],
    [['x', 'y'.repeat(32_767)], 'at most 32766 fit'],
  ])('is refused for %j', (argv, why) => {
    expect(() => commandLine(argv)).toThrow(why);
  });

  test('is as long as Windows takes it, and no longer', () => {
    expect(commandLine(['x', 'y'.repeat(32_766 - 4)])).toHaveLength(32_766);
    expect(() => commandLine(['x', 'y'.repeat(32_766 - 3)])).toThrow('32767 characters');
  });

  test('takes batch files as arguments', () => {
    expect(commandLine(['cmd.exe', '/d', '/c', 'x.bat'])).toBe('"cmd.exe" /d /c x.bat');
  });
});
