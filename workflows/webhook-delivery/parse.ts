import type { Delivery, DeliveryReply } from '../../activities/contract.ts';
import {
  listOf,
  objectOf,
  orNull,
  parseFields,
  parseNumber,
  parseText,
  variantsOf,
} from '../engine/core/parse-values.ts';
import type { Parser } from '../engine/core/parse-values.ts';
import type { DeliverNow, DeliveryProgress, WebhookDeliveryInput } from '../contract.ts';

/** Parsers of what deliveries store and exchange. Another release may have written it. The status in a delivery is sent on as it is. */

export const parseDelivery: Parser<Delivery> = objectOf({ id: parseText, timestamp: parseText, data: parseFields });

export const parseInput: Parser<WebhookDeliveryInput> = objectOf(
  { delivery: parseDelivery },
  { schedule: listOf(parseNumber), keys: listOf(parseText) },
);

export const parseDeliverNow: Parser<DeliverNow> = objectOf({ key: orNull(parseText) });

export const parseReply: Parser<DeliveryReply> = variantsOf({
  accepted: {},
  failed: { problem: parseText, retryAfter: orNull(parseNumber) },
  gone: { problem: parseText },
});

export const parseProgress: Parser<DeliveryProgress> = objectOf({
  attempts: parseNumber,
  lastAttemptAt: parseText,
  problem: parseText,
  nextAttemptAt: orNull(parseText),
});
