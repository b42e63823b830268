import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ENVIRONMENT } from './hg-host.ts';

/** Mercurial's own web server. */
export interface HgServe {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the repositories directly below `root`, also such as are made later; everybody may push. */
export async function startHgServe(root: string): Promise<HgServe> {
  const settings = path.join(root, 'hgweb.conf');
  await writeFile(settings, `[paths]\n/ = ${root}/*\n[web]\nallow_push = *\npush_ssl = false\nrefreshinterval = 0\n`);
  const args = ['serve', '--address', '127.0.0.1', '--port', '0', '--print-url', '--web-conf', settings];
  const server = spawn('hg', args, { cwd: root, env: { ...ENVIRONMENT, PYTHONUNBUFFERED: '1' }, stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await portOf(server);
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

/** Resolves when the server says where it listens. */
async function portOf(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('hg serve has no output');
  for await (const line of createInterface({ input: server.stdout })) {
    const [, port] = /^http:\/\/[^/]*:(\d+)\/$/.exec(line) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error('hg serve did not start');
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}
