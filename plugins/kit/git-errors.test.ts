import { describe, expect, it } from 'vitest';
import { GitFailure, explainGit } from './git-errors.ts';

describe('explainGit', () => {
  it.each([
    ['fatal: Authentication failed for https://x/', 'unauthorized'],
    ['git@x: Permission denied (publickey).; fatal: Could not read from remote repository.', 'unauthorized'],
    ['The requested URL returned error: 403', 'unauthorized'],
    ["fatal: '/x' does not appear to be a git repository", 'not-found'],
    ["fatal: repository 'https://x/' not found", 'not-found'],
    ['remote: error: upload-pack: not our ref abc', 'not-found'],
    ['Host key verification failed.', 'rejected'],
    ['fatal: unable to access: Could not resolve host: x', 'unavailable'],
    ['fatal: the remote end hung up unexpectedly', 'unavailable'],
    ['The requested URL returned error: 429', 'rate-limited'],
    ['The requested URL returned error: 302', 'rejected'],
    ["fatal: transport 'ext' not allowed", 'invalid'],
  ])('%s: %s', (detail, code) => {
    expect(explainGit(new GitFailure('fetch', 128, detail), 'https://x/')).toMatchObject({ code });
  });
});
