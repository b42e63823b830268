import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { AppModule } from './app.module.ts';
import { NestLogger } from './common/nest-logger.ts';
import { type Config, packageRoot } from './config/index.ts';
import type { CoreParts } from './assemble.ts';
import { OpenConnections } from './http/open-connections.ts';
import { serveOpenApi } from './http/openapi.ts';
import { RequestBodies } from './http/request-bodies.ts';
import { serveWebPages } from './http/web-pages.ts';
import { LiveGateway } from './realtime/live.gateway.ts';
import { ShellGateway } from './shells/shell.gateway.ts';
import { SocketAdapter } from './realtime/socket-adapter.ts';

/** A server that listens. */
export interface Serving {
  /** Where it listens: `http://127.0.0.1:7000`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Answers HTTP and Socket.IO for a parts. Throws if the port cannot be had, saying what to do. */
export async function serve(parts: CoreParts): Promise<Serving> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(parts), {
    logger: new NestLogger(parts.logger.child('nest')),
    bodyParser: false,
    abortOnError: false,
  });
  const connections = new OpenConnections(app.getHttpServer());
  const bodies = new RequestBodies();
  app.use('/api/hooks', bodies.ofHook);
  app.use(bodies.ofCall);
  app.disable('x-powered-by');
  // As sessions do: who is reached by https is reached through a proxy, and that says where a request comes from.
  if (parts.config.publicUrl?.startsWith('https:') === true) app.set('trust proxy', 1);
  app.use(helmet({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, strictTransportSecurity: false }));
  app.use(['/api', '/socket.io'], parts.session);
  app.useWebSocketAdapter(new SocketAdapter(app, parts.config.publicUrl));
  await serveOpenApi(app);
  // Before the routes, because Nest answers whatever comes after them with 404.
  serveWebPages(app.getHttpAdapter().getInstance(), join(packageRoot(), 'dist/web'));
  const address = await listen(app, parts);
  parts.links.listening(address);
  return {
    address,
    close: async () => {
      app.get(LiveGateway).close();
      await app.get(ShellGateway).close();
      const closing = app.close();
      connections.end();
      await closing;
    },
  };
}

/** The pages bring everything with them; styles may be set by script (the matrix and the log place their rows so). */
const CONTENT_SECURITY_POLICY = {
  directives: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'", 'ws:', 'wss:'],
    upgradeInsecureRequests: null,
  },
};

/**
 * Throws if the port cannot be had, saying what to do. For before the database is opened: it takes a moment, and need not be made for nothing. Should another
 * program take the port in between, `serve` says the same.
 */
export async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  const trial = createServer();
  try {
    trial.listen(port, host);
    await once(trial, 'listening');
  } catch (error) {
    throw explain(error, port);
  }
  trial.close();
  await once(trial, 'close');
}

async function listen(app: NestExpressApplication, parts: CoreParts): Promise<string> {
  const { host, port } = parts.config;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw explain(error, port);
  }
  const at = app.getHttpServer().address() as { port: number };
  return `http://${host.includes(':') ? `[${host}]` : host}:${at.port}`;
}

function explain(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new Error(`Port ${port} is taken by another program: stop that one, or set PORT to another.`, { cause: error });
  if (code === 'EACCES') return new Error(`Port ${port} may not be used by this account: set PORT to one above 1023.`, { cause: error });
  return error;
}
