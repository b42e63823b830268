import { expect, test, vi } from 'vitest';
import type { Change } from '#plugins/api';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { provider, push } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 200_000;

/** What is made of a workflow, and how often its change was asked for: once for each job whose expressions are looked at, and a few times more. */
function planned(text: string, files = 1): { readonly errors: string[]; readonly jobs: number; readonly asked: number } {
  let asked = 0;
  const change: Change = Object.defineProperty(push(), 'commit', { get: () => ((asked += 1), '1a2b3c'), enumerable: true });
  const texts = new Map(Array.from({ length: files }, (_, index) => [`.github/workflows/${index}.yml`, text]));
  const plan = provider().parse({ file: '.github/workflows/0.yml', text, texts, change });
  return { errors: plan.messages.filter(({ level }) => level === 'error').map((message) => message.text), jobs: plan.jobs.length, asked };
}

function step(jobs: string, steps: string): string {
  return `on: push\njobs:\n t:\n  runs-on: ubuntu-latest\n${jobs}  steps: ${steps}\n`;
}

test('an expansion stops at the first job that is too many', () => {
  const axes = `{a: ${listed(16)}, b: ${listed(16)}}`;
  const text = filled(LARGEST, 'on: push\njobs:\n', (index) => ` j${index}: {runs-on: u, strategy: {matrix: ${axes}}, steps: [{run: pytest}]}\n`);
  const { errors, jobs, asked } = planned(text);
  expect([errors, jobs]).toEqual([[expect.stringContaining('1024 jobs or more, but at most 1000')], 0]);
  expect(asked).toBeLessThan(10_000);
});

test('the jobs of all workflows together count', () => {
  const { errors, asked } = planned(step(`  strategy: {matrix: {a: ${listed(200)}}}\n`, '[{run: pytest}]'), 30);
  expect(errors.filter((text) => text.includes('but at most 1000'))).not.toEqual([]);
  expect(asked).toBeLessThan(10_000);
});

test('what each row of a matrix would read, or be compared with, is counted before', () => {
  const rows = `  strategy: {matrix: {a: ${listed(250)}}}\n`;
  const steps = planned(
    step(
      rows,
      filled(LARGEST - 2000, '[', () => '{run: pytest},', ']'),
    ),
  );
  expect(steps).toMatchObject({ errors: [expect.stringContaining('too much to be worked out')], jobs: 0 });
  expect(steps.asked).toBeLessThan(1000);
  const exclude = filled(LARGEST - 2000, '[', (index) => `{b: ${index}},`, ']');
  expect(planned(step(`  strategy: {matrix: {a: ${listed(250)}, exclude: ${exclude}}}\n`, '[{run: pytest}]')).errors).toEqual([
    expect.stringContaining('too much to be worked out'),
  ]);
});

test('a long text counts for each job that gets it', () => {
  const jobs = filled(40_000, '', (index) => ` j${index}: {runs-on: u, steps: [{run: *t}]}\n`);
  const { errors } = planned(`on: push\nenv: {T: &t "pytest ${'x'.repeat(150_000)}"}\njobs:\n${jobs}`);
  expect(errors).toEqual([expect.stringContaining('too much text')]);
});

test('needs that are not there are not compared with all jobs for ever', () => {
  const jobs = filled(100_000, 'on: push\njobs:\n', (index) => ` j${index}: {steps: [{run: pytest}]}\n`);
  const { errors } = planned(filled(LARGEST, `${jobs} z: {needs: [`, (index) => `k${index},`, '], steps: []}\n'));
  expect(errors.length).toBeLessThan(1000);
  expect(errors).toContainEqual(expect.stringContaining('too much to be worked out'));
});

test('an expression makes no text without end, and no value without a floor', () => {
  const nested = Array.from({ length: 12 }).reduce<string>((inner) => `format('${'{0}'.repeat(10)}', ${inner})`, "'xxxxxxxxxx'");
  expect(planned(step('', `[{run: "pytest \${{ ${nested} }}"}]`)).errors).toEqual([expect.stringContaining('more than 50000 characters')]);
  expect(planned(step(`  strategy: {matrix: "\${{ fromJSON('${'['.repeat(9000)}') }}"}\n`, '[{run: pytest}]')).errors).toEqual([
    expect.stringContaining('nested more than 100 levels deep'),
  ]);
});
