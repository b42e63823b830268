import { ConfigError, loadConfig } from './config/index.ts';
import { Core } from './core.ts';
import { createLogger } from './common/logger.ts';
import { DatabaseError } from './database/index.ts';
import { offerSample } from './first-start.ts';
import { PluginLoadError } from './plugins/index.ts';
import { serve } from './serve.ts';
import { greeting } from './greeting.ts';

/** Reads the configuration, opens the core, serves, and stops cleanly on SIGINT and SIGTERM. */
async function main(): Promise<void> {
  const started = performance.now();
  const config = loadConfig({ env: process.env, cwd: process.cwd() });
  const logger = createLogger({ format: config.log, level: 'info' });
  for (const warning of config.warnings) logger.warn(warning);
  const interrupted = new AbortController();
  onStop(() => interrupted.abort(new Error('interrupted')));
  const core = await Core.open(config, logger, interrupted.signal);
  const serving = await serve(core);
  core.start();
  process.stdout.write(await greeting(core, serving.address, performance.now() - started));
  await Promise.race([core.working, interrupted.signal.aborted ? undefined : once(interrupted.signal)]);
  if (!interrupted.signal.aborted) await offerSample(core);
  if (!interrupted.signal.aborted) await once(interrupted.signal);
  logger.info('stopping; running jobs go on in their machines and are taken up again at the next start');
  await serving.close();
  await core.stop();
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
