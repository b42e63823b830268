import { z } from 'zod';
import type { ApiClient } from '../http/api-client.ts';
import { cloudList } from './pages.ts';

const Access = z.object({ workspace: z.object({ slug: z.string().min(1) }) });

/** The workspaces that an instance knows of: those configured, else those that its account is in. */
export class CloudWorkspaces {
  private readonly client: ApiClient;
  private readonly configured: readonly string[];

  constructor(client: ApiClient, configured: readonly string[]) {
    this.client = client;
    this.configured = configured;
  }

  /** Access tokens belong to no account that could be asked: with them the workspaces must be configured. */
  async slugs(signal: AbortSignal): Promise<readonly string[]> {
    if (this.configured.length > 0) return this.configured;
    const found: string[] = [];
    for await (const { workspace } of cloudList(this.client, { path: ['user', 'workspaces'] }, Access, null, signal)) found.push(workspace.slug);
    return found;
  }
}
