import { describe, expect, it } from 'vitest';
import { parseCommit, parseTree } from './git-objects.ts';

const ID = 'a'.repeat(40);

function commit(head: string, message: Buffer | string): ReturnType<typeof parseCommit> {
  const data = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from('\n\n'), Buffer.from(message)]);
  return parseCommit({ id: ID, type: 'commit', data });
}

describe('parseCommit', () => {
  it('reads what git writes', () => {
    const head = `tree ${'b'.repeat(40)}\nparent ${'c'.repeat(40)}\nparent ${'d'.repeat(40)}\nauthor Ada L <ada@example.org> 1 +0000\ncommitter B <b> 1767323045 +0100`;
    expect(commit(head, 'subject\n\nbody\n')).toEqual({
      id: ID,
      tree: 'b'.repeat(40),
      parents: ['c'.repeat(40), 'd'.repeat(40)],
      author: 'Ada L',
      committedAt: '2026-01-02T03:04:05.000Z',
      message: 'subject\n\nbody',
    });
  });

  it('takes texts of any encoding', () => {
    expect(commit('author J\u00fcrgen <j> 1 +0000', Buffer.from([0xe4])).author).toBe('Jürgen');
    expect(commit('author x <j> 1 +0000', Buffer.from([0xe4])).message).toBe('ä');
    expect(commit('author x <j> 1 +0000\nencoding koi8-r', Buffer.from([0xf0])).message).toBe('П');
    expect(commit('author x <j> 1 +0000\nencoding nonsense', Buffer.from([0xe4])).message).toBe('ä');
    expect(commit('author x <j> 1 +0000', 'a\u0000b').message).toBe('a\uFFFDb');
  });

  it('keeps going where a person or date makes no sense', () => {
    expect(commit('author <ada@example.org> 1 +0000\ncommitter x <x> 99999999999999 +0000', '')).toMatchObject({
      author: 'ada@example.org',
      committedAt: null,
    });
    expect(commit('author', '')).toMatchObject({ author: 'unknown', committedAt: null, parents: [] });
  });

  // What takes quadratic time does not end within the time that a test has.
  it('takes the time that the size asks for, whatever is in it', () => {
    expect(commit('author x <x> 1 +0000', `a${'\n'.repeat(2_000_000)}x`).message).toBe('a…');
    expect(commit('author x <x> 1 +0000', `a${'\n'.repeat(2_000_000)}`).message).toBe('a');
    const open = '<'.repeat(2_000_000);
    expect(commit(`author ${open}\u0080> 1 +0000\ncommitter ${open}${'> 1 +'.repeat(500_000)}`, '')).toMatchObject({
      author: '<'.repeat(1000),
      committedAt: null,
    });
    expect(commit(`author ${open}`, '').author).toBe('unknown');
    expect(commit(`author x <x> 1 +0000\nencoding ${'a'.repeat(2_000_000)} ${'encoding '.repeat(500_000)}`, 'm').message).toBe('m');
  });

  it('keeps the first 10,000 characters of a message, and whole ones', () => {
    const head = 'author x <x> 1 +0000';
    expect(commit(head, `${'x'.repeat(10_000)}\n`).message).toBe('x'.repeat(10_000));
    expect(commit(head, 'x'.repeat(10_001)).message).toBe(`${'x'.repeat(9999)}…`);
    expect(commit(head, `x${'🐍'.repeat(20_000)}`).message).toBe(`x${'🐍'.repeat(4999)}…`);
    // 40,000 bytes end within the last of these.
    for (const rest of ['x', 'xx', 'xxx', 'xxxx'])
      expect(commit(head, rest + '語'.repeat(20_000)).message).toBe(`${rest}${'語'.repeat(9999 - rest.length)}…`);
    expect(commit(`${head}\nencoding gb18030`, Buffer.from('8130853881308538'.repeat(10_000), 'hex')).message).toMatch(/^[^\uFFFD]+…$/);
    expect(commit(head, Buffer.alloc(1_000_000, 0xe4)).message).toBe(`${'ä'.repeat(9999)}…`);
  });

  it('looks at the first 1,000 characters of a name', () => {
    expect(commit(`author ${'x'.repeat(999)}${'y'.repeat(100_000)} <ada@example.org> 1 +0000`, '').author).toBe(`${'x'.repeat(999)}y`);
    expect(commit(`author <${'x'.repeat(100_000)}> 1 +0000`, '').author).toBe('x'.repeat(1000));
    expect(commit(`author ${' '.repeat(100_000)}Ada <ada@example.org> 1 +0000`, '').author).toBe('ada@example.org');
  });

  it('does not take lines of the message for headers', () => {
    expect(commit('author Ada <a> 1 +0000', `parent ${ID}\n`)).toMatchObject({ parents: [], message: `parent ${ID}` });
  });
});

describe('parseTree', () => {
  it('reads entries with names of any bytes', () => {
    const entry = Buffer.concat([Buffer.from('100644 '), Buffer.from([0xff, 0x20]), Buffer.from([0]), Buffer.alloc(20, 0xaa)]);
    expect(parseTree(entry, 20)).toEqual([{ mode: '100644', name: '\u00ff ', id: 'a'.repeat(40) }]);
  });

  it('refuses a cut one', () => {
    expect(() => parseTree(Buffer.from('100644 a\u0000short'), 20)).toThrowError(expect.objectContaining({ code: 'invalid' }));
    expect(() => parseTree(Buffer.from('100644'), 20)).toThrowError(expect.objectContaining({ code: 'invalid' }));
  });
});
