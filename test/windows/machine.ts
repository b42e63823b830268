import { z } from 'zod';
import type { AgentShell } from '../../agents/api/index.ts';
import { SshConnection } from '#plugins/kit/ssh';
import { prepareHand } from '#plugins/kit/windows/hand';
import { sftpPath } from '#plugins/kit/windows/paths';
import { WindowsSession } from '#plugins/kit/windows/session';
import { SftpFiles } from '#plugins/kit/windows/sftp';
import { HostConfig } from '../../plugins/runner-ssh/config.ts';
import { targetOf } from '../../plugins/runner-ssh/target.ts';

const SHELLS = ['cmd', 'powershell', 'pwsh', 'sh', 'bash'] as const satisfies readonly AgentShell[];

/** The machine that `run.mjs` was told; see there. */
const Machine = z.strictObject({
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  privateKeyFile: z.string(),
  hostKey: z.string(),
  folder: z.string(),
  shells: z.array(z.enum(SHELLS)),
});

/** Gives the machine as runner-ssh is configured; throws where these tests were started otherwise than by `npm run test:windows`. */
export function machineToTest(): HostConfig & { readonly folder: string } {
  const { shells: _, ...way } = told();
  return { ...HostConfig.parse({ ...way, name: 'visited', image: 'visited', system: 'windows' }), folder: way.folder };
}

/** Those that the agent's commands are written for. */
export function shellsToTest(): readonly AgentShell[] {
  return told().shells;
}

/** A session in a folder below that of the tests, which is made if it is not there; null: in that itself. */
export async function visitFolder(name: string | null): Promise<WindowsSession> {
  const host = machineToTest();
  const { signal } = new AbortController();
  const connection = await SshConnection.open(await targetOf(host), signal);
  const files = new SftpFiles(await connection.openSftp(signal), connection.lost);
  const folder = name === null ? host.folder : `${host.folder}\\${name}`;
  await files.makeFolders(sftpPath(folder));
  const hand = await prepareHand(connection, files, host.folder, signal);
  files.end();
  return await WindowsSession.open(connection, { folder, machine: null, hand: () => Promise.resolve(hand) }, signal);
}

function told(): z.infer<typeof Machine> {
  const text = process.env['TERRARIUM_TEST_WINDOWS'];
  if (text === undefined) throw new Error('These tests need a Windows machine: npm run test:windows -- --host ...');
  return Machine.parse(JSON.parse(text));
}
