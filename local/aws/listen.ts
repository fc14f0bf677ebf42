import type { Server } from 'node:http';

/** A server on a free port of this machine. */
export interface Listening {
  /** `http://127.0.0.1:41234` */
  url: string;
  /** Stops accepting requests and ends open connections. */
  stop: () => Promise<void>;
}

export async function listenLocally(server: Server): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
