import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { BundleUseView, BundleView, LicensesView } from '#server/api';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { machines, ownOutput, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const KEY = 'QX7-4471-licence-key';
const FILE = 'SERVER license-of-acme 0011223344 27000\nFEATURE compiler acmed 1.0 permanent 4 SIGN=00FF11EE22DD\n';

let scenario: Scenario;
let home: TemporaryFolder;

beforeAll(async () => {
  home = await temporaryFolder();
  scenario = await Scenario.open(machines(3));
});

afterAll(async () => {
  await scenario?.close();
  await home?.remove();
});

async function status(method: string, path: string, body?: unknown): Promise<number> {
  return (await scenario.request(method, path, body)).status;
}

function description(rest: Record<string, unknown>): string {
  return JSON.stringify({ checkout: false, ...rest });
}

/** What a job of its own wrote itself, and how it ended. */
async function ran(name: string, rest: Record<string, unknown>): Promise<{ state: string; reason: string | null; log: string; whole: string }> {
  const build = await scenario.ended((await scenario.build(name, description(rest))).id);
  const [job] = build.jobs;
  const log = await scenario.log(job?.id ?? 0);
  return { state: job?.state ?? '', reason: job?.reason ?? null, log: ownOutput(log).toString(), whole: log.toString() };
}

describe('keys of licences', () => {
  test('each seat has its own: in a variable, hidden in the log, and no seat without one', async () => {
    const pool = { product: 'keyed', seats: 5, keyUse: 'each', keyVariable: 'COMPILER_KEY' };
    await scenario.json('PUT', '/api/licenses/keyed', pool);
    await scenario.json('PUT', '/api/licenses/keyed/keys/first', { value: KEY });
    const view = LicensesView.parse(await scenario.json('GET', '/api/licenses'));
    expect(view.pools).toMatchObject([{ name: 'keyed', seats: 5, free: 1, keys: ['first'] }]);
    expect(JSON.stringify(view)).not.toContain(KEY);
    const run = await ran('keyed', { licenses: 'keyed', test: 'echo "$COMPILER_KEY"; printf %s "$COMPILER_KEY" | cksum' });
    expect(run.state).toBe('passed');
    expect(run.whole).not.toContain(KEY);
    expect(run.log).toContain(execFileSync('cksum', { input: KEY }).toString());
  });

  test('two jobs at once have two keys', async () => {
    await scenario.json('PUT', '/api/licenses/keyed/keys/second', { value: `${KEY}-2` });
    const jobs = [1, 2].map((number) => ({
      name: `j${number}`,
      licenses: 'keyed',
      test: 'printf %s "$COMPILER_KEY" | cksum; echo begun; sleep 600',
    }));
    const build = await scenario.build('two-keys', description({ jobs }));
    for (const { id } of build.jobs) await scenario.said(id, 'begun');
    const sums = await Promise.all(build.jobs.map(async ({ id }) => ownOutput(await scenario.log(id)).toString()));
    expect(new Set(sums).size).toBe(2);
    expect(await status('DELETE', '/api/licenses/keyed/keys/first')).toBe(409);
    await scenario.json('POST', `/api/builds/${build.id}/cancel`);
    await scenario.ended(build.id);
    expect(await status('DELETE', '/api/licenses/keyed/keys/first')).toBe(204);
    expect(await status('DELETE', '/api/licenses/keyed/keys/first')).toBe(404);
  });

  test('a licence file is in the machine of the job that has the seat, and no line of it in the log', async () => {
    await scenario.json('PUT', '/api/licenses/filed', {
      product: 'filed',
      seats: 2,
      keyUse: 'shared',
      keyVariable: 'LM_LICENSE_FILE',
      keyAs: 'file',
    });
    const without = await ran('no-file', { licenses: 'filed', test: 'true' });
    expect(without).toMatchObject({ state: 'errored', reason: expect.stringContaining('has no key for it') });
    await scenario.json('PUT', '/api/licenses/filed/keys/site', { value: FILE });
    const run = await ran('file', { licenses: 'filed', test: 'cat "$LM_LICENSE_FILE"; cksum <"$LM_LICENSE_FILE"; stat -c %a "$LM_LICENSE_FILE"' });
    expect(run.state).toBe('passed');
    expect(run.log).toContain(execFileSync('cksum', { input: FILE }).toString());
    expect(run.log).toContain('600\n');
    for (const line of FILE.trim().split('\n')) expect(run.whole).not.toContain(line);
    const other = await ran('other', { test: 'echo "${LM_LICENSE_FILE-none}"; ls "$HOME/.." ' });
    expect(other.log).toContain('none');
    expect(other.log).not.toContain('licenses');
  });

  test('a key that is replaced while a job has it is hidden in its log all the same, also after the server was killed', async () => {
    await scenario.json('PUT', '/api/licenses/turned', { product: 'turned', seats: 2, keyUse: 'shared', keyVariable: 'TURNED_KEY' });
    await scenario.json('PUT', '/api/licenses/turned/keys/site', { value: `${KEY}-before` });
    const build = await scenario.build(
      'turned',
      description({
        licenses: 'turned',
        test: 'echo begun; until [ -e "$HOME/go" ]; do sleep 0.2; i=$((${i:-0}+1)); [ $i -lt 60 ] || break; done; echo "$TURNED_KEY"',
      }),
    );
    const job = build.jobs[0]?.id ?? 0;
    await scenario.said(job, 'begun');
    await scenario.json('PUT', '/api/licenses/turned/keys/site', { value: `${KEY}-after` });
    await scenario.server.kill('SIGKILL');
    await scenario.server.restart();
    expect((await scenario.ended(build.id)).state).toBe('passed');
    const log = (await scenario.log(job)).toString();
    expect(log).toContain('[secure]');
    expect(log).not.toContain(`${KEY}-before`);
    const next = await ran('turned-next', { licenses: 'turned', test: 'printf %s "$TURNED_KEY" | cksum' });
    expect(next.log).toContain(execFileSync('cksum', { input: `${KEY}-after` }).toString());
  });

  test('what no log could hide is no key', async () => {
    expect(await status('PUT', '/api/licenses/filed/keys/short', { value: 'abc' })).toBe(400);
    expect(await status('PUT', '/api/licenses/nowhere/keys/a', { value: KEY })).toBe(404);
    expect(await status('PUT', '/api/licenses/x', { product: 'x', seats: 1, keyUse: 'each' })).toBe(400);
  });
});

describe('terms', () => {
  test('a licence is for the projects and groups that it names', async () => {
    await scenario.json('PUT', '/api/licenses/ours', { product: 'ours', seats: 2, terms: { projects: ['ours-*'], groups: ['open-source'] } });
    expect(await ran('theirs', { licenses: 'ours', test: 'true' })).toMatchObject({
      state: 'errored',
      reason: 'no licence of ours here is for its project: an admin says whom each is for',
    });
    expect(await ran('ours-1', { licenses: 'ours', test: 'true' })).toMatchObject({ state: 'passed' });
    const project = await scenario.project('in-group', description({ licenses: 'ours', test: 'true' }));
    expect(await scenario.json('PUT', `/api/projects/${project.id}/groups`, { groups: ['open-source'] })).toMatchObject({ groups: ['open-source'] });
    expect((await scenario.ended((await scenario.start(project.id)).id)).state).toBe('passed');
  });

  test('a licence of some versions is for those', async () => {
    await scenario.json('PUT', '/api/licenses/sdk', { product: 'sdk', seats: 1, versions: '12.1 - 19' });
    expect(await ran('sdk-12', { licenses: 'sdk 12.2', test: 'true' })).toMatchObject({ state: 'passed' });
    expect(await ran('sdk-21', { licenses: ['sdk 21'], test: 'true' })).toMatchObject({
      state: 'errored',
      reason: expect.stringContaining('there is no licence of sdk 21 here'),
    });
  });

  test('a licence that is tied to another image is not for machines of this', async () => {
    await scenario.json('PUT', '/api/licenses/tied', { product: 'tied', seats: 1, images: ['windows-2016'] });
    expect(await ran('tied', { licenses: 'tied', test: 'true' })).toMatchObject({
      state: 'errored',
      reason: 'the licence of tied is tied to image windows-2016, and no machine that it could run on is that',
    });
  });

  test('reserved seats are for their project until the time is over', async () => {
    const mine = await scenario.project('mine', description({ licenses: 'rare', test: 'true' }));
    await scenario.json('PUT', '/api/licenses/rare', { product: 'rare', seats: 1 });
    const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
    const wish = { projectId: mine.id, seats: 1, from: at(-60), until: at(3600) };
    const reserved = LicensesView.shape.pools.element.parse(await scenario.json('POST', '/api/licenses/rare/reservations', wish));
    expect(await status('POST', '/api/licenses/rare/reservations', wish)).toBe(400);
    expect(await status('POST', '/api/licenses/rare/reservations', { ...wish, until: at(-120) })).toBe(400);
    const other = await scenario.build('not-mine', description({ licenses: 'rare', test: 'true' }));
    await until('the other to say why it waits', async () => {
      const job = await scenario.getJob(other.jobs[0]?.id ?? 0);
      return job.reason === 'waits for a licence: no seat of rare is free (of 1, 1 of them reserved for other projects)' ? job : null;
    });
    expect((await scenario.ended((await scenario.start(mine.id)).id)).state).toBe('passed');
    expect(LicensesView.parse(await scenario.json('GET', '/api/licenses')).waiting).toMatchObject([
      { product: 'rare', job: { buildId: other.id, projectName: 'not-mine' } },
    ]);
    expect(await status('DELETE', `/api/licenses/reservations/${reserved.reservations[0]?.id}`)).toBe(204);
    expect((await scenario.ended(other.id)).state).toBe('passed');
  });
});

test('a seat that is withdrawn is kept to the end of its job, or the job is stopped, as the pool says', async () => {
  for (const onWithdrawal of ['finish', 'stop'] as const) {
    const terms = { product: `drawn-${onWithdrawal}`, onWithdrawal, quarantineSeconds: 0 };
    await scenario.json('PUT', `/api/licenses/${terms.product}`, { ...terms, seats: 1 });
    const build = await scenario.build(
      terms.product,
      description({ licenses: terms.product, test: `echo begun; sleep ${onWithdrawal === 'stop' ? 600 : 5}` }),
    );
    await scenario.said(build.jobs[0]?.id ?? 0, 'begun');
    await scenario.json('PUT', `/api/licenses/${terms.product}`, { ...terms, seats: 1, validUntil: '2026-01-01' });
    const [job] = (await scenario.ended(build.id)).jobs;
    if (onWithdrawal === 'finish') expect(job).toMatchObject({ state: 'passed' });
    else
      expect(job).toMatchObject({
        state: 'canceled',
        reason: "its seat of drawn-stop was withdrawn, and the licence pool's rule is to stop jobs then",
      });
  }
});

describe('bundles', () => {
  test.each(['tar.gz', 'tar', 'zip'] as const)(
    '%s: uploaded once, given to whom its terms say, unpacked read-only, each use written down',
    async (format) => {
      const archive = await pack(format);
      const version = `12.1${format.replace('.', '')}`;
      const path = `/api/bundles/client-sdk/${version}`;
      const sha256 = createHash('sha256').update(archive).digest('hex');
      const uploaded = BundleView.parse(await (await upload(`${path}?format=${format}&sha256=${sha256}`, archive)).json());
      expect(uploaded).toMatchObject({ sha256, bytes: archive.length, format, uses: 0 });
      expect((await upload(`${path}?format=${format}`, archive)).status).toBe(409);
      const use = {
        bundles: [`client-sdk-${version}`],
        test: 'cat "$TERRARIUM_BUNDLE_CLIENT_SDK/sdk/header.h"; if echo x 2>/dev/null >>"$TERRARIUM_BUNDLE_CLIENT_SDK/sdk/header.h"; then echo written; fi',
      };
      expect(await ran(`before-${format}`, use)).toMatchObject({
        state: 'errored',
        reason: `the bundle client-sdk-${version} is not for its project`,
      });
      await scenario.json('PUT', `/api/licenses/client-sdk-${format}`, { product: `client-${format}`, seats: 1 });
      await scenario.json('PATCH', path, { license: `client-${format}`, note: 'from the vendor' });
      const run = await ran(`bundle-${format}`, use);
      expect(run).toMatchObject({ state: 'passed' });
      expect(run.log).toContain('#define SDK 12\n');
      // Root may write wherever it likes.
      if (process.getuid?.() !== 0) expect(run.log).not.toContain('written');
      const uses = BundleUseView.array().parse(await scenario.json('GET', `${path}/uses`));
      expect(uses).toMatchObject([{ job: { projectName: `bundle-${format}` } }]);
      expect(await status('DELETE', path)).toBe(204);
      expect(await ran(`after-${format}`, use)).toMatchObject({ state: 'errored', reason: `there is no bundle client-sdk-${version} here` });
    },
  );

  test('what is no such archive, or came otherwise than it was sent, is refused', async () => {
    const archive = await pack('tar.gz');
    expect((await upload('/api/bundles/bad/1?format=zip', archive)).status).toBe(400);
    expect((await upload('/api/bundles/bad/1', Buffer.from('no archive at all'))).status).toBe(400);
    expect((await upload(`/api/bundles/bad/1?sha256=${'0'.repeat(64)}`, archive)).status).toBe(400);
    expect((await upload('/api/bundles/bad/a-b', archive)).status).toBe(400);
    expect(
      BundleView.array()
        .parse(await scenario.json('GET', '/api/bundles'))
        .filter(({ name }) => name === 'bad'),
    ).toEqual([]);
    expect(await status('DELETE', '/api/bundles/bad/1')).toBe(404);
  });
});

async function upload(path: string, archive: Buffer): Promise<Response> {
  return await fetch(scenario.server.url + path, {
    method: 'PUT',
    headers: { authorization: `Bearer ${scenario.server.token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(archive),
  });
}

/** A small SDK, packed. */
async function pack(format: 'tar' | 'tar.gz' | 'zip'): Promise<Buffer> {
  const folder = join(home.path, format);
  await mkdir(join(folder, 'sdk'), { recursive: true });
  await writeFile(join(folder, 'sdk/header.h'), '#define SDK 12\n');
  const options = { cwd: folder, maxBuffer: 10_000_000 };
  if (format !== 'zip') return execFileSync('tar', [format === 'tar' ? '-cf' : '-czf', '-', 'sdk'], options);
  const script = 'import shutil, sys; sys.stdout.buffer.write(open(shutil.make_archive("../sdk", "zip", "."), "rb").read())';
  return execFileSync('python3', ['-c', script], options);
}
