export * from '../../../workflows/index.ts';

/** Changed code that completes at once. */
export async function webhookDelivery(_payload: unknown): Promise<void> {}

/** Changed code that fails. */
export async function bulkOperation(_payload: unknown): Promise<void> {
  throw new Error('no such operation any more');
}

/** Changed code that completes at once. */
export async function providerHealth(): Promise<void> {}
