import { type Interpreter, PluginError } from '#plugins/api';
import { PYTHON_QUESTION, parseAnswer } from '../../ssh-interpreters.ts';
import { CommandError } from '../command.ts';
import type { InterpreterPlan } from './plan.ts';
import type { Superuser } from './superuser.ts';

/** Runs an interpreter where jobs will find it, and gives what it says of itself. `rejected` if it does not run, or is not what it is called. */
export async function probeInterpreter(
  plan: InterpreterPlan,
  { root, machine }: { readonly root: string; readonly machine: string },
  as: Superuser,
  signal: AbortSignal,
): Promise<Interpreter> {
  const answer = await ask(plan, root, as, signal);
  const found = parseAnswer(`${answer}\t${plan.path}`, machine);
  if (found?.name === plan.name) return found;
  throw new PluginError('rejected', `The interpreter ${plan.name} says of itself that it is ${found?.name ?? JSON.stringify(answer.slice(0, 200))}.`);
}

async function ask(plan: InterpreterPlan, root: string, as: Superuser, signal: AbortSignal): Promise<string> {
  try {
    const output = await as.chroot(root, [plan.path, '-E', '-s', '-S', '-c', PYTHON_QUESTION], signal);
    return output.toString('utf8').trimEnd();
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new PluginError('rejected', `The interpreter ${plan.name} does not run in its image: ${cause.message}`, { cause });
  }
}
