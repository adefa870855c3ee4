import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A list of users as sFOX returns it, written as it is read. */
export async function serveUsers(count: number) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"data":[');
    let nth = 0;
    const write = () => {
      while (nth < count) {
        nth += 1;
        if (!response.write(`${nth === 1 ? '' : ','}${JSON.stringify(userOf(nth))}`))
          return void response.once('drain', write);
      }
      response.end(']}');
    };
    write();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = () => (server.closeAllConnections(), server.close());
  return { provider: { baseUrl: `http://127.0.0.1:${port}`, apiKey: 'bench' }, close };
}

/** Two of three users are verified: they need no journey. */
function userOf(nth: number): object {
  const isOpen = nth % 3 === 0;
  return {
    account_type: 'individual',
    account_role: 'Client',
    user_id: `user-${nth}-0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7`,
    advisor_user_id: null,
    email: `user-${nth}@example.test`,
    first_name: 'Ada',
    last_name: 'Lovelace',
    phone_number: '+15550100',
    status: isOpen ? 'PENDING' : 'VERIFIED',
    requirements: { email: isOpen, sms: isOpen },
  };
}
