import { expect, it } from 'vitest';
import { readYaml } from './read-yaml.ts';
import { Report } from './report.ts';

const TEXT = String.raw`{"a\'": "it\'s \\'", b: 'c\', d: [x]}`;

it('refuses an apostrophe behind a backslash between double quotes, unless it is told not to', () => {
  const report = new Report();
  expect(readYaml(TEXT, report)).toBeNull();
  expect(report.messages.map(({ column }) => column)).toEqual([4, 12]);
});

it('takes it for an apostrophe if it is told to, and keeps the places of what comes behind it', () => {
  const at = (column: number): object => ({ line: 1, column });
  const entries = [
    { key: "a'", keyAt: at(2), value: { kind: 'text', text: String.raw`it's \'`, at: at(9) } },
    { key: 'b', keyAt: at(22), value: { kind: 'text', text: 'c\\', at: at(25) } },
    { key: 'd', keyAt: at(31), value: { kind: 'list', items: [{ kind: 'text', text: 'x', at: at(35), isPlain: true }], at: at(34) } },
  ];
  const report = new Report();
  expect(readYaml(TEXT, report, { escapedApostrophes: true })).toEqual({ kind: 'map', entries, at: at(1) });
  expect(report.messages).toEqual([]);
});

it('refuses levels that the parser itself cannot follow', () => {
  const report = new Report();
  expect(readYaml('? '.repeat(90_000), report)).toBeNull();
  expect(report.messages.map(({ text }) => text)).toEqual(['This is nested too deeply to be read.']);
});

it('counts a long text each time an alias stands for it where it is told to, and shortens what it says of one', () => {
  const report = new Report();
  const long = 'a'.repeat(90_000);
  const repeated = `a: &a ${long}\nb: [${'*a ,'.repeat(1000)}]\n`;
  expect(readYaml(repeated, report)).not.toBeNull();
  expect(readYaml(repeated, report, { mostCharacters: 5_000_000 })).toBeNull();
  expect(readYaml(`a: *${long}\n`, report)).not.toBeNull();
  expect(report.messages.map(({ text }) => text.length < 3000)).toEqual([true, true]);
});
