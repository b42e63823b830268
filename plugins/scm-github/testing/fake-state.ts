import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import type { Workshop } from '#plugins/kit/testing/git-host';

/*
 * What the fake GitHub holds. A test reads and changes it; nothing here knows of HTTP.
 */

export type Permission = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface FakeAccount {
  readonly id: number;
  login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

export interface FakeHook {
  readonly id: number;
  name: string;
  active: boolean;
  events: readonly string[];
  config: { readonly url: string; readonly content_type: string; readonly secret: string; readonly insecure_ssl: string };
}

export interface FakeStatus {
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly target_url: string | null;
}

export interface FakeCheckRun {
  readonly id: number;
  readonly head_sha: string;
  readonly appId: number;
  name: string;
  external_id: string;
  status: string;
  conclusion: string | null;
  details_url: string | null;
  started_at: string | null;
  completed_at: string | null;
  output: { readonly title: string; readonly summary: string } | null;
  /** Each change adds to them. */
  readonly annotations: { readonly path: string; readonly start_line: number; readonly title: string; readonly message: string }[];
  actions: readonly { readonly label: string; readonly description: string; readonly identifier: string }[];
}

export interface FakePull {
  readonly number: number;
  title: string;
  author: FakeAccount | null;
  base: string;
  baseCommit: string;
  headBranch: string;
  headCommit: string;
  /** `OWNER/NAME`; null: the fork is gone. */
  headRepository: string | null;
  state: 'open' | 'closed';
  isMerged: boolean;
  readonly comments: { readonly by: string; readonly body: string }[];
}

export interface FakeRepository {
  readonly id: number;
  owner: string;
  name: string;
  isPrivate: boolean;
  description: string | null;
  readonly workshop: Workshop;
  readonly collaborators: Map<string, Permission>;
  readonly hooks: FakeHook[];
  readonly statuses: FakeStatus[];
  readonly checkRuns: FakeCheckRun[];
  readonly pulls: Map<number, FakePull>;
}

/** Who is in an organisation; `active`, or `pending` for who was invited. */
export interface FakeOrganization {
  readonly account: FakeAccount;
  readonly members: Map<string, 'public' | 'private'>;
  readonly teams: Map<string, Map<string, 'active' | 'pending'>>;
}

export interface FakeInstallation {
  readonly id: number;
  readonly owner: string;
  /** Names without owners; null: all of the owner. */
  repositories: readonly string[] | null;
  permissions: Readonly<Record<string, 'read' | 'write'>>;
  isSuspended: boolean;
}

/** A token that was given out: a user's, or an installation's until it expires. */
export type FakeToken =
  | { readonly kind: 'user'; readonly login: string }
  | {
      readonly kind: 'installation';
      readonly installation: FakeInstallation;
      readonly repositoryIds: readonly number[] | null;
      readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
      readonly expiresAt: number;
    };

export interface FakeApp {
  readonly id: number;
  readonly webhookSecret: string;
  readonly publicKey: KeyObject;
  /** PEM as GitHub gives it out: PKCS#1. */
  readonly privateKey: string;
  /** Where the App's own webhook goes; null: nowhere. */
  hookUrl: string | null;
}

/** What an App needs for all that this plugin does. */
export const ALL_PERMISSIONS = {
  checks: 'write',
  contents: 'read',
  metadata: 'read',
  statuses: 'write',
  pull_requests: 'write',
  issues: 'write',
  repository_hooks: 'write',
  members: 'read',
} as const;

/** Making one takes a while: all fakes of a process have the same. */
const KEYS = generateKeyPairSync('rsa', { modulusLength: 2048 });

function makeApp(id: number): FakeApp {
  const { publicKey, privateKey } = KEYS;
  return {
    id,
    webhookSecret: randomUUID(),
    publicKey,
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    hookUrl: null,
  };
}

export class FakeState {
  readonly accounts = new Map<string, FakeAccount>();
  readonly organizations = new Map<string, FakeOrganization>();
  readonly repositories: FakeRepository[] = [];
  /** Old `OWNER/NAME` in small letters to the repository that had it. */
  readonly renamed = new Map<string, FakeRepository>();
  readonly tokens = new Map<string, FakeToken>();
  readonly installations: FakeInstallation[] = [];
  readonly app = makeApp(4711);
  private last = 1000;

  nextId(): number {
    this.last += 1;
    return this.last;
  }

  account(login: string): FakeAccount | null {
    return this.accounts.get(login.toLowerCase()) ?? null;
  }

  /** Logins and names are the same in capitals and small letters. */
  repository(owner: string, name: string): FakeRepository | null {
    const wanted = `${owner}/${name}`.toLowerCase();
    return this.repositories.find((one) => `${one.owner}/${one.name}`.toLowerCase() === wanted) ?? null;
  }

  installationFor(owner: string): FakeInstallation | null {
    return this.installations.find((one) => one.owner.toLowerCase() === owner.toLowerCase()) ?? null;
  }

  /** What somebody may do; the owner may do everything. */
  permissionOf(repository: FakeRepository, login: string): Permission {
    if (repository.owner.toLowerCase() === login.toLowerCase()) return 'admin';
    return repository.collaborators.get(login.toLowerCase()) ?? (repository.isPrivate ? 'none' : 'read');
  }
}
