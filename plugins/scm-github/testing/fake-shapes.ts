import type { FakeAccount, FakeCheckRun, FakeHook, FakePull, FakeRepository } from './fake-state.ts';

/*
 * The JSON of the API and of webhooks, with the fields of GitHub's documentation that matter and some that do not.
 */

export function accountShape(account: FakeAccount | null): Record<string, unknown> | null {
  if (account === null) return null;
  const { id, login, type } = account;
  return { id, login, node_id: `U_${id}`, type, site_admin: false };
}

export function repositoryShape(repository: FakeRepository, webUrl: string): Record<string, unknown> {
  const { id, owner, name, isPrivate, description } = repository;
  const fullName = `${owner}/${name}`;
  return {
    id,
    node_id: `R_${id}`,
    name,
    full_name: fullName,
    private: isPrivate,
    owner: { login: owner },
    html_url: `${webUrl}/${fullName}`,
    clone_url: `${webUrl}/${fullName}.git`,
    description,
    default_branch: 'main',
  };
}

/** Secrets are not shown again. */
export function hookShape({ id, name, active, events, config }: FakeHook): Record<string, unknown> {
  return { type: 'Repository', id, name, active, events, config: { ...config, secret: '********' }, created_at: '2026-01-02T03:04:05Z' };
}

export function checkRunShape(run: FakeCheckRun): Record<string, unknown> {
  const { appId, annotations, ...rest } = run;
  return {
    ...rest,
    output: { ...rest.output, annotations_count: annotations.length },
    node_id: `CR_${run.id}`,
    app: { id: appId, slug: 'terrarium' },
    check_suite: { id: 1 },
  };
}

export function pullShape(repository: FakeRepository, pull: FakePull, webUrl: string): Record<string, unknown> {
  const { number, title, author, base, baseCommit, headBranch, headCommit, headRepository, state, isMerged } = pull;
  const [owner = ''] = (headRepository ?? '').split('/');
  return {
    id: number * 1000,
    number,
    title,
    state,
    draft: false,
    html_url: `${webUrl}/${repository.owner}/${repository.name}/pull/${number}`,
    user: accountShape(author),
    merged_at: isMerged ? '2026-02-02T03:04:05Z' : null,
    base: { label: `${repository.owner}:${base}`, ref: base, sha: baseCommit, repo: repositoryShape(repository, webUrl) },
    head: { label: `${owner}:${headBranch}`, ref: headBranch, sha: headCommit, repo: headRepository === null ? null : { full_name: headRepository } },
  };
}
