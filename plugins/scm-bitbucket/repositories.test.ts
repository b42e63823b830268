import { describe, expect, it } from 'vitest';
import { FLAVOURS, startSubject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe.each(FLAVOURS)('the repositories at %s', (flavour) => {
  it("are those that the instance's credentials reach", async () => {
    const subject = await startSubject(flavour);
    const { host, provider, again } = subject;
    const made = [await host.createRepository('PROJ', 'demo'), await host.createRepository('PROJ', 'secret', { isPrivate: true })];
    made.push(await host.createRepository('MORE', 'third'), await host.createRepository('PROJ', 'fourth'));
    Object.assign(made[0] ?? {}, { description: 'Two\nlines  of it' });
    const offers = await provider.repositories(signal);
    expect(offers).toHaveLength(4);
    expect(offers).toContainEqual({ url: host.cloneUrl(made[0] ?? fail()), name: 'PROJ/demo', isPrivate: false, description: 'Two lines of it' });
    expect(offers).toContainEqual(expect.objectContaining({ name: 'PROJ/secret', isPrivate: true }));
    for (const { url } of offers) expect(provider.matches(url)).toBe(true);
    await expect(again({ token: null }).repositories(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await subject.close();
  });
});

function fail(): never {
  throw new Error('there is no such repository');
}
