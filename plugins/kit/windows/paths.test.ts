import { describe, expect, test } from 'vitest';
import { checkedFolder, checkedWindowsPath, sftpPath, windowsPath } from './paths.ts';

describe('paths of Windows', () => {
  test.each(['C:\\terrarium', 'd:\\a\\b.c\\_d-e'])('%j is a folder', (folder) => {
    expect(checkedFolder(folder)).toBe(folder);
    expect(windowsPath(sftpPath(folder))).toBe(folder);
  });

  test.each(['C:\\', 'C:\\a b', 'C:/a', '/a', 'C:\\a\\', 'C:\\..\\a', 'C:\\a\\nul', 'C:\\a.', 'C:\\a&b', 'C:\\%x%', '\\\\host\\share', 'C:\\ü'])(
    '%j is none',
    (folder) => {
      expect(() => checkedFolder(folder)).toThrow('no folder for machines');
    },
  );

  test.each(['a', 'a/b c', '.git/config', 'ü/☃', 'a..b', 'console', 'com10'])('%j is a file', (path) => {
    expect(checkedWindowsPath(path)).toBe(path);
  });

  test.each(['../a', 'a\\..\\b', 'C:/x', 'a:stream', 'a/', 'a.', 'a /b', 'nul', 'a/CON.txt', 'com1', 'com¹.x', 'a*', 'a\u0001', '"', 'a|b', '<', ''])(
    '%j is none',
    (path) => {
      expect(() => checkedWindowsPath(path)).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );
});
