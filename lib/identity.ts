import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnManagedLoginBranding,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { invitationDays } from '#schemas/catalog-rules.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';

export interface IdentityProps {
  /** Where the dashboard is: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<Configuration, 'oidcIssuer' | 'oidcAudience'>;
}

/** Who signs tokens: a user pool of the stack's own, or the issuer that is configured. Roles come from the catalog. */
export class Identity extends Construct {
  readonly issuer: string;
  readonly audience: string;
  /** The stack's own pool, where no issuer is configured. */
  readonly userPool: UserPool | undefined;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id);
    const { oidcIssuer, oidcAudience } = props.configuration;
    if (oidcIssuer && oidcAudience) {
      this.issuer = oidcIssuer;
      this.audience = oidcAudience;
      return;
    }
    this.userPool = this.createUserPool(props.url);
    const client = this.createClient(this.userPool, props.url);
    this.issuer = this.userPool.userPoolProviderUrl;
    this.audience = client.userPoolClientId;
  }

  private createUserPool(url: string): UserPool {
    const userPool = new UserPool(this, 'UserPool', {
      // Accounts are made by the API, for whom an administrator invites.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      // Ada@example.com is ada@example.com. Cannot be changed once the pool is there.
      signInCaseSensitive: false,
      userInvitation: {
        emailSubject: 'You are invited to Hopcount',
        emailBody: invitationBody(url),
      },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(invitationDays),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(userPool, 'AwsSolutions-COG2', 'offered to everybody; who must use it is for the owner to decide');
    acknowledge(userPool, 'AwsSolutions-COG8', 'the features of the Plus tier are not used');
    return userPool;
  }

  private createClient(userPool: UserPool, url: string): UserPoolClient {
    const client = userPool.addClient('Client', {
      generateSecret: false,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: [`${url}/app/`],
        logoutUrls: [`${url}/app/`],
      },
      preventUserExistenceErrors: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
    });
    // The prefix is unique in its region, among all accounts: the stack's own id is.
    const [, , stackUuid] = [0, 1, 2].map((part) => Fn.select(part, Fn.split('/', Aws.STACK_ID)));
    userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `hopcount-${Fn.select(0, Fn.split('-', stackUuid ?? ''))}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    new CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: userPool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    return client;
  }
}

/** Cognito demands both placeholders; the user name is the address. */
function invitationBody(url: string): string {
  return [
    'You are invited to look at the numbers of your links and pages.',
    `Sign in at <a href="${url}/app/">${url}/app/</a> as {username} with the password <b>{####}</b>, ` +
      `within ${invitationDays} days. You will then choose a password of your own.`,
  ].join('<br><br>');
}
