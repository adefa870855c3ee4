import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PaymentRequest } from './order-contract.ts';

/** A payment provider over HTTP. */
export interface PaymentProvider {
  readonly url: string;
  /** The calls for an order, in the order of their arrival. */
  callsOf(orderId: string): readonly string[];
  /** Delays the replies to these calls until the returned function is called. */
  holdReplies(call: string): () => void;
  close(): Promise<void>;
}

/** Starts a payment provider that declines amounts over 1,000. */
export async function startPaymentProvider(): Promise<PaymentProvider> {
  const calls: { readonly call: string; readonly orderId: string }[] = [];
  const held = new Map<string, Promise<void>>();
  const server = createServer(async (request, response) => {
    const call = request.url?.slice(1) ?? '';
    const { orderId, amount } = JSON.parse(await text(request)) as PaymentRequest;
    calls.push({ call, orderId });
    await held.get(call);
    const isEnough = amount <= 1_000;
    response.end(
      JSON.stringify({ reserved: isEnough, reason: isEnough ? '' : 'declined', charged: true, released: true }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    callsOf: (orderId) => calls.filter((each) => each.orderId === orderId).map(({ call }) => call),
    holdReplies: (call) => {
      let release: () => void = () => {};
      held.set(call, new Promise((resolve) => (release = resolve)));
      return () => {
        held.delete(call);
        release();
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
