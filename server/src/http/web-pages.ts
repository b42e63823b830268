import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';

const YEAR_SECONDS = 365 * 86_400;

/**
 * Serves the built pages: files with a hash in their name for ever, and the one page for every path that is neither a file nor the API's, because the pages route
 * themselves.
 */
export function serveWebPages(app: Express, folder: string): void {
  const page = join(folder, 'index.html');
  if (!existsSync(page)) return;
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: YEAR_SECONDS * 1000, fallthrough: false }));
  app.use(express.static(folder, { index: false, maxAge: 0 }));
  app.use((request: Request, response: Response, next: NextFunction) => {
    const wanted = request.method === 'GET' && !request.path.startsWith('/api') && !request.path.startsWith('/socket.io');
    if (!wanted || !request.accepts('html')) next();
    else response.setHeader('Cache-Control', 'no-cache').sendFile(page);
  });
}
