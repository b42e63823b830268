import type { Change, CiPlan } from '#plugins/api';
import { pushedChange, silentContext } from '#plugins/api/testing';
import { AppveyorProvider } from './appveyor-provider.ts';
import { AppveyorConfig } from './config.ts';

/** A provider, with the default configuration but for what is given. */
export function provider(config: Partial<AppveyorConfig> = {}): AppveyorProvider {
  return new AppveyorProvider(silentContext(AppveyorConfig.parse(config)));
}

/** A push to a branch. */
export function push(more: Partial<Change> = {}): Change {
  return pushedChange({ repository: 'ada/Engine.py', ...more });
}

/** A pushed tag. */
export function tag(name: string, more: Partial<Change> = {}): Change {
  return push({ kind: 'tag', tag: name, ...more });
}

/** The plan of a description. */
export function plan(text: string, change: Change = push()): CiPlan {
  return provider().parse({ file: 'appveyor.yml', texts: new Map(), text, change });
}

/** What is said of a description: `LEVEL LINE:COLUMN PATH: TEXT`. */
export function said(text: string, change: Change = push()): string[] {
  return plan(text, change).messages.map((one) => `${one.level} ${one.line ?? '-'}:${one.column ?? '-'} ${one.path}: ${one.text}`);
}
