import { CoreError } from '../common/errors.ts';
import { whyNotMasked } from '../logs/index.ts';

/** Throws `invalid` for a secret that no log could hide. */
export function assertMasked(name: string, value: string): void {
  const problem = whyNotMasked(value);
  if (problem !== null) throw new CoreError('invalid', `The secret ${name} would be shown in logs: ${problem}. Choose another value.`);
}
