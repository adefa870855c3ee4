import type {
  ConfirmReply,
  ConfirmRequest,
  ListedUser,
  ReadRequest,
  SendReply,
  SendRequest,
  UserRecord,
} from './contract.ts';

/**
 * A provider of verification codes, for `createWorker` and `ONWARD_PROVIDER`: `docs/extending.md` has an example. A failure
 * is an error with a `FailureType` as its `type`; any other error means that the outcome is unknown. The signal aborts shortly after
 * the request's timeout.
 */
export interface VerificationProvider {
  /** Sends a code. `to` is the recipient; it is masked before it is stored. */
  sendCode(request: SendRequest, signal: AbortSignal): Promise<SendReply>;
  confirmCode(request: ConfirmRequest, signal: AbortSignal): Promise<ConfirmReply>;
  /**
   * Returns what the provider knows of the user; `null` for a channel without a record. `provider` is what it says of the user as
   * a whole: it is shown in the status, and `isSupported: false` stalls the journey as `unsupported`.
   */
  readUser(request: ReadRequest, signal: AbortSignal): Promise<UserRecord>;
  /** Returns all users, for a reconciliation. Without it, a reconciliation is refused. */
  listUsers?(signal: AbortSignal): AsyncIterable<ListedUser>;
  /** Called once when the worker shuts down. */
  close?(): void;
}
