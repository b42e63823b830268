import { expect, test } from 'vitest';
import { TopicInput } from './topics.ts';

test.each(['projects', 'queue', 'machines', 'project:1', 'build:42', 'job:2147483647', 'log:7'])('%s is a topic', (topic) => {
  expect(TopicInput.safeParse(topic).success).toBe(true);
});

test.each([
  '',
  'job',
  'job:',
  'job:0',
  'job:-1',
  'job:1.5',
  'job:01',
  'job:1e3',
  'job: 1',
  'job:1 ',
  'job:99999999999',
  'user:1',
  7,
  null,
  ['queue'],
  {},
])('%j is none', (topic) => {
  expect(TopicInput.safeParse(topic).success).toBe(false);
});
