import { z } from 'zod';
import { parsePolicyDocument } from '../../config/adoptable-policy.ts';
import { BadRequest } from '../../errors.ts';

/** A policy in a request. It is validated here, since the audit log then records the body. */
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
  .describe('The content of a policy file, as JSON. Missing keys take their defaults.');
