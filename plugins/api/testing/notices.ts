import type { BuildNotice } from '../index.ts';

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';

/** What a test says of its notice; the rest is that of `makeNotice`. */
export interface NoticeParts {
  readonly id?: string;
  readonly build?: Partial<BuildNotice['build']>;
  readonly change?: Partial<BuildNotice['change']>;
  readonly failures?: BuildNotice['failures'];
}

/** The notice of a failed build of django-taggit, number 58. */
export function makeNotice(parts: NoticeParts = {}): BuildNotice {
  return {
    id: parts.id ?? 'notice-58',
    project: { id: 7, name: 'django-taggit', url: 'https://git.example.org/ada/django-taggit' },
    build: {
      id: 4711,
      number: 58,
      state: 'failed',
      previous: 'passed',
      url: 'https://ci.example.org/builds/4711',
      startedAt: '2026-01-02T03:04:05.000Z',
      finishedAt: '2026-01-02T03:14:05.000Z',
      ...parts.build,
    },
    change: {
      kind: 'push',
      branch: 'main',
      tag: null,
      commit: COMMIT,
      message: 'Mend the tags\n\nThey were torn.',
      author: 'Ada Lovelace',
      pullRequest: null,
      ...parts.change,
    },
    failures: parts.failures ?? [{ name: 'py3.13', state: 'failed', reason: 'pytest ended with 1', url: 'https://ci.example.org/jobs/9' }],
    counts: { passed: 11, failed: 1 },
  };
}

/** Texts that do harm wherever they are taken for more than text, each with what it tries. */
export const HOSTILE_TEXTS: readonly (readonly [string, string])[] = [
  ['HTML', '<script>alert(1)</script> & "quoted" \'too\''],
  ['more headers', 'a\r\nBcc: everybody@example.org\r\n\r\n<h1>body</h1>'],
  ['the end of a mail', '.\r\n.\r\nQUIT\r\nMAIL FROM:<x@example.org>'],
  ['mentions', '@channel @here @all @everyone @room <!here> <!channel> <@U123> <!subteam^S1> <#C1>'],
  ['links', '<https://evil.example/|your bank> [your bank](https://evil.example/) ![x](https://evil.example/x.png)'],
  ['Markdown', '*bold* _it_ ~no~ `code` ```block``` # head ~town-square > quote | table'],
  ['odd characters', 'ünïcödé 日本語 \u{1F600} \u202Eesrever\u2066 zero\u200Bwidth \u0000\u0007\u001B[31m \uD800'],
  ['length', 'x'.repeat(20_000)],
  ['nothing', ''],
];

/** A notice with `text` wherever a stranger can write. */
export function makeHostileNotice(id: string, text: string): BuildNotice {
  const change = { branch: text, tag: text, message: text, author: text, kind: 'pull-request', pullRequest: { number: 3, title: text } } as const;
  return makeNotice({ id, change, failures: [{ name: text, state: 'failed', reason: text, url: 'https://ci.example.org/jobs/9' }] });
}
