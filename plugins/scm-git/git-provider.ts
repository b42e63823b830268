import type { Extension, PluginContext, ScmProvider } from '#plugins/api';
import { GitRepositories } from '#plugins/kit/git-repositories';
import type { GitConfig } from './config.ts';
import { hookRecipe } from './hook-recipe.ts';

/** Plain git servers and local repositories: everything that git itself reads, and nothing that only a certain host has. */
export class GitProvider extends GitRepositories implements ScmProvider, Extension {
  constructor(context: PluginContext<GitConfig>) {
    const { archiveMegabytes, ...options } = context.config;
    super({ ...options, folder: context.folder, archiveBytes: archiveMegabytes * 1024 * 1024 });
  }

  /** Stops the server where git is missing or too old. */
  async init(signal: AbortSignal): Promise<void> {
    await this.check(signal);
  }

  hookRecipe(url: string): string {
    return hookRecipe(url);
  }
}
