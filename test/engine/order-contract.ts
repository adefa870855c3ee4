/** The messages and activities of the order: used by its workflow, its clients and its workers. */

export interface PaymentRequest {
  readonly orderId: string;
  readonly amount: number;
}

export interface PaymentActivities {
  reserve(request: PaymentRequest): Promise<{ readonly reserved: boolean; readonly reason: string }>;
  charge(request: PaymentRequest): Promise<{ readonly charged: boolean }>;
  release(request: PaymentRequest): Promise<{ readonly released: boolean }>;
}

export interface OrderStart {
  readonly orderId: string;
  readonly amount: number;
  readonly approveWithin: number;
}

/** Payment activities have their own task queue, as activities with a rate limit of their own do. */
export const paymentQueue = (taskQueue: string) => `${taskQueue}-payments`;
