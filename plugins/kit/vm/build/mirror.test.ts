import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mirrorAmong, mirrorOfThisComputer, parseDeb822, parseMirror, parseOneLine, sourceLines } from './mirror.ts';
import { suiteOf } from './suites.ts';

const DEB822 = [
  '# ours',
  'Types: deb deb-src',
  'URIs: http://mirror.example/debian/',
  'Suites: bookworm bookworm-updates',
  'Components: main',
  '',
  'Types: deb',
  'URIs: http://mirror.example/security',
  'Suites:',
  ' bookworm-security',
  'Components: main',
  '',
  'Enabled: no',
  'Types: deb',
  'URIs: http://off.example/debian',
  'Suites: bookworm',
  '',
  'Types: deb-src',
  'URIs: http://sources.example/debian',
  'Suites: bookworm',
].join('\n');

describe('sources', () => {
  test('in paragraphs: several suites, folded lines, none that are off or of sources only', () => {
    expect(parseDeb822(DEB822)).toEqual([
      { uri: 'http://mirror.example/debian', suite: 'bookworm' },
      { uri: 'http://mirror.example/debian', suite: 'bookworm-updates' },
      { uri: 'http://mirror.example/security', suite: 'bookworm-security' },
    ]);
  });

  test('in lines: with options, comments and what is none', () => {
    const text =
      '# deb http://no.example x main\ndeb [arch=amd64 signed-by=/k] http://a.example/debian/ trixie main # why\ndeb-src http://b.example trixie main\nrubbish\n';
    expect(parseOneLine(text)).toEqual([{ uri: 'http://a.example/debian', suite: 'trixie' }]);
  });

  test('of others than Debian are no mirror', () => {
    expect(mirrorAmong([{ uri: 'http://tool.example', suite: 'nodistro' }])).toBeNull();
    expect(mirrorAmong([{ uri: 'http://tool.example', suite: 'tool-bookworm' }])).toBeNull();
  });

  test('of Debian are one, with the archive of security updates where there is one', () => {
    expect(mirrorAmong(parseDeb822(DEB822))).toEqual({ main: 'http://mirror.example/debian', security: 'http://mirror.example/security' });
    expect(mirrorAmong([{ uri: 'http://m.example', suite: 'stable' }])).toEqual({ main: 'http://m.example', security: null });
    expect(
      mirrorAmong([
        { uri: 'http://m.example', suite: 'buster' },
        { uri: 'http://s.example', suite: 'buster/updates' },
      ]),
    ).toEqual({ main: 'http://m.example', security: 'http://s.example' });
  });
});

describe('the mirror of a computer', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terrarium-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is found in any file of its configuration', async () => {
    await mkdir(join(folder, 'sources.list.d'));
    await writeFile(join(folder, 'sources.list.d', 'tool.list'), 'deb http://tool.example nodistro main\n');
    await writeFile(join(folder, 'sources.list.d', 'debian.sources'), DEB822);
    await writeFile(join(folder, 'sources.list.d', 'readme.txt'), 'deb http://wrong.example bookworm main\n');
    expect(await mirrorOfThisComputer(folder)).toEqual({ main: 'http://mirror.example/debian', security: 'http://mirror.example/security' });
  });

  test('may be missing, which is said', async () => {
    await expect(mirrorOfThisComputer(folder)).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('--mirror') });
  });
});

describe('a mirror that a person names', () => {
  test.each([
    ['http://m.example/debian/', { main: 'http://m.example/debian', security: null }],
    [' file:/srv/debian  https://s.example ', { main: 'file:/srv/debian', security: 'https://s.example' }],
  ])('%j', (text, mirror) => {
    expect(parseMirror(text)).toEqual(mirror);
  });

  test.each(['', 'm.example', 'http://a b c', 'http://u:p@m.example', 'http://m.example/] deb http://x', 'ftp://m.example'])('%j is none', (text) => {
    expect(() => parseMirror(text)).toThrow('is no Debian mirror');
  });

  test('gives security updates only to suites that have them', () => {
    const mirror = { main: 'http://m.example', security: 'http://s.example' };
    expect(sourceLines(mirror, suiteOf('bookworm')).map((line) => line.split('] ')[1])).toEqual([
      'http://m.example bookworm main',
      'http://s.example bookworm-security main',
    ]);
    expect(sourceLines(mirror, suiteOf('sid'))).toHaveLength(1);
    expect(sourceLines({ ...mirror, security: null }, suiteOf('bookworm'))).toHaveLength(1);
  });
});
