import type { Agent } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Makes an agent close an idle connection that receives data. No request is in flight on it, so the data would be taken for
 * the reply to the next request on that connection.
 */
export function dropUnsolicitedReplies<A extends Agent>(agent: A): A {
  const keep = agent.keepSocketAlive.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);
  const drops = new WeakMap<Duplex, () => void>();
  agent.keepSocketAlive = (socket) => {
    const drop = () => void socket.destroy();
    drops.set(socket, drop);
    socket.once('data', drop);
    return keep(socket);
  };
  agent.reuseSocket = (socket, request) => {
    const drop = drops.get(socket);
    if (drop !== undefined) socket.off('data', drop);
    reuse(socket, request);
  };
  return agent;
}
