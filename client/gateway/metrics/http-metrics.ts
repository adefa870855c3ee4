import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import type { DeploymentEnvironment } from '../../config/deployment-environment.ts';
import { registerJourneyMetrics } from './journey-metrics.ts';
import type { Onward } from '../../onward.ts';
import { onRequestEnd } from '../plugins/request-end.ts';

/** The acts that ask for a code. A start that finds a journey (200) does not. */
const ACTS_THAT_SEND: ReadonlySet<string> = new Set(['start', 'restart', 'supersede', 'resend', 'retry']);
const SUCCESSES: ReadonlySet<number> = new Set([201, 202]);

/** Registers the gateway's metrics in a separate registry. No label contains a user. */
export function registerMetrics(
  app: FastifyInstance,
  onward: Onward,
  {
    isReady,
    environment,
  }: { readonly isReady: () => Promise<boolean>; readonly environment?: DeploymentEnvironment | undefined },
): Registry {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'onward_http_request_seconds',
    help: 'Duration of requests by route and status, including long polls and streams.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60],
    registers,
  });
  const acts = new Counter({
    name: 'onward_commands_total',
    help: 'Commands by name, role and HTTP status.',
    labelNames: ['act', 'role', 'status'],
    registers,
  });
  const requested = new Counter({
    name: 'onward_sends_requested_total',
    help: 'Accepted requests that ask for a code, by the token that made them.',
    labelNames: ['role', 'name'],
    registers,
  });
  const info = new Gauge({
    name: 'onward_environment_info',
    help: '1; the label is the name in ONWARD_ENVIRONMENT.',
    labelNames: ['environment'],
    registers,
  });
  if (environment !== undefined) info.set({ environment: environment.name }, 1);
  const watched: Gauge = new Gauge({
    name: 'onward_watched_users',
    help: 'Users whose status is being watched.',
    registers,
    collect: () => count(),
  });
  const count = () => watched.set(onward.subscriptions.size);
  registerJourneyMetrics(registry, onward, isReady);
  onRequestEnd(app, ({ method, routeOptions, holder }, { statusCode, elapsedTime }) => {
    const status = String(statusCode);
    seconds.observe({ method, route: routeOptions.url ?? 'none', status }, elapsedTime / 1_000);
    const { act } = routeOptions.config;
    if (act === undefined || holder === null) return;
    acts.inc({ act, role: holder.role, status });
    if (ACTS_THAT_SEND.has(act) && SUCCESSES.has(statusCode)) requested.inc({ role: holder.role, name: holder.name });
  });
  return registry;
}
