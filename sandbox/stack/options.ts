import type { OidcSettings } from '../../client/config/oidc-settings.ts';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { DeploymentEnvironment } from '../../client/config/deployment-environment.ts';
import type { LogLevel } from '../../client/config/env.ts';
import type { ProviderIdentity, ProviderSettings } from '../../client/config/provider-settings.ts';
import type { Settings } from '../../client/config/policy-file.ts';
import type { Rate } from '../../client/gateway/config.ts';
import type { TrustedProxies } from '../../client/gateway/trusted-proxies.ts';
import type { Token } from '../../client/gateway/plugins/tokens.ts';
import type { ReceiptKey } from '../../client/receipts/keys.ts';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import type { OnwardWorkerOptions } from '../../worker/create-worker.ts';

export type SandboxProvider = ProviderSettings & ProviderIdentity;

export interface StackOptions {
  /** The folder of everything that outlives a restart. Only one stack can use it at a time. */
  readonly folder: string;
  /** How to connect to an existing server, or the binary and arguments to start one. */
  readonly temporal:
    { readonly given: ClientConnectConfig } | { readonly binary: string; readonly composeFile: string };
  /** The path of the workflow bundle. */
  readonly bundlePath: string;
  /** The path of the simulator's compiled process. */
  readonly simulatorPath: string;
  readonly settings: Settings;
  /** Default: the simulator. */
  readonly provider?: SandboxProvider | undefined;
  /** The simulator's key. Default: a generated one. */
  readonly apiKey?: string | undefined;
  /** Newest first. Default: a generated one. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  readonly taskQueue?: string | undefined;
  /** The receiver of webhooks. Without it, none are sent. */
  readonly receiver?: OnwardWorkerOptions['receiver'];
  /** Writes a line when a component has ended by itself, and when it runs again. */
  readonly say?: ((line: string) => void) | undefined;
  /** Options of the gateway. Without them, none is started. */
  readonly gateway?: GatewayOptions | undefined;
}

export interface GatewayOptions {
  readonly host: string;
  /** Default: 8080, or any free port if 8080 is in use. */
  readonly port?: number | undefined;
  /** Default: the generated tokens. */
  readonly tokens?: readonly Token[] | undefined;
  readonly webhookSecrets?: readonly string[] | undefined;
  /** Default: a generated one. */
  readonly receiptKeys?: readonly ReceiptKey[] | undefined;
  readonly oidc?: OidcSettings | undefined;
  readonly rate: Rate;
  readonly trustProxy: TrustedProxies;
  readonly codecOrigins: readonly string[];
  readonly environment?: DeploymentEnvironment | undefined;
  readonly logLevel: LogLevel;
}
