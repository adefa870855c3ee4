import { InterceptingCall, Metadata, status } from '@grpc/grpc-js';
import type { Interceptor } from '@grpc/grpc-js';

type Call = ReturnType<Parameters<Interceptor>[1]>;

/**
 * Cancels a call whose connection was closed before the call began. The SDK retries calls from a timer, where an exception
 * of gRPC could not be caught and would end the process.
 */
export const cancelOnceClosed: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as InterceptingCall;
  } catch (error) {
    return new InterceptingCall(cancelled(String(error)));
  }
};

const cancelled = (details: string): Call => ({
  start: (_metadata, listener) => {
    listener?.onReceiveMessage?.(null);
    listener?.onReceiveStatus?.({ code: status.CANCELLED, details, metadata: new Metadata() });
  },
  cancelWithStatus: () => {},
  getPeer: () => '',
  sendMessageWithContext: () => {},
  sendMessage: () => {},
  startRead: () => {},
  halfClose: () => {},
  getAuthContext: () => null,
});
