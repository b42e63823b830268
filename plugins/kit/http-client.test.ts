import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from './http-client.ts';
import { type HttpReceiver, startReceiver } from './testing/http-receiver.ts';

const signal = AbortSignal.timeout(600_000);
const here = new HttpClient({ timeoutMs: 60_000, allowPrivate: true });
const strict = new HttpClient({ timeoutMs: 60_000, allowPrivate: false });

describe('HttpClient', () => {
  let receiver: HttpReceiver;
  const start = async (): Promise<HttpReceiver> => (receiver = await startReceiver());
  afterEach(() => receiver.close());

  it('sends what it is told to, and gives the answer', async () => {
    const { url, answer, calls } = await start();
    answer({ status: 202, headers: { 'x-id': '7' }, body: 'grüße' });
    const got = await here.call({ method: 'PUT', url: `${url}/a/b?c=d#e`, headers: { 'x-kind': 'test' }, body: 'ü' }, signal);
    expect(got).toMatchObject({ status: 202, text: 'grüße', headers: { 'x-id': '7' } });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: 'PUT', path: '/a/b?c=d', body: 'ü', headers: { 'x-kind': 'test', 'content-length': '2' } });
  });

  it('does not follow a redirect', async () => {
    const { url, answer, calls } = await start();
    answer({ status: 302, headers: { location: `${url}/elsewhere` }, body: '' });
    expect((await here.call({ method: 'POST', url, body: '{}' }, signal)).status).toBe(302);
    expect(calls).toHaveLength(1);
  });

  it('reads 64 kB of an answer, and does not wait for more', async () => {
    const { url, answer } = await start();
    answer('no end');
    expect((await here.call({ method: 'GET', url }, signal)).text).toHaveLength(65_536);
  });

  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433'])('does not connect to %s', async (host) => {
    const { port, calls } = await start();
    const refused = strict.call({ method: 'GET', url: `http://${host}:${port}/secret-path` }, signal);
    await expect(refused).rejects.toMatchObject({ code: 'invalid', message: expect.not.stringContaining('secret-path') });
    expect(calls).toEqual([]);
  });

  it('connects to the address that was checked, without another look-up', async () => {
    const { port, calls } = await start();
    const asked: string[] = [];
    const pinned = new HttpClient({ timeoutMs: 60_000, allowPrivate: false }, async (host) => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    });
    await pinned.call({ method: 'GET', url: `http://hooks.invalid:${port}/` }, signal);
    expect(asked).toEqual(['hooks.invalid']);
    expect(calls[0]?.headers.host).toBe(`hooks.invalid:${port}`);
  });

  it('tries the next address where the first one does not answer', async () => {
    const { port, calls } = await start();
    const both = new HttpClient({ timeoutMs: 60_000, allowPrivate: false }, async () => [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    await both.call({ method: 'GET', url: `http://hooks.invalid:${port}/` }, signal);
    expect(calls).toHaveLength(1);
  });

  it('says unavailable where nobody listens, or who listens hangs up', async () => {
    const { url, answer, close } = await start();
    answer('hang up');
    await expect(here.call({ method: 'GET', url }, signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ECONNRESET'),
    });
    await close();
    await expect(here.call({ method: 'GET', url: `${url}/secret` }, signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/),
    });
  });

  it('says unavailable for a host that does not prove who it is', async () => {
    receiver = await startReceiver({ tls: true });
    await expect(here.call({ method: 'GET', url: receiver.url }, signal)).rejects.toMatchObject({ code: 'unavailable', message: /CERT/ });
    expect(receiver.calls).toEqual([]);
  });

  it('ends when it is told to, or when the time is over', async () => {
    const { url, answer, reached } = await start();
    answer('silence');
    const controller = new AbortController();
    const reason = new Error('enough');
    const ended = expect(here.call({ method: 'GET', url }, controller.signal)).rejects.toBe(reason);
    await reached();
    controller.abort(reason);
    await ended;
    const impatient = new HttpClient({ timeoutMs: 50, allowPrivate: true });
    await expect(impatient.call({ method: 'GET', url }, signal)).rejects.toMatchObject({ code: 'unavailable', message: /within 0\.05 seconds/ });
    await expect(here.call({ method: 'GET', url }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('ends in the middle of an answer, too', async () => {
    const { url, answer, reached } = await start();
    answer('half an answer');
    const controller = new AbortController();
    const reason = new Error('enough');
    const ended = expect(here.call({ method: 'GET', url }, controller.signal)).rejects.toBe(reason);
    await reached();
    controller.abort(reason);
    await ended;
  });
});
