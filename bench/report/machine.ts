import { spawnSync } from 'node:child_process';
import { cpus, platform, release } from 'node:os';

/** The machine that figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly system: string;
  /** The abbreviated Git commit of the measured code; absent outside a clone. */
  readonly commit?: string;
}

export function describeMachine(): Machine {
  const [{ model } = { model: 'unknown processor' }] = cpus();
  const system = `${platform()} ${release().split('-')[0]}`;
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  const commit = status === 0 ? { commit: stdout.trim() } : {};
  return { cores: cpus().length, cpu: model.trim(), node: process.versions.node, system, ...commit };
}
