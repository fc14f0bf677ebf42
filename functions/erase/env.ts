export { settleEnvironment as environment } from '#jobs/environments.ts';
