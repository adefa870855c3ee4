import { ApplicationFailure } from '@temporalio/common';
import { got, TimeoutError } from 'got';
import { Webhook } from 'standardwebhooks';
import type { ReceiverActivities } from './contract.ts';

/** Where changes of status are told. */
export interface Receiver {
  readonly url: string;
  /** Of Standard Webhooks: `whsec_…`. */
  readonly secret: string;
}

const TIMEOUT = 15_000;
const CONNECT_TIMEOUT = 3_000;
const LONGEST_REPLY = 64 * 1_024;

/** The activity that tells the product's receiver, by Standard Webhooks. The address comes from the configuration alone. */
export function createReceiver(receiver: Receiver | undefined): ReceiverActivities {
  return {
    async deliver({ id, timestamp, data }) {
      if (receiver === undefined) throw undelivered('ONWARD_STATUS_URL is not set on the worker');
      const body = JSON.stringify({ type: 'onboarding.status.changed', timestamp, data });
      const status = await post(receiver, id, body);
      if (status < 200 || status > 299) throw undelivered(`the receiver answered ${status}`);
    },
  };
}

/** One try. An error of the client carries the body and the signature: nothing of it is passed on. */
async function post({ url, secret }: Receiver, id: string, body: string): Promise<number> {
  const now = new Date();
  const request = got.post(url, {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'onward',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    timeout: { lookup: CONNECT_TIMEOUT, connect: CONNECT_TIMEOUT, secureConnect: CONNECT_TIMEOUT, request: TIMEOUT },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    responseType: 'text',
  });
  void request.on('downloadProgress', ({ transferred }) => {
    if (transferred > LONGEST_REPLY) request.cancel();
  });
  try {
    return (await request).statusCode;
  } catch (error) {
    throw undelivered(
      error instanceof TimeoutError ? 'the receiver did not answer in time' : 'the receiver cannot be reached',
    );
  }
}

function undelivered(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: 'Undelivered', message, nonRetryable: true });
}
