import { parse, stringify } from 'yaml';
import type { Postgres } from './postgres.ts';
import { databaseNames } from './schema.ts';

/** The ports of a server's services on 127.0.0.1. */
export interface ServerPorts {
  readonly frontend: number;
  readonly http: number;
  readonly history: number;
  readonly matching: number;
  readonly worker: number;
  readonly membership: readonly [number, number, number, number];
}

interface Deployed {
  readonly persistence: {
    readonly datastores: Readonly<Record<'main' | 'visibility', { readonly sql: object }>>;
  };
  readonly services: Readonly<Record<'frontend' | 'history' | 'matching' | 'worker', { readonly rpc: object }>>;
  readonly clusterMetadata: { readonly clusterInformation: { readonly active: object } };
  readonly dynamicConfigClient: object;
}

/** The differences of a test server from the deployed one. */
export interface Place {
  readonly postgres: Postgres;
  readonly name: string;
  readonly ports: ServerPorts;
  /** The file with the dynamic configuration. */
  readonly dynamic: string;
}

/** Renders the configuration of a Temporal server: that of `deploy/temporal/server.yml`, with other ports, databases and fewer shards. */
export function renderConfiguration(deployed: string, { postgres, name, ports, dynamic }: Place): string {
  // The text in braces is a template of the server: the password, which this PostgreSQL does not require.
  const given = parse(deployed.replaceAll(/\{\{.*?\}\}/g, "''"), { merge: true }) as Deployed;
  const { main, visibility } = databaseNames(name);
  const { datastores } = given.persistence;
  const store = (sql: object, databaseName: string) => ({
    sql: { ...sql, databaseName, connectAddr: `127.0.0.1:${postgres.port}`, user: postgres.user },
  });
  const [frontend, history, matching, worker] = ports.membership;
  const service = ({ rpc }: { readonly rpc: object }, grpcPort: number, membershipPort: number, more = {}) => ({
    rpc: { ...rpc, grpcPort, membershipPort, ...more },
  });
  const active = { ...given.clusterMetadata.clusterInformation.active, rpcAddress: `127.0.0.1:${ports.frontend}` };
  return stringify({
    ...given,
    persistence: {
      ...given.persistence,
      numHistoryShards: 4,
      datastores: {
        main: store(datastores.main.sql, main),
        visibility: store(datastores.visibility.sql, visibility),
      },
    },
    services: {
      frontend: service(given.services.frontend, ports.frontend, frontend, {
        httpPort: ports.http,
        bindOnIP: '127.0.0.1',
      }),
      history: service(given.services.history, ports.history, history),
      matching: service(given.services.matching, ports.matching, matching),
      worker: service(given.services.worker, ports.worker, worker),
    },
    clusterMetadata: { ...given.clusterMetadata, clusterInformation: { active } },
    dynamicConfigClient: { ...given.dynamicConfigClient, filepath: dynamic },
  });
}
