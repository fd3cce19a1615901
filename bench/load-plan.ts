// What a load process is told to do; it travels as JSON in its arguments.

export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Publishing connections, each with one channel. */
  readonly publishers: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly bodyBytes: number;
  readonly persistent: boolean;
  /** Unconfirmed publishes that a connection may have; 0: no confirms at all. */
  readonly confirmWindow: number;
  /** All publishers together; 0: as fast as it goes. */
  readonly ratePerSecond: number;
  /** Publishes of one connection at most; 0: no end. */
  readonly publishedMax: number;
  /** Consuming connections, each with one consumer; the first takes the first queue, and so on round. */
  readonly consumers: number;
  readonly queues: readonly string[];
  /** Deliveries that a consumer may have unacked; 0: no acks at all. */
  readonly prefetch: number;
  readonly ackEvery: number;
  /** Deliveries that one publish makes. */
  readonly copies: number;
  /** Deliveries under way at most: bounds the queues where the publishers are faster. */
  readonly inFlightMax: number;
}

/** What a load process answers when it is asked. */
export interface LoadCount {
  readonly published: number;
  readonly delivered: number;
  readonly confirmed: number;
  readonly refused: number;
  /** Microseconds from publish to delivery, where a rate is given, since it was last asked. */
  readonly latenciesMicroseconds: number[];
  readonly closed: string | undefined;
}
