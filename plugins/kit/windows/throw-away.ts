import type { SshConnection } from '../ssh-connection.ts';
import { type Hand, prepareHand } from './hand.ts';
import { sftpPath } from './paths.ts';
import { WindowsSession } from './session.ts';
import { SftpFiles } from './sftp.ts';

/** Where our program and the job are. Any account may make a folder there. */
const BASE = String.raw`C:\terrarium`;
const FOLDER = `${BASE}\\work`;

/**
 * A session in a Windows machine that is thrown away as a whole: its folder is made, `C:\terrarium\work`, and our program beside it unless the image has it already. It owns the connection
 * once it is there. Codes: as `WindowsSession.open`.
 */
export async function openThrowAway(connection: SshConnection, signal: AbortSignal): Promise<WindowsSession> {
  const hand = await prepared(connection, signal);
  return await WindowsSession.open(connection, { folder: FOLDER, machine: null, hand: () => Promise.resolve(hand) }, signal);
}

async function prepared(connection: SshConnection, signal: AbortSignal): Promise<Hand> {
  const files = new SftpFiles(await connection.openSftp(signal), connection.lost);
  try {
    await files.makeFolders(sftpPath(FOLDER));
    return await prepareHand(connection, files, BASE, signal);
  } finally {
    files.end();
  }
}
