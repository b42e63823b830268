import { once } from 'node:events';
import { connect } from 'node:net';
import { inject } from 'vitest';
import { z } from 'zod';
import { openDatabase, type Database } from '../../server/src/database/index.ts';
import { recordingLogger, type RecordingLogger } from './logger.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the socket of the run's `DatabaseBroker`. */
    databaseBroker: string;
  }
}

const Answer = z.union([z.object({ url: z.string() }), z.object({ error: z.string() })]);

/** A database server's database for one test file. */
export interface DatabaseUrl {
  url: string;
  /** Drops it. Without this it is dropped when the test process ends. */
  drop: () => Promise<void>;
}

/** An open database of a test: `close` also drops it. */
export interface TestDatabase extends Database {
  logger: RecordingLogger;
}

/** A fresh database with all migrations, open, for one test file: call in `beforeAll`, and `close` in `afterAll`. */
export async function testDatabase(): Promise<TestDatabase> {
  const { url, drop } = await testDatabaseUrl('migrated');
  const logger = recordingLogger();
  const database = await openDatabase({ url, folder: '/nonexistent', logger, poolSize: 10 });
  const close = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { ...database, logger, close };
}

/** A fresh database, migrated or with nothing in it, not opened: for a server under test, or for tests of migrations. */
export async function testDatabaseUrl(kind: 'migrated' | 'empty'): Promise<DatabaseUrl> {
  const socket = connect(inject('databaseBroker'));
  socket.write(`${kind}\n`);
  const line = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  if (!Buffer.isBuffer(line[0])) throw new Error('the broker of test databases is gone');
  const answer = Answer.parse(JSON.parse(line[0].toString()));
  if ('error' in answer) throw new Error(`there is no database for this test: ${answer.error}`);
  // It lives as long as this connection, but shall not keep the process.
  socket.unref();
  const drop = async (): Promise<void> => {
    socket.ref().end();
    await once(socket, 'close');
  };
  return { url: answer.url, drop };
}
