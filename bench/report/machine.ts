import { spawnSync } from 'node:child_process';
import { cpus, platform, release } from 'node:os';

/** What figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly system: string;
  /** Of the code that was measured, shortened; not known outside a clone. */
  readonly commit?: string;
}

export function machineHere(): Machine {
  const [{ model } = { model: 'an unknown processor' }] = cpus();
  const system = `${platform()} ${release().split('-')[0]}`;
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  const commit = status === 0 ? { commit: stdout.trim() } : {};
  return { cores: cpus().length, cpu: model.trim(), node: process.versions.node, system, ...commit };
}
