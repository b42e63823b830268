import type { TestReport } from '#server/api';
import type { LogStore } from '../logs/index.ts';
import { ReportReader } from './report-reader.ts';

/** What an attempt's log says of its tests; null if it says nothing of any. `workTree`: see `treePath`. Throws the signal's reason. */
export async function readReport(logs: LogStore, attemptId: number, workTree: string, signal: AbortSignal): Promise<TestReport | null> {
  const reader = new ReportReader(workTree);
  for await (const bytes of logs.read(attemptId, 0, await logs.size(attemptId))) {
    signal.throwIfAborted();
    reader.push(bytes);
  }
  return reader.end();
}
