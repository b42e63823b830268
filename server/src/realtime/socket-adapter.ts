import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';

type Options = Parameters<IoAdapter['createIOServer']>[1];

/** Socket.IO on the HTTP server's own port, for our own pages only: a page of another site gets no connection. */
export class SocketAdapter extends IoAdapter {
  /** `publicUrl`: the address by which people reach the server, which a proxy need not pass on; null if it is none but the server's own. */
  constructor(
    app: INestApplicationContext,
    private readonly publicUrl: string | null,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Options): ReturnType<IoAdapter['createIOServer']> {
    const allowRequest: NonNullable<Options>['allowRequest'] = (request, decide) => decide(null, isOurPage(request.headers, this.publicUrl));
    return super.createIOServer(port, { ...options, allowRequest } as Options);
  }
}

/** Whether a connection comes from a page of this very server, or from a program. Browsers send an origin with every WebSocket; programs need not. */
export function isOurPage(headers: { origin?: string | undefined; host?: string | undefined }, publicUrl: string | null): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host || (publicUrl !== null && origin === new URL(publicUrl).origin);
}
