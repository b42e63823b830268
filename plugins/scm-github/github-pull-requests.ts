import { z } from 'zod';
import type { PullRequest, PullRequests, Repository } from '#plugins/api';
import type { GithubAccess } from './client/access.ts';
import type { GithubPlaces } from './places.ts';
import { asMarkdown } from './plain-markdown.ts';
import { pullRequestOf } from './webhooks/pull-requests.ts';
import { PullPayload } from './webhooks/schemas.ts';

/** More open ones than any project has; beyond it the log says that some are left out. */
const MOST_OPEN = 5000;

/** https://docs.github.com/en/rest/pulls/pulls */
export class GithubPullRequests implements PullRequests {
  private readonly places: GithubPlaces;
  private readonly access: GithubAccess;

  constructor(places: GithubPlaces, access: GithubAccess) {
    this.places = places;
    this.access = access;
  }

  async get(repository: Repository, number: number, signal: AbortSignal): Promise<PullRequest> {
    const { owner, name } = this.places.get(repository.url);
    const api = await this.access.forRepository(repository, { owner, name }, signal);
    const parameters = { owner, repo: name, pull_number: number };
    const call = { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', what: `read pull request ${number} of ${owner}/${name}`, parameters };
    return pullRequestOf(await api.ask(PullPayload, call, signal));
  }

  async open(repository: Repository, signal: AbortSignal): Promise<readonly PullRequest[]> {
    const { owner, name } = this.places.get(repository.url);
    const api = await this.access.forRepository(repository, { owner, name }, signal);
    const parameters = { owner, repo: name, state: 'open', sort: 'created', direction: 'desc' };
    const call = { route: 'GET /repos/{owner}/{repo}/pulls', what: `list the open pull requests of ${owner}/${name}`, parameters };
    const all = await api.list({ schema: z.array(PullPayload), pick: (page) => page, most: MOST_OPEN }, call, signal);
    return all.map(pullRequestOf);
  }

  async comment(repository: Repository, number: number, text: string, signal: AbortSignal): Promise<void> {
    const { owner, name } = this.places.get(repository.url);
    const api = await this.access.forRepository(repository, { owner, name }, signal);
    const parameters = { owner, repo: name, issue_number: number, body: asMarkdown(text) };
    const what = `write to pull request ${number} of ${owner}/${name}`;
    await api.do({ route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments', what, parameters, isOnce: true }, signal);
  }
}
