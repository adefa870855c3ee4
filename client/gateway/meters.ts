import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import { journeyMeters } from './journey-meters.ts';
import type { Onward } from '../onward.ts';

/** The gateway's own metrics, in a registry of their own. No label holds a user. */
export function meters(app: FastifyInstance, onward: Onward): Registry {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'onward_http_request_seconds',
    help: 'How long requests took, by route and status. Waits of long-polls and streams are among them.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60],
    registers,
  });
  const acts = new Counter({
    name: 'onward_acts_total',
    help: 'What was asked of journeys, by act, role and status.',
    labelNames: ['act', 'role', 'status'],
    registers,
  });
  const watched: Gauge = new Gauge({
    name: 'onward_watched_users',
    help: 'Users whose status somebody waits for.',
    registers,
    collect: () => count(),
  });
  const count = () => watched.set(onward.watching.size);
  journeyMeters(registry, onward);
  app.addHook('onResponse', async ({ method, routeOptions, holder }, { statusCode, elapsedTime }) => {
    const status = String(statusCode);
    seconds.observe({ method, route: routeOptions.url ?? 'none', status }, elapsedTime / 1_000);
    const { act } = routeOptions.config;
    if (act !== undefined && holder !== null) acts.inc({ act, role: holder.role, status });
  });
  return registry;
}
