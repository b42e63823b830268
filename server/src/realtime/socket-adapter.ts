import { IoAdapter } from '@nestjs/platform-socket.io';

type Options = Parameters<IoAdapter['createIOServer']>[1];

/** Socket.IO on the HTTP server's own port, for our own pages only: a page of another site gets no connection. */
export class SocketAdapter extends IoAdapter {
  override createIOServer(port: number, options?: Options): ReturnType<IoAdapter['createIOServer']> {
    const allowRequest: NonNullable<Options>['allowRequest'] = (request, decide) => decide(null, fromHere(request.headers));
    return super.createIOServer(port, { ...options, allowRequest } as Options);
  }
}

/** Browsers send an origin with every WebSocket; programs need not. */
function fromHere(headers: { origin?: string | undefined; host?: string | undefined }): boolean {
  const { origin, host } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
