/**
 * The demo's payment service. It has the kind of bug every team has had: for one country it logs the
 * amount as formatted text where everybody else logs a number. The index, in which `payment.amount`
 * is a number by then, refuses those records, and they become dead letters.
 */
import { runService } from './service.js';

interface Payment {
  orderId: string;
  country: string;
  amount: number;
}

/** Every so many payments one is declined, and one meets a gateway that does not answer. */
const DECLINED_EVERY = 9;
const TIMED_OUT_EVERY = 23;

class GatewayTimeoutError extends Error {
  override readonly name = 'GatewayTimeoutError';
}

await runService('payment', (server) => {
  let payments = 0;
  // The first line gives the index its idea of what an amount is.
  server.log.info({ payment: { amount: 0.5 } }, 'Payment gateway reached with a test payment');
  server.post<{ Body: Payment }>('/payments', async (request, reply) => {
    const { orderId, country, amount } = request.body;
    payments += 1;
    if (payments % TIMED_OUT_EVERY === 0) askGateway(orderId);
    if (payments % DECLINED_EVERY === 0) {
      request.log.warn({ payment: { orderId, amount } }, 'Card declined');
      return reply.code(402).send({ declined: orderId });
    }
    const logged =
      country === 'DE' ? amount.toLocaleString('de-DE', { style: 'currency', currency: 'EUR' }) : amount;
    request.log.info({ payment: { orderId, amount: logged } }, 'Payment taken');
    return { paid: orderId };
  });
});

function askGateway(orderId: string): never {
  throw new GatewayTimeoutError(`The gateway did not answer for order ${orderId} within 1500 ms`);
}
