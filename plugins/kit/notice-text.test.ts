import { describe, expect, it } from 'vitest';
import { HOSTILE_TEXTS, makeHostileNotice, makeNotice } from '#plugins/api/testing';
import { noticeText, oneLine } from './notice-text.ts';

describe('noticeText', () => {
  it('puts a notice in words', () => {
    expect(noticeText(makeNotice())).toEqual({
      title: 'django-taggit #58 failed',
      change: 'was passed',
      ref: 'main 1a2b3c4',
      message: 'Mend the tags',
      author: 'Ada Lovelace',
      counts: '11 passed, 1 failed',
      failures: [{ name: 'py3.13', state: 'failed', reason: 'pytest ended with 1', url: 'https://ci.example.org/jobs/9' }],
      moreFailures: 0,
    });
  });

  it('says nothing of a change where there is none', () => {
    expect(noticeText(makeNotice({ build: { previous: 'failed' } })).change).toBeNull();
    expect(noticeText(makeNotice({ build: { previous: null } })).change).toBeNull();
  });

  it('names tags and pull requests', () => {
    expect(noticeText(makeNotice({ change: { kind: 'tag', branch: 'v1.0', tag: 'v1.0' } })).ref).toBe('tag v1.0 1a2b3c4');
    const pullRequest = { number: 3, title: 'Better tags' };
    expect(noticeText(makeNotice({ change: { kind: 'pull-request', pullRequest } }))).toMatchObject({
      ref: 'pull request 3 into main 1a2b3c4',
      message: 'Better tags',
    });
  });

  it('counts the jobs that the notice does not name', () => {
    const notice = { ...makeNotice(), counts: { held: 2, canceled: 1, failed: 14, passed: 0 } };
    expect(noticeText(notice)).toMatchObject({ counts: '14 failed, 1 canceled, 2 held', moreFailures: 14 });
  });

  it.each(HOSTILE_TEXTS)('makes single lines of what strangers write: %s', (_title, text) => {
    const { ref, message, author, failures } = noticeText(makeHostileNotice('x', text));
    for (const line of [ref, message, author, failures[0]?.name ?? '', failures[0]?.reason ?? '']) {
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      expect(Array.from(line).length).toBeLessThanOrEqual(240);
    }
  });
});

describe('oneLine', () => {
  it('keeps what can be read and cuts between characters', () => {
    expect(oneLine(' a\r\n\tb  c\u0000d\u202Ee ', 50)).toBe('a b c d e');
    expect(oneLine('é日本\u{1F469}\u200D\u{1F680}', 50)).toBe('é日本\u{1F469}\u200D\u{1F680}');
    expect(oneLine('\u{1F600}'.repeat(5), 4)).toBe(`${'\u{1F600}'.repeat(3)}…`);
    expect(oneLine('x'.repeat(10), 10)).toBe('x'.repeat(10));
  });
});
