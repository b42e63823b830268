import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPluginError } from '#plugins/api';
import { readStatus } from './read-status.ts';

const NOW = new Date('2026-11-28T12:00:30Z');
const TIME = { from: NOW, to: NOW };
const TOP = 'lmutil - Copyright (c) 1989-2023 Flexera. All Rights Reserved.\nFlexible License Manager status on Sat 11/28/2026 12:00\n';
const UP = `
License server status: 27000@lic1.example.com
    License file(s) on lic1.example.com: C:\\Program Files\\FlexNet\\license.dat:

lic1.example.com: license server UP (MASTER) v11.19.0

Vendor daemon status (on lic1.example.com):

   acmelmd: UP v11.19.0
Feature usage info:
`;
const DETAILS = '\n  "solver" v9.0, vendor: acmelmd, expiry: permanent(no expiration date)\n  vendor_string: a (v1) string\n  floating license\n\n';

function header(seats: number, inUse: number): string {
  const licenses = (number: number): string => `${number} license${number === 1 ? '' : 's'}`;
  return `\nUsers of solver:  (Total of ${licenses(seats)} issued;  Total of ${licenses(inUse)} in use)\n`;
}

function read(text: string, feature = 'solver'): ReturnType<typeof readStatus> {
  return readStatus(TOP + text, feature, TIME);
}

function told(seats: number, inUse: number, ...lines: readonly string[]): ReturnType<typeof readStatus> {
  return read(`${UP}${header(seats, inUse)}${DETAILS}${lines.join('\n')}\n`);
}

const LINE = '    ci worker1 /dev/tty (v9.0) (lic1.example.com/27000 101), start Fri 11/27 10:03';

interface Told {
  readonly user?: string;
  readonly host?: string;
  readonly isSure?: boolean;
  readonly seats?: number;
  readonly since?: string | null;
  readonly handle?: string | null;
}

describe('a line', () => {
  test.each<[string, Told]>([
    [LINE, { user: 'ci', host: 'worker1', isSure: true, seats: 1, handle: 'lic1.example.com 27000 101', since: '2026-11-27T10:03' }],
    [`${LINE}, 3 licenses`, { seats: 3 }],
    [`${LINE}, 1 license`, { seats: 1 }],
    [`${LINE}, PID: 2924522 `, { handle: 'lic1.example.com 27000 101' }],
    [`${LINE}, 16 licenses  (linger: 885098 / 1340160)`, { seats: 16, handle: null }],
    [`${LINE} (linger: 14437140)`, { handle: null }],
    ['    ci worker1 (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { user: 'ci', host: 'worker1', isSure: true }],
    ['\tci worker1 WORKER1:0.0 (v2026.0610) (lic1/27000 101), start Sun 9/6 0:00', { since: '2026-09-06T00:00' }],
    ['    ci worker1 WORKER1 (v6.4) (lic1/27000), start Sun 11/22 17:54, PID: 18304', { handle: null, isSure: true }],
    ['    John Doe desk /dev/tty (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { isSure: false }],
    ['    bob desk |)8<f Z)=Y[<7L$ (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { isSure: false }],
    [
      '    bob desk x (v9.0) (lic1/27000 666), start Mon 1/5 1:00 (v9.0) (lic1/27000 101), start Fri 11/27 10:03',
      { isSure: false, handle: 'lic1 27000 101', since: '2026-11-27T10:03' },
    ],
    ['    Users of x (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { user: 'Users' }],
    ['    lic1: UP v11 (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { user: 'lic1:' }],
    ['    ci floating license (v9.0) (lic1/27000 101), start Fri 11/27 10:03', { user: 'ci' }],
    ['    1 RESERVATION for HOST worker1 (lic1/27000)', { isSure: false, seats: 1, handle: null, since: null }],
    ['\t48 RESERVATIONs for HOST_GROUP big ones (lic1/27000)', { isSure: false, seats: 48 }],
    ['    3 RESERVATIONs for GROUP design', { isSure: false, seats: 3 }],
  ])('%j', (line, expected) => {
    const { uses } = told(1000, expected.seats ?? 1, line);
    expect(uses).toHaveLength(1);
    const { since, ...rest } = expected;
    expect(uses[0]).toMatchObject(rest);
    if (since !== undefined) expect(uses[0]?.since?.toISOString().slice(0, 16) ?? null).toBe(since);
  });

  test.each([
    '    ci worker1 /dev/tty (v9.0) (lic1/27000 101) queued for 1 license',
    '    ci worker1 /dev/tty (v9.0) (lic1/27000 101), queued for 3 licenses',
  ])('%j is of somebody who has no seat', (line) => {
    expect(told(4, 1, LINE, line).uses).toHaveLength(1);
  });

  test('without a year is of the last one that fits', () => {
    const since = (day: string): string | undefined => told(9, 1, LINE.replace('Fri 11/27', day)).uses[0]?.since?.toISOString().slice(0, 10);
    expect(since('Sat 11/28')).toBe('2026-11-28');
    // A minute ahead, and a weekday of another year.
    expect(since('Sun 11/29')).toBe('2026-11-29');
    expect(since('Mon 11/30')).toBe('2020-11-30');
    expect(since('Thu 11/27')).toBe('2025-11-27');
    expect(since('Wed 12/31')).toBe('2025-12-31');
    expect(since('Thu 2/29')).toBe('2024-02-29');
    expect(since('Fri 2/30')).toBeUndefined();
    expect(since('Fri 13/1')).toBeUndefined();
    expect(since('Xyz 11/27')).toBeUndefined();
  });
});

test('seats in use that nobody is named for are rejected, and users beyond them, too', () => {
  expect(told(4, 1, LINE)).toMatchObject({ seats: 4, uses: [{ user: 'ci' }] });
  expect(() => told(4, 2, LINE)).toThrowError(expect.objectContaining({ code: 'rejected' }));
  expect(() => told(4, 0, LINE)).toThrowError(expect.objectContaining({ code: 'rejected' }));
  expect(() => told(4, 1, LINE, '    bob desk something else')).toThrowError(expect.objectContaining({ code: 'rejected' }));
});

test('a handle that several share names none of them', () => {
  const other = LINE.replace('ci', 'bob');
  expect(told(4, 3, LINE, other, LINE.replace('101', '201')).uses.map(({ handle }) => handle)).toEqual([null, null, 'lic1.example.com 27000 201']);
});

test('several servers and vendors are added up', () => {
  const one = `${UP}${header(4, 1)}${DETAILS}${LINE}\n`;
  expect(read(one + one.replaceAll('lic1', 'lic2'))).toMatchObject({ seats: 8, uses: [{ user: 'ci' }, { user: 'ci' }] });
  expect(read(`${one}${header(6, 0)}`)).toMatchObject({ seats: 10, uses: [{ user: 'ci' }] });
  const without = `${UP}\nUsers of solver: Cannot get users of solver: No such feature exists. (-5,222)\n`;
  expect(read(one + without)).toMatchObject({ seats: 4 });
});

test('other features beside it, and capital letters, do not matter', () => {
  const other = '\nUsers of mesher:  (Total of 7 licenses issued;  Total of 5 licenses in use)\n    what ever\n';
  expect(read(`${UP}${other}${header(4, 1)}${DETAILS}${LINE}\n${other}`, 'Solver')).toMatchObject({ seats: 4, uses: [{ user: 'ci' }] });
});

const FAILURES: readonly (readonly [string, string, string])[] = [
  ['a server that is away', '\nError getting status: Cannot connect to license server system. (-15,570:111 "Connection refused")\n', 'unavailable'],
  ['a server that says nothing', '\nError getting status: Cannot read data from license server system. (-16,287)\n', 'unavailable'],
  [
    'one server of two away',
    `${UP}${header(4, 0)}\nLicense server status: 27000@b\nb: Cannot connect to license server system. (-15,570)\n`,
    'unavailable',
  ],
  ['lmgrd that does not run', 'lmgrd is not running: License server machine is down or not responding. (-96,7)\n', 'unavailable'],
  [
    'a vendor who is away',
    `${UP.replace('UP v11.19.0', 'The desired vendor daemon is down. (-97,121)')}\nUsers of solver: Cannot get users of solver: No such feature exists. (-5,222)\n`,
    'unavailable',
  ],
  ['no such feature', `${UP}\nUsers of solver: Cannot get users of solver: No such feature exists. (-5,222)\n`, 'not-found'],
  ['a feature that is not served', `${UP}\nUsers of solver:  (Error: 21 licenses, unsupported by licensed server)\n`, 'not-found'],
  ['what is not counted', `${UP}\nUsers of solver:  (Uncounted, node-locked)\n`, 'rejected'],
  ['no header', UP, 'rejected'],
  ['nothing', '', 'rejected'],
  ['a broken header', `${UP}\nUsers of solver:  (Total of many licenses issued;  Total of 1 license in use)\n`, 'rejected'],
  ['a page', '<html><body>It works!</body></html>', 'rejected'],
  ['a long line', `${UP}${header(1, 1)}${'x'.repeat(20_000)}`, 'rejected'],
];

test.each(FAILURES)('%s', (_, text, code) => {
  expect(() => read(text)).toThrowError(expect.objectContaining({ name: 'PluginError', code, message: expect.stringMatching(/\.$/) }));
});

test('one of three redundant servers may be away', () => {
  const three = UP.replace(
    'lic1.example.com: license',
    'lic0: Cannot connect to license server system. (-15,570:115 "Operation now in progress")\nlic1.example.com: license',
  );
  expect(read(`${three}${header(4, 1)}${DETAILS}${LINE}\n`)).toMatchObject({ seats: 4, uses: [{ user: 'ci' }] });
});

test('another vendor who is away does not matter', () => {
  const two = UP.replace('Feature usage', '   other: The desired vendor daemon is down. (-97,121)\nFeature usage');
  expect(read(`${two}${header(4, 0)}`)).toMatchObject({ seats: 4 });
});

test('times in another zone than UTC are not believed', () => {
  const text = `${UP}${header(4, 1)}${DETAILS}${LINE}\n`;
  for (const clock of ['Sat 11/28/2026 13:00', 'Sat 11/28/2026 11:58', 'Sat 28.11.2026', 'Sat 11/28/2025 12:00']) {
    const status = readStatus(TOP.replace('Sat 11/28/2026 12:00', clock) + text, 'solver', TIME);
    expect(status).toMatchObject({ hasTimes: false, uses: [{ since: null, handle: 'lic1.example.com 27000 101' }] });
  }
  expect(read(text)).toMatchObject({ hasTimes: true });
});

describe('whatever lmutil prints', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      UP,
      header(4, 1),
      header(4, 0),
      DETAILS,
      `${LINE}\n`,
      '    1 RESERVATION for HOST a (b/1)\n',
      ', start ',
      '(v1) ',
      '(a/1 1)',
      ...FAILURES.map(([, text]) => text),
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(' ', '\n', '\t', '\r\n', ' (', ') ', '/', '99999999999', ', ', '"'),
  );

  test('it is understood to its last seat, or refused with a code', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        try {
          const { seats, uses } = read(text);
          const inUse = [...text.matchAll(/^Users of solver:\s+\(Total of \d+ licenses? issued;\s+Total of (\d+) /gim)].reduce(
            (sum, [, one]) => sum + Number(one),
            0,
          );
          expect(uses.reduce((sum, use) => sum + use.seats, 0)).toBe(inUse);
          expect(seats).toBeGreaterThanOrEqual(0);
        } catch (error) {
          if (!isPluginError(error)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('no line takes long', () => {
    const parts = [
      ' ',
      '(',
      '(v',
      ') (',
      ' (a/1 1)',
      ', start Fri 1/1 1:1',
      '"x" v',
      'Users of ',
      '1 RESERVATION for ',
      ': UP v',
      'License server status: ',
      'a',
      '-15,',
    ];
    // A way of reading that takes time by the square of a line would need minutes for all these.
    for (const part of parts)
      for (const lead of ['', '    x ', 'Users of solver: ', '    x y (v1) (a/1 1)']) {
        const line = (lead + part.repeat(10_000)).slice(0, 9990);
        const text = `${UP}${header(4, 1)}${`${line}\n`.repeat(20)}`;
        expect(() => read(text)).toThrowError(expect.objectContaining({ name: 'PluginError' }));
      }
  });
});
