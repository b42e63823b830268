import { ConfigError, loadConfig } from './config/index.ts';
import { Core } from './core.ts';
import { createLogger } from './common/logger.ts';
import { DatabaseError } from './database/index.ts';
import { offerSample } from './first-start.ts';
import { PluginLoadError } from './plugins/index.ts';
import { checkPort, serve } from './serve.ts';
import { greeting } from './greeting.ts';

/** Reads the configuration, opens the core, serves, and stops cleanly on SIGINT and SIGTERM. */
async function main(): Promise<void> {
  const started = performance.now();
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const logger = createLogger({ format: config.log, level: 'info' });
  for (const warning of config.warnings) logger.warn(warning);
  const interrupted = new AbortController();
  onStop(() => interrupted.abort(new Error('interrupted')));
  await checkPort(config);
  const core = await Core.open(config, logger, interrupted.signal);
  try {
    await run(core, interrupted.signal, started);
  } catch (error) {
    // Whatever went wrong: our PostgreSQL must not outlive us.
    await core.stop().catch((second: unknown) => logger.error('could not stop in order', { error: second }));
    throw error;
  }
  await core.stop();
}

/** Serves and works until interrupted. Throws what keeps it from beginning; `started` is when the process began, of `performance.now()`. */
async function run(core: Core, interrupted: AbortSignal, started: number): Promise<void> {
  const serving = await serve(core.parts);
  try {
    core.start();
    process.stdout.write(await greeting(core.parts, serving.address, performance.now() - started));
    await Promise.race([core.working, interrupted.aborted ? undefined : once(interrupted)]);
    if (!interrupted.aborted) await offerSample(core.parts);
    if (!interrupted.aborted) await once(interrupted);
    core.parts.logger.info('stopping; running jobs go on in their machines and are taken up again at the next start');
  } finally {
    await serving.close();
  }
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** The second signal ends the process at once: nothing is lost by that either. */
function onStop(stop: () => void): void {
  let asked = false;
  const handler = (): void => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
}

/** Errors that say what to do need no stack. */
function explain(error: unknown): string {
  const known = error instanceof ConfigError || error instanceof DatabaseError || error instanceof PluginLoadError;
  if (!(error instanceof Error)) return String(error);
  return known || error.cause !== undefined ? error.message : (error.stack ?? error.message);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`\nTerrarium could not start.\n${explain(error)}\n`);
  process.exit(1);
}
