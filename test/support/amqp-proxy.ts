/** A TCP proxy before a broker that can be cut, stalled and closed: the network's bad days. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards connections to a port on this machine until told otherwise. */
export class AmqpProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  #isStalled = false;
  #refuses = false;

  static async start(targetPort: number): Promise<AmqpProxy> {
    const proxy = new AmqpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `amqp://guest:guest@127.0.0.1:${port}`;
  }

  /** Breaks all connections, as a broker that is killed does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Breaks all connections and every new one. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
    if (refuses) this.cut();
  }

  /** Tells every client `connection.blocked` or `unblocked`, as a broker short of memory does. Call while all is quiet. */
  block(isBlocked: boolean): void {
    // A method frame of channel 0: class 10, method 60 with a short string, or method 61 (RabbitMQ's extension).
    const payload = isBlocked ? [0, 10, 0, 60, 6, ...Buffer.from('memory')] : [0, 10, 0, 61];
    for (const client of this.#clients)
      client.write(Buffer.from([1, 0, 0, 0, 0, 0, payload.length, ...payload, 0xce]));
  }

  /** New connections are accepted and never answered. */
  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    this.#keep(client);
    if (this.#refuses) client.destroy();
    if (this.#refuses || this.#isStalled) return;
    const broker = connect(this.#targetPort, '127.0.0.1');
    this.#keep(broker);
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.pipe(broker);
    broker.pipe(client);
    client.on('close', () => broker.destroy());
    broker.on('close', () => client.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // A cut connection reports ECONNRESET: that is the point of it.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
