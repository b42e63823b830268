import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Change, type CiPlan, type CiProvider, JobSpec, Message } from '../index.ts';

/** A provider under test, with texts of its format. */
export interface CiSubject {
  readonly provider: CiProvider;
  /** Descriptions that make jobs and have no error. At least one, better several that use much of the format. */
  readonly right: readonly string[];
  /** Descriptions that cannot be run as they are: each has an error. */
  readonly wrong: readonly string[];
}

/** A push to a branch, for readers of CI descriptions. */
export const PUSH: Change = {
  kind: 'push',
  branch: 'main',
  tag: null,
  commit: 'a'.repeat(40),
  before: null,
  message: 'a change',
  author: 'Ada',
  committedAt: null,
  pullRequest: null,
  repository: 'ada/engine',
};

const RUNS = 300;
/** What many formats are made of: a text of these is likelier to get far. */
const SIGNS = '[]{}:,-&*!|>\'"%@`#?~=<> \n\n\t\\\0ab19'.split('');
const HOSTILE = [
  '',
  '\0',
  '\uFEFF',
  '\uFFFD',
  '['.repeat(20_000),
  '{"a":'.repeat(5000),
  '- '.repeat(20_000),
  'a: &a [*a]',
  `a: ${'x'.repeat(500_000)}`,
];

/** What every `CiProvider` must keep; the fake runs it first. */
export function describeCiProvider(title: string, setUp: () => CiSubject | Promise<CiSubject>): void {
  describe(`${title} keeps the contract of CiProvider`, () => {
    let subject: CiSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    const parse = (text: string): CiPlan => parseTwice(subject.provider, text);

    it('has a title and names of files, of which none leads out of a repository', () => {
      expect(subject.provider.title).not.toBe('');
      expect(subject.provider.files.length).toBeGreaterThan(0);
      for (const file of subject.provider.files) expect(file).toMatch(/^(?!.*(^|\/)\.{1,2}(\/|$))[^\\\0]*[^\\\0/]$/);
    });

    it('makes jobs of a right description', () => {
      expect(subject.right.length).toBeGreaterThan(0);
      for (const text of subject.right) {
        const plan = parse(text);
        expect(errorsOf(plan)).toEqual([]);
        expect(plan.jobs.length).toBeGreaterThan(0);
      }
    });

    it('has an error with a line for a wrong one', () => {
      expect(subject.wrong.length).toBeGreaterThan(0);
      for (const text of subject.wrong) expect(errorsOf(parse(text))).toContainEqual(expect.objectContaining({ line: expect.any(Number) }));
    });

    it('never throws, whatever the text', () => {
      for (const text of HOSTILE) parse(text);
      const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 80 }));
      fc.assert(
        fc.property(texts, (text) => void parse(text)),
        { numRuns: RUNS },
      );
    });

    it('never throws for a right description that was spoilt', () => {
      const spoilt = fc.tuple(fc.constantFrom(...subject.right), fc.nat(), fc.nat(12), fc.string({ unit: fc.constantFrom(...SIGNS), maxLength: 6 }));
      const spoil = ([text, at, length, put]: [string, number, number, string]): string =>
        text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + length);
      fc.assert(
        fc.property(spoilt, (parts) => void parse(spoil(parts))),
        { numRuns: RUNS },
      );
    });
  });
}

/** Reads the text, and again: the same text gives the same plan, and every plan is one the core understands. */
function parseTwice(provider: CiProvider, text: string): CiPlan {
  const [file = ''] = provider.files;
  const input = { file, text, texts: new Map([[file, text]]), change: PUSH };
  const plan = provider.parse(input);
  expect(provider.parse(input)).toEqual(plan);
  for (const job of plan.jobs) expect(JobSpec.parse(job)).toEqual(job);
  for (const message of plan.messages) expect(Message.parse(message)).toEqual(message);
  expect(plan.messages.filter((message) => message.text.trim() === '')).toEqual([]);
  expect(plan.jobs.map(({ stage }) => stage).filter((stage) => !plan.stages.includes(stage))).toEqual([]);
  expect(new Set(plan.stages).size).toBe(plan.stages.length);
  return plan;
}

function errorsOf(plan: CiPlan): Message[] {
  return plan.messages.filter(({ level }) => level === 'error');
}
