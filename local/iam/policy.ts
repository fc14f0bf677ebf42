import type { StatementModel } from '../template/model.ts';

/** One thing that a request does, as IAM evaluates it. A request may need several. */
export interface Call {
  /** `dynamodb:GetItem` */
  action: string;
  resource: string;
  /** Condition keys in lower case with their values: `dynamodb:leadingkeys`. */
  context?: Readonly<Record<string, readonly string[]>>;
}

/** `explicit` if a statement denies the call, `implicit` if none allows it. */
export type Decision = 'allowed' | 'explicit' | 'implicit';

/** Evaluates calls against the statements of one role. */
export function createPolicy(statements: readonly StatementModel[]): (call: Call) => Decision {
  const compiled = statements.map(compileStatement);
  const byTarget = new Map<string, readonly CompiledStatement[]>();

  /** Returns the statements whose actions and resources match. Their conditions depend on each call. */
  function statementsFor({ action, resource }: Call): readonly CompiledStatement[] {
    const target = `${action} ${resource}`;
    const known = byTarget.get(target);
    if (known) return known;
    const found = compiled.filter((statement) => statement.targets(action, resource));
    // Names of objects have no end.
    if (byTarget.size >= rememberedTargets) byTarget.clear();
    byTarget.set(target, found);
    return found;
  }

  return (call) => {
    const matching = statementsFor(call).filter(({ holds }) => holds(call.context ?? {}));
    if (matching.some(({ effect }) => effect === 'Deny')) return 'explicit';
    return matching.length > 0 ? 'allowed' : 'implicit';
  };
}

const rememberedTargets = 1000;

interface CompiledStatement {
  effect: StatementModel['effect'];
  targets: (action: string, resource: string) => boolean;
  holds: (context: NonNullable<Call['context']>) => boolean;
}

function compileStatement({ effect, actions, resources, conditions }: StatementModel): CompiledStatement {
  // IAM ignores the case of actions.
  const names = actions.map((action) => compilePattern(action.toLowerCase()));
  const patterns = resources.map(compilePattern);
  const tests = conditions.map(compileCondition);
  return {
    effect,
    targets: (action, resource) =>
      names.some((name) => name.test(action.toLowerCase())) && patterns.some((pattern) => pattern.test(resource)),
    holds: (context) => tests.every((test) => test(context)),
  };
}

/** `*` is any text and `?` one character, as in resources and `StringLike`. */
function compilePattern(pattern: string): RegExp {
  const source = pattern.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

/**
 * Keys of every call. The local services speak HTTP on the loopback interface, which counts as secure: a statement that denies
 * requests without TLS is for the network.
 */
const everyCall: NonNullable<Call['context']> = { 'aws:securetransport': ['true'] };

/** `ForAllValues` holds for a request without the key: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html */
function compileCondition({ operator, key, values }: StatementModel['conditions'][number]) {
  const tests = values.map((value) =>
    operator.endsWith('StringLike') ? compilePattern(value) : { test: (text: string) => text === value },
  );
  const name = key.toLowerCase();
  return (context: NonNullable<Call['context']>): boolean => {
    const present = context[name] ?? everyCall[name] ?? [];
    if (present.length === 0) return operator.startsWith('ForAllValues:');
    return present.every((value) => tests.some((each) => each.test(value)));
  };
}
