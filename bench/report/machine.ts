import { cpus, platform, release } from 'node:os';

/** What figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly system: string;
}

export function machineHere(): Machine {
  const [{ model } = { model: 'an unknown processor' }] = cpus();
  const system = `${platform()} ${release().split('-')[0]}`;
  return { cores: cpus().length, cpu: model.trim(), node: process.versions.node, system };
}
