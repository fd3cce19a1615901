/**
 * What the three demo services have in common: fastify with a pino logger that goes through Warren,
 * just as in anybody's own service, and the life of a supervised process.
 */
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import pino from 'pino';
import { runUntilStopped } from '../long-running.js';

/**
 * Runs a small HTTP service on a free port.
 *
 * @param name the service's name, in its logs and its address
 * @param register adds its routes
 */
export async function runService(name: string, register: (server: FastifyInstance) => void): Promise<void> {
  await runUntilStopped(async () => {
    const transport = pino.transport({ target: 'warren/pino', options: { service: name } });
    const server = fastify({ loggerInstance: pino(transport) as FastifyBaseLogger });
    register(server);
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    return {
      addresses: { [name]: address },
      async stop() {
        await server.close();
        transport.end();
      },
    };
  });
}
