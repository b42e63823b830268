import { describe, expect, it } from 'vitest';
import { type PluginError, isPluginError } from '#plugins/api';
import { assertAccepted, retryAfter } from './http-refusal.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

function refusalOf(status: number, headers: Record<string, string> = {}, says: string | null = null): PluginError | null {
  try {
    assertAccepted({ status, headers, text: '' }, 'example.org', says, NOW);
    return null;
  } catch (error) {
    if (isPluginError(error)) return error;
    throw error;
  }
}

describe('assertAccepted', () => {
  it.each([200, 201, 204, 299])('%i is success', (status) => expect(refusalOf(status)).toBeNull());

  it.each([
    [301, 'rejected'],
    [307, 'rejected'],
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'rejected'],
    [408, 'unavailable'],
    [410, 'rejected'],
    [413, 'rejected'],
    [425, 'unavailable'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [0, 'rejected'],
  ])('%i is %s', (status, code) => {
    expect(refusalOf(status)).toMatchObject({ code, message: expect.stringMatching(new RegExp(`^example\\.org answered ${status}.*\\.$`)) });
  });

  it('keeps when to come back, and tells what the other side said', () => {
    expect(refusalOf(429, { 'retry-after': '17' }, 'slow down')).toMatchObject({ retryAfterSeconds: 17, message: /\(slow down\)/ });
    expect(refusalOf(503, { 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' })?.retryAfterSeconds).toBe(60);
    expect(refusalOf(404, { 'retry-after': '17' })?.retryAfterSeconds).toBeNull();
    expect(refusalOf(429)?.retryAfterSeconds).toBeNull();
  });
});

describe('retryAfter', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120],
    ['Fri, 02 Jan 2026 03:04:05 GMT', 0],
    ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['99999999999', null],
    [undefined, null],
  ])('%j: %j', (header, seconds) => expect(retryAfter(header, NOW)).toBe(seconds));
});
