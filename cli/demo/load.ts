/** The demo's customers: a gentle, steady load on the order and search services. */
import { runUntilStopped } from '../long-running.js';

const SEARCH_EVERY_MS = 350;
const ORDER_EVERY_MS = 600;
/** Every so many orders comes from the country whose amounts the payment service logs as text. */
const GERMAN_EVERY = 13;

const CUSTOMERS = ['ada', 'grace', 'edsger', 'barbara', 'tony', 'leslie'];
const COUNTRIES = ['FR', 'KR', 'US', 'JP', 'BR'];
const QUERIES = ['lamp', 'table', 'chair', 'sofa', 'hammock'];

await runUntilStopped(async () => {
  let orders = 0;
  let searches = 0;
  const timers = [
    setInterval(() => {
      searches += 1;
      send(`${process.env['SEARCH_URL']}/search?q=${pick(QUERIES, searches)}`);
    }, SEARCH_EVERY_MS),
    setInterval(() => {
      orders += 1;
      const country = orders % GERMAN_EVERY === 0 ? 'DE' : pick(COUNTRIES, orders);
      const order = { customer: pick(CUSTOMERS, orders), country, amount: ((orders * 37) % 900) + 9.9 };
      send(`${process.env['ORDER_URL']}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      });
    }, ORDER_EVERY_MS),
  ];
  return {
    addresses: { load: `${process.env['ORDER_URL']} and ${process.env['SEARCH_URL']}` },
    async stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
});

/** A customer does not care why an order failed; the services log it. */
function send(url: string, init?: RequestInit): void {
  fetch(url, init).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length] as string;
}
