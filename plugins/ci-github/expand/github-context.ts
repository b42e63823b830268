import type { Change } from '#plugins/api';
import { type Context, Named, never, OpenMap, reference } from '../expressions/open.ts';
import type { EventName } from './event.ts';

const UNTOLD = never('not all that GitHub tells of an event is known here');

/** The context `github`, as far as a change says it. Source: docs.github.com, "Contexts reference". */
export function githubContext(change: Change, event: EventName, workflow: { readonly name: string; readonly file: string }, job: string): OpenMap {
  const owner = change.repository.split('/')[0] ?? '';
  return new OpenMap(
    {
      ...refsOf(change, event),
      event_name: event,
      event: event === 'pull_request' ? pullRequestEvent(change) : pushEvent(change),
      sha: change.commit,
      repository: new Named(change.repository),
      repository_owner: new Named(owner),
      repositoryurl: `git://github.com/${change.repository}.git`,
      actor: actorOf(change),
      triggering_actor: actorOf(change),
      workflow: workflow.name,
      workflow_ref: `${change.repository}/${workflow.file}@${refOf(change, event)}`,
      workflow_sha: change.commit,
      job,
      action: '__run',
      server_url: 'https://github.com',
      api_url: 'https://api.github.com',
      graphql_url: 'https://api.github.com/graphql',
      ref_protected: false,
      run_attempt: '1',
      secret_source: 'None',
      token: reference({ from: 'variable', name: 'GITHUB_TOKEN' }),
      ...Object.fromEntries(VARIABLES.map(([name, variable]) => [name, reference({ from: 'variable', name: variable })])),
    },
    null,
  );
}

/** What only the machine knows, and the variable that says it there. */
const VARIABLES: readonly (readonly [string, string])[] = [
  ['workspace', 'GITHUB_WORKSPACE'],
  ['run_id', 'GITHUB_RUN_ID'],
  ['run_number', 'GITHUB_RUN_NUMBER'],
  ['env', 'GITHUB_ENV'],
  ['path', 'GITHUB_PATH'],
  ['output', 'GITHUB_OUTPUT'],
];

/** `refs/heads/main`, `refs/tags/v1`, `refs/pull/7/merge`; of a commit that no branch has its id. */
export function refOf(change: Change, event: EventName): string {
  if (event === 'pull_request' && change.pullRequest !== null) return `refs/pull/${change.pullRequest.number}/merge`;
  if (change.tag !== null) return `refs/tags/${change.tag}`;
  return change.branch === '' ? change.commit : `refs/heads/${change.branch}`;
}

/** Names of what is built, as variables and the context both have them. */
export function refsOf(change: Change, event: EventName): { ref: string; ref_name: string; ref_type: string; head_ref: string; base_ref: string } {
  const ref = refOf(change, event);
  const isPull = event === 'pull_request' && change.pullRequest !== null;
  return {
    ref,
    ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    ref_type: change.tag === null ? 'branch' : 'tag',
    head_ref: isPull ? (change.pullRequest?.headBranch ?? '') : '',
    base_ref: isPull ? change.branch : '',
  };
}

/** Who did it, as far as that is known. */
export function actorOf(change: Change): string {
  return change.pullRequest?.author?.name ?? change.author;
}

function pushEvent(change: Change): Context {
  const { commit, before, message, author, committedAt } = change;
  return new OpenMap(
    {
      ref: refOf(change, 'push'),
      before: before ?? UNTOLD,
      after: commit,
      head_commit: new OpenMap({ id: commit, message, timestamp: committedAt ?? UNTOLD, author: new OpenMap({ name: author }, UNTOLD) }, UNTOLD),
      repository: repositoryOf(change.repository),
      created: UNTOLD,
      deleted: false,
      forced: UNTOLD,
      commits: UNTOLD,
      compare: UNTOLD,
      sender: UNTOLD,
      pusher: UNTOLD,
      organization: UNTOLD,
    },
    null,
  );
}

function pullRequestEvent(change: Change): Context {
  const pull = change.pullRequest;
  if (pull === null) return new OpenMap({ repository: repositoryOf(change.repository) }, UNTOLD);
  const isFork = pull.headRepository !== change.repository;
  const head = { ref: pull.headBranch, sha: pull.headCommit, repo: withFork(repositoryFacts(pull.headRepository), isFork) };
  const base = { ref: change.branch, sha: pull.baseCommit ?? UNTOLD, repo: withFork(repositoryFacts(change.repository), false) };
  const facts = {
    number: pull.number,
    title: pull.title,
    head: new OpenMap(head, UNTOLD),
    base: new OpenMap(base, UNTOLD),
    user: new OpenMap({ login: pull.author?.name ?? UNTOLD }, UNTOLD),
    // Only what is open is built, and what is open is not merged.
    state: 'open',
    merged: false,
  };
  return new OpenMap(
    { number: pull.number, pull_request: new OpenMap(facts, UNTOLD_PULL), repository: repositoryOf(change.repository) },
    UNTOLD_PULL,
  );
}

const UNTOLD_PULL = never('not all that GitHub tells of a pull request is known here');

function repositoryOf(repository: string): Context {
  return new OpenMap(repositoryFacts(repository), UNTOLD);
}

function withFork(facts: Readonly<Record<string, Context>>, fork: boolean): Context {
  return new OpenMap({ ...facts, fork }, UNTOLD);
}

function repositoryFacts(repository: string): Record<string, Context> {
  const [owner = '', ...rest] = repository.split('/');
  return {
    full_name: new Named(repository),
    name: new Named(rest.join('/') || owner),
    owner: new OpenMap({ login: new Named(owner), name: new Named(owner) }, null),
  };
}
