import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, HostEvent } from '#plugins/api';
import { FLAVOURS, TOKEN, startSubject, type Subject } from './testing/subject.ts';
import { startFakeBitbucket } from './testing/start-fake-bitbucket.ts';

const signal = AbortSignal.timeout(600_000);
const SECRET = 'a long and random secret';

describe.each(FLAVOURS)('a fake %s', (flavour) => {
  it.each([
    ['GET', '/no/such/thing', undefined],
    ['GET', flavour === 'cloud' ? '/repositories/PROJ?sort=name' : '/repos?sort=name', undefined],
    ['POST', flavour === 'cloud' ? '/repositories/PROJ/demo/hooks' : '/projects/PROJ/repos/demo/webhooks', { url: 'https://x.example.org/' }],
  ])('fails the test that asks for what there is not: %s %s', async (method, place, body) => {
    const host = await startFakeBitbucket(flavour);
    await host.createRepository('PROJ', 'demo');
    host.acceptToken(TOKEN);
    const init = { method, headers: { authorization: `Bearer ${TOKEN}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    expect((await fetch(`${host.apiUrl}${place}`, init)).status).toBe(501);
    await expect(host.close()).rejects.toThrow(place.split('?')[0]);
  });
});

describe.each(FLAVOURS)('the courier of a fake %s', (flavour) => {
  let subject: Subject;
  let received: Delivery[];
  let stop: () => Promise<void>;
  let url: string;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    received = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        received.push({ headers, body: Buffer.concat(chunks) });
        response.writeHead(202).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}/` : '';
    stop = async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    };
  });
  afterEach(async () => {
    await stop();
    await subject.close();
  });

  it('tells those that have set up a hook, signed, of what happened', async () => {
    const { host, courier, provider, named } = subject;
    const [ada, eve] = [host.createUser('ada'), host.createUser('eve')];
    const base = await host.createRepository('PROJ', 'demo');
    await provider.webhooks.ensure?.(named(base), { url, secret: SECRET }, signal);
    await courier.push(base, ada, 'main', { 'a.txt': '1' });
    const fork = await host.fork(base, 'EVE');
    await fork.commit('typo', { 'a.txt': '2' });
    const request = await host.openPullRequest({ title: 'x', author: eve, from: fork, branch: 'typo', to: base, base: 'main' });
    await courier.about(request, 'opened', eve);
    await courier.about(request, 'comment', ada, 'terrarium: ok');
    await courier.push(fork, eve, 'typo', { 'a.txt': '3' });
    expect(await courier.close(request, 'merged', ada)).toMatchObject([{ status: 202 }]);
    for (const delivery of received) provider.webhooks.verify(delivery, [SECRET]);
    expect(received.map((delivery) => wordsOf(provider.webhooks.parse(delivery)))).toEqual(['push', 'opened', 'comment', 'updated', 'closed']);
  });
});

function wordsOf(event: HostEvent): string {
  return event.kind === 'pull-request' ? event.action : event.kind;
}
