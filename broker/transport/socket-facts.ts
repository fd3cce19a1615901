/** The two ends of a connection's socket, as its listings name them; known after it is closed as well. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** An address and a port; both empty for a connection inside the process. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What TLS came to. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** As OpenSSL names it. */
  readonly cipher: string;
  /** Of the peer's certificate, if it showed one. */
  readonly certificate:
    | { readonly subject: string; readonly issuer: string; readonly validity: string }
    | undefined;
}

export class SocketFacts {
  readonly peer: Endpoint;
  readonly local: Endpoint;
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    this.peer = endpoint(socket.remoteAddress, socket.remotePort);
    this.local = endpoint(socket.localAddress, socket.localPort);
  }

  /** `127.0.0.1:40000 -> 127.0.0.1:5672`. */
  get name(): string {
    return `${show(this.peer)} -> ${show(this.local)}`;
  }

  get tls(): TlsFacts | undefined {
    const { socket } = this;
    if (!(socket instanceof TLSSocket)) return undefined;
    const shown = socket.getPeerCertificate();
    const has = shown !== null && Object.keys(shown).length > 0;
    return {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().name,
      certificate: has
        ? {
            subject: distinguishedName(shown.subject),
            issuer: distinguishedName(shown.issuer),
            validity: `${iso(shown.valid_from)} - ${iso(shown.valid_to)}`,
          }
        : undefined,
    };
  }
}

/** An IPv4 address is one, whatever socket it came by. */
function endpoint(address = '', port = 0): Endpoint {
  return { address: address.replace(/^::ffff:(?=\d+\.)/, ''), port };
}

function show({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The last part first, as RFC 4514 has it and RabbitMQ shows it. */
function distinguishedName(name: object): string {
  const parts = Object.entries(name).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${key}=${one}`),
  );
  return parts.reverse().join(',');
}

function iso(date: string): string {
  return new Date(date).toISOString().replace('.000', '');
}
