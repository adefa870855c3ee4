import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { ProblemError } from './problems.ts';
import type { ProblemCode } from './problems.ts';

/** How many requests without a known token or signature one address may make. */
const MAX_UNKNOWN_REQUESTS = 100;
const WINDOW_MS = 10_000;
/** Addresses whose requests are counted. Beyond that, the address that was quiet longest is forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * The key under which the rate of a caller is counted. The prefix separates addresses from tokens, so that no address, whatever
 * a proxy reports, counts as a token.
 */
export function rateKeyOf(request: FastifyRequest): string {
  const { holder } = request;
  return holder === null ? `address:${addressOf(request)}` : `token:${holder.role}:${holder.name}`;
}

/**
 * The address of a caller. The value that a trusted proxy reports is used only if it is an IP address. An IPv6 address counts by its /64
 * network, because one host has all of it (RFC 6177).
 */
export function addressOf({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const address = isIP(ip) === 0 ? (socket.remoteAddress ?? 'none') : ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIP(address) === 6 ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const known = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const all =
    tail === undefined ? groups : [...groups, ...Array.from({ length: 8 - groups.length - known }, () => '0')];
  return `${[...all, ...(tail ?? '').split(':')]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}/64`;
}

/** How many signed sign-up events one gateway accepts in ten seconds, from all senders together. */
const MAX_EVENTS = 5_000;

/** The rate of signed sign-up events: a caller with a leaked secret cannot start more journeys. */
export class EventRate {
  readonly #max: number;
  #count = 0;
  #until = 0;

  constructor(max = MAX_EVENTS) {
    this.#max = max;
  }

  /** @throws ProblemError `too_many_requests` */
  count(): void {
    const now = Date.now();
    if (now >= this.#until) {
      this.#until = now + WINDOW_MS;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= this.#max) return;
    const wait = Math.ceil((this.#until - now) / 1_000);
    throw new ProblemError(
      'too_many_requests',
      'this gateway received too many sign-up events; deliver it again',
      wait,
    );
  }
}

/**
 * Counts requests whose token or signature is unknown, by address. Requests that present a known one are never counted here, so
 * that a stranger behind the same proxy cannot exhaust their share.
 */
export class UnknownCallers {
  readonly #counts = new LRUCache<string, { count: number; readonly until: number }>({ max: MAX_ADDRESSES });
  readonly #max: number;

  constructor(max = MAX_UNKNOWN_REQUESTS) {
    this.#max = max;
  }

  /** Counts one request, and returns the error that refuses it. */
  refuse(request: FastifyRequest, code: ProblemCode, detail?: string): ProblemError {
    const address = addressOf(request);
    const now = Date.now();
    const before = this.#counts.get(address);
    const current = before === undefined || before.until <= now ? { count: 0, until: now + WINDOW_MS } : before;
    current.count += 1;
    this.#counts.set(address, current);
    if (current.count <= this.#max) return new ProblemError(code, detail);
    const wait = Math.ceil((current.until - now) / 1_000);
    return new ProblemError(
      'too_many_requests',
      'this address made too many requests without a valid token or signature',
      wait,
    );
  }
}
