/** A TCP proxy before a broker that can be cut, stalled and closed: the network's bad days. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Forwards connections to a port on this machine until told otherwise. */
export class AmqpProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #sockets = new Set<Socket>();
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
