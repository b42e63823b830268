import type { BuildNotice } from '#plugins/api';

/** A notice in words, each part one line of plain text without control characters. Nothing is escaped for any markup. */
export interface NoticeText {
  /** `django-taggit #58 failed`. */
  readonly title: string;
  /** `was passed`; null for the first build of the branch, or if nothing changed. */
  readonly change: string | null;
  /** `main 1a2b3c4`, `tag v1.0 1a2b3c4`, `pull request 3 into main 1a2b3c4`. */
  readonly ref: string;
  /** The first line of the commit's message, or the pull request's title; may be empty. */
  readonly message: string;
  /** May be empty. */
  readonly author: string;
  /** `11 passed, 1 failed`. */
  readonly counts: string;
  readonly failures: readonly { readonly name: string; readonly state: string; readonly reason: string | null; readonly url: string }[];
  /** How many more jobs did not pass than `failures` has. */
  readonly moreFailures: number;
}

const LONGEST = { name: 100, message: 200, reason: 200 } as const;
// Control characters, line and paragraph separators, and those that turn the direction of what follows or are not seen at all. Joiners stay: emoji need them.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+/gu;
/** The order in which states are told. */
const STATES = ['passed', 'failed', 'errored', 'canceled', 'skipped'];
const BAD_STATES = ['failed', 'errored', 'canceled'];

/** What a notice says. Pure. */
export function noticeText(notice: BuildNotice): NoticeText {
  const { project, build, change, failures } = notice;
  const bad = BAD_STATES.reduce((sum, state) => sum + (notice.counts[state] ?? 0), 0);
  return {
    title: `${oneLine(project.name, LONGEST.name)} #${build.number} ${build.state}`,
    change: build.previous === null || build.previous === build.state ? null : `was ${build.previous}`,
    ref: refOf(change),
    message: oneLine(change.pullRequest?.title ?? firstLine(change.message), LONGEST.message),
    author: oneLine(change.author, LONGEST.name),
    counts: countsOf(notice.counts),
    failures: failures.map(({ name, state, reason, url }) => ({
      name: oneLine(name, LONGEST.name) || 'a job without a name',
      state: oneLine(state, LONGEST.name),
      reason: reason === null ? null : oneLine(reason, LONGEST.reason),
      url,
    })),
    moreFailures: Math.max(0, bad - failures.length),
  };
}

/** `text` as one line of at most `longest` characters, with `…` where it was longer, without what cannot be seen or turns what follows. Pure. */
export function oneLine(text: string, longest: number): string {
  // Cut first, generously, so that a text of megabytes costs nothing.
  const line = text
    .slice(0, longest * 8)
    .replace(UNSEEN, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}

function refOf({ branch, tag, commit, pullRequest }: BuildNotice['change']): string {
  const short = oneLine(commit, LONGEST.name).slice(0, 7);
  const name = oneLine(branch, LONGEST.name);
  if (pullRequest !== null) return `pull request ${pullRequest.number} into ${name} ${short}`;
  return tag === null ? `${name} ${short}`.trim() : `tag ${oneLine(tag, LONGEST.name)} ${short}`;
}

function firstLine(message: string): string {
  return message.trimStart().split(/\r|\n/, 1)[0] ?? '';
}

function countsOf(counts: BuildNotice['counts']): string {
  const known = STATES.filter((state) => (counts[state] ?? 0) > 0);
  const others = Object.keys(counts).filter((state) => !STATES.includes(state) && (counts[state] ?? 0) > 0);
  return [...known, ...others].map((state) => `${counts[state] ?? 0} ${oneLine(state, LONGEST.name)}`).join(', ');
}
