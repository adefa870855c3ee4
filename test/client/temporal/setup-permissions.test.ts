import { randomUUID } from 'node:crypto';
import proto from '@temporalio/proto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setup } from '../../../client/temporal/setup.ts';
import { bareNamespace, clientOf, closeClients, runDoctor, ours } from '../../support/doctor.ts';
import { startGuardedServer } from '../../support/guarded-server.ts';
import type { GuardedServer } from '../../support/guarded-server.ts';

afterEach(closeClients);

describe('a caller with limited permissions', () => {
  let guarded: GuardedServer;
  beforeAll(async () => {
    guarded = await startGuardedServer(ours, [
      'ListSearchAttributes',
      'AddSearchAttributes',
      'UpdateNamespace',
      'StartWorkflowExecution',
    ]);
  });
  afterAll(() => guarded.close());
  const strange = (namespace: string) => clientOf({ address: guarded.address, namespace });

  it('can run setup if nothing has to change', async () => {
    expect(await setup(strange('default'))).toMatchObject({ added: [], mistyped: [], retentionRaised: false });
  });

  it('receives the command for an authorized user from setup', async () => {
    const namespace = await bareNamespace(30);
    await expect(setup(strange(namespace))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(
        new RegExp(`not permitted for this caller.*temporal operator search-attribute create -n ${namespace}`),
      ),
    });
    const short = await bareNamespace(3);
    await setup(clientOf({ namespace: short }));
    const seconds = proto.google.protobuf.Duration.fromObject({ seconds: 3 * 86_400 });
    const config = { workflowExecutionRetentionTtl: seconds };
    await clientOf().workflowService.updateNamespace({ namespace: short, config });
    const command = `temporal operator namespace update -n ${short} --retention 30d`;
    await expect(setup(strange(short))).rejects.toThrow(command);
  });

  it('receives a failed check from doctor for each missing permission', async () => {
    const found = await runDoctor(strange('default'), { taskQueue: `nobodys-${randomUUID()}` });
    expect(found.searchAttributes).toMatchObject({ ok: true, found: 'all 5 exist' });
    expect(found.worker).toMatchObject({ ok: false, found: 'Temporal says: Request unauthorized.' });
    const missing = await runDoctor(strange(await bareNamespace(30)), { wait: 0 });
    expect(missing.searchAttributes).toMatchObject({
      ok: false,
      found: expect.stringContaining('missing: Onboarding'),
    });
  });
});

it('says how to create a missing namespace', async () => {
  await expect(setup(clientOf({ namespace: 'nowhere' }))).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringMatching(
      /the namespace 'nowhere' does not exist; .* temporal operator namespace create -n nowhere$/,
    ),
  });
});
