import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '#plugins/api';
import { CoreError, isCoreError } from '../common/errors.ts';
import { send, sendText } from './answers.ts';
import type { CacheCounts } from './counts.ts';
import { type Fetcher, type Found, textOf } from './fetcher.ts';
import { mayAsk, type OriginConfig, pathParts, type Wanted } from './origin.ts';
import { aptWanted, checkedKey, filePath, indexFile, type PypiRoute, projectPage, pypiRoute, sumWanted } from './routes.ts';
import { type IndexFile, filesOf, rewritten, SIMPLE_JSON } from './simple-page.ts';

const METADATA = '.metadata';

export interface RequestParts {
  readonly origins: readonly OriginConfig[];
  readonly fetcher: Fetcher;
  readonly counts: CacheCounts;
  readonly logger: Logger;
}

/** Answers machines: GET and HEAD of what is below a configured origin. Nothing that a request brings is kept. */
export class CacheRequests {
  constructor(private readonly parts: RequestParts) {}

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.route(request, response);
    } catch (error) {
      this.refuse(error, response);
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isHead = request.method === 'HEAD';
    if (request.method !== 'GET' && !isHead) return sendText(response, 405, 'text/plain', 'Only GET and HEAD.\n', isHead);
    // Whoever takes this for a proxy writes a whole URL.
    if (request.url?.startsWith('/') !== true) throw new CoreError('invalid', 'This is a cache of configured origins, no proxy.');
    if (request.url.includes('?')) throw new CoreError('invalid', 'Nothing here has a query.');
    const [name = '', ...rest] = request.url.slice(1).replace(/\/$/, '').split('/');
    const isFolder = request.url.endsWith('/');
    const origin = this.parts.origins.find((one) => one.name === name);
    if (origin === undefined) throw new CoreError('not-found', `There is no origin of that name; there are: ${this.names()}.`);
    const parts = rest.length === 0 ? [] : pathParts(rest.join('/'));
    const sending = { headers: request.headers, isHead, origin: origin.name, counts: this.parts.counts };
    if (origin.kind === 'apt' && isFolder) throw new CoreError('not-found', 'There are files of an archive here, and no lists of folders.');
    if (origin.kind === 'apt') return await send(response, await this.parts.fetcher.get(aptWanted(origin, parts)), sending);
    if (origin.kind === 'python-build') return await send(response, await this.parts.fetcher.get(sumWanted(origin, parts)), sending);
    const route = pypiRoute(origin, parts, request.headers.accept?.includes(SIMPLE_JSON) === true);
    if (route.kind === 'project') await this.sendPage(origin, route, response, isHead);
    else await send(response, await this.indexFile(origin, route), sending);
  }

  /** A page of a project, its links leading here. */
  private async sendPage(origin: OriginConfig, route: PypiRoute & { kind: 'project' }, response: ServerResponse, isHead: boolean): Promise<void> {
    const found = await this.parts.fetcher.get(route.wanted);
    const text = await textOf(found);
    const { contentType } = found.head;
    const page = rewritten(text, contentType, route.wanted.url, (file) => filePath(origin, route.project, file));
    this.parts.counts.asked(origin.name, found.by);
    if (!isHead) this.parts.counts.served(origin.name, Buffer.byteLength(page));
    sendText(response, 200, contentType ?? 'text/html', page, isHead);
  }

  /** A file that the project's page names, and no other. One that is kept is known by its checksum. */
  private async indexFile(origin: OriginConfig, route: PypiRoute & { kind: 'file' }): Promise<Found> {
    const { fetcher } = this.parts;
    const kept = route.sha256 === null || route.filename.endsWith(METADATA) ? null : fetcher.kept(checkedKey(origin, route.sha256));
    if (kept !== null) return kept;
    const named = await this.namedFile(origin, route);
    if (named === null) throw new CoreError('not-found', `The index has no such file of ${route.project}.`);
    const { url, sha256 } = named;
    if (!mayAsk(origin, url))
      throw new CoreError('unavailable', `The index ${origin.name} has the file at ${url.host}: name that host in its fileHosts to allow it.`);
    return await fetcher.get(indexFile(origin, url, sha256));
  }

  /** Looked for in the pages that are kept, however old, for a client has seen one; then in what the origin says now. */
  private async namedFile(origin: OriginConfig, route: PypiRoute & { kind: 'file' }): Promise<NamedFile | null> {
    const { fetcher } = this.parts;
    const pages = [true, false].map((wantsJson) => projectPage(origin, route.project, wantsJson));
    const find = async (page: Wanted, found: Found): Promise<NamedFile | null> =>
      among(filesOf(await textOf(found), found.head.contentType, page.url), route);
    for (const page of pages) {
      const kept = fetcher.kept(page.key);
      const match = kept === null ? null : await find(page, kept);
      if (match !== null) return match;
    }
    for (const page of pages) {
      const match = await find(page, await fetcher.get(page));
      if (match !== null) return match;
    }
    return null;
  }

  private names(): string {
    return this.parts.origins.map(({ name }) => name).join(', ');
  }

  private refuse(error: unknown, response: ServerResponse): void {
    if (!isCoreError(error)) this.parts.logger.error('the package cache has failed at a request', { error });
    if (response.headersSent || response.destroyed) return void response.destroy();
    const status = isCoreError(error) ? (error.code === 'corrupt' || error.code === 'unavailable' ? 502 : error.status) : 500;
    sendText(response, status, 'text/plain', `${isCoreError(error) ? error.message : 'The package cache has failed; its log says why.'}\n`, false);
  }
}

/** A file at its origin. `sha256` null: nobody says what it must be. */
interface NamedFile {
  readonly url: URL;
  readonly sha256: string | null;
}

/** The file itself, or what is beside it under its name with `.metadata` (PEP 658). */
function among(files: readonly IndexFile[], { filename, sha256 }: PypiRoute & { kind: 'file' }): NamedFile | null {
  const named = (name: string): IndexFile | undefined => files.find((file) => file.filename === name && file.sha256 === sha256);
  const file = named(filename);
  if (file !== undefined) return file;
  const owner = filename.endsWith(METADATA) ? named(filename.slice(0, -METADATA.length)) : undefined;
  return owner === undefined ? null : { url: new URL(`${owner.url.href}${METADATA}`), sha256: owner.metadata };
}
