import { describe, expect, test } from 'vitest';
import { UsageError } from '../verb.ts';
import { readJobName } from './find-job.ts';

describe('the name of a job', () => {
  test.each([
    ['12', { kind: 'id', id: 12, server: null }],
    ['https://ci.example.org/jobs/12', { kind: 'id', id: 12, server: 'https://ci.example.org' }],
    ['http://localhost:7000/jobs/12?attempt=2#L7', { kind: 'id', id: 12, server: 'http://localhost:7000' }],
    ['https://example.org/ci/jobs/12/', { kind: 'id', id: 12, server: 'https://example.org/ci' }],
    ['34.2', { kind: 'number', project: null, build: 34, position: 2 }],
    ['owner/name/34.2', { kind: 'number', project: 'owner/name', build: 34, position: 2 }],
    ['v1.5/3.1', { kind: 'number', project: 'v1.5', build: 3, position: 1 }],
  ])('%s', (text, name) => {
    expect(readJobName(text)).toEqual(name);
  });

  test.each(['', '0', '-1', '1.0', '0.1', '99999999999', 'x', '1.2.3', 'https://ci.example.org/builds/12', 'a b/1.2'])('%j is none', (text) => {
    expect(() => readJobName(text)).toThrow(UsageError);
  });
});
