import { z } from 'zod';
import { parsePolicyDocument } from '../../config/adoptable-policy.ts';
import { BadRequest } from '../../errors.ts';

/** A policy in a request. It is validated here, since the audit log records the body afterwards. */
export const PolicyDocument = z
  .record(z.string(), z.unknown())
  .superRefine((document, context) => {
    try {
      parsePolicyDocument(document);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      context.addIssue({ code: 'custom', message: error.message.replace(/^policy /, '') });
    }
  })
  .describe('The content of a policy file, as JSON. Keys that it does not have take their defaults.');
