import { Aws, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnManagedLoginBranding,
  type CfnUserPool,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  type UserInvitationConfig,
  UserPool,
  type UserPoolClient,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { invitationDays } from '#schemas/catalog-rules.ts';
import { acknowledge } from './constructs/acknowledge.ts';
import type { Configuration } from './configuration.ts';

export interface IdentityProps {
  /** The stack's public address: `https://go.example.com`. */
  readonly url: string;
  readonly configuration: Pick<
    Configuration,
    'oidcIssuer' | 'oidcAudience' | 'senderAddress' | 'senderIdentity' | 'adopt'
  >;
}

/** The issuer of tokens: the configured one, or else a Cognito user pool of this stack. Roles come from the catalog. */
export class Identity extends Construct {
  readonly issuer: string;
  readonly audience: string;
  /** Undefined if another issuer is configured. */
  readonly userPool: UserPool | undefined;

  constructor(scope: Construct, id: string, props: IdentityProps) {
    super(scope, id);
    const { oidcIssuer, oidcAudience, adopt } = props.configuration;
    if (oidcIssuer && oidcAudience) {
      this.issuer = oidcIssuer;
      this.audience = oidcAudience;
      return;
    }
    this.userPool = this.createUserPool(adopt ? undefined : props.url);
    this.sendThroughSes(this.userPool, props.configuration);
    const client = this.createClient(this.userPool, props.url);
    this.issuer = this.userPool.userPoolProviderUrl;
    this.audience = client.userPoolClientId;
  }

  /** @param url for the invitation; undefined while the pool is imported, because the distribution does not exist yet */
  private createUserPool(url: string | undefined): UserPool {
    const userPool = new UserPool(this, 'UserPool', {
      // The API creates an account when an admin invites a user.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      // Ada@example.com is ada@example.com. Cannot be changed after the pool is created.
      signInCaseSensitive: false,
      ...(url === undefined ? {} : { userInvitation: invitation(url) }),
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
    acknowledge(userPool, 'AwsSolutions-COG2', 'MFA is optional: you decide who must use it');
    acknowledge(userPool, 'AwsSolutions-COG8', 'nothing needs a feature of the Plus tier');
    return userPool;
  }

  /**
   * Cognito's own sender has 50 mails a day and often lands in spam. It accepts only an address that is verified already, so
   * not one whose identity this stack creates. CDK's `UserPoolEmail` refuses a subdomain of a verified domain.
   */
  private sendThroughSes(userPool: UserPool, { senderAddress, senderIdentity }: IdentityProps['configuration']): void {
    if (senderAddress === undefined || senderIdentity === undefined) return;
    const cfnUserPool = userPool.node.defaultChild as CfnUserPool;
    cfnUserPool.emailConfiguration = {
      emailSendingAccount: 'DEVELOPER',
      from: senderAddress,
      sourceArn: Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName: senderIdentity }),
    };
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
    userPool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: signInDomainPrefix() },
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

/** Returns a prefix that is unique among all accounts of the region, as the stack's id is. */
export function signInDomainPrefix(): string {
  const stackUuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  return `hopcount-${Fn.select(0, Fn.split('-', stackUuid))}`;
}

/** Cognito requires both placeholders; the user name is the e-mail address. */
function invitation(url: string): UserInvitationConfig {
  const emailBody = [
    'You have been invited to Hopcount, which shows the analytics of your links and pages.',
    `Sign in at <a href="${url}/app/">${url}/app/</a> as {username} with the password <b>{####}</b>, ` +
      `within ${invitationDays} days. You will then choose your own password.`,
  ].join('<br><br>');
  return { emailSubject: 'You are invited to Hopcount', emailBody };
}
