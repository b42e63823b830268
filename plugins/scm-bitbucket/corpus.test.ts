import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HostEvent } from '#plugins/api';
import { Addresses } from './addresses.ts';
import { readCloudEvent } from './cloud/events.ts';
import { BitbucketConfig } from './config.ts';
import { readDataCenterEvent } from './data-center/events.ts';
import { corpusFile, corpusFiles, hasCorpus } from './testing/corpus.ts';

const cloud = new Addresses(BitbucketConfig.parse({}));
const center = new Addresses(BitbucketConfig.parse({ flavour: 'data-center', webUrl: 'https://server.bitbucket.local' }));

const KINDS: Readonly<Record<string, { readonly key: string; readonly kind: HostEvent['kind']; readonly action?: string }>> = {
  'bitbucket-cloud/repo-push.json': { key: 'repo:push', kind: 'push' },
  'bitbucket-cloud/pull-request-created.json': { key: 'pullrequest:created', kind: 'pull-request', action: 'opened' },
  'bitbucket-cloud/pull-request-updated.json': { key: 'pullrequest:updated', kind: 'pull-request', action: 'updated' },
  'bitbucket-cloud/pull-request-merged.json': { key: 'pullrequest:fulfilled', kind: 'pull-request', action: 'closed' },
  'bitbucket-cloud/pull-request-comment-created.json': { key: 'pullrequest:comment_created', kind: 'comment' },
  'bitbucket-server/repo-refs-changed.json': { key: 'repo:refs_changed', kind: 'push' },
  'bitbucket-server/pr-opened.json': { key: 'pr:opened', kind: 'pull-request', action: 'opened' },
  'bitbucket-server/pr-modified.json': { key: 'pr:modified', kind: 'pull-request', action: 'edited' },
  'bitbucket-server/pr-merged.json': { key: 'pr:merged', kind: 'pull-request', action: 'closed' },
  'bitbucket-server/pr-comment-added.json': { key: 'pr:comment:added', kind: 'comment' },
  'bitbucket-hg/bitrise-sampleMercurialCodePushData.json': { key: 'repo:push', kind: 'ignored' },
  'bitbucket-hg/buildbot-legacyPOST-mercurialJsonPayload.json': { key: 'repo:push', kind: 'ignored' },
};

describe.skipIf(!hasCorpus())('payloads that others have recorded (skipped: no corpus)', () => {
  const files = ['bitbucket-cloud', 'bitbucket-server', 'bitbucket-hg'].flatMap(corpusFiles);

  it('are all known to this test', () => {
    expect(files.toSorted()).toEqual(Object.keys(KINDS).toSorted());
  });

  it.each(files)('%s is classified, or ignored with a reason', async (file) => {
    const payload: unknown = JSON.parse(await readFile(corpusFile(file), 'utf8'));
    const wanted = KINDS[file];
    const key = wanted?.key ?? '';
    const event = file.startsWith('bitbucket-server/') ? readDataCenterEvent(key, payload, center) : readCloudEvent(key, payload, cloud);
    expect(HostEvent.parse(event)).toEqual(event);
    expect(event.kind, JSON.stringify(event)).toBe(wanted?.kind);
    if (event.kind === 'pull-request') expect(event.action).toBe(wanted?.action);
    if (event.kind === 'ignored') expect(event.reason).not.toBe('');
    else if (event.kind !== 'ping')
      expect(event.repository).toMatch(/^(?:bitbucket\.org\/team_name\/repo_name|server\.bitbucket\.local\/~gopher\/webhook-test)$/);
  });

  it('of either flavour are ignored by the other', async () => {
    for (const [file, { key }] of Object.entries(KINDS)) {
      const payload: unknown = JSON.parse(await readFile(corpusFile(file), 'utf8'));
      const event = file.startsWith('bitbucket-server/') ? readCloudEvent(key, payload, cloud) : readDataCenterEvent(key, payload, center);
      expect(event).toMatchObject({ kind: 'ignored' });
    }
  });
});
