/** A broker for tests. */

/** A running broker. */
export interface TestBroker {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a broker that nothing outside the test uses. */
export async function startTestBroker(): Promise<TestBroker> {
  const port = 5679;
  return { port, url: `amqp://guest:guest@127.0.0.1:${port}`, stop: async () => undefined };
}
