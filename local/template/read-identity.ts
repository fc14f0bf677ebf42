import { z } from 'zod';
import type { UserPoolModel } from './model.ts';
import { number, type Resources } from './resources.ts';

export function readUserPools(resources: Resources): readonly UserPoolModel[] {
  return resources.ofType('AWS::Cognito::UserPool', userPoolProperties).map(({ reference, properties }) => {
    const { EmailSubject, EmailMessage } = properties.AdminCreateUserConfig?.InviteMessageTemplate ?? cognitoInvitation;
    return {
      id: reference,
      temporaryPasswordDays: properties.Policies?.PasswordPolicy.TemporaryPasswordValidityDays ?? cognitoDays,
      invitation: { subject: EmailSubject, body: EmailMessage },
    };
  });
}

const userPoolProperties = z.object({
  Policies: z.object({ PasswordPolicy: z.object({ TemporaryPasswordValidityDays: number }) }).optional(),
  AdminCreateUserConfig: z
    .object({ InviteMessageTemplate: z.object({ EmailSubject: z.string(), EmailMessage: z.string() }).optional() })
    .optional(),
});

/** Cognito's own, where the template says nothing. */
const cognitoDays = 7;

const cognitoInvitation = {
  EmailSubject: 'Your temporary password',
  EmailMessage: 'Your username is {username} and temporary password is {####}.',
};
