import { objectOf, oneOf, orNull, parseNumber, parseText } from '../workflows/engine/core/parse-values.ts';
import type { Parser } from '../workflows/engine/core/parse-values.ts';
import { channels } from './channels.ts';
import type { Channel, ConfirmRequest, ReadRequest, SendRequest } from './contract.ts';

/** Parsers of the requests for the provider. A workflow of another release may have written them. */

const request = { userId: parseText, provider: orNull(parseText), timeout: parseNumber };

const parseChannel = oneOf(Object.keys(channels) as Channel[]);

export const parseSendRequest: Parser<SendRequest> = objectOf({
  ...request,
  channel: parseChannel,
  retryFor: parseNumber,
  unknownUserFor: parseNumber,
});

export const parseConfirmRequest: Parser<ConfirmRequest> = objectOf({
  ...request,
  channel: parseChannel,
  code: parseText,
});

export const parseReadRequest: Parser<ReadRequest> = objectOf(request);
