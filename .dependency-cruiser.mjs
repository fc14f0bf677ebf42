// The one direction of imports: schemas ← core ← stores ← jobs ← functions; lib ← bin. See docs/architecture.md.
function forbid(name, from, to, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: from, pathNot: '\\.test\\.tsx?$' },
    to: { path: to },
  };
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    forbid(
      'schemas-import-nothing',
      '^schemas/',
      '^(core|stores|jobs|functions|lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'the contract stands alone',
    ),
    forbid(
      'core-is-pure',
      '^core/',
      '^(stores|jobs|functions|lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'rules know no AWS and no wiring',
    ),
    forbid('core-has-no-aws', '^core/', '@aws-sdk|@aws-lambda-powertools', 'rules know no AWS'),
    forbid(
      'stores-below-functions',
      '^stores/',
      '^(jobs|functions|lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'stores serve jobs and functions',
    ),
    forbid(
      'jobs-below-functions',
      '^jobs/',
      '^(functions|lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'a job knows no Lambda and no environment',
    ),
    forbid(
      'functions-below-wiring',
      '^functions/',
      '^(lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'functions run in Lambda',
    ),
    forbid(
      'lib-sees-only-contracts',
      '^lib/',
      '^(core|stores|jobs|local|cli|bench|conformance|test|dashboard|bin)/',
      'handlers are named by path',
    ),
    forbid('lib-sees-only-environments', '^lib/', '^functions/(?!.*env\\.ts$)', 'of functions only their env.ts'),
    forbid(
      'mails-are-views',
      '^mails/',
      '^(stores|jobs|functions|lib|bin|local|cli|bench|conformance|test|dashboard)/',
      'templates show what core/mails says',
    ),
    forbid(
      'dashboard-sees-only-contracts',
      '^dashboard/',
      '^(core/(?!imports/|metrics/)|stores|jobs|lib|bin|local|cli|bench|conformance|test)/',
      'schemas, the API type, how files of links are read, and formulas',
    ),
    forbid(
      'tools-are-leaves',
      '^(schemas|core|stores|jobs|functions|lib|bin|dashboard)/',
      '^(local|cli|bench|conformance|test)/',
      'nothing shipped imports a tool',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(cdk\\.out|\\.local|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
