import { describe, expect, it } from 'vitest';
import { fromJson, isList, isMap, type Value } from '../expressions/value.ts';
import { expandMatrix, sizeOf } from './matrix.ts';

interface Matrix {
  readonly include?: readonly object[];
  readonly exclude?: readonly object[];
  readonly [axis: string]: readonly unknown[] | undefined;
}

function rules({ include = [], exclude = [], ...axes }: Matrix): Parameters<typeof expandMatrix>[0] {
  const maps = (list: readonly object[]) => list.map((one) => fromJson(one)).filter(isMap);
  const lists = Object.entries(axes).map(([key, values]): [string, readonly Value[]] => {
    const list = fromJson(values);
    return [key, isList(list) ? list : []];
  });
  return { axes: new Map(lists), include: maps(include), exclude: maps(exclude) };
}

function rows(matrix: Matrix): unknown[] {
  return expandMatrix(rules(matrix)).map((row) => Object.fromEntries(row));
}

describe('a matrix', () => {
  it('makes its rows in the order of its keys', () => {
    expect(rows({ version: [10, 12], os: ['ubuntu', 'windows'] })).toEqual([
      { version: 10, os: 'ubuntu' },
      { version: 10, os: 'windows' },
      { version: 12, os: 'ubuntu' },
      { version: 12, os: 'windows' },
    ]);
  });

  it('is extended by include as GitHub documents it', () => {
    const include = [
      { color: 'green' },
      { color: 'pink', animal: 'cat' },
      { fruit: 'apple', shape: 'circle' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ];
    expect(rows({ fruit: ['apple', 'pear'], animal: ['cat', 'dog'], include })).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
  });

  it('gets one value more, or one row more', () => {
    const node = rows({ os: ['windows-latest', 'ubuntu-latest'], node: [12, 14, 16], include: [{ os: 'windows-latest', node: 16, npm: 6 }] });
    expect(node).toHaveLength(6);
    expect(node.filter((row) => JSON.stringify(row).includes('npm'))).toEqual([{ os: 'windows-latest', node: 16, npm: 6 }]);
    const more = rows({ os: ['macos', 'windows', 'ubuntu'], version: [12, 14, 16], include: [{ os: 'windows', version: 17 }] });
    expect(more).toHaveLength(10);
    expect(more.at(-1)).toEqual({ os: 'windows', version: 17 });
    expect(rows({ include: [{ site: 'production' }, { site: 'staging' }] })).toEqual([{ site: 'production' }, { site: 'staging' }]);
  });

  it('loses what exclude fits, in part or whole, before include', () => {
    const axes = { os: ['macos', 'windows'], version: [12, 14, 16], environment: ['staging', 'production'] };
    const exclude = [
      { os: 'macos', version: 12, environment: 'production' },
      { os: 'windows', version: 16 },
    ];
    expect(rows({ ...axes, exclude })).toHaveLength(9);
    expect(rows({ ...axes, exclude, include: [{ os: 'windows', version: 16, environment: 'staging' }] })).toHaveLength(10);
    expect(rows({ a: [1], exclude: [{ a: 1 }], include: [{ b: 2 }] })).toEqual([{ b: 2 }]);
  });

  it('takes values that read alike for the same, and looks into maps', () => {
    expect(rows({ py: ['3.9', 3.11], exclude: [{ py: 3.9 }] })).toEqual([{ py: 3.11 }]);
    expect(
      rows({
        os: [
          { image: 'u', arch: 'x' },
          { image: 'w', arch: 'x' },
        ],
        exclude: [{ os: { image: 'w' } }],
      }),
    ).toEqual([
      {
        os: new Map([
          ['image', 'u'],
          ['arch', 'x'],
        ]),
      },
    ]);
    expect(rows({ py: ['3.9'], include: [{ nothing: 1, py: '3.9' }, { unheard: { a: 1 } }] })).toEqual([
      { py: '3.9', nothing: 1, unheard: new Map([['a', 1]]) },
    ]);
  });

  it('knows its size without being expanded', () => {
    const axis = Array.from({ length: 1000 }, (_, index) => index);
    expect(sizeOf(rules({ a: axis, b: axis, c: axis, include: [{ d: 1 }] }))).toBe(1_000_000_001);
    expect(sizeOf(rules({ include: [{ d: 1 }] }))).toBe(1);
  });
});
