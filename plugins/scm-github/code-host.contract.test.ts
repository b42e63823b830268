import { describeCodeHost } from '#plugins/api/testing';
import { signedDelivery } from './testing/fake-github.ts';
import { pushPayload } from './testing/fake-payloads.ts';
import { byApp, byToken, startSubject, type Way } from './testing/subject.ts';

function describeGithub(title: string, way: Way): void {
  describeCodeHost(title, async () => {
    const { github, provider, close } = await startSubject(way);
    const demo = await github.createRepository('ada/demo');
    github.install('ada');
    github.install('guild');
    const commit = await demo.workshop.commit('main', { 'a.txt': 'a' }, 'first');
    const friend = github.addUser('friend');
    const stranger = github.addUser('stranger');
    const organization = github.addOrganization('guild');
    organization.members.set('ada', 'private').set('friend', 'private');
    demo.collaborators.set('friend', 'maintain');
    (await github.openPullRequest(demo, friend, { 'b.txt': 'b' })).isMerged = true;
    for (const pull of demo.pulls.values()) pull.state = 'closed';
    const push = pushPayload(demo, { ref: 'refs/heads/main', before: null, after: commit, by: friend }, github.url);
    return {
      provider,
      commit,
      repository: { url: `${github.url}/ada/demo`, credentials: null },
      missing: { url: `${github.url}/ada/missing`, credentials: null },
      delivery: (secret) => {
        const { headers, body } = signedDelivery({ secret, event: 'push', payload: push });
        return { headers, body: Buffer.from(body) };
      },
      hooks: async () => demo.hooks.map(({ config: { url, secret } }) => ({ url, secret })),
      shown: async (key) => {
        const run = demo.checkRuns.findLast(({ name }) => name === key);
        const status = demo.statuses.findLast(({ context }) => context === key);
        return status?.state ?? (run === undefined ? null : `${run.status} ${run.conclusion ?? ''}`);
      },
      friend: { id: String(friend.id), name: 'friend' },
      stranger: { id: String(stranger.id), name: 'stranger' },
      group: 'guild',
      propose: () => github.openPullRequest(demo, stranger, { 'c.txt': 'c' }),
      close,
    };
  });
}

describeGithub('GithubProvider with a token', byToken);
describeGithub('GithubProvider as an App', byApp);
