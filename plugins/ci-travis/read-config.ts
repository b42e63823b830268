import { MessageLog } from './document/messages.ts';
import { readYaml } from './document/read-yaml.ts';
import { toJson, type JsonObject, type MapValue } from './document/value.ts';
import { isObject } from './expand/json.ts';
import { change } from './normalize/change.ts';
import { checkDuplicates } from './normalize/checks.ts';
import { validate } from './normalize/validate.ts';
import { root } from './schema/root.ts';

/** A description in its normal form. `clones`: false for `git: {clone: false}`, which the schema does not know, but Travis's runner does. */
export interface Config {
  readonly root: JsonObject;
  readonly clones: boolean;
}

/** Reads a `.travis.yml` and brings it into its normal form. Null, with an error in the log, if that cannot be done. */
export function readConfig(text: string, log: MessageLog): Config | null {
  const description = readYaml(text, log);
  if (description === null) return null;
  checkDuplicates(description.root, [], log);
  const changed = change(root, description.root, [], log);
  const config = toJson(validate(root, changed, [], { log, anchored: description.anchored }));
  if (!isObject(config)) return null;
  const { import: _, merge_mode: __, ...rest } = config;
  return { root: rest, clones: !refusesClone(description.root) };
}

function refusesClone(description: MapValue): boolean {
  const git = description.entries.get('git');
  const clone = git?.kind === 'map' ? git.entries.get('clone') : undefined;
  return clone?.kind === 'bool' && !clone.bool;
}
