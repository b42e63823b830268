import { fakeContext } from '#plugins/api/testing';
import { LocalConfig } from '../config.ts';
import { LocalRunner } from '../local-runner.ts';

/** Why sandboxes cannot be tested on this host; null if they can. */
export async function sandboxProblem(): Promise<string | null> {
  const context = await fakeContext(LocalConfig.parse({ isolation: 'auto' }), 'probe');
  const driver = new LocalRunner(context);
  try {
    await driver.init(new AbortController().signal);
    const warning = context.lines.find((line) => line.level === 'warn');
    return warning === undefined ? null : String(warning.fields['reason']);
  } finally {
    await driver.close();
    await context.remove();
  }
}
