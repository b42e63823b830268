import type { LogStore } from '../logs/index.ts';
import type { Findings } from './findings.ts';
import { ReportReader } from './report-reader.ts';

/** What an attempt's log says of its tests. `workTree`: see `treePath`. Throws the signal's reason. */
export async function readLog(logs: LogStore, attemptId: number, workTree: string, signal: AbortSignal): Promise<Findings> {
  const reader = new ReportReader(workTree);
  for await (const bytes of logs.read(attemptId, 0, await logs.size(attemptId))) {
    signal.throwIfAborted();
    reader.push(bytes);
  }
  return reader.end();
}
