/** The demo's order service: takes orders, and has each paid by the payment service. */
import { runService } from './service.js';

interface Order {
  customer: string;
  country: string;
  amount: number;
}

const PAYMENT_MS_MAX = 2_000;

await runService('order', (server) => {
  let ordersTaken = 0;
  server.post<{ Body: Order }>('/orders', async (request, reply) => {
    ordersTaken += 1;
    const order = { id: `o-${ordersTaken}`, ...request.body };
    request.log.info({ order }, 'Order received');
    const payment = await fetch(`${process.env['PAYMENT_URL']}/payments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ orderId: order.id, country: order.country, amount: order.amount }),
      signal: AbortSignal.timeout(PAYMENT_MS_MAX),
    });
    if (payment.status === 402) {
      request.log.warn({ order }, 'Order refused: the card was declined');
      return reply.code(402).send({ refused: order.id });
    }
    if (!payment.ok) {
      const cause = new Error(`payment service answered ${payment.status}`);
      throw new Error(`Order ${order.id} could not be paid`, { cause });
    }
    request.log.info({ order }, 'Order accepted');
    return { accepted: order.id };
  });
});
