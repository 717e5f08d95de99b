/** A server of a few lines, of this process. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { ClientAddress } from '../../src/kit/connection.js';

const servers = new Set<Server>();

/** Answers each chunk with what `answer` makes of it; null closes. */
export async function serve(answer: (request: string) => string | null): Promise<ClientAddress> {
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      const reply = answer(bytes.toString('latin1'));
      if (reply === null) socket.destroy();
      else socket.write(reply, 'latin1');
    });
    socket.on('error', () => {});
  });
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 };
}

/** Nobody listens any more when this returns. */
export function closeServers(): void {
  for (const server of servers) server.close();
  servers.clear();
}
