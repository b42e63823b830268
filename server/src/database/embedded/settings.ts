/** PostgreSQL settings by name. */
export type Settings = Record<string, string>;

/**
 * Small and durable: a few hundred MB at most beside the server on one machine, and what was committed stays committed.
 * No TCP: the socket lies in a folder that only we may enter, so there is no port to collide with and nothing for a job to knock at.
 */
const SETTINGS: Settings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '64MB',
  huge_pages: 'off',
  jit: 'off',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  fsync: 'on',
  recovery_init_sync_method: process.platform === 'linux' ? 'syncfs' : 'fsync',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
};

/** Arguments of `postgres` for a data folder and a socket folder. `extra` wins over ours: tests switch fsync off with it. */
export function postgresArguments(data: string, sockets: string, extra: Settings): string[] {
  const all = { ...SETTINGS, ...extra, unix_socket_directories: `"${sockets.replaceAll('"', '""')}"` };
  return ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
