import { expect, test } from 'vitest';
import { commandIn } from './comment-command.ts';

const COMMIT = '1a2b3c4d'.repeat(5);

test.each([
  ['terrarium: ok', { kind: 'approve', commit: null }],
  ['Looks fine.\n\n  Terrarium: OK  \nThanks', { kind: 'approve', commit: null }],
  [`terrarium: ok ${COMMIT}`, { kind: 'approve', commit: COMMIT }],
  ['terrarium:ok 1A2B3C4', { kind: 'approve', commit: '1a2b3c4' }],
  ['terrarium: trust this contributor', { kind: 'trust', commit: null }],
  ['terrarium: retry.', { kind: 'retry' }],
  ['terrarium: stop\r\nterrarium: retry\r\n', { kind: 'stop' }],
  ['```\nterrarium: retry\n```\nterrarium: stop', { kind: 'stop' }],
  ['Use ```x``` here\nterrarium: ok', { kind: 'approve', commit: null }],
  ['```x``` it is\nterrarium: ok', { kind: 'approve', commit: null }],
])('%j asks for %j', (text, command) => expect(commandIn(text)).toEqual(command));

test.each([
  '',
  'ok',
  'please say terrarium: ok',
  'terrarium: ok?',
  'terrarium: ok for me',
  'terrarium: ok 1a2b',
  '> terrarium: ok',
  '    terrarium: ok',
  '```\nterrarium: ok',
  '~~~text\nterrarium: ok\n~~~',
  'terrarium: okay',
  '````\n```\nterrarium: ok\n````',
  '~~~\n```\n~~~ no end\nterrarium: ok\n~~~',
])('%j asks for nothing', (text) => expect(commandIn(text)).toBeNull());
