import { open, parseFields, seal } from '../../workflows/engine/index.ts';
import { order as readable } from './order.ts';

/** A later release, which can read what `order-broken.ts` has handed on. */
export async function order(payload: unknown): Promise<unknown> {
  const { id, at, body } = open(payload, 'continue:order');
  return readable(seal('continue:order', id, at, { ...parseFields(body, 'continuation'), handled: {} }));
}
