import { LogIndex, LogSearch } from '#server/api';
import { writeQuery } from './client.ts';
import { ApiError, request, requestJson } from './http.ts';

/** Which log: of one attempt at a job. */
export interface LogPlace {
  jobId: number;
  attempt: number;
}

/** The address of a log's bytes, to look at or to keep. */
export function logAddress(place: LogPlace, download = false): string {
  return `/api/jobs/${place.jobId}/log${writeQuery({ attempt: place.attempt, download: download ? 1 : undefined })}`;
}

export function fetchLogIndex(place: LogPlace, signal?: AbortSignal): Promise<LogIndex> {
  return requestJson(LogIndex, `/api/jobs/${place.jobId}/log/index?attempt=${place.attempt}`, { signal });
}

export function searchLog(place: LogPlace, text: string, signal?: AbortSignal): Promise<LogSearch> {
  return requestJson(LogSearch, `/api/jobs/${place.jobId}/log/search${writeQuery({ q: text, attempt: place.attempt })}`, { signal });
}

/**
 * Bytes [start, end) of a log. May answer fewer where the log is shorter. Throws ApiError; also if the server ignores the range,
 * because a whole log may not fit in memory.
 */
export async function fetchLogRange(place: LogPlace, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
  if (end <= start) return new Uint8Array();
  const response = await request(logAddress(place), { headers: { range: `bytes=${start}-${end - 1}`, accept: 'text/plain' }, signal });
  if (response.status !== 206 && start !== 0) throw rangeIgnored();
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length > end - start ? bytes.subarray(0, end - start) : bytes;
}

function rangeIgnored(): ApiError {
  const detail = 'Something between this page and the server drops range requests, so that only whole logs arrive. Use the raw log instead.';
  return new ApiError({ type: 'about:blank', title: 'Ranges are ignored', status: 0, detail, id: '' });
}
