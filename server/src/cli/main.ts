/** The `terrarium` command. Runs when it is imported: the launcher does, once everything is built. */
import { processIo } from './process-io.ts';
import { runCli } from './run-cli.ts';

// Not process.exit(): what is still to be written to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), processIo());
