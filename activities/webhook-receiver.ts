import { got } from 'got';
import type { PlainResponse } from 'got';
import { Webhook } from 'standardwebhooks';
import type { DeliveryReply, ReceiverActivities } from './contract.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The product's receiver of status changes. */
export interface WebhookReceiver {
  readonly url: string;
  /** The signing secret in the format of Standard Webhooks: `whsec_…`. */
  readonly secret: string;
}

const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** The longest wait between two attempts. */
const MAX_RETRY_AFTER_MS = 10 * 3_600_000;
const GONE_STATUS = 410;

/** Creates the activity that delivers status changes as Standard Webhooks. The URL comes only from the configuration. */
export function createReceiverActivities(receiver: WebhookReceiver | undefined): ReceiverActivities {
  return {
    async deliver({ id, timestamp, data }) {
      if (receiver === undefined) return failed('ONWARD_STATUS_URL is not set on the worker');
      const body = JSON.stringify({ type: 'onboarding.status.changed', timestamp, data });
      const reply = await post(receiver, id, body);
      return typeof reply === 'string' ? failed(reply) : toDeliveryReply(reply);
    },
  };
}

function toDeliveryReply({ statusCode, headers }: PlainResponse): DeliveryReply {
  if (statusCode >= 200 && statusCode <= 299) return { type: 'accepted' };
  const problem = `the receiver answered ${statusCode}`;
  if (statusCode === GONE_STATUS) return { type: 'gone', problem: `${problem}, so it accepts no further deliveries` };
  return failed(problem, parseRetryAfter(headers['retry-after'], MAX_RETRY_AFTER_MS));
}

function failed(problem: string, retryAfter: number | null = null): DeliveryReply {
  return { type: 'failed', problem, retryAfter };
}

/**
 * Sends one request. Only the status line counts: the response body is discarded unread, however long it is.
 *
 * @returns the response without its body, or a description of the problem. An error of the HTTP client contains the body
 *   and the signature, so it is not passed on
 */
function post({ url, secret }: WebhookReceiver, id: string, body: string): Promise<PlainResponse | string> {
  const now = new Date();
  // got's own timeout does not end every exchange: it does not apply after `101 Switching Protocols`.
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const request = got.stream.post(url, {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'onward',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
    timeout: { lookup: CONNECT_TIMEOUT_MS, connect: CONNECT_TIMEOUT_MS, secureConnect: CONNECT_TIMEOUT_MS },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  });
  return new Promise<PlainResponse | string>((resolve) => {
    deadline.addEventListener('abort', () => resolve('the receiver did not answer in time'));
    request.once('response', resolve);
    request.on('error', () => resolve('the receiver cannot be reached'));
  }).finally(() => request.destroy());
}
