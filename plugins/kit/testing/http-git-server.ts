import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';

/** What a test may change about the server while it runs. */
export interface HttpGitServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The basic authentication it wants; null: none. */
  password: { user: string; password: string } | null;
  /** Where every request is sent to instead; null: nowhere. */
  redirect: string | null;
  /** Whether it knows protocol version 2: without, commits that no ref points to are refused. */
  modern: boolean;
  /** Answers no request any more, but keeps the connections. */
  silent: boolean;
  /** The authorization header of every request so far; empty where there was none. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Serves the repositories below `root` by git's own http-backend. */
export async function startHttpGit(root: string): Promise<HttpGitServer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const state: HttpGitServer = {
    url: `http://127.0.0.1:${address.port}`,
    password: null,
    redirect: null,
    modern: true,
    silent: false,
    seen: [],
    close: () => closeServer(server),
  };
  server.on('request', (request, response) => answer(state, root, request, response));
  return state;
}

function answer(state: HttpGitServer, root: string, request: IncomingMessage, response: ServerResponse): void {
  const authorization = request.headers.authorization ?? '';
  state.seen.push(authorization);
  if (state.silent) return;
  if (state.redirect !== null) {
    response.writeHead(302, { location: state.redirect + (request.url ?? '') }).end();
    return;
  }
  const { password } = state;
  const wanted = password === null ? '' : `Basic ${Buffer.from(`${password.user}:${password.password}`).toString('base64')}`;
  if (wanted !== '' && authorization !== wanted) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  serveGit(root, request, response, state.modern);
}

/** Answers one request of a git client from the repositories below `root`. `modern`: whether it knows protocol version 2. */
export function serveGit(root: string, request: IncomingMessage, response: ServerResponse, modern = true): void {
  const [place = '', query = ''] = (request.url ?? '').split('?');
  const backend = spawn(path.join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend'), {
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(place),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
      ...(modern ? { GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') } : {}),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => request.unpipe());
  const chunks: Buffer[] = [];
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  backend.on('close', () => respond(Buffer.concat(chunks), response));
}

function respond(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf('\r\n\r\n');
  const headers = output.toString('latin1', 0, end).split('\r\n');
  for (const header of headers) {
    const [name = '', value = ''] = header.split(': ');
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
