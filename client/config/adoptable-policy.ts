import { adoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import type { AdoptablePolicy, PolicyDocument } from '../../workflows/journey/policy/adoption.ts';
import { DAY } from '../../workflows/journey/policy/policy.ts';
import { BadRequest } from '../errors.ts';
import { parsePolicy } from './policy-file.ts';
import { QuietHoursResolver } from './quiet-hours.ts';
import type { QuietHoursSetting } from './quiet-hours.ts';
import { SettingError } from './setting-error.ts';

/** How far back the offsets from UTC reach, so that a what-if has those of the time at which a journey ran. */
const LOOK_BACK_MS = 365 * DAY;

/**
 * Returns the part of a policy file that open journeys adopt.
 *
 * @throws BadRequest that names the invalid key
 */
export function parsePolicyDocument(document: PolicyDocument): AdoptablePolicy {
  const { policy, quietHours } = settingsOf(document);
  return withQuietHours(adoptablePolicy(policy, document['smsStart'] !== undefined), quietHours);
}

/** Adds the quiet hours of a policy file, in its time zone. */
export function withQuietHours(policy: AdoptablePolicy, setting: QuietHoursSetting | null): AdoptablePolicy {
  if (setting === null) return policy;
  const quietHours = new QuietHoursResolver(setting).resolve(undefined, Date.now() - LOOK_BACK_MS);
  return { ...policy, automaticSends: { ...policy.automaticSends, quietHours } };
}

function settingsOf(document: PolicyDocument) {
  try {
    // JSON is YAML.
    return parsePolicy(JSON.stringify(document));
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    throw new BadRequest('policy', error.message.replaceAll(/^ONWARD_POLICY/gm, 'policy'));
  }
}
